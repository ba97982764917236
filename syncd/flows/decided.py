"""What a person decided: fields adopted, links set by hand, held changes approved. State only, no calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from shlex import quote

from syncd.core.brake import fingerprint
from syncd.core.model import Link, Shown
from syncd.errors import Stopped
from syncd.state import audit, held, links, mirror
from syncd.state.db import Connection, Database
from syncd.state.records import Change, HeldChange, Mirrored, StoreRow

APPROVED_FOR = timedelta(hours=24)
"""How long an approval counts; what is not written by then is looked at by a person again."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The surroundings of a decision: which store, in which run, when."""

    db: Database
    store_row: StoreRow
    run_id: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Adopted:
    """What `adopt` did: the codes whose fields flow from now on, those that did already, those not linked."""

    codes: tuple[str, ...] = ()
    already: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def adopt(
    decision: Decision, fields: frozenset[str], codes: Sequence[str], *, dry_run: bool = False
) -> Adopted:
    """Let these fields flow to listings that syncd did not create: those named, or (none named) all of them.

    The next run writes them. Unknown are codes that lead to no linked listing.
    """
    with decision.db.read() as conn:
        every = [
            link for link in links.listed(conn, decision.store_row.id) if not link.created and not link.gone
        ]
        names = _codes(conn, decision.store_row, every)
    wanted = {code.strip() for code in codes}
    chosen = [link for link in every if not wanted or names[link.guid] in wanted]
    fresh = [link for link in chosen if not fields <= link.owned]
    if fresh and not dry_run:
        with decision.db.write() as conn:
            now_owned = [replace(link, owned=link.owned | fields, pushed_mirror=0) for link in fresh]
            links.save_links(conn, decision.store_row.id, now_owned, decision.now)
            _record(conn, decision, [_owned(link, names[link.guid], fields) for link in fresh])
    fresh_guids = {link.guid for link in fresh}
    return Adopted(
        tuple(names[link.guid] for link in fresh),
        tuple(names[link.guid] for link in chosen if link.guid not in fresh_guids),
        tuple(sorted(wanted - {names[link.guid] for link in chosen})),
    )


def _codes(conn: Connection, store: StoreRow, every: Sequence[Link]) -> dict[str, str]:
    known = mirror.by_guid(conn, store.account_id, [link.guid for link in every])
    return {
        link.guid: known[link.guid].product.code.strip() if link.guid in known else link.code
        for link in every
    }


def _owned(link: Link, code: str, fields: frozenset[str]) -> Change:
    before, after = ",".join(sorted(link.owned)), ",".join(sorted(link.owned | fields))
    return Change(link.guid, code, link.ref, "owned", before, after, "adopted by a person")


def set_link(decision: Decision, code: str, shown: Shown) -> Link:
    """Link the product with this code to the record, which may have another code.

    Price and name of the record stay the store's own until they are adopted; a link that leads there already
    stays as it is. Raises Stopped if the record is another product's, in the bin, or sold by its variations.
    """
    row = _one(decision, code)
    if row.link is not None and row.link.ref == shown.ref and not row.link.gone:
        return row.link
    _require_linkable(shown)
    with decision.db.read() as conn:
        holder = links.refs_taken(conn, decision.store_row.id, [shown.ref]).get(shown.ref)
    if holder is not None and holder != row.product.guid:
        raise Stopped(
            f"The store's record {shown.ref} is linked to another product.",
            "Take that link away first with `syncd links unset`.",
        )
    before = row.link.ref if row.link is not None else None
    link = Link(row.product.guid, ref=shown.ref, code=shown.code, tax_class=shown.tax_class)
    _save(decision, link, Change(link.guid, code, shown.ref, "link", before, shown.ref, "set by a person"))
    return link


def _require_linkable(shown: Shown) -> None:
    if shown.status_is_trash():
        what = f"The store's record {shown.ref} is in the bin."
        raise Stopped(what, "Restore it there first, or name another record.")
    if not shown.sells_itself():
        what = f"The store's record {shown.ref} takes neither price nor stock: {shown.locked['price']}."
        raise Stopped(what, "Name one of its variations as PARENT/ID, or another record.")


def unset_link(decision: Decision, code: str) -> str | None:
    """Take the product's link away; the next run looks for its code anew. Returns the ref that it had."""
    row = _one(decision, code)
    before = row.link.ref if row.link is not None else None
    if before is not None:
        link = Link(row.product.guid, code=code)
        _save(decision, link, Change(link.guid, code, before, "link", before, None, "unset by a person"))
    return before


def _one(decision: Decision, code: str) -> Mirrored:
    with decision.db.read() as conn:
        found = [each.product.guid for each in mirror.by_code(conn, decision.store_row.account_id, code)]
        rows = links.mirrored_for(conn, decision.store_row, found)
    if len(rows) == 1:
        return next(iter(rows.values()))
    if rows:
        raise Stopped(
            f"Unleashed has {len(rows)} products with the code {code}.", "Make the code unique there first."
        )
    raise Stopped(f"No product with the code {code} is known.", f"Run `syncd resync {quote(code)}` first.")


def _save(decision: Decision, link: Link, change: Change) -> None:
    with decision.db.write() as conn:
        links.save_links(conn, decision.store_row.id, [link], decision.now)
        held.release(conn, decision.store_row.id, [link.guid])
        _record(conn, decision, [change])


def _record(conn: Connection, decision: Decision, changes: Sequence[Change]) -> None:
    audit.record(conn, decision.store_row.id, decision.run_id, changes, decision.now)


@dataclass(frozen=True, slots=True)
class HeldDiff:
    """All that the brake holds of one class in one store, under the name by which it is approved."""

    store: str
    kind: str
    fingerprint: str
    changes: tuple[HeldChange, ...]


def held_diffs(db: Database, store: StoreRow) -> list[HeldDiff]:
    """Return what is held for the store, one diff a class."""
    with db.read() as conn:
        return diffs_in(conn, store)


def diffs_in(conn: Connection, store: StoreRow) -> list[HeldDiff]:
    """Return the same within a transaction."""
    changes = held.held_changes(conn, store.id)
    kinds = sorted({change.kind for change in changes})
    return [_diff(store, kind, [change for change in changes if change.kind == kind]) for kind in kinds]


def _diff(store: StoreRow, kind: str, changes: Sequence[HeldChange]) -> HeldDiff:
    named = ((change.guid, change.field, change.after or "") for change in changes)
    return HeldDiff(store.name, kind, fingerprint(store.id, named), tuple(changes))


def approve(decision: Decision, diff: HeldDiff) -> None:
    """Let exactly this diff through for 24 hours; the next run plans it anew and judges what has changed.

    Raises Stopped if it is not what is held any more.
    """
    store, until = decision.store_row, decision.now + APPROVED_FOR
    with decision.db.write() as conn:
        if diff.fingerprint not in {each.fingerprint for each in diffs_in(conn, store)}:
            raise Stopped(
                f"What the brake holds has changed: {diff.fingerprint} is no more.",
                "Look at what it holds now with `syncd approve`.",
            )
        held.approve(conn, store.id, diff.fingerprint, diff.changes, until)
        links.reset(conn, store.id, [change.guid for change in diff.changes])

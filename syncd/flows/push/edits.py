"""Tell what a store shows wrongly, and whether it was changed there: hand edits, lost listings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import structlog

from syncd.core.ghost import Ghost, is_store_edit
from syncd.core.product_plan import text
from syncd.flows.push.records import Batch, Push
from syncd.state import ghosts, held, rotation
from syncd.state.records import Mirrored

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wrong:
    """One field of a listing that shows other than it should, as texts; the field "listing" is its record.

    `believed` is what the store was thought to show. `edited`: it was changed in the store. `behind`: the
    listing waits to be written.
    """

    guid: str
    code: str
    field: str
    shows: str | None
    should: str | None
    believed: str | None
    edited: bool
    behind: bool


def wrong_fields(push: Push, batch: Batch) -> list[Wrong]:
    """Return what the listings of a batch that has been looked at show wrongly.

    What the brake holds is left out, and so are fields that the store keeps for itself: not adopted, locked,
    or not configured.
    """
    with push.db.read() as conn:
        kept = {(change.guid, change.field) for change in held.held_changes(conn, push.store_row.id)}
    return [one for row in batch.rows for one in _wrong(row, batch, kept, push.store_row.rules_hash)]


def _wrong(
    row: Mirrored, batch: Batch, kept: Collection[tuple[str, str]], rules_hash: str
) -> Iterator[Wrong]:
    guid, code, link = row.product.guid, row.product.code, batch.link(row)
    plan, shown = batch.plans[guid], batch.shown(row)
    behind = link.pushed_mirror < row.revision or link.pushed_rules != rules_hash
    lost = link.ref is not None and (shown is None or shown.ref != link.ref or shown.status_is_trash())
    if lost:
        ref = plan.link.ref if plan.action in ("write", "in_step") else None
        yield Wrong(guid, code, "listing", ref, link.ref, link.ref, edited=True, behind=behind)
    for each in plan.changes:
        if (guid, each.field) not in kept:
            wrote = text(link.wrote.get(each.field))
            edited = not lost and is_store_edit(each.before, wrote, behind=behind)
            believed = each.after if wrote is None else wrote
            yield Wrong(guid, code, each.field, each.before, each.after, believed, edited, behind)


def note_edits(push: Push, wrong: Sequence[Wrong], found_by: str) -> None:
    """Record as ghosts what was changed in the store, before it is written over.

    What a process that died in between has noted already is not noted again.
    """
    edited = [one for one in wrong if one.edited]
    if not edited:
        return
    store, now = push.store_row, push.clock.now()
    with push.db.write() as conn:
        noted = ghosts.noted(conn, store.id, sorted({one.guid for one in edited}))
        looked_at = rotation.looked_at(conn, store.id, sorted({one.guid for one in edited}))
        found = [
            Ghost(
                one.guid,
                one.code,
                one.field,
                one.believed,
                one.shows,
                "disappearance" if one.field == "listing" else "store-side edit",
                now - looked_at[one.guid] if one.guid in looked_at else None,
            )
            for one in edited
            if (one.guid, one.field, one.shows) not in noted
        ]
        ghosts.record(conn, store.account_id, found, found_by, now, push.run_id, store.id)
    for cause, number in Counter(each.cause for each in found).items():
        log.info("ghosts.found", store=store.name, cause=cause, number=number)

"""Hold all that a store shows against the mirror: what fits, differs, is alone or is nearly the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from syncd.core.model import Shown
from syncd.core.near_miss import Named, NearMiss, near_misses
from syncd.core.product_plan import Plan
from syncd.errors import Stopped
from syncd.flows.push.facts import store_facts
from syncd.flows.push.plan import decide
from syncd.flows.push.records import Batch, Push
from syncd.state import links, progress, scanned
from syncd.state.records import Mirrored, Scan

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that both sides have differently, as texts."""

    code: str
    field: str
    store: str | None
    unleashed: str | None


@dataclass(slots=True)
class Match:
    """What the comparison found.

    Of the `matched` listings `differing` show something else than Unleashed says, in the fields that `wrong`
    counts. `kept` counts by field and reason what is left alone there. `uncoded` records have no code.
    """

    matched: int = 0
    differing: int = 0
    uncoded: int = 0
    adopted_differences: list[Difference] = field(default_factory=list)
    would_write: list[Difference] = field(default_factory=list)
    only_unleashed: list[Named] = field(default_factory=list)
    only_store: list[tuple[str, Named]] = field(default_factory=list)
    duplicates: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    near_misses: list[NearMiss] = field(default_factory=list)
    unsettled: list[tuple[str, str]] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    kept: Counter[tuple[str, str]] = field(default_factory=Counter)


def match_store(push: Push) -> Match:
    """Scan the store (going on with a scan that broke off) and compare it with the mirror. Writes nothing.

    Raises Stopped if Unleashed's products were never read in full, before any call; RemoteError: the pages
    read until then are kept for the next attempt.
    """
    _require_mirror(push)
    facts = store_facts(push)
    scan_store(push)
    found = Match()
    seen: set[str] = set()
    after: tuple[str, str] | None = None
    while rows := _products(push, after):
        after = (rows[-1].product.code.strip(), rows[-1].product.guid)
        batch = _batch(push, rows)
        decide(push, batch, facts)
        for row in rows:
            _note(found, row, batch, seen)
        push.beat()
    _note_store(push, found, seen)
    _note_near_misses(found)
    return found


def _require_mirror(push: Push) -> None:
    with push.db.read() as conn:
        products = progress.progress(conn, push.store_row.account_id, "products")
    if products.completed_at is None:
        raise Stopped(
            "Unleashed's products were not read yet, so there is nothing to compare the store with.",
            "Run `syncd once recent` first; a store in shadow mode is not written to.",
        )


def scan_store(push: Push) -> None:
    """Read everything the store holds into the database, page by page, resumable."""
    with push.db.read() as conn:
        state = scanned.next_scan(scanned.scan(conn, push.store_row.id), push.clock.now())
    while state.completed_at is None:
        page = push.store.scan(state.cursor)
        done = push.clock.now() if page.cursor is None else None
        state = Scan(state.number, page.cursor, state.started_at, done)
        with push.db.write() as conn:
            scanned.save_page(conn, push.store_row.id, state, page.items)
        push.beat()


def _products(push: Push, after: tuple[str, str] | None) -> list[Mirrored]:
    with push.db.read() as conn:
        return links.everything(conn, push.store_row, CHUNK, after)


def _batch(push: Push, rows: Sequence[Mirrored]) -> Batch:
    refs = [row.link.ref for row in rows if row.link is not None and row.link.ref is not None]
    with push.db.read() as conn:
        by_ref = scanned.by_refs(conn, push.store_row.id, refs)
        codes = sorted({row.product.code.strip() for row in rows})
        return Batch(rows, by_ref, scanned.by_codes(conn, push.store_row.id, codes))


def _note(found: Match, row: Mirrored, batch: Batch, seen: set[str]) -> None:
    plan, shown, code = batch.plans[row.product.guid], batch.shown(row), row.product.code.strip()
    if shown is not None:
        seen.add(shown.ref)
        seen.update(shown.duplicates)
    if plan.action in ("write", "in_step"):
        found.matched += 1
        _note_fields(found, code, plan)
    elif plan.action in ("ambiguous", "gone"):
        found.unsettled.append((code, plan.reason))
    elif not row.product.retired:
        found.only_unleashed.append(Named(code, row.product.name))
        found.would_write += _changes(code, plan)


def _note_fields(found: Match, code: str, plan: Plan) -> None:
    adopted = [note for note in plan.notes if note.held and note.wanted is not None]
    others = [note for note in plan.notes if note not in adopted]
    found.would_write += _changes(code, plan)
    found.adopted_differences += [Difference(code, note.field, note.shows, note.wanted) for note in adopted]
    locked = [note.field for note in others if note.wanted is not None and note.shows is not None]
    wrong = [*(each.field for each in plan.changes), *(note.field for note in adopted), *locked]
    found.wrong.update(wrong)
    found.differing += bool(wrong)
    found.kept.update((note.field, note.rule) for note in others if note.field != "status" or note.held)


def _changes(code: str, plan: Plan) -> list[Difference]:
    return [Difference(code, each.field, each.before, each.after) for each in plan.changes]


def _note_store(push: Push, found: Match, seen: set[str]) -> None:
    with push.db.read() as conn:
        records = scanned.everything(conn, push.store_row.id)
    by_code: dict[str, list[Shown]] = {}
    for shown in records:
        if not shown.status_is_trash():
            by_code.setdefault(shown.code.strip(), []).append(shown)
    _note_bin(found, {shown.code.strip(): shown.ref for shown in records if shown.status_is_trash()})
    found.uncoded = sum(1 for shown in by_code.pop("", ()) if shown.sells_itself())
    for code, group in by_code.items():
        if len(group) > 1:
            found.duplicates.append((code, tuple(shown.ref for shown in group)))
        if seen.isdisjoint(shown.ref for shown in group):
            alone = [shown for shown in group if shown.sells_itself()]
            found.only_store += [(shown.ref, Named(code, shown.content.name or "")) for shown in alone]


def _note_bin(found: Match, binned: dict[str, str]) -> None:
    """Tell apart what the store does have, but in its bin."""
    lost = [each.code for each in found.only_unleashed if each.code in binned]
    found.unsettled += [(code, f"its listing (id {binned[code]}) is in the store's bin") for code in lost]
    found.only_unleashed = [each for each in found.only_unleashed if each.code not in binned]


def _note_near_misses(found: Match) -> None:
    theirs = [named for _, named in found.only_store]
    found.near_misses = near_misses(found.only_unleashed, theirs)

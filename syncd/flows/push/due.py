"""Which listings are behind, what the store shows for them, and in which order they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from syncd.core.model import StoreFacts
from syncd.errors import OutcomeUnknown, PurseSpent
from syncd.flows.push.brake import Brake
from syncd.flows.push.canary import watch_canary
from syncd.flows.push.facts import store_facts
from syncd.flows.push.plan import decide
from syncd.flows.push.records import Batch, Item, Push, joined
from syncd.flows.push.rises import raises_stock
from syncd.flows.push.send import carry_out
from syncd.flows.push.standing import look_again, open_brake
from syncd.state import links
from syncd.state.records import Mirrored

CHUNK = 500
"""Listings looked at before their writes are sent: five looks of a hundred, then full batches."""

FULL = 100
"""Writes go out in multiples of this, which fills a store's batches; the rest waits for the next look."""


AT_ONCE = 2000
"""So many listings behind are looked at before the first of them is written; more go chunk by chunk.

With a tight purse always chunk by chunk: it might never get to the writes.
"""

PASSES = 3
"""How often in one run what the store did not answer for is looked at again, in ever smaller calls."""


def push_due(push: Push) -> None:
    """Write every listing that is behind the mirror or the rules; what is done is in the tally.

    Raises RemoteError; what was confirmed until then is remembered, the rest stays behind and is looked at
    again by the next run. Raises IdentityChanged if the address answers as another shop.
    """
    look_again(push)
    for _ in range(PASSES):
        before = _count_behind(push)
        try:
            return _push_once(push, before) if before else None
        except OutcomeUnknown as unanswered:
            lost = unanswered
            if _count_behind(push) >= before:
                break
    raise lost


def _count_behind(push: Push) -> int:
    with push.db.read() as conn:
        return links.count_behind(conn, push.store_row)


def _push_once(push: Push, behind: int) -> None:
    rows = _behind(push, None)
    if not rows:
        return
    facts, brake = store_facts(push), open_brake(push)
    watch_canary(push)
    try:
        _write_behind(push, brake, facts, rows, few=behind <= AT_ONCE)
    except PurseSpent:
        brake.break_off()
        raise
    _write_cleared(push, brake, facts)


def _write_behind(
    push: Push, brake: Brake, facts: StoreFacts, rows: Sequence[Mirrored], *, few: bool
) -> None:
    """Write what is behind: all at once if it is little, else chunk by chunk what is not suspicious."""
    if few and not push.tight:
        carry_out(push, sieved(push, brake, _all_looked_at(push, facts, rows), whole=True))
        return
    waiting = Batch(())
    while rows:
        after = (rows[-1].product.code.strip(), rows[-1].product.guid)
        batch = sieved(push, brake, look_at(push, rows, facts), whole=False)
        ready, waiting = _filled(joined(waiting, batch))
        carry_out(push, ready)
        push.beat()
        rows = _behind(push, after)
    carry_out(push, waiting)


def _all_looked_at(push: Push, facts: StoreFacts, rows: Sequence[Mirrored]) -> Batch:
    """Return everything that is behind, looked at, for the brake to judge as a whole."""
    batch = Batch(())
    while rows:
        after = (rows[-1].product.code.strip(), rows[-1].product.guid)
        batch = joined(batch, look_at(push, rows, facts))
        push.beat()
        rows = _behind(push, after)
    return batch


def sieved(push: Push, brake: Brake, batch: Batch, *, whole: bool) -> Batch:
    """Let the brake take out what it must; shadow and dry run only tell, so nothing is held there."""
    if push.mode != "live":
        brake.count(batch)
        return batch
    return brake.judge(batch) if whole else brake.defer(batch)


def _write_cleared(push: Push, brake: Brake, facts: StoreFacts) -> None:
    """Hold what turned out too much in all; write what looked suspicious and is not too much."""
    if push.mode != "live":
        push.tally.told += [_would_hold(kind, number) for kind, number in brake.would_hold().items()]
        return
    for some in brake.settle():
        with push.db.read() as conn:
            rows = links.mirrored_for(conn, push.store_row, some)
        found = [rows[guid] for guid in some if guid in rows]
        carry_out(push, brake.judge(look_at(push, found, facts)))
        push.beat()


def _would_hold(kind: str, number: int) -> str:
    return f"The brake would hold {number} of these changes ({kind}) until `syncd approve` lets them through."


def _behind(push: Push, after: tuple[str, str] | None) -> list[Mirrored]:
    with push.db.read() as conn:
        return links.behind(conn, push.store_row, CHUNK, after)


def _filled(batch: Batch) -> tuple[Batch, Batch]:
    """Return what can be carried out in full batches, and the few writes that wait for the next look."""
    writes = batch.writes()
    waiting = {row.product.guid for row in writes[len(writes) // FULL * FULL :]}
    ready = [row for row in batch.rows if row.product.guid not in waiting]
    return batch.only(ready), batch.only([row for row in writes if row.product.guid in waiting])


def push_some(push: Push, guids: Sequence[str]) -> list[Item]:
    """Look at these products in the store and write what differs, behind or not. Returns each outcome."""
    facts, brake = store_facts(push), open_brake(push)
    watch_canary(push)
    with push.db.read() as conn:
        rows = links.mirrored_for(conn, push.store_row, guids)
    batch = look_at(push, [rows[guid] for guid in guids if guid in rows], facts)
    return carry_out(push, sieved(push, brake, batch, whole=True))


def look_at(push: Push, rows: Sequence[Mirrored], facts: StoreFacts) -> Batch:
    """Return these products with the records that the store shows for them, and a plan for each."""
    batch = _gather(push, rows)
    decide(push, batch, facts)
    if push.mode == "live" and raises_stock(batch):
        batch = _caught_up(push, batch)
        decide(push, batch, facts)
    return batch


def _caught_up(push: Push, batch: Batch) -> Batch:
    """Return the batch as it is once what was sold until now is known: what is shown was read before."""
    known = push.catch_up()
    with push.db.read() as conn:
        rows = links.mirrored_for(conn, push.store_row, [row.product.guid for row in batch.rows])
    fresh = [rows.get(row.product.guid, row) for row in batch.rows]
    return replace(batch, rows=fresh, plans={}, caught_up=known)


def _gather(push: Push, rows: Sequence[Mirrored]) -> Batch:
    """Look at linked records by their id and at the others by code; a lost one is looked for by code too.

    Ids and codes are asked for apart: a shop may well have the code "12" on the record with the id 34.
    """
    refs = [row.link.ref for row in rows if row.link is not None and row.link.ref is not None]
    by_ref = push.store.look(refs=refs) if refs else {}
    codes = {
        row.product.code.strip()
        for row in rows
        if row.link is None or row.link.ref is None or row.link.ref not in by_ref
    }
    return Batch(rows, by_ref, push.store.look(codes=sorted(codes)) if codes else {})

"""Carry a batch of plans out, and remember each outcome before the next is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from syncd.core.model import Done, Link, Refused, Write
from syncd.core.product_match import CREATED_OWNS
from syncd.errors import OutcomeUnknown, RemoteError
from syncd.flows.push.records import Batch, Item, Outcome, Push, figures, merged
from syncd.state import audit, held, links
from syncd.state.db import Connection
from syncd.state.records import Change, Mirrored

_OUTCOMES: Mapping[str, Outcome] = {
    "ambiguous": "ambiguous",
    "absent": "not_found",
    "gone": "not_found",
    "held": "held",
}


def carry_out(push: Push, batch: Batch) -> list[Item]:
    """Write what the plans say, or only remember (shadow) or tell (dry run). Returns every product's outcome.

    Raises RemoteError; outcomes that were confirmed before are remembered, all others stay behind.
    """
    sending = batch.writes()
    open_writes = {row.product.guid for row in sending}
    settled = [row for row in batch.rows if row.product.guid not in open_writes]
    if push.mode != "dry_run":
        _keep(push, settled, batch)
    items = _told(push, [_unwritten(row, batch) for row in settled if not batch.verdict(row).undecided])
    if push.mode == "live":
        return items + _send(push, sending, batch)
    if push.mode == "shadow":
        _save(push, [_shadowed(push, row, batch) for row in sending])
    return items + _told(push, [batch.item(row, "would_write") for row in sending])


def _keep(push: Push, settled: Sequence[Mirrored], batch: Batch) -> None:
    """Remember what needs no write, and everything that the brake holds, in one transaction.

    What was held before is only forgotten with a listing's last write: it would be lost if that never came.
    """
    changed = [_settled(push, row, batch) for row in settled]
    verdicts = [(row.product.guid, batch.verdict(row)) for row in batch.rows if batch.verdict(row).held]
    done = [row.product.guid for row in settled if batch.verdict(row).stood]
    if not changed and not verdicts:
        return
    with push.db.write() as conn:
        links.save_links(conn, push.store_row.id, changed, push.clock.now(), looked_at=True)
        held.release(conn, push.store_row.id, done)
        held.use_up(conn, push.store_row.id, done)
        held.hold(conn, push.store_row.id, [change for _, verdict in verdicts for change in verdict.held])
    push.tally.newly_held += sum(verdict.fresh for _, verdict in verdicts)


def _told(push: Push, items: list[Item]) -> list[Item]:
    for item in items:
        push.tally.add(figures(item))
        if push.mode == "dry_run":
            push.tally.told += _lines(item)
    return items


def _lines(item: Item) -> list[str]:
    """Return one line per change that a dry run would have made."""
    if item.outcome != "would_write":
        return []
    return [
        f"{item.code}: {each.field}: {each.before or '-'} → {each.after or '-'} ({each.rule})"
        for each in item.plan.changes
    ]


TOGETHER = (None, 10)
"""How many listings may share a call by the doubts they have had: any number, then ten, from then on one."""

PARK = 4
"""A listing that the store has so often not answered for, at last alone, waits for a person."""

LOST = 3
"""So many lost answers in one run mean that the store is not well; the rest waits for the next run."""


def _send(push: Push, rows: Sequence[Mirrored], batch: Batch) -> list[Item]:
    """Write the rows. One that the store never answers for does not keep the others back.

    Raises what the store raises once everything that can be written has been.
    """
    _announce(push, rows, batch)
    waiting = {row.product.guid: row for row in sorted(rows, key=lambda row: batch.link(row).doubts)}
    items: list[Item] = []
    lost: list[OutcomeUnknown] = []
    try:
        while waiting and len(lost) < LOST:
            try:
                _write_some(push, _next(waiting, batch), waiting, batch, items)
            except OutcomeUnknown as unanswered:
                lost += _doubt(push, unanswered, waiting, batch, items)
        if lost:
            raise lost[0]
    except RemoteError:
        _take_back(push, waiting.values(), batch)
        raise
    return items


def _next(waiting: Mapping[str, Mirrored], batch: Batch) -> list[Mirrored]:
    """Return what goes into the next calls: all that had no doubts, else few, else one listing alone."""
    rows = list(waiting.values())
    for doubts, size in enumerate(TOGETHER):
        alike = [row for row in rows if batch.link(row).doubts == doubts]
        if alike:
            return alike[:size]
    return rows[:1]


def _write_some(
    push: Push, rows: Sequence[Mirrored], waiting: dict[str, Mirrored], batch: Batch, items: list[Item]
) -> None:
    for outcome in push.store.write([_write(row, batch) for row in rows]):
        row = waiting.pop(outcome.key)
        with push.db.write() as conn:
            item = _remember(conn, push, row, batch, outcome)
        items += _told(push, [item])


def _doubt(
    push: Push, unanswered: OutcomeUnknown, waiting: dict[str, Mirrored], batch: Batch, items: list[Item]
) -> list[OutcomeUnknown]:
    """Count the doubt on each listing of the lost call. Returns the exception, unless parking settles it."""
    keys = [key for key in unanswered.keys if key in waiting] or list(waiting)
    rows = [waiting.pop(key) for key in keys]
    now, parked = push.clock.now(), False
    with push.db.write() as conn:
        for row in rows:
            doubts = batch.link(row).doubts + 1
            parked = len(rows) == 1 and doubts >= PARK
            link = replace(_intended(row, batch), doubts=doubts)
            if parked:
                link = replace(_settled(push, row, batch), parked=_NO_ANSWER, parked_do=_NO_ANSWER_DO)
            links.save_links(conn, push.store_row.id, [link], now, looked_at=True)
    if not parked:
        return [unanswered]
    item = replace(batch.item(rows[0], "refused"), reason=_NO_ANSWER, do=_NO_ANSWER_DO)
    items += _told(push, [item])
    return []


_NO_ANSWER = f"the store did not answer {PARK} times when this listing was written"
_NO_ANSWER_DO = "Open it in the shop and save it there; look into the shop's error log."


def _announce(push: Push, rows: Sequence[Mirrored], batch: Batch) -> None:
    """Note what is about to be sent, so that a process that dies now leaves the truth behind it."""
    if not rows:
        return
    now = push.clock.now()
    traces = [_intended(row, batch) for row in rows if _leaves_a_trace(row, batch)]
    changes = [change for row in rows for change in _audit(row, batch)]
    with push.db.write() as conn:
        links.save_links(conn, push.store_row.id, traces, now)
        audit.record(conn, push.store_row.id, push.run_id, changes, now)


def _take_back(push: Push, rows: Iterable[Mirrored], batch: Batch) -> None:
    """Forget what was announced and surely not carried out: what a person creates meanwhile is not ours."""
    now = push.clock.now()
    with push.db.write() as conn:
        for row in rows:
            link = batch.link(row)
            links.save_links(conn, push.store_row.id, [replace(link, creating=False)], now)
            audit.settle(conn, push.store_row.id, push.run_id, link.guid, "refused", link.ref, now)


def _leaves_a_trace(row: Mirrored, batch: Batch) -> bool:
    """Tell whether something must be known after a crash that the store itself will not tell."""
    plan = batch.plans[row.product.guid]
    return plan.action == "create" or plan.link.hidden_from != batch.link(row).hidden_from


def _intended(row: Mirrored, batch: Batch) -> Link:
    """Return the link as it must be found if the process dies before the answer comes: still behind."""
    before, plan = batch.link(row), batch.plans[row.product.guid]
    return _still_behind(plan.link, before)


def _write(row: Mirrored, batch: Batch) -> Write:
    plan = batch.plans[row.product.guid]
    ref = None if plan.action == "create" else plan.link.ref
    return Write(row.product.guid, ref, row.product.code.strip(), plan.content, batch.shown(row))


def _remember(conn: Connection, push: Push, row: Mirrored, batch: Batch, outcome: Done | Refused) -> Item:
    plan, now = batch.plans[row.product.guid], push.clock.now()
    link, store, run = replace(_settled(push, row, batch), creating=False), push.store_row.id, push.run_id
    _lift(conn, store, row, batch, done=isinstance(outcome, Done))
    if isinstance(outcome, Refused):
        link = replace(link, parked=outcome.reason, parked_do=outcome.do)
        kept = replace(link, created=link.created and link.ref is not None)
        links.save_links(conn, store, [kept], now, looked_at=True)
        audit.settle(conn, store, run, row.product.guid, "refused", link.ref, now)
        return replace(batch.item(row, "refused"), reason=outcome.reason, do=outcome.do)
    link = replace(link, ref=outcome.shown.ref, wrote=merged(link.wrote, plan.content))
    if plan.action == "create":
        link = replace(link, created=True, owned=CREATED_OWNS)
    links.save_links(conn, store, [link], now, looked_at=True)
    audit.settle(conn, store, run, row.product.guid, "done", outcome.shown.ref, now)
    done: Outcome = "created" if plan.action == "create" else "written"
    return replace(batch.item(row, done), ref=outcome.shown.ref, after=outcome.shown.content)


def _lift(conn: Connection, store: int, row: Mirrored, batch: Batch, *, done: bool) -> None:
    """Forget what was held of the listing until now; and what was approved, once that is written."""
    verdict = batch.verdict(row)
    if verdict.stood:
        held.release(conn, store, [row.product.guid])
        held.hold(conn, store, verdict.held)
    if verdict.stood and done:
        held.use_up(conn, store, [row.product.guid])


def _audit(row: Mirrored, batch: Batch) -> list[Change]:
    product, plan, kinds = row.product, batch.plans[row.product.guid], batch.verdict(row).kinds
    return [
        Change(
            product.guid,
            product.code,
            plan.link.ref,
            each.field,
            each.before,
            each.after,
            each.rule,
            "sent",
            kinds.get(each.field, ""),
        )
        for each in plan.changes
    ]


def _settled(push: Push, row: Mirrored, batch: Batch) -> Link:
    """Return the link as it stands once its plan is carried out: no longer behind, and in no doubt.

    One whose suspicious fields still wait for the brake stays behind, and one whose rise in stock waits.
    """
    risen = batch.rises.get(row.product.guid)
    link = replace(batch.plans[row.product.guid].link, doubts=0, planned=(), risen=risen)
    if batch.verdict(row).undecided or risen is not None:
        return _still_behind(link, batch.link(row))
    return replace(
        link,
        pushed_mirror=row.revision,
        pushed_demand=row.demand_revision,
        pushed_rules=push.store_row.rules_hash,
    )


def _still_behind(link: Link, before: Link) -> Link:
    return replace(
        link,
        pushed_mirror=before.pushed_mirror,
        pushed_demand=before.pushed_demand,
        pushed_rules=before.pushed_rules,
    )


def _shadowed(push: Push, row: Mirrored, batch: Batch) -> Link:
    """Return the link after a write that was only thought of: found, but nothing claimed as written."""
    link, plan = _settled(push, row, batch), batch.plans[row.product.guid]
    created = link.created and link.ref is not None
    planned = tuple((each.field, each.before, each.after, each.rule) for each in plan.changes)
    return replace(
        link, creating=False, created=created, hidden_from=batch.link(row).hidden_from, planned=planned
    )


def _unwritten(row: Mirrored, batch: Batch) -> Item:
    plan = batch.plans[row.product.guid]
    item = batch.item(row, _OUTCOMES.get(plan.action, "unchanged"))
    return replace(item, reason=plan.reason, do=plan.do)


def _save(push: Push, changed: Sequence[Link]) -> None:
    if changed:
        with push.db.write() as conn:
            links.save_links(conn, push.store_row.id, changed, push.clock.now(), looked_at=True)

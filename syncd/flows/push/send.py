"""Carry a batch of plans out, and remember each outcome before the next is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from syncd.core.model import Done, Link, Refused, Write
from syncd.core.product_match import CREATED_OWNS
from syncd.core.product_plan import Plan
from syncd.errors import PurseSpent, Throttled, Unreachable
from syncd.flows.push.records import Batch, Item, Outcome, Push, merged
from syncd.state import audit, links
from syncd.state.db import Connection
from syncd.state.records import Change, Mirrored

_OUTCOMES: Mapping[str, Outcome] = {"ambiguous": "ambiguous", "absent": "not_found", "gone": "not_found"}


def carry_out(push: Push, batch: Batch) -> list[Item]:
    """Write what the plans say, or only remember (shadow) or tell (dry run). Returns every product's outcome.

    Raises RemoteError; outcomes that were confirmed before are remembered, all others stay behind.
    """
    sending = batch.writes()
    open_writes = {row.product.guid for row in sending}
    settled = [row for row in batch.rows if row.product.guid not in open_writes]
    if push.mode != "dry_run":
        _save(push, [_settled(push, row, batch.plans[row.product.guid]) for row in settled])
    items = [_unwritten(row, batch) for row in settled]
    if push.mode == "live":
        return items + _send(push, sending, batch)
    if push.mode == "shadow":
        _save(push, [_shadowed(push, row, batch) for row in sending])
    return items + [batch.item(row, "would_write") for row in sending]


def _send(push: Push, rows: Sequence[Mirrored], batch: Batch) -> list[Item]:
    by_guid = {row.product.guid: row for row in rows}
    open_plans = {guid: batch.plans[guid] for guid in by_guid}
    _save(push, [_intended(row, batch) for row in rows if _leaves_a_trace(row, batch)])
    items = []
    try:
        for outcome in push.store.write([_write(row, batch) for row in rows]):
            row = by_guid[outcome.key]
            with push.db.write() as conn:
                items.append(_remember(conn, push, row, batch, outcome))
            del open_plans[outcome.key]
    except (PurseSpent, Unreachable, Throttled):
        # Nothing of what is still open was sent, so what a person creates meanwhile is not ours.
        _save(push, [replace(batch.link(by_guid[guid]), creating=False) for guid in open_plans])
        raise
    return items


def _leaves_a_trace(row: Mirrored, batch: Batch) -> bool:
    """Tell whether something must be known after a crash that the store itself will not tell."""
    plan = batch.plans[row.product.guid]
    return plan.action == "create" or plan.link.hidden_from != batch.link(row).hidden_from


def _intended(row: Mirrored, batch: Batch) -> Link:
    """Return the link as it must be found if the process dies before the answer comes: still behind."""
    before, plan = batch.link(row), batch.plans[row.product.guid]
    return replace(plan.link, pushed_mirror=before.pushed_mirror, pushed_rules=before.pushed_rules)


def _write(row: Mirrored, batch: Batch) -> Write:
    plan = batch.plans[row.product.guid]
    ref = None if plan.action == "create" else plan.link.ref
    return Write(row.product.guid, ref, row.product.code.strip(), plan.content, batch.shown(row))


def _remember(conn: Connection, push: Push, row: Mirrored, batch: Batch, outcome: Done | Refused) -> Item:
    plan, now = batch.plans[row.product.guid], push.clock.now()
    link = replace(_settled(push, row, plan), creating=False)
    if isinstance(outcome, Refused):
        mine = link.created and link.ref is not None
        links.save_links(conn, push.store_row.id, [replace(link, parked=outcome.reason, created=mine)], now)
        return replace(batch.item(row, "refused"), reason=outcome.reason, do=outcome.do)
    link = replace(link, ref=outcome.shown.ref, wrote=merged(link.wrote, plan.content))
    if plan.action == "create":
        link = replace(link, created=True, owned=CREATED_OWNS)
    links.save_links(conn, push.store_row.id, [link], now)
    audit.record(conn, push.store_row.id, push.run_id, _audit(row, plan, outcome.shown.ref), now)
    done: Outcome = "created" if plan.action == "create" else "written"
    return replace(batch.item(row, done), ref=outcome.shown.ref, after=outcome.shown.content)


def _audit(row: Mirrored, plan: Plan, ref: str) -> list[Change]:
    product = row.product
    return [
        Change(product.guid, product.code, ref, each.field, each.before, each.after, each.rule)
        for each in plan.changes
    ]


def _settled(push: Push, row: Mirrored, plan: Plan) -> Link:
    """Return the link as it stands once the plan is carried out: no longer behind."""
    return replace(plan.link, pushed_mirror=row.revision, pushed_rules=push.store_row.rules_hash)


def _shadowed(push: Push, row: Mirrored, batch: Batch) -> Link:
    """Return the link after a write that was only thought of: found, but nothing claimed as written."""
    link = _settled(push, row, batch.plans[row.product.guid])
    created = link.created and link.ref is not None
    return replace(link, creating=False, created=created, hidden_from=batch.link(row).hidden_from)


def _unwritten(row: Mirrored, batch: Batch) -> Item:
    plan = batch.plans[row.product.guid]
    item = batch.item(row, _OUTCOMES.get(plan.action, "unchanged"))
    return replace(item, reason=plan.reason, do=plan.do)


def _save(push: Push, changed: Sequence[Link]) -> None:
    if changed:
        with push.db.write() as conn:
            links.save_links(conn, push.store_row.id, changed, push.clock.now())

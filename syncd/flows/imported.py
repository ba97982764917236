"""Import single orders that a person asks for, read from the store as they are now, however old."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from syncd.core.order import BadOrder, StoreOrder, StoreRefund
from syncd.core.order_rules import Verdict, judge
from syncd.flows.documents import moved
from syncd.flows.identity import known_facts
from syncd.flows.intake import Intake
from syncd.flows.intake.decide import Seen, known_order, new_order, unreadable
from syncd.flows.intake.refunds import new_refund
from syncd.flows.intake.taken import note_taken
from syncd.flows.order_decided import Decided
from syncd.state import outbox
from syncd.state.db import Connection
from syncd.state.outbox import Document


def import_orders(intake: Intake, order_ids: Sequence[str]) -> list[Decided]:
    """Read each order and its refunds from the store (2 calls) and take it in, also before `orders.since`.

    One that a person had skipped is wanted again. One that is not paid, or was called off, stays out: it is
    said why. Reads nothing of Unleashed. Raises RemoteError, and IdentityChanged for another shop.
    """
    known_facts(intake.db, intake.store_row, intake.store, intake.place, intake.clock)
    return [_imported(intake, order_id) for order_id in order_ids]


def _imported(intake: Intake, order_id: str) -> Decided:
    intake.beat()
    order = intake.store.order(order_id)
    if order is None:
        what = f"Store {intake.store_row.name} has no order {order_id}."
        return Decided(
            order_id, "not_found", None, what, "Give the id that the shop shows in its address bar."
        )
    refunds = [] if isinstance(order, BadOrder) else intake.store.refunds_of(order_id)
    now = intake.clock.now()
    with intake.db.write() as conn:
        known = outbox.document(conn, intake.store_row.id, "order", order_id)
        if isinstance(order, BadOrder):
            return _unreadable(conn, intake, order, known, now)
        done = _taken_in(conn, intake, order, known, now)
        for refund in refunds:
            if isinstance(refund, StoreRefund) and done.document is not None:
                _take_refund(conn, intake, refund, done.document, now)
    return done


def _taken_in(
    conn: Connection, intake: Intake, order: StoreOrder, known: Document | None, now: datetime
) -> Decided:
    verdict = judge(order, replace(intake.rules, since=None))
    seen = new_order(order, verdict, intake.store_row.id, "", now) if known is None else None
    if known is not None:
        seen = _wanted_again(order, verdict, known, now)
    if seen is None:
        return _as_it_is(order.id, known, verdict)
    _keep(conn, intake, seen, now)
    note_taken(conn, intake.store_row, order, seen.document, verdict)
    if seen.document.state in ("filtered", "skipped"):
        return Decided(order.id, "refused", seen.document, _why_not(order, verdict), _LATER)
    return Decided(order.id, "imported", seen.document)


def _wanted_again(order: StoreOrder, verdict: Verdict, known: Document, now: datetime) -> Seen | None:
    if known.state in ("skipped", "filtered") and verdict.judgement == "wanted":
        step = moved(known, "import", now)
        fresh = known_order(order, verdict, step.document, now)
        document = step.document if fresh is None else fresh.document
        return Seen(replace(document, judged="wanted"), "import", step.detail)
    return known_order(order, verdict, known, now)


def _as_it_is(order_id: str, known: Document | None, verdict: Verdict) -> Decided:
    if known is not None and known.state in ("skipped", "filtered"):
        return Decided(order_id, "refused", known, verdict.reason or known.reason, _LATER)
    return Decided(order_id, "known", known)


_LATER = "It is taken in by itself when the store shows it as orders.when wants it."


def _why_not(order: StoreOrder, verdict: Verdict) -> str:
    return f"Order {order.number} is {verdict.reason or verdict.judgement}."


def _unreadable(
    conn: Connection, intake: Intake, bad: BadOrder, known: Document | None, now: datetime
) -> Decided:
    seen = unreadable(bad, known, intake.store_row.id, now)
    if seen is not None:
        _keep(conn, intake, seen, now)
    document = known if seen is None else seen.document
    return Decided(
        bad.id, "refused", document, f"Order {bad.id} cannot be read: {bad.reason}.", "Correct it."
    )


def _take_refund(
    conn: Connection, intake: Intake, refund: StoreRefund, order: Document, now: datetime
) -> None:
    if outbox.document(conn, intake.store_row.id, "refund", refund.id) is None:
        seen = new_refund(refund, order, intake.store_row.id, intake.refunds, "", now)
        _keep(conn, intake, seen, now)


def _keep(conn: Connection, intake: Intake, seen: Seen, now: datetime) -> None:
    outbox.save(conn, [seen.document])
    if seen.event:
        outbox.note(conn, seen.document, seen.event, seen.detail, now, intake.run_id)

"""Take in new and changed orders page by page: documents, demand and cursor in one transaction each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from syncd.core.order import OrderPage, StoreOrder
from syncd.core.order_rules import Verdict, judge
from syncd.flows.identity import known_facts
from syncd.flows.intake.decide import (
    Content,
    Seen,
    content_of,
    known_order,
    new_order,
    unreadable,
)
from syncd.flows.intake.records import Intake
from syncd.flows.intake.refunds import new_refund
from syncd.flows.intake.taken import note_all_taken
from syncd.state import accounts, cursors, demand, outbox
from syncd.state.cursors import Cursor
from syncd.state.db import Connection
from syncd.state.records import Counts, StoreRow

log = structlog.get_logger()

FEED = "orders"

BEFORE_CONTACT = timedelta(hours=24)
"""Orders this much older than the first contact are posted too, where `orders.since` says nothing."""


def take_orders(intake: Intake) -> None:
    """Take in what is new and changed since the last time; what was taken in is in the tally.

    Reads nothing of Unleashed. Each page is kept as it comes. Raises RemoteError, IdentityChanged if the
    address answers as another shop, SyncdError for a cursor of another version.
    """
    known_facts(intake.db, _row(intake), intake.store, intake.place, intake.clock)
    place = _opened(intake)
    while True:
        page = intake.store.orders(place.cursor or "")
        place = replace(place, cursor=page.cursor)
        if not page.more:
            place = replace(place, completed_at=intake.clock.now())
        _keep_page(intake, place, page)
        intake.beat()
        if not page.more:
            return


def taking_orders(conn: Connection, store_id: int) -> bool:
    """Tell whether the store's orders have ever been taken in."""
    return cursors.cursor(conn, store_id, FEED).cursor is not None


def _row(intake: Intake) -> StoreRow:
    with intake.db.read() as conn:
        found = [row for row in accounts.stores(conn) if row.id == intake.store_row.id]
    return found[0] if found else intake.store_row


def _opened(intake: Intake) -> Cursor:
    """Return where the feed goes on; at first contact, or for an earlier `since`, where it begins."""
    now = intake.clock.now()
    with intake.db.read() as conn:
        place = cursors.cursor(conn, intake.store_row.id, FEED)
    since = intake.rules.since or place.since or now - BEFORE_CONTACT
    begins = place.cursor is None or place.since is None or since < place.since
    cursor = intake.store.orders_from(since) if begins else place.cursor
    return replace(place, cursor=cursor, since=since, started_at=now)


def _keep_page(intake: Intake, place: Cursor, page: OrderPage) -> None:
    rules, now, store = replace(intake.rules, since=place.since), intake.clock.now(), intake.store_row
    orders = [(each, judge(each, rules), content_of(each)) for each in _latest(page.orders)]
    with intake.db.write() as conn:
        seen = _orders(conn, intake, orders, now)
        seen += _refunds(conn, intake, page, now)
        seen += _unreadable(conn, intake, page, now)
        if page.orders:
            demand.assign(conn, store.account_id, store.id, demand.unassigned(conn, store.id))
        cursors.save_cursor(conn, store.id, place)
    parked = sum(1 for each in seen if each.event and each.document.state == "parked")
    read = len(page.orders) + len(page.refunds) + len(page.bad)
    intake.tally.add(Counts(read=read, parked=parked, unchanged=read - len(seen)))


def _latest(orders: Sequence[StoreOrder]) -> list[StoreOrder]:
    """Return the orders, one that came twice as it came last."""
    return list({order.id: order for order in orders}.values())


def _orders(
    conn: Connection, intake: Intake, orders: Sequence[tuple[StoreOrder, Verdict, Content]], now: datetime
) -> list[Seen]:
    store = intake.store_row
    known = outbox.known(conn, store.id, "order", [order.id for order, _, _ in orders], lock=True)
    found, sold = [], []
    for order, verdict, content in orders:
        before = known.get(order.id)
        if before is None:
            watched = intake.watching(order.created)
            seen: Seen | None = new_order(order, verdict, store.id, watched, now, content)
        else:
            seen = known_order(order, verdict, before, now, content)
        if seen is not None:
            found.append(seen)
            sold.append((order, seen.document, verdict))
    _keep(conn, intake, found, now)
    note_all_taken(conn, store, sold, now)
    return found


def _refunds(conn: Connection, intake: Intake, page: OrderPage, now: datetime) -> list[Seen]:
    """Take in each refund once: it never changes after."""
    store, latest = intake.store_row, {refund.id: refund for refund in page.refunds}
    known = outbox.known(conn, store.id, "refund", sorted(latest), lock=True)
    orders = outbox.known(conn, store.id, "order", sorted({each.order_id for each in page.refunds}))
    found = []
    for refund in latest.values():
        before, order = known.get(refund.id), orders.get(refund.order_id)
        if before is None or not before.content:
            watched = intake.watching(refund.created) if before is None else ""
            seen = new_refund(refund, order, store.id, intake.refunds, watched, now)
            found.append(seen)
            if order is not None and before is None:
                outbox.note(conn, order, "refunded", seen.document.reason, now, intake.run_id)
    _keep(conn, intake, found, now)
    return found


def _unreadable(conn: Connection, intake: Intake, page: OrderPage, now: datetime) -> list[Seen]:
    found: list[Seen] = []
    for bad in page.bad:
        known: Sequence[outbox.Document] = ()
        if bad.id:
            known = list(outbox.known(conn, intake.store_row.id, bad.kind, [bad.id], lock=True).values())
        seen = unreadable(bad, known[0] if known else None, intake.store_row.id, now)
        if seen is not None:
            found.append(seen)
    _keep(conn, intake, found, now)
    return found


def _keep(conn: Connection, intake: Intake, seen: Sequence[Seen], now: datetime) -> None:
    outbox.save(conn, [each.document for each in seen])
    lines = [(each.document, each.event, each.detail) for each in seen if each.event]
    outbox.note_all(conn, lines, now, intake.run_id)
    for each in seen:
        if each.alert:
            log.warning(
                "order.needs_a_person",
                store=intake.store_row.name,
                order=each.document.number,
                what=each.event,
                cause=each.document.cause,
            )

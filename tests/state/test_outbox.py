"""Orders on their way are kept as they are, found by state and time, and have a time line."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from syncd.core.order import BadOrder, OrderLine, StoreOrder, StoreRefund, TaxPart
from syncd.state import cursors, outbox
from syncd.state.cursors import Cursor
from syncd.state.db import Database
from syncd.state.received import order_in, packed, refund_in
from tests.databases import NOON
from tests.state.samples import MINUTE, document, opened


def test_a_document_comes_back_as_it_was_kept(db: Database) -> None:
    """Every field of an order, decimals and times included, is the same when it is read again."""
    _, store = opened(db)
    kept = document(
        store,
        due_at=NOON,
        first_try_at=NOON,
        modified=NOON,
        attempts=2,
        payload='{"Guid": "é"}',
        payload_hash="h",
        guid="g",
        order_number="WEB-7",
        posted_at=NOON,
        found={"total": "11.5"},
        cause="c",
        reason="r",
        do="d",
        changed_at=NOON,
        content="{}",
        judged="wanted",
        seen_by="me",
        raw='{"note": "nul \\u0000"}',
    )
    with db.write() as conn:
        outbox.save(conn, [kept])
    with db.read() as conn:
        assert outbox.document(conn, store.id, "order", "7") == kept
        assert outbox.document(conn, store.id, "refund", "7") is None


def test_saving_again_keeps_the_latest(db: Database) -> None:
    """A document that is saved again takes the place of what was there."""
    _, store = opened(db)
    with db.write() as conn:
        outbox.save(conn, [document(store), document(store, state="parked", cause="x")])
        outbox.save(conn, [document(store, "8")])
        outbox.save(conn, [document(store, "8", state="posted")])
        assert outbox.counts(conn, store.id)["parked"] == 1
        assert outbox.counts(conn, store.id)["posted"] == 1
        assert outbox.counts(conn, store.id)["waiting"] == 0


def test_what_is_due_comes_in_the_order_of_creation(db: Database) -> None:
    """Open documents whose time has come are returned, page by page, the oldest first; others are not."""
    _, store = opened(db)
    rows = [
        document(store, "c", created=NOON + MINUTE),
        document(store, "a", created=NOON + 2 * MINUTE, state="sent", due_at=NOON),
        document(store, "b", created=NOON, state="due", due_at=NOON),
        document(store, "b", created=NOON, kind="refund"),
        document(store, "d", state="due", due_at=NOON + MINUTE),
        document(store, "e", state="parked"),
        document(store, "f", state="posted"),
    ]
    with db.write() as conn:
        outbox.save(conn, rows)
    with db.read() as conn:
        first = outbox.due(conn, store.id, NOON, 2)
        last = first[-1]
        rest = outbox.due(conn, store.id, NOON, 9, (last.created, last.kind, last.doc))
    assert [each.key for each in [*first, *rest]] == [
        ("order", "b"),
        ("refund", "b"),
        ("order", "c"),
        ("order", "a"),
    ]


def test_a_time_line_tells_in_order_what_happened(db: Database) -> None:
    """Events of one document are returned the oldest first, and none of another's."""
    _, store = opened(db)
    one, other = document(store), document(store, "8")
    with db.write() as conn:
        outbox.save(conn, [one, other])
        outbox.note(conn, one, "received", "", NOON)
        outbox.note(conn, other, "received", "", NOON)
        outbox.note(conn, one, "confirmed", "as WEB-7", NOON)
        found = outbox.events(conn, one)
    assert [(each.event, each.detail) for each in found] == [("received", ""), ("confirmed", "as WEB-7")]


def test_a_person_may_name_a_document_in_three_ways(db: Database) -> None:
    """By its id, by what the store calls it, and by Unleashed's number."""
    _, store = opened(db)
    with db.write() as conn:
        outbox.save(conn, [document(store, number="1001", order_number="WEB-7")])
        for word in ("7", "1001", "WEB-7"):
            assert [each.doc for each in outbox.named(conn, store.id, word)] == ["7"]
        assert outbox.named(conn, store.id, "WEB-8") == []


def test_causes_are_counted(db: Database) -> None:
    """What waits for one remedy is counted together, the most first."""
    _, store = opened(db)
    with db.write() as conn:
        rows = [document(store, str(each), state="parked", cause="tax", do="d") for each in range(3)]
        outbox.save(conn, [*rows, document(store, "9", state="parked", cause="customer")])
        found = outbox.causes(conn, store.id, ["parked"])
    assert [(cause, number) for cause, _, _, number in found] == [("tax", 3), ("customer", 1)]


def test_posted_documents_are_found_by_cause_once_due(db: Database) -> None:
    """What is posted and has something left to do is found when its time has come."""
    _, store = opened(db)
    with db.write() as conn:
        outbox.save(conn, [document(store, state="posted", cause="completing", due_at=NOON)])
        assert outbox.with_cause(conn, store.id, "posted", "completing", NOON - MINUTE) == []
        assert len(outbox.with_cause(conn, store.id, "posted", "completing", NOON)) == 1


def test_refunds_and_orders_are_found_by_their_kin(db: Database) -> None:
    """Refunds by their order, documents by the sales order they became, orders by when they were made."""
    _, store = opened(db)
    with db.write() as conn:
        refund = document(store, "9", kind="refund", parent="7")
        outbox.save(conn, [document(store, guid="g-7"), refund])
        assert [each.doc for each in outbox.refunds_of(conn, store.id, "7")] == ["9"]
        assert outbox.by_sale_guid(conn, ["g-7", "g-8"])["g-7"].doc == "7"
        assert [each.doc for each in outbox.between(conn, store.id, NOON, NOON + MINUTE)] == ["7"]
        assert outbox.between(conn, store.id, NOON + MINUTE, NOON + timedelta(hours=1)) == []
        assert outbox.oldest_open(conn, store.id) == NOON


def test_a_cursor_is_kept_with_its_since(db: Database) -> None:
    """How far a store's feed was read survives; one that was never read has nothing."""
    _, store = opened(db)
    place = Cursor("orders", '{"mark": 1}', NOON, NOON, None)
    with db.write() as conn:
        assert cursors.cursor(conn, store.id, "orders") == Cursor("orders")
        cursors.save_cursor(conn, store.id, place)
        assert cursors.cursor(conn, store.id, "orders") == place
        assert cursors.cursor(conn, store.id, "customers") == Cursor("customers")


def test_what_was_understood_comes_back_exactly() -> None:
    """An order and a refund are unpacked with every decimal as it was, without the JSON received."""
    part = TaxPart("GST", Decimal("0.150"), Decimal("1E-7"))
    half = Decimal("13.043478")
    line = OrderLine("1", "product", "Tea", Decimal(2), half, half, Decimal(1), taxes=(part,))
    total, tax = Decimal("15.00"), Decimal("1.96")
    order = StoreOrder("7", "7", "processing", "NZD", total, tax, NOON, lines=(line,), raw="x")
    refund = StoreRefund("9", "7", Decimal("15.00"), NOON, raw="x")
    assert order_in(packed(order)).lines == order.lines
    assert (order_in(packed(order)).total, order_in(packed(order)).raw) == (order.total, "")
    assert refund_in(packed(refund)).amount == refund.amount
    with pytest.raises(ValueError, match="cannot be read"):
        order_in("{}")


def test_text_that_no_database_can_hold_is_kept_as_its_escape(db: Database) -> None:
    """A lone surrogate and a NUL in an order stop nothing."""
    _, store = opened(db)
    order = StoreOrder("7", "7", "x", "NZD", Decimal(1), Decimal(0), NOON, note="\ud800 and \0")
    with db.write() as conn:
        outbox.save(conn, [document(store, content=packed(order), raw="\ud800 \0")])
        found = outbox.document(conn, store.id, "order", "7")
    assert found is not None
    assert order_in(found.content).note == "\\ud800 and \\x00"
    assert BadOrder("7", "why").kind == "order"

"""What is read out of an order and a refund of WooCommerce, and what is reported as unreadable."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from syncd.core.order import BadOrder, OrderLine, StoreOrder, StoreRefund, TaxPart
from syncd.emulator.woocommerce import Taking
from syncd.emulator.woocommerce_orders_records import Coupon, TaxRate
from syncd.stores.woocommerce.order_rows import order_of
from syncd.stores.woocommerce.refunds import refund_of
from tests.stores.counter import Feed
from tests.stores.woo_counter import BILLING, WooCounter

GST = TaxRate(1, Decimal(15))


def taxed(**site: Any) -> WooCounter:
    """A shop that enters prices with 15 % tax, as in the worked order of the reference."""
    shop = WooCounter(**{"calc_taxes": True, "prices_include_tax": True, **site})
    shop.till.tax_rates = [GST]
    shop.till.coupons = {"ten": Coupon("ten", Decimal(10))}
    return shop


def sold(shop: WooCounter, order_id: str) -> StoreOrder:
    """Return an order as the store reads it."""
    order = shop.store.order(order_id)
    assert isinstance(order, StoreOrder), order
    return order


def line(order: StoreOrder, kind: str = "product") -> OrderLine:
    """Return the only line of a kind."""
    [found] = [each for each in order.lines if each.kind == kind]
    return found


def test_the_worked_order_is_read_to_the_cent() -> None:
    """Three at 23.00 with tax, 10 % off, shipping 5.00: lines ex tax, coupon inside them (section 7.4)."""
    shop = taxed()
    item = shop.item("D1")
    taking = Taking(item, 3, "23.00")
    order_id = str(shop.till.place(taking, shipping="5.00", coupons=["ten"], billing=BILLING).id)
    order = sold(shop, order_id)
    goods, freight = line(order), line(order, "shipping")
    assert (goods.quantity, goods.subtotal, goods.total, goods.tax) == (
        Decimal(3),
        Decimal(60),
        Decimal(54),
        Decimal("8.10"),
    )
    assert goods.taxes == (TaxPart("NZ-GST-1", Decimal("0.15"), Decimal("8.10")),)
    assert (freight.total, freight.tax, freight.ref) == (Decimal(5), Decimal("0.75"), None)
    assert (order.total, order.total_tax) == (Decimal("67.85"), Decimal("8.85"))
    assert (order.prices_include_tax, order.coupons) == (True, ("ten",))
    assert order.total == sum(each.total + each.tax for each in order.lines)


def test_a_price_with_tax_leaves_a_remainder_ex_tax() -> None:
    """15.00 with tax is 13.043478 and 1.96: the total is the sum of the lines rounded to cents."""
    shop = taxed()
    takings = [Taking(shop.item(code), 1, "15.00") for code in ("A", "B", "C")]
    order = sold(shop, str(shop.till.place(*takings).id))
    assert {each.total for each in order.lines} == {Decimal("13.043478")}
    assert {each.tax for each in order.lines} == {Decimal("1.96")}
    assert order.lines[0].taxes[0].amount == Decimal("1.956522")
    assert order.total == Decimal("45.00")
    assert sum(each.total + each.tax for each in order.lines) == Decimal("45.010434")


def test_a_shop_that_rounds_at_the_subtotal() -> None:
    """There the lines keep their taxes unrounded, and add up to the total themselves."""
    shop = taxed(round_at_subtotal=True)
    takings = [Taking(shop.item(code), 1, "15.00") for code in ("A", "B", "C")]
    order = sold(shop, str(shop.till.place(*takings).id))
    assert {each.tax for each in order.lines} == {Decimal("1.956522")}
    assert sum(each.total + each.tax for each in order.lines) == order.total == Decimal(45)


def test_several_rates_and_a_compound_one() -> None:
    """Each tax of a line comes with its code, rate and amount, the compound one marked."""
    shop = taxed(prices_include_tax=False)
    pst = TaxRate(2, Decimal("9.975"), "QST", compound=True, country="CA")
    shop.till.tax_rates = [TaxRate(1, Decimal(5), "GST", country="CA"), pst]
    order = sold(shop, str(shop.till.place(Taking(shop.item("A"), 1, "100.00")).id))
    assert line(order).taxes == (
        TaxPart("CA-GST-1", Decimal("0.05"), Decimal(5)),
        TaxPart("CA-QST-2", Decimal("0.09975"), Decimal("10.47375"), compound=True),
    )
    assert (line(order).tax, order.total) == (Decimal("15.47"), Decimal("115.47"))


def test_fees_may_be_negative() -> None:
    """A loyalty discount is a fee below zero and belongs to the total."""
    shop = WooCounter()
    order = sold(shop, shop.sell("TEA-100", fees=[("Loyalty &amp; thanks", "-2.00")]))
    assert (line(order, "fee").total, line(order, "fee").name) == (Decimal(-2), "Loyalty & thanks")
    assert order.total == Decimal("7.50")


def test_a_variation_is_named_as_look_names_it() -> None:
    """The line's ref finds the listing again."""
    shop = WooCounter()
    [ref] = shop.family("TEE-S")
    order = sold(shop, str(shop.till.place((int(ref.partition("/")[2]), 2)).id))
    assert (line(order).ref, line(order).code, line(order).quantity) == (ref, "TEE-S", Decimal(2))
    assert ref in shop.store.look(refs=[ref])


def test_a_deleted_product_keeps_its_id() -> None:
    """Its SKU is null then; the line says what it was."""
    shop = WooCounter()
    order_id = shop.sell("TEA-100")
    ref = line(sold(shop, order_id)).ref
    shop.remove(str(ref))
    gone = line(sold(shop, order_id))
    assert (gone.ref, gone.code, gone.name, gone.total) == (ref, "", "Green tea", Decimal("9.50"))


@pytest.mark.parametrize(
    ("status", "method", "paid", "cancelled", "took"),
    [
        ("pending", "card", False, False, False),
        ("processing", "card", True, False, True),
        ("processing", "cod", True, False, True),
        ("on-hold", "bacs", False, False, True),
        ("completed", "card", True, False, True),
        ("cancelled", "card", False, True, False),
        ("failed", "card", False, True, False),
    ],
)
def test_what_a_status_means(status: str, method: str, paid: bool, cancelled: bool, took: bool) -> None:
    """Paid and stock go by status, as in sections 4.2 and 7.3; the date of payment does not count."""
    shop = WooCounter()
    order = sold(shop, shop.sell("TEA-100", status=status, payment_method=method))
    assert (order.paid, order.cancelled, order.took_stock) == (paid, cancelled, took)


@pytest.mark.parametrize(
    ("row", "took"),
    [
        ({"status": "shipped"}, None),
        ({"status": "shipped", "meta_data": [{"key": "_order_stock_reduced", "value": "yes"}]}, True),
        ({"status": "processing", "meta_data": [{"key": "_order_stock_reduced", "value": "no"}]}, False),
        ({"status": "trash"}, None),
        ({"status": "trash", "line_items": [{"meta_data": [{"key": "_reduced_stock", "value": "2"}]}]}, True),
        ({"status": "processing", "line_items": [{"meta_data": []}]}, True),
        ({"status": "cancelled", "line_items": [{"meta_data": []}]}, False),
    ],
)
def test_whether_stock_was_taken(row: dict[str, Any], took: bool | None) -> None:
    """The order's own mark counts, then the marks of its lines, then the status; else nobody knows."""
    lines = [{**LINE, **each} for each in row.get("line_items", [])]
    order = order_of({**ROW, **row, "line_items": lines})
    assert isinstance(order, StoreOrder)
    assert order.took_stock is took


@pytest.mark.parametrize(("paid_at", "paid"), [("2026-11-21T10:00:00", True), (None, False)])
def test_a_plugins_own_status_is_paid_when_money_came(paid_at: str | None, paid: bool) -> None:
    """What the core does not know says nothing, so the date of payment decides."""
    order = order_of({**ROW, "status": "shipped", "date_paid_gmt": paid_at})
    assert isinstance(order, StoreOrder)
    assert order.paid is paid


def test_texts_are_plain_and_fit_every_database() -> None:
    """HTML entities are undone, NULs and lone surrogates replaced; an e-mail stays as entered."""
    billing = {"first_name": "Jo\0", "last_name": "O&#039;Hara \ud800", "email": " Jo+1@Example.test "}
    order = order_of({**ROW, "billing": billing, "customer_note": "A &amp; B"})
    assert isinstance(order, StoreOrder)
    assert order.buyer.billing.name == "Jo\ufffd O'Hara \ufffd"
    assert order.buyer.email == "Jo+1@Example.test"
    assert order.note == "A & B"
    assert order.raw.isascii()
    assert json.loads(order.raw)["id"] == 33


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "33"),
        ("total", "NaN"),
        ("total", "1E400"),
        ("total", None),
        ("total", True),
        ("total_tax", "12,50"),
        ("currency", "dollars"),
        ("date_created_gmt", "yesterday"),
        ("date_modified_gmt", None),
        ("line_items", "none"),
        ("line_items", [{"id": 1, "quantity": "many"}]),
        ("fee_lines", [None]),
    ],
)
def test_nonsense_is_reported_not_guessed(field: str, value: Any) -> None:
    """An order with a field that cannot be read says which, and keeps what came."""
    found = order_of({**ROW, field: value})
    assert isinstance(found, BadOrder)
    assert found.raw
    assert field in found.reason or "quantity" in found.reason


def test_a_spoilt_refund_does_not_hide_its_order() -> None:
    """The order comes, the refund is reported by its own id."""
    row = {"id": 34, "amount": "much", "date_created_gmt": "2026-11-21T10:00:00"}
    found = refund_of(row, "33")
    assert isinstance(found, BadOrder)
    assert (found.id, "order 33" in found.reason) == ("34", True)


def test_an_amount_only_refund_has_no_lines() -> None:
    """Trap 19: money without goods, and the order stays as it was."""
    shop = WooCounter()
    feed = Feed(shop)
    order_id = shop.sell("TEA-100")
    shop.till.refund(shop.order(order_id), amount="2.00", reason="late &amp; sorry")
    feed.read()
    [refund] = feed.refunds.values()
    assert (refund.amount, refund.lines, refund.reason) == (Decimal(2), (), "late & sorry")
    assert (feed.orders[order_id].status, feed.orders[order_id].total) == ("processing", Decimal("9.50"))


def test_a_refund_gives_back_goods_shipping_and_tax() -> None:
    """All figures are positive and ex tax, the amount includes it."""
    shop = taxed()
    order = shop.till.place(Taking(shop.item("D1"), 3, "23.00"), shipping="5.00")
    goods, freight = order.lines
    shop.till.refund(order, {goods.id: 1, freight.id: 1})
    [refund] = shop.store.refunds_of(str(order.id))
    assert isinstance(refund, StoreRefund)
    assert [(each.kind, each.quantity, each.total, each.tax) for each in refund.lines] == [
        ("product", Decimal(1), Decimal(20), Decimal(3)),
        ("shipping", Decimal(1), Decimal(5), Decimal("0.75")),
    ]
    assert refund.amount == Decimal("28.75")
    assert [each.line for each in refund.lines] == [str(goods.id), str(freight.id)]


def test_a_number_is_for_people_an_id_for_us() -> None:
    """Trap 20: plugins make the number anything; the id stays what an order is found by."""
    shop = WooCounter()
    order_id = shop.sell("TEA-100", number="2026-0012")
    order = sold(shop, order_id)
    assert (order.id, order.number) == (order_id, "2026-0012")


def test_times_are_utc() -> None:
    """The zone of the shop plays no part."""
    shop = WooCounter()
    order = sold(shop, shop.sell("TEA-100"))
    assert order.created == datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def test_write_back_sends_no_more_than_it_says() -> None:
    """A status and our own meta, a note for the staff: no address, no line, and no mail but the status's."""
    shop = WooCounter()
    order_id = shop.sell("TEA-100")
    shop.till.mails.clear()
    shop.store.write_order(order_id, tracking="NZ123")
    assert shop.till.mails == []
    shop.store.write_order(order_id, status="completed", tracking="NZ123")
    assert shop.bodies() == [
        {"note": "Sent, tracking number NZ123", "customer_note": False},
        {"meta_data": [{"key": "_syncd_tracking", "value": "NZ123"}]},
        {"status": "completed"},
    ]
    assert shop.till.mails == [(int(order_id), "completed")]


def test_a_write_whose_end_was_lost_notes_nothing_twice() -> None:
    """The note was made and the mark was not: the next attempt sees the note."""
    shop = WooCounter()
    order_id = shop.sell("TEA-100")
    shop.emulator.faults.add("refuse", match=lambda request: request.method == "PUT")
    with pytest.raises(Exception, match="store shop"):
        shop.store.write_order(order_id, tracking="NZ123")
    assert shop.store.write_order(order_id, tracking="NZ123") is None
    assert [each.text for each in shop.order(order_id).notes] == ["Sent, tracking number NZ123"]


ROW: dict[str, Any] = {
    "id": 33,
    "number": "2026-0012",
    "status": "processing",
    "currency": "NZD",
    "total": "67.85",
    "total_tax": "8.85",
    "date_created_gmt": "2026-11-21T10:18:45",
    "date_modified_gmt": "2026-11-21T10:18:47",
}
LINE: dict[str, Any] = {
    "id": 26,
    "name": "D1",
    "quantity": 1,
    "subtotal": "1.00",
    "total": "1.00",
    "total_tax": "0.00",
}

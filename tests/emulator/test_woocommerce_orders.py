"""Orders, refunds and the shelf behave in the emulated shop as in the real one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from syncd.emulator.woocommerce import Taking, Till
from syncd.emulator.woocommerce_orders_records import Coupon, Order, TaxRate
from tests.emulator.woocommerce_caller import Caller
from tests.emulator.woocommerce_shapes import ORDER, REFUND, shape


class Shop(Caller):
    """An emulated shop with a product on the shelf."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.tea = self.shelf.add_simple("TEA", "Green tea", "9.50", 20)

    @property
    def till(self) -> Till:
        return self.shop.till

    def stock(self) -> Any:
        return self.shelf[self.tea.id].stock_quantity

    def sell(self, quantity: int = 1, **more: Any) -> Order:
        return self.till.place((self.tea.id, quantity), **more)

    def ids(self, query: str = "", path: str = "/orders") -> list[int]:
        return [row["id"] for row in self.get(path, query)]


def test_an_order_has_the_real_shape() -> None:
    """Made and refunded as in the recordings, it has their fields in their order, and their amounts."""
    shop = Shop()
    lines = [{"product_id": shop.tea.id, "quantity": 2}]
    freight = [{"method_id": "flat_rate", "method_title": "Flat", "total": "5.00"}]
    fees = [{"name": "Gift wrap", "total": "2.00", "tax_status": "none"}]
    made = shop.post(
        "/orders",
        status="processing",
        set_paid=True,
        line_items=lines,
        shipping_lines=freight,
        fee_lines=fees,
    )
    line = made["line_items"][0]["id"]
    back = shop.post(f"/orders/{made['id']}/refunds", amount="9.50", line_items=[{"id": line, "quantity": 1}])
    row = shop.get(f"/orders/{made['id']}")
    assert shape(row) == ORDER
    assert shape(back) == REFUND
    assert (row["total"], row["shipping_total"], row["refunds"][0]["total"]) == ("26.00", "5.00", "-9.50")
    tags = {each["key"]: each["value"] for each in row["line_items"][0]["meta_data"]}
    assert tags == {"_reduced_stock": "1", "_restock_refunded_items": "1"}


def test_refunds_across_orders_name_their_order() -> None:
    """The list across orders has one field more, and does not exist before 9.0."""
    shop = Shop()
    order = shop.sell()
    shop.till.refund(order, {order.lines[0].id: 1})
    [row] = shop.get("/refunds")
    assert row["parent_id"] == order.id
    assert shape({name: value for name, value in row.items() if name != "parent_id"}) == REFUND
    shop.settings.refunds_endpoint = False
    assert shop.refusal("GET", "/refunds") == (404, "rest_no_route")


def test_the_worked_order_comes_to_its_total() -> None:
    """Three at 23.00 with 15 % in them, 10 % off, shipping 5.00 (reference section 7.4)."""
    shop = Shop(calc_taxes=True, prices_include_tax=True)
    shop.till.tax_rates = [TaxRate(1, Decimal(15))]
    shop.till.coupons = {"ten": Coupon("ten", Decimal(10))}
    order = shop.till.place(Taking(shop.tea.id, 3, "23.00"), shipping="5.00", coupons=["ten"])
    row = shop.get(f"/orders/{order.id}")
    assert [row[name] for name in ("discount_total", "discount_tax", "shipping_total", "shipping_tax")] == [
        "6.00",
        "0.90",
        "5.00",
        "0.75",
    ]
    assert [row[name] for name in ("cart_tax", "total_tax", "total")] == ["8.10", "8.85", "67.85"]
    [line] = row["line_items"]
    assert (line["subtotal"], line["total"], line["total_tax"], line["price"]) == (
        "60.00",
        "54.00",
        "8.10",
        18,
    )
    assert line["taxes"] == [{"id": 1, "total": "8.10", "subtotal": "9.00"}]
    assert row["coupon_lines"][0]["discount"] == "6"
    assert row["tax_lines"][0]["rate_percent"] == 15


def test_dp_shows_what_is_kept() -> None:
    """A line keeps six decimals and an untouched tax; what counts is rounded line by line."""
    shop = Shop(calc_taxes=True, prices_include_tax=True)
    shop.till.tax_rates = [TaxRate(1, Decimal(15))]
    order = shop.till.place(Taking(shop.tea.id, 1, "15.00"), Taking(shop.tea.id, 1, "15.00"))
    row = shop.get(f"/orders/{order.id}", "dp=6")
    assert (row["line_items"][0]["total"], row["line_items"][0]["total_tax"]) == ("13.043478", "1.960000")
    assert (row["cart_tax"], row["total"]) == ("3.920000", "30.000000")
    assert shop.get(f"/orders/{order.id}")["line_items"][0]["total"] == "13.04"


def test_a_half_cent_of_tax_goes_down_where_prices_include_it() -> None:
    """PHP rounds a half up, WooCommerce rounds a tax's half down in an inclusive shop."""
    taxes = {}
    for inclusive, price in ((True, "0.055"), (False, "0.10")):
        shop = Shop(calc_taxes=True, prices_include_tax=inclusive)
        shop.till.tax_rates = [TaxRate(1, Decimal(10 if inclusive else 5))]
        order = shop.till.place(Taking(shop.tea.id, 1, price))
        taxes[inclusive] = (order.lines[0].taxes[1][0], shop.get(f"/orders/{order.id}")["total_tax"])
    half = Decimal("0.005")
    assert taxes == {True: (half, "0.00"), False: (half, "0.01")}


@pytest.mark.parametrize(
    ("status", "stock", "paid"),
    [
        ("pending", 20, False),
        ("processing", 18, True),
        ("on-hold", 18, False),
        ("completed", 18, True),
        ("failed", 20, False),
    ],
)
def test_stock_leaves_the_shelf_by_status(status: str, stock: int, paid: bool) -> None:
    """Processing, on hold and completed take goods; pending and failed do not."""
    shop = Shop()
    order = shop.sell(2, status=status)
    assert (shop.stock(), order.paid is not None) == (stock, paid)


def test_stock_is_taken_once_and_comes_back() -> None:
    """Held, processed and completed is one sale; cancelled puts it back, and no mark is left."""
    shop = Shop()
    order = shop.sell(2, status="pending")
    for status in ("on-hold", "processing", "completed"):
        shop.put(f"/orders/{order.id}", status=status)
    assert shop.stock() == 18
    row = shop.put(f"/orders/{order.id}", status="cancelled")
    assert shop.stock() == 20
    assert row["line_items"][0]["meta_data"] == []


def test_a_variation_sells_from_where_its_stock_is() -> None:
    """Its own, or that of the parent which manages it."""
    shop = Shop()
    parent = shop.shelf.add_variable("TEE", "T-shirt", stock=40)
    shared = shop.shelf.add_variation(parent, "TEE-S", "25")
    own = shop.shelf.add_variation(parent, "TEE-M", "25", 5)
    order = shop.till.place((shared.id, 2), (own.id, 1))
    assert (shop.shelf[parent.id].stock_quantity, shop.shelf[own.id].stock_quantity) == (38, 4)
    line = shop.get(f"/orders/{order.id}")["line_items"][0]
    assert (line["product_id"], line["variation_id"], line["parent_name"]) == (
        parent.id,
        shared.id,
        "T-shirt",
    )


def test_a_deleted_product_leaves_its_line() -> None:
    """The SKU is looked up live and is null then; the id stays."""
    shop = Shop()
    order = shop.sell()
    shop.shelf.delete(shop.tea.id)
    [line] = shop.get(f"/orders/{order.id}")["line_items"]
    assert (line["sku"], line["product_id"], line["name"]) == (None, shop.tea.id, "Green tea")


def test_cash_on_delivery_is_paid_when_completed() -> None:
    """Trap 16: processing without a date of payment."""
    shop = Shop()
    order = shop.sell(payment_method="cod")
    assert shop.get(f"/orders/{order.id}")["date_paid"] is None
    shop.till.complete(order)
    assert shop.get(f"/orders/{order.id}")["date_paid_gmt"] == "2026-11-21T10:00:00"


@pytest.mark.parametrize(("hpos", "moved"), [(True, True), (False, False)])
@pytest.mark.parametrize("body", [{}, {"meta_data": [{"key": "_so", "value": "SO-1"}]}])
def test_what_moves_the_stamp_depends_on_the_storage(hpos: bool, moved: bool, body: dict[str, Any]) -> None:
    """Trap 15: a save of meta or of nothing moves date_modified with HPOS alone; a note never does."""
    shop = Shop(hpos=hpos)
    order = shop.sell()
    shop.clock.pass_by(60)
    shop.post(f"/orders/{order.id}/notes", note="hello")
    assert shop.get(f"/orders/{order.id}")["date_modified_gmt"] == "2026-11-21T10:00:00"
    shop.put(f"/orders/{order.id}", **body)
    assert (shop.get(f"/orders/{order.id}")["date_modified_gmt"] == "2026-11-21T10:01:00") is moved


def test_only_a_full_refund_ends_an_order() -> None:
    """Trap 19: two halves leave it as it was, all at once makes it refunded; both move the stamp."""
    shop = Shop()
    halves, whole = shop.sell(), shop.sell()
    shop.clock.pass_by(60)
    for _ in range(2):
        shop.till.refund(halves, amount="4.75")
    shop.till.refund(whole, {whole.lines[0].id: 1})
    assert [halves.status, whole.status] == ["processing", "refunded"]
    assert halves.modified == whole.modified == int(shop.clock.now.timestamp())
    assert shop.stock() == 19


def test_the_bin_is_in_no_list() -> None:
    """By its id it is there, in lists only when asked for; a second time it is 410, then gone."""
    shop = Shop()
    order = shop.sell()
    assert shop.send("DELETE", f"/orders/{order.id}").status == 200
    assert shop.ids() == []
    assert shop.ids("status=trash") == [order.id]
    assert shop.get(f"/orders/{order.id}")["status"] == "trash"
    assert shop.refusal("DELETE", f"/orders/{order.id}") == (410, "woocommerce_rest_already_trashed")
    shop.send("DELETE", f"/orders/{order.id}", "force=true")
    assert shop.refusal("GET", f"/orders/{order.id}") == (404, "woocommerce_rest_shop_order_invalid_id")
    assert shop.refusal("PUT", f"/orders/{order.id}", body={"status": "completed"})[0] == 400


def test_lists_are_filtered_sorted_and_paged() -> None:
    """By change after a second that is left out, by status, by ids, newest first by default."""
    shop = Shop()
    first, second = shop.sell(), shop.sell(status="pending")
    shop.clock.pass_by(60)
    third = shop.sell()
    assert shop.ids() == [third.id, second.id, first.id]
    assert shop.ids("modified_after=2026-11-21T10:00:00&dates_are_gmt=true") == [third.id]
    assert shop.ids("modified_after=2026-11-21T09:59:59&dates_are_gmt=true&orderby=modified&order=asc") == [
        first.id,
        second.id,
        third.id,
    ]
    assert shop.ids("status=pending,on-hold") == [second.id]
    assert shop.ids(f"include={third.id},{first.id}&orderby=include") == [third.id, first.id]
    answer = shop.send("GET", "/orders", "per_page=2&page=2")
    assert (answer.headers["X-WP-Total"], answer.headers["X-WP-TotalPages"]) == ("3", "2")
    assert 'rel="prev"' in answer.headers["Link"]
    assert shop.ids("page=9") == []


def test_a_z_beside_the_flag_hides_half_a_day() -> None:
    """Trap 1 holds for orders too."""
    shop = Shop()
    order = shop.sell()
    shop.clock.pass_by(60)
    assert shop.ids("modified_after=2026-11-21T09:00:00Z&dates_are_gmt=true") == []
    assert shop.ids("modified_after=2026-11-21T09:00:00&dates_are_gmt=true") == [order.id]


@pytest.mark.parametrize("query", ["status=archived", "per_page=101", "orderby=price", "modified_after=soon"])
def test_what_cannot_be_read_is_refused(query: str) -> None:
    """A known parameter with a wrong value is a 400; an unknown one means nothing."""
    shop = Shop()
    assert shop.refusal("GET", "/orders", query) == (400, "rest_invalid_param")
    assert shop.ids("changed_since=yesterday") == []


def test_a_late_order_is_stamped_before_it_is_seen() -> None:
    """Neither list nor id shows it until then."""
    shop = Shop()
    order = shop.sell(late=30)
    assert shop.ids() == []
    assert shop.refusal("GET", f"/orders/{order.id}")[0] == 404
    shop.clock.pass_by(30)
    assert shop.ids() == [order.id]
    assert shop.get(f"/orders/{order.id}")["date_modified_gmt"] == "2026-11-21T10:00:00"


def test_editing_a_line_moves_amounts_and_stock() -> None:
    """A person makes it three: the total and the shelf follow."""
    shop = Shop()
    order = shop.sell()
    shop.till.edit(order, order.lines[0], 3)
    assert (shop.get(f"/orders/{order.id}")["total"], shop.stock()) == ("28.50", 17)


def test_a_key_without_rights_sees_no_orders() -> None:
    """Reading and writing are refused as they are for products."""
    shop = Shop(rights="none")
    assert shop.refusal("GET", "/orders") == (403, "woocommerce_rest_cannot_view")
    shop.settings.rights = "view"
    order = shop.sell()
    assert shop.refusal("PUT", f"/orders/{order.id}", body={"status": "completed"}) == (
        403,
        "woocommerce_rest_cannot_edit",
    )


def test_who_is_mailed() -> None:
    """A status that tells the buyer something, and a note for them; a note for the staff mails nobody."""
    shop = Shop()
    order = shop.sell(status="pending")
    shop.post(f"/orders/{order.id}/notes", note="for us", customer_note=False)
    shop.post(f"/orders/{order.id}/notes", note="for you", customer_note=True)
    shop.put(f"/orders/{order.id}", status="completed")
    assert shop.till.mails == [(order.id, "note"), (order.id, "completed")]
    assert [each["note"] for each in shop.get(f"/orders/{order.id}/notes")] == ["for you", "for us"]

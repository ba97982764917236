"""The emulated WooCommerce can be set up, seeded, slowed and broken as shops are in the wild."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from syncd.emulator.wire import AnswerLost
from syncd.emulator.woocommerce import Quota, Shelf
from tests.emulator.woocommerce_caller import Caller


@pytest.fixture
def caller() -> Caller:
    return Caller()


@pytest.mark.parametrize(
    ("group", "name", "value"),
    [
        ("general", "woocommerce_currency", "NZD"),
        ("general", "woocommerce_price_num_decimals", "2"),
        ("general", "woocommerce_calc_taxes", "no"),
        ("tax", "woocommerce_prices_include_tax", "no"),
        ("products", "woocommerce_manage_stock", "yes"),
    ],
)
def test_settings_can_be_read(caller: Caller, group: str, name: str, value: str) -> None:
    """Each setting is found alone and in its group, as text."""
    assert caller.get(f"/settings/{group}/{name}")["value"] == value
    assert value in [row["value"] for row in caller.get(f"/settings/{group}") if row["id"] == name]


def test_settings_follow_the_shop(caller: Caller) -> None:
    """What a test sets up is what the shop says about itself."""
    caller.settings.prices_include_tax, caller.settings.currency = True, "EUR"
    assert caller.get("/settings/tax/woocommerce_prices_include_tax")["value"] == "yes"
    status = caller.get("/system_status", "_fields=environment.version,settings.currency")
    assert status == {"environment": {"version": "11.0.1"}, "settings": {"currency": "EUR"}}


def test_unknown_settings(caller: Caller) -> None:
    """An unknown setting and an unknown group are 404 with codes of their own."""
    assert caller.refusal("GET", "/settings/tax/nope") == (404, "rest_setting_setting_invalid")
    assert caller.refusal("GET", "/settings/nope") == (404, "rest_setting_setting_group_invalid")


def test_answers_carry_the_servers_clock(caller: Caller) -> None:
    """The Date header is the emulator's clock, and answers are JSON that no cache may keep."""
    headers = caller.send("GET", "/products").headers
    assert headers["Date"] == "Sat, 21 Nov 2026 10:00:00 GMT"
    assert headers["Content-Type"] == "application/json; charset=UTF-8"
    assert "no-store" in headers["Cache-Control"]


def test_calls_are_remembered(caller: Caller) -> None:
    """Each call is kept with its kind, and what changed something is told apart."""
    item = caller.shelf.add_simple("MUG", "Mug", "5", 1)
    caller.get("/products", "per_page=5")
    caller.send("PUT", "/products/999", body={"stock_quantity": 1})
    caller.put(f"/products/{item.id}", stock_quantity=2)
    kinds = [(call.method, call.status, call.kind, call.changed) for call in caller.shop.calls]
    assert kinds == [("GET", 200, "read", 0), ("PUT", 400, "write", 0), ("PUT", 200, "write", 1)]
    assert caller.shop.calls[0].query == "per_page=5"
    assert (caller.shop.count(), caller.shop.count("PUT"), caller.shop.count(kind="read")) == (3, 2, 1)
    assert caller.shop.count(path="/999") == 1
    assert caller.shop.writes() == [caller.shop.calls[2]]


def test_a_lost_answer_was_carried_out(caller: Caller) -> None:
    """The write is in, the caller does not know, and the call is counted."""
    item = caller.shelf.add_simple("MUG", "Mug", "5", 1)
    caller.shop.faults.add("lose")
    with pytest.raises(AnswerLost):
        caller.put(f"/products/{item.id}", stock_quantity=2)
    assert item.stock_quantity == 2
    assert len(caller.shop.writes()) == 1


def test_a_fault_in_front_of_the_shop_counts_as_a_call(caller: Caller) -> None:
    """A challenge page of a firewall is HTML; the call was made and changed nothing."""
    caller.shop.faults.add("status", status=403)
    answer = caller.send("POST", "/products", body={"name": "Mug"})
    assert (answer.status, answer.headers["content-type"]) == (403, "text/html")
    assert [(call.status, call.changed) for call in caller.shop.calls] == [(403, 0)]


@pytest.mark.parametrize(
    ("form", "header"),
    [("seconds", "60"), ("date", "Sat, 21 Nov 2026 10:01:00 GMT"), ("absent", None)],
)
def test_a_host_that_limits(caller: Caller, form: Any, header: str | None) -> None:
    """Over the limit comes 429 with HTML until the window ends, with or without Retry-After."""
    caller.settings.quota = Quota(2, seconds=60, retry_after=form)
    assert [caller.send("GET", "/products").status for _ in range(3)] == [200, 200, 429]
    refused = caller.send("GET", "/products")
    assert refused.headers.get("Retry-After") == header
    assert refused.headers["Content-Type"].startswith("text/html")
    caller.clock.pass_by(60)
    assert caller.send("GET", "/products").status == 200


def test_pages_instead_of_answers(caller: Caller) -> None:
    """A coming-soon page is HTML with 200, a PHP notice stands before the JSON."""
    caller.settings.html_pages = True
    answer = caller.send("GET", "/products")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=UTF-8")
    caller.settings.html_pages, caller.settings.php_notice = False, True
    answer = caller.send("GET", "/products")
    assert answer.body().startswith(b"<br />")
    assert answer.body().endswith(b"[]")


def test_a_page_cache_repeats_itself(caller: Caller) -> None:
    """A cached answer is old, says so, and another query gets past it."""
    caller.settings.page_cache_seconds = 300
    caller.get("/products")
    caller.shelf.add_simple("MUG", "Mug")
    caller.clock.pass_by(10)
    stale = caller.send("GET", "/products")
    assert (json.loads(stale.body()), stale.headers["X-Cache"], stale.headers["Age"]) == ([], "HIT", "10")
    assert caller.skus("fresh=1") == ["MUG"]
    caller.clock.pass_by(300)
    assert caller.skus("") == ["MUG"]


def test_time_costs_are_virtual(caller: Caller) -> None:
    """A batch costs by the item, the clock hears of it as it goes, and stamps differ accordingly."""
    ids = [caller.shelf.add_simple(f"P-{at}", "P", "5", 1).id for at in range(3)]
    caller.settings.call_seconds, caller.settings.batch_item_seconds = 1.0, 2.0
    caller.shop.on_cost = caller.clock.pass_by
    caller.post("/products/batch", update=[{"id": each, "stock_quantity": 2} for each in ids])
    assert caller.shop.calls[-1].seconds == 7.0
    stamps = [caller.shelf[each].modified for each in ids]
    assert [stamp - stamps[0] for stamp in stamps] == [0, 2, 4]


def test_a_host_that_gives_up(caller: Caller) -> None:
    """A batch over the host's time limit is answered 504, with the items so far saved."""
    ids = [caller.shelf.add_simple(f"P-{at}", "P", "5", 1).id for at in range(5)]
    caller.settings.batch_item_seconds, caller.settings.time_limit = 10.0, 25.0
    answer = caller.send(
        "POST", "/products/batch", body={"update": [{"id": each, "stock_quantity": 2} for each in ids]}
    )
    assert answer.status == 504
    assert [caller.shelf[each].stock_quantity for each in ids] == [2, 2, 2, 1, 1]


@dataclass(frozen=True)
class Goods:
    """A catalogue's record, as far as a shop is stocked from it."""

    code: str
    price: Decimal | None = Decimal("9.5000")
    stock: Decimal | None = Decimal("7.5")
    parent: str | None = None
    option: str | None = None

    @property
    def guid(self) -> str:
        return f"guid-{self.code}"

    @property
    def name(self) -> str:
        return f"Goods {self.code}"


def test_a_shop_is_stocked_from_a_catalogue() -> None:
    """Products stand alone or as variations; prices get two decimals, stock whole units."""
    goods = [Goods("A"), Goods("TEE-S", parent="T-shirt", option="S"), Goods("TEE-M", parent="T-shirt")]
    shelf = Shelf.from_catalogue([*goods, Goods("B", price=None, stock=None), Goods("a")])
    by_sku = {item.sku: item for item in shelf.all()}
    assert set(by_sku) == {"", "TEE-S", "TEE-M", "A", "B"}
    assert (by_sku["A"].regular_price, by_sku["A"].stock_quantity) == ("9.50", 7)
    assert (by_sku["B"].regular_price, by_sku["B"].manage_stock) == ("", False)
    assert (by_sku[""].type, by_sku[""].name) == ("variable", "T-shirt")
    assert by_sku["TEE-S"].parent_id == by_sku[""].id
    assert [item.attributes[0]["option"] for item in shelf.children(by_sku[""].id)] == ["S", "TEE-M"]


def test_a_parent_may_be_a_record_itself() -> None:
    """A record that others name as parent, by guid or code, becomes their variable product."""
    for named in ("TEE", "guid-TEE"):
        shelf = Shelf.from_catalogue([Goods("TEE"), Goods("TEE-S", parent=named, option="S")])
        assert [(item.type, item.sku) for item in shelf.all()] == [
            ("variable", "TEE"),
            ("variation", "TEE-S"),
        ]


@pytest.mark.parametrize(("share", "listed"), [(0.0, 0), (0.5, 50), (0.9, 90), (1.0, 100)])
def test_a_shop_may_list_a_part(share: float, listed: int) -> None:
    """The share of a catalogue that is put up is spread evenly, the same every time."""
    goods = [Goods(f"P-{at}") for at in range(100)]
    shelves = [Shelf.from_catalogue(goods, share_listed=share) for _ in range(2)]
    assert [len(shelf) for shelf in shelves] == [listed, listed]
    assert [item.sku for item in shelves[0].all()] == [item.sku for item in shelves[1].all()]


def test_a_field_nobody_knows_is_a_mistake(caller: Caller) -> None:
    """A test that edits a misspelt field is told so."""
    item = caller.shelf.add_simple("MUG", "Mug")
    with pytest.raises(KeyError):
        caller.shelf.edit(item.id, regular_prize="5")


def test_ten_thousand_products_are_no_trouble(caller: Caller) -> None:
    """A large shelf is found by SKU, and a change feed over it sees only what changed."""
    for at in range(10_000):
        caller.shelf.add_simple(f"P-{at}", "P", "5", 1)
    caller.clock.pass_by(60)
    caller.shelf.edit(caller.shelf.with_sku("p-4711")[0].id, stock=2)
    since = "modified_after=2026-11-21T10:00:30&dates_are_gmt=true&orderby=modified&order=asc"
    assert caller.skus(since) == ["P-4711"]
    assert caller.skus("sku=P-9999") == ["P-9999"]
    assert caller.send("GET", "/products", "per_page=100&page=50").headers["X-WP-TotalPages"] == "100"

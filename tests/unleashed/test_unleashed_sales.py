"""Sales orders are written the same every time, posted once, and found by guid, number and source."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from syncd.core.order import Address
from syncd.core.sale import SaleFound
from syncd.emulator.wire import Request
from syncd.errors import BadAnswer, OutcomeUnknown, RequestRefused
from syncd.unleashed.client import FilterIgnored, Unleashed
from syncd.unleashed.sales import (
    changed_sales,
    complete_sale,
    payload,
    post_sale,
    sale_by_guid,
    sales_by_number,
    sales_by_source_id,
)
from tests.unleashed.unleashed_sale import (
    FREIGHT,
    JANE,
    ORDER,
    OTHER,
    SALE,
    TEA,
    numbered_sale,
    stocked_world,
)
from tests.unleashed.unleashed_world import START, STRANGER, Canned, World, answer, client_of, page


def row(guid: object = ORDER, **fields: object) -> dict[str, object]:
    """Return an order's row as Unleashed sends it; keywords replace its fields."""
    return {
        "Guid": guid,
        "OrderNumber": "WEB-88210",
        "OrderStatus": "Parked",
        "SourceId": "shop:88210",
        "SubTotal": 24.0,
        "TaxTotal": 3.6,
        "Total": 27.6,
        **fields,
    }


def is_post(request: Request) -> bool:
    return request.method == "POST"


def numbers(client: Unleashed, hours_ago: float | None = None, *, deleted: bool = False) -> list[str]:
    since = None if hours_ago is None else START - timedelta(hours=hours_ago)
    pages = changed_sales(client, since, deleted=deleted)
    return [sale.order_number for found in pages for sale in found.rows]


# Writing


def test_payload_of_the_reference() -> None:
    """The payload is the order of the reference: numbers with the digits they have, and no blanks."""
    text = payload(SALE).decode()
    assert '"UnitPrice":9.50,' in text
    assert '"TaxRate":0.15,' in text
    assert text.endswith('"SubTotal":24.00,"TaxTotal":3.60,"Total":27.60}')
    said = json.loads(text)
    assert said["OrderDate"] == "2026-01-15T00:00:00"
    assert said["Customer"] == {"Guid": JANE}
    assert (said["DeliveryName"], said["DeliveryPostCode"]) == ("Jane Doe, Acme", "1010")
    assert "DeliverySuburb" not in said
    assert said["SalesOrderLines"][1] == {
        "Guid": "a0000000-0000-5000-8000-000000000002",
        "LineNumber": 2,
        "Product": {"Guid": "0b7f0c52-6f0e-4f0a-9d3b-2a5f7a1c9e02"},
        "OrderQuantity": 1,
        "UnitPrice": 5.0,
        "DiscountRate": 0,
        "LineTotal": 5.0,
        "LineTax": 0.75,
        "LineTaxCode": "GST",
        "TaxRate": 0.15,
    }


def test_payload_is_always_the_same() -> None:
    """The same order gives the same bytes, whatever form its numbers and guids have."""
    assert payload(SALE) == payload(replace(SALE, guid=ORDER.upper()))
    tiny = replace(SALE, total=Decimal("1E+2"), sub_total=Decimal("1E-8"))
    assert b'"SubTotal":0.00000001,"TaxTotal":3.60,"Total":100}' in payload(tiny)


def test_what_is_not_known_is_left_out() -> None:
    """Without warehouse, rate, comments and address the payload does not mention them."""
    bare = replace(SALE, warehouse=None, exchange_rate=None, comments="", delivery=Address(), customer_ref="")
    said = json.loads(payload(bare))
    assert set(json.loads(payload(SALE))) - set(said) == {
        "Warehouse",
        "ExchangeRate",
        "Comments",
        "CustomerRef",
        "DeliveryName",
        "DeliveryStreetAddress",
        "DeliveryCity",
        "DeliveryPostCode",
    }


@pytest.mark.parametrize("total", ["NaN", "Infinity"])
def test_amounts_that_are_none(total: str) -> None:
    """No amount that is no number gets into a payload."""
    with pytest.raises(ValueError, match="is no amount"):
        payload(replace(SALE, total=Decimal(total)))


def test_half_characters_are_refused() -> None:
    """A text that is no Unicode does not get into a payload."""
    with pytest.raises(ValueError, match="surrogate"):
        payload(replace(SALE, comments="\ud800"))


def test_code_stands_in_for_a_missing_guid() -> None:
    """A customer or product whose guid is not known is named by its code."""
    said = json.loads(payload(replace(SALE, customer_guid="")))
    assert said["Customer"] == {"CustomerCode": "WEB-1"}


# Posting


def test_codes_exchanged_meanwhile_do_not_matter() -> None:
    """Two products that swapped codes after the payload was written are still the ones that were sold."""
    world = stocked_world()
    body = payload(SALE)
    for guid, code in ((TEA, "X"), (FREIGHT, "TEA-100"), (TEA, "FREIGHT")):
        world.books.change_product(guid, code=code)
    post_sale(world.client(), body)
    assert [line.product for line in world.emulator.sales.orders.get(ORDER).lines] == [TEA, FREIGHT]


@pytest.mark.parametrize("order_totals", ["sums", "lines", "recompute"])
@pytest.mark.parametrize("rate_needed", [True, False])
def test_order_is_posted_in_one_call(order_totals: str, rate_needed: bool) -> None:
    """The order is taken however totals are judged, and the answer says what is stored."""
    world = stocked_world(order_totals=order_totals, exchange_rate_needed=rate_needed)
    found = post_sale(world.client(), payload(SALE))
    assert found == SaleFound(
        guid=ORDER,
        order_number="WEB-88210",
        status="Parked",
        source_id="shop:88210",
        sub_total=Decimal(24),
        tax_total=Decimal("3.6"),
        total=Decimal("27.6"),
        lines=2,
        customer_guid=JANE,
        customer_code="WEB-1",
        modified=START,
    )
    assert [(call.method, call.path) for call in world.emulator.calls] == [("POST", f"/SalesOrders/{ORDER}")]


def test_recomputed_totals_are_told() -> None:
    """If the server replaces the figures, the answer tells what it made of them."""
    world = stocked_world(order_totals="recompute")
    wrong = replace(SALE, sub_total=Decimal(380), tax_total=Decimal(10), total=Decimal(390))
    found = post_sale(world.client(), payload(wrong))
    assert (found.sub_total, found.tax_total, found.total) == (Decimal(24), Decimal("3.6"), Decimal("27.6"))


@pytest.mark.parametrize("status", [400, 422])
def test_refused_order(status: int) -> None:
    """A refusal carries the vendor's words, and nothing is stored."""
    world = stocked_world(validation_status=status)
    off = replace(SALE, tax_total=Decimal("3.61"))
    with pytest.raises(RequestRefused, match=r"TaxTotal is 3\.61 but the lines come to 3\.60"):
        post_sale(world.client(), payload(off))
    assert sale_by_guid(world.client(), ORDER) is None


@pytest.mark.parametrize("repeated", ["update", "refuse"])
@pytest.mark.parametrize("kind", ["lose", "half", "truncate"])
def test_lost_answer_then_look(kind: str, repeated: str) -> None:
    """An order whose answer got lost is found by guid and by source, and is there once."""
    world = stocked_world(repeated_order=repeated)
    world.emulator.faults.add(kind, match=is_post)  # type: ignore[arg-type]
    with pytest.raises(OutcomeUnknown):
        post_sale(world.client(), payload(SALE))
    found = sale_by_guid(world.client(), ORDER)
    assert found is not None
    assert found.total == Decimal("27.6")
    assert sales_by_source_id(world.client(), "shop:88210") == [found]
    assert len(world.emulator.sales.orders.register.all()) == 1


@pytest.mark.parametrize("kind", ["html", "empty", "status"])
def test_answers_without_an_order_are_in_doubt(kind: str) -> None:
    """A web page, nothing, or a 5xx does not say whether the order was taken; a look does."""
    world = stocked_world()
    world.emulator.faults.add(kind, match=is_post)  # type: ignore[arg-type]
    with pytest.raises(OutcomeUnknown):
        post_sale(world.client(), payload(SALE))
    assert sale_by_guid(world.client(), ORDER) is None


@pytest.mark.parametrize("stored", [row(OTHER), row(Total="many"), [], 17])
def test_unusable_answers_are_in_doubt(stored: object) -> None:
    """A 201 that shows another order, or none that can be read, is not believed."""
    with pytest.raises(OutcomeUnknown, match="does not show this order"):
        post_sale(client_of(Canned(answer(stored, 201))), payload(SALE))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"Guid":"x"}'])
def test_payload_without_guid_is_not_sent(body: bytes) -> None:
    """What is no payload goes nowhere."""
    world = stocked_world()
    with pytest.raises(ValueError):  # noqa: PT011
        post_sale(world.client(), body)
    assert world.emulator.count() == 0


@pytest.mark.parametrize("deleted_order", ["shown", "missing"])
def test_repeated_post_of_a_deleted_order_is_refused(deleted_order: str) -> None:
    """Whether a deleted order is shown or not, posting it again brings nothing back."""
    world = stocked_world(deleted_order=deleted_order)
    post_sale(world.client(), payload(SALE))
    world.emulator.sales.orders.deleted(ORDER, world.emulator.settings)
    found = sale_by_guid(world.client(), ORDER)
    assert (found.status if found else None) == ("Deleted" if deleted_order == "shown" else None)
    with pytest.raises(RequestRefused, match="Deleted and cannot be changed"):
        post_sale(world.client(), payload(SALE))


@pytest.mark.parametrize("rule", ["refuse", "allow"])
def test_number_that_is_taken(rule: str) -> None:
    """A second order with a number is refused, or there are two of that number."""
    world = stocked_world(duplicate_order_number=rule)
    post_sale(world.client(), payload(SALE))
    second = payload(numbered_sale(OTHER, "WEB-88210"))
    if rule == "refuse":
        with pytest.raises(RequestRefused, match="already in use"):
            post_sale(world.client(), second)
    else:
        post_sale(world.client(), second)
    assert len(sales_by_number(world.client(), "WEB-88210")) == (1 if rule == "refuse" else 2)


# Completing


@pytest.mark.parametrize("complete_answer", ["order", "empty"])
def test_complete(complete_answer: str) -> None:
    """Completing is one call whose answer may hold the order or nothing."""
    world = stocked_world(complete_answer=complete_answer)
    post_sale(world.client(), payload(SALE))
    found = complete_sale(world.client(), ORDER)
    assert (found is None) == (complete_answer == "empty")
    after = sale_by_guid(world.client(), ORDER)
    assert after is not None
    assert (after.status, after.completed) == ("Completed", START)
    with pytest.raises(RequestRefused, match="cannot be changed"):
        complete_sale(world.client(), ORDER)


def test_tracked_products_cannot_be_completed() -> None:
    """A refusal to complete says what is missing, and the order stays as it is."""
    world = stocked_world()
    world.books.change_product("0b7f0c52-6f0e-4f0a-9d3b-2a5f7a1c9e01", batch_tracked=True)
    post_sale(world.client(), payload(SALE))
    with pytest.raises(RequestRefused, match="Assign serial or batch numbers to TEA-100"):
        complete_sale(world.client(), ORDER)


def test_completing_with_a_lost_answer() -> None:
    """Whether an order was completed without an answer is seen by its status."""
    world = stocked_world()
    post_sale(world.client(), payload(SALE))
    world.emulator.faults.add("lose", match=is_post)
    with pytest.raises(OutcomeUnknown):
        complete_sale(world.client(), ORDER)
    found = sale_by_guid(world.client(), ORDER)
    assert found is not None
    assert found.status == "Completed"


def test_completing_what_is_not_there() -> None:
    """Completing an unknown order is refused."""
    with pytest.raises(RequestRefused):
        complete_sale(World().client(), ORDER)


# Looking


@pytest.mark.parametrize("number_filter", ["prefix", "exact"])
def test_number_is_compared_whole(number_filter: str) -> None:
    """490118 does not find 4901180, on whichever page it stands."""
    world = stocked_world(order_number_filter=number_filter)
    post_sale(world.client(), payload(numbered_sale(OTHER, "4901180")))
    world.clock.sleep(1)
    post_sale(world.client(), payload(numbered_sale(ORDER, "490118")))
    assert [sale.guid for sale in sales_by_number(world.client(1), "490118")] == [ORDER]
    assert sales_by_number(world.client(), "49011") == sales_by_number(world.client(), " ") == []


@pytest.mark.parametrize("source_filter", ["prefix", "exact"])
@pytest.mark.parametrize("shows_deleted", [True, False])
def test_source_is_compared_whole(source_filter: str, shows_deleted: bool) -> None:
    """shop:1 does not find shop:10; a deleted order may hide from it."""
    world = stocked_world(source_id_filter=source_filter, source_id_shows_deleted=shows_deleted)
    post_sale(world.client(), payload(numbered_sale(OTHER, "A", "shop:10")))
    post_sale(world.client(), payload(numbered_sale(ORDER, "B", "shop:1")))
    assert [sale.guid for sale in sales_by_source_id(world.client(1), "shop:1")] == [ORDER]
    world.emulator.sales.orders.deleted(ORDER, world.emulator.settings)
    found = sales_by_source_id(world.client(), "shop:1")
    assert [sale.status for sale in found] == (["Deleted"] if shows_deleted else [])


def test_deleted_orders_are_asked_for_alone() -> None:
    """Deleted orders are in no list but the one that asks for them."""
    world = stocked_world()
    post_sale(world.client(), payload(SALE))
    world.emulator.sales.orders.deleted(ORDER, world.emulator.settings)
    assert numbers(world.client(), 1) == []
    assert sales_by_number(world.client(), "WEB-88210") == []
    assert numbers(world.client(), 1, deleted=True) == ["WEB-88210"]
    assert [sale.status for sale in sales_by_number(world.client(), "WEB-88210", deleted=True)] == ["Deleted"]


def test_ignored_filters_are_told() -> None:
    """If orders come that do not even begin with what was asked for, the filter has no effect."""
    server = Canned(page([row(), row(OTHER, OrderNumber="SO-1", SourceId=None)]))
    with pytest.raises(FilterIgnored, match="orderNumber"):
        sales_by_number(client_of(server), "WEB-88210")
    with pytest.raises(FilterIgnored, match="sourceId"):
        sales_by_source_id(client_of(server), "shop:88210")


def test_order_is_seen_late() -> None:
    """A new order may be absent for a while, by guid and by source, and then is there."""
    world = stocked_world(seen_after=timedelta(seconds=30))
    post_sale(world.client(), payload(SALE))
    assert sale_by_guid(world.client(), ORDER) is None
    assert sales_by_source_id(world.client(), "shop:88210") == []
    world.clock.sleep(30)
    assert sale_by_guid(world.client(), ORDER) is not None


def test_changed_orders() -> None:
    """The feed has what changed since, staff's edits and unknown statuses included."""
    world = stocked_world()
    post_sale(world.client(), payload(SALE))
    world.clock.sleep(7200)
    post_sale(world.client(), payload(numbered_sale(OTHER, "B")))
    assert numbers(world.client(1), -1) == ["B"]
    world.emulator.sales.orders.edit(ORDER, status="Picking")
    assert sorted(numbers(world.client(1), -1)) == ["B", "WEB-88210"]
    found = sale_by_guid(world.client(), ORDER)
    assert found is not None
    assert found.status == "Picking"


def test_rows_with_little_in_them() -> None:
    """An order without lines, customer, source and stamps is an order; a custom status is kept as it is."""
    thin = row(SourceId=None, Customer=None, OrderStatus=" Ready to go ", OrderNumber=None)
    (found,) = changed_sales(client_of(Canned(page([thin]))), None)
    (sale,) = found.rows
    assert (sale.status, sale.source_id, sale.lines, sale.customer_code) == ("Ready to go", "", None, "")
    charge = row(SalesOrderLines=[{"Product": None}], Customer={"CustomerCode": "WEB-1"})
    (found,) = changed_sales(client_of(Canned(page([charge]))), None)
    assert (found.rows[0].lines, found.rows[0].customer_guid) == (1, "")


@pytest.mark.parametrize(
    "field",
    [
        {"Guid": None},
        {"OrderStatus": None},
        {"Total": None},
        {"SubTotal": "x"},
        {"TaxTotal": []},
        {"OrderNumber": 5},
        {"SourceId": "a\0"},
        {"Customer": {"CustomerCode": 1}},
    ],
)
def test_poison_costs_only_itself(field: dict[str, object]) -> None:
    """An order that cannot be read is left out by its number; looking for it alone is an error."""
    (found,) = changed_sales(client_of(Canned(page([row(**field), row(OTHER)]))), None)
    assert [sale.guid for sale in found.rows] == [OTHER]
    (poison,) = found.poison
    assert "sales order" in poison.reason
    with pytest.raises(BadAnswer):
        sale_by_guid(client_of(Canned(answer(row(**field)))), ORDER)
    with pytest.raises(BadAnswer):
        sales_by_number(client_of(Canned(page([row(**field)]))), "WEB-88210")


def test_another_order_than_asked_for() -> None:
    """An answer about another order is not believed, and one that is not there is None."""
    with pytest.raises(BadAnswer, match="about another order"):
        sale_by_guid(client_of(Canned(answer(row(OTHER)))), ORDER)
    assert sale_by_guid(World().client(), STRANGER) is None

"""What Unleashed has, in all warehouses or in one, and what may count as nothing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from syncd.core.model import ALL_WAREHOUSES, StockRow
from syncd.emulator.wire import Response
from syncd.errors import BadAnswer
from syncd.unleashed.client import FilterIgnored
from syncd.unleashed.stock import changed_stock, stock_by_guid, stock_of
from tests.unleashed.unleashed_world import START, STRANGER, Canned, World, answer, client_of, page

GUID = "0b7f0c52-6f0e-4f0a-9d3b-2a5f7a1c9e01"


def row(warehouse: str | None = "", available: object = 19, **fields: object) -> dict[str, object]:
    """Return a stock row as Unleashed sends it; keywords replace its fields."""
    return {
        "Guid": GUID,
        "ProductGuid": GUID,
        "ProductCode": "TEA-1",
        "WarehouseCode": warehouse,
        "AvailableQty": available,
        **fields,
    }


def read(server: Canned, warehouse: str = "") -> list[StockRow]:
    return [stock for found in changed_stock(client_of(server), None, warehouse) for stock in found.rows]


def moved_world(**settings: object) -> tuple[World, str]:
    """Return a world with one product that has 24 (5 allocated) in W1 and 2 in W2."""
    world = World(**settings)
    guid = world.books.add_product("TEA-1")
    world.books.set_stock(guid, "W1", "24.5", 5)
    world.books.set_stock(guid, "W2", 2)
    return world, guid


def test_sum_over_all_warehouses() -> None:
    """Without a warehouse the rows are Unleashed's own sum, and no warehouse is asked for."""
    world, guid = moved_world()
    ((only,),) = (found.rows for found in changed_stock(world.client(), None))
    assert only == StockRow(guid, "", Decimal("21.5"), Decimal("26.5"), Decimal(5), START)
    assert "warehouse" not in world.queries[0]


@pytest.mark.parametrize("everywhere", [True, False])
def test_one_warehouse(everywhere: bool) -> None:
    """With a warehouse the rows are that warehouse's and say so."""
    world, guid = moved_world(rows_in_every_warehouse=everywhere)
    (found,) = changed_stock(world.client(), None, "W2")
    assert found.rows == (StockRow(guid, "W2", Decimal(2), Decimal(2), Decimal(0), START),)
    assert "warehouseCode=W2" in world.queries[0]


@pytest.mark.parametrize("honoured", [True, False])
@pytest.mark.parametrize("of_obsolete", [True, False])
def test_delta_of_stock(honoured: bool, of_obsolete: bool) -> None:
    """Stock that moved since the time asked for comes, and what moved long ago does not."""
    world = World(since_time_honoured=honoured, stock_of_obsolete=of_obsolete)
    old, new = world.books.add_product("OLD"), world.books.add_product("NEW")
    world.clock.moment = START - timedelta(days=9)
    world.books.set_stock(old, "W1", 1)
    world.clock.moment = START
    world.books.set_stock(new, "W1", 1)
    (found,) = changed_stock(world.client(), START - timedelta(hours=1))
    assert found.guids == {new}


def test_stock_row_of_the_documentation() -> None:
    """Quantities keep every digit, may be negative, and may come as text; missing ones are 0."""
    full = row(available="-3.25000000000001", QtyOnHand=1, AllocatedQty="4.25000000000001")
    assert read(Canned(page([full]))) == [
        StockRow(GUID, "", Decimal("-3.25000000000001"), Decimal(1), Decimal("4.25000000000001"))
    ]
    assert read(Canned(page([row(ProductGuid=None, QtyOnHand=None)]))) == [StockRow(GUID, "", Decimal(19))]


def test_product_guid_comes_before_guid() -> None:
    """If the two guids of a stock row differ, the product's counts."""
    assert read(Canned(page([row(Guid=STRANGER)])))[0].guid == GUID


def test_sum_may_name_the_only_warehouse() -> None:
    """A sum that carries the name of an account's only warehouse is still the sum."""
    assert read(Canned(page([row("MAIN")]))) == [StockRow(GUID, "", Decimal(19))]


@pytest.mark.parametrize("code", ["W1", " w1 ", "", None])
def test_rows_of_a_warehouse_carry_the_name_asked_for(code: str | None) -> None:
    """Rows that name the warehouse in another spelling, or not at all, are labelled as asked."""
    assert read(Canned(page([row(code)])), "W1") == [StockRow(GUID, "W1", Decimal(19))]


def test_warehouse_as_an_object() -> None:
    """A warehouse told as an object, as other resources do, is understood."""
    with pytest.raises(FilterIgnored):
        read(Canned(page([row(None, Warehouse={"WarehouseCode": "W2"})])), "W1")


def test_ignored_warehouse_filter_is_noticed() -> None:
    """Rows of another warehouse than the one asked for are not believed."""
    server = Canned(page([row("W1"), row("W2", Guid=STRANGER, ProductGuid=STRANGER)]))
    with pytest.raises(FilterIgnored, match="asked for W1, it answered with rows of W2"):
        read(server, "W1")
    with pytest.raises(FilterIgnored):
        stock_by_guid(client_of(Canned(page([row("W2")]))), [GUID], "W1")


def test_stock_by_guid() -> None:
    """The stock of some products comes as one page; one that never moved has no row."""
    world = World()
    wanted = world.stocked(50)
    never = world.books.add_product("NEVER")
    found = stock_by_guid(world.client(), [*wanted, never], "W1")
    assert found.guids == frozenset(wanted)
    assert {stock.warehouse for stock in found.rows} == {"W1"}
    assert world.emulator.count() == 2


def test_ignored_guid_filter_of_stock_is_noticed() -> None:
    """A stock row that was not asked for means that the filter has no effect."""
    world = World(product_id_filter="ignored")
    wanted = world.stocked(3)
    with pytest.raises(FilterIgnored, match="productId of /StockOnHand"):
        stock_by_guid(world.client(), wanted[:1])


@pytest.mark.parametrize("never_moved", ["missing", "zero"])
@pytest.mark.parametrize("wrapping", ["envelope", "list"])
@pytest.mark.parametrize("everywhere", [True, False])
def test_stock_of_one_product(never_moved: str, wrapping: str, everywhere: bool) -> None:
    """One call tells what one product has in each warehouse asked for; what has no row there is 0."""
    settings = {
        "never_moved_stock": never_moved,
        "all_warehouses": wrapping,
        "rows_in_every_warehouse": everywhere,
    }
    world = World(**settings)
    moved, never = world.books.add_product("MOVED"), world.books.add_product("NEVER")
    world.books.set_stock(moved, "W1", 24, 5)
    client = world.client()
    for guid, available in ((moved, Decimal(19)), (never, Decimal(0))):
        (total,) = stock_of(client, guid)
        assert (total.warehouse, total.available) == ("", available)
        found = stock_of(client, guid.upper(), ["W2", "W1"])
        assert {stock.guid for stock in found} == {guid}
        assert [(stock.warehouse, stock.available) for stock in found] == [
            ("W2", Decimal(0)),
            ("W1", available),
        ]
    assert world.emulator.count() == 4


@pytest.mark.parametrize("wrapping", ["envelope", "list"])
@pytest.mark.parametrize("everywhere", [True, False])
def test_sum_beside_named_warehouses(wrapping: str, everywhere: bool) -> None:
    """The sum asked for beside named warehouses is that of all of them, in its place, in the same call."""
    world, guid = moved_world(all_warehouses=wrapping, rows_in_every_warehouse=everywhere)
    never = world.books.add_product("NEVER")
    client = world.client()
    total = StockRow(guid, ALL_WAREHOUSES, Decimal("21.5"), Decimal("26.5"), Decimal(5), START)
    second = StockRow(guid, "W2", Decimal(2), Decimal(2), Decimal(0), START)
    assert stock_of(client, guid, ["W2", ALL_WAREHOUSES]) == [second, total]
    assert stock_of(client, guid, [ALL_WAREHOUSES, "W9"]) == [total, StockRow(guid, "W9", Decimal(0))]
    assert stock_of(client, never, [ALL_WAREHOUSES, "W1"]) == [
        StockRow(never, ALL_WAREHOUSES, Decimal(0)),
        StockRow(never, "W1", Decimal(0)),
    ]
    assert world.emulator.count() == 3


@pytest.mark.parametrize(
    ("rows", "total"),
    [
        ([], StockRow(GUID, "", Decimal(0))),
        ([row("W1"), row("W2", -3)], StockRow(GUID, "", Decimal(16))),
        (
            [row("W1", "12345678901234567890.00000000000001"), row("W2", "-0.00000000000002")],
            StockRow(GUID, "", Decimal("12345678901234567889.99999999999999")),
        ),
        (
            [
                row("W1", 1, QtyOnHand=4, AllocatedQty=3, LastModifiedOn="/Date(1795262400000)/"),
                row("W2", 2, QtyOnHand=2, LastModifiedOn="/Date(1795258800000)/"),
                row("W3", 5, QtyOnHand=6, AllocatedQty=1),
            ],
            StockRow(GUID, "", Decimal(8), Decimal(12), Decimal(4), START),
        ),
    ],
)
def test_sum_is_added_up_exactly(rows: list[dict[str, object]], total: StockRow) -> None:
    """The sum counts every row, asked for or not, to the last digit, and moved when the latest did."""
    assert stock_of(client_of(Canned(answer(rows))), GUID, ["W1", ALL_WAREHOUSES])[1] == total


@pytest.mark.parametrize(
    "body",
    [
        answer(row("W1")),
        page([row("W1")]),
        answer({"Items": [row("W1")]}),
        answer([row("W1")]),
        answer([row("w1"), row("RET", 5)]),
        answer([row("W1"), row("", 24)]),
    ],
)
def test_wrapping_of_a_single_answer(body: Response) -> None:
    """An object, an envelope, Items alone and a bare list all say the same."""
    assert stock_of(client_of(Canned(body)), GUID, ["W1"]) == [StockRow(GUID, "W1", Decimal(19))]


@pytest.mark.parametrize("body", [page([]), answer({"Items": []}), answer([]), answer("", 404)])
def test_no_row_is_nothing_there(body: Response) -> None:
    """For a product that exists, no row is 0 in every wrapping."""
    client = client_of(Canned(body))
    assert stock_of(client, GUID) == [StockRow(GUID, "", Decimal(0))]
    assert stock_of(client, GUID, ["W1"]) == [StockRow(GUID, "W1", Decimal(0))]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (answer([row("W2", ProductGuid=STRANGER)]), "about another product"),
        (answer([row("W2"), row("W2", 3)]), "two rows for one warehouse"),
        (answer([row("", 3)]), "what is in W1 is not known"),
        (answer([row("W2"), row(None, 3)]), "what is in W1 is not known"),
        (page([row("W2")], NumberOfItems=2), "counts 2 rows but holds 1"),
        (answer({"Items": None}), "no list of Items"),
        (answer({"Pagination": {"NumberOfItems": 0}}), "no list of Items"),
        (answer("17"), "neither an object nor a list"),
        (answer("[17]"), "not an object"),
        (answer({}), "ProductGuid is missing"),
        (answer('[{"Guid":'), "breaks off"),
        (answer([row("W1", None)]), "AvailableQty is missing"),
        (answer("<p>"), "web page"),
        (answer(""), "empty"),
    ],
)
def test_unknown_is_not_zero(body: Response, why: str) -> None:
    """An answer that does not clearly say what is in the warehouse is an error, never 0."""
    with pytest.raises(BadAnswer, match=why):
        stock_of(client_of(Canned(body)), GUID, ["W1"])


def test_several_sums_are_no_sum() -> None:
    """Two rows where one sum was asked for are not believed."""
    with pytest.raises(BadAnswer, match="several rows"):
        stock_of(client_of(Canned(answer([row("W1"), row("W2")]))), GUID)

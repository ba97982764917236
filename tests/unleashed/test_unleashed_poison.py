"""One row that cannot be read costs only itself."""

from __future__ import annotations

from decimal import Decimal

import pytest

from syncd.core.model import Poison, Product
from syncd.emulator.unleashed_mischief import POISONS
from syncd.emulator.wire import Response
from syncd.errors import BadAnswer
from syncd.unleashed.paging import RowPage
from syncd.unleashed.products import changed_products, product_by_guid
from syncd.unleashed.stock import changed_stock, stock_of
from tests.unleashed.unleashed_world import Canned, World, answer, client_of, page, product_row

HARMLESS = {"null stamp", "strange stamp", "far stamp", "unknown field", "500-character name", "other case"}
OF_PRODUCTS = sorted(set(POISONS) - HARMLESS - {"text for a quantity", "NaN quantity"})
OF_STOCK = ["text for a quantity", "NaN quantity", "no guid", "not a record", "null row"]
NAMELESS = {"no guid", "not a record", "null row"}


def read(server: Canned) -> RowPage[Product]:
    """Return the only page of products that this server answers with."""
    (only,) = changed_products(client_of(server), None)
    return only


def poison_of(**row: object) -> Poison:
    """Return what becomes of a product row with these fields, next to a good one."""
    found = read(Canned(page([product_row(1, **row), product_row(2)])))
    assert [product.code for product in found.rows] == ["TEA-2"]
    (poison,) = found.poison
    return poison


@pytest.mark.parametrize("name", OF_PRODUCTS)
def test_poison_among_a_thousand_products(name: str) -> None:
    """A full page with one bad product gives 999 good ones and names the bad one."""
    world = World()
    guids = world.stocked(1000)
    world.emulator.mischief.poison("Products", guids[400], POISONS[name])
    (only,) = changed_products(world.client(), None)
    assert (len(only.rows), len(only.poison), only.total) == (999, 1, 1000)
    assert len(only.guids) == (999 if name in NAMELESS else 1000)
    poison = only.poison[0]
    if name not in NAMELESS:
        assert poison.key == guids[400]
        assert (guids[400] if name == "null code" else "TEA-0400") in poison.reason
    assert poison.reason.endswith(".")
    assert (poison.key + poison.reason + poison.excerpt).isprintable()


@pytest.mark.parametrize("name", OF_STOCK)
def test_poison_among_stock_rows(name: str) -> None:
    """A bad stock row is left out, the other rows of the page go through."""
    world = World()
    guids = world.stocked(5)
    world.emulator.mischief.poison("StockOnHand", guids[2], POISONS[name])
    (only,) = changed_stock(world.client(), None)
    assert {row.guid for row in only.rows} == set(guids) - {guids[2]}
    assert len(only.poison) == 1


@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_oddities_are_no_poison(name: str) -> None:
    """Legal oddities are taken as they are."""
    world = World()
    guids = world.stocked(3)
    world.emulator.mischief.poison("Products", guids[1], POISONS[name])
    (only,) = changed_products(world.client(), None)
    assert {product.guid for product in only.rows} == set(guids)
    assert only.poison == ()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"ProductCode": "  "}, "ProductCode is blank"),
        ({"ProductCode": 100}, "ProductCode is not text (100)"),
        ({"Guid": "TEA"}, "Guid is not a guid (TEA)"),
        ({"Guid": "00000000-0000-0000-0000-000000000000"}, "Guid is not a guid"),
        ({"DefaultSellPrice": "call us"}, "DefaultSellPrice is not a number (call us)"),
        ({"DefaultSellPrice": True}, "DefaultSellPrice is not a number (true)"),
        ({"SellPriceTier3": {"Name": "Trade", "Value": "x"}}, "SellPriceTier3.Value is not a number (x)"),
        ({"SellPriceTier3": "9.50"}, "SellPriceTier3 is not a tier (9.50)"),
        ({"SellPriceTier3": {"Name": 3}}, "SellPriceTier3.Name is not text (3)"),
        ({"Obsolete": "no"}, "Obsolete is neither true nor false (no)"),
        ({"ProductDescription": ["x"]}, "ProductDescription is not text"),
    ],
)
def test_reason_names_the_field(row: dict[str, object], why: str) -> None:
    """The reason is a sentence with the product, the field and what it holds."""
    poison = poison_of(**row)
    assert why in poison.reason
    assert poison.reason.startswith("The row of product ")


def test_key_is_the_best_name_there_is() -> None:
    """The key is the guid, else the code, else the place of the row."""
    assert poison_of(ProductCode=None).key == product_row(1)["Guid"]
    assert poison_of(Guid=None).key == "TEA-1"
    assert poison_of(Guid=None, ProductCode=None).key == "row 1 of page 1"


@pytest.mark.parametrize(
    "number", ["1E400", "1e99999999999999999999999", "9" * 5000, "-Infinity", "NaN", "0." + "3" * 5000]
)
def test_absurd_numbers_cost_one_row(number: str) -> None:
    """A number no price can be, even one the decoder chokes on, costs only its row."""
    rows = f'{{"Guid":"{product_row(1)["Guid"]}","ProductCode":"A","DefaultSellPrice":{number}}}'
    rows += f',{{"Guid":"{product_row(2)["Guid"]}","ProductCode":"B","DefaultSellPrice":1.10}}'
    found = read(Canned(listed(rows.encode())))
    assert [(product.code, product.price) for product in found.rows] == [("B", Decimal("1.10"))]
    assert "DefaultSellPrice" in found.poison[0].reason
    assert len(found.poison[0].excerpt) < 300


def listed(rows: bytes, count: int = 2) -> Response:
    """Return a page around rows that are given as raw bytes."""
    head = (
        f'{{"Pagination":{{"NumberOfItems":{count},"PageSize":9,"PageNumber":1,"NumberOfPages":1}},"Items":['
    )
    return Response(200, {"content-type": "application/json"}, [head.encode(), rows, b"]}"])


@pytest.mark.parametrize(
    "name", [b"tea \xff", b"tea \xed\xa0\x80", b"tea \\udc00", b"tea \x00", b"tea \\u0000"]
)
def test_bytes_that_are_no_text_cost_one_row(name: bytes) -> None:
    """Broken UTF-8, half characters and NUL in a name are left out and can be shown to a person."""
    bad = b'{"Guid":"%s","ProductCode":"A","ProductDescription":"%s"}' % (
        str(product_row(1)["Guid"]).encode(),
        name,
    )
    good = b'{"Guid":"%s","ProductCode":"B"}' % str(product_row(2)["Guid"]).encode()
    found = read(Canned(listed(bad + b"," + good)))
    assert [product.code for product in found.rows] == ["B"]
    assert "product A was left out: ProductDescription contains" in found.poison[0].reason
    assert found.poison[0].excerpt.isprintable()


def test_broken_text_in_a_field_nobody_reads_is_no_poison() -> None:
    """A row is kept if what is broken is a field that is not used."""
    row = (
        b'{"Guid":"%s","ProductCode":"A","Notes":"\\ud800","X":NaN,"Y":"\xff"}'
        % str(product_row(1)["Guid"]).encode()
    )
    found = read(Canned(listed(row, 1)))
    assert ([product.code for product in found.rows], found.poison) == (["A"], ())


def test_control_characters_and_byte_order_mark_are_survived() -> None:
    """A raw line break inside a text and a byte order mark do not make a page unreadable."""
    row = (
        b'{"Guid":"%s","ProductCode":"A","ProductDescription":"a\nb"}' % str(product_row(1)["Guid"]).encode()
    )
    response = listed(row, 1)
    response.chunks.insert(0, b"\xef\xbb\xbf")
    found = read(Canned(response))
    assert [product.name for product in found.rows] == ["a\nb"]


def test_rest_of_a_page_keeps_its_digits_beside_poison() -> None:
    """Prices next to a row that needs the slow decoder are as exact as ever."""
    price = "1774.93449333333333"
    good = f'{{"Guid":"{product_row(2)["Guid"]}","ProductCode":"B","DefaultSellPrice":{price}}}'
    rows = '{"Guid":null,"X":NaN},' + good
    found = read(Canned(listed(rows.encode())))
    assert found.rows[0].price == Decimal(price)


def test_single_record_that_cannot_be_read_is_an_error() -> None:
    """Where only one product is asked for, an unreadable answer is an error that names the field."""
    server = Canned(answer(product_row(1, DefaultSellPrice="x")))
    with pytest.raises(BadAnswer, match="DefaultSellPrice is not a number"):
        product_by_guid(client_of(server), str(product_row(1)["Guid"]))
    stock = {"ProductGuid": product_row(1)["Guid"], "AvailableQty": None}
    with pytest.raises(BadAnswer, match="AvailableQty is missing"):
        stock_of(client_of(Canned(answer(stock))), str(product_row(1)["Guid"]))


def test_deep_nesting_is_an_answer_that_cannot_be_believed() -> None:
    """A body nested beyond reason raises, and does not end the program."""
    with pytest.raises(BadAnswer):
        read(Canned(answer("[" * 200_000)))

"""Products as Unleashed tells them, and the one that has exactly this code."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from syncd.core.model import Product, Tier
from syncd.emulator.catalogue import believable
from syncd.emulator.unleashed import UnleashedEmulator
from syncd.emulator.unleashed_books import Books
from syncd.errors import BadAnswer
from syncd.unleashed.client import Unleashed
from syncd.unleashed.products import (
    changed_products,
    find_product,
    first_product,
    product_by_guid,
    products_by_guid,
    safe_prefix,
)
from tests.unleashed.unleashed_world import (
    START,
    STRANGER,
    Canned,
    World,
    answer,
    client_of,
    page,
    product_row,
)

GUID = str(product_row(1)["Guid"])


def only_product(**fields: object) -> Product:
    """Return the product that a row with these fields becomes."""
    (found,) = changed_products(client_of(Canned(page([product_row(1, **fields)]))), None)
    (product,) = found.rows
    return product


def codes(client: Unleashed, since_hours_ago: float | None = None) -> list[str]:
    since = None if since_hours_ago is None else START - timedelta(hours=since_hours_ago)
    return [product.code for found in changed_products(client, since) for product in found.rows]


def test_product_of_the_documentation() -> None:
    """Every field of a product row arrives where it belongs, to the last digit."""
    product = only_product(
        Guid=GUID.upper(),
        ProductCode="TEA-100 ",
        DefaultSellPrice="9.5000",
        SellPriceTier1={"Name": "Retail", "Value": "9.5000"},
        SellPriceTier2={"Name": "Trade", "Value": None},
        SellPriceTier3={"Name": "", "Value": ""},
        SellPriceTier4=None,
        SellPriceTier10={"Name": None, "Value": 8},
        Obsolete=True,
        IsSellable=False,
        IsComponent=True,
        IsAssembledProduct=True,
        NeverDiminishing=True,
        LastModifiedOn="/Date(1768435200123)/",
    )
    tiers = (
        Tier(1, "Retail", Decimal("9.5000")),
        Tier(2, "Trade", None),
        Tier(3, "", None),
        Tier(10, "", Decimal(8)),
    )
    assert product.modified is not None
    assert product.modified.isoformat() == "2026-01-15T00:00:00.123000+00:00"
    assert replace(product, modified=None) == Product(
        GUID, "TEA-100 ", "Green tea", Decimal("9.5000"), tiers, True, False, True, True, True
    )


@pytest.mark.parametrize("value", [None, "missing"])
def test_missing_fields_have_their_defaults(value: str | None) -> None:
    """A product that says little is sellable, not obsolete, without price and stamp."""
    names = ["IsSellable", "Obsolete", "IsComponent", "IsAssembledProduct", "NeverDiminishing"]
    names += ["DefaultSellPrice", "LastModifiedOn", "ProductDescription"]
    product = only_product(**({} if value else dict.fromkeys(names)))
    assert replace(product, name="") == Product(GUID, "TEA-1", "")


def test_long_names_and_twin_codes_are_kept() -> None:
    """Long names stay whole, and codes that differ by case are two products."""
    rows = [
        product_row(1, ProductCode="tea", ProductDescription="n" * 900),
        product_row(2, ProductCode="TEA"),
    ]
    (found,) = changed_products(client_of(Canned(page(rows))), None)
    assert [(product.code, len(product.name)) for product in found.rows] == [("tea", 900), ("TEA", 9)]


def test_believable_catalogue_arrives_unchanged() -> None:
    """A catalogue with every awkward code arrives as it is in the books, without a single poison."""
    catalogue = believable(300)
    emulator = UnleashedEmulator(Books.from_catalogue(catalogue, lambda: START), lambda: START)
    emulator.credentials = replace(emulator.credentials, api_key="MARKED-SECRET-api-key-0123456789==")
    pages = list(changed_products(client_of(emulator, 100), None))
    found = {product.guid: product for page in pages for product in page.rows}
    assert {(p.guid, p.code, p.name, p.price, p.obsolete) for p in found.values()} == {
        (p.guid, p.code, p.name, p.price, p.obsolete) for p in catalogue.products
    }
    assert all(page.poison == () for page in pages)


def test_obsolete_products_are_read_too() -> None:
    """Obsolete products are part of every list, else nobody would learn that they became so."""
    world = World()
    guid = world.books.add_product("OLD", obsolete=True)
    assert codes(world.client()) == ["OLD"]
    assert products_by_guid(world.client(), [guid]).guids == {guid}
    assert find_product(world.client(), "OLD")[0].obsolete
    assert all("includeObsolete=true" in query for query in world.queries)


@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize("honoured", [True, False])
def test_delta_holds_what_changed_since(inclusive: bool, honoured: bool) -> None:
    """What changed after the time asked for comes, whether the time or only its day is honoured."""
    world = World(since_inclusive=inclusive, since_time_honoured=honoured)
    world.books.add_product("LONG-AGO", modified=START - timedelta(days=9))
    world.books.add_product("NEW", modified=START - timedelta(minutes=30))
    assert codes(world.client(), 1) == ["NEW"]
    assert "modifiedSince=2026-11-21T11:00:00&" in world.queries[-1]


@pytest.mark.parametrize(("since_shift", "epoch_shift"), [(0, 0), (13, 0), (0, -13), (13, -13)])
def test_shifted_clocks_lose_nothing_within_the_overlap(since_shift: int, epoch_shift: int) -> None:
    """With 26 hours of overlap a change arrives even if either side's hours are those of New Zealand."""
    world = World(
        since_shift_hours=since_shift, epoch_shift_hours=epoch_shift, date_header_ahead=timedelta(seconds=314)
    )
    world.books.add_product("NEW", modified=START - timedelta(minutes=1))
    assert codes(world.client(), 26) == ["NEW"]


@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize("signature_over", ["decoded", "encoded"])
@pytest.mark.parametrize("order_by_honoured", [True, False])
def test_everyday_reads_work_either_way(compress: bool, signature_over: str, order_by_honoured: bool) -> None:
    """Deltas, guid lists and look-ups work squeezed or plain, and whichever text the signature is over."""
    world = World(compress=compress, signature_over=signature_over, order_by_honoured=order_by_honoured)
    wanted = world.stocked(3)
    assert codes(world.client(), 1) == ["TEA-0000", "TEA-0001", "TEA-0002"]
    assert products_by_guid(world.client(), wanted).guids == frozenset(wanted)
    assert [product.guid for product in find_product(world.client(), "TEA-0001")] == [wanted[1]]


def test_product_by_guid() -> None:
    """One product by its guid in any spelling, or none if Unleashed has none."""
    world = World()
    (guid,) = world.stocked(1)
    found = product_by_guid(world.client(), guid.upper())
    assert found is not None
    assert found.code == "TEA-0000"
    assert product_by_guid(world.client(), STRANGER) is None


@pytest.mark.parametrize("wrapped", [False, True])
def test_single_product_bare_or_wrapped(wrapped: bool) -> None:
    """A single product is read with or without an envelope around it."""
    row = product_row(1)
    server = Canned(page([row]) if wrapped else answer(row))
    found = product_by_guid(client_of(server), GUID)
    assert found is not None
    assert found.guid == GUID


def test_another_product_than_asked_for_is_not_believed() -> None:
    """An answer about another product is an error."""
    with pytest.raises(BadAnswer, match="about another product"):
        product_by_guid(client_of(Canned(answer(product_row(2)))), GUID)


def test_first_product() -> None:
    """The first product of the list is read in one call for one row, however many there are."""
    world = World()
    wanted = world.stocked(3)
    world.books.tier_names[0] = "Retail"
    found = first_product(world.client())
    assert found is not None
    assert found.guid in wanted
    assert found.tiers[0].name == "Retail"
    assert world.emulator.count() == 1
    assert "pageSize=1&" in f"{world.queries[0]}&"


def test_first_product_may_be_obsolete() -> None:
    """An obsolete product is a product, too: its tiers are those of the account."""
    world = World()
    guid = world.books.add_product("OLD", obsolete=True)
    found = first_product(world.client())
    assert found is not None
    assert found.guid == guid


def test_no_first_product() -> None:
    """An account without products has no first one."""
    assert first_product(World().client()) is None


@pytest.mark.parametrize("case_matters", [True, False])
def test_code_is_compared_exactly(case_matters: bool) -> None:
    """Of everything that begins like the code, only the same code after trimming counts."""
    world = World(case_matters=case_matters)
    for code in ("TEA-1", "TEA-10", "tea-1", "TEA-1 ", "TEA-1-B"):
        world.books.add_product(code)
    assert [product.code for product in find_product(world.client(), " TEA-1 ")] == ["TEA-1", "TEA-1 "]
    assert find_product(world.client(), "TEA-") == []


def test_all_pages_of_a_look_up_are_read() -> None:
    """The code may stand on any page of what begins like it."""
    world = World()
    wanted = world.stocked(7)
    last = world.books.add_product("TEA-00069")
    assert [product.guid for product in find_product(world.client(2), "TEA-00069")] == [last]
    assert find_product(world.client(2), "TEA-0006")[0].guid == wanted[6]


@pytest.mark.parametrize(
    ("code", "sent"),
    [
        ("TEA-100", "TEA-100"),
        ("TEA 100", "TEA"),
        ("A+B", "A"),
        ("50% off", "50"),
        ("Café 3", "Caf"),
        ("R&D/1", "R"),
        ("a:b@c,d/e_f.g~h", "a:b@c,d/e_f.g~h"),
        ("é", "é"),
        ("(1)", "(1)"),
    ],
)
def test_safe_prefix(code: str, sent: str) -> None:
    """A code is looked for by as much of it as is signed and sent alike."""
    assert safe_prefix(code) == sent


@pytest.mark.parametrize("signature_over", ["decoded", "encoded"])
@pytest.mark.parametrize("code", ["TEA 100", "A+B", "50% off", "R&D", "O'Neill", "Tee für zwei", "A#1"])
def test_awkward_codes_are_found(signature_over: str, code: str) -> None:
    """A code with characters whose signing nobody documents is found all the same."""
    world = World(signature_over=signature_over)
    guid = world.books.add_product(code)
    world.books.add_product(code + "X")
    assert [product.guid for product in find_product(world.client(), code)] == [guid]


@pytest.mark.parametrize("code", ["(1)", "é", "+", "% 1", "#", "茶"])
def test_codes_without_safe_prefix_are_sent_as_they_are(code: str) -> None:
    """A code that begins with such a character is sent whole, signed decoded."""
    world = World()
    guid = world.books.add_product(code)
    assert [product.guid for product in find_product(world.client(), code)] == [guid]


@pytest.mark.parametrize("code", ["", "  ", "a\0", "a\ud800"])
def test_codes_no_product_can_have_cost_no_call(code: str) -> None:
    """A blank code, or one no database holds, is found nowhere and asked for nowhere."""
    world = World()
    world.stocked(1)
    assert find_product(world.client(), code) == []
    assert world.emulator.count() == 0


def test_unreadable_product_is_not_taken_for_absent() -> None:
    """A product with the code that cannot be read is an error; another unreadable one does not matter."""
    rows = [
        product_row(1, DefaultSellPrice="x"),
        product_row(10, DefaultSellPrice="x"),
        product_row(1, Guid=STRANGER),
    ]
    with pytest.raises(BadAnswer, match="product TEA-1 was left out: DefaultSellPrice"):
        find_product(client_of(Canned(page(rows))), "TEA-1")
    assert [product.guid for product in find_product(client_of(Canned(page(rows[1:]))), "TEA-1")] == [
        STRANGER
    ]


def test_ignored_code_filter_changes_nothing() -> None:
    """If the filter had no effect, the right product would still be found among all."""
    server = Canned(page([product_row(number) for number in range(1, 9)]))
    assert [product.code for product in find_product(client_of(server), "TEA-3")] == ["TEA-3"]


@pytest.mark.parametrize("code_limit", [100, None])
def test_code_of_any_length_is_found(code_limit: int | None) -> None:
    """A code as long as Unleashed lets it be is found."""
    world = World(code_limit=code_limit)
    code = "X" * (code_limit or 300)
    guid = world.books.add_product(code)
    assert find_product(world.client(), code)[0].guid == guid

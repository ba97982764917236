"""One bad row among many: the others go through, it is parked with a sentence, and leaves when corrected."""

from __future__ import annotations

import pytest

from syncd.emulator.unleashed_mischief import POISONS, in_other_case, with_value, without
from tests.flows.conftest import NewWorld
from tests.flows.views import mirrored
from tests.world import World

FEW = 40
MANY = 1000
LEGAL = ("null stamp", "strange stamp", "unknown field", "500-character name")
OF_PRODUCTS = sorted(
    set(POISONS) - {*LEGAL, "far stamp", "other case", "text for a quantity", "NaN quantity"}
)
OF_STOCK = ("text for a quantity", "NaN quantity", "no guid", "null row", "not a record")
NAMELESS = ("no guid", "null row", "not a record")


def stocked(world: World, count: int = FEW) -> World:
    """So many products in step on both sides, but for the stock: the shop has 1 of each, Unleashed 7."""
    world.books.add_warehouse("W1", default=True)
    for number in range(count):
        code = f"P{number:04d}"
        guid = world.books.add_product(code, code, 10)
        world.books.set_stock(guid, "W1", 7)
        world.shelf.add_simple(code, code, "10.00", 1)
    return world


def stocks(world: World, but: str) -> set[object]:
    return {item.stock_quantity for item in world.shelf.all() if item.sku != but}


@pytest.mark.parametrize("kind", OF_PRODUCTS)
def test_a_poisoned_product_costs_only_itself(new_world: NewWorld, kind: str) -> None:
    """All others go through; the poisoned one is named in status until it is corrected."""
    world = stocked(new_world())
    guid = world.guid("P0020")
    world.unleashed.mischief.poison("Products", guid, POISONS[kind])
    (pulled, pushed) = world.recent()
    assert (pulled.outcome, pulled.exit_code, pulled.counts.parked) == ("done", 1, 1)
    assert (pushed.counts.written, stocks(world, "P0020")) == (FEW - 1, {7})
    assert world.item("P0020").stock_quantity == 1
    (sentence,) = world.problems()
    assert any(name in sentence for name in ("P0020", guid, "row 21 of page 1"))
    assert world.recent()[0].exit_code == 0
    world.unleashed.mischief.cure("Products", guid)
    world.books.change_product(guid, name="Corrected")
    world.recent()
    assert world.item("P0020").stock_quantity == 7
    assert world.problems() == [] or kind in ("null row", "not a record")


def test_a_page_with_every_poison_loses_only_those_rows(on_either: NewWorld) -> None:
    """One page of 1,000 rows with each kind of poison once: all the others reach the shop in the same run."""
    world = stocked(on_either(), MANY)
    for number, kind in enumerate(OF_PRODUCTS):
        world.unleashed.mischief.poison("Products", world.guid(f"P{number:04d}"), POISONS[kind])
    (pulled, pushed) = world.recent()
    assert pulled.counts.parked == len(OF_PRODUCTS)
    assert pushed.counts.written == MANY - len(OF_PRODUCTS)
    assert len(world.problems()) == len(OF_PRODUCTS)


@pytest.mark.parametrize("kind", OF_STOCK)
def test_poisoned_stock_is_unknown_and_not_zero(new_world: NewWorld, kind: str) -> None:
    """A stock row that cannot be read leaves the shop's figure alone, from the first read on."""
    world = stocked(new_world(), 60)
    guid = world.guid("P0050")
    world.unleashed.mischief.poison("StockOnHand", guid, POISONS[kind])
    world.recent()
    world.recent()
    assert stocks(world, "P0050") == {7}
    assert world.item("P0050").stock_quantity == 1
    assert len(world.problems()) == 1
    world.unleashed.mischief.cure("StockOnHand", guid)
    world.books.set_stock(guid, "W1", 9)
    world.recent()
    assert world.item("P0050").stock_quantity == 9
    assert world.problems() == [] or kind in ("null row", "not a record")


def test_a_row_that_turns_to_poison_keeps_what_was_known(new_world: NewWorld) -> None:
    """Poison that comes later takes nothing back; the last good figures stay until it is corrected."""
    world = stocked(new_world(), 30)
    world.recent()
    guid = world.guid("P0010")
    world.books.set_stock(guid, "W1", 20)
    world.unleashed.mischief.poison("StockOnHand", guid, POISONS["NaN quantity"])
    world.unleashed.mischief.poison("Products", guid, POISONS["NaN price"])
    world.recent()
    assert world.item("P0010").stock_quantity == 7
    world.unleashed.mischief.cure("StockOnHand", guid)
    world.unleashed.mischief.cure("Products", guid)
    world.recent()
    assert world.item("P0010").stock_quantity == 20
    assert world.problems() == []


@pytest.mark.parametrize("kind", LEGAL)
def test_an_odd_but_legal_row_goes_through(new_world: NewWorld, kind: str) -> None:
    """A missing stamp, an unknown field and a very long name are no reason to leave a product out."""
    world = stocked(new_world(listing_keys="create = true"), 30)
    guid = world.books.add_product("ODD", "Odd", 10)
    world.books.set_stock(guid, "W1", 3)
    world.unleashed.mischief.poison("Products", guid, POISONS[kind])
    world.recent()
    assert world.item("ODD").stock_quantity == 3
    assert world.problems() == []
    assert world.calls(world.recent)[1] == 0


def test_codes_that_differ_by_case_are_different_products(on_either: NewWorld) -> None:
    """A code that equals a SKU but for its case is neither linked nor taken for another product."""
    world = stocked(on_either(), 3)
    other = world.books.add_product("p0001", "In small letters", 99)
    world.books.set_stock(other, "W1", 55)
    world.recent()
    assert world.item("P0001").stock_quantity == 7
    assert world.shelf.with_sku("p0001") == [world.item("P0001")]
    assert mirrored(world, "p0001").product.guid == other
    world.books.set_stock(other, "W1", 56)
    world.recent()
    assert world.item("P0001").stock_quantity == 7


def test_a_row_in_another_case_is_not_mislinked(new_world: NewWorld) -> None:
    """A product whose code changes its case keeps the listing that it was linked to."""
    world = stocked(new_world(), 3)
    world.recent()
    guid = world.guid("P0001")
    world.unleashed.mischief.poison("Products", guid, in_other_case)
    world.books.set_stock(guid, "W1", 12)
    world.recent()
    assert world.item("P0001").stock_quantity == 12


def test_a_poisoned_product_found_by_resync_says_so(new_world: NewWorld) -> None:
    """`resync` of a row that cannot be read names the reason and writes nothing."""
    world = stocked(new_world(), 3)
    world.recent()
    before = len(world.shop.writes())
    world.unleashed.mischief.poison(
        "Products", world.guid("P0001"), with_value("DefaultSellPrice", '"call us"')
    )
    done = world.resync("P0001")
    (pulled, *_) = done.reports
    assert (pulled.outcome, pulled.exit_code) == ("failed", 3)
    assert "P0001" in (pulled.error or "")
    assert len(world.shop.writes()) == before


def test_a_stock_row_without_a_quantity_is_unknown(new_world: NewWorld) -> None:
    """A stock row that lacks AvailableQty altogether is parked, and nothing is assumed in its place."""
    world = stocked(new_world(), 5)
    world.unleashed.mischief.poison("StockOnHand", world.guid("P0002"), without("AvailableQty"))
    world.recent()
    assert world.item("P0002").stock_quantity == 1
    assert "P0002" in world.problems()[0]

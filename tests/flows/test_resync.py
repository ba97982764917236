"""One product, now, and what every kind of run costs in calls."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.flows.conftest import NewWorld
from tests.flows.views import settings
from tests.world import World

DAYS = timedelta(days=2)
WAREHOUSES = ("W1", "W2", "W3")


def stocked(world: World, warehouses: int, count: int = 5) -> World:
    for place, warehouse in enumerate(WAREHOUSES):
        world.books.add_warehouse(warehouse, default=place == 0)
    for number in range(count):
        guid = world.books.add_product(f"P{number}", f"Name {number}", 10)
        for place, warehouse in enumerate(WAREHOUSES):
            world.books.set_stock(guid, warehouse, 10**place)
        world.shelf.add_simple(f"P{number}", f"Name {number}", "10.00", 0)
    if warehouses:
        names = ", ".join(f'"{name}"' for name in WAREHOUSES[:warehouses])
        world.listing_keys += f"\nwarehouses = [{names}]"
    return world


@pytest.mark.parametrize("warehouses", [0, 1, 2, 3])
def test_what_a_quiet_run_costs(new_world: NewWorld, warehouses: int) -> None:
    """Nothing changed: one call for products, one per warehouse, none to the shop."""
    world = stocked(new_world(), warehouses)
    world.recent()
    world.clock.pass_time(DAYS)
    world.recent()
    assert world.calls(world.recent) == (1 + max(warehouses, 1), 0)


@pytest.mark.parametrize("warehouses", [0, 1, 3])
def test_what_one_changed_stock_costs(new_world: NewWorld, warehouses: int) -> None:
    """One stock level moved: no more calls to Unleashed, one look and one write in the shop."""
    world = stocked(new_world(), warehouses)
    world.recent()
    world.clock.pass_time(DAYS)
    world.books.set_stock(world.guid("P3"), "W1", 77)
    world.recent(minutes=1)
    world.books.set_stock(world.guid("P3"), "W1", 78)
    assert world.calls(world.recent) == (1 + max(warehouses, 1), 2)


@pytest.mark.parametrize("wrapping", ["envelope", "list"])
@pytest.mark.parametrize("warehouses", [0, 1, 3])
def test_what_resync_costs(new_world: NewWorld, warehouses: int, wrapping: str) -> None:
    """Two calls to Unleashed for any number of warehouses, and what was before and is now."""
    world = stocked(new_world(), warehouses)
    world.unleashed.settings = settings(world, all_warehouses=wrapping)
    world.recent()
    world.books.set_stock(world.guid("P3"), "W1", 1001)
    done: list[tuple[str, object, object]] = []
    calls = world.calls(
        lambda: done.extend(
            (item.outcome, item.before.stock, item.after.stock) for _, item in world.resync("P3").items
        )
    )
    assert calls == (2, 2)
    before = {0: 111, 1: 1, 3: 111}[warehouses]
    assert done == [("written", before, before + 1000)]


def test_the_first_load_costs_what_the_pages_cost(new_world: NewWorld) -> None:
    """A first load is each list's pages and two small resources; the shop one look a hundred codes."""
    world = stocked(new_world(account_keys="page_size = 100"), 1, count=250)
    unleashed, shop = world.calls(world.recent)
    assert unleashed == 2 + 3 + 3
    assert shop <= 5 + 3 + 250 // 50


@pytest.mark.parametrize("never_moved", ["missing", "zero"])
def test_resync_of_a_product_that_never_moved(new_world: NewWorld, never_moved: str) -> None:
    """Whether Unleashed answers with 404 or with zeros, a product that never moved has no stock."""
    world = stocked(new_world(), 0)
    world.unleashed.settings = settings(world, never_moved_stock=never_moved)
    world.books.add_product("NEVER", "Never", 10)
    world.shelf.add_simple("NEVER", "Never", "10.00", 5)
    assert [item.outcome for _, item in world.resync("NEVER").items] == ["written"]
    assert world.item("NEVER").stock_quantity == 0


def test_resync_before_anything_else(on_either: NewWorld) -> None:
    """`resync` needs no load before it: on an empty database it puts one product right, and only that."""
    world = stocked(on_either(), 3)
    done = world.resync("P1")
    assert [item.outcome for _, item in done.items] == ["written"]
    assert [item.stock_quantity for item in world.shelf.all()] == [0, 111, 0, 0, 0]
    world.recent()
    assert {item.stock_quantity for item in world.shelf.all()} == {111}


@pytest.mark.parametrize("code", ["P", "p1", "P1 1", "NOPE", "%", "'; DROP TABLE", "ü"])
def test_resync_of_an_unknown_code(new_world: NewWorld, code: str) -> None:
    """Only an equal code is found, however alike another one is; the shop is not even looked at."""
    world = stocked(new_world(), 1)
    world.recent()
    calls = world.calls(lambda: world.resync(code))
    assert calls[1] == 0
    (missing,) = world.resync(code).missing
    assert missing[-1].reason == f"Unleashed has no product with the code {code}."


def test_resync_heals_what_no_feed_reports(new_world: NewWorld) -> None:
    """A difference made past every stamp, on either side, is put right on request."""
    world = stocked(new_world(), 1)
    world.recent()
    world.shelf.edit_meta(world.item("P1").id, 500)
    assert world.calls(world.recent)[1] == 0
    assert world.item("P1").stock_quantity == 500
    world.resync(" P1 ")
    assert world.item("P1").stock_quantity == 1


def test_resync_of_several_codes(new_world: NewWorld) -> None:
    """Each code is told of by itself; one that is not there does not stop the others."""
    world = stocked(new_world(), 1)
    world.recent()
    for code in ("P1", "P2"):
        world.shelf.edit_meta(world.item(code).id, 500)
    done = world.resync("P1", "NOPE", "P2", "P1")
    assert sorted(item.code for _, item in done.items) == ["P1", "P2"]
    assert len(done.missing) == 1
    assert [world.item(code).stock_quantity for code in ("P1", "P2")] == [1, 1]


def test_a_recent_run_after_resync_finds_nothing_to_do(new_world: NewWorld) -> None:
    """What `resync` put right is not written again by the next run, which reads the same change once more."""
    world = stocked(new_world(), 1)
    world.recent()
    world.books.set_stock(world.guid("P1"), "W1", 44)
    world.resync("P1")
    assert world.calls(world.recent) == (2, 0)


def test_resync_of_a_code_that_begins_with_a_blank(new_world: NewWorld) -> None:
    """Unleashed's filter does not find such a code; what the mirror knows of it does."""
    world = stocked(new_world(), 1)
    guid = world.books.add_product(" LEAD", "Led", 10)
    world.books.set_stock(guid, "W1", 3)
    world.shelf.add_simple("LEAD", "Led", "10.00", 0)
    world.recent()
    world.books.set_stock(guid, "W1", 8, bump=False)
    ((_, item),) = world.resync("LEAD").items
    assert (item.outcome, world.item("LEAD").stock_quantity) == ("written", 8)

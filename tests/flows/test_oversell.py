"""A store is never shown more than is left, whatever was sold where since Unleashed's stock was read."""

from __future__ import annotations

from datetime import timedelta

from syncd.core.model import AccountFacts
from syncd.flows.why import Asked, explain
from tests.flows.conftest import NewWorld
from tests.flows.selling import LISTING, stocked, taken, watched
from tests.world import World

TWO = '[store.other.orders]\nprefix = "OTH-"'


def _two(new_world: NewWorld) -> World:
    world = new_world(shops=("shop", "other"), listing_keys=LISTING, more_toml=TWO)
    stocked(world)
    return watched(stocked(world, shop="other"))


def _shown(world: World, sku: str, shop: str = "shop") -> object:
    return world.shops[shop].shelf.with_sku(sku)[0].stock_quantity


def test_what_one_store_sold_leaves_the_other_at_once(new_world: NewWorld) -> None:
    """An order that is not in Unleashed yet is taken off what the account's other stores show."""
    world = _two(new_world)
    world.buy(("TEA", 4), status="on-hold")
    world.orders()
    world.recent()
    assert (_shown(world, "TEA"), _shown(world, "TEA", "other")) == (6, 6)


def test_demand_is_released_by_a_stock_row_asked_for_after_the_order_was_confirmed(
    new_world: NewWorld,
) -> None:
    """Once Unleashed shows the order itself, it is taken off once, not twice."""
    world = _two(new_world)
    world.buy(("TEA", 4))
    world.orders()
    assert taken(world) == {"TEA": 4}
    world.recent()
    assert taken(world) == {}
    assert (_shown(world, "TEA"), _shown(world, "TEA", "other")) == (6, 6)


def test_a_parked_order_keeps_its_goods(new_world: NewWorld) -> None:
    """An order that waits for a person keeps what it took, however often stock is read."""
    world = _two(new_world)
    world.books.taxes.clear()
    world.buy(("TEA", 4))
    world.orders()
    for _ in range(3):
        world.recent()
    assert taken(world) == {"TEA": 4}
    assert (_shown(world, "TEA"), _shown(world, "TEA", "other")) == (6, 6)


def test_what_was_called_off_is_shown_again(new_world: NewWorld) -> None:
    """An order that is called off before it was posted gives back to both stores what it took."""
    world = _two(new_world)
    order = world.buy(("TEA", 4), status="on-hold")
    world.orders()
    world.recent()
    world.shop.till.cancel(order)
    world.orders()
    world.recent()
    assert (_shown(world, "TEA"), _shown(world, "TEA", "other")) == (10, 10)


def test_a_rise_waits_for_a_second_read_while_orders_are_open(new_world: NewWorld) -> None:
    """With an order open, a delivery shows only once a second read agrees with the first."""
    world = watched(stocked(new_world(listing_keys=LISTING)))
    world.buy(("TEA", 4), status="on-hold")
    world.orders()
    world.recent()
    world.books.set_stock(world.guid("TEA"), "W1", 20)
    world.recent()
    assert _shown(world, "TEA") == 6
    world.recent()
    assert _shown(world, "TEA") == 16


def test_what_was_sold_just_now_is_taken_in_before_stock_is_raised(new_world: NewWorld) -> None:
    """Sold after the last intake and before the push, it is known when the push raises the stock."""
    world = _two(new_world)
    world.books.set_stock(world.guid("TEA"), "W1", 20)
    world.buy(("TEA", 5), shop="other")
    world.recent()
    assert taken(world) == {"TEA": 5}
    assert (_shown(world, "TEA", "other"), _shown(world, "TEA")) == (5, 10)
    world.recent()
    assert (_shown(world, "TEA", "other"), _shown(world, "TEA")) == (15, 15)


def test_a_fall_goes_out_although_the_orders_cannot_be_read(new_world: NewWorld) -> None:
    """Where the store's orders cannot be read nothing is raised; what falls still falls."""
    world = watched(stocked(new_world(listing_keys=LISTING)))
    world.books.set_stock(world.guid("TEA"), "W1", 20)
    world.books.set_stock(world.guid("CUP"), "W1", 3)
    world.shop.faults.add("status", times=10**6, match=lambda request: request.path.endswith("/orders"))
    world.recent()
    assert (_shown(world, "TEA"), _shown(world, "CUP")) == (10, 3)
    world.shop.faults.queue.clear()
    world.recent()
    assert _shown(world, "TEA") == 20


def test_why_names_the_demand(new_world: NewWorld) -> None:
    """The explanation of a stock figure says what orders have taken of it."""
    world = watched(stocked(new_world(listing_keys=LISTING)))
    world.buy(("TEA", 4), status="on-hold")
    world.orders()
    with world.process() as app:
        row = app.store_row("shop")
        asked = Asked(app.db, row, app.rules("shop"), AccountFacts(), lambda content, _facts: content)
        (why,) = explain(asked, "TEA")
    stock = next(each for each in why.fields if each.field == "stock")
    assert (stock.value, stock.rule) == ("6", "available W1 10 - demand 4")
    assert why.behind


def test_the_row_of_the_warehouse_that_ships_shows_what_was_sold(new_world: NewWorld) -> None:
    """Of two warehouses only one ships: its row releases the demand, however old the other's is."""
    world = stocked(new_world(listing_keys='warehouses = ["W1", "W2"]'))
    world.books.add_warehouse("W2")
    world.books.set_stock(world.guid("TEA"), "W2", 5)
    watched(world)
    world.clock.pass_time(timedelta(days=3))
    world.recent()
    world.buy(("TEA", 2))
    world.orders()
    world.recent()
    assert taken(world) == {}
    assert _shown(world, "TEA") == 13

"""Both sides' orders of the last days are compared; what differs is told until it is put right."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from syncd.app.reconcile import reconcile
from syncd.core.reconcile import Reconciled
from syncd.flows.reconcile import Compared
from tests.flows.conftest import NewWorld
from tests.flows.selling import LISTING, calls, stocked, watched
from tests.world import World


def sold(world: World, number: int) -> World:
    """Sell and post so many orders, then let two hours pass."""
    watched(stocked(world))
    for _ in range(number):
        world.buy("TEA")
    world.orders()
    world.clock.pass_time(timedelta(hours=2))
    return world


def compared(world: World) -> Compared:
    """Compare the last seven days of the one store."""
    with world.process() as app:
        [found], report = reconcile(app, "main")
    assert report.outcome == "done"
    return found


def test_equal_sides_differ_in_nothing(on_either: NewWorld) -> None:
    """Count and value are equal on both sides; it takes one call to Unleashed and none to the store."""
    world = sold(on_either(listing_keys=LISTING), 3)
    before = len(world.shop.calls)
    assert calls(world, lambda: compared(world)) == ["GET SalesOrders"]
    assert len(world.shop.calls) == before
    found = compared(world)
    assert found.result == Reconciled(3, Decimal("34.5"), 3, Decimal("34.5"), ())
    assert (found.open, found.out) == (0, 0)


def test_each_difference_is_named_and_told(new_world: NewWorld) -> None:
    """A deleted order, one with another total, and one that nobody here posted; until they are put right."""
    world = sold(new_world(listing_keys=LISTING), 3)
    deleted, dearer, _ = sorted(world.sales(), key=lambda sale: sale.number)
    register = world.unleashed.sales.orders
    register.deleted(deleted.guid, world.unleashed.settings)
    register.edit(dearer.guid, total=dearer.total + 1)
    found = compared(world)

    words = " ".join(one.what for one in found.result.differences)
    assert f"{deleted.number}, which is not there any more" in words
    assert f"{dearer.number} with 12.5 instead of 11.5" in words
    assert found.result.unleashed_orders == 2
    assert any("2 orders differ from Unleashed's" in each for each in world.problems())
    register.edit(dearer.guid, total=dearer.total)
    register.edit(deleted.guid, status="Parked")
    assert compared(world).result.differences == ()
    assert not [each for each in world.problems() if "differ" in each]


def test_orders_on_their_way_are_counted_apart(new_world: NewWorld) -> None:
    """What is parked, or left out, is no difference but is counted."""
    world = sold(new_world(listing_keys=LISTING), 1)
    world.shop.settings.currency = "EUR"
    world.buy("TEA")
    world.shop.till.cancel(world.buy("CUP"))
    world.orders()
    world.clock.pass_time(timedelta(hours=2))
    found = compared(world)
    assert (found.open, found.out, found.result.store_orders, found.result.differences) == (1, 1, 1, ())

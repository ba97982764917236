"""An order reaches Unleashed once, in the fewest calls, with the store's totals to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.flows.conftest import NewWorld
from tests.flows.selling import LISTING, calls, states, stocked, warm, watched, writes


def test_a_known_customer_and_known_products_cost_one_call(new_world: NewWorld) -> None:
    """An order that was made while we watched, of people and things we know, is one POST and nothing else."""
    world = warm(watched(stocked(new_world(listing_keys=LISTING))))
    world.buy("TEA", ("CUP", 2), shipping="5.00")
    world.orders()
    world.buy("TEA", ("CUP", 2), shipping="5.00")
    assert calls(world, world.orders) == ["POST SalesOrders"]


def test_an_order_that_is_completed_costs_two_calls(new_world: NewWorld) -> None:
    """Where the configuration says Completed, the order is placed and then completed by a call of its own."""
    world = new_world(listing_keys=LISTING, more_toml='[store.shop.orders]\nstatus = "Completed"')
    warm(watched(stocked(world)))
    world.buy("TEA")
    assert calls(world, world.orders) == ["POST SalesOrders", "POST SalesOrders/Complete"]
    assert {sale.status for sale in world.sales()} == {"Completed"}


def test_after_a_restart_an_order_costs_two_looks_more(new_world: NewWorld) -> None:
    """What was made while nobody watched is looked for by guid and by SourceId before it is sent."""
    world = warm(watched(stocked(new_world(listing_keys=LISTING))))
    world.close()
    world.buy("TEA")
    assert calls(world, world.orders) == ["GET SalesOrders", "GET SalesOrders", "POST SalesOrders"]


def test_an_unknown_customer_costs_three_calls_more(new_world: NewWorld) -> None:
    """A stranger is looked for among what changed, the guid is seen absent, and the customer is created."""
    world = warm(watched(stocked(new_world(listing_keys=LISTING))))
    world.buy("TEA", email="new@example.test")
    told = calls(world, world.orders)
    assert told == ["GET Customers", "GET Customers", "POST Customers", "POST SalesOrders"]
    world.buy("CUP", email="New@Example.test")
    assert calls(world, world.orders) == ["POST SalesOrders"]


def test_any_number_of_unknown_products_cost_two_looks_and_a_post_each(new_world: NewWorld) -> None:
    """Three products that Unleashed lacks are looked for together and created before the order."""
    world = warm(watched(stocked(new_world(listing_keys=LISTING))))
    for sku in ("NEW-1", "NEW-2", "NEW-3"):
        world.shelf.add_simple(sku, f"Name of {sku}", "4.50", 3)
    world.buy("NEW-1", "NEW-2", ("NEW-3", 2))
    told = calls(world, world.orders)
    assert told == ["GET Products"] * 2 + ["POST Products"] * 3 + ["POST SalesOrders"]
    (made,) = world.books.by_code("NEW-3")
    assert (made.name, made.value("DefaultSellPrice")) == ("Name of NEW-3", Decimal("4.5"))


@pytest.mark.parametrize("inclusive", [False, True])
def test_the_totals_in_unleashed_are_the_stores(new_world: NewWorld, inclusive: bool) -> None:
    """Lines, shipping, tax and total of the sales order add up to what the buyer was charged."""
    world = stocked(new_world(listing_keys=LISTING))
    world.shop.settings.prices_include_tax = inclusive
    watched(world)
    world.buy(("TEA", 3), "CUP", shipping="5.00", fees=[("Gift wrap", "2.50")])
    world.orders()
    (document,) = world.documents().values()
    (sale,) = world.sales()
    assert (document.state, document.total) == ("posted", sale.total)
    assert document.found["found"] == document.found["sent"]
    assert len(sale.lines) == 4


def test_the_certificate_says_what_was_sent_and_found(new_world: NewWorld) -> None:
    """A posted order keeps its payload, its hash, Unleashed's number and both totals, and a time line."""
    world = watched(stocked(new_world(listing_keys=LISTING)))
    order = world.buy("TEA")
    world.orders()
    document = world.documents()[str(order.id)]
    assert document.order_number == f"WEB-{order.id}" == document.found["number"]
    assert document.payload is not None
    assert document.found["sent"] == {"sub_total": "10", "tax_total": "1.5", "total": "11.5", "lines": 1}
    assert world.timeline(str(order.id)) == ["received", "sending", "confirmed"]


def test_shadow_takes_orders_in_and_posts_nothing(new_world: NewWorld) -> None:
    """In shadow mode an order waits, and the run tells what would be posted."""
    world = new_world(listing_keys=LISTING, store_keys='mode = "shadow"')
    watched(stocked(world))
    order = world.buy("TEA")
    reports = world.orders()
    assert reports[-1].told == (f"order {order.id}: would post 11.5 NZD",)
    assert states(world) == {str(order.id): "waiting"}
    assert world.sales() == []


def test_a_dry_run_posts_nothing(new_world: NewWorld) -> None:
    """A dry run takes orders in and only tells; the next run posts them."""
    world = watched(stocked(new_world(listing_keys=LISTING)))
    world.buy("TEA")
    told = calls(world, lambda: world.orders(dry_run=True))
    assert writes(told) == []
    world.orders()
    assert len(world.sales()) == 1


def test_nothing_sold_costs_one_store_call_and_none_of_unleashed(new_world: NewWorld) -> None:
    """An idle shop costs one call to the shop and none to Unleashed."""
    world = warm(watched(stocked(new_world(listing_keys=LISTING))))
    assert world.calls(world.orders) == (0, 1)

"""What the store does with an order after it was made: paid later, called off, edited, given back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.flows.conftest import NewWorld
from tests.flows.selling import LISTING, states, stocked, taken, watched


def test_an_order_not_yet_paid_is_filtered_until_it_is(new_world: NewWorld) -> None:
    """On hold it is counted and kept from Unleashed; once paid it is posted."""
    world = watched(stocked(new_world(listing_keys=LISTING)))
    order = world.buy("TEA", status="on-hold")
    world.orders()
    assert states(world) == {str(order.id): "filtered"}
    assert world.documents()[str(order.id)].reason == "on-hold, not paid"
    world.shop.till.pay(order)
    world.orders()
    assert states(world) == {str(order.id): "posted"}
    assert len(world.sales()) == 1


def test_orders_from_before_the_first_contact_are_left_alone(new_world: NewWorld) -> None:
    """What was sold more than a day before the first contact is filtered, also when it changes later."""
    world = stocked(new_world(listing_keys=LISTING))
    old = world.buy("TEA")
    world.clock.pass_time(timedelta(hours=25))
    young = world.buy("CUP")
    watched(world)
    world.shop.till.change(old, note="please hurry")
    world.orders()
    assert states(world) == {str(old.id): "filtered", str(young.id): "posted"}
    assert "syncd orders import" in world.documents()[str(old.id)].reason


def test_since_is_settled_once(new_world: NewWorld) -> None:
    """The time of the first contact does not move on with later runs."""
    world = watched(stocked(new_world(listing_keys=LISTING)))
    late = world.buy("TEA", status="pending")
    world.clock.pass_time(timedelta(days=5))
    world.orders()
    world.shop.till.pay(late)
    world.orders()
    assert states(world) == {str(late.id): "posted"}


def test_a_configured_since_decides_and_may_be_put_back(new_world: NewWorld) -> None:
    """Orders before `orders.since` are filtered; an earlier one brings them in at the next run."""
    world = new_world(listing_keys=LISTING, more_toml="[store.shop.orders]\nsince = 2026-03-02T08:30:00Z")
    stocked(world)
    order = world.buy("TEA")
    world.clock.pass_time(timedelta(hours=1))
    world.orders()
    assert states(world) == {}
    world.more_toml = "[store.shop.orders]\nsince = 2026-03-02T07:00:00Z"
    world.orders()
    assert states(world) == {str(order.id): "posted"}


def test_an_order_called_off_before_it_was_posted_is_skipped(new_world: NewWorld) -> None:
    """It is not posted, its reason is kept, and what it took is free again."""
    world = watched(stocked(new_world(listing_keys=LISTING)))
    order = world.buy("TEA", status="on-hold")
    world.orders()
    assert taken(world) == {"TEA": 1}
    world.shop.till.cancel(order)
    world.orders()
    document = world.documents()[str(order.id)]
    assert (document.state, document.cause) == ("skipped", "cancelled")
    assert taken(world) == {}
    assert world.sales() == []


def test_an_order_called_off_and_paid_after_all_is_posted(new_world: NewWorld) -> None:
    """Skipped because the store called it off, it comes back when it counts again."""
    world = watched(stocked(new_world(listing_keys=LISTING)))
    order = world.buy("TEA", status="cancelled")
    world.orders()
    assert states(world) == {str(order.id): "skipped"}
    world.shop.till.pay(order)
    world.orders()
    assert states(world) == {str(order.id): "posted"}


@pytest.mark.parametrize("change", ["cancelled", "edited"])
def test_a_change_after_posting_is_shown_and_not_written(new_world: NewWorld, change: str) -> None:
    """Called off or edited after it was posted: a person is told, Unleashed stays as it is."""
    world = watched(stocked(new_world(listing_keys=LISTING)))
    order = world.buy("TEA")
    world.orders()
    (before,) = world.sales()
    if change == "edited":
        world.shop.till.edit(order, order.lines[0], 3)
    else:
        world.shop.till.cancel(order)
    world.orders()
    world.orders()
    document = world.documents()[str(order.id)]
    assert (document.state, document.cause) == ("posted", f"{change} after posting")
    assert document.changed_at is not None
    assert document.order_number in document.reason
    assert world.sales() == [before]
    assert world.timeline(str(order.id)).count(change) == 1


def test_a_refund_is_a_task_for_a_person(new_world: NewWorld) -> None:
    """A refund waits for a person, with the order's number, the amount and what came back."""
    world = watched(stocked(new_world(listing_keys=LISTING)))
    order = world.buy(("TEA", 2))
    world.orders()
    refund = world.shop.till.refund(order, {order.lines[0].id: 1})
    reports = world.orders()
    document = world.documents()[f"refund {refund.id}"]
    assert (document.state, document.cause) == ("parked", "refund")
    assert document.reason == f"11.5 NZD of order {order.id} were refunded in the store: 1 × TEA."
    assert f"WEB-{order.id}" in document.do
    assert reports[0].exit_code == 1
    assert states(world)[str(order.id)] == "posted"


def test_a_refund_becomes_a_credit_note_where_that_is_wanted(new_world: NewWorld) -> None:
    """With refunds = "credit" a free credit note says the same amount, once."""
    world = new_world(listing_keys=LISTING, more_toml='[store.shop.orders]\nrefunds = "credit"')
    watched(stocked(world))
    order = world.buy(("TEA", 2))
    world.orders()
    refund = world.shop.till.refund(order, {order.lines[0].id: 1})
    world.orders()
    world.orders()
    document = world.documents()[f"refund {refund.id}"]
    assert [each.total for each in world.unleashed.sales.credits.register.all()] == [Decimal("11.50")]
    assert document.state == "posted"
    assert document.found["found"]["total"] == "11.5" == document.found["sent"]["total"]


def test_a_refund_without_lines_stays_a_task(new_world: NewWorld) -> None:
    """An amount alone cannot become a credit note: a person writes it."""
    world = new_world(listing_keys=LISTING, more_toml='[store.shop.orders]\nrefunds = "credit"')
    watched(stocked(world))
    order = world.buy("TEA")
    world.orders()
    refund = world.shop.till.refund(order, amount="3.00")
    world.orders()
    document = world.documents()[f"refund {refund.id}"]
    assert (document.state, document.cause) == ("parked", "refund")
    assert list(world.unleashed.sales.credits.register.all()) == []


def test_an_order_that_cannot_be_read_waits_for_a_person_and_stops_nothing(new_world: NewWorld) -> None:
    """It is kept with the JSON received; the others are posted; corrected in the shop, it is posted too."""
    world = watched(stocked(new_world(listing_keys=LISTING)))
    broken = world.buy("TEA", wrong={"total": "NaN"})
    fine = world.buy("CUP")
    world.orders()
    document = world.documents()[str(broken.id)]
    assert (document.state, document.cause, "NaN" in document.raw) == ("parked", "unreadable", True)
    assert states(world)[str(fine.id)] == "posted"
    world.shop.till.change(broken, wrong={})
    world.orders()
    assert states(world)[str(broken.id)] == "posted"

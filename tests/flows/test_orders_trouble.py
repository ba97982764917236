"""Lost answers, refusals, outages and purses: an order is never lost and never posted twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.emulator.unleashed_settings import Settings
from syncd.emulator.wire import Request
from tests.flows.conftest import NewWorld
from tests.flows.selling import LISTING, calls, states, stocked, warm, watched, writes
from tests.world import World


def _is_order(request: Request) -> bool:
    return request.method == "POST" and "/SalesOrders/" in request.path


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """A world that has posted one order, with another one just made."""
    world = warm(watched(stocked(new_world(listing_keys=LISTING))))
    world.buy("CUP")
    return world


@pytest.mark.parametrize("kind", ["lose", "half", "truncate", "html", "empty", "status"])
def test_a_lost_answer_is_looked_up_before_anything_is_sent_again(world: World, kind: str) -> None:
    """Carried out or not, an order whose answer cannot be read is looked for, and is there once."""
    world.unleashed.faults.add(kind, match=_is_order)  # type: ignore[arg-type]
    world.orders()
    assert sorted(states(world).values()) == ["posted", "sent"]
    told = calls(world, world.orders)
    assert told[0] == "GET SalesOrders"
    assert sorted(states(world).values()) == ["posted", "posted"]
    assert len(world.sales()) == 2


def test_a_refusal_parks_the_order_with_unleasheds_words(world: World) -> None:
    """A clear no waits for a person, names what Unleashed said, and is not tried again by itself."""
    world.books.taxes[0]["TaxRate"] = world.books.taxes[0]["TaxRate"] + 1  # type: ignore[operator]
    reports = world.orders()
    document = next(each for each in world.documents().values() if each.state == "parked")
    assert document.cause == "refused by Unleashed"
    assert "TaxRate" in document.reason
    assert "syncd orders retry" in document.do
    assert reports[-1].exit_code == 1
    assert writes(calls(world, world.orders)) == []


def test_an_order_without_a_tax_code_names_the_key_that_settles_it(new_world: NewWorld) -> None:
    """Two codes with the line's rate: parked with the configuration's key, and one cause for all such."""
    world = stocked(new_world(listing_keys=LISTING))
    world.books.taxes.append({**world.books.taxes[0], "TaxCode": "VAT", "Guid": world.books.guid("tax", 9)})
    watched(world)
    world.buy("TEA")
    world.buy("CUP")
    world.orders()
    documents = list(world.documents().values())
    assert [each.state for each in documents] == ["parked", "parked"]
    assert len({each.cause for each in documents}) == 1
    assert documents[0].cause == "tax code standard"
    world.more_toml = '[store.shop.orders]\ntax_codes = { standard = "GST" }'
    world.retry(*(each.doc for each in documents))
    world.orders()
    assert set(states(world).values()) == {"posted"}


def test_a_negative_fee_is_posted_where_that_is_wanted(new_world: NewWorld) -> None:
    """A fee below zero waits for a person, who is told the key that has such lines posted."""
    world = stocked(new_world(listing_keys=LISTING))
    watched(world)
    world.buy("TEA", fees=[("Loyalty", "-1.00")])
    world.orders()
    (document,) = world.documents().values()
    assert (document.state, 'orders.negative_fees = "line"' in document.do) == ("parked", True)
    world.more_toml = '[store.shop.orders]\nnegative_fees = "line"'
    world.retry(document.doc)
    world.orders()
    assert set(states(world).values()) == {"posted"}


def test_a_spent_purse_keeps_the_order_for_later(new_world: NewWorld) -> None:
    """With no calls left the order waits as it is, and goes out when the purse goes on."""
    world = warm(watched(stocked(new_world(listing_keys=LISTING))))
    world.buy("CUP")
    world.account_keys = 'limits = [{ calls = 1, per = "day" }]'
    reports = world.orders()
    assert reports[-1].outcome == "paused"
    assert sorted(states(world).values()) == ["posted", "waiting"]
    world.account_keys = ""
    world.orders()
    assert set(states(world).values()) == {"posted"}


def test_a_429_is_waited_out_as_long_as_it_says(world: World) -> None:
    """Asked too often, the order is due again no earlier than Unleashed says."""
    world.unleashed.settings = _with(world, calls_per_minute=0, retry_after=7200)
    world.orders()
    document = next(each for each in world.documents().values() if each.state == "due")
    assert document.due_at is not None
    assert document.due_at >= world.clock.at + timedelta(seconds=7200)
    world.unleashed.settings = _with(world, calls_per_minute=None)
    world.clock.pass_time(timedelta(hours=3))
    world.orders()
    assert set(states(world).values()) == {"posted"}


def _with(world: World, **settings: object) -> Settings:
    return replace(world.unleashed.settings, **settings)  # type: ignore[arg-type]


def test_an_order_that_never_gets_through_is_given_up_after_three_days(world: World) -> None:
    """Tried after 15 minutes, 1 hour, 3 hours and every 6 hours, it is given up loudly after 3 days."""
    world.unleashed.faults.add("status", times=10**6, match=_is_order)
    tries = 0
    for _ in range(24 * 4):
        before = len(world.unleashed.calls)
        world.orders(minutes=60)
        tries += any(call.method == "POST" for call in world.unleashed.calls[before:])
    assert sorted(states(world).values()) == ["given_up", "posted"]
    document = next(each for each in world.documents().values() if each.state == "given_up")
    assert document.cause == "given up"
    assert 10 <= tries <= 20
    world.unleashed.faults.queue.clear()
    world.retry(document.doc)
    world.orders()
    assert set(states(world).values()) == {"posted"}
    assert len(world.sales()) == 2


def test_an_order_deleted_in_unleashed_waits_for_a_person(world: World) -> None:
    """What was posted and deleted there is not posted again by itself."""
    world.unleashed.faults.add("lose", match=_is_order)
    world.orders()
    sale = next(each for each in world.sales() if each.number != world.sales()[0].number)
    world.unleashed.sales.orders.deleted(sale.guid, world.unleashed.settings)
    world.orders()
    document = next(each for each in world.documents().values() if each.state == "parked")
    assert document.cause == "deleted in Unleashed"
    assert len(world.sales()) == 2


def test_totals_that_differ_are_shown_to_a_person(world: World) -> None:
    """A sales order that is there with other totals is taken over as posted, and said to differ."""
    world.unleashed.faults.add("lose", match=_is_order)
    world.orders()
    sale = next(each for each in world.sales() if each.number != world.sales()[0].number)
    world.unleashed.sales.orders.edit(sale.guid, total=sale.total + 1)
    world.orders()
    document = next(each for each in world.documents().values() if each.cause == "totals differ")
    assert document.state == "posted"
    assert "total 13.65 instead of 12.65" in document.reason


def test_an_order_that_is_called_off_while_its_answer_is_open_is_settled_after(world: World) -> None:
    """Sent, not carried out, called off meanwhile: it is looked for, and then skipped."""
    order = max(world.shop.till.orders.values(), key=lambda each: each.id)
    world.unleashed.faults.add("status", match=_is_order)
    world.orders()
    world.shop.till.cancel(order)
    world.orders()
    assert states(world)[str(order.id)] == "skipped"
    assert len(world.sales()) == 1


def test_an_order_is_sent_again_with_the_same_bytes(world: World) -> None:
    """What was stored before the first attempt is sent verbatim, whatever else has changed since."""
    world.unleashed.faults.add("status", match=_is_order)
    world.orders()
    world.books.change_product(world.guid("CUP"), name="Another name", price=99)
    world.customers()
    world.recent()
    world.orders()
    bodies = [request.body for request in world.wire.requests if _is_order(request)][1:]
    assert len(bodies) == 2
    assert len(set(bodies)) == 1
    assert set(states(world).values()) == {"posted"}


def test_an_order_that_was_not_sent_for_want_of_a_connection_is_due_again(world: World) -> None:
    """With the connection refused the run ends with the reason, and the order goes out a quarter later."""
    world.unleashed.faults.add("refuse", match=_is_order)
    reports = world.orders()
    assert (reports[-1].outcome, reports[-1].exit_code) == ("failed", 3)
    assert sorted(states(world).values()) == ["due", "posted"]
    world.orders(minutes=20)
    assert set(states(world).values()) == {"posted"}

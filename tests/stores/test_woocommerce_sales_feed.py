"""How orders are asked for: the walk by change, its calls, and answers that prove nothing."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.errors import BadAnswer
from tests.stores.counter import Feed, people
from tests.stores.woo_counter import CODE_FIELD, WooCounter

ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["sell", "sell", "late", "edit", "cancel", "give back", "bin", "page", "page"]),
        st.integers(0, 40),
        st.sampled_from([0, 0, 0, 1, 7, 61]),
    ),
    max_size=60,
)


def act(shop: WooCounter, feed: Feed, sold: list[str], action: str, pick: int) -> None:
    """Do one thing to the shop, or read a page of its feed."""
    if action == "page":
        feed.page()
    elif action == "sell":
        sold.append(shop.sell("TEA-100"))
    elif action == "late":
        sold.append(shop.sell_late("TEA-100", pick))
    elif sold and (order := shop.order(sold[pick % len(sold)])).status == "processing":
        if action == "give back" and not order.refunds:
            shop.give_back(str(order.id))
        elif action != "give back":
            {"edit": shop.edit, "cancel": shop.cancel, "bin": shop.bin_order}[action](str(order.id))


@pytest.mark.parametrize("old", [False, True])
@settings(max_examples=40, deadline=None)
@given(actions=ACTIONS, crowd=st.sampled_from([0, 99, 101, 205]))
def test_whatever_happens_between_pages_nothing_is_lost(
    old: bool, actions: list[tuple[str, int, int]], crowd: int
) -> None:
    """Sales, edits, refunds and late commits in any order: in the end the feed knows all as it is."""
    site: dict[str, Any] = {"refunds_endpoint": not old, "tie_break": not old, "hpos": not old}
    shop = WooCounter(**site)
    feed = Feed(shop)
    sold = [shop.sell("TEA-100") for _ in range(crowd)]
    for action, pick, wait in actions:
        act(shop, feed, sold, action, pick)
        shop.wait(wait)
    feed.read()
    shop.wait(4000)
    feed.read()
    assert {each: (feed.orders[each].status, feed.orders[each].note) for each in sold} == {
        each: (shop.order(each).status, shop.order(each).note) for each in sold
    }
    assert set(feed.refunds) == {str(back.id) for each in sold for back in shop.order(each).refunds}


def test_the_shops_zone_hides_nothing() -> None:
    """Trap 1: naive UTC with dates_are_gmt, never a Z, in a shop thirteen hours ahead."""
    shop = WooCounter(utc_offset=timedelta(hours=13))
    feed = Feed(shop)
    order_id = shop.sell("TEA-100")
    assert feed.read() == {order_id}
    query = dict(shop.wire.requests[-1].pairs())
    assert query["modified_after"] == "2026-11-21T09:59:59"
    assert query["dates_are_gmt"] == "true"


def test_a_slow_pass_forgets_nothing_that_happened_during_it() -> None:
    """Edited in the second in which it was read, an order comes again, however long the pass goes on."""
    shop = WooCounter()
    feed = Feed(shop)
    sold = [shop.sell("TEA-100") for _ in range(230)]
    feed.page()
    feed.page()
    shop.edit(sold[0])
    for _ in range(3):
        shop.wait(300)
        sold.append(shop.sell("TEA-100"))
    feed.read()
    feed.read()
    assert feed.orders[sold[0]].note == "edited"
    assert set(feed.orders) == set(sold)


def test_a_refund_costs_one_call_more() -> None:
    """A poll that brings an order with refunds is two calls, whatever their number up to a hundred."""
    shop = WooCounter()
    feed = Feed(shop)
    for _ in range(90):
        shop.give_back(shop.sell("TEA-100"))
    before = shop.calls()
    feed.read()
    assert shop.calls() - before == 2
    assert len(feed.refunds) == 90


def test_an_own_write_comes_back_and_no_refund_is_read_for_the_others() -> None:
    """Only what changed is new: an order that comes again brings its refunds, its neighbours stay away."""
    shop = WooCounter()
    feed = Feed(shop)
    first, second = shop.sell("TEA-100"), shop.sell("TEA-100")
    shop.give_back(first)
    feed.read()
    shop.wait(1)
    shop.store.write_order(second, tracking="NZ1")
    before = shop.calls()
    assert feed.read() == {second}
    assert shop.calls() - before == 1


def test_the_bin_is_read_once_an_hour() -> None:
    """A day of polls every five minutes is 288 calls and 24 for the bin."""
    shop = WooCounter()
    feed = Feed(shop)
    feed.read()
    before = shop.calls()
    for _ in range(288):
        shop.wait(300)
        feed.read()
    asked = Counter("trash" in request.query for request in shop.wire.requests[before:])
    assert asked == {False: 288, True: 24}


def test_a_crowded_bin_is_read_to_its_end() -> None:
    """Three hundred orders binned in one second all come as cancelled."""
    shop = WooCounter()
    feed = Feed(shop)
    sold = [shop.sell("TEA-100") for _ in range(300)]
    feed.read()
    for each in sold:
        shop.bin_order(each)
    shop.wait(3700)
    feed.read()
    assert {each.id for each in feed.orders.values() if each.cancelled} == set(sold)


def test_a_stamp_ahead_of_the_clock_holds_nobody_back() -> None:
    """An order stamped next year comes once, and those of today keep coming."""
    shop = WooCounter()
    feed = Feed(shop)
    today = shop.clock.moment
    shop.clock.moment = today + timedelta(days=365)
    ahead = shop.sell("TEA-100")
    shop.clock.moment = today
    assert feed.read() == {ahead}
    shop.wait(3000)
    order_id = shop.sell("TEA-100")
    assert feed.read() == {order_id}


@pytest.mark.parametrize("deaf", ["modified_after", "orderby", "order"])
def test_a_shop_that_ignores_the_question_is_not_believed(deaf: str) -> None:
    """Trap 2: rows that were not asked for, or come in another order, prove that a parameter was dropped."""
    shop = WooCounter(deaf=(deaf,))
    sold = []
    for _ in range(3):
        sold.append(shop.sell("TEA-100"))
        shop.wait(1000)
    shop.edit(sold[1])
    with pytest.raises(BadAnswer):
        shop.store.orders(shop.store.orders_from(shop.now() - timedelta(seconds=2500)))


def test_a_shop_that_ignores_which_refunds_were_asked_for() -> None:
    """Refunds that the list across orders lacks are read order by order."""
    shop = WooCounter(deaf=("include",))
    feed = Feed(shop)
    expected = {shop.give_back(shop.sell("TEA-100")) for _ in range(120)}
    feed.read()
    assert set(feed.refunds) == expected


def test_orders_kept_from_the_key_do_not_hide_others() -> None:
    """Rows that are counted and not shown make pages short, not the walk."""
    shop = WooCounter()
    feed = Feed(shop)
    sold = []
    for _ in range(250):
        sold.append(shop.sell("TEA-100"))
        shop.wait(1)
    shop.wire.withheld = {int(each) for each in sold[::3]}
    feed.read()
    assert set(feed.orders) == set(sold) - set(sold[::3])


def test_nothing_personal_is_asked_for_beyond_need() -> None:
    """Order keys, addresses of machines and payment links stay in the shop."""
    shop = WooCounter()
    feed = Feed(shop)
    order_id = shop.sell("TEA-100")
    feed.read()
    assert "order_key" not in feed.orders[order_id].raw
    assert "payment_url" not in feed.orders[order_id].raw


def test_the_code_is_the_customers_or_the_orders() -> None:
    """An order's own code counts first, else one call reads those of its customers."""
    shop = WooCounter()
    feed = Feed(shop)
    customer = int(shop.register("jo@example.test", code="ACME"))
    theirs = shop.sell("TEA-100", customer=customer)
    own = shop.sell("TEA-100", customer=customer, meta={CODE_FIELD: "OTHER"})
    feed.read()
    assert (feed.orders[theirs].buyer.code, feed.orders[own].buyer.code) == ("ACME", "OTHER")
    assert feed.orders[theirs].buyer.id == str(customer)
    assert [path for path in shop.asked() if path == "customers"] == ["customers"]


def test_customers_of_every_role_are_found() -> None:
    """Trap 14: a subscriber who buys is a customer too."""
    shop = WooCounter()
    staff = shop.till.customers.add("staff@example.test", role="subscriber")
    staff.billing = {"email": "private@example.test"}
    found, _ = people(shop)
    assert found[str(staff.id)].emails == ("staff@example.test", "private@example.test")


def test_a_pass_of_customers_costs_one_call_or_two() -> None:
    """Up to a hundred customers are one call a pass, more are two."""
    shop = WooCounter()
    cursor: str | None = None
    for expected, many in ((1, 50), (1, 50), (2, 60), (2, 0)):
        for n in range(many):
            shop.register(f"buyer{n}-{shop.calls()}@example.test")
        _, cursor = people(shop, cursor)
        before = shop.calls()
        _, cursor = people(shop, cursor)
        assert shop.calls() - before == expected

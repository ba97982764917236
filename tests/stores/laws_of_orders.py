"""Laws about what was sold: nothing is lost, nothing stops the feed, and an unchanged shop costs one call."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from syncd.core.order import BadOrder, StoreOrder
from syncd.errors import AuthRejected, BadAnswer, RemoteError, SyncdError, Throttled, Unavailable
from tests.stores.counter import CounterBook, Feed
from tests.stores.shop import Trouble


class FeedLaws(CounterBook):
    """Every order, every refund, each at least once and as it is now."""

    def test_an_empty_shop_has_no_orders(self) -> None:
        """Nothing comes, the feed ends, and the next pass asks again."""
        feed = Feed(self.open_counter())
        assert feed.read() == set()
        assert feed.read() == set()
        assert (feed.refunds, feed.bad) == ({}, {})

    def test_an_order_says_what_was_sold(self) -> None:
        """Lines name the listing and its code, amounts are exact, the buyer is known by e-mail."""
        shop = self.open_counter()
        feed = Feed(shop)
        ref = shop.put("TEA-100")
        order_id = shop.sell("TEA-100")
        feed.read()
        order = feed.orders[order_id]
        [line] = [each for each in order.lines if each.kind == "product"]
        assert (line.ref, line.code, line.quantity) == (ref, "TEA-100", Decimal(1))
        assert (line.total, line.tax) == (Decimal("9.50"), Decimal(0))
        assert order.total == sum(each.total + each.tax for each in order.lines)
        assert (order.buyer.id, order.buyer.email) == (None, "jo@example.test")
        assert (order.paid, order.cancelled, order.took_stock) == (True, False, True)
        assert order.currency == shop.facts.currency
        assert order.created.utcoffset() == timedelta(0)

    def test_an_order_takes_its_goods_off_the_shelf(self) -> None:
        """What a paid order took is missing from the stock that is shown."""
        shop = self.open_counter()
        ref = shop.put("TEA-100")
        shop.sell("TEA-100")
        assert shop.store.look(refs=[ref])[ref].content.stock == 11

    def test_an_unpaid_order_comes_too(self) -> None:
        """It says that it is not paid and took nothing, and comes again when it is paid."""
        shop = self.open_counter()
        feed = Feed(shop)
        order_id = shop.sell("TEA-100", paid=False)
        feed.read()
        assert (feed.orders[order_id].paid, feed.orders[order_id].took_stock) == (False, False)

    def test_the_feed_begins_where_it_was_told_to(self) -> None:
        """An order of the very second comes, one that was over a second before does not."""
        shop = self.open_counter()
        before = shop.sell("TEA-100")
        shop.wait(1)
        feed = Feed(shop)
        after = shop.sell("TEA-100")
        came = feed.read()
        assert after in came
        assert before not in came

    def test_equal_stamps_lose_nothing(self) -> None:
        """An order of the second in which the feed was last read comes at the next pass."""
        shop = self.open_counter()
        feed = Feed(shop)
        first = shop.sell("TEA-100")
        assert feed.read() == {first}
        second = shop.sell("TEA-100")
        assert second in feed.read()

    def test_five_hundred_orders_in_one_second(self) -> None:
        """More orders with one stamp than pages hold all come, and so do those around them."""
        shop = self.open_counter()
        feed = Feed(shop)
        sold = {shop.sell("TEA-100")}
        shop.wait(5)
        sold |= {shop.sell("TEA-100") for _ in range(500)}
        shop.wait(5)
        sold |= {shop.sell("TEA-100")}
        assert feed.read() == sold

    @pytest.mark.parametrize("crowded", [False, True])
    def test_an_order_edited_while_paging_comes_again(self, crowded: bool) -> None:
        """Each page is followed by an edit of an order read already: nothing else is skipped for it."""
        shop = self.open_counter()
        feed = Feed(shop)
        sold = []
        for _ in range(330):
            sold.append(shop.sell("TEA-100"))
            shop.wait(0 if crowded else 1)
        leaving = iter(sold)
        edited: list[str] = []

        def edit() -> None:
            for order_id in [next(leaving) for _ in range(20)]:
                shop.wait(1)
                shop.edit(order_id)
                edited.append(order_id)

        feed.read(edit)
        feed.read()
        assert set(feed.orders) == set(sold)
        assert all(feed.orders[each].note == "edited" for each in edited)

    def test_an_edited_order_comes_again(self) -> None:
        """Changed after it was read, also within the same second, it comes as it is now."""
        shop = self.open_counter()
        feed = Feed(shop)
        order_id = shop.sell("TEA-100")
        feed.read()
        shop.edit(order_id)
        assert order_id in feed.read()
        assert feed.orders[order_id].note == "edited"
        shop.wait(4000)
        shop.cancel(order_id)
        assert order_id in feed.read()
        assert feed.orders[order_id].cancelled

    def test_a_cancelled_order_holds_nothing(self) -> None:
        """It comes as cancelled, not paid, and its goods are back."""
        shop = self.open_counter()
        feed = Feed(shop)
        ref = shop.put("TEA-100")
        order_id = shop.sell("TEA-100")
        shop.cancel(order_id)
        feed.read()
        order = feed.orders[order_id]
        assert (order.cancelled, order.paid, order.took_stock) == (True, False, False)
        assert shop.store.look(refs=[ref])[ref].content.stock == 12

    def test_a_binned_order_comes_as_cancelled(self) -> None:
        """No list shows the bin, and still the feed tells within the hour; read by its id it is there."""
        shop = self.open_counter()
        feed = Feed(shop)
        order_id = shop.sell("TEA-100")
        feed.read()
        shop.wait(60)
        shop.bin_order(order_id)
        for _ in range(13):
            shop.wait(300)
            feed.read()
        assert feed.orders[order_id].cancelled
        found = shop.store.order(order_id)
        assert isinstance(found, StoreOrder)
        assert found.cancelled

    @pytest.mark.parametrize("seconds", [1, 90])
    def test_an_order_stored_late_comes_late(self, seconds: int) -> None:
        """Stamped before others that were read already, it is met by a later pass."""
        shop = self.open_counter()
        feed = Feed(shop)
        late = shop.sell_late("TEA-100", seconds)
        for _ in range(10):
            shop.wait(10)
            shop.sell("TEA-100")
            feed.read()
        assert late in feed.orders

    def test_a_refund_is_a_document_of_its_own(self) -> None:
        """Goods and money come as positive figures that name the order's line; the order's lines stay."""
        shop = self.open_counter()
        feed = Feed(shop)
        order_id = shop.sell("TEA-100")
        feed.read()
        before = feed.orders[order_id]
        shop.wait(1000)
        refund_id = shop.give_back(order_id)
        feed.read()
        refund = feed.refunds[refund_id]
        assert (refund.order_id, refund.amount) == (order_id, Decimal("9.50"))
        [line] = refund.lines
        assert (line.line, line.quantity, line.total) == (before.lines[0].id, Decimal(1), Decimal("9.50"))
        assert (line.ref, line.code) == (before.lines[0].ref, "TEA-100")
        assert feed.orders[order_id].lines[0].total == Decimal("9.50")
        assert [each.id for each in shop.store.refunds_of(order_id)] == [refund_id]

    def test_many_refunds_come_with_their_orders(self) -> None:
        """A hundred and twenty refunds in one poll are all read."""
        shop = self.open_counter()
        feed = Feed(shop)
        expected = {shop.give_back(shop.sell("TEA-100")): at for at in range(120)}
        feed.read()
        assert set(feed.refunds) == set(expected)

    def test_the_cursor_survives_a_restart(self) -> None:
        """Kept as text in the middle of a pass, it goes on with nothing lost."""
        shop = self.open_counter()
        feed = Feed(shop)
        sold = set()
        for _ in range(150):
            sold.add(shop.sell("TEA-100"))
            shop.wait(1)
        assert feed.page().more
        later = Feed(shop)
        later.cursor = str(feed.cursor.encode().decode())
        later.read()
        assert set(feed.orders) | set(later.orders) == sold

    def test_the_same_cursor_may_be_used_again(self) -> None:
        """A page that was not saved comes again."""
        shop = self.open_counter()
        order_id = shop.sell("TEA-100")
        cursor = shop.store.orders_from(shop.now())
        for _ in range(2):
            assert [each.id for each in shop.store.orders(cursor).orders] == [order_id]

    def test_a_cursor_of_somebody_else_is_refused(self) -> None:
        """What this store did not write is a sentence, not a feed from nowhere."""
        with pytest.raises(SyncdError):
            self.open_counter().store.orders("not a cursor")

    def test_one_spoilt_order_does_not_stop_the_feed(self) -> None:
        """It is reported with its id and what came, and its neighbours come as ever."""
        shop = self.open_counter()
        feed = Feed(shop)
        first, spoilt, last = (shop.sell("TEA-100") for _ in range(3))
        shop.spoil(spoilt)
        feed.read()
        assert set(feed.orders) >= {first, last}
        assert set(feed.bad) == {spoilt}
        assert feed.bad[spoilt].reason
        assert feed.bad[spoilt].raw
        assert isinstance(shop.store.order(spoilt), BadOrder)

    def test_an_order_can_be_read_by_its_id(self) -> None:
        """It comes as in the feed; what is no order is None."""
        shop = self.open_counter()
        feed = Feed(shop)
        order_id = shop.sell("TEA-100")
        feed.read()
        assert shop.store.order(order_id) == feed.orders[order_id]
        assert [shop.store.order(each) for each in ("999999", "no id", "")] == [None, None, None]
        assert list(shop.store.refunds_of("999999")) == []

    def test_an_unchanged_shop_costs_one_call(self) -> None:
        """A poll that finds nothing is one call, whatever was sold before."""
        shop = self.open_counter()
        feed = Feed(shop)
        shop.give_back(shop.sell("TEA-100"))
        feed.read()
        before = shop.calls()
        for _ in range(10):
            shop.wait(300)
            assert feed.read() == set()
        assert shop.calls() - before == 10

    @pytest.mark.parametrize(
        ("kind", "error"),
        [("throttled", Throttled), ("down", Unavailable), ("key", AuthRejected)],
    )
    def test_a_turned_away_poll_loses_nothing(self, kind: Trouble, error: type[RemoteError]) -> None:
        """The cursor is as good as before."""
        shop = self.open_counter()
        feed = Feed(shop)
        order_id = shop.sell("TEA-100")
        shop.trouble(kind)
        with pytest.raises(error):
            feed.read()
        if kind != "key":
            assert feed.read() == {order_id}

    def test_a_page_instead_of_orders_is_not_believed(self) -> None:
        """HTML with status 200 is no empty feed, and loses nothing."""
        shop = self.open_counter()
        feed = Feed(shop)
        order_id = shop.sell("TEA-100")
        shop.trouble("html")
        with pytest.raises(BadAnswer):
            feed.read()
        assert feed.read() == {order_id}

    def test_half_a_page_of_orders_is_not_believed(self) -> None:
        """An answer cut short is repeated or refused; no order in it is taken for all there are."""
        shop = self.open_counter()
        feed = Feed(shop)
        sold = {shop.sell("TEA-100") for _ in range(20)}
        shop.trouble("half")
        feed.read()
        assert set(feed.orders) == sold

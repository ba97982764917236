"""Laws about people: everybody comes, changed records in turns; and orders are told what became of them."""

from __future__ import annotations

import pytest

from syncd.core.order import StoreCustomer, StoreOrder
from tests.stores.counter import CounterBook, people


class CustomerLaws(CounterBook):
    """Nobody who is registered is overlooked for long."""

    def test_every_customer_comes_once_at_first(self) -> None:
        """The first pass brings everybody, over as many pages as it takes."""
        shop = self.open_counter()
        ids = {shop.register(f"buyer{n}@example.test") for n in range(230)}
        assert set(people(shop)[0]) == ids

    def test_a_shop_without_customers(self) -> None:
        """An empty first pass, and the one who registers later comes at the next."""
        shop = self.open_counter()
        found, cursor = people(shop)
        assert found == {}
        new = shop.register("Jo@Example.test")
        assert people(shop, cursor)[0][new].emails == ("Jo@Example.test",)

    @pytest.mark.parametrize("many", [20, 150])
    def test_new_customers_come_at_the_next_pass(self, many: int) -> None:
        """Whoever registered since comes, whatever else does."""
        shop = self.open_counter()
        for n in range(many):
            shop.register(f"buyer{n}@example.test")
        _, cursor = people(shop)
        new = {shop.register(f"new{n}@example.test") for n in range(120)}
        found, _ = people(shop, cursor)
        assert new <= set(found)

    def test_a_changed_customer_is_met_in_time(self) -> None:
        """With no feed of changes, everybody is read again in turns of a hundred at most."""
        shop = self.open_counter()
        ids = [shop.register(f"buyer{n}@example.test") for n in range(330)]
        _, cursor = people(shop)
        shop.rename(ids[250], "married@example.test")
        met: dict[str, StoreCustomer] = {}
        for _ in range(5):
            found, cursor = people(shop, cursor)
            met |= found
        assert met[ids[250]].emails[0] == "married@example.test"

    def test_a_customer_carries_the_account_code(self) -> None:
        """The code comes from the field that is configured."""
        shop = self.open_counter()
        customer = shop.register("jo@example.test", code="ACME")
        assert people(shop)[0][customer].code == "ACME"


class WriteBackLaws(CounterBook):
    """A write to an order may be repeated, and what was called off is left alone."""

    def test_an_order_is_told_what_became_of_it(self) -> None:
        """The status is set, a second time changes nothing, and what is gone is refused."""
        shop = self.open_counter()
        order_id = shop.sell("TEA-100")
        assert shop.store.write_order(order_id, status="completed", tracking="NZ123") is None
        assert shop.store.write_order(order_id, status="completed", tracking="NZ123") is None
        found = shop.store.order(order_id)
        assert isinstance(found, StoreOrder)
        assert found.status == "completed"
        assert shop.store.write_order("999999", status="completed") is not None

    def test_a_cancelled_order_is_not_completed(self) -> None:
        """What was called off in the meantime is left alone, with a reason."""
        shop = self.open_counter()
        order_id = shop.sell("TEA-100")
        shop.cancel(order_id)
        refused = shop.store.write_order(order_id, status="completed")
        assert refused is not None
        assert refused.reason
        found = shop.store.order(order_id)
        assert isinstance(found, StoreOrder)
        assert found.cancelled

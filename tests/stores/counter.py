"""A shop that sells, as the laws of orders see it, and a reader that takes its feed in as intake does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from syncd.core.order import BadOrder, OrderPage, StoreCustomer, StoreOrder, StoreRefund
from tests.stores.shop import Shop


class Counter(Shop, Protocol):
    """A shop whose owner sells things, and whose clock moves only when told to."""

    def now(self) -> datetime: ...

    def wait(self, seconds: int) -> None: ...

    def sell(self, *codes: str, paid: bool = True, buyer: str = "jo@example.test") -> str:
        """Sell one of each, to a guest, now; return the order's id. What is not there yet is listed."""
        ...

    def sell_late(self, code: str, seconds: int) -> str:
        """Sell one; the order can be seen so many seconds after its stamp."""
        ...

    def edit(self, order_id: str) -> None:
        """Change an order so that it is stamped anew."""
        ...

    def cancel(self, order_id: str) -> None: ...

    def bin_order(self, order_id: str) -> None: ...

    def give_back(self, order_id: str) -> str:
        """Refund one of the first line, goods and money; return the refund's id."""
        ...

    def spoil(self, order_id: str) -> None:
        """Let a plugin put nonsense into the order's total."""
        ...

    def register(self, email: str, code: str = "") -> str:
        """Register a customer with an account code; return the id."""
        ...

    def rename(self, customer_id: str, email: str) -> None: ...


class Feed:
    """Reads a shop's orders as intake does: page by page, the cursor kept as text."""

    def __init__(self, shop: Counter, since: datetime | None = None) -> None:
        self.shop = shop
        self.cursor = shop.store.orders_from(since or shop.now())
        self.orders: dict[str, StoreOrder] = {}
        self.refunds: dict[str, StoreRefund] = {}
        self.bad: dict[str, BadOrder] = {}

    def page(self) -> OrderPage:
        page = self.shop.store.orders(self.cursor)
        self.cursor = page.cursor
        self.orders |= {each.id: each for each in page.orders}
        self.refunds |= {each.id: each for each in page.refunds}
        self.bad |= {each.id: each for each in page.bad}
        return page

    def read(self, between: Callable[[], object] | None = None) -> set[str]:
        """Read a pass to its end, doing `between` after each page; return the ids that came."""
        came: set[str] = set()
        for _ in range(200):
            page = self.page()
            came |= {each.id for each in page.orders}
            if not page.more:
                return came
            if between is not None:
                between()
        raise AssertionError("the feed does not end")


class CounterBook(ABC):
    """What a collection of laws about sales needs: a fresh, empty shop for each, with a till."""

    @abstractmethod
    def open_counter(self) -> Counter: ...


def people(shop: Counter, cursor: str | None = None) -> tuple[dict[str, StoreCustomer], str]:
    """Read one pass of customers to its end; return them by id, and the cursor for the next pass."""
    found: dict[str, StoreCustomer] = {}
    for _ in range(100):
        page = shop.store.customers(cursor)
        found |= {each.id: each for each in page.customers}
        cursor = page.cursor
        if not page.more:
            return found, cursor
    raise AssertionError("the customers do not end")

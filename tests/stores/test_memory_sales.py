"""The store in memory keeps every law of orders and customers that needs no wire."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

import pytest

from syncd.core.order import (
    BadOrder,
    Buyer,
    OrderLine,
    RefundLine,
    StoreCustomer,
    StoreOrder,
    StoreRefund,
)
from tests.stores.order_conformance import OrderLaws
from tests.stores.test_memory import MemoryShop
from tests.stores.woo_shop import HandClock

PRICE = Decimal("9.50")


class MemoryCounter(MemoryShop):
    """A memory store with a till; ids count up from 1."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = HandClock()
        self.last = 0
        self.waiting: list[tuple[datetime, StoreOrder]] = []

    def now(self) -> datetime:
        return self.clock.now()

    def wait(self, seconds: int) -> None:
        self.clock.sleep(seconds)
        for due, order in [each for each in self.waiting if each[0] <= self.now()]:
            self.waiting.remove((due, order))
            self.store.sell(order)

    def sell(self, *codes: str, paid: bool = True, buyer: str = "jo@example.test") -> str:
        order = self._order(codes, paid, buyer)
        self.store.sell(order)
        return order.id

    def sell_late(self, code: str, seconds: int) -> str:
        order = self._order((code,), True, "jo@example.test")
        self.waiting.append((self.now() + timedelta(seconds=seconds), order))
        return order.id

    def edit(self, order_id: str) -> None:
        self._change(order_id, note="edited")

    def cancel(self, order_id: str) -> None:
        self._change(order_id, status="cancelled", cancelled=True, paid=False, took_stock=False)

    def bin_order(self, order_id: str) -> None:
        self._change(order_id, status="trash", cancelled=True, paid=False)

    def give_back(self, order_id: str) -> str:
        line = self.found(order_id).lines[0]
        back = RefundLine(line.id, "product", line.name, Decimal(1), PRICE, Decimal(0), line.ref, line.code)
        refund = StoreRefund(self._next(), order_id, PRICE, self.now(), lines=(back,))
        self.store.sell(refund)
        return refund.id

    def spoil(self, order_id: str) -> None:
        self.store.journal = [each for each in self.store.journal if each.id != order_id]
        self.store.sell(BadOrder(order_id, "its total is 'NaN'.", "{}"))

    def register(self, email: str, code: str = "") -> str:
        customer = StoreCustomer(self._next(), (email,), code=code)
        self.store.register(customer)
        return customer.id

    def rename(self, customer_id: str, email: str) -> None:
        self.store.register(StoreCustomer(customer_id, (email,)))

    def found(self, order_id: str) -> StoreOrder:
        order = self.store.order(order_id)
        assert isinstance(order, StoreOrder)
        return order

    def _change(self, order_id: str, **values: object) -> None:
        order = replace(self.found(order_id), modified=self.now())
        self.store.sell(replace(order, **values))  # type: ignore[arg-type]

    def _order(self, codes: tuple[str, ...], paid: bool, buyer: str) -> StoreOrder:
        lines = tuple(self._line(code) for code in codes)
        return StoreOrder(
            id=(order_id := self._next()),
            number=order_id,
            status="processing" if paid else "pending",
            currency="NZD",
            total=PRICE * len(lines),
            total_tax=Decimal(0),
            created=self.now(),
            modified=self.now(),
            paid=paid,
            took_stock=paid,
            buyer=Buyer(email=buyer),
            lines=lines,
        )

    def _line(self, code: str) -> OrderLine:
        known = [ref for ref, record in self.store.records.items() if record.code == code]
        ref = known[0] if known else self.put(code)
        line_id = self._next()
        return OrderLine(line_id, "product", code, Decimal(1), PRICE, PRICE, Decimal(0), ref=ref, code=code)

    def _next(self) -> str:
        self.last += 1
        return str(self.last)


class TestMemorySales(OrderLaws):
    """What only a wire can do is exempt."""

    exempt: ClassVar[dict[str, str]] = {
        "test_a_page_instead_of_orders_is_not_believed": "there is no wire that could bring a page",
        "test_half_a_page_of_orders_is_not_believed": "there is no wire that could break",
    }

    def open_counter(self) -> MemoryCounter:
        return MemoryCounter()


def test_an_exemption_must_name_a_law_of_orders() -> None:
    """A misspelt exemption is an error, not a law that silently stays."""
    with pytest.raises(AttributeError):
        type("Wrong", (OrderLaws,), {"exempt": {"test_no_such_law": "a slip"}})

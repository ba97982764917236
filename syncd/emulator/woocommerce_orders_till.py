"""The till of a WooCommerce shop: what buyers and the shop's people do with orders, at virtual times."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from syncd.emulator.woocommerce_customers_records import Customer, Register
from syncd.emulator.woocommerce_numbers import Number
from syncd.emulator.woocommerce_orders_basket import Basket, Taking
from syncd.emulator.woocommerce_orders_money import sums
from syncd.emulator.woocommerce_orders_records import (
    GIVES_BACK,
    TAKES_STOCK,
    Coupon,
    Line,
    Note,
    Order,
    Refund,
    TaxRate,
)
from syncd.emulator.woocommerce_orders_stock import adjust, give_back, restock, take
from syncd.emulator.woocommerce_shelf import Shelf
from syncd.emulator.woocommerce_shop import Settings

__all__ = ["Taking", "Till"]


class Till:
    """Orders in memory, by id; ids are counted together with those of products, as posts are.

    `tax_rates` and `coupons` are the shop's tables. Every save stamps the clock's whole second.
    """

    def __init__(self, shelf: Shelf, settings: Settings, clock: Callable[[], datetime]) -> None:
        self.shelf, self.settings, self.clock = shelf, settings, clock
        self.customers = Register(clock, shelf.next_meta_id)
        self.tax_rates: list[TaxRate] = []
        self.coupons: dict[str, Coupon] = {}
        self.orders: dict[int, Order] = {}
        self.mails: list[tuple[int, str]] = []
        """What the buyers were mailed: the order's id, and the new status or "note"."""
        self._by_change: list[tuple[int, int]] = []
        self._last_line = 5
        self._last_note = 0

    # What happens at the till.

    def place(
        self,
        *taken: Taking | tuple[int, Number],
        status: str = "processing",
        customer: Customer | int | None = None,
        billing: Mapping[str, str] | None = None,
        shipping: Decimal | str | None = None,
        fees: Iterable[tuple[str, Decimal | str]] = (),
        coupons: Sequence[str] = (),
        payment_method: str = "card",
        late: int = 0,
        meta: Mapping[str, Any] | None = None,
        **values: Any,
    ) -> Order:
        """Place an order for things on the shelf, and move it to `status` at once.

        `shipping` and `fees` are amounts ex tax; no customer is a guest. `late` is for how many seconds
        after its stamp nobody can see it, as where a slow transaction commits. `values` are further fields.
        """
        order = self._blank(customer, billing, payment_method, late, values)
        Basket(self.shelf, self.settings, self.tax_rates, self.next_line).fill(
            order, taken, shipping, fees, [self.coupons[code] for code in coupons]
        )
        order.meta = [
            {"id": self.shelf.next_meta_id(), "key": k, "value": v} for k, v in (meta or {}).items()
        ]
        self.orders[order.id] = order
        insort(self._by_change, (order.modified, order.id))
        self._became(order, "")
        if status != order.status:
            self.set_status(order, status)
        return order

    def set_status(self, order: Order, status: str) -> None:
        """Move to another status, with what that does to stock, payment and completion."""
        before, order.status = order.status, status
        if before != status:
            self._became(order, before)
        self.save(order)

    def hold(self, order: Order) -> None:
        self.set_status(order, "on-hold")

    def pay(self, order: Order) -> None:
        """The payment came in: processing, or completed where there is nothing to send."""
        order.paid = order.paid or self._now()
        self.set_status(order, "processing" if self.needs_processing(order) else "completed")

    def complete(self, order: Order) -> None:
        self.set_status(order, "completed")

    def cancel(self, order: Order) -> None:
        self.set_status(order, "cancelled")

    def trash(self, order: Order) -> None:
        """Into the bin: it leaves every list, is stamped, and keeps what it took (trash_order)."""
        was = {"key": "_wp_trash_meta_status", "value": f"wc-{order.status}"}
        order.meta.append({"id": self.shelf.next_meta_id(), **was})
        order.status = "trash"
        self.save(order)

    def delete(self, order: Order) -> None:
        """Delete for good; nothing tells that it ever was."""
        self._unindex(order)
        del self.orders[order.id]
        self.shelf.revision += 1

    def edit(self, order: Order, line: Line, quantity: Number) -> None:
        """Change the quantity of a line in the admin pages: amounts, totals and stock follow."""
        adjust(line, quantity, self.shelf)
        line.entered = line.entered * Decimal(str(quantity)) / Decimal(str(line.quantity))
        line.quantity = quantity
        Basket(self.shelf, self.settings, self.tax_rates, self.next_line).price(order)
        self.save(order)

    def change(self, order: Order, **values: Any) -> None:
        """Change fields of the order itself, as in the admin pages: date_modified moves."""
        for name, value in values.items():
            setattr(order, name, value)
        self.save(order)

    def add_note(self, order: Order, text: str, *, for_customer: bool = False) -> Note:
        """Add a note: date_modified stays (reference section 7.2)."""
        self._last_note += 1
        note = Note(self._last_note, text, for_customer, self._now())
        order.notes.append(note)
        if for_customer:
            self.mails.append((order.id, "note"))
        self.shelf.revision += 1
        return note

    def refund(
        self,
        order: Order,
        lines: Mapping[int, Number] | None = None,
        *,
        amount: Decimal | str | None = None,
        reason: str = "",
        back_on_shelf: bool = True,
    ) -> Refund:
        """Give back quantities by line id, or an amount alone (inc tax); the order's own lines stay.

        A shipping or fee line goes back whole, whatever quantity is named. The status becomes `refunded`
        only when one refund gives everything back (reference section 7.5).
        """
        refund = Refund(self.shelf.next_id(), order.id, Decimal(0), reason, self._now())
        basket = Basket(self.shelf, self.settings, self.tax_rates, self.next_line)
        back = {line.id: line for line in order.lines}
        for line_id, quantity in (lines or {}).items():
            refund.lines.append(basket.returned(back[line_id], quantity))
            if back_on_shelf and back[line_id].kind == "line_item":
                restock(back[line_id], quantity, self.shelf)
        refund.amount = Decimal(amount) if amount is not None else basket.worth(refund, order)
        whole = refund.amount >= sums(order, self.settings).total
        kind = "full" if whole else "partial"
        refund.meta = [{"id": self.shelf.next_meta_id(), "key": "_refund_type", "value": kind}]
        order.refunds.append(refund)
        self.set_status(order, "refunded" if whole else order.status)
        return refund

    # What the emulator reads and does.

    def save(self, order: Order) -> None:
        """Store an order: date_modified becomes now."""
        self._unindex(order)
        order.modified = self._now()
        insort(self._by_change, (order.modified, order.id))
        self.shelf.revision += 1

    def get(self, order_id: int) -> Order | None:
        """Return an order that can be seen by now."""
        order = self.orders.get(order_id)
        return order if order is not None and order.visible <= self._now() else None

    def by_change(self, after: int | None, before: int | None) -> list[Order]:
        """Return what can be seen and was stamped between the two seconds, both excluded, oldest first."""
        low = bisect_left(self._by_change, (after + 1, 0)) if after is not None else 0
        high = bisect_left(self._by_change, (before, 0)) if before is not None else len(self._by_change)
        now = self._now()
        found = (self.orders[each] for _, each in self._by_change[low:high])
        return [order for order in found if order.visible <= now]

    def needs_processing(self, order: Order) -> bool:
        """Tell whether anything in the order must be sent."""
        items = (self.shelf.get(line.stock_id) for line in order.of("line_item"))
        return any(item is None or not item.extra.get("virtual", False) for item in items)

    def next_line(self) -> int:
        self._last_line += 1
        return self._last_line

    def _blank(
        self,
        customer: Customer | int | None,
        billing: Mapping[str, str] | None,
        payment_method: str,
        late: int,
        values: dict[str, Any],
    ) -> Order:
        buyer = self.customers.get(customer) if isinstance(customer, int) else customer
        now = self._now()
        order = Order(
            self.shelf.next_id(),
            "pending",
            values.pop("currency", self.settings.currency),
            self.settings.prices_include_tax and self.settings.calc_taxes,
            created=now,
            modified=now,
            visible=now + late if late else 0,
            customer_id=buyer.id if buyer else 0,
            payment_method=payment_method,
            billing=dict(billing if billing is not None else buyer.billing if buyer else {}),
        )
        for name, value in values.items():
            setattr(order, name, value)
        return order

    def _became(self, order: Order, before: str) -> None:
        if order.status in TAKES_STOCK and not order.stock_reduced:
            take(order, self.shelf, managed=self.settings.manage_stock)
        elif order.status in GIVES_BACK and order.stock_reduced and before:
            give_back(order, self.shelf)
        paid_at = "completed" if order.payment_method == "cod" else "processing"
        if order.paid is None and order.status in (paid_at, "completed"):
            order.paid = self._now()
        if order.status == "completed":
            order.completed = self._now()
        if order.status in ("processing", "on-hold", "completed", "refunded"):
            self.mails.append((order.id, order.status))

    def _unindex(self, order: Order) -> None:
        del self._by_change[bisect_left(self._by_change, (order.modified, order.id))]

    def _now(self) -> int:
        return int(self.clock().timestamp())

"""The sales orders of an emulated Unleashed company: posted, completed, deleted, and what stock they take."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from syncd.emulator.unleashed_books import Books
from syncd.emulator.unleashed_customers import Customers
from syncd.emulator.unleashed_customers_records import same
from syncd.emulator.unleashed_orders_body import Body, invalid
from syncd.emulator.unleashed_orders_posting import Clerk
from syncd.emulator.unleashed_orders_records import OPEN, Invoice, Line, Order
from syncd.emulator.unleashed_orders_register import AT_ONCE, Register, stamp
from syncd.emulator.unleashed_orders_settings import SalesSettings
from syncd.emulator.unleashed_records import ZERO, Stock
from syncd.emulator.unleashed_wire import Refused


class Orders:
    """All sales orders and invoices of one company. People's changes and the API's go through the same rules.

    Orders that reserve raise `AllocatedQty` of their warehouse, completing lowers `QtyOnHand`; either stamps
    the stock row and never the product (reference 4.5, 5.3).
    """

    def __init__(self, books: Books, customers: Customers) -> None:
        self.books, self.customers = books, customers
        self.register: Register[Order] = Register(books.clock)
        self.invoices: Register[Invoice] = Register(books.clock)
        self._made = 0

    def get(self, guid: str) -> Order:
        """Return an order as it is. Raise KeyError for an unknown guid."""
        found = self.register.get(guid)
        if found is None:
            raise KeyError(f"there is no order {guid}")
        return found

    def numbered(self, number: str) -> list[Order]:
        """Return the orders with exactly this number, deleted ones too."""
        return [order for order in self.register.all() if order.number == number]

    def posted(self, path_guid: str | None, body: Body, settings: SalesSettings) -> Order:
        """Create an order, or change the open one with this guid. Raise Refused."""
        guid = self._guid_for(path_guid, body)
        before = self.register.get(guid)
        if before is not None and settings.repeated_order == "refuse":
            raise invalid("There is an order with this Guid already.")
        return self._written(guid, before, body, settings)

    def put(self, guid: str, body: Body, settings: SalesSettings) -> Order:
        """Change an open order (documents: PUT SalesOrders). Raise Refused."""
        before = self._known(guid)
        self._guid_for(guid, body)
        return self._written(before.guid, before, body, settings)

    def deleted(self, guid: str, settings: SalesSettings) -> Order:
        """Delete an open order: it keeps its number, hides, and gives its stock back. Raise Refused."""
        before = self._open(self._known(guid))
        self._release(before, settings)
        return self._store(replace(before, status="Deleted"), settings.seen_after)

    def completed(self, guid: str, settings: SalesSettings) -> Order:
        """Complete an open order, which takes its stock and makes an invoice. Raise Refused."""
        before = self._open(self._known(guid))
        self._check_completable(before, settings)
        self._release(before, settings)
        return self._finish(before, settings)

    def edit(self, guid: str, *, bump: bool = True, late: timedelta = AT_ONCE, **changes: object) -> None:
        """Change attributes of an order as a person would in the web pages. Raise KeyError."""
        after = replace(self.get(guid), **changes)  # type: ignore[arg-type]
        self._store(after, late, bump=bump)

    def recount(self, guid: str, warehouse: str, on_hand: Decimal | int | str) -> None:
        """Set what a warehouse holds of a product and leave what orders have reserved."""
        self.books.set_stock(guid, warehouse, on_hand, self._stock(guid, warehouse).allocated)

    def _written(self, guid: str, before: Order | None, body: Body, settings: SalesSettings) -> Order:
        if before is not None:
            self._open(before)
        number = self._number(guid, before, body, settings)
        clerk = Clerk(self.books, self.customers, settings, stamp(self.books.clock))
        order = clerk.order(guid, number, body)
        after = replace(order, created=before.created if before else clerk.now)
        if after.status == "Completed":
            self._check_completable(after, settings)
        if before is not None:
            self._release(before, settings)
        if after.status == "Completed":
            return self._finish(after, settings)
        self._reserve(after, settings)
        return self._store(after, settings.seen_after)

    def _number(self, guid: str, before: Order | None, body: Body, settings: SalesSettings) -> str:
        given = body.text("OrderNumber", settings.order_number_limit or 500)
        if given is None:
            return before.number if before else self._next_number()
        taken = {
            same(order.number, settings)
            for order in self.register.all()
            if order.guid != guid and not (order.status == "Deleted" and settings.deleted_number_is_free)
        }
        if settings.duplicate_order_number == "refuse" and same(given, settings) in taken:
            raise invalid(f"Order number {given} is already in use.")
        return given

    def _next_number(self) -> str:
        self._made += 1
        return f"SO-{self._made:08d}"

    def _guid_for(self, path_guid: str | None, body: Body) -> str:
        given = body.guid("Guid")
        if path_guid and given and path_guid.lower() != given:
            raise invalid("The Guid of the body is not that of the address.")
        if found := path_guid or given:
            return found.lower()
        return self.books.guid("order", len(self.register.all()) + 1)

    def _known(self, guid: str) -> Order:
        found = self.register.get(guid)
        if found is None:
            raise Refused(404, "There is no such order.")
        return found

    def _open(self, order: Order) -> Order:
        if order.status not in OPEN:
            raise invalid(f"The order is {order.status} and cannot be changed.")
        return order

    def _check_completable(self, order: Order, settings: SalesSettings) -> None:
        for line in order.lines:
            product = self.books.product(line.product)
            if product is None:
                raise invalid("A product of the order does not exist any more.")
            if product.value("IsSerialized") or product.value("IsBatchTracked"):
                raise invalid(f"Assign serial or batch numbers to {product.code} first.")
            short = self._stock(line.product, order.warehouse).on_hand < line.quantity
            if short and not settings.complete_short and not product.value("NeverDiminishing"):
                raise invalid(f"There is not enough stock of {product.code}.")

    def _finish(self, order: Order, settings: SalesSettings) -> Order:
        now = stamp(self.books.clock)
        for line in order.lines:
            self._move(line, order.warehouse, -line.quantity, ZERO)
        done = self._store(replace(order, status="Completed", completed=now), settings.seen_after)
        count = len(self.invoices.all()) + 1
        invoice = Invoice(self.books.guid("invoice", count), f"SI-{count:08d}", done, now)
        self.invoices.put(invoice.guid, invoice, settings.seen_after)
        return done

    def _store(self, order: Order, late: timedelta, *, bump: bool = True) -> Order:
        after = replace(order, modified=stamp(self.books.clock)) if bump else order
        self.register.put(after.guid, after, late)
        return after

    def _reserve(self, order: Order, settings: SalesSettings) -> None:
        if _allocates(order, settings):
            for line in order.lines:
                self._move(line, order.warehouse, ZERO, line.quantity)

    def _release(self, order: Order, settings: SalesSettings) -> None:
        if _allocates(order, settings):
            for line in order.lines:
                self._move(line, order.warehouse, ZERO, -line.quantity)

    def _move(self, line: Line, warehouse: str, on_hand: Decimal, allocated: Decimal) -> None:
        """Add to what a warehouse holds and has promised; never-diminishing products do not move."""
        product = self.books.product(line.product)
        if product is None or product.value("NeverDiminishing"):
            return
        before = self._stock(line.product, warehouse)
        promised = max(before.allocated + allocated, ZERO)
        self.books.set_stock(line.product, warehouse, before.on_hand + on_hand, promised)

    def _stock(self, guid: str, warehouse: str) -> Stock:
        product = self.books.product(guid)
        return (product.stock.get(warehouse) if product else None) or Stock()


def _allocates(order: Order, settings: SalesSettings) -> bool:
    parked = order.status == "Parked"
    return order.status in OPEN and order.reserves and (settings.parked_allocates or not parked)

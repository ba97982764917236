"""Answer every call about customers, orders, invoices, credit notes and shipments, and posts of products."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from syncd.emulator import unleashed_orders_lists as lists
from syncd.emulator.unleashed_books import Books
from syncd.emulator.unleashed_credits import Credit, Credits, credit_fields
from syncd.emulator.unleashed_customers import Customers
from syncd.emulator.unleashed_customers_lists import NOT_EMULATED, customer_fields, customers
from syncd.emulator.unleashed_customers_records import Customer
from syncd.emulator.unleashed_lists import Filters, is_guid
from syncd.emulator.unleashed_mischief import Mischief
from syncd.emulator.unleashed_orders import Orders
from syncd.emulator.unleashed_orders_body import Body
from syncd.emulator.unleashed_orders_products import PostedProducts
from syncd.emulator.unleashed_orders_records import Invoice, Order, Thing, invoice_fields, order_fields
from syncd.emulator.unleashed_rows import product_fields
from syncd.emulator.unleashed_settings import Settings
from syncd.emulator.unleashed_shipments import Shipment, Shipments, shipment_fields
from syncd.emulator.unleashed_wire import JSON, Refused, envelope, json_bytes, page_of
from syncd.emulator.wire import Request, Response

RESOURCES: Mapping[str, str] = {
    name.lower(): name for name in ("Customers", "SalesOrders", "Invoices", "CreditNotes", "SalesShipments")
}
"""The vendor's resource names by lower case."""

Row = TypeVar("Row", Customer, Order, Invoice, Credit, Shipment)


class Desk:
    """One company's customers and sales, and who answers for them.

    People and the simulation change `customers`, `orders`, `credits` and `shipments` directly.
    """

    def __init__(self, books: Books, mischief: Mischief) -> None:
        self.books, self.mischief = books, mischief
        self.customers = Customers(books)
        self.orders = Orders(books, self.customers)
        self.credits = Credits(books, self.orders)
        self.shipments = Shipments(books, self.orders)
        self.products = PostedProducts(books)

    def takes(self, method: str, resource: str) -> bool:
        """Tell whether a call is answered here."""
        return resource.lower() in RESOURCES or (method == "POST" and resource == "Products")

    def answer(self, request: Request, resource: str, rest: Sequence[str], settings: Settings) -> Response:
        """Answer a call of the path segments after the resource. Raise Refused for what is not served."""
        path = [segment.lower() for segment in rest]
        try:
            if request.method == "GET":
                return self._read(request, resource, path, settings)
            return self._write(request, resource, path, settings)
        except Refused as refusal:
            if refusal.status != 400:
                raise
            raise Refused(settings.validation_status, refusal.description, refusal.headers) from refusal

    def _read(self, request: Request, resource: str, path: Sequence[str], settings: Settings) -> Response:
        match path:
            case []:
                return self._list(request, resource, 1, settings)
            case [number] | ["page", number] if number.isdecimal():
                return self._list(request, resource, int(number), settings)
            case [guid] if is_guid(guid):
                return _record(self._one(resource, guid, request, settings), settings)
            case [guid, "contacts"] if resource == "Customers" and is_guid(guid):
                fields = customer_fields(self._customer(guid), self.books, every_contact=True)
                return _record({"Items": fields["Contacts"] or []}, settings)
        raise Refused(404)

    def _write(self, request: Request, resource: str, path: Sequence[str], settings: Settings) -> Response:
        guid = path[0] if path and is_guid(path[0]) else None
        match (request.method, resource, path):
            case ("POST", "Customers" | "SalesOrders" | "Products", [] | [_]) if guid or not path:
                return self._created(request, resource, guid, settings)
            case ("POST", "Customers", [_, "contacts"]) if guid:
                body = Body.parse(request.body)
                return _record(self.customers.contact_posted(guid, body, settings), settings, 201)
            case ("PUT", "SalesOrders", [_]) if guid:
                changed = self.orders.put(guid, Body.parse(request.body), settings)
                return _record(self._order(changed), settings)
            case ("DELETE", "SalesOrders", [_]) if guid:
                return _record(self._order(self.orders.deleted(guid, settings)), settings)
            case ("POST", "SalesOrders", [_, "complete"]) if guid:
                done = self._order(self.orders.completed(guid, settings))
                return Response(200) if settings.complete_answer == "empty" else _record(done, settings)
        return self._credit_written(request, resource, path, settings)

    def _credit_written(
        self, request: Request, resource: str, path: Sequence[str], settings: Settings
    ) -> Response:
        guid = path[0] if path and is_guid(path[0]) else None
        match (request.method, resource, path):
            case ("POST", "CreditNotes", ["freecredit"]):
                made = self.credits.posted(Body.parse(request.body), settings)
                return _record(self._credit(made, settings), settings, 201)
            case ("POST", "CreditNotes", [_, "complete"]) if guid:
                return _record(self._credit(self.credits.completed(guid, settings), settings), settings)
            case ("DELETE", "CreditNotes", [_]) if guid:
                return _record(self._credit(self.credits.deleted(guid, settings), settings), settings)
        raise Refused(405, f"{resource} does not take {request.method} here.")

    def _created(self, request: Request, resource: str, guid: str | None, settings: Settings) -> Response:
        """Create or overwrite; 201 for both, so that the status does not tell which (reference 1.4)."""
        body = Body.parse(request.body)
        if resource == "Customers":
            made = self.customers.posted(guid, body, settings)
            return _record(customer_fields(made, self.books, every_contact=True), settings, 201)
        if resource == "SalesOrders":
            return _record(self._order(self.orders.posted(guid, body, settings)), settings, 201)
        known = self.products.posted(guid, body, settings)
        product = self.books.product(known)
        shown = product_fields(product, self.books.tier_names) if product else {**body.values, "Guid": known}
        return _record(shown, settings, 201)

    def _list(self, request: Request, resource: str, page: int, settings: Settings) -> Response:
        self.mischief.before_page(resource, page)
        filters = _filters(request, resource, settings)
        if resource == "Customers":
            return self._page(resource, page, filters, self._customers(filters), self._customer_row(filters))
        if resource == "SalesOrders":
            found = lists.orders(self.orders.register.seen(), filters, self.customers)
            return self._page(resource, page, filters, found, self._order)
        if resource == "Invoices":
            invoices = lists.invoices(self.orders.invoices.seen(), filters, self.customers)
            return self._page(resource, page, filters, invoices, self._invoice)
        if resource == "CreditNotes":
            notes = lists.credit_notes(self.credits.register.seen(), filters)
            return self._page(resource, page, filters, notes, lambda row: self._credit(row, settings))
        shipped = lists.shipments(self.shipments.register.seen(), filters)
        return self._page(
            resource, page, filters, shipped, lambda row: shipment_fields(row, self.books, settings)
        )

    def _page(
        self,
        resource: str,
        wanted: int,
        filters: Filters,
        rows: Sequence[Row],
        render: Callable[[Row], Mapping[str, object]],
    ) -> Response:
        there = self.mischief.listed(resource, rows)
        page = page_of(len(there), wanted, filters.page_size())
        shown = there[page.start : page.stop]
        shift = timedelta(hours=filters.settings.epoch_shift_hours)
        rendered = [json_bytes(render(row), shift) for row in shown]
        return envelope(page, self.mischief.sent(resource, [row.guid for row in shown], rendered))

    def _one(self, resource: str, guid: str, request: Request, settings: Settings) -> Mapping[str, object]:
        """Return one record as a reader sees it. Raise Refused with 404 for none, or for one not seen yet."""
        if resource == "Customers":
            filters = _filters(request, resource, settings)
            every = settings.contacts_by_guid or filters.flag("includeallcontacts")
            return customer_fields(self._customer(guid), self.books, every_contact=every)
        if resource == "SalesOrders" and (order := self._order_seen(guid, settings)):
            return self._order(order)
        if resource == "Invoices" and (invoice := self.orders.invoices.see(guid)):
            return self._invoice(invoice)
        if resource == "CreditNotes" and (credit := self.credits.register.see(guid)):
            return self._credit(credit, settings)
        if resource == "SalesShipments" and (shipment := self.shipments.register.see(guid)):
            return shipment_fields(shipment, self.books, settings)
        raise Refused(404, f"There is no such record of {resource}.")

    def _order_seen(self, guid: str, settings: Settings) -> Order | None:
        order = self.orders.register.see(guid)
        hidden = order is not None and order.status == "Deleted" and settings.deleted_order == "missing"
        return None if hidden else order

    def _customer(self, guid: str) -> Customer:
        found = self.customers.register.see(guid)
        if found is None:
            raise Refused(404, "There is no such customer.")
        return found

    def _customers(self, filters: Filters) -> list[Customer]:
        return customers(self.customers.register.seen(), filters)

    def _customer_row(self, filters: Filters) -> Callable[[Customer], Thing]:
        every = filters.flag("includeallcontacts")
        return lambda row: customer_fields(row, self.books, every_contact=every)

    def _order(self, order: Order) -> Thing:
        return order_fields(order, self.customers.register.get(order.customer), self.books)

    def _invoice(self, invoice: Invoice) -> Thing:
        return invoice_fields(invoice, self.customers.register.get(invoice.order.customer), self.books)

    def _credit(self, credit: Credit, settings: Settings) -> Thing:
        customer = self.customers.register.get(credit.customer)
        return credit_fields(credit, customer, self.books, settings)


def _filters(request: Request, resource: str, settings: Settings) -> Filters:
    """Return the query. Raise Refused with 501 for a documented filter that is not emulated."""
    given: dict[str, str] = {}
    for name, value in request.pairs():
        given.setdefault(name.lower(), value)
    absent = NOT_EMULATED if resource == "Customers" else lists.NOT_EMULATED[resource]
    if missing := absent & set(given):
        raise Refused(501, f"The emulator has no {min(missing)}.")
    return Filters(given, settings)


def _record(fields: Mapping[str, object], settings: Settings, status: int = 200) -> Response:
    shift = timedelta(hours=settings.epoch_shift_hours)
    return Response(status, dict(JSON), [json_bytes(fields, shift)])

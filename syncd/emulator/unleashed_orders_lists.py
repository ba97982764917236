"""Answer which orders, invoices, credit notes and shipments a list holds, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from syncd.emulator.unleashed_credits import Credit
from syncd.emulator.unleashed_customers import Customers
from syncd.emulator.unleashed_lists import Filters, is_guid
from syncd.emulator.unleashed_orders_records import Invoice, Order
from syncd.emulator.unleashed_shipments import Shipment
from syncd.emulator.unleashed_wire import EPOCH, Refused

NOT_EMULATED = {
    "SalesOrders": {"serialbatch", "completedafter", "completedbefore"},
    "Invoices": {"serialbatch"},
    "CreditNotes": set[str](),
    "SalesShipments": set[str](),
}
"""Documented filters that are answered with 501 rather than ignored."""


def orders(rows: Sequence[Order], filters: Filters, customers: Customers) -> list[Order]:
    """Return the orders a list holds, latest change first (documents: SalesOrders).

    `sourceId` overrides all other filters; deleted orders hide unless `orderStatus` asks for them.
    """
    source = filters.given.get("sourceid")
    if source:
        found = [row for row in rows if _is_source(row, source, filters)]
        every = filters.settings.source_id_shows_deleted
        return _latest_first([row for row in found if every or row.status != "Deleted"])
    return _latest_first([row for row in rows if _is_order_asked_for(row, filters, customers)])


def invoices(rows: Sequence[Invoice], filters: Filters, customers: Customers) -> list[Invoice]:
    """Return the invoices a list holds, newest first (documents: Invoices)."""
    number = filters.text("invoicenumber")
    if number is not None:
        return [row for row in rows if filters.fold(row.number) == number]
    order, code = filters.text("ordernumber"), filters.text("customercode")
    found = [
        row
        for row in rows
        if (order is None or filters.fold(row.order.number) == order)
        and (code is None or filters.fold(_code(row.order.customer, customers)) == code)
        and _has_status("Completed", "invoicestatus", filters)
        and _within_days(row.issued, filters)
        and _since(filters)(row.issued)
    ]
    return sorted(found, key=lambda row: row.issued, reverse=True)


def credit_notes(rows: Sequence[Credit], filters: Filters) -> list[Credit]:
    """Return the credit notes a list holds, latest change first (documents: CreditNotes)."""
    number = filters.text("creditnumber")
    if number is not None:
        return [row for row in rows if filters.fold(row.number) == number]
    found = [
        row
        for row in rows
        if _has_status(row.status, "creditstatus", filters)
        and _within_days(row.date, filters)
        and _since(filters)(row.modified)
    ]
    return sorted(found, key=lambda row: row.modified or EPOCH, reverse=True)


def shipments(rows: Sequence[Shipment], filters: Filters) -> list[Shipment]:
    """Return the shipments a list holds, latest first; its filters are not documented beside the date's."""
    honoured = filters.settings.shipments_since and filters.settings.shipment_stamp
    order = filters.text("ordernumber")
    found = [
        row
        for row in rows
        if (not honoured or _since(filters)(row.modified))
        and (order is None or filters.fold(row.order.number) == order)
    ]
    return sorted(found, key=lambda row: row.modified or row.created, reverse=True)


def _is_source(row: Order, source: str, filters: Filters) -> bool:
    there = row.source_id or ""
    return there.startswith(source) if filters.settings.source_id_filter == "prefix" else there == source


def _is_order_asked_for(row: Order, filters: Filters, customers: Customers) -> bool:
    number, code = filters.text("ordernumber"), filters.text("customercode")
    warehouse = filters.text("warehousecode")
    return (
        _has_order_status(row, filters)
        and (number is None or _is_number(row, number, filters))
        and (code is None or filters.fold(_code(row.customer, customers)).startswith(code))
        and (warehouse is None or filters.fold(row.warehouse) == warehouse)
        and _is_customer_asked_for(row, filters)
        and _within_days(row.order_date, filters)
        and _since(filters)(row.modified)
    )


def _is_number(row: Order, number: str, filters: Filters) -> bool:
    there = filters.fold(row.number)
    return there == number if filters.settings.order_number_filter == "exact" else there.startswith(number)


def _is_customer_asked_for(row: Order, filters: Filters) -> bool:
    asked = filters.given.get("customerid")
    if not asked:
        return True
    guids = [guid.strip().lower() for guid in asked.split(",")]
    if not all(is_guid(guid) for guid in guids):
        raise Refused(400, "customerId is not a list of GUIDs.")
    return row.customer in guids


def _has_order_status(row: Order, filters: Filters) -> bool:
    """Tell by `customOrderStatus`, which overrides, else by `orderStatus`; deleted ones hide."""
    custom = filters.given.get("customorderstatus")
    if custom:
        return row.custom_status in [word.strip() for word in custom.split(",")]
    return _has_status(row.status, "orderstatus", filters)


def _has_status(status: str, name: str, filters: Filters) -> bool:
    asked = filters.given.get(name)
    if not asked:
        return status != "Deleted"
    return status.lower() in [word.strip().lower() for word in asked.split(",")]


def _code(guid: str, customers: Customers) -> str:
    customer = customers.register.get(guid)
    return customer.code if customer else ""


def _within_days(day: datetime | None, filters: Filters) -> bool:
    """Tell whether the document's own day lies between `startDate` and `endDate`, both included."""
    start, end = _day("startdate", filters), _day("enddate", filters)
    if start is None and end is None:
        return True
    return (
        day is not None and (start is None or day >= start) and (end is None or day < end + timedelta(days=1))
    )


def _day(name: str, filters: Filters) -> datetime | None:
    asked = filters.given.get(name)
    if not asked:
        return None
    try:
        return datetime.fromisoformat(asked[:10]).replace(tzinfo=UTC)
    except ValueError as error:
        raise Refused(400, f"{name} is not a date.") from error


def _since(filters: Filters) -> Callable[[datetime | None], bool]:
    return filters.is_since() or (lambda _stamp: True)


def _latest_first(rows: Sequence[Order]) -> list[Order]:
    return sorted(rows, key=lambda row: (row.modified or EPOCH, row.guid), reverse=True)

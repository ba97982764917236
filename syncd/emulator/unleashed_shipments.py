"""The sales shipments of an emulated Unleashed company: what left the house, when, and under which number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from syncd.emulator.unleashed_books import Books
from syncd.emulator.unleashed_orders import Orders
from syncd.emulator.unleashed_orders_records import Order, Thing, product_part
from syncd.emulator.unleashed_orders_register import AT_ONCE, Register, stamp
from syncd.emulator.unleashed_orders_settings import SalesSettings


@dataclass(frozen=True, slots=True)
class Shipment:
    """One shipment of an order. Most carry no tracking number (reference 7.7)."""

    guid: str
    number: str
    order: Order
    status: str
    tracking: str | None
    company: str | None
    dispatched: datetime | None
    created: datetime
    modified: datetime | None


class Shipments:
    """All shipments of one company; people make them, the API only reads."""

    def __init__(self, books: Books, orders: Orders) -> None:
        self.books, self.orders = books, orders
        self.register: Register[Shipment] = Register(books.clock)

    def ship(
        self,
        order: str,
        tracking: str | None = None,
        company: str | None = None,
        *,
        status: str = "Dispatched",
        bump: bool = True,
        late: timedelta = AT_ONCE,
    ) -> str:
        """Send an order off and return the shipment's guid. Raise KeyError for an unknown order."""
        count = len(self.register.all()) + 1
        now = stamp(self.books.clock)
        shipment = Shipment(
            guid=self.books.guid("shipment", count),
            number=f"SH-{count:08d}",
            order=self.orders.get(order),
            status=status,
            tracking=tracking,
            company=company,
            dispatched=now if status == "Dispatched" else None,
            created=now,
            modified=now if bump else None,
        )
        self.register.put(shipment.guid, shipment, late)
        return shipment.guid

    def track(self, guid: str, tracking: str, company: str | None = None) -> None:
        """Give a shipment its tracking number afterwards. Raise KeyError for an unknown shipment."""
        before = self.register.get(guid)
        if before is None:
            raise KeyError(f"there is no shipment {guid}")
        now = stamp(self.books.clock)
        self.register.put(guid, replace(before, tracking=tracking, company=company, modified=now))


def shipment_fields(shipment: Shipment, books: Books, settings: SalesSettings) -> Thing:
    """Return a shipment as SalesShipments shows it; its CreatedOn is a text in the server's words (3.1)."""
    fields: Thing = {
        "Guid": shipment.guid,
        "ShipmentNumber": shipment.number,
        "OrderNumber": shipment.order.number,
        "ShipmentStatus": shipment.status,
        "TrackingNumber": shipment.tracking,
        "ShippingCompany": _carrier(shipment.company, books),
        "DispatchDate": shipment.dispatched,
        "SalesShipmentLines": [
            {"Product": product_part(books.product(line.product)), "ShipmentQty": line.quantity}
            for line in shipment.order.lines
        ],
        "CreatedOn": f"{shipment.created:%d/%m/%Y %I:%M:%S} {shipment.created:%p}".lower(),
    }
    return {**fields, "LastModifiedOn": shipment.modified} if settings.shipment_stamp else fields


def _carrier(name: str | None, books: Books) -> Thing | None:
    return {"Guid": books.guid("carrier", name), "Name": name} if name else None

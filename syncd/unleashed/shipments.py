"""Read what Unleashed has sent off, and under which tracking numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from syncd.core.aftersale import Shipment
from syncd.unleashed import fields
from syncd.unleashed.client import Unleashed
from syncd.unleashed.paging import Resource, RowPage, read_pages, since_filter
from syncd.unleashed.wire import Reader, Row

PATH = "/SalesShipments"


class ShipmentRow(Row):
    """A shipment; names as integrators read them (the reference, 7.7)."""

    order_number: object = None
    shipment_status: object = None
    tracking_number: object = None
    shipping_company: object = None
    dispatch_date: object = None
    last_modified_on: object = None

    def label(self) -> object:
        return self.order_number


def _shipment(row: ShipmentRow) -> Shipment:
    return Shipment(
        guid=fields.guid(row.guid, "Guid"),
        order_number=fields.filled_text(row.order_number, "OrderNumber"),
        status=fields.text(row.shipment_status, "ShipmentStatus").strip(),
        tracking=fields.text(row.tracking_number, "TrackingNumber").strip(),
        carrier=_carrier(row.shipping_company),
        dispatched=fields.moment(row.dispatch_date),
        modified=fields.moment(row.last_modified_on),
    )


def _carrier(company: object) -> str:
    """Return the shipping company's name; it comes as an object, or null."""
    name = company.get("Name") if isinstance(company, dict) else company
    return fields.text(name, "ShippingCompany").strip()


SHIPMENTS = Resource(PATH, Reader(ShipmentRow, _shipment, "shipment of order"))


def changed_shipments(client: Unleashed, since: datetime | None) -> Iterator[RowPage[Shipment]]:
    """Yield page after page of the shipments made or changed since then; `since` (aware) None reads all.

    That `modifiedSince` works here, and that rows carry a stamp, is not documented: all shipments may come,
    without one. Few carry a tracking number, and it may be filled in later. Raises what
    `paging.read_pages` raises.
    """
    return read_pages(client, SHIPMENTS, since_filter(since))

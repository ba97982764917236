"""The records of what follows a sale on Unleashed's side: credit notes and shipments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class CreditLine:
    """One line of a credit note as it is posted: `price` is per unit, ex tax, positive.

    `returns`: what is given back goes into stock when the note is completed.
    """

    number: int
    product_guid: str
    code: str
    quantity: Decimal
    price: Decimal
    tax_code: str
    tax_rate: Decimal
    reason: str = ""
    returns: bool = False
    guid: str = ""


@dataclass(frozen=True, slots=True)
class Credit:
    """One free-entry credit note, ready to be posted. All amounts are positive, in `currency`.

    `reference` names the store's refund and is what the note is recognised by: whether Unleashed takes the
    guid or the number it is sent is not known (the reference, 7.8). `number` "" leaves it to Unleashed.
    `total` includes tax; the three sums are compared with the answer and not sent.
    """

    guid: str
    reference: str
    credit_date: date
    customer_guid: str
    customer_code: str
    tax_code: str
    lines: tuple[CreditLine, ...]
    sub_total: Decimal
    tax_total: Decimal
    total: Decimal
    number: str = ""
    warehouse: str | None = None
    currency: str = ""
    exchange_rate: Decimal | None = Decimal(1)
    comments: str = ""


@dataclass(frozen=True, slots=True)
class CreditFound:
    """A credit note as Unleashed has it. `status` is an open set; "" where the answer has none.

    `total` includes tax. `reference` is "" where Unleashed does not show it. `modified` is aware UTC.
    """

    guid: str
    number: str
    status: str
    sub_total: Decimal
    tax_total: Decimal
    total: Decimal
    reference: str = ""
    comments: str = ""
    customer_guid: str = ""
    customer_code: str = ""
    lines: int | None = None
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shipment:
    """One shipment of a sales order. `tracking` is "" for most; times are aware UTC.

    `order_number` is the sales order's; `status` is an open set; `carrier` is the shipping company's name.
    """

    guid: str
    order_number: str
    status: str
    tracking: str = ""
    carrier: str = ""
    dispatched: datetime | None = None
    modified: datetime | None = None

"""The records of a sale: what a store says was ordered, by whom, and what was given back.

No `repr` of them shows personal data: they may end in a log.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

LineKind = Literal["product", "shipping", "fee"]


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """Where something is sent or billed. Every part as the store has it, "" where it has none."""

    name: str = ""
    company: str = ""
    street: str = ""
    street2: str = ""
    suburb: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Buyer:
    """Who ordered. `id` None: a guest. `code` is the account code that the store's field holds, "" if none.

    `email` is as entered, not folded; "" if the store has none.
    """

    id: str | None = None
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    phone: str = ""
    code: str = ""
    tax_number: str = ""
    billing: Address = Address()
    shipping: Address = Address()


@dataclass(frozen=True, slots=True)
class TaxPart:
    """One tax on a line: the store's code and rate for it (a fraction: 0.15), and its amount on the line.

    `rate` None: the store gives an amount but no rate. Compound taxes are marked.
    """

    code: str
    rate: Decimal | None
    amount: Decimal
    compound: bool = False


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line as the store has it. All amounts are for the whole line, ex tax, in the order's currency.

    `ref` is the store's id of the listing (the variation's, if it is one), None for what is no product.
    `subtotal` is before discounts, `total` after them; `tax` is the tax on `total`. A fee may be negative.
    """

    id: str
    kind: LineKind
    name: str
    quantity: Decimal
    subtotal: Decimal
    total: Decimal
    tax: Decimal
    ref: str | None = None
    code: str = ""
    tax_class: str = ""
    taxes: tuple[TaxPart, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreOrder:
    """One order as the store shows it now. `id` is its identity, `number` what people call it.

    `total` includes tax and is what the buyer was charged; `total_tax` is the tax in it; both in `currency`
    (ISO 4217). `status` is the store's own word; `paid` says whether by the store's rules the sale counts,
    `cancelled` whether it was called off (cancelled, failed, in the bin), `took_stock` whether the store has
    reduced its own stock for it (None: it does not say). Times are aware UTC. `raw` is the JSON received.
    """

    id: str
    number: str
    status: str
    currency: str
    total: Decimal
    total_tax: Decimal
    created: datetime
    modified: datetime | None = None
    paid: bool = False
    cancelled: bool = False
    took_stock: bool | None = None
    prices_include_tax: bool | None = None
    buyer: Buyer = Buyer()
    lines: tuple[OrderLine, ...] = ()
    note: str = field(default="", repr=False)
    payment: str = ""
    coupons: tuple[str, ...] = ()
    raw: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class RefundLine:
    """What of an order line was given back, as positive figures, ex tax. `line` is the order line's id."""

    line: str | None
    kind: LineKind
    name: str
    quantity: Decimal
    total: Decimal
    tax: Decimal
    ref: str | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class StoreRefund:
    """One refund, a document of its own. `amount` includes tax and is positive; `lines` may be empty."""

    id: str
    order_id: str
    amount: Decimal
    created: datetime
    reason: str = ""
    lines: tuple[RefundLine, ...] = ()
    raw: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class BadOrder:
    """An order or refund that could not be read: which one, why, and the JSON received."""

    id: str
    reason: str
    raw: str = field(default="", repr=False)
    kind: Literal["order", "refund"] = "order"


@dataclass(frozen=True, slots=True)
class OrderPage:
    """New and changed orders and refunds since a cursor. `more`: ask again at once with the new cursor."""

    orders: tuple[StoreOrder, ...]
    refunds: tuple[StoreRefund, ...]
    cursor: str
    more: bool = False
    bad: tuple[BadOrder, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class StoreCustomer:
    """A customer as the store has it; `emails` as entered, the account's own first."""

    id: str
    emails: tuple[str, ...]
    name: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """Some of the store's customers. `cursor` goes on from here, in this pass (`more`) or in the next."""

    customers: tuple[StoreCustomer, ...]
    cursor: str
    more: bool = False

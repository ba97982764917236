"""The records of a sale on Unleashed's side: customers, tax codes, what is posted, what is found there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from syncd.core.order import Address

SaleStatus = Literal["Parked", "Placed", "Completed"]


@dataclass(frozen=True, slots=True)
class TaxCode:
    """One of Unleashed's tax codes. `rate` is a fraction: 0.15 for 15 %."""

    code: str
    rate: Decimal
    obsolete: bool = False
    guid: str = ""
    for_sales: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class Customer:
    """Unleashed's record of a customer, as far as orders need it. Never written back.

    `guid` is its identity (lower case), `code` its unique account code. `emails` are its own address, the
    parts of its copy field and every contact's address, as entered, without empty ones. `currency` is an
    ISO 4217 code, "" when not set; `modified` is Unleashed's stamp, aware UTC.
    """

    guid: str
    code: str
    name: str
    emails: tuple[str, ...] = ()
    obsolete: bool = False
    currency: str = ""
    tax_code: str = ""
    taxable: bool | None = None
    stop_credit: bool = False
    source_id: str = ""
    modified: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class NewCustomer:
    """A customer to be created, every text already within Unleashed's limits (reference, section 6).

    `currency` None: the account's own. `claim` is what one creation is serialised by: the folded address.
    `address` is posted as the physical and postal address, `shipping` as the delivery address.
    """

    guid: str
    code: str
    name: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    address: Address = Address()
    shipping: Address = Address()
    currency: str | None = None
    tax_number: str = ""
    source_id: str = ""
    claim: str = ""


@dataclass(frozen=True, slots=True)
class NewProduct:
    """A product to be created because an order names it. `price` is ex tax, in the account's currency.

    `never_diminishing` marks what is no goods, as freight: Unleashed then keeps no stock of it.
    """

    guid: str
    code: str
    name: str
    price: Decimal
    taxable: bool
    source_id: str = ""
    never_diminishing: bool = False


@dataclass(frozen=True, slots=True)
class SaleLine:
    """One line as it is posted. Amounts are ex tax, in the sale's currency; `line_total` is after discount.

    `discount_rate` and `tax_rate` are fractions. `product_guid` is lower case.
    """

    guid: str
    number: int
    product_guid: str
    code: str
    quantity: Decimal
    unit_price: Decimal
    discount_rate: Decimal
    line_total: Decimal
    line_tax: Decimal
    tax_code: str
    tax_rate: Decimal
    comments: str = ""


@dataclass(frozen=True, slots=True)
class Sale:
    """One sales order, ready to be posted. Nothing in it depends on when or by whom it is sent.

    `order_date` is the day in UTC on which the store took the order. `source_id` is what it is looked up
    by. `warehouse` None: the account's default. `tax_code` and `tax_rate` are the order's own, which
    Unleashed asks for beside those of the lines. `sub_total` + `tax_total` = `total`. `exchange_rate` is 1
    where `currency` is the account's own; None leaves it to Unleashed.
    """

    guid: str
    order_number: str
    status: SaleStatus
    source_id: str
    customer_ref: str
    order_date: date
    customer_guid: str
    customer_code: str
    currency: str
    tax_code: str
    tax_rate: Decimal
    lines: tuple[SaleLine, ...]
    sub_total: Decimal
    tax_total: Decimal
    total: Decimal
    warehouse: str | None = None
    comments: str = ""
    delivery: Address = Address()
    delivery_instruction: str = ""
    exchange_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SaleFound:
    """A sales order as Unleashed has it. `status` is an open set (reference, 7.6) and kept as text.

    `lines` is their number, None where the answer does not carry them. `modified` is aware UTC.
    """

    guid: str
    order_number: str
    status: str
    source_id: str
    sub_total: Decimal
    tax_total: Decimal
    total: Decimal
    lines: int | None = None
    customer_guid: str = ""
    customer_code: str = ""
    modified: datetime | None = None
    completed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Parked:
    """Why an order cannot be posted as things stand, and what a person can do: two sentences.

    Neither names the buyer: they are shown in mails and on pages. `cause` groups what one remedy cures, ""
    where the remedy itself does.
    """

    reason: str
    do: str
    cause: str = ""

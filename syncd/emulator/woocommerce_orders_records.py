"""What a WooCommerce shop keeps of its sales: orders, their lines and refunds, tax rates, coupons."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from syncd.emulator.woocommerce_numbers import Number

Kind = Literal["line_item", "shipping", "fee"]

STATUSES = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed")
"""The statuses of orders on sale; `checkout-draft`, `auto-draft` and `trash` are no part of "any"."""
UNLISTED = ("checkout-draft", "auto-draft", "trash")
TAKES_STOCK = ("processing", "completed", "on-hold")
GIVES_BACK = ("cancelled", "pending", "failed")


@dataclass(frozen=True, slots=True)
class TaxRate:
    """One row of the shop's tax table. `percent` is 15 for 15 %; a compound rate taxes the others too."""

    id: int
    percent: Decimal
    name: str = "GST"
    tax_class: str = ""
    compound: bool = False
    shipping: bool = True
    country: str = "NZ"

    @property
    def code(self) -> str:
        return f"{self.country}-{self.name}-{self.id}".upper()


@dataclass(frozen=True, slots=True)
class Coupon:
    """A discount: `percent` of each line, or an amount off the whole cart, as prices are entered."""

    code: str
    amount: Decimal
    kind: Literal["percent", "fixed_cart"] = "percent"


@dataclass(slots=True)
class Line:
    """One line of an order or a refund. Amounts are for the whole line, ex tax, and not rounded.

    `taxes` holds by rate id the tax on `total` and on `subtotal`, not rounded. In a refund quantities and
    amounts are negative.
    """

    id: int
    kind: Kind
    name: str
    total: Decimal
    subtotal: Decimal
    taxes: dict[int, tuple[Decimal, Decimal]] = field(default_factory=dict)
    quantity: Number = 1
    product_id: int = 0
    variation_id: int = 0
    tax_class: str = ""
    tax_status: str = "taxable"
    method_id: str = ""
    entered: Decimal = Decimal(0)
    """The price of the whole line as it was entered, before coupons, with tax in an inclusive shop."""
    meta: list[dict[str, Any]] = field(default_factory=list)

    @property
    def stock_id(self) -> int:
        """The id of what leaves the shelf."""
        return self.variation_id or self.product_id

    def tagged(self, key: str) -> Number:
        """Return a number kept in the line's meta, 0 if there is none."""
        found = [each["value"] for each in self.meta if each["key"] == key]
        return int(found[0]) if found else 0


@dataclass(slots=True)
class CouponLine:
    """A coupon on an order: what it took off, ex tax, and the tax on that."""

    id: int
    coupon: Coupon
    discount: Decimal
    discount_tax: Decimal


@dataclass(slots=True)
class Refund:
    """One refund. `amount` is positive and includes tax; there may be no lines."""

    id: int
    order_id: int
    amount: Decimal
    reason: str
    created: int
    lines: list[Line] = field(default_factory=list)
    meta: list[dict[str, Any]] = field(default_factory=list)
    tax_ids: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Note:
    """A note on an order; one for the customer is mailed."""

    id: int
    text: str
    for_customer: bool
    created: int


@dataclass(slots=True)
class Order:
    """One order. Stamps are whole seconds since 1970 UTC; it can be seen from `visible` on.

    `off_total` is what a plugin took off the total without a line; `wrong` replaces fields of the answer, as
    broken plugins do.
    """

    id: int
    status: str
    currency: str
    prices_include_tax: bool
    created: int
    modified: int
    visible: int = 0
    number: str = ""
    customer_id: int = 0
    billing: dict[str, str] = field(default_factory=dict)
    shipping: dict[str, str] = field(default_factory=dict)
    payment_method: str = ""
    payment_title: str = ""
    transaction_id: str = ""
    created_via: str = "checkout"
    note: str = ""
    paid: int | None = None
    completed: int | None = None
    stock_reduced: bool = False
    lines: list[Line] = field(default_factory=list)
    coupons: list[CouponLine] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    meta: list[dict[str, Any]] = field(default_factory=list)
    tax_ids: dict[int, int] = field(default_factory=dict)
    """The ids of its tax lines by rate."""
    off_total: Decimal = Decimal(0)
    wrong: dict[str, Any] = field(default_factory=dict)

    def of(self, kind: Kind) -> list[Line]:
        """Return its lines of one kind, in order."""
        return [line for line in self.lines if line.kind == kind]

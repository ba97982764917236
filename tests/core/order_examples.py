"""The example orders: the worked one of the reference, the recorded one, and short ways to make others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from syncd.core.model import AccountFacts, Product, Warehouse
from syncd.core.order import Address, Buyer, LineKind, OrderLine, StoreOrder, TaxPart
from syncd.core.order_plan import Books
from syncd.core.order_products import FREIGHT, Shelf
from syncd.core.order_rules import OrderRules
from syncd.core.sale import Customer, TaxCode
from syncd.core.sale_identity import Names

CREATED = datetime(2026, 11, 21, 10, 18, 45, tzinfo=UTC)
GST = TaxCode("GST", Decimal("0.15"))
ZERO = TaxCode("ZERO", Decimal(0))
NAMES = Names("woocommerce:shop.example.test", "example-account")
W1 = Warehouse("W1", "Main", default=True)
ACCOUNT = AccountFacts("Example Tea Ltd", "NZD", (W1, Warehouse("W2", "Other")))
BOOKS = Books(ACCOUNT, (GST, ZERO), NAMES)
RULES = OrderRules()

GIA = Customer(
    "1f0f4c33-7a3c-4b38-9c9a-0c4a8a1d2b01", "GIA", "Gia Hart", ("gia@example.test",), currency="NZD"
)
D1 = Product("0b7f0c52-6f0e-4f0a-9d3b-2a5f7a1c9e01", "D1", "D1", price=Decimal("20"))
FREIGHT_PRODUCT = Product("7d1d8a1e-2c5b-4a53-8f0e-9a1b2c3d4e5f", FREIGHT, "Freight")
SHELF = Shelf({"17": D1.guid}, {each.guid: each for each in (D1, FREIGHT_PRODUCT)})


def line(
    ident: str,
    quantity: str,
    total: str,
    tax: str,
    rate: str = "0.15",
    before: str = "",
    kind: LineKind = "product",
    code: str = "D1",
    ref: str | None = "17",
) -> OrderLine:
    """Return a line with one tax; `before` is its total before discounts, if another."""
    parts = (TaxPart("NZ-GST-1", Decimal(rate), Decimal(tax)),)
    ref, code = (ref, code) if kind == "product" else (None, "")
    amounts = Decimal(before or total), Decimal(total), Decimal(tax)
    return OrderLine(ident, kind, f"Line {ident}", Decimal(quantity), *amounts, ref, code, taxes=parts)


def order(*lines: OrderLine, total: str = "", tax: str = "", currency: str = "NZD") -> StoreOrder:
    """Return a paid order of Gia's with these lines, its totals added up unless given."""
    sum_tax = sum((each.tax for each in lines), Decimal(0))
    added = sum((each.total for each in lines), Decimal(0)) + sum_tax
    buyer = Buyer(
        None,
        "Gia@Example.test",
        "Gia",
        "Hart",
        phone="+64 9 555 0100",
        billing=Address("Gia Hart", street="1 High St", city="Auckland", postcode="1010", country="NZ"),
    )
    return StoreOrder(
        id="33",
        number="2026-0033",
        status="processing",
        currency=currency,
        total=Decimal(total) if total else added,
        total_tax=Decimal(tax) if tax else sum_tax,
        created=CREATED,
        paid=True,
        buyer=buyer,
        lines=lines,
    )


WORKED = replace(
    order(
        line("26", "3", "54.00", "8.10", before="60.00"),
        line("27", "1", "5.00", "0.75", kind="shipping"),
        total="67.85",
        tax="8.85",
    ),
    prices_include_tax=True,
    coupons=("ten",),
)
"""The worked order of the WooCommerce reference, 7.4: 23.00 with tax, three pieces, a coupon of 10 %."""


def untaxed(ident: str, quantity: str, total: str, kind: LineKind = "product", code: str = "D1") -> OrderLine:
    """Return a line of a shop that has taxes switched off."""
    return replace(line(ident, quantity, total, "0.00", kind=kind, code=code), taxes=())


RECORDED = replace(
    order(
        untaxed("6", "2", "19.00", code="TEA-59442"),
        untaxed("7", "1", "25.00", code="TEE-59442-S"),
        untaxed("8", "1", "5.00", "shipping"),
        untaxed("9", "1", "2.00", "fee"),
        total="51.00",
        tax="0.00",
    ),
    id="127",
    number="127",
)
"""The order that a WooCommerce 11.0.1 was recorded with: two products, shipping, gift wrap, taxes off."""

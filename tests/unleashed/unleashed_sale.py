"""Customers, products and orders as syncd would post them, and a company that knows what they name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from syncd.core.aftersale import Credit, CreditLine
from syncd.core.order import Address
from syncd.core.sale import NewCustomer, NewProduct, Sale, SaleLine
from tests.unleashed.unleashed_world import World

ORDER = "5e8d7a34-52c1-5b7e-8f0e-0a1b2c3d4e5f"
OTHER = "6e8d7a34-52c1-5b7e-8f0e-0a1b2c3d4e5f"
JANE = "c2c70000-0000-5000-8000-000000000001"
TEA = "0b7f0c52-6f0e-4f0a-9d3b-2a5f7a1c9e01"
FREIGHT = "0b7f0c52-6f0e-4f0a-9d3b-2a5f7a1c9e02"
CREDIT = "d1000000-0000-5000-8000-000000000001"

NEW_CUSTOMER = NewCustomer(
    guid=JANE,
    code="WEB-MEYZWBHFIT",
    name="Jane Doe",
    first_name="Jane",
    last_name="Doe",
    email="jane@example.test",
    phone="+64 9 555 0100",
    address=Address(
        name="Jane Doe", street="1 High St", city="Auckland", postcode="1010", country="New Zealand"
    ),
    shipping=Address(
        name="Jane Doe", company="Acme", street="2 Low St", city="Auckland", country="New Zealand"
    ),
    currency="NZD",
    source_id="shop:customer:10442",
)

NEW_PRODUCT = NewProduct(TEA, "TEA-100", "Green tea", Decimal("9.50"), True, "shop:product:7")


def stocked_world(**settings: object) -> World:
    """Return a company with the customer, ten teas in W1, and freight that never diminishes."""
    world = World(**settings)
    world.emulator.sales.customers.add("WEB-1", "Jane Doe", "jane@example.test", guid=JANE)
    world.books.add_product("TEA-100", "Green tea", "9.50", guid=TEA)
    world.books.set_stock(TEA, "W1", 10)
    world.books.add_product("FREIGHT", "Freight", "5.00", guid=FREIGHT, never_diminishing=True)
    return world


def sale_line(
    number: int, product: str, code: str, quantity: str, price: str, total: str, tax: str
) -> SaleLine:
    """Return a line taxed with GST at 15 %."""
    return SaleLine(
        guid=f"a0000000-0000-5000-8000-{number:012d}",
        number=number,
        product_guid=product,
        code=code,
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        discount_rate=Decimal(0),
        line_total=Decimal(total),
        line_tax=Decimal(tax),
        tax_code="GST",
        tax_rate=Decimal("0.15"),
    )


SALE = Sale(
    guid=ORDER,
    order_number="WEB-88210",
    status="Parked",
    source_id="shop:88210",
    customer_ref="88210",
    order_date=date(2026, 1, 15),
    customer_guid=JANE,
    customer_code="WEB-1",
    currency="NZD",
    tax_code="GST",
    tax_rate=Decimal("0.15"),
    lines=(
        sale_line(1, TEA, "TEA-100", "2", "9.50", "19.00", "2.85"),
        sale_line(2, FREIGHT, "FREIGHT", "1", "5.00", "5.00", "0.75"),
    ),
    sub_total=Decimal("24.00"),
    tax_total=Decimal("3.60"),
    total=Decimal("27.60"),
    warehouse="W1",
    comments="Ring twice",
    delivery=Address(name="Jane Doe", company="Acme", street="1 High St", city="Auckland", postcode="1010"),
    exchange_rate=Decimal(1),
)
"""The order of the reference, 7.3."""


def numbered_sale(guid: str, number: str, source_id: str = "") -> Sale:
    """Return the same order under another identity."""
    return replace(SALE, guid=guid, order_number=number, source_id=source_id or f"shop:{number}")


CREDIT_NOTE = Credit(
    guid=CREDIT,
    reference="shop:refund:1",
    credit_date=date(2026, 1, 20),
    customer_guid=JANE,
    customer_code="WEB-1",
    tax_code="GST",
    lines=(
        CreditLine(1, TEA, "TEA-100", Decimal(1), Decimal("9.50"), "GST", Decimal("0.15"), "Broken", True),
    ),
    sub_total=Decimal("9.50"),
    tax_total=Decimal("1.43"),
    total=Decimal("10.93"),
    number="WEB-88210-R1",
    warehouse="W1",
    comments="Refund",
)

"""What an emulated Unleashed company keeps of a sale: the order, its lines, and the invoice of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from syncd.emulator.unleashed_books import Books
from syncd.emulator.unleashed_customers_lists import thin
from syncd.emulator.unleashed_customers_records import Customer
from syncd.emulator.unleashed_records import Product
from syncd.emulator.unleashed_rows import warehouse_fields

OPEN = ("Parked", "Placed", "Backordered")
"""Statuses in which an order reserves stock and can still be changed."""

TEXTS = (
    "CustomerRef",
    "Comments",
    "DeliveryInstruction",
    "DeliveryName",
    "DeliveryStreetAddress",
    "DeliveryStreetAddress2",
    "DeliverySuburb",
    "DeliveryCity",
    "DeliveryRegion",
    "DeliveryCountry",
    "DeliveryPostCode",
    "DeliveryMethod",
    "SalesOrderGroup",
    "PaymentTerm",
    "CreatedBy",
)
"""Further fields of an order that are texts, or null (reference 7.3)."""

DAYS = ("OrderDate", "RequiredDate", "PaymentDueDate", "ReceivedDate")
API_USER = "api@unleashedsoftware.com"

Thing = dict[str, object]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order or credit note; `total` and `tax` are the line's, ex tax and tax."""

    guid: str
    number: int
    product: str
    quantity: Decimal
    price: Decimal
    discount: Decimal
    total: Decimal
    tax: Decimal
    tax_code: str
    tax_rate: Decimal
    comments: str | None = None
    returns: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """One sales order. `reserves` says whether its lines are allocated; `fields` are the TEXTS."""

    guid: str
    number: str
    status: str
    customer: str
    warehouse: str
    lines: tuple[Line, ...]
    sub_total: Decimal
    tax_total: Decimal
    total: Decimal
    currency: str
    tax_code: str
    tax_rate: Decimal
    source_id: str | None = None
    exchange_rate: Decimal = Decimal("1.0")
    fields: Mapping[str, object] = field(default_factory=dict)
    days: Mapping[str, datetime | None] = field(default_factory=dict)
    reserves: bool = False
    custom_status: str | None = None
    created: datetime | None = None
    modified: datetime | None = None
    completed: datetime | None = None

    @property
    def order_date(self) -> datetime | None:
        """The day of the order, as midnight UTC."""
        return self.days.get("OrderDate")


@dataclass(frozen=True, slots=True)
class Invoice:
    """The invoice that completing an order made; its figures are those of the order."""

    guid: str
    number: str
    order: Order
    issued: datetime


def tax_fields(books: Books, code: str) -> Thing:
    """Return a tax as orders show it; untaxed ones show a code `None` with a guid of zeros (9)."""
    for row in books.taxes:
        if row["TaxCode"] == code:
            return dict(row)
    return {
        "Guid": "00000000-0000-0000-0000-000000000000",
        "TaxCode": "None",
        "Description": None,
        "TaxRate": Decimal(0),
        "CanApplyToExpenses": False,
        "CanApplyToRevenue": False,
        "Obsolete": False,
        "LastModifiedOn": None,
    }


def product_part(product: Product | None) -> Thing | None:
    """Return a product as lines show it, None if it has been deleted since."""
    if product is None:
        return None
    return {"Guid": product.guid, "ProductCode": product.code, "ProductDescription": product.name}


def order_fields(order: Order, customer: Customer | None, books: Books) -> Thing:
    """Return an order as SalesOrders shows it (documents: SalesOrders)."""
    warehouse = books.warehouses.get(order.warehouse)
    currency = next((row for row in books.currencies if row["CurrencyCode"] == order.currency), None)
    return {
        "SalesOrderLines": [_order_line(line, order, books) for line in order.lines],
        "OrderNumber": order.number,
        **{name: order.days.get(name) for name in DAYS},
        "OrderStatus": order.status,
        "CustomOrderStatus": order.custom_status,
        "Customer": thin(customer) if customer else None,
        "Warehouse": warehouse_fields(warehouse) if warehouse else None,
        **dict.fromkeys(TEXTS),
        **order.fields,
        "Currency": currency,
        "ExchangeRate": order.exchange_rate,
        "DiscountRate": Decimal("0.0"),
        "Tax": tax_fields(books, order.tax_code),
        "TaxRate": order.tax_rate,
        "XeroTaxCode": order.tax_code,
        **_money(order.sub_total, order.tax_total, order.total, order.exchange_rate),
        "TotalVolume": Decimal(0),
        "TotalWeight": Decimal(0),
        "SalesPerson": None,
        "AllocateProduct": order.reserves,
        "SourceId": order.source_id,
        "CompletedDate": order.completed,
        "CreatedOn": order.created,
        "LastModifiedBy": API_USER,
        "Guid": order.guid,
        "LastModifiedOn": order.modified,
    }


def invoice_fields(invoice: Invoice, customer: Customer | None, books: Books) -> Thing:
    """Return an invoice as Invoices shows it (documents: Invoices)."""
    order = invoice.order
    return {
        "OrderNumber": order.number,
        "QuoteNumber": None,
        "InvoiceNumber": invoice.number,
        "InvoiceDate": invoice.issued,
        "DueDate": invoice.issued,
        "InvoiceStatus": "Completed",
        "Customer": thin(customer) if customer else None,
        "Comments": order.fields.get("Comments"),
        "CustomerRef": order.fields.get("CustomerRef"),
        "ExchangeRate": order.exchange_rate,
        **_money(order.sub_total, order.tax_total, order.total, order.exchange_rate),
        "PaymentTerm": order.fields.get("PaymentTerm"),
        "InvoiceLines": [_invoice_line(line, order, books) for line in order.lines],
        "CreatedBy": API_USER,
        "Guid": invoice.guid,
        "LastModifiedOn": invoice.issued,
    }


def _money(sub_total: Decimal, tax_total: Decimal, total: Decimal, rate: Decimal) -> Thing:
    return {
        "SubTotal": sub_total,
        "TaxTotal": tax_total,
        "Total": total,
        "BCSubTotal": sub_total * rate,
        "BCTaxTotal": tax_total * rate,
        "BCTotal": total * rate,
    }


def _shared(line: Line, order: Order, books: Books) -> Thing:
    return {
        "LineNumber": line.number,
        "LineType": None,
        "Product": product_part(books.product(line.product)),
        "OrderQuantity": line.quantity,
        "UnitPrice": line.price,
        "DiscountRate": line.discount,
        "LineTotal": line.total,
        "TaxRate": line.tax_rate,
        "LineTax": line.tax,
        "LineTaxCode": line.tax_code,
        "BCUnitPrice": line.price * order.exchange_rate,
        "SerialNumbers": None,
        "BatchNumbers": None,
        "Guid": line.guid,
        "LastModifiedOn": order.modified,
    }


def _order_line(line: Line, order: Order, books: Books) -> Thing:
    extra = {
        "DueDate": None,
        "Comments": line.comments,
        "XeroTaxCode": line.tax_code,
        "BCLineTotal": line.total * order.exchange_rate,
        "BCLineTax": line.tax * order.exchange_rate,
    }
    return {**_shared(line, order, books), **extra}


def _invoice_line(line: Line, order: Order, books: Books) -> Thing:
    return {**_shared(line, order, books), "InvoiceQuantity": line.quantity}

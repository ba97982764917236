"""Make an order of what is posted to the emulated Unleashed, or say why it takes none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from syncd.emulator.unleashed_books import Books, Warehouse
from syncd.emulator.unleashed_customers import Customers, find
from syncd.emulator.unleashed_orders_body import Body, invalid
from syncd.emulator.unleashed_orders_money import check_line, check_sums, line_tax, line_total, sums_of
from syncd.emulator.unleashed_orders_records import API_USER, DAYS, TEXTS, Line, Order
from syncd.emulator.unleashed_orders_settings import SalesSettings
from syncd.emulator.unleashed_records import Product

STATUSES = ("Parked", "Placed", "Backordered", "Completed")
NONE = "None"
TEXT_LIMITS = {"Comments": 2048, "CreatedBy": 100}
LINE_COMMENTS = 1024
"""Longest texts by the vendor's list of limits (support article 11581801)."""

_READ_ONLY = {"BCSubTotal", "BCTaxTotal", "BCTotal", "XeroTaxCode", "TotalVolume", "TotalWeight"}
_KNOWN = {
    "Guid",
    "OrderNumber",
    "OrderStatus",
    "SourceId",
    "Customer",
    "Warehouse",
    "Currency",
    "ExchangeRate",
    "Tax",
    "TaxRate",
    "SubTotal",
    "TaxTotal",
    "Total",
    "SalesOrderLines",
    "DiscountRate",
    "AllocateProduct",
    "CustomOrderStatus",
    *TEXTS,
    *DAYS,
    *_READ_ONLY,
}
_LINE_KNOWN = {
    "Guid",
    "LineNumber",
    "Product",
    "OrderQuantity",
    "UnitPrice",
    "DiscountRate",
    "LineTotal",
    "LineTax",
    "LineTaxCode",
    "TaxRate",
    "Comments",
    "DueDate",
    "LineType",
    "SerialNumbers",
    "BatchNumbers",
}


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who takes orders: the books they refer to, how amounts are judged, and what the time is."""

    books: Books
    customers: Customers
    settings: SalesSettings
    now: datetime

    def order(self, guid: str, number: str, body: Body) -> Order:
        """Return the posted order (documents: SalesOrders). Raise Refused where the vendor would."""
        body.only(_KNOWN)
        lines = self._lines(guid, body)
        sub_total, tax_total, total = self._totals(body, lines)
        code, rate = self.tax(body.part("Tax"), body.number("TaxRate"), "TaxRate")
        return Order(
            guid=guid,
            number=number,
            status=self._status(body),
            customer=find(self.customers, body.part("Customer")).guid,
            warehouse=self.warehouse(body).code,
            lines=lines,
            sub_total=sub_total,
            tax_total=tax_total,
            total=total,
            currency=self.currency(body),
            tax_code=code,
            tax_rate=rate,
            source_id=body.text("SourceId"),
            exchange_rate=self.exchange_rate(body),
            fields={name: body.text(name, TEXT_LIMITS.get(name, 500)) for name in TEXTS}
            | {"CreatedBy": API_USER},
            days={name: body.day(name) for name in DAYS},
            reserves=self._reserves(body),
            custom_status=body.text("CustomOrderStatus"),
        )

    def warehouse(self, body: Body) -> Warehouse:
        """Return the warehouse that is named by guid or code, or the default one."""
        part = body.part("Warehouse")
        if part is None:
            default = [row for row in self.books.warehouses.values() if row.is_default]
            if not default or not self.settings.default_warehouse:
                raise invalid("Warehouse is required.")
            return default[0]
        guid, code = part.guid("Guid"), part.text("WarehouseCode", 15)
        for row in self.books.warehouses.values():
            named = (guid or code) and guid in (None, row.guid) and code in (None, row.code)
            if named and not row.obsolete:
                return row
        raise invalid("There is no such warehouse.")

    def currency(self, body: Body) -> str:
        """Return the code of the currency, the company's own if none is named."""
        part = body.part("Currency")
        code = part.needed_text("CurrencyCode") if part else str(self.books.company["BaseCurrencyCode"])
        if code not in {row["CurrencyCode"] for row in self.books.currencies}:
            raise invalid(f"There is no currency {code}.")
        return code

    def exchange_rate(self, body: Body) -> Decimal:
        """Return how much of the currency one unit of the company's own is worth, 1 if not given."""
        given = body.number("ExchangeRate")
        if given is None and self.settings.exchange_rate_needed:
            raise invalid("ExchangeRate is required.")
        if given is not None and given <= 0:
            raise invalid("ExchangeRate must be above zero.")
        return Decimal("1.0") if given is None else given

    def tax(self, part: Body | None, said: Decimal | None, name: str) -> tuple[str, Decimal]:
        """Return code and rate of a named tax; a rate that is given must be the code's, as a fraction."""
        code = part.needed_text("TaxCode") if part else NONE
        return code, self.rate_of(code, said, name)

    def rate_of(self, code: str, said: Decimal | None, name: str) -> Decimal:
        """Return the rate of a tax code. Raise Refused for an unknown code, or another rate than it has."""
        rates = [row["TaxRate"] for row in self.books.taxes if row["TaxCode"] == code and not row["Obsolete"]]
        rate = rates[0] if rates else Decimal(0)
        if (not rates and code != NONE) or not isinstance(rate, Decimal):
            raise invalid(f"There is no tax code {code}.")
        if said is not None and said != rate:
            raise invalid(f"{name} is {said} but that of {code} is {rate}.")
        return rate

    def product(self, part: Body | None) -> Product:
        """Return the product a line names by guid or code."""
        if part is None:
            raise invalid("A line needs a Product.")
        guid, code = part.guid("Guid"), part.text("ProductCode")
        named = self.books.product(guid) if guid else None
        found = [named] if named else [] if guid else self.books.by_code(code or "")
        if len(found) != 1 or (code is not None and found[0].code != code):
            raise invalid(f"There is no product {code or guid}.")
        return found[0]

    def _status(self, body: Body) -> str:
        status = body.needed_text("OrderStatus")
        if status not in STATUSES:
            raise invalid(f"OrderStatus {status} does not exist.")
        if status == "Completed" and not self.settings.post_completed:
            raise invalid("An order is completed by its own call.")
        return status

    def _reserves(self, body: Body) -> bool:
        given = body.flag("AllocateProduct")
        return given is not False or not self.settings.allocate_flag

    def _lines(self, guid: str, body: Body) -> tuple[Line, ...]:
        parts = body.parts("SalesOrderLines")
        lines = tuple(self._line(guid, place, part) for place, part in enumerate(parts, start=1))
        if not lines:
            raise invalid("An order needs a line.")
        for what in ("guid", "number"):
            if len({getattr(line, what) for line in lines}) != len(lines):
                raise invalid(f"Two lines have the same {what}.")
        return lines

    def _line(self, order: str, place: int, part: Body) -> Line:
        part.only(_LINE_KNOWN)
        quantity, price = part.needed_number("OrderQuantity"), part.needed_number("UnitPrice")
        discount = part.number("DiscountRate") or Decimal(0)
        self._check_amounts(quantity, price, discount)
        code = part.text("LineTaxCode") or NONE
        rate = self.rate_of(code, part.number("TaxRate"), f"{part.where}TaxRate")
        number = part.number("LineNumber")
        total, tax = self._figures(part, quantity, price, discount, rate)
        line = Line(
            guid=part.guid("Guid") or self.books.guid("line", f"{order}/{place}"),
            number=place if number is None else int(number),
            product=self.product(part.part("Product")).guid,
            quantity=quantity,
            price=price,
            discount=discount,
            total=total,
            tax=tax,
            tax_code=code,
            tax_rate=rate,
            comments=part.text("Comments", LINE_COMMENTS),
        )
        if self.settings.order_totals == "lines":
            check_line(line, self.settings)
        return line

    def _check_amounts(self, quantity: Decimal, price: Decimal, discount: Decimal) -> None:
        if quantity <= 0:
            raise invalid("OrderQuantity must be above zero.")
        if price < 0 and not self.settings.negative_prices:
            raise invalid("UnitPrice must not be below zero.")
        if not 0 <= discount <= 1:
            raise invalid("DiscountRate is a fraction between 0 and 1.")

    def _figures(
        self, part: Body, quantity: Decimal, price: Decimal, discount: Decimal, rate: Decimal
    ) -> tuple[Decimal, Decimal]:
        """Return total and tax of a line: as posted, or as computed where the settings recompute."""
        if self.settings.order_totals == "recompute":
            total = line_total(quantity, price, discount, self.settings)
            return total, line_tax(total, rate, self.settings)
        return part.needed_number("LineTotal"), part.needed_number("LineTax")

    def _totals(self, body: Body, lines: tuple[Line, ...]) -> tuple[Decimal, Decimal, Decimal]:
        if self.settings.order_totals == "recompute":
            return sums_of(lines)
        said = (
            body.needed_number("SubTotal"),
            body.needed_number("TaxTotal"),
            body.needed_number("Total"),
        )
        check_sums(said, lines)
        return said

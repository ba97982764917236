"""The free-entry credit notes of an emulated Unleashed company, under every name their fields may have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from syncd.emulator.unleashed_books import Books
from syncd.emulator.unleashed_customers import find
from syncd.emulator.unleashed_customers_lists import thin
from syncd.emulator.unleashed_customers_records import Customer
from syncd.emulator.unleashed_orders import Orders
from syncd.emulator.unleashed_orders_body import Body, invalid
from syncd.emulator.unleashed_orders_money import line_tax, line_total, sums_of
from syncd.emulator.unleashed_orders_posting import LINE_COMMENTS, NONE, Clerk
from syncd.emulator.unleashed_orders_records import API_USER, Line, Thing, product_part, tax_fields
from syncd.emulator.unleashed_orders_register import Register, stamp
from syncd.emulator.unleashed_orders_settings import SalesSettings
from syncd.emulator.unleashed_rows import warehouse_fields
from syncd.emulator.unleashed_wire import Refused

_NAMES = {
    "CreditNumber": ("CreditNumber", "CreditNoteNumber"),
    "Comments": ("Comments", "Comment"),
    "Lines": ("CreditLines", "Lines"),
    "Quantity": ("CreditQuantity", "Quantity"),
    "Price": ("CreditPrice", "UnitPrice"),
}
"""What each field is called in public clients; the vendor's own page was not readable (reference 7.8)."""

_KNOWN = {
    "Guid",
    *_NAMES["CreditNumber"],
    *_NAMES["Comments"],
    *_NAMES["Lines"],
    "Reference",
    "CreditDate",
    "Status",
    "Customer",
    "Warehouse",
    "Currency",
    "ExchangeRate",
    "Tax",
    "TaxRate",
    "SubTotal",
    "TaxTotal",
    "Total",
}
_LINE_KNOWN = {
    "Guid",
    "LineNumber",
    "Product",
    *_NAMES["Quantity"],
    *_NAMES["Price"],
    "DiscountRate",
    "LineTotal",
    "LineTax",
    "LineTaxCode",
    "TaxRate",
    "Reason",
    "Return",
    "Comments",
}


@dataclass(frozen=True, slots=True)
class Credit:
    """One free-entry credit note; amounts are positive and ex tax, `total` includes tax."""

    guid: str
    number: str
    status: str
    customer: str
    warehouse: str
    tax_code: str
    exchange_rate: Decimal
    lines: tuple[Line, ...]
    sub_total: Decimal
    tax_total: Decimal
    total: Decimal
    reference: str | None = None
    comments: str | None = None
    date: datetime | None = None
    created: datetime | None = None
    modified: datetime | None = None


class Credits:
    """All credit notes of one company."""

    def __init__(self, books: Books, orders: Orders) -> None:
        self.books, self.orders = books, orders
        self.register: Register[Credit] = Register(books.clock)

    def posted(self, body: Body, settings: SalesSettings) -> Credit:
        """Create a free-entry credit note, Parked (documents: CreditNotes/FreeCredit). Raise Refused."""
        body.only(_KNOWN)
        place = len(self.register.all()) + 1
        guid = body.guid("Guid") if settings.credit_guid == "taken" else None
        guid = guid or self.books.guid("credit", place)
        if self.register.get(guid) is not None:
            raise invalid("There is a credit note with this Guid already.")
        number = self._number(body, place, settings)
        credit = self._read(guid, number, body, settings)
        self.register.put(guid, credit, settings.seen_after)
        return credit

    def completed(self, guid: str, settings: SalesSettings) -> Credit:
        """Complete a parked credit note; what is returned goes back into stock. Raise Refused."""
        before = self._parked(guid)
        for line in before.lines:
            if line.returns:
                self._take_back(line, before.warehouse)
        return self._store(replace(before, status="Completed"), settings)

    def deleted(self, guid: str, settings: SalesSettings) -> Credit:
        """Delete a parked credit note. Raise Refused."""
        return self._store(replace(self._parked(guid), status="Deleted"), settings)

    def _number(self, body: Body, place: int, settings: SalesSettings) -> str:
        given = body.text(_name(body, "CreditNumber"))
        if given is None or settings.credit_number == "own":
            return f"CN-{place:08d}"
        if given in {credit.number for credit in self.register.all()}:
            raise invalid(f"Credit number {given} is already in use.")
        return given

    def _read(self, guid: str, number: str, body: Body, settings: SalesSettings) -> Credit:
        clerk = Clerk(self.books, self.orders.customers, settings, stamp(self.books.clock))
        code, _rate = clerk.tax(body.part("Tax"), body.number("TaxRate"), "TaxRate")
        parts = body.parts(_name(body, "Lines"))
        lines = tuple(_line(clerk, guid, place, code, part) for place, part in enumerate(parts, 1))
        if not lines:
            raise invalid("A credit note needs a line.")
        clerk.currency(body)
        sub_total, tax_total, total = sums_of(lines)
        return Credit(
            guid=guid,
            number=number,
            status="Parked",
            customer=find(self.orders.customers, body.part("Customer")).guid,
            warehouse=clerk.warehouse(body).code,
            tax_code=code,
            exchange_rate=clerk.exchange_rate(body),
            lines=lines,
            sub_total=sub_total,
            tax_total=tax_total,
            total=total,
            reference=body.text("Reference"),
            comments=body.text(_name(body, "Comments"), 2048),
            date=body.day("CreditDate"),
            created=clerk.now,
            modified=clerk.now,
        )

    def _take_back(self, line: Line, warehouse: str) -> None:
        product = self.books.product(line.product)
        if product is not None and not product.value("NeverDiminishing"):
            held = product.stock.get(warehouse)
            on_hand = held.on_hand if held else Decimal(0)
            self.orders.recount(line.product, warehouse, on_hand + line.quantity)

    def _parked(self, guid: str) -> Credit:
        found = self.register.get(guid)
        if found is None:
            raise Refused(404, "There is no such credit note.")
        if found.status != "Parked":
            raise invalid(f"The credit note is {found.status} and cannot be changed.")
        return found

    def _store(self, credit: Credit, settings: SalesSettings) -> Credit:
        after = replace(credit, modified=stamp(self.books.clock))
        self.register.put(after.guid, after, settings.seen_after)
        return after


def credit_fields(credit: Credit, customer: Customer | None, books: Books, settings: SalesSettings) -> Thing:
    """Return a credit note as CreditNotes may show it: under either set of names."""
    note = settings.credit_names == "note"
    warehouse = books.warehouses.get(credit.warehouse)
    reference = {"Reference": credit.reference} if settings.credit_reference else {}
    return {
        "CreditNoteNumber" if note else "CreditNumber": credit.number,
        "CreditStatus" if note else "Status": credit.status,
        "CreditDate": credit.date,
        "Customer": thin(customer) if customer else None,
        "Warehouse": warehouse_fields(warehouse) if warehouse else None,
        "InvoiceNumber": None,
        **reference,
        "Comments": credit.comments,
        "Tax": tax_fields(books, credit.tax_code),
        "ExchangeRate": credit.exchange_rate,
        "SubTotal": credit.sub_total,
        "TaxTotal": credit.tax_total,
        "Total": credit.total,
        "Lines" if note else "CreditLines": [_line_fields(line, books, note=note) for line in credit.lines],
        "CreatedBy": API_USER,
        "CreatedOn": credit.created,
        "Guid": credit.guid,
        "LastModifiedOn": credit.modified,
    }


def _line_fields(line: Line, books: Books, *, note: bool) -> Thing:
    return {
        "Guid": line.guid,
        "LineNumber": line.number,
        "Product": product_part(books.product(line.product)),
        "Quantity" if note else "CreditQuantity": line.quantity,
        "UnitPrice" if note else "CreditPrice": line.price,
        "LineTotal": line.total,
        "LineTax": line.tax,
        "TaxRate": line.tax_rate,
        "Return": line.returns,
        "Comments": line.comments,
    }


def _line(clerk: Clerk, credit: str, place: int, tax_code: str, part: Body) -> Line:
    """Return a posted line: its total is computed, its tax is the note's unless it names its own."""
    part.only(_LINE_KNOWN)
    quantity, price = part.needed_number(_name(part, "Quantity")), part.needed_number(_name(part, "Price"))
    discount = part.number("DiscountRate") or Decimal(0)
    if quantity <= 0:
        raise invalid("CreditQuantity must be above zero.")
    code = part.text("LineTaxCode") or tax_code or NONE
    rate = clerk.rate_of(code, part.number("TaxRate"), f"{part.where}TaxRate")
    total = line_total(quantity, price, discount, clerk.settings)
    said = part.number("LineTax") if clerk.settings.credit_tax == "taken" else None
    number = part.number("LineNumber")
    return Line(
        guid=part.guid("Guid") or clerk.books.guid("credit line", f"{credit}/{place}"),
        number=place if number is None else int(number),
        product=clerk.product(part.part("Product")).guid,
        quantity=quantity,
        price=price,
        discount=discount,
        total=total,
        tax=line_tax(total, rate, clerk.settings) if said is None else said,
        tax_code=code,
        tax_rate=rate,
        comments=part.text("Comments", LINE_COMMENTS),
        returns=part.flag("Return") or False,
    )


def _name(body: Body, field: str) -> str:
    """Return the name under which the body gives a field, the first of them if it gives none."""
    given = [name for name in _NAMES[field] if body.has(name)]
    return given[0] if given else _NAMES[field][0]

"""Decide which rows a list answers and in which order: the vendor's filters over the books."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from syncd.emulator.unleashed_books import Books, Warehouse
from syncd.emulator.unleashed_records import Product, Stock
from syncd.emulator.unleashed_settings import Settings
from syncd.emulator.unleashed_wire import EPOCH, Refused

DEFAULT_PAGE_SIZE = 200
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SINCE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,3})?)?")
_NOT_EMULATED = {"brief", "customercode", "includeattributes", "productbrand", "asatdate", "isassembled"}

Stamp = Callable[[Product], datetime | None]
StockLine = tuple[Product, Stock, Warehouse | None]


@dataclass(frozen=True, slots=True)
class Filters:
    """The query of a list: its parameters by lower-case name, and the settings that colour them."""

    given: Mapping[str, str]
    settings: Settings

    @classmethod
    def read(cls, pairs: Sequence[tuple[str, str]], settings: Settings) -> Filters:
        """Take the decoded pairs; of a doubled name the first counts.

        Raise Refused with 501 for a documented parameter that is not emulated, rather than answer
        as if it had been honoured. Unknown parameters, `page` among them, are ignored as the vendor does.
        """
        given: dict[str, str] = {}
        for name, value in pairs:
            given.setdefault(name.lower(), value)
        if missing := _NOT_EMULATED & set(given):
            raise Refused(501, f"The emulator has no {min(missing)}.")
        return cls(given, settings)

    def flag(self, name: str) -> bool:
        return self.given.get(name, "").lower() == "true"

    def text(self, name: str) -> str | None:
        """Return a text filter, folded as the settings compare; None if absent or empty."""
        return self.fold(self.given.get(name, "")) or None

    def fold(self, text: str) -> str:
        return text if self.settings.case_matters else text.lower()

    def page_size(self) -> int:
        """Return the rows per page. Raise Refused with 400 for what is no size."""
        asked = self.given.get("pagesize", str(DEFAULT_PAGE_SIZE))
        if not asked.isdecimal():
            raise Refused(400, "pageSize is not a number.")
        size, cap = int(asked), self.settings.page_size_cap
        too_small = size == 0 and self.settings.page_size_zero == "refuse"
        if too_small or (size > cap and self.settings.page_size_above == "refuse"):
            raise Refused(400, f"pageSize is not between 1 and {cap}.")
        return min(size, cap)

    def guids(self) -> list[str] | None:
        """Return the guids of `productId` in lower case. Raise Refused with 400 for a malformed one."""
        asked = self.given.get("productid")
        if not asked or self.settings.product_id_filter == "ignored":
            return None
        guids = [guid.strip().lower() for guid in asked.split(",")]
        if not all(_GUID.fullmatch(guid) for guid in guids):
            raise Refused(400, "productId is not a list of GUIDs.")
        return guids

    def since(self) -> datetime | None:
        """Return `modifiedSince` in UTC. Raise Refused with 400 for anything but a plain date or time."""
        asked = self.given.get("modifiedsince")
        if not asked:
            return None
        if not _SINCE.fullmatch(asked):
            raise Refused(400, "modifiedSince is not a date.")
        kept = asked if self.settings.since_time_honoured else asked[:10]
        try:
            moment = datetime.fromisoformat(kept).replace(tzinfo=UTC)
        except ValueError as error:
            raise Refused(400, "modifiedSince is not a date.") from error
        return moment - timedelta(hours=self.settings.since_shift_hours)

    def is_since(self) -> Callable[[datetime | None], bool] | None:
        """Return the test a stamp must pass, or None if every row does. A null stamp never passes."""
        since = self.since()
        if since is None:
            return None
        if self.settings.since_inclusive:
            return lambda stamp: stamp is not None and stamp >= since
        return lambda stamp: stamp is not None and stamp > since

    def modified(self, rows: Sequence[Product], stamp: Stamp) -> Sequence[Product]:
        """Keep the rows whose stamp `modifiedSince` asks for."""
        since = self.since()
        if since is None:
            return rows
        if self.settings.since_inclusive:
            return [row for row in rows if (at := stamp(row)) is not None and at >= since]
        return [row for row in rows if (at := stamp(row)) is not None and at > since]


def is_guid(text: str) -> bool:
    return _GUID.fullmatch(text.lower()) is not None


def products(books: Books, filters: Filters) -> Sequence[Product]:
    """Return the products a list of Products holds, in its order (documents: Products)."""
    rows = _asked_for(books, filters)
    if not filters.flag("includeobsolete"):
        rows = [row for row in rows if not row.obsolete]
    if filters.flag("excludecomponents"):
        rows = [row for row in rows if not row.value("IsComponent")]
    if filters.flag("excludeassembled"):
        rows = [row for row in rows if not row.value("IsAssembledProduct")]
    rows = _by_text(filters.modified(rows, lambda row: row.modified), filters)
    return _in_order(_thinned(rows, filters), filters, _PRODUCT_COLUMNS)


def stock(books: Books, filters: Filters) -> Sequence[StockLine]:
    """Return the rows of StockOnHand in order; who never moved is absent (documents: StockOnHand)."""
    warehouse = _warehouse(books, filters)
    if warehouse is None and (filters.text("warehousecode") or filters.text("warehousename")):
        return []
    of = stock_in(warehouse, filters.settings)
    rows = [row for row in _asked_for(books, filters) if of(row)]
    if not filters.settings.stock_of_obsolete:
        rows = [row for row in rows if not row.obsolete]
    changed = _by_text(filters.modified(rows, lambda row: _known(of(row)).modified), filters)
    ordered = _in_order(_thinned(changed, filters), filters, _stock_columns(of))
    return [(row, _known(of(row)), warehouse) for row in ordered]


def stock_in(warehouse: Warehouse | None, settings: Settings) -> Callable[[Product], Stock | None]:
    """Return how to find a product's stock in one warehouse, or in all if None is given."""
    if warehouse is None:
        return lambda product: product.total
    code = warehouse.code
    if not settings.rows_in_every_warehouse:
        return lambda product: product.stock.get(code)
    return lambda product: (
        product.stock.get(code) or (Stock(modified=product.total.modified) if product.total else None)
    )


def warehouses(books: Books, filters: Filters) -> list[Warehouse]:
    """Return the warehouses by code (documents: Warehouses)."""
    code, name = filters.text("warehousecode"), filters.text("warehousename")
    passes = filters.is_since()
    return [
        row
        for row in sorted(books.warehouses.values(), key=lambda row: row.code)
        if (filters.flag("includeobsolete") or not row.obsolete)
        and (code is None or filters.fold(row.code) == code)
        and (name is None or filters.fold(row.name).startswith(name))
        and (passes is None or passes(row.modified))
    ]


def taxes(books: Books, filters: Filters) -> list[dict[str, object]]:
    """Return the tax codes; whether obsolete ones hide, and how rates are written, the settings say."""
    every = filters.flag("includeobsolete") or filters.settings.obsolete_taxes == "always"
    rows = [row for row in books.taxes if every or not row["Obsolete"]]
    if filters.settings.tax_rates == "fraction":
        return rows
    return [row | {"TaxRate": Decimal(str(row["TaxRate"])) * 100} for row in rows]


def _asked_for(books: Books, filters: Filters) -> Sequence[Product]:
    guids = filters.guids()
    if guids is None:
        return books.products()
    found = [product for guid in dict.fromkeys(guids) if (product := books.product(guid))]
    return sorted(found, key=lambda product: product.key)


def _thinned(rows: Sequence[Product], filters: Filters) -> Sequence[Product]:
    guids = filters.guids()
    misses = filters.settings.product_id_filter == "misses_one" and guids is not None and len(guids) > 1
    return rows[:-1] if misses else rows


def _by_text(rows: Sequence[Product], filters: Filters) -> Sequence[Product]:
    fold = filters.fold
    if code := filters.text("productcode"):
        rows = [row for row in rows if fold(row.code).startswith(code)]
    if name := filters.text("productdescription"):
        rows = [row for row in rows if fold(row.name).startswith(name)]
    if part := filters.text("product"):
        rows = [row for row in rows if part in fold(row.code) or part in fold(row.name)]
    if barcode := filters.text("productbarcode"):
        rows = [row for row in rows if fold(str(row.value("Barcode") or "")) == barcode]
    if group := filters.text("productgroup"):
        rows = [row for row in rows if fold(_group_name(row)) == group]
    return rows


def _group_name(product: Product) -> str:
    group = product.value("ProductGroup")
    return str(group.get("GroupName", "")) if isinstance(group, dict) else ""


def _warehouse(books: Books, filters: Filters) -> Warehouse | None:
    code, name = filters.text("warehousecode"), filters.text("warehousename")
    for warehouse in books.warehouses.values():
        if code is not None and filters.fold(warehouse.code) == code:
            return warehouse
        if code is None and name is not None and filters.fold(warehouse.name) == name:
            return warehouse
    return None


_Column = Callable[[Product], datetime | Decimal | str]
_PRODUCT_COLUMNS: dict[str, _Column] = {
    "lastmodifiedon": lambda row: row.modified or EPOCH,
    "createdon": lambda row: row.created or EPOCH,
    "productcode": lambda row: row.code.upper(),
}


def _stock_columns(of: Callable[[Product], Stock | None]) -> dict[str, _Column]:
    return {
        "lastmodifiedon": lambda row: _known(of(row)).modified or EPOCH,
        "qtyonhand": lambda row: _known(of(row)).on_hand,
        "availableqty": lambda row: _known(of(row)).available,
        "productcode": lambda row: row.code.upper(),
    }


def _known(stock: Stock | None) -> Stock:
    if stock is None:
        raise LookupError("only products with stock are listed")
    return stock


def _in_order(rows: Sequence[Product], filters: Filters, columns: Mapping[str, _Column]) -> Sequence[Product]:
    """Sort by the column asked for; equal values keep the order by code, nulls come first."""
    asked = filters.given.get("orderby", "").lower()
    descending = filters.given.get("sort", "").lower() == "desc"
    if not filters.settings.order_by_honoured or not (asked or descending):
        return rows
    if asked and asked not in columns:
        raise Refused(400, "orderBy names no column of this list.")
    return sorted(rows, key=columns[asked or "productcode"], reverse=descending)

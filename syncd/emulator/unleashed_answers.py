"""Answer the GETs of an emulated Unleashed company: lists page by page, and records by guid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from syncd.emulator import unleashed_lists as lists
from syncd.emulator.unleashed_books import Books
from syncd.emulator.unleashed_lists import Filters
from syncd.emulator.unleashed_mischief import Mischief
from syncd.emulator.unleashed_records import Product, Stock
from syncd.emulator.unleashed_rows import Rows, warehouse_fields
from syncd.emulator.unleashed_settings import Settings
from syncd.emulator.unleashed_wire import JSON, Refused, envelope, items_only, json_bytes, page_of
from syncd.emulator.wire import Response

RESOURCES: Mapping[str, str] = {
    name.lower(): name
    for name in (
        "Products",
        "StockOnHand",
        "Warehouses",
        "Companies",
        "SellPriceTiers",
        "Taxes",
        "Currencies",
    )
}
"""The vendor's resource names by lower case: it answers in any case (reference 1.1)."""

Row = TypeVar("Row")
_UNPAGED = ("Companies", "SellPriceTiers")


@dataclass(slots=True)
class Answers:
    """One company's answers. `settings` may be exchanged at any time."""

    books: Books
    settings: Settings
    mischief: Mischief
    _rows: Rows = field(init=False)

    def __post_init__(self) -> None:
        self._rows = Rows(self.books)

    def get(self, resource: str, rest: Sequence[str], pairs: Sequence[tuple[str, str]]) -> Response:
        """Answer a GET of the path segments after the resource. Raise Refused with 404 for no such path."""
        self._rows.refresh(timedelta(hours=self.settings.epoch_shift_hours))
        match [segment.lower() for segment in rest]:
            case []:
                return self._list(resource, 1, pairs)
            case [number] | ["page", number] if number.isdecimal():
                return self._list(resource, int(number), pairs)
            case [guid] if resource == "Products" and lists.is_guid(guid):
                return _record(self._rows.product(self._known(guid)))
            case [guid] if resource == "StockOnHand" and lists.is_guid(guid):
                return self._stock_of(self._known(guid))
            case [guid, "allwarehouses"] if resource == "StockOnHand" and lists.is_guid(guid):
                return self._stock_by_warehouse(self._known(guid))
        raise Refused(404)

    def _list(self, resource: str, page: int, pairs: Sequence[tuple[str, str]]) -> Response:
        self.mischief.before_page(resource, page)
        filters = Filters.read(pairs, self.settings)
        if resource == "Products":
            found = lists.products(self.books, filters)
            return self._page(resource, page, filters, found, _guid_of_product, self._rows.product)
        if resource == "StockOnHand":
            lines = lists.stock(self.books, filters)
            return self._page(resource, page, filters, lines, _guid_of_line, self._line)
        if resource in _UNPAGED and not self.settings.small_lists_paged:
            return items_only(json_bytes(row) for row in self._small(resource, filters))
        small = self._small(resource, filters)
        return self._page(resource, page, filters, small, _guid_of_row, self._small_row)

    def _page(
        self,
        resource: str,
        wanted: int,
        filters: Filters,
        rows: Sequence[Row],
        guid: Callable[[Row], str],
        render: Callable[[Row], bytes],
    ) -> Response:
        there = self.mischief.listed(resource, rows)
        page = page_of(len(there), wanted, filters.page_size())
        shown = there[page.start : page.stop]
        rendered = [render(row) for row in shown]
        return envelope(page, self.mischief.sent(resource, [guid(row) for row in shown], rendered))

    def _line(self, line: lists.StockLine) -> bytes:
        return self._rows.stock(*line)

    def _small_row(self, row: Mapping[str, object]) -> bytes:
        return json_bytes(row, self._rows.shift)

    def _known(self, guid: str) -> Product:
        product = self.books.product(guid)
        if product is None:
            raise Refused(404, "There is no such product.")
        return product

    def _stock_of(self, product: Product) -> Response:
        total = product.total
        if total is None and self.settings.never_moved_stock == "missing":
            raise Refused(404, "There is no stock of this product.")
        return _record(self._rows.stock(product, total or Stock(), None))

    def _stock_by_warehouse(self, product: Product) -> Response:
        if product.total is None and self.settings.never_moved_stock == "missing":
            raise Refused(404, "There is no stock of this product.")
        rows = [
            self._rows.stock(product, row, warehouse)
            for warehouse in self.books.warehouses.values()
            if (row := lists.stock_in(warehouse, self.settings)(product))
        ]
        if self.settings.all_warehouses == "list":
            return items_only(rows, bare=True)
        return envelope(page_of(len(rows), 1, len(rows) or lists.DEFAULT_PAGE_SIZE), rows)

    def _small(self, resource: str, filters: Filters) -> Sequence[dict[str, object]]:
        """Return the rows of a small list. Raise Refused with 404 where settings say there is none."""
        if resource == "Warehouses":
            return [warehouse_fields(warehouse) for warehouse in lists.warehouses(self.books, filters)]
        if resource == "Taxes" and self.settings.taxes:
            return lists.taxes(self.books, filters)
        if resource == "Currencies":
            return self.books.currencies
        if resource == "Companies" and self.settings.companies:
            return [self.books.company]
        if resource == "SellPriceTiers" and self.settings.sell_price_tiers:
            return [{"Tier": number, "Name": name} for number, name in enumerate(self.books.tier_names, 1)]
        raise Refused(404)


def _record(row: bytes) -> Response:
    return Response(200, dict(JSON), [row])


def _guid_of_product(product: Product) -> str:
    return product.guid


def _guid_of_line(line: lists.StockLine) -> str:
    return line[0].guid


def _guid_of_row(row: Mapping[str, object]) -> str:
    return str(row.get("Guid", ""))

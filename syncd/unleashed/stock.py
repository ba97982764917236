"""Read what Unleashed has of its products, in all warehouses together or in one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal, localcontext

from syncd.core.model import ALL_WAREHOUSES, StockRow
from syncd.unleashed import fields
from syncd.unleashed.auth import Pairs
from syncd.unleashed.client import FilterIgnored, Unleashed
from syncd.unleashed.paging import Resource, RowPage, read_by_guid, read_pages, read_single, since_filter
from syncd.unleashed.wire import Reader, Row

PATH = "/StockOnHand"


class StockOnHandRow(Row):
    """A row as the StockOnHand page of the documentation names its fields."""

    warehouse: object = None
    warehouse_code: object = None
    available_qty: object = None
    qty_on_hand: object = None
    allocated_qty: object = None
    last_modified_on: object = None


def _stock_row(row: StockOnHandRow) -> StockRow:
    """Return the row under the warehouse it names, "" if it names none."""
    guid = row.guid if row.product_guid is None else row.product_guid
    return StockRow(
        guid=fields.guid(guid, "ProductGuid"),
        warehouse=_warehouse_code(row),
        available=fields.quantity(row.available_qty, "AvailableQty"),
        on_hand=fields.number(row.qty_on_hand, "QtyOnHand") or Decimal(0),
        allocated=fields.number(row.allocated_qty, "AllocatedQty") or Decimal(0),
        modified=fields.moment(row.last_modified_on),
    )


def _warehouse_code(row: StockOnHandRow) -> str:
    nested = row.warehouse.get("WarehouseCode") if isinstance(row.warehouse, dict) else None
    code = nested if row.warehouse_code is None else row.warehouse_code
    return fields.text(code, "WarehouseCode").strip()


STOCK = Resource(PATH, Reader(StockOnHandRow, _stock_row))


def changed_stock(
    client: Unleashed, since: datetime | None, warehouse: str = ALL_WAREHOUSES, first: int = 1
) -> Iterator[RowPage[StockRow]]:
    """Yield page after page of the stock rows that moved since then; `since` None reads all.

    `warehouse` is a code, or ALL_WAREHOUSES for Unleashed's own sum; the rows carry it. A product that never
    moved has no row. `since` is aware; `first` is the page to begin with. Raises FilterIgnored if rows of
    another warehouse come, and what `paging.read_pages` raises. Filters: StockOnHand, the reference 5.1.
    """
    filters = [*since_filter(since), *_warehouse_filter(warehouse)]
    return (_labelled(client, page, warehouse) for page in read_pages(client, STOCK, filters, first))


def stock_by_guid(
    client: Unleashed, guids: Iterable[str], warehouse: str = ALL_WAREHOUSES
) -> RowPage[StockRow]:
    """Return the stock rows of these products as one page, with one call per 40 of them.

    A product without a row never moved there, or does not exist. Raises FilterIgnored if rows of other
    products or of another warehouse come, and what `paging.read_pages` raises.
    """
    page = read_by_guid(client, STOCK, guids, _warehouse_filter(warehouse))
    return _labelled(client, page, warehouse)


def stock_of(client: Unleashed, guid: str, warehouses: Sequence[str] = ()) -> list[StockRow]:
    """Return the stock of one product that is known to exist, with one call.

    One row per warehouse asked for, in that order; ALL_WAREHOUSES, or none asked for: Unleashed's own sum,
    which beside named warehouses is added up from all of them. No
    record (404) or no row is 0 there, because a product that never moved has none. Raises BadAnswer if a
    row is about another product, cannot be read, or does not say which warehouse it counts.
    """
    wanted = fields.guid(guid, "guid")
    named = any(warehouse != ALL_WAREHOUSES for warehouse in warehouses)
    path = f"{PATH}/{wanted}/AllWarehouses" if named else f"{PATH}/{wanted}"
    rows = read_single(client, path, STOCK.reader)
    if any(row.guid != wanted for row in rows):
        raise client.bad(path, "is about another product")
    if named:
        return _by_warehouse(client, path, wanted, rows, warehouses)
    if len(rows) > 1:
        raise client.bad(path, "has several rows where one sum was asked for")
    return [_relabelled(row, ALL_WAREHOUSES) for row in rows] or [_nothing(wanted, ALL_WAREHOUSES)]


def _by_warehouse(
    client: Unleashed, path: str, guid: str, rows: Sequence[StockRow], warehouses: Sequence[str]
) -> list[StockRow]:
    named = {row.warehouse.casefold(): row for row in rows if row.warehouse}
    if len(named) < sum(1 for row in rows if row.warehouse):
        raise client.bad(path, "has two rows for one warehouse")
    asked = [code for code in warehouses if code != ALL_WAREHOUSES]
    missing = [code for code in asked if code.strip().casefold() not in named]
    if named and ALL_WAREHOUSES in warehouses and any(not row.warehouse for row in rows):
        raise client.bad(path, "has a row without warehouse beside others, so their sum is not known")
    if missing and any(not row.warehouse for row in rows):
        raise client.bad(path, f"has a row without warehouse, so what is in {missing[0]} is not known")
    found = {code: _nothing(guid, code) for code in missing}
    found |= {
        code: _relabelled(named[code.strip().casefold()], code) for code in asked if code not in missing
    }
    return [found[code] if code != ALL_WAREHOUSES else _sum(guid, rows) for code in warehouses]


def _sum(guid: str, rows: Sequence[StockRow]) -> StockRow:
    with localcontext() as context:
        context.prec = 60
        available = sum((row.available for row in rows), Decimal(0))
        on_hand = sum((row.on_hand for row in rows), Decimal(0))
        allocated = sum((row.allocated for row in rows), Decimal(0))
    modified = max((row.modified for row in rows if row.modified is not None), default=None)
    return StockRow(guid, ALL_WAREHOUSES, available, on_hand, allocated, modified)


def _nothing(guid: str, warehouse: str) -> StockRow:
    return StockRow(guid, warehouse, available=Decimal(0))


def _relabelled(row: StockRow, warehouse: str) -> StockRow:
    return StockRow(row.guid, warehouse, row.available, row.on_hand, row.allocated, row.modified)


def _labelled(client: Unleashed, page: RowPage[StockRow], warehouse: str) -> RowPage[StockRow]:
    """Return the page under the warehouse asked for. Raises FilterIgnored if a row names another."""
    asked = warehouse.strip().casefold()
    strangers = {row.warehouse for row in page.rows if row.warehouse and row.warehouse.casefold() != asked}
    if asked and strangers:
        raise FilterIgnored(
            f"{client.who} ignores the filter warehouseCode of {PATH}: asked for {warehouse}, it answered "
            f"with rows of {min(strangers)}.",
            who=client.who,
            status=200,
        )
    return RowPage(
        rows=tuple(_relabelled(row, warehouse) for row in page.rows),
        poison=page.poison,
        number=page.number,
        pages=page.pages,
        total=page.total,
        page_size=page.page_size,
        requested_at=page.requested_at,
        guids=page.guids,
    )


def _warehouse_filter(warehouse: str) -> Pairs:
    return (("warehouseCode", warehouse),) if warehouse.strip() else ()

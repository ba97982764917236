"""Write the books' records as the vendor's JSON rows, each only once until it changes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from syncd.emulator.unleashed_books import Books, Warehouse
from syncd.emulator.unleashed_records import DEFAULTS, TIERS, Product, Stock
from syncd.emulator.unleashed_wire import json_bytes

_NOWHERE: dict[str, object] = {"Warehouse": "", "WarehouseCode": "", "WarehouseId": None}


class Rows:
    """Rendered rows of one company's books. `shift` is added to every date."""

    def __init__(self, books: Books) -> None:
        self.books, self.shift = books, timedelta(0)
        self._labels: list[str] = []
        self._kept: dict[tuple[str, str], tuple[int, bytes]] = {}

    def product(self, product: Product) -> bytes:
        """Return the row of Products, the same in lists and alone."""
        return self._once("Products", product, None)

    def stock(self, product: Product, stock: Stock, warehouse: Warehouse | None) -> bytes:
        """Return the row of StockOnHand for one warehouse, or for all summed, with blank warehouse fields."""
        return self._once(warehouse.guid if warehouse else "", product, (stock, warehouse))

    def _once(self, variant: str, product: Product, stock: tuple[Stock, Warehouse | None] | None) -> bytes:
        kept = self._kept.get((variant, product.guid))
        if kept is not None and kept[0] == product.version:
            return kept[1]
        fields = (
            product_fields(product, self.books.tier_names) if stock is None else stock_fields(product, *stock)
        )
        row = json_bytes(fields, self.shift)
        self._kept[variant, product.guid] = (product.version, row)
        return row

    def refresh(self, shift: timedelta) -> None:
        """Forget the rendered rows if the shift or a tier's label, part of every product's row, changed."""
        if (self._labels, self.shift) != (self.books.tier_names, shift):
            self._labels, self.shift = list(self.books.tier_names), shift
            self._kept.clear()


def product_fields(product: Product, tier_names: list[str]) -> dict[str, object]:
    """Return a product as Products shows it (documents: Products)."""
    return {
        "Guid": product.guid,
        "ProductCode": product.code,
        "ProductDescription": product.name,
        **DEFAULTS,
        **product.fields,
        **{
            f"SellPriceTier{number}": {"Name": tier_names[number - 1], "Value": product.tiers.get(number)}
            for number in range(1, TIERS + 1)
        },
        "Obsolete": product.obsolete,
        "CreatedOn": product.created,
        "LastModifiedOn": product.modified,
    }


def stock_fields(product: Product, stock: Stock, warehouse: Warehouse | None) -> dict[str, object]:
    """Return what one warehouse, or all of them, hold of a product (documents: StockOnHand)."""
    group = product.value("ProductGroup")
    cost = product.value("AverageLandPrice")
    where = _NOWHERE if warehouse is None else _whereabouts(warehouse)
    return {
        "ProductGuid": product.guid,
        "Guid": product.guid,
        "ProductCode": product.code,
        "ProductDescription": product.name,
        "ProductGroupName": group.get("GroupName", "") if isinstance(group, dict) else "",
        "ProductSourceId": product.value("SourceId"),
        **where,
        "DaysSinceLastSale": None,
        "OnPurchase": stock.on_hand * 0,
        "AllocatedQty": stock.allocated,
        "AvailableQty": stock.available,
        "QtyOnHand": stock.on_hand,
        "AvgCost": cost,
        "TotalCost": cost * stock.on_hand if isinstance(cost, Decimal) else None,
        "LastModifiedOn": stock.modified,
    }


def _whereabouts(warehouse: Warehouse) -> dict[str, object]:
    return {"Warehouse": warehouse.name, "WarehouseCode": warehouse.code, "WarehouseId": warehouse.guid}


def warehouse_fields(warehouse: Warehouse) -> dict[str, object]:
    """Return a warehouse as Warehouses shows it (documents: Warehouses)."""
    return {
        "Guid": warehouse.guid,
        "WarehouseCode": warehouse.code,
        "WarehouseName": warehouse.name,
        "IsDefault": warehouse.is_default,
        "Obsolete": warehouse.obsolete,
        "StreetNo": None,
        "AddressLine1": None,
        "AddressLine2": None,
        "Suburb": None,
        "City": "Auckland",
        "Region": None,
        "Country": "New Zealand",
        "PostCode": None,
        "PhoneNumber": None,
        "FaxNumber": None,
        "MobileNumber": None,
        "DDINumber": None,
        "ContactName": None,
        "LastModifiedOn": warehouse.modified,
    }

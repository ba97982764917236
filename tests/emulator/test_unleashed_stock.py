"""The emulated StockOnHand is a list of its own, with the oddities of the real one."""

from __future__ import annotations

import pytest

from syncd.emulator.unleashed import UnleashedEmulator
from syncd.emulator.unleashed_books import Books
from tests.emulator.unleashed_caller import (
    NOWHERE,
    Clock,
    ask,
    codes,
    numbered,
    read,
    setting,
)


def test_stock_sums_the_warehouses(company: UnleashedEmulator, books: Books, clock: Clock) -> None:
    """The list sums all warehouses with blank names, stamped by the latest; negative available is kept."""
    guid = books.add_product("A", cost="4.0821")
    books.set_stock(guid, "W1", "24.0000", "5.0000")
    clock.pass_by(minutes=1)
    books.set_stock(guid, "W2", 1, 25)
    row = read(company, "/StockOnHand")["Items"][0]
    assert (row["QtyOnHand"], row["AllocatedQty"], row["AvailableQty"]) == (25, 30, -5)
    assert (row["WarehouseCode"], row["WarehouseId"], row["Guid"]) == ("", None, guid)
    assert row["LastModifiedOn"] == "/Date(1795262460000)/"
    assert row == read(company, f"/StockOnHand/{guid}")


def test_stock_of_one_warehouse(company: UnleashedEmulator, books: Books) -> None:
    """warehouseCode gives the rows of products that moved there; a setting adds rows of zeros."""
    guids = numbered(books, 3)
    books.set_stock(guids[0], "W1", 4)
    books.set_stock(guids[1], "W2", 3)
    rows = read(company, "/StockOnHand", "warehouseCode=W2")["Items"]
    assert [(row["ProductCode"], row["Warehouse"], row["WarehouseCode"]) for row in rows] == [
        ("P-001", "Second", "W2")
    ]
    assert codes(company, "/StockOnHand", "warehouseName=Main") == ["P-000"]
    assert codes(company, "/StockOnHand", "warehouseCode=NONE") == []
    setting(company, rows_in_every_warehouse=True)
    assert codes(company, "/StockOnHand", "warehouseCode=W2") == ["P-000", "P-001"]


def test_stock_feed_is_its_own(company: UnleashedEmulator, books: Books, clock: Clock) -> None:
    """A stock movement does not stamp the product, a product edit does not stamp the stock."""
    guids = numbered(books, 2)
    books.set_stock(guids[0], "W1", 1)
    books.set_stock(guids[1], "W1", 1)
    clock.pass_by(hours=1)
    books.set_stock(guids[0], "W1", 2)
    books.change_product(guids[1], name="renamed")
    since = "modifiedSince=2026-11-21T12:30:00"
    assert codes(company, "/StockOnHand", since) == ["P-000"]
    assert codes(company, "/Products", since) == ["P-001"]
    books.set_stock(guids[1], "W1", 9, bump=False)
    assert codes(company, "/StockOnHand", since + "&warehouseCode=W1") == ["P-000"]
    names = [row["ProductDescription"] for row in read(company, "/StockOnHand")["Items"]]
    assert names == ["", "renamed"]


def test_stock_filters_by_product(company: UnleashedEmulator, books: Books) -> None:
    """productId and productCode work on stock too, and who never moved is absent."""
    guids = numbered(books, 3)
    books.set_stock(guids[1], "W1", 0)
    assert codes(company, "/StockOnHand", f"productId={','.join(guids)}") == ["P-001"]
    assert codes(company, "/StockOnHand", "productCode=P-00") == ["P-001"]
    assert codes(company, "/StockOnHand", "orderBy=QtyOnHand&sort=desc") == ["P-001"]


@pytest.mark.parametrize(("answer", "status"), [("missing", 404), ("zero", 200)])
def test_stock_of_who_never_moved(company: UnleashedEmulator, books: Books, answer: str, status: int) -> None:
    """By guid, a product without movement is a 404 or a row of zeros; an unknown one always a 404."""
    guid = books.add_product("A")
    setting(company, never_moved_stock=answer)
    assert ask(company, f"/StockOnHand/{guid}").status == status
    assert ask(company, f"/StockOnHand/{guid}/AllWarehouses").status == status
    assert ask(company, f"/StockOnHand/{NOWHERE}").status == 404


def test_all_warehouses_of_a_product(company: UnleashedEmulator, books: Books) -> None:
    """The rows per warehouse come in an envelope or as a bare list."""
    guid = books.add_product("A")
    books.set_stock(guid, "W1", 2)
    books.set_stock(guid, "W2", 3, 1)
    wrapped = read(company, f"/StockOnHand/{guid}/AllWarehouses")
    setting(company, all_warehouses="list")
    assert read(company, f"/StockOnHand/{guid}/AllWarehouses") == wrapped["Items"]
    assert [(row["WarehouseCode"], row["AvailableQty"]) for row in wrapped["Items"]] == [("W1", 2), ("W2", 2)]


def test_stock_of_obsolete_products(company: UnleashedEmulator, books: Books) -> None:
    """Obsolete products are in the stock list unless the setting leaves them out."""
    books.set_stock(books.add_product("OLD", obsolete=True), "W1", 1)
    assert codes(company, "/StockOnHand") == ["OLD"]
    setting(company, stock_of_obsolete=False)
    assert codes(company, "/StockOnHand") == []


def test_deleted_product_is_gone(company: UnleashedEmulator, books: Books) -> None:
    """A deleted product is in no list and answers 404 by guid, stock included."""
    guid = books.add_product("A")
    books.set_stock(guid, "W1", 1)
    books.delete_product(guid)
    assert codes(company, "/Products") == codes(company, "/StockOnHand") == []
    assert [ask(company, f"/{name}/{guid}").status for name in ("Products", "StockOnHand")] == [404, 404]

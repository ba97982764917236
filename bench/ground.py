"""Both sides of a measurement: an Unleashed company and a shop, stocked from one catalogue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from syncd.emulator.catalogue import Catalogue, CatalogueProduct, ShelfProduct
from syncd.emulator.unleashed import UnleashedEmulator
from syncd.emulator.unleashed_books import Books
from syncd.emulator.woocommerce import WooCommerceEmulator
from syncd.emulator.woocommerce_shelf import Shelf

CONSUMER_KEY = "ck_" + "0" * 40
CONSUMER_SECRET = "cs_" + "1" * 40

Fingerprint = tuple[int, str, str, str, object]


@dataclass(slots=True)
class Ground:
    """Both sides, with every call they got. `warehouses` are those configured; none = Unleashed's own sum."""

    catalogue: Catalogue
    warehouses: tuple[str, ...]
    books: Books
    unleashed: UnleashedEmulator
    shelf: Shelf
    shop: WooCommerceEmulator
    create: bool = False

    def listing_keys(self) -> str:
        """Return what the store's listing section says."""
        names = ", ".join(f'"{name}"' for name in self.warehouses)
        return f"create = {str(self.create).lower()}\nwarehouses = [{names}]\n"

    def rows_of(self, warehouse: str) -> int:
        """Return how many stock rows Unleashed lists for a warehouse ("" = its own sum)."""
        return sum(
            warehouse in product.stock if warehouse else bool(product.stock)
            for product in self.books.products()
        )

    def fingerprints(self) -> dict[int, Fingerprint]:
        """Return what the shop holds, by id: parent, name, price, status and stock."""
        return {
            item.id: (item.parent_id, item.name, item.regular_price, item.status, item.stock_quantity)
            for item in self.shelf.all()
        }


def simple(size: int) -> Catalogue:
    """Return `size` simple products, all of them in use, priced and with stock in the one warehouse."""
    return Catalogue(1, [_simple(number) for number in range(size)], {}, {"W1": "Main"})


def _simple(number: int) -> CatalogueProduct:
    return CatalogueProduct(
        guid=str(uuid5(NAMESPACE_URL, f"https://emulator.test/bench/{number}")),
        code=f"ITEM-{number:06d}",
        name=f"Item number {number}",
        price=Decimal(100 + number % 9000).scaleb(-1),
        stock={"W1": (Decimal(number % 240), Decimal(0))},
    )


def stocked(
    catalogue: Catalogue,
    warehouses: tuple[str, ...],
    clock: Callable[[], datetime],
    *,
    listed: bool,
    off_by: int = 1,
) -> Ground:
    """Return both sides. An empty shop has its listings created; a full one is wrong by `off_by` units."""
    books = Books.from_catalogue(catalogue, clock)
    on_shelf = _wrong(catalogue.on_shelf(warehouses or None), off_by) if listed else []
    shelf = Shelf.from_catalogue(on_shelf, clock=clock)
    return Ground(
        catalogue=catalogue,
        warehouses=warehouses,
        books=books,
        unleashed=UnleashedEmulator(books, clock),
        shelf=shelf,
        shop=WooCommerceEmulator(shelf, clock, consumer_key=CONSUMER_KEY, consumer_secret=CONSUMER_SECRET),
        create=not listed,
    )


def _wrong(products: Sequence[ShelfProduct], off_by: int) -> list[ShelfProduct]:
    return [replace(each, stock=each.stock + off_by) for each in products]

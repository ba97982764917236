"""What the shop must show, worked out from Unleashed's books and the configuration alone."""

from __future__ import annotations

import html
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from syncd.emulator.unleashed_books import Books
from syncd.emulator.unleashed_records import Product
from syncd.emulator.woocommerce_shelf import Item, Shelf

FIELDS = ("name", "price", "stock", "status")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_-]*[A-Za-z0-9]")
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Shows:
    """What a listing shows, or must show; None: nothing that syncd has to do with.

    `parts` is what each warehouse has, of which the stock is the sum.
    """

    name: str | None = None
    price: str | None = None
    stock: int | None = None
    status: str | None = None
    parts: tuple[Decimal, ...] = ()

    def get(self, name: str) -> str | int | None:
        value: str | int | None = getattr(self, name)
        return value


@dataclass(slots=True)
class Oracle:
    """Knows which record of the shop belongs to which product, and what it has to show.

    A record that was there before syncd gets its stock and nothing else; one that came later is syncd's.
    A bond once made follows the product's guid, whatever its code becomes.
    """

    books: Books
    shelf: Shelf
    warehouses: tuple[str, ...]
    first_id: int = field(init=False)
    items: dict[str, int] = field(default_factory=dict)
    guids: dict[int, str] = field(default_factory=dict)
    first_status: dict[int, str] = field(default_factory=dict)
    given_up: set[str] = field(default_factory=set)
    """Products whose record somebody took out of the shop, or that nobody can tell apart from others."""
    names_of: dict[str, str] = field(default_factory=dict)
    """The code that each bonded or new product had last, for a record that is created under it."""

    def __post_init__(self) -> None:
        self.first_id = max((item.id for item in self.shelf.all()), default=0) + 1
        codes = Counter(product.code.strip().casefold() for product in self.books.products())
        skus = Counter(item.sku.casefold() for item in self.shelf.all())
        by_sku = {item.sku: item for item in self.shelf.all()}
        for product in self.books.products():
            code = product.code.strip()
            self.names_of[code] = product.guid
            item, alone = by_sku.get(code), codes[code.casefold()] == 1
            if not alone or (item is None and skus[code.casefold()]):
                self.given_up.add(product.guid)
            elif item is not None and skus[code.casefold()] == 1:
                self.bond(product.guid, item.id)

    def bond(self, guid: str, item_id: int) -> None:
        self.items[guid], self.guids[item_id] = item_id, guid

    def part(self, item_id: int) -> None:
        """Forget a record that is no longer in the shop."""
        self.items.pop(self.guids.pop(item_id, ""), None)

    def is_ours(self, item_id: int) -> bool:
        return item_id >= self.first_id

    def item(self, guid: str) -> Item | None:
        found = self.items.get(guid)
        return None if found is None else self.shelf.get(found)

    def must_exist(self, product: Product) -> bool:
        """Tell whether the shop must have a record of the product, whoever made it."""
        sold = bool(product.value("IsSellable")) and not product.value("IsComponent")
        return sold and not product.obsolete and _PLAIN.fullmatch(product.code.strip()) is not None

    def shown(self, item: Item, like: Shows) -> Shows:
        """Return what the record shows of those fields that matter."""
        price = None if like.price is None else _money(item.regular_price)
        return Shows(
            None if like.name is None else html.unescape(item.name).replace("&#92;", "\\"),
            price,
            None if like.stock is None else int(item.stock_quantity or 0),
            None if like.status is None else item.status,
        )

    def expected(self, guid: str) -> Shows | None:
        """Return what the product's record must show now; None where there is no record.

        A product that was deleted for good is hidden as an obsolete one is.
        """
        product, item = self.books.product(guid), self.item(guid)
        if item is None:
            return None
        if product is None:
            return Shows(status="draft" if self.is_ours(item.id) else None)
        parts = self._parts(product)
        stock = self._stock(product, parts) if item.manage_stock else None
        if not self.is_ours(item.id):
            return Shows(stock=stock, parts=parts)
        return Shows(
            product.name.strip() or None, self._price(product), stock, self._status(product, item), parts
        )

    def _parts(self, product: Product) -> tuple[Decimal, ...]:
        if not self.warehouses:
            return (product.total.available if product.total else Decimal(0),)
        rows = [product.stock.get(code) for code in self.warehouses]
        return tuple(row.available if row else Decimal(0) for row in rows)

    def _stock(self, product: Product, parts: Iterable[Decimal]) -> int | None:
        apart = ("NeverDiminishing", "IsComponent", "IsAssembledProduct")
        if any(product.value(name) for name in apart) or not product.value("IsSellable"):
            return None
        return units(parts)

    def _price(self, product: Product) -> str | None:
        price = product.value("DefaultSellPrice")
        return _money(price) if isinstance(price, Decimal) and price > 0 else None

    def _status(self, product: Product, item: Item) -> str | None:
        """Obsolete is hidden. What is not stays or becomes what it was at first, which the price decided."""
        if product.obsolete:
            return "draft"
        return self.first_status.get(item.id)


def units(parts: Iterable[Decimal]) -> int:
    """Return what may be sold of these quantities: whole units, never below zero."""
    total = sum(parts, Decimal(0))
    return int(total) if total > 0 else 0


def mixtures(seen: Iterable[tuple[Decimal, ...]], most: int = 4000) -> Iterator[int]:
    """Yield every stock that may come of warehouses read at different times."""
    columns = [sorted(set(column)) for column in zip(*seen, strict=True)]
    return (units(parts) for parts in itertools.islice(itertools.product(*columns), most))


def _money(value: object) -> str | None:
    if value in (None, ""):
        return None
    return format(Decimal(str(value)).quantize(_CENT, ROUND_HALF_UP), "f")


@dataclass(frozen=True, slots=True)
class Moment:
    """What was expected from a time on."""

    since: datetime
    shows: Shows

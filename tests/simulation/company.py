"""The life of the company and its shop: what people change on either side in the course of a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from syncd.emulator.catalogue import Dice
from syncd.emulator.unleashed_books import Books
from syncd.emulator.unleashed_records import Product
from tests.simulation.baton import Baton
from tests.simulation.least import Happened
from tests.simulation.oracle import Oracle
from tests.simulation.scenario import Rates
from tests.simulation.watch import Watch

DAY = timedelta(days=1)
SHORT = timedelta(minutes=10)
"""A late commit up to this long is within every overlap; one beyond `LONG` is within none."""
LONG = timedelta(hours=27)
_BUSY = (0, 0, 0, 0, 0, 1, 2, 4, 8, 10, 10, 9, 7, 9, 9, 8, 6, 4, 3, 3, 2, 1, 0, 0)


@dataclass(slots=True)
class Company:
    """Makes events happen; each is told to the watch, with what kind of ghost it is if it is one."""

    books: Books
    oracle: Oracle
    watch: Watch
    happened: Happened
    baton: Baton
    dice: Dice
    rates: Rates
    size: int
    until: datetime
    numbers: int = 0
    done: Counter[str] = field(default_factory=Counter)
    waiting: dict[str, datetime] = field(default_factory=dict)
    """Products with a change that is stamped but not committed yet: nobody else touches them meanwhile."""

    def plan_day(self) -> None:
        """Throw the dice for everything that happens in the 24 hours from now."""
        now, rates, k = self.baton.at, self.rates, self.size / 1000
        for often, work in (
            (rates.prices * k, self.price),
            (rates.names * k, self.name),
            (rates.stock * k, self.stock),
            (rates.obsolete * k, self.obsolete),
            (rates.new * k, self.new),
            (rates.renamed * k, self.rename),
            (rates.swapped * k, self.swap),
            (rates.imports, self.bulk_import),
            (rates.warehouses, self.warehouse),
            (rates.ghosts, self.ghost),
        ):
            for _ in range(self._times(often)):
                at = now + self._hour_of_work()
                if at < self.until:
                    self.baton.call_at(at, partial(self._happen, work))
        if now + DAY < self.until:
            self.baton.call_at(now + DAY, self.plan_day)

    def between_pages(self, resource: str, page: int) -> None:
        """Let something happen between two pages of a list, once in a while."""
        del resource, page
        if self.baton.at < self.until and self.dice.chance(60):
            self._happen(self.dice.one_of((self.rename, self.price, self.new, self.stock)))

    def _happen(self, work: Callable[[], bool]) -> None:
        if work():
            self.done[work.__name__] += 1

    def _times(self, often: float) -> int:
        whole, part = divmod(int(often * 1000), 1000)
        return whole + self.dice.chance(part)

    def _hour_of_work(self) -> timedelta:
        hours = [hour for hour, weight in enumerate(_BUSY) for _ in range(weight)]
        start = timedelta(hours=self.baton.at.hour, minutes=self.baton.at.minute)
        at = timedelta(hours=self.dice.one_of(hours), seconds=self.dice.below(3600)) - start
        return at if at >= timedelta(0) else at + DAY

    # What people do in Unleashed.

    def price(self) -> bool:
        """Give a product another price, at most a fifth up or down."""
        return self._edit(lambda product: {"price": self._near(product)})

    def name(self) -> bool:
        """Give a product another name."""
        self.numbers += 1
        return self._edit(lambda product: {"name": f"{product.name.split(' no. ')[0]} no. {self.numbers}"})

    def obsolete(self) -> bool:
        """Take a product out of the range, or back into it."""
        return self._edit(lambda product: {"obsolete": not product.obsolete})

    def rename(self) -> bool:
        """Give a product another code."""
        self.numbers += 1
        return self._edit(lambda _product: {"code": f"REN-{self.numbers:05d}"})

    def swap(self) -> bool:
        """Let two products exchange their codes."""
        bonded = [product for product in self._free() if self.oracle.item(product.guid)]
        if len(bonded) < 2:
            return False
        one, other = self.dice.one_of(bonded), self.dice.one_of(bonded)
        codes = one.code, other.code
        self.change(one.guid, code=codes[1])
        self.change(other.guid, code=codes[0])
        return True

    def new(self) -> bool:
        """Enter a new product, mostly with stock."""
        self.numbers += 1
        guid = self.books.add_product(
            f"NEW-{self.numbers:05d}", f"New thing {self.numbers}", self.dice.between(5, 500)
        )
        self.oracle.names_of[f"NEW-{self.numbers:05d}"] = guid
        self.happened.products((guid,))
        self.watch.books_changed(guid)
        if self.dice.chance(800):
            self.move(guid, self.dice.one_of(list(self.books.warehouses)), self.dice.below(50))
        return True

    def stock(self) -> bool:
        """Let stock come in or go out."""
        product, warehouse = self._one(), self._warehouse()
        row = product.stock.get(warehouse)
        held = row.on_hand if row else Decimal(0)
        step = self.dice.between(5, 60) if held < 5 or self.dice.chance(250) else -self.dice.between(1, 4)
        self.move(product.guid, warehouse, max(Decimal(0), held + step), row.allocated if row else 0)
        return True

    def bulk_import(self) -> bool:
        """Give most products another price, all with one stamp, as an import does."""
        guids = [product.guid for product in self._free() if product.value("DefaultSellPrice")]
        chosen = [guid for guid in guids if self.dice.chance(700)]
        for guid in chosen:
            price = self.books.product(guid)
            if price is not None:
                self.change(guid, price=self._near(price, 5))
        return bool(chosen)

    def warehouse(self) -> bool:
        """Open another warehouse, which nobody has configured."""
        self.books.add_warehouse(f"X{len(self.books.warehouses)}")
        return True

    # What no feed reports.

    def ghost(self) -> bool:
        """Let something happen that is found by looking only."""
        ghosts = (
            *(self.unbumped_price, self.unbumped_name, self.unbumped_stock, self.unbumped_stock),
            *(
                self.late_short,
                self.late_long,
                self.vanish,
                self.store_edit,
                self.store_edit,
                self.store_stock,
            ),
        )
        return self.dice.one_of(ghosts)()

    def unbumped_price(self) -> bool:
        """Change a price without a stamp."""
        return self._edit(lambda product: {"price": self._near(product)}, bump=False)

    def unbumped_name(self) -> bool:
        """Change a name without a stamp."""
        self.numbers += 1
        return self._edit(lambda _product: {"name": f"Silently renamed {self.numbers}"}, bump=False)

    def unbumped_stock(self) -> bool:
        """Change stock without a stamp."""
        product, warehouse = self._one(), self._warehouse()
        self.move(product.guid, warehouse, self.dice.below(80), bump=False)
        return True

    def late_short(self) -> bool:
        """Commit a change some minutes after its stamp: no ghost, but easily taken for none at all."""
        return self._late(timedelta(seconds=self.dice.between(30, int(SHORT.total_seconds()))), "")

    def late_long(self) -> bool:
        """Commit a change later than any overlap reaches."""
        return self._late(LONG + timedelta(minutes=self.dice.below(600)), "unleashed")

    def vanish(self) -> bool:
        """Delete a product for good, which no list tells."""
        product = self._one()
        self.books.delete_product(product.guid)
        self.watch.books_changed(product.guid, "unleashed")
        return True

    def store_edit(self) -> bool:
        """Let somebody in the shop change what is syncd's."""
        ours = [number for number in self.oracle.guids if self.oracle.is_ours(number)]
        if not ours:
            return False
        item = self.oracle.shelf[self.dice.one_of(ours)]
        if self.dice.chance(500) and item.regular_price:
            self.oracle.shelf.edit(item.id, regular_price=f"{self.dice.between(1, 900)}.00")
        else:
            self.oracle.shelf.edit(item.id, name=f"Edited in the shop {self.dice.below(1000)}")
        self.watch.shop_changed(item, {}, by_syncd=False)
        return True

    def store_stock(self) -> bool:
        """Let somebody in the shop change a stock, past its own records or in them."""
        managed = [number for number in self.oracle.guids if self.oracle.shelf[number].manage_stock]
        if not managed:
            return False
        item = self.oracle.shelf[self.dice.one_of(managed)]
        if self.dice.chance(500):
            self.oracle.shelf.edit_meta(item.id, self.dice.below(90))
        else:
            self.oracle.shelf.edit(item.id, stock_quantity=self.dice.below(90))
        self.watch.shop_changed(item, {}, by_syncd=False)
        return True

    # How it is done.

    def change(self, guid: str, *, bump: bool = True, **fields: Any) -> None:
        """Change a product and tell everybody who must know."""
        self.books.change_product(guid, bump=bump, **fields)
        if bump:
            self.happened.products((guid,))
        self._tell(guid, "" if bump else "unleashed")

    def move(
        self,
        guid: str,
        warehouse: str,
        on_hand: Decimal | int,
        allocated: Decimal | int = 0,
        *,
        bump: bool = True,
    ) -> None:
        """Set a stock and tell everybody who must know."""
        self.books.set_stock(guid, warehouse, on_hand, allocated, bump=bump)
        if bump:
            self.happened.stock(guid, warehouse)
        self._tell(guid, "" if bump else "unleashed")

    def _tell(self, guid: str, ghost: str) -> None:
        product = self.books.product(guid)
        if product is not None:
            self.oracle.names_of[product.code.strip()] = guid
        if self.watch.books_changed(guid, ghost) and not ghost:
            self.happened.listing(guid)

    def _edit(self, fields: Callable[[Product], dict[str, object]], *, bump: bool = True) -> bool:
        product = self._one()
        self.change(product.guid, bump=bump, **fields(product))
        return True

    def _late(self, time: timedelta, ghost: str) -> bool:
        product = self._one()
        due = self.baton.at + time
        if due >= self.until:
            return False
        self.books.change_product(product.guid, price=self._near(product), late=time)
        self.waiting[product.guid] = due
        self.baton.call_at(due, lambda: self._committed(product.guid, ghost))
        return True

    def _committed(self, guid: str, ghost: str) -> None:
        self.books.settle()
        del self.waiting[guid]
        if not ghost:
            self.happened.products((guid,))
        self._tell(guid, ghost)

    def _near(self, product: Product, percent: int = 20) -> Decimal:
        price = product.value("DefaultSellPrice")
        base = price if isinstance(price, Decimal) and price > 1 else Decimal(self.dice.between(5, 500))
        factor = Decimal(1000 + self.dice.between(-10 * percent, 10 * percent)) / 1000
        return (base * factor).quantize(Decimal("0.0001"))

    def _free(self) -> list[Product]:
        waiting: Iterable[str] = self.waiting
        return [product for product in self.books.products() if product.guid not in waiting]

    def _one(self) -> Product:
        while True:
            product = self.dice.one_of(self.books.products())
            if product.guid not in self.waiting:
                return product

    def _warehouse(self) -> str:
        return "W1" if self.dice.chance(700) else self.dice.one_of(list(self.books.warehouses))

"""What a keeper of stock does all day in Unleashed, and what the shop must, or must not, show of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum

from syncd.cli.demo_shelf import (
    NOTHING,
    Expected,
    Facts,
    Field,
    found,
    is_counted,
    price_text,
    shown,
    units,
)
from syncd.cli.demo_stage import Stage
from syncd.cli.emulate import SOLD_FROM
from syncd.emulator.catalogue import Dice
from syncd.emulator.catalogue_words import RANGES
from syncd.emulator.unleashed_records import ZERO, Product
from syncd.emulator.unleashed_records import Stock as Amounts

RETURNS = "RET"
TRIES = 200
MOST_OBSOLETE = 8


class Kind(Enum):
    """A kind of change: its name on the screen, and whether the shop must follow it."""

    STOCK = ("stock moved", True)
    PRICE = ("price changed", True)
    NAME = ("renamed", True)
    OBSOLETE = ("made obsolete: listing hidden", True)
    BACK = ("in use again: back on sale", True)
    NEW = ("new product: listing created", True)
    KEPT_PRICE = ("price changed, but the listing is the shop's own", False)
    KEPT_NAME = ("renamed, but the listing is the shop's own", False)
    RETURNED = ("stock moved in a warehouse the shop does not sell from", False)

    def __init__(self, label: str, follows: bool) -> None:
        self.label, self.follows = label, follows


@dataclass(slots=True)
class Change:
    """One change in Unleashed. `before` and `wanted` are what the shop showed, and is to show, of `field`."""

    kind: Kind
    guid: str
    code: str
    story: str
    field: Field
    before: str
    wanted: str
    made_at: float
    arrived_at: float | None = None
    spoiled: str | None = None
    """What the shop showed although it was to leave the field as it was."""

    @property
    def on_its_way(self) -> bool:
        return self.kind.follows and self.arrived_at is None


ROUND: Sequence[Kind] = (
    *(Kind.STOCK, Kind.STOCK, Kind.PRICE, Kind.KEPT_PRICE, Kind.NEW, Kind.STOCK, Kind.OBSOLETE, Kind.NAME),
    *(Kind.KEPT_NAME, Kind.STOCK, Kind.RETURNED, Kind.STOCK, Kind.BACK),
)
"""How a day begins, so that every kind is seen soon; afterwards it is mostly stock."""

OFTEN: Mapping[Kind, int] = {
    Kind.STOCK: 58,
    Kind.PRICE: 12,
    Kind.NAME: 5,
    Kind.NEW: 4,
    Kind.OBSOLETE: 4,
    Kind.BACK: 4,
    Kind.KEPT_PRICE: 6,
    Kind.KEPT_NAME: 3,
    Kind.RETURNED: 4,
}
_DRAWN = [kind for kind, share in OFTEN.items() for _ in range(share)]


@dataclass(slots=True)
class Keeper:
    """Makes one change after the other, by the dice. Hold the stage's lock while asking for one."""

    stage: Stage
    expected: Expected
    dice: Dice
    changes: list[Change] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    made: int = 0

    def change(self) -> Change:
        """Change something in Unleashed and say what, and what the shop is to make of it."""
        kind = ROUND[len(self.changes)] if len(self.changes) < len(ROUND) else self.dice.one_of(_DRAWN)
        made = self._make(kind) or self._stock() or self._new()
        self.changes.append(made)
        return made

    def _make(self, kind: Kind) -> Change | None:
        makers: Mapping[Kind, Callable[[], Change | None]] = {
            Kind.STOCK: self._stock,
            Kind.PRICE: lambda: self._price(Kind.PRICE),
            Kind.NAME: lambda: self._name(Kind.NAME),
            Kind.OBSOLETE: self._obsolete,
            Kind.BACK: self._back,
            Kind.NEW: self._new,
            Kind.KEPT_PRICE: lambda: self._price(Kind.KEPT_PRICE),
            Kind.KEPT_NAME: lambda: self._name(Kind.KEPT_NAME),
            Kind.RETURNED: self._returned,
        }
        return makers[kind]()

    def _stock(self) -> Change | None:
        product = self._some(
            lambda each: is_counted(each) and units(each) > 5 and self._sold_from(each) != ""
        )
        if product is None:
            return None
        where = self._sold_from(product)
        now, number = product.stock[where], self.dice.between(1, 4)
        if self.dice.chance(250):
            number = self.dice.between(5, 60)
            story = f"{number} of {product.code} received in {where}"
            return self._moved(product, where, Amounts(now.on_hand + number, now.allocated), story)
        if self.dice.chance(400):
            story = f"{number} of {product.code} promised to a customer in {where}"
            return self._moved(product, where, Amounts(now.on_hand, now.allocated + number), story)
        story = f"{number} of {product.code} sold from {where}"
        return self._moved(product, where, Amounts(now.on_hand - number, now.allocated), story)

    def _moved(self, product: Product, where: str, amounts: Amounts, story: str) -> Change:
        def do() -> None:
            self.stage.unleashed.books.set_stock(product.guid, where, amounts.on_hand, amounts.allocated)

        return self._note(Kind.STOCK, product, story, "stock", do)

    def _returned(self) -> Change | None:
        product = self._some(is_counted)
        if product is None:
            return None
        before = product.stock.get(RETURNS, Amounts())
        number = self.dice.between(1, 3)

        def do() -> None:
            self.stage.unleashed.books.set_stock(
                product.guid, RETURNS, before.on_hand + number, before.allocated
            )

        story = f"{number} of {product.code} came back into {RETURNS}"
        return self._note(Kind.RETURNED, product, story, "stock", do)

    def _price(self, kind: Kind) -> Change | None:
        product = self._some(lambda each: price_text(each) != "no price" and self._owned(each, kind))
        if product is None:
            return None
        old = Decimal(price_text(product))
        steps = self.dice.between(1, 8) * (1 if self.dice.chance(600) else -1)
        new = (old * (100 + steps) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        story = f"price of {product.code} set from {old} to {new}"

        def do() -> None:
            self.stage.unleashed.books.change_product(product.guid, price=new)

        return self._note(kind, product, story, "price", do)

    def _name(self, kind: Kind) -> Change | None:
        product = self._some(lambda each: self._owned(each, kind))
        if product is None:
            return None
        new = f"{product.name.strip().removesuffix(' (new recipe)')} (new label)"
        if product.name.endswith(" (new label)"):
            new = f"{product.name.removesuffix(' (new label)')} (new recipe)"

        def do() -> None:
            self.stage.unleashed.books.change_product(product.guid, name=new)

        return self._note(kind, product, f"{product.code} renamed to {new}", "name", do)

    def _obsolete(self) -> Change | None:
        product = self._some(lambda each: self._owned(each, Kind.OBSOLETE) and self._on_sale(each))
        if product is None or len(self.retired) >= MOST_OBSOLETE:
            return None
        self.retired.append(product.guid)

        def do() -> None:
            self.stage.unleashed.books.change_product(product.guid, obsolete=True)

        return self._note(Kind.OBSOLETE, product, f"{product.code} made obsolete", "status", do)

    def _back(self) -> Change | None:
        rested = [guid for guid in self.retired if guid not in self._busy()]
        product = self.stage.unleashed.books.product(rested[0]) if rested else None
        if product is None:
            return None
        self.retired.remove(product.guid)

        def do() -> None:
            self.stage.unleashed.books.change_product(product.guid, obsolete=False)

        return self._note(Kind.BACK, product, f"{product.code} in use again", "status", do)

    def _new(self) -> Change:
        books = self.stage.unleashed.books
        self.made += 1
        goods = self.dice.one_of(RANGES)
        code = f"{goods.prefix}-NEW-{self.made:03d}"
        name = f"{self.dice.one_of(goods.kinds)} {self.dice.one_of(goods.nouns)}"
        price = Decimal(self.dice.between(goods.cheapest, goods.dearest)).scaleb(-2)
        guid = books.add_product(code, name, price)
        books.set_stock(guid, SOLD_FROM[0], self.dice.between(5, 120))
        self.expected = self.expected.with_new(guid)
        product = books.by_code(code)[0]
        wanted = self.expected.of(product)["listing"]
        return self._changed(Kind.NEW, product, f"{code} added: {name}", "listing", NOTHING, wanted)

    def _note(self, kind: Kind, product: Product, story: str, name: Field, do: Callable[[], None]) -> Change:
        before = self._shown(product)[name]
        do()
        wanted = self.expected.of(product)[name] if kind.follows else before
        return self._changed(kind, product, story, name, before, wanted)

    def _changed(
        self, kind: Kind, product: Product, story: str, name: Field, before: str, wanted: str
    ) -> Change:
        now = self.stage.clock.monotonic()
        return Change(kind, product.guid, product.code, story, name, before, wanted, now)

    def _some(self, fits: Callable[[Product], bool]) -> Product | None:
        """Return a product in use that fits, is listed, and has no change on its way."""
        products, busy = self.stage.unleashed.books.products(), self._busy()
        for _ in range(TRIES):
            product = self.dice.one_of(products)
            if product.guid not in busy and not product.obsolete and self._listed(product) and fits(product):
                return product
        return None

    def _busy(self) -> set[str]:
        return {change.guid for change in self.changes if change.on_its_way}

    def _listed(self, product: Product) -> bool:
        return bool(self.expected.of(product)) and self._shown(product)["listing"] != NOTHING

    def _owned(self, product: Product, kind: Kind) -> bool:
        """Tell whether the listing is one that follows (created by syncd) or stays (the shop's own)."""
        return self.expected.was_there(product) is not kind.follows

    def _on_sale(self, product: Product) -> bool:
        return self._shown(product)["status"] == "on sale"

    def _sold_from(self, product: Product) -> str:
        usual = [code for code in SOLD_FROM if product.stock.get(code, Amounts()).available > ZERO + 5]
        return usual[0] if usual else ""

    def _shown(self, product: Product) -> Facts:
        return shown(found(self.stage.shelf, product.code))

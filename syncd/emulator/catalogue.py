"""A believable catalogue from a seed, to stock the emulated Unleashed and the emulated shops alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeVar
from uuid import NAMESPACE_URL, uuid5

from syncd.emulator.catalogue_words import AWKWARD, RANGES, Range

Thing = TypeVar("Thing")
WAREHOUSES = {"W1": "Main", "W2": "Second store", "RET": "Returns"}
TIER_NAMES = {1: "Retail", 2: "Trade", 3: "Wholesale"}


@dataclass(frozen=True, slots=True)
class CatalogueProduct:
    """One product. Prices and costs are ex tax in the company's currency.

    `price` None is not set; `tiers` maps tier number to price or None; `stock` maps warehouse code
    to (on hand, allocated), without an entry where it never moved. A variation names its `parent`,
    a key of Catalogue.parents and no product of its own, and its `option`.
    """

    guid: str
    code: str
    name: str
    price: Decimal | None
    tiers: Mapping[int, Decimal | None] = field(default_factory=dict)
    stock: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    obsolete: bool = False
    sellable: bool = True
    component: bool = False
    assembled: bool = False
    never_diminishing: bool = False
    cost: Decimal | None = None
    barcode: str | None = None
    group: str = ""
    parent: str | None = None
    option: str | None = None

    def available(self, warehouses: Sequence[str] | None = None) -> Decimal:
        """Return on hand less allocated over the given warehouses, or all; may be negative."""
        rows = [row for code, row in self.stock.items() if warehouses is None or code in warehouses]
        return sum((on_hand - allocated for on_hand, allocated in rows), Decimal(0))


@dataclass(frozen=True, slots=True)
class ShelfProduct:
    """One product as a shop is stocked with it: stock is one number, `parent` names the family."""

    guid: str
    code: str
    name: str
    price: Decimal | None
    stock: Decimal
    parent: str | None
    option: str | None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Products, and what they name: warehouses and parents by code, tiers by number, each to its name."""

    seed: int
    products: Sequence[CatalogueProduct]
    parents: Mapping[str, str]
    warehouses: Mapping[str, str] = field(default_factory=lambda: dict(WAREHOUSES))
    tier_names: Mapping[int, str] = field(default_factory=lambda: dict(TIER_NAMES))

    def on_shelf(self, warehouses: Sequence[str] | None = None) -> list[ShelfProduct]:
        """Return what a shop would sell: the products not obsolete, in order.

        Stock is what is available in the given warehouses, or all, never below zero; prices ex tax.
        """
        return [
            ShelfProduct(
                product.guid,
                product.code,
                product.name,
                product.price,
                max(product.available(warehouses), Decimal(0)),
                f"{self.parents[product.parent]} ({product.parent})" if product.parent else None,
                product.option,
            )
            for product in self.products
            if not product.obsolete
        ]


class Dice:
    """Repeatable throws from a seed, the same on every machine and Python (splitmix64)."""

    _MASK = (1 << 64) - 1

    def __init__(self, seed: int) -> None:
        self._state = seed & self._MASK

    def below(self, limit: int) -> int:
        """Return a number from 0 up to, and without, the limit."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & self._MASK
        mixed = ((self._state ^ (self._state >> 30)) * 0xBF58476D1CE4E5B9) & self._MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & self._MASK
        return (mixed ^ (mixed >> 31)) % limit

    def between(self, low: int, high: int) -> int:
        """Return a number from low to high, both included."""
        return low + self.below(high - low + 1)

    def chance(self, per_thousand: int) -> bool:
        """Return True this often in a thousand throws."""
        return self.below(1000) < per_thousand

    def one_of(self, things: Sequence[Thing]) -> Thing:
        """Return one of the things."""
        return things[self.below(len(things))]


def believable(size: int = 2000, seed: int = 7) -> Catalogue:
    """Return a catalogue of `size` products; the same seed and size give the same catalogue.

    The awkward codes come first (as many as fit in a quarter of the size), then about 6 % of all are
    variations in groups of 3 to 6, the rest are single products. Codes are unique to the letter.
    """
    dice = Dice(seed)
    drafts = [_draft(dice, seed, *pair, group="Odds & ends") for pair in AWKWARD[: max(size // 4, 1)]]
    parents: dict[str, str] = {}
    while len(drafts) < size:
        room = size - len(drafts)
        if room >= 3 and dice.chance(14):
            drafts += _family(dice, seed, len(drafts), min(room, 6), parents)
        else:
            drafts.append(_single(dice, seed, len(drafts)))
    return Catalogue(seed, tuple(drafts[:size]), parents)


def _single(dice: Dice, seed: int, number: int) -> CatalogueProduct:
    goods = dice.one_of(RANGES)
    name = f"{dice.one_of(goods.kinds)} {dice.one_of(goods.nouns)}"
    code = f"{goods.prefix}-{number:05d}"
    draft = _draft(dice, seed, code, f"{name}, {dice.one_of(goods.options)}", goods=goods)
    return _with_flags(dice, draft)


def _family(dice: Dice, seed: int, number: int, room: int, parents: dict[str, str]) -> list[CatalogueProduct]:
    goods = dice.one_of([goods for goods in RANGES if len(goods.options) >= min(room, 5)])
    parent = f"{goods.prefix}-{number:05d}"
    parents[parent] = f"{dice.one_of(goods.kinds)} {dice.one_of(goods.nouns)}"
    options = goods.options[: dice.between(3, min(room, len(goods.options)))]
    return [
        replace(
            _draft(dice, seed, f"{parent}-{place}", f"{parents[parent]} - {option}", goods=goods),
            parent=parent,
            option=option,
        )
        for place, option in enumerate(options, start=1)
    ]


def _draft(
    dice: Dice, seed: int, code: str, name: str, *, goods: Range | None = None, group: str = ""
) -> CatalogueProduct:
    price = _price(dice, goods)
    return CatalogueProduct(
        guid=str(uuid5(NAMESPACE_URL, f"https://emulator.test/{seed}/catalogue/{code}")),
        code=code,
        name=name,
        price=price,
        tiers=_tiers(dice, price),
        stock=_stock(dice),
        cost=_cost(dice, price),
        barcode=f"20{dice.below(10**11):011d}" if dice.chance(600) else None,
        group=goods.group if goods else group,
    )


def _price(dice: Dice, goods: Range | None) -> Decimal | None:
    if dice.chance(15):
        return None
    if dice.chance(10):
        return Decimal("0.0000")
    cents = dice.between(goods.cheapest, goods.dearest) if goods else dice.between(300, 9900)
    hundredths = dice.below(100) if dice.chance(150) else 0
    return Decimal(cents * 100 + hundredths).scaleb(-4)


def _tiers(dice: Dice, price: Decimal | None) -> dict[int, Decimal | None]:
    if not price:
        return {1: None, 2: None, 3: None}
    place = Decimal("0.0001")
    trade = (price * Decimal("0.8")).quantize(place) if dice.chance(700) else None
    wholesale = (price * Decimal("0.6625")).quantize(place) if dice.chance(300) else None
    return {1: price, 2: trade, 3: wholesale}


def _cost(dice: Dice, price: Decimal | None) -> Decimal | None:
    if not price:
        return None
    if dice.chance(100):
        return (price * 7 / 15).quantize(Decimal("1E-14"))
    return (price * Decimal("0.42")).quantize(Decimal("0.0001"))


def _stock(dice: Dice) -> dict[str, tuple[Decimal, Decimal]]:
    if dice.chance(80):
        return {}
    stock = {"W1": _amounts(dice, 240)}
    if dice.chance(400):
        stock["W2"] = _amounts(dice, 40)
    if dice.chance(60):
        stock["RET"] = (Decimal(dice.between(1, 5)).quantize(Decimal("0.0001")), Decimal("0.0000"))
    return stock


def _amounts(dice: Dice, most: int) -> tuple[Decimal, Decimal]:
    on_hand = 0 if dice.chance(120) else dice.below(most)
    allocated = dice.below(min(on_hand, 12) + 1) if dice.chance(300) else 0
    if dice.chance(20):
        allocated = on_hand + dice.between(1, 4)
    half = 5000 if dice.chance(30) else 0
    return Decimal(on_hand * 10_000 + half).scaleb(-4), Decimal(allocated * 10_000).scaleb(-4)


def _with_flags(dice: Dice, draft: CatalogueProduct) -> CatalogueProduct:
    """Return the draft as one of the kinds a shop must treat apart, once in a while."""
    draft = replace(draft, obsolete=dice.chance(43))
    if dice.chance(10):
        return replace(draft, never_diminishing=True)
    if dice.chance(12):
        return replace(draft, sellable=False)
    if dice.chance(12):
        return replace(draft, component=True)
    return replace(draft, assembled=dice.chance(8))

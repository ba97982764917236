"""Which products of a catalogue a new shop already sells, and in what form: simple or with variations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any, Protocol


class CatalogueProduct(Protocol):
    """What is read of a catalogue's record. Prices in the shop's currency, stock in units.

    `price` and `stock` may be Decimal, int, str or None; `parent` is None or "", or the guid or code
    of another record, or any name shared by the variations of one product; `option` tells them apart.
    """

    @property
    def guid(self) -> Any: ...
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def price(self) -> Any: ...
    @property
    def stock(self) -> Any: ...
    @property
    def parent(self) -> Any: ...
    @property
    def option(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Placing:
    """One product to put up; with `options` it is variable and those are its variations.

    Price: shop currency, two decimals, "" for none. Stock: whole units, None for not managed.
    """

    sku: str
    name: str
    price: str = ""
    stock: int | None = None
    option: str = ""
    options: tuple[Placing, ...] = ()


def placings(products: Sequence[CatalogueProduct], share_listed: float) -> list[Placing]:
    """Return the share (0…1) of the catalogue to put up, evenly spread; a family goes up as a whole."""
    families = _families(products)
    own = {each.code: each for each in products} | {str(each.guid): each for each in products}
    parents = {id(own[key]) for key in families if key in own}
    alone = [_placing(each) for each in products if not each.parent and id(each) not in parents]
    together = [_family(own.get(key), key, members) for key, members in families.items()]
    return _share(together, share_listed) + _share(alone, share_listed)


def _families(products: Sequence[CatalogueProduct]) -> dict[str, list[CatalogueProduct]]:
    families: dict[str, list[CatalogueProduct]] = {}
    for each in products:
        if each.parent:
            families.setdefault(str(each.parent), []).append(each)
    return families


def _family(head: CatalogueProduct | None, key: str, members: Sequence[CatalogueProduct]) -> Placing:
    options = tuple(_placing(each) for each in members)
    if head is None:
        return Placing("", key, options=options)
    return Placing(head.code, head.name, options=options)


def _placing(product: CatalogueProduct) -> Placing:
    stock = None if product.stock is None else int(Decimal(str(product.stock)).to_integral_value(ROUND_FLOOR))
    option = str(product.option or product.code)
    return Placing(product.code, product.name, _price(product.price), stock, option)


def _price(price: Any) -> str:
    if price is None:
        return ""
    return format(Decimal(str(price)).quantize(Decimal("0.01"), ROUND_HALF_UP), "f")


def _share(found: list[Placing], share: float) -> list[Placing]:
    return [each for at, each in enumerate(found) if int((at + 1) * share) > int(at * share)]

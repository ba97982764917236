"""Small believable worlds in shadow mode, and what a person can have set up wrong in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from syncd.emulator.catalogue import Catalogue, CatalogueProduct, believable
from syncd.emulator.unleashed_books import Books
from syncd.emulator.woocommerce import Item, Shelf
from tests.world import VirtualClock, World, WrongClock, make_world, open_shop

SIZE = 48


def clean_catalogue(seed: int) -> Catalogue:
    """Return a believable catalogue without the codes that trip programs up."""
    found = believable(SIZE, seed)
    plain = [product for product in found.products if product.group != "Odds & ends"]
    return Catalogue(seed, plain, found.parents)


def goods(catalogue: Catalogue) -> list[CatalogueProduct]:
    """Return the products that are simply sold: priced, stocked, no variations, nothing special."""
    return [each for each in catalogue.products if each.price and each.stock and _is_plain(each)]


def _is_plain(each: CatalogueProduct) -> bool:
    special = each.obsolete or each.component or each.assembled or each.never_diminishing
    return each.sellable and each.parent is None and not special


def clean_world(folder: Path, seed: int, listing: str = "") -> World:
    """Return a world whose sides sell the same, not yet connected, in shadow mode as `init` writes."""
    clock, catalogue = VirtualClock(), clean_catalogue(seed)
    keys = {"store_keys": 'mode = "shadow"', "listing_keys": listing}
    world = make_world(folder, clock=clock, books=Books.from_catalogue(catalogue, clock), **keys)
    world.shops["shop"] = open_shop(clock, shelf=Shelf.from_catalogue(catalogue.on_shelf(), clock=clock))
    world.lasting = True
    return world


def lay(world: World, faults: Mapping[str, Any]) -> None:
    """Set up wrong what the names say, each with its value from the data."""
    for name, value in faults.items():
        _LAY[name](world, value)


def _item(world: World, sku: str) -> Item:
    return world.item(sku)


def _rename(world: World, pair: list[str]) -> None:
    world.books.code_limit = None
    world.books.change_product(world.guid(pair[0]), code=pair[1])


def _tier(world: World, pair: list[Any]) -> None:
    world.books.tier_names[pair[0] - 1] = pair[1]


def _obsolete_warehouse(world: World, code: str) -> None:
    world.books.warehouses[code].obsolete = True


def _obsolete(world: World, codes: list[str]) -> None:
    for code in codes:
        world.books.change_product(world.guid(code), obsolete=True)


def _tax_codes(world: World, codes: list[tuple[str, str, bool]]) -> None:
    for code, rate, obsolete in codes:
        world.books.add_tax_code(code, rate, obsolete=obsolete)


def _orders(world: World, text: str) -> None:
    world.more_toml = f"[store.shop.orders]\n{text}"


def _shop_setting(world: World, settings: Mapping[str, Any]) -> None:
    for name, value in settings.items():
        setattr(world.shop.settings, name, value)


def _sku(world: World, change: Mapping[str, str]) -> None:
    item = _item(world, change["was"])
    world.shelf.edit(item.id, sku=change["is"], name=change.get("name", item.name))


def _twin(world: World, sku: str) -> None:
    world.shop.settings.unique_skus = False
    world.shelf.add_simple(sku, _item(world, sku).name, "1.00", 1)


def _clock(world: World, minutes: int) -> None:
    world.own_clock = WrongClock(world.clock, timedelta(minutes=minutes))


_LAY: Mapping[str, Callable[[World, Any], object]] = {
    "listing": lambda world, text: setattr(world, "listing_keys", text),
    "canary": lambda world, code: setattr(world, "store_keys", f'{world.store_keys}\ncanary = "{code}"'),
    "code": _rename,
    "tier": _tier,
    "obsolete_warehouse": _obsolete_warehouse,
    "obsolete": _obsolete,
    "tax_codes": _tax_codes,
    "orders": _orders,
    "currency": lambda world, code: world.books.company.update(BaseCurrencyCode=code),
    "delete": lambda world, code: world.books.delete_product(world.guid(code)),
    "shop": _shop_setting,
    "sku": _sku,
    "twin": _twin,
    "tax_class": lambda world, pair: world.shelf.edit(_item(world, pair[0]).id, tax_class=pair[1]),
    "untracked": lambda world, sku: world.shelf.edit(_item(world, sku).id, stock=None),
    "binned": lambda world, sku: world.shelf.trash(_item(world, sku).id),
    "removed": lambda world, sku: world.shelf.delete(_item(world, sku).id),
    "clock": _clock,
}

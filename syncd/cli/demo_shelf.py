"""What the shop shows and what it ought to show, told from the shelf and the books, never from syncd."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Literal

from syncd.cli.demo_stage import Stage
from syncd.cli.emulate import SOLD_FROM
from syncd.emulator.unleashed_records import Product
from syncd.emulator.woocommerce import Item, Shelf
from syncd.emulator.woocommerce_values import sku_key, stored_sku

Field = Literal["listing", "stock", "price", "name", "status"]
Facts = Mapping[Field, str]

NOTHING = "nothing"
FIELDS: Sequence[Field] = ("stock", "price", "name", "status")


def shown(item: Item | None) -> Facts:
    """Return what a customer of the shop sees of one listing, as texts; of none: nothing."""
    if item is None:
        return {"listing": NOTHING}
    seen: dict[Field, str] = {
        "stock": str(int(item.stock_quantity)) if item.stock_quantity is not None else "not counted",
        "price": item.regular_price or "no price",
        "name": html.unescape(item.name),
        "status": "on sale" if item.status == "publish" else "hidden",
    }
    return {**seen, "listing": listing_text(seen)}


def listing_text(seen: Facts) -> str:
    """Return a whole listing in one line."""
    return f"{seen['name']}, {seen['price']}, {seen['stock']} in stock, {seen['status']}"


def found(shelf: Shelf, code: str) -> Item | None:
    """Return the listing with exactly this code."""
    return next((item for item in shelf.with_sku(code) if item.sku == code.strip()), None)


@dataclass(frozen=True, slots=True)
class Expected:
    """Which listings were there before syncd, and which codes are left to a person, each with the reason."""

    before: Mapping[str, Facts]
    in_doubt: Mapping[str, str]
    for_sale: frozenset[str]

    def was_there(self, product: Product) -> bool:
        """Tell whether the shop had the listing before syncd came: then only its stock is syncd's."""
        return product.guid in self.before

    def of(self, product: Product) -> Facts:
        """Return what the shop ought to show for a product."""
        if product.guid in self.in_doubt:
            return {}
        if self.was_there(product):
            return _adopted(product, self.before[product.guid])
        return _created(product) if product.guid in self.for_sale else {"listing": NOTHING}

    def with_new(self, guid: str) -> Expected:
        """Return the same with a product that Unleashed has just got."""
        return Expected(self.before, self.in_doubt, self.for_sale | {guid})


def expect(stage: Stage) -> Expected:
    """Return what to expect of the stage, before the daemon has touched anything."""
    products = stage.unleashed.books.products()
    in_doubt = dict(_doubts(products))
    listed = {product.guid: found(stage.shelf, product.code) for product in products}
    before = {guid: shown(item) for guid, item in listed.items() if item is not None and guid not in in_doubt}
    for_sale = frozenset(product.guid for product in products if _is_for_sale(product))
    return Expected(before, in_doubt, for_sale)


def _doubts(products: Sequence[Product]) -> Iterator[tuple[str, str]]:
    alike = Counter(sku_key(product.code) for product in products)
    for product in products:
        if alike[sku_key(product.code)] > 1:
            yield (
                product.guid,
                "another code differs from it only by case, and a shop can hold but one of them",
            )
        elif stored_sku(product.code) != product.code:
            yield product.guid, "WooCommerce would not keep this code as it is"


def _is_for_sale(product: Product) -> bool:
    return not product.obsolete and bool(product.value("IsSellable")) and not product.value("IsComponent")


def is_counted(product: Product) -> bool:
    """Tell whether the product's stock is a quantity that a shop may sell from."""
    return (
        bool(product.value("IsSellable"))
        and not product.value("IsComponent")
        and not product.value("IsAssembledProduct")
        and not product.value("NeverDiminishing")
    )


def units(product: Product) -> int:
    """Return the whole units that are available in the warehouses the shop sells from, never below zero."""
    rows = [stock.available for code, stock in product.stock.items() if code in SOLD_FROM]
    return max(0, int(sum(rows, Decimal(0)).to_integral_value(ROUND_FLOOR)))


def price_text(product: Product) -> str:
    """Return the price as the shop shows it: ex tax, two places, rounded half up."""
    price = product.value("DefaultSellPrice")
    if not isinstance(price, Decimal) or price <= 0:
        return "no price"
    return str(price.quantize(Decimal("0.01"), ROUND_HALF_UP))


def _adopted(product: Product, before: Facts) -> Facts:
    kept: dict[Field, str] = {name: before[name] for name in ("price", "name", "status")}
    stock = str(units(product)) if is_counted(product) else before["stock"]
    return _with_listing({"stock": stock, **kept})


def _created(product: Product) -> Facts:
    price = price_text(product)
    counted = is_counted(product)
    complete = price != "no price" and (counted or bool(product.value("NeverDiminishing")))
    return _with_listing(
        {
            "stock": str(units(product)) if counted else "not counted",
            "price": price,
            "name": product.name.strip(),
            "status": "on sale" if complete and not product.obsolete else "hidden",
        }
    )


def _with_listing(facts: Mapping[Field, str]) -> Facts:
    return {**facts, "listing": listing_text(facts)}


def differences(stage: Stage, expected: Expected) -> dict[str, str]:
    """Compare every product; return by code one sentence for each listing that is not what it ought to be."""
    return {
        product.code: _sentence(product.code, ought, now)
        for product in stage.unleashed.books.products()
        for ought, now in [(expected.of(product), shown(found(stage.shelf, product.code)))]
        if ought and ought["listing"] != now["listing"]
    }


def _sentence(code: str, ought: Facts, now: Facts) -> str:
    if NOTHING in (ought["listing"], now["listing"]):
        return f"{code}: the shop should show {ought['listing']}, and shows {now['listing']}."
    parts = [
        f"{name} should be {ought[name]} and is {now[name]}" for name in FIELDS if ought[name] != now[name]
    ]
    return f"{code}: {'; '.join(parts)}."


Reader = Callable[[], tuple[int, int]]


def load_progress(stage: Stage, expected: Expected) -> Reader:
    """Return a reader of how far the first load is: listings right, of how many that there should be."""
    products = stage.unleashed.books.products()
    wanted = [
        (product.code, ought["listing"])
        for product in products
        for ought in [expected.of(product)]
        if ought and ought["listing"] != NOTHING
    ]

    def read() -> tuple[int, int]:
        right = sum(shown(found(stage.shelf, code))["listing"] == listing for code, listing in wanted)
        return right, len(wanted)

    return read

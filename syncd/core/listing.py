"""What a store should show for a product, and why: name, price, stock, status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from syncd.core.model import (
    ALL_WAREHOUSES,
    AccountFacts,
    Link,
    Listing,
    ListingStatus,
    Product,
    StockRow,
    StoreFacts,
    Value,
)
from syncd.core.money import balance, plain, with_tax

TaxRule = Literal["exclusive"] | Decimal | Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class ListingRules:
    """The `[store.x.listing]` section as decisions need it. `warehouses` empty: Unleashed's own sum."""

    fields: frozenset[str] = frozenset({"name", "price", "stock"})
    price_tier: str | int = "default"
    tax: TaxRule = "exclusive"
    warehouses: tuple[str, ...] = ()
    buffer: Decimal = Decimal(0)
    create: bool = False
    publish: bool = False
    obsolete: Literal["draft", "out_of_stock", "leave"] = "draft"

    def feeds(self) -> tuple[str, ...]:
        """Return the names of the warehouses whose stock must be known."""
        return self.warehouses or (ALL_WAREHOUSES,)


@dataclass(frozen=True, slots=True)
class Stock:
    """What is known of one product's stock: its rows, and the warehouses where having none means zero."""

    rows: Mapping[str, StockRow]
    zero_if_absent: frozenset[str] = frozenset()

    def available(self, warehouse: str) -> Decimal | None:
        """Return the available quantity in a warehouse, or None if it is not known."""
        row = self.rows.get(warehouse)
        if row is not None:
            return row.available
        return Decimal(0) if warehouse in self.zero_if_absent else None


def stock_of(rows: Sequence[StockRow], zero_if_absent: frozenset[str]) -> Stock:
    """Return the stock view of one product from its mirrored rows."""
    return Stock({row.warehouse: row for row in rows}, zero_if_absent)


def decide_listing(
    product: Product,
    stock: Stock,
    rules: ListingRules,
    account: AccountFacts,
    store: StoreFacts,
    link: Link,
    tax_class: str,
) -> Listing:
    """Decide every field of the listing. `tax_class` is the one the store's record shows ("" = standard)."""
    return Listing(
        code=product.code.strip(),
        name=_name(product, rules),
        price=_price(product, rules, account, store, tax_class),
        stock=_stock(product, stock, rules),
        status=_status(product, rules, link),
    )


def _name(product: Product, rules: ListingRules) -> Value[str]:
    if "name" not in rules.fields:
        return Value(None, "name is not among this store's fields")
    if not product.name.strip():
        return Value(None, "the product has no name in Unleashed")
    return Value(product.name.strip(), "the product's description in Unleashed")


def _price(
    product: Product, rules: ListingRules, account: AccountFacts, store: StoreFacts, tax_class: str
) -> Value[Decimal]:
    if "price" not in rules.fields:
        return Value(None, "price is not among this store's fields")
    base = base_price(product, rules.price_tier)
    if base.value is None:
        return base
    if account.currency and store.currency and account.currency != store.currency:
        return _held(f"the store sells in {store.currency}, the Unleashed account in {account.currency}")
    return _in_store_tax(base.value, base.rule, rules.tax, store.prices_include_tax, tax_class)


def base_price(product: Product, tier: str | int) -> Value[Decimal]:
    """Return the product's price in the configured tier, ex tax. Null, zero and below are never a price.

    `tier` is "default", a tier's number (1 to 10, also as text) or else its name. A name that no tier has,
    or several have, is held: a person should correct the configuration or Unleashed.
    """
    if tier == "default":
        return _a_price(product.price, "default sell price")
    wanted = str(tier).strip()
    found = [each for each in product.tiers if is_tier(tier, each.number, each.name)]
    if wanted not in _TIER_NUMBERS and product.tiers and len(found) != 1:
        return _held(f"Unleashed has {'several' if found else 'no'} sell price tiers named {wanted!r}")
    return _a_price(found[0].price if found else None, f"sell price tier {wanted}")


_TIER_NUMBERS = frozenset(str(number) for number in range(1, 11))


def is_tier(tier: str | int, number: int, name: str) -> bool:
    """Tell whether the configured tier is this one: 1 to 10 only by its number, all else by its name."""
    wanted = str(tier).strip()
    if wanted in _TIER_NUMBERS:
        return str(number) == wanted
    return wanted != "" and name.strip() == wanted


def _a_price(price: Decimal | None, rule: str) -> Value[Decimal]:
    if price is None:
        return Value(None, f"{rule} is not set in Unleashed")
    if price <= 0:
        return Value(None, f"{rule} is {plain(price)} in Unleashed: never pushed")
    return Value(price, rule)


def _in_store_tax(
    price: Decimal, rule: str, tax: TaxRule, includes_tax: bool | None, tax_class: str
) -> Value[Decimal]:
    if includes_tax is None:
        return _held("the store does not say whether its prices include tax")
    if not includes_tax:
        return Value(price, f"{rule}, ex tax")
    if isinstance(tax, str):
        return _held("the store's prices include tax, but listing.tax names no rate")
    rate = tax if isinstance(tax, Decimal) else tax.get(tax_class or "standard")
    if rate is None:
        return _held(f"listing.tax names no rate for the store's tax class {tax_class or 'standard'!r}")
    return Value(with_tax(price, rate), f"{rule} + {plain(rate * 100)} % tax")


def _held(rule: str) -> Value[Decimal]:
    return Value(None, rule, held=True)


def _stock(product: Product, stock: Stock, rules: ListingRules) -> Value[Decimal]:
    if "stock" not in rules.fields:
        return Value(None, "stock is not among this store's fields")
    untouched = untracked(product)
    if untouched:
        return Value(None, untouched)
    if product.retired and rules.obsolete == "out_of_stock":
        return Value(Decimal(0), f"{product.retired}: out of stock")
    return sellable(stock, rules)


def untracked(product: Product) -> str:
    """Return why this product's stock is never pushed, or "" if it is (design rule 7)."""
    if product.never_diminishing:
        return "never diminishing in Unleashed: its stock is not a quantity"
    if not product.sellable:
        return "not sellable in Unleashed"
    if product.component:
        return "a component in Unleashed: sold only as part of something else"
    if product.assembled:
        return "assembled in Unleashed, and no policy for assembled products is configured"
    return ""


def sellable(stock: Stock, rules: ListingRules) -> Value[Decimal]:
    """Return what may be sold: the sum over the configured warehouses less the buffer, never below zero."""
    parts = {name: stock.available(name) for name in rules.feeds()}
    unknown = [name for name, quantity in parts.items() if quantity is None]
    if unknown:
        where = ", ".join(name or "all warehouses" for name in unknown)
        return Value(None, f"the stock in {where} is not known yet")
    total = balance((quantity for quantity in parts.values() if quantity is not None), rules.buffer)
    return Value(max(Decimal(0), total), _sum_rule(parts, rules.buffer))


def _sum_rule(parts: Mapping[str, Decimal | None], buffer: Decimal) -> str:
    known = {name: quantity for name, quantity in parts.items() if quantity is not None}
    terms = [f"{name} {plain(quantity)}" if name else plain(quantity) for name, quantity in known.items()]
    less = f" - buffer {plain(buffer)}" if buffer else ""
    return f"available {' + '.join(terms)}{less}"


def _status(product: Product, rules: ListingRules, link: Link) -> Value[ListingStatus]:
    if product.retired and rules.obsolete == "draft":
        return Value(ListingStatus.HIDDEN, f"{product.retired}: hidden")
    if not product.retired and link.hidden_from is not None:
        return Value(link.hidden_from, "no longer obsolete in Unleashed: as it was before")
    return Value(None, "whether it is on sale is the store's own business")

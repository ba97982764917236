"""What is wrong with a set-up, judged from what both sides say of themselves, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from syncd.core.listing import ListingRules, is_tier
from syncd.core.model import AccountFacts, StoreFacts, Warehouse

Level = Literal["ok", "warning", "problem", "unreachable"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `do` is empty when there is nothing to do."""

    level: Level
    about: str
    what: str
    do: str = ""


def judge_warehouses(about: str, rules: ListingRules, account: AccountFacts) -> list[Finding]:
    """Judge the warehouses that a store's stock is summed over."""
    if not rules.warehouses:
        return [Finding("ok", about, "stock is Unleashed's sum over all warehouses")]
    known = {warehouse.code: warehouse for warehouse in account.warehouses}
    if not known:
        what = "Unleashed does not list its warehouses, so the codes are unproven"
        return [Finding("warning", about, what, "Look at the warehouse codes in Unleashed yourself.")]
    return [_judge_warehouse(about, code, known) for code in rules.warehouses]


def _judge_warehouse(about: str, code: str, known: Mapping[str, Warehouse]) -> Finding:
    warehouse = known.get(code)
    if warehouse is None:
        do = f"Set listing.warehouses to codes that exist: {', '.join(sorted(known))}."
        return Finding("problem", about, f"Unleashed has no warehouse with the code {code}", do)
    if warehouse.obsolete:
        do = "Take it out of listing.warehouses, or bring it back in Unleashed."
        return Finding("warning", about, f"the warehouse {code} is obsolete in Unleashed", do)
    return Finding("ok", about, f"the warehouse {code} exists")


def judge_tier(about: str, rules: ListingRules, tiers: Sequence[tuple[int, str]] | None) -> list[Finding]:
    """Judge the price tier, which is found as `listing.base_price` finds it.

    `tiers` are Unleashed's numbers and names, as one product shows them; None: no product to read them from.
    """
    if "price" not in rules.fields or rules.price_tier == "default":
        return []
    wanted = str(rules.price_tier).strip() or '""'
    if tiers is None:
        do = "Add a product in Unleashed, then run `syncd check` again."
        what = f"the price tier {wanted} is unproven: Unleashed has no product yet"
        return [Finding("warning", about, what, do)]
    if not tiers:
        what = f"the price tier {wanted} is unproven: Unleashed does not show its tiers"
        return [Finding("warning", about, what, "Look at the price tiers in Unleashed yourself.")]
    found = [number for number, name in tiers if is_tier(rules.price_tier, number, name)]
    return [_judge_found_tiers(about, wanted, found, tiers)]


def _judge_found_tiers(
    about: str, wanted: str, found: Sequence[int], tiers: Sequence[tuple[int, str]]
) -> Finding:
    if len(found) == 1:
        return Finding("ok", about, f"the price tier {wanted} exists")
    if found:
        do = f"Set listing.price_tier to the number of one of them: {', '.join(map(str, found))}."
        return Finding("problem", about, f"Unleashed has several price tiers named {wanted}", do)
    names = ", ".join(f"{number} ({name.strip()})" if name.strip() else str(number) for number, name in tiers)
    do = f"Set listing.price_tier to one of: {names}."
    return Finding("problem", about, f"Unleashed has no price tier {wanted}", do)


def judge_prices(about: str, rules: ListingRules, account: AccountFacts, store: StoreFacts) -> list[Finding]:
    """Judge whether prices may flow: the currency of both sides, and how the store's prices are taxed."""
    if "price" not in rules.fields:
        return []
    return [*_judge_currency(about, account, store), *_judge_tax(about, rules, store)]


def _judge_currency(about: str, account: AccountFacts, store: StoreFacts) -> list[Finding]:
    if account.currency is None or store.currency is None:
        who = "Unleashed" if account.currency is None else "the store"
        do = "Make sure yourself that both sides use the same currency."
        return [Finding("warning", about, f"{who} does not tell its currency", do)]
    if account.currency != store.currency:
        do = 'Take "price" out of listing.fields, or connect another store.'
        theirs = f"Unleashed's prices are in {account.currency}"
        what = f"the store sells in {store.currency}, {theirs}: prices are held"
        return [Finding("problem", about, what, do)]
    return [Finding("ok", about, f"both sides use {store.currency}")]


def _judge_tax(about: str, rules: ListingRules, store: StoreFacts) -> list[Finding]:
    if store.prices_include_tax is None:
        do = "Give the API key's user the right to read the shop's settings."
        what = "the store does not tell whether its prices include tax: prices are held"
        return [Finding("problem", about, what, do)]
    if store.prices_include_tax and rules.tax == "exclusive":
        what = "the store's prices include tax, Unleashed's do not: prices are held"
        return [Finding("problem", about, what, "Set listing.tax to the rate, for example tax = 0.15.")]
    if not store.prices_include_tax and rules.tax != "exclusive":
        do = "Take listing.tax out, or have the shop's prices entered inclusive of tax."
        what = "listing.tax has no effect: the store's prices do not include tax"
        return [Finding("warning", about, what, do)]
    mode = "include tax" if store.prices_include_tax else "exclude tax"
    return [Finding("ok", about, f"the store's prices {mode}, and the configuration fits")]


def judge_stock_keeping(about: str, rules: ListingRules, store: StoreFacts) -> list[Finding]:
    """Judge whether the store keeps stock at all."""
    if "stock" not in rules.fields or store.tracks_stock is not False:
        return []
    do = "Switch on stock management in the shop's settings (WooCommerce > Settings > Products > Inventory)."
    what = "the shop has stock management switched off, so no stock can be written"
    return [Finding("problem", about, what, do)]

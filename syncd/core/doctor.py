"""What is wrong with a set-up, judged from what both sides say of themselves, and what to do about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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


NAMED = 5
"""So many codes are named in a finding; the rest is counted."""


def some_of(said: Sequence[str]) -> str:
    """Return the first few of them as a person lists them, and how many more there are."""
    named = ", ".join(said[:NAMED])
    return named if len(said) <= NAMED else f"{named} and {len(said) - NAMED} more"


def judge_warehouses(
    about: str, rules: ListingRules, account: AccountFacts, unread: Collection[str] = ()
) -> list[Finding]:
    """Judge the warehouses that a store's stock is summed over, whose codes may be in any letter case.

    `unread`: those ("" = Unleashed's sum) that a pull has not read in full yet although others it has.
    """
    if "stock" not in rules.fields:
        return []
    waiting = [_judge_unread(about, name) for name in rules.feeds() if name in unread]
    if not rules.warehouses:
        return [Finding("ok", about, "stock is Unleashed's sum over all warehouses"), *waiting]
    known = {warehouse.code.strip().casefold(): warehouse for warehouse in account.warehouses}
    if not known:
        what = "Unleashed does not list its warehouses, so the codes are unproven"
        return [
            Finding("warning", about, what, "Look at the warehouse codes in Unleashed yourself."),
            *waiting,
        ]
    judged = [_judge_warehouse(about, code, known, "listing.warehouses") for code in rules.warehouses]
    return [*judged, *waiting]


def judge_order_warehouse(about: str, code: str, account: AccountFacts) -> list[Finding]:
    """Judge the warehouse that ships the store's orders, in any letter case. "" is the account's default."""
    known = {warehouse.code.strip().casefold(): warehouse for warehouse in account.warehouses}
    if not code or not known:
        return []
    return [_judge_warehouse(about, code, known, "orders.warehouse")]


def _judge_unread(about: str, name: str) -> Finding:
    place = f"the warehouse {name}" if name else "Unleashed's sum over all warehouses"
    what = f"the stock of {place} was not read yet: its full read comes first, stock waits until then"
    return Finding("warning", about, what, "Nothing to do but wait, or run `syncd once recent` now.")


_SORT = {"listing.warehouses": "codes that exist", "orders.warehouse": "a code that exists"}


def _judge_warehouse(about: str, code: str, known: Mapping[str, Warehouse], key: str) -> Finding:
    warehouse = known.get(code.strip().casefold())
    code = f"{code} (orders.warehouse)" if key == "orders.warehouse" else code
    if warehouse is None:
        codes = ", ".join(sorted(each.code for each in known.values()))
        do = f"Set {key} to {_SORT[key]}: {codes}."
        return Finding("problem", about, f"Unleashed has no warehouse with the code {code}", do)
    if warehouse.obsolete:
        do = f"Take it out of {key}, or bring it back in Unleashed."
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


def judge_tax_classes(
    about: str, rules: ListingRules, store: StoreFacts, classes: Mapping[str, int]
) -> list[Finding]:
    """Judge whether each tax class of the linked listings has its rate. In `classes` "" = standard."""
    if "price" not in rules.fields or not store.prices_include_tax or not isinstance(rules.tax, Mapping):
        return []
    missing = {name or "standard": number for name, number in classes.items()}
    return [
        Finding(
            "problem",
            about,
            f"listing.tax names no rate for the tax class {name} (listings: {number}), so prices are held",
            f"Add the rate of {name} to listing.tax.",
        )
        for name, number in sorted(missing.items())
        if name not in rules.tax
    ]


def judge_canary(about: str, code: str, *, in_unleashed: bool, in_store: bool) -> Finding:
    """Judge the canary: a code that must be found on both sides, or nothing is written."""
    missing = [who for who, found in (("Unleashed", in_unleashed), ("the store", in_store)) if not found]
    if not missing:
        return Finding("ok", about, f"the canary {code} is found on both sides")
    what = f"the canary {code} is not found in {' nor in '.join(missing)}: nothing is written"
    return Finding("problem", about, what, "Set canary to a code that both sides have, or take it out.")


def judge_stock_keeping(about: str, rules: ListingRules, store: StoreFacts) -> list[Finding]:
    """Judge whether the store keeps stock at all."""
    if "stock" not in rules.fields or store.tracks_stock is not False:
        return []
    do = "Switch on stock management in the shop's settings (WooCommerce > Settings > Products > Inventory)."
    what = "the shop has stock management switched off, so no stock can be written"
    return [Finding("problem", about, what, do)]


CLOCK_OFF = timedelta(minutes=10)
"""Clocks that differ by less are not worth a word; Unleashed's own was once seen five minutes ahead."""


def judge_clock(ahead: timedelta | None, newest: datetime | None, now: datetime) -> list[Finding]:
    """Judge this machine's clock. `ahead` is how much later Unleashed says it is (None: it did not say).

    Else `newest`, its newest stamp, is the measure: that cannot lie in the future.
    """
    least = "" if ahead is not None else "at least "
    if ahead is None:
        ahead = max(timedelta(0), newest - now) if newest is not None else timedelta(0)
    if abs(ahead) <= CLOCK_OFF:
        return []
    minutes, side = int(abs(ahead).total_seconds() // 60), "behind" if ahead > timedelta(0) else "ahead of"
    what = f"this machine's clock is {least}{minutes} minutes {side} Unleashed's"
    return [Finding("problem", "clock", what, "Set it, and let it be kept by NTP.")]

"""What is wrong with a set-up is said in one sentence, with what to do about it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from syncd.core.doctor import (
    Finding,
    judge_order_warehouse,
    judge_prices,
    judge_stock_keeping,
    judge_tier,
    judge_warehouses,
)
from syncd.core.listing import ListingRules, base_price
from syncd.core.model import Tier, Warehouse
from tests.core.examples import ACCOUNT, RULES, SHOP, TEA

ABOUT = "store shop"
KNOWN = (Warehouse("W1", "Main", default=True), Warehouse("RET", "Returns", obsolete=True))
STOCK_ONLY = ListingRules(fields=frozenset({"stock"}), price_tier="Retail", tax=Decimal("0.15"))
NAMED = [(1, "Retail"), (2, " Trade "), (3, ""), (4, "7"), (10, " ")]
TWINS = [*NAMED, (5, "Trade")]


@pytest.mark.parametrize(
    ("asked", "listed", "expected"),
    [
        ((), KNOWN, [("ok", "stock is Unleashed's sum over all warehouses", "")]),
        ((), (), [("ok", "stock is Unleashed's sum over all warehouses", "")]),
        (("W1",), KNOWN, [("ok", "the warehouse W1 exists", "")]),
        (
            ("W9", "RET", "W1"),
            KNOWN,
            [
                (
                    "problem",
                    "Unleashed has no warehouse with the code W9",
                    "Set listing.warehouses to codes that exist: RET, W1.",
                ),
                (
                    "warning",
                    "the warehouse RET is obsolete in Unleashed",
                    "Take it out of listing.warehouses, or bring it back in Unleashed.",
                ),
                ("ok", "the warehouse W1 exists", ""),
            ],
        ),
        (
            ("W1", "W9"),
            (),
            [
                (
                    "warning",
                    "Unleashed does not list its warehouses, so the codes are unproven",
                    "Look at the warehouse codes in Unleashed yourself.",
                )
            ],
        ),
    ],
)
def test_warehouses(
    asked: tuple[str, ...], listed: tuple[Warehouse, ...], expected: list[tuple[Any, str, str]]
) -> None:
    """Every warehouse asked for must be there and in use; if Unleashed lists none, one warning says so."""
    found = judge_warehouses(ABOUT, ListingRules(warehouses=asked), replace(ACCOUNT, warehouses=listed))
    assert found == [Finding(level, ABOUT, what, do) for level, what, do in expected]


@pytest.mark.parametrize(
    ("tier", "tiers", "level", "what", "do"),
    [
        (2, NAMED, "ok", "the price tier 2 exists", ""),
        (" 2 ", NAMED, "ok", "the price tier 2 exists", ""),
        ("Retail", NAMED, "ok", "the price tier Retail exists", ""),
        (" Trade", NAMED, "ok", "the price tier Trade exists", ""),
        (
            "Retial",
            NAMED,
            "problem",
            "Unleashed has no price tier Retial",
            "Set listing.price_tier to one of: 1 (Retail), 2 (Trade), 3, 4 (7), 10.",
        ),
        (
            "retail",
            NAMED[:1],
            "problem",
            "Unleashed has no price tier retail",
            "Set listing.price_tier to one of: 1 (Retail).",
        ),
        (
            7,
            NAMED[3:],
            "problem",
            "Unleashed has no price tier 7",
            "Set listing.price_tier to one of: 4 (7), 10.",
        ),
        (
            "7",
            NAMED[3:],
            "problem",
            "Unleashed has no price tier 7",
            "Set listing.price_tier to one of: 4 (7), 10.",
        ),
        ("11", [(1, "11"), (2, "")], "ok", "the price tier 11 exists", ""),
        (
            " ",
            NAMED[2:3],
            "problem",
            'Unleashed has no price tier ""',
            "Set listing.price_tier to one of: 3.",
        ),
        (
            "Trade",
            TWINS,
            "problem",
            "Unleashed has several price tiers named Trade",
            "Set listing.price_tier to the number of one of them: 2, 5.",
        ),
        (
            "Retail",
            None,
            "warning",
            "the price tier Retail is unproven: Unleashed has no product yet",
            "Add a product in Unleashed, then run `syncd check` again.",
        ),
        (
            "Retail",
            [],
            "warning",
            "the price tier Retail is unproven: Unleashed does not show its tiers",
            "Look at the price tiers in Unleashed yourself.",
        ),
    ],
)
def test_tier(tier: str | int, tiers: list[tuple[int, str]] | None, level: Any, what: str, do: str) -> None:
    """A tier is a number that is there or a name, trimmed, that exactly one has; else a person is told."""
    assert judge_tier(ABOUT, ListingRules(price_tier=tier), tiers) == [Finding(level, ABOUT, what, do)]


@pytest.mark.parametrize(
    "tier", [1, "1", " 1 ", 5, "5", 7, "7", 11, "11", "Retail", "Trade ", "trade", "", " "]
)
@pytest.mark.parametrize("tiers", [NAMED, TWINS, [(1, "5"), (5, "1"), (7, "11"), (9, "")]])
def test_check_and_price_agree_on_tiers(tier: str | int, tiers: list[tuple[int, str]]) -> None:
    """The check calls a tier good exactly when a product with all its tiers set gets a price from it."""
    product = replace(TEA, tiers=tuple(Tier(number, name, Decimal(number)) for number, name in tiers))
    (finding,) = judge_tier(ABOUT, ListingRules(price_tier=tier), tiers)
    assert (finding.level == "ok") is (base_price(product, tier).value is not None)


@pytest.mark.parametrize("tiers", [NAMED, [], None])
@pytest.mark.parametrize("rules", [RULES, STOCK_ONLY])
def test_no_tier_is_asked_for(rules: ListingRules, tiers: list[tuple[int, str]] | None) -> None:
    """The default sell price, or a store without prices, needs no tier."""
    assert judge_tier(ABOUT, rules, tiers) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "level", "what", "do"),
    [
        ("NZD", "NZD", "ok", "both sides use NZD", ""),
        (
            "NZD",
            "AUD",
            "problem",
            "the store sells in AUD, Unleashed's prices are in NZD: prices are held",
            'Take "price" out of listing.fields, or connect another store.',
        ),
        (
            None,
            "AUD",
            "warning",
            "Unleashed does not tell its currency",
            "Make sure yourself that both sides use the same currency.",
        ),
        (
            "NZD",
            None,
            "warning",
            "the store does not tell its currency",
            "Make sure yourself that both sides use the same currency.",
        ),
        (
            None,
            None,
            "warning",
            "Unleashed does not tell its currency",
            "Make sure yourself that both sides use the same currency.",
        ),
    ],
)
def test_currency(ours: str | None, theirs: str | None, level: Any, what: str, do: str) -> None:
    """Two currencies are a problem, one that is not told is a warning."""
    found = judge_prices(ABOUT, RULES, replace(ACCOUNT, currency=ours), replace(SHOP, currency=theirs))
    assert found[0] == Finding(level, ABOUT, what, do)
    assert [finding.level for finding in found[1:]] == ["ok"]


@pytest.mark.parametrize(
    ("include_tax", "tax", "level", "what", "do"),
    [
        (False, "exclusive", "ok", "the store's prices exclude tax, and the configuration fits", ""),
        (True, Decimal("0.15"), "ok", "the store's prices include tax, and the configuration fits", ""),
        (
            True,
            {"standard": Decimal("0.15")},
            "ok",
            "the store's prices include tax, and the configuration fits",
            "",
        ),
        (True, Decimal(0), "ok", "the store's prices include tax, and the configuration fits", ""),
        (
            True,
            "exclusive",
            "problem",
            "the store's prices include tax, Unleashed's do not: prices are held",
            "Set listing.tax to the rate, for example tax = 0.15.",
        ),
        (
            False,
            Decimal("0.15"),
            "warning",
            "listing.tax has no effect: the store's prices do not include tax",
            "Take listing.tax out, or have the shop's prices entered inclusive of tax.",
        ),
        (
            None,
            "exclusive",
            "problem",
            "the store does not tell whether its prices include tax: prices are held",
            "Give the API key's user the right to read the shop's settings.",
        ),
        (
            None,
            Decimal("0.15"),
            "problem",
            "the store does not tell whether its prices include tax: prices are held",
            "Give the API key's user the right to read the shop's settings.",
        ),
    ],
)
def test_tax_mode(include_tax: bool | None, tax: Any, level: Any, what: str, do: str) -> None:
    """The configured tax must fit how the store's prices are entered, and that must be known."""
    found = judge_prices(ABOUT, ListingRules(tax=tax), ACCOUNT, replace(SHOP, prices_include_tax=include_tax))
    assert found == [Finding("ok", ABOUT, "both sides use NZD"), Finding(level, ABOUT, what, do)]


def test_prices_that_do_not_flow() -> None:
    """A store without prices among its fields is not judged by currency and tax."""
    unlike = replace(SHOP, currency="AUD", prices_include_tax=None)
    assert judge_prices(ABOUT, STOCK_ONLY, ACCOUNT, unlike) == []


@pytest.mark.parametrize(
    ("fields", "tracks", "problem"),
    [
        ({"stock"}, False, True),
        ({"name", "price", "stock"}, False, True),
        ({"stock"}, True, False),
        ({"stock"}, None, False),
        ({"name", "price"}, False, False),
    ],
)
def test_stock_keeping(fields: set[str], tracks: bool | None, problem: bool) -> None:
    """Where stock is to be written, a shop that says it keeps none is a problem."""
    what = "the shop has stock management switched off, so no stock can be written"
    do = "Switch on stock management in the shop's settings (WooCommerce > Settings > Products > Inventory)."
    found = judge_stock_keeping(
        ABOUT, ListingRules(fields=frozenset(fields)), replace(SHOP, tracks_stock=tracks)
    )
    assert found == ([Finding("problem", ABOUT, what, do)] if problem else [])


@pytest.mark.parametrize(
    ("asked", "unread", "expected"),
    [
        (("W1",), {"W1"}, ["the stock of the warehouse W1 was not read yet"]),
        (("W1", "W2"), {"W2"}, ["the stock of the warehouse W2 was not read yet"]),
        ((), {""}, ["the stock of Unleashed's sum over all warehouses was not read yet"]),
        (("W1",), {"W2", ""}, []),
    ],
)
def test_a_warehouse_that_was_not_read_yet(
    asked: tuple[str, ...], unread: set[str], expected: list[str]
) -> None:
    """A warehouse added since the last pull is a warning: its full read comes first, stock waits."""
    known = replace(ACCOUNT, warehouses=(*KNOWN, Warehouse("W2", "Second")))
    found = judge_warehouses(ABOUT, ListingRules(warehouses=asked), known, unread)
    told = [finding for finding in found if finding.level != "ok"]
    assert [finding.what.partition(":")[0] for finding in told] == expected
    assert all(finding.level == "warning" and "once recent" in finding.do for finding in told)


@pytest.mark.parametrize("code", ["w1", " W1 "])
def test_a_warehouse_in_other_letters(code: str) -> None:
    """A warehouse is found in any letter case, as the pull finds it."""
    found = judge_warehouses(ABOUT, ListingRules(warehouses=(code,)), replace(ACCOUNT, warehouses=KNOWN))
    assert [finding.level for finding in found] == ["ok"]


def test_no_warehouse_without_stock() -> None:
    """A store whose stock does not flow is not judged by its warehouses."""
    prices = ListingRules(fields=frozenset({"price"}), warehouses=("W9",))
    assert judge_warehouses(ABOUT, prices, replace(ACCOUNT, warehouses=KNOWN), {"W9"}) == []


@pytest.mark.parametrize(
    ("code", "listed", "expected"),
    [
        ("", KNOWN, []),
        ("W1", (), []),
        ("w1", KNOWN, [("ok", "the warehouse w1 (orders.warehouse) exists", "")]),
        (
            "W9",
            KNOWN,
            [
                (
                    "problem",
                    "Unleashed has no warehouse with the code W9 (orders.warehouse)",
                    "Set orders.warehouse to a code that exists: RET, W1.",
                )
            ],
        ),
        (
            "RET",
            KNOWN,
            [
                (
                    "warning",
                    "the warehouse RET (orders.warehouse) is obsolete in Unleashed",
                    "Take it out of orders.warehouse, or bring it back in Unleashed.",
                )
            ],
        ),
    ],
)
def test_the_warehouse_of_orders(
    code: str, listed: tuple[Warehouse, ...], expected: list[tuple[Any, str, str]]
) -> None:
    """The warehouse that ships orders must be there and in use, if one is configured."""
    found = judge_order_warehouse(ABOUT, code, replace(ACCOUNT, warehouses=listed))
    assert found == [Finding(level, ABOUT, what, do) for level, what, do in expected]

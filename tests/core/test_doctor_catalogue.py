"""What is wrong with codes, tax classes, the canary or the clock is said, with what to do about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from syncd.core.doctor import judge_canary, judge_clock, judge_tax_classes
from syncd.core.doctor_catalogue import CatalogueCheck
from syncd.core.listing import ListingRules
from tests.core.examples import SHOP

ABOUT = "store shop"
RATES = ListingRules(tax={"standard": Decimal("0.15"), "zero-rate": Decimal(0)})
TAXED = replace(SHOP, prices_include_tax=True)


@pytest.mark.parametrize(
    ("rules", "store", "classes", "missing"),
    [
        (RATES, TAXED, {"": 40, "zero-rate": 2}, []),
        (RATES, TAXED, {"": 40, "reduced-rate": 3}, ["reduced-rate (listings: 3)"]),
        (ListingRules(tax={"zero-rate": Decimal(0)}), TAXED, {"": 40}, ["standard (listings: 40)"]),
        (RATES, SHOP, {"reduced-rate": 3}, []),
        (ListingRules(tax=Decimal("0.15")), TAXED, {"reduced-rate": 3}, []),
        (replace(RATES, fields=frozenset({"stock"})), TAXED, {"reduced-rate": 3}, []),
    ],
)
def test_tax_classes(rules: ListingRules, store: Any, classes: dict[str, int], missing: list[str]) -> None:
    """Where rates are given by tax class, a class in use without one is a problem."""
    found = judge_tax_classes(ABOUT, rules, store, classes)
    assert [finding.level for finding in found] == ["problem"] * len(missing)
    assert all(name in finding.what for name, finding in zip(missing, found, strict=True))
    assert all("listing.tax" in finding.do for finding in found)


@pytest.mark.parametrize(
    ("in_unleashed", "in_store", "level", "what"),
    [
        (True, True, "ok", "the canary TEA is found on both sides"),
        (False, True, "problem", "the canary TEA is not found in Unleashed: nothing is written"),
        (True, False, "problem", "the canary TEA is not found in the store: nothing is written"),
        (
            False,
            False,
            "problem",
            "the canary TEA is not found in Unleashed nor in the store: nothing is written",
        ),
    ],
)
def test_canary(in_unleashed: bool, in_store: bool, level: str, what: str) -> None:
    """A canary that one side lacks is a problem that says which."""
    finding = judge_canary(ABOUT, "TEA", in_unleashed=in_unleashed, in_store=in_store)
    assert (finding.level, finding.what, bool(finding.do)) == (level, what, level == "problem")


NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("ahead", "newest", "what"),
    [
        (timedelta(0), None, ""),
        (6 * MINUTE, NOON + 90 * MINUTE, ""),
        (45 * MINUTE, None, "this machine's clock is 45 minutes behind Unleashed's"),
        (-45 * MINUTE, None, "this machine's clock is 45 minutes ahead of Unleashed's"),
        (None, None, ""),
        (None, NOON - 90 * MINUTE, ""),
        (None, NOON + 9 * MINUTE, ""),
        (None, NOON + 90 * MINUTE, "this machine's clock is at least 90 minutes behind Unleashed's"),
    ],
)
def test_clock(ahead: timedelta | None, newest: datetime | None, what: str) -> None:
    """A clock that is off is told from Unleashed's own, or else from a stamp that lies in the future."""
    found = judge_clock(ahead, newest, NOON)
    assert [(finding.level, finding.what) for finding in found] == ([("problem", what)] if what else [])
    assert all("NTP" in finding.do for finding in found)


TOO_LONG, NOTHING = " (is longer than 10 characters)", "so nothing is linked"


def too_long(code: str) -> str:
    """Return what a store that takes ten characters says of a code."""
    return TOO_LONG.strip(" ()") if len(code) > 10 else ""


def catalogue(*codes: str) -> list[tuple[str, str]]:
    """Return level and text of what is found in a catalogue with these codes."""
    check = CatalogueCheck(too_long)
    for code in codes:
        check.look(code)
    found = check.findings(ABOUT)
    assert all(finding.do for finding in found)
    return [(finding.level, finding.what) for finding in found]


def test_codes_without_a_fault() -> None:
    """Different codes that the store can hold are not worth a word."""
    assert catalogue("TEA-1", "TEA-2", "TEA 1") == []


@pytest.mark.parametrize(
    ("codes", "level", "what"),
    [
        (
            ["TEA-1", "A-VERY-LONG-CODE"],
            "problem",
            f"A-VERY-LONG-CODE{TOO_LONG}: the store cannot hold this code, {NOTHING}",
        ),
        (
            ["A-LONG-CODE-1", "A-LONG-CODE-2"],
            "problem",
            f"A-LONG-CODE-1{TOO_LONG}, A-LONG-CODE-2{TOO_LONG}: the store cannot hold these codes, {NOTHING}",
        ),
        (
            ["TEA", "TEA", "POT"],
            "problem",
            "Unleashed has several products with the code TEA: none of them is linked",
        ),
        (
            ["TEA", "tea", "Tea", "POT"],
            "warning",
            "codes that differ only by case: TEA and Tea and tea; a shop can hold but one of each",
        ),
    ],
)
def test_codes_with_a_fault(codes: list[str], level: str, what: str) -> None:
    """Codes that do not fit, are used twice, or differ only by case are named."""
    assert catalogue(*codes) == [(level, what)]


def test_many_codes_are_counted() -> None:
    """Five codes are named, the others counted."""
    [(_, what)] = catalogue(*(code for place in range(8) for code in [f"T{place}"] * 2))
    assert "T0, T1, T2, T3, T4 and 3 more" in what


def test_a_part_that_is_not_sold_may_have_any_code() -> None:
    """A code that the store cannot hold matters only where it could be a listing."""
    check = CatalogueCheck(too_long)
    check.look("A-VERY-LONG-CODE", sold=False)
    assert check.findings(ABOUT) == []

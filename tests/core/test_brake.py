"""What looks suspicious, when it is too much, and by which name a person lets it through."""

from __future__ import annotations

from decimal import Decimal

import pytest

from syncd.core.brake import (
    CLASSES,
    BrakeClass,
    BrakeRules,
    classify,
    classify_noted,
    fingerprint,
    tripped,
    without,
)
from syncd.core.model import Content, ListingStatus
from syncd.core.product_plan import text

LIVE, HIDDEN, TRASH = ListingStatus.LIVE, ListingStatus.HIDDEN, ListingStatus.TRASH
RULES = BrakeRules()


def stock(value: str | None) -> Content:
    return Content(stock=None if value is None else Decimal(value))


def price(value: str | None) -> Content:
    return Content(price=None if value is None else Decimal(value))


@pytest.mark.parametrize(
    ("before", "after", "suspicious"),
    [
        ("5", "0", True),
        ("1", "0", True),
        ("0.5", "0", True),
        ("5", "-1", True),
        (None, "0", True),
        ("5", "1", False),
        ("500", "1", False),
        ("0", "0", False),
        ("-3", "0", False),
        ("0", "5", False),
        (None, "5", False),
        ("5", None, False),
    ],
)
def test_emptying_is_suspicious_and_selling_is_not(
    before: str | None, after: str | None, suspicious: bool
) -> None:
    """Only the way from some, or from no limit, to none counts; every other decrease is ordinary."""
    assert classify(stock(before), stock(after), RULES) == ({"zero"} if suspicious else set())


@pytest.mark.parametrize(
    ("before", "after", "suspicious"),
    [(LIVE, HIDDEN, True), (HIDDEN, HIDDEN, False), (HIDDEN, LIVE, False), (TRASH, HIDDEN, False)],
)
def test_taking_off_sale_is_suspicious(before: ListingStatus, after: ListingStatus, suspicious: bool) -> None:
    """A listing that buyers see and then do not counts; putting one on sale does not."""
    found = classify(Content(status=before), Content(status=after), RULES)
    assert found == ({"unpublish"} if suspicious else set())


@pytest.mark.parametrize(
    ("limit", "before", "after", "suspicious"),
    [
        ("0.5", "10", "15", True),
        ("0.5", "10", "14.99", False),
        ("0.5", "10", "5", True),
        ("0.5", "10", "5.01", False),
        ("0.5", "10", "1000", True),
        ("0.5", "1000", "10", True),
        ("0.5", "10", "10", False),
        ("0.1", "10", "9", True),
        ("0.1", "10", "9.01", False),
        ("1", "10", "20", True),
        ("1", "10", "19.99", False),
        ("1", "20", "10", True),
        ("99", "10", "1000", True),
        ("99", "1000", "10", True),
        ("99", "1000", "11", False),
        ("0.5", "0", "10", False),
        ("0.5", None, "10", False),
        ("0.5", "10", None, False),
    ],
)
def test_a_price_counts_from_the_configured_move_on(
    limit: str, before: str | None, after: str | None, suspicious: bool
) -> None:
    """A move is relative to what the price was; a limit that no fall can reach counts the rise back."""
    found = classify(price(before), price(after), BrakeRules(price_move=Decimal(limit)))
    assert found == ({"price"} if suspicious else set())


def test_one_listing_may_be_suspicious_in_every_way() -> None:
    """The classes are found side by side."""
    before = Content("Tea", Decimal(10), Decimal(5), LIVE)
    assert classify(before, Content("Tee", Decimal(1), Decimal(0), HIDDEN), RULES) == set(CLASSES)


@pytest.mark.parametrize("rules", [RULES, BrakeRules(price_move=Decimal(3))])
def test_what_was_noted_is_judged_as_what_is_written(rules: BrakeRules) -> None:
    """Field, before and after as texts are classified as the values themselves."""
    values = (None, Decimal("0"), Decimal("2.50"), Decimal("10"))
    for before in values:
        for after in values[1:]:
            noted = [("price", text(before), text(after)), ("stock", text(before), text(after))]
            contents = Content(price=before, stock=before), Content(price=after, stock=after)
            assert classify_noted(noted, rules) == classify(*contents, rules)
    assert classify_noted([("status", "live", "hidden"), ("name", "a", "b")], rules) == {"unpublish"}


@pytest.mark.parametrize(
    ("kind", "count", "linked", "trips"),
    [
        ("zero", 20, 99, True),
        ("zero", 19, 20, False),
        ("zero", 20, 100, False),
        ("zero", 21, 100, True),
        ("zero", 200, 1000, False),
        ("zero", 201, 1000, True),
        ("unpublish", 100, 1000, False),
        ("unpublish", 101, 1000, True),
        ("price", 201, 1000, True),
        ("price", 1000, 1000, True),
    ],
)
def test_a_class_trips_past_its_share_but_never_below_the_minimum(
    kind: BrakeClass, count: int, linked: int, trips: bool
) -> None:
    """More than the share trips, exactly the share does not; a handful never does in any store."""
    assert tripped({kind: count}, linked, RULES) == ({kind} if trips else set())


def test_each_class_is_counted_by_itself() -> None:
    """Many prices that move do not hold the few listings that are emptied."""
    assert tripped({"zero": 30, "unpublish": 30, "price": 300}, 1000, RULES) == {"price"}


def test_the_shares_are_the_configured_ones() -> None:
    """A share of one lets everything through; a minimum of none and a share of none let nothing."""
    everything = BrakeRules(zero=Decimal(1), price=Decimal(1), unpublish=Decimal(1))
    nothing = BrakeRules(zero=Decimal(0), price=Decimal(0), unpublish=Decimal(0), minimum=0)
    every: dict[BrakeClass, int] = dict.fromkeys(CLASSES, 100)
    assert tripped(every, 100, everything) == set()
    assert tripped(dict.fromkeys(CLASSES, 1), 1000, nothing) == set(CLASSES)
    assert tripped({}, 1000, nothing) == set()


def test_only_the_held_class_is_taken_out() -> None:
    """What flows is everything else of the same listing."""
    change = Content("Tea", Decimal(10), Decimal(0), HIDDEN)
    assert without(change, ["zero"]) == Content("Tea", Decimal(10), None, HIDDEN)
    assert without(change, ["price", "unpublish"]) == Content("Tea", None, Decimal(0), None)
    assert without(change, []) == change


def test_a_diff_has_one_name_whatever_its_order() -> None:
    """The name stands for the store and for each product, field and value; any of them changes it."""
    one, other = ("g1", "stock", "0"), ("g2", "stock", "0")
    name = fingerprint(1, [one, other])
    assert fingerprint(1, [other, one]) == name
    assert len(name) == 12
    others = (
        fingerprint(2, [one, other]),
        fingerprint(1, [one]),
        fingerprint(1, [one, ("g2", "stock", "1")]),
        fingerprint(1, [one, ("g2", "price", "0")]),
        fingerprint(1, [("g1s", "tock", "0"), other]),
    )
    assert len({name, *others}) == 6

"""Why a difference went unseen follows from its stamp, the one it had, and what the feed asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.ghost import (
    CAUSES,
    Belief,
    Feed,
    Finding,
    Span,
    age_of,
    cause_of,
    ghosts,
    is_store_edit,
    product_differences,
    stock_differences,
)
from syncd.core.model import Product, StockRow, Tier

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ASKS = NOW - 27 * HOUR
BEGAN = NOW - HOUR
DRIFT = Span(NOW - 50 * HOUR, NOW - 49 * HOUR)
FEED = Feed(ASKS, BEGAN, (DRIFT,))
OLD = NOW - 400 * HOUR
READ = NOW - 2 * HOUR
BELIEF = Belief(OLD, READ)

RULES = [
    ("fresh", NOW, OLD, None),
    ("at the feed's next question", ASKS + HOUR, OLD, None),
    ("fresh without a new stamp", NOW, NOW, None),
    ("without a new stamp", OLD, OLD, "uncovered change"),
    ("without any stamp", None, None, "uncovered change"),
    ("a stamp that was taken away", None, OLD, "unknown"),
    ("a stamp that went back", OLD - HOUR, OLD, "unknown"),
    ("in the second from which is asked", ASKS, OLD, "boundary tie"),
    ("in that second, a little later", ASKS + timedelta(milliseconds=400), OLD, "boundary tie"),
    ("while pages were read", NOW - 49.5 * HOUR, OLD, "page drift"),
    ("before the pass and not there in it", NOW - 48 * HOUR, OLD, "late commit"),
    ("stamped where there was no stamp", NOW - 48 * HOUR, None, "late commit"),
]


@pytest.mark.parametrize(("what", "stamp", "before", "cause"), RULES, ids=[rule[0] for rule in RULES])
def test_what_went_unseen_has_its_cause(
    what: str, stamp: datetime | None, before: datetime | None, cause: str | None
) -> None:
    """Each rule of `cause_of`, one by one."""
    assert cause_of(FEED, Belief(before, READ), Finding(stamp, NOW)) == cause, what


def test_a_product_that_no_list_told_of_is_a_late_commit() -> None:
    """A row that the mirror never had is judged by its stamp alone."""
    assert cause_of(FEED, None, Finding(NOW - 48 * HOUR, NOW)) == "late commit"
    assert cause_of(FEED, None, Finding(NOW, NOW)) is None
    assert cause_of(FEED, None, Finding(None, NOW)) == "uncovered change"


def test_what_is_gone_has_disappeared() -> None:
    """No list tells of a row that is not there any more."""
    assert cause_of(FEED, BELIEF, Finding(None, NOW, gone=True)) == "disappearance"


@pytest.mark.parametrize("feed", [Feed(), Feed(asks=ASKS), Feed(began=BEGAN)])
def test_a_feed_that_was_never_read_to_its_end_has_no_ghosts(feed: Feed) -> None:
    """What it has not brought yet it may still bring."""
    assert cause_of(feed, BELIEF, Finding(OLD, NOW)) is None
    assert cause_of(feed, BELIEF, Finding(None, NOW, gone=True)) is None


def test_a_stamp_after_the_last_pass_that_is_not_asked_for_is_unknown() -> None:
    """If a feed asks from the future nothing explains what it leaves out."""
    feed = Feed(NOW + HOUR, BEGAN)
    assert cause_of(feed, BELIEF, Finding(NOW, NOW)) == "unknown"


moments = st.integers(0, 400 * 86_400_000).map(lambda ms: OLD + timedelta(milliseconds=ms))


@given(st.none() | moments, st.none() | moments, moments, moments, moments)
def test_the_next_pass_brings_what_is_no_ghost(
    stamp: datetime | None, before: datetime | None, asks: datetime, began: datetime, at: datetime
) -> None:
    """Whatever is not recorded is stamped later than the second from which is asked; all causes are named."""
    cause = cause_of(Feed(asks, began), Belief(before, at), Finding(stamp, at))
    if cause is None:
        assert stamp is not None
        assert stamp > asks.replace(microsecond=0)
    else:
        assert cause in CAUSES


@pytest.mark.parametrize(
    ("belief", "stamp", "hours"),
    [
        (BELIEF, OLD, 2),
        (BELIEF, NOW - HOUR, 1),
        (BELIEF, NOW - 48 * HOUR, 2),
        (BELIEF, None, 2),
        (BELIEF, NOW + HOUR, 0),
        (None, NOW - 3 * HOUR, 3),
        (None, None, None),
    ],
)
def test_a_ghost_is_as_old_as_the_last_read_or_its_stamp(
    belief: Belief | None, stamp: datetime | None, hours: int | None
) -> None:
    """The mirror was right when it was last read, and until the row was stamped."""
    expected = None if hours is None else hours * HOUR
    assert age_of(belief, Finding(stamp, NOW)) == expected


TEA = Product("aaaaaaaa-0000-4000-8000-000000000001", "TEA", "Tea", Decimal("9.50"), (Tier(1, "VIP", None),))


@pytest.mark.parametrize(
    ("change", "differences"),
    [
        ({}, []),
        ({"modified": NOW}, []),
        ({"price": Decimal("9.5")}, []),
        ({"name": "Green tea"}, [("name", "Tea", "Green tea")]),
        ({"price": None}, [("price", "9.5", None)]),
        ({"obsolete": True}, [("obsolete", "no", "yes")]),
        ({"gone": True}, [("gone", "no", "yes")]),
        ({"tiers": ()}, [("tier 1", "VIP: -", None)]),
        ({"tiers": (Tier(1, "", Decimal("7.50")),)}, [("tier 1", "VIP: -", "(no name): 7.5")]),
        ({"code": "TEA ", "sellable": False}, [("code", "TEA", "TEA "), ("sellable", "yes", "no")]),
    ],
)
def test_every_field_of_a_product_is_told_apart(
    change: dict[str, Any], differences: list[tuple[str, str | None, str | None]]
) -> None:
    """Fields that differ are named with both values; a stamp alone is no difference."""
    assert product_differences(TEA, replace(TEA, **change)) == differences


def test_of_a_stock_row_one_quantity_is_told() -> None:
    """What is available comes first; the others are told only if it is the same."""
    five, no = Decimal(5), Decimal(0)
    row = StockRow(TEA.guid, "W1", five, five, no)
    assert stock_differences(row, replace(row, modified=NOW)) == []
    sold = replace(row, available=Decimal("4.0"), on_hand=Decimal(4))
    assert stock_differences(row, sold) == [("stock in W1", "5", "4")]
    moved = replace(row, on_hand=Decimal(6), allocated=Decimal(1))
    assert stock_differences(row, moved) == [("stock on hand in W1", "5", "6")]
    everywhere = replace(row, warehouse="")
    assert stock_differences(everywhere, replace(everywhere, allocated=five)) == [
        ("allocated stock", "0", "5")
    ]


@pytest.mark.parametrize(
    ("shows", "wrote", "behind", "edited"),
    [
        ("4", "5", False, True),
        ("4", "5", True, True),
        ("5", "5", False, False),
        ("5", "5", True, False),
        ("4", None, False, True),
        ("4", None, True, False),
    ],
)
def test_what_was_edited_in_the_store(shows: str, wrote: str | None, behind: bool, edited: bool) -> None:
    """What shows other than we wrote, or than it showed when it was last right, was edited there."""
    assert is_store_edit(shows, wrote, behind=behind) is edited


def test_each_difference_is_a_ghost_of_its_own() -> None:
    """All fields of one row share cause and age."""
    found = ghosts("g", "TEA", [("name", "a", "b"), ("price", "1", None)], "late commit", HOUR)
    assert [(each.field, each.believed, each.found) for each in found] == [
        ("name", "a", "b"),
        ("price", "1", None),
    ]
    assert {(each.guid, each.code, each.cause, each.age) for each in found} == {
        ("g", "TEA", "late commit", HOUR)
    }

"""What a store is told of an order, as a table of what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.aftersale import Shipment
from syncd.core.sale import SaleFound
from syncd.core.write_back import (
    News,
    WriteBackRules,
    after_sale,
    after_shipment,
    news,
    still_to_set,
    told,
)

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SALE = SaleFound("g", "WEB-1", "Completed", "shop:1", Decimal(10), Decimal(0), Decimal(10))
SENT = Shipment("s1", "WEB-1", "Dispatched", "T1", "NZ Post", NOON)
BOTH = WriteBackRules("completed", tracking=True)


def seen(*what: SaleFound | Shipment, found: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """Return what is kept after these were seen, one after the other."""
    kept: Mapping[str, Any] = found or {}
    for each in what:
        if isinstance(each, SaleFound):
            after = after_sale(kept, each, "processing")
        else:
            after = after_shipment(kept, each)
        kept = kept if after is None else after
    return kept


@pytest.mark.parametrize(
    ("what", "rules", "expected"),
    [
        ((), BOTH, News()),
        ((SALE,), BOTH, News("completed")),
        ((SALE,), WriteBackRules(), News()),
        ((SALE,), WriteBackRules(tracking=True), News()),
        ((SENT,), BOTH, News("", "T1")),
        ((SENT,), WriteBackRules("completed"), News()),
        ((SALE, SENT), BOTH, News("completed", "T1")),
        ((SENT, replace(SENT, guid="s2", tracking="T2")), BOTH, News("", "T1, T2")),
        ((SENT, replace(SENT, tracking="T9")), BOTH, News("", "T9")),
        ((replace(SENT, tracking=""),), BOTH, News()),
        ((replace(SENT, status="Parked", dispatched=None),), BOTH, News()),
        ((replace(SALE, status="Placed"),), BOTH, News()),
        ((SALE, replace(SALE, status="Placed")), BOTH, News("completed")),
    ],
)
def test_what_is_told(what: tuple[SaleFound | Shipment, ...], rules: WriteBackRules, expected: News) -> None:
    """Only what is configured, only what was completed or sent off, and never backwards."""
    assert news(seen(*what), rules) == expected


def test_nothing_is_told_twice() -> None:
    """What the store knows is no news, what comes later is."""
    kept = told(seen(SALE), news(seen(SALE), BOTH))
    assert news(kept, BOTH) == News()
    later = seen(SALE, SENT, found=kept)
    assert news(later, BOTH) == News("", "T1")
    assert news(told(later, News("", "T1")), BOTH) == News()


def test_an_order_of_an_earlier_life_gets_no_status() -> None:
    """One found in Unleashed long after it was made keeps the status that people gave it."""
    assert news({**seen(SALE, SENT), "late": True}, BOTH) == News("", "T1")


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("processing", "processing", News("completed", "T1")),
        ("processing", "completed", News("", "T1")),
        ("processing", "delivered", News("", "T1")),
        ("", "processing", News("completed", "T1")),
        ("", "completed", News("", "T1")),
    ],
)
def test_a_status_is_set_from_where_the_order_stood(before: str, now: str, expected: News) -> None:
    """What somebody has moved on since is left alone; what shows the status already needs none."""
    assert still_to_set(News("completed", "T1"), before, now) == expected


EVENTS = st.lists(
    st.one_of(
        st.sampled_from(["Placed", "Completed", "Parked", "Backordered"]).map(
            lambda s: replace(SALE, status=s)
        ),
        st.tuples(st.sampled_from("abc"), st.sampled_from(["", "T1", "T2"])).map(
            lambda two: replace(SENT, guid=two[0], tracking=two[1])
        ),
        st.just("tell"),
    ),
    max_size=20,
)


@given(EVENTS)
def test_a_status_is_told_at_most_once(events: list[SaleFound | Shipment | str]) -> None:
    """Whatever comes in whatever order, told in between or not: one status, no tracking twice running."""
    kept: Mapping[str, Any] = {}
    said: list[News] = []
    for event in events:
        if isinstance(event, str):
            said.append(news(kept, BOTH))
            kept = told(kept, said[-1])
        else:
            kept = seen(event, found=kept)
    assert sum(each.status == "completed" for each in said) <= 1
    tracked = [each.tracking for each in said if each.tracking]
    assert all(one != other for one, other in pairwise(tracked))

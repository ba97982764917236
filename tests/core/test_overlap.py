"""How far behind its watermark a feed is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.overlap import LEAST, chosen, floor, settled, steps
from syncd.core.watermark import OVERLAP

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SPANS = st.timedeltas(timedelta(0), timedelta(days=2))


@pytest.mark.parametrize(
    ("lateness", "expected"),
    [
        (timedelta(0), 15 * MINUTE),
        (5 * MINUTE, 15 * MINUTE),
        (6 * MINUTE, 18 * MINUTE),
        (2 * HOUR, 6 * HOUR),
        (9 * HOUR, 26 * HOUR),
    ],
)
def test_the_floor_is_three_times_the_greatest_lateness(lateness: timedelta, expected: timedelta) -> None:
    """Never less than a quarter of an hour, never more than before anything was learned."""
    assert floor(lateness) == expected


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((0, 0, 0, 0, 0, 0), 26 * HOUR),
        ((800, 800, 800, 800, 800, 800), 26 * HOUR),
        ((801, 800, 400, 90, 40, 10), 13 * HOUR),
        ((5000, 4000, 3000, 700, 300, 90), 2 * HOUR),
        ((5000, 4000, 3000, 2000, 1500, 900), 15 * MINUTE),
    ],
)
def test_the_widest_overlap_that_fits_one_page_is_free(counts: tuple[int, ...], expected: timedelta) -> None:
    """As long as what comes again leaves room on the page, reading further back costs no call."""
    assert chosen(LEAST, dict(zip(steps(LEAST), counts, strict=True)), 1000) == expected


@pytest.mark.parametrize(
    ("newest", "newest_at", "last_pass", "expected"),
    [
        (NOON, NOON + HOUR, NOON + 2 * HOUR, True),
        (NOON, NOON + HOUR, NOON + HOUR + 14 * MINUTE, False),
        (NOON, NOON + HOUR, NOON - HOUR, False),
        (NOON + 3 * HOUR, NOON + HOUR, NOON + 2 * HOUR, False),
        (None, NOON, NOON + DAY, False),
        (NOON, None, NOON + DAY, False),
        (NOON, NOON, None, False),
    ],
    ids=["settled", "too early", "clock set back", "stamped ahead", "no stamp", "not known", "no pass"],
)
def test_a_stamp_settles(
    newest: datetime | None, newest_at: datetime | None, last_pass: datetime | None, expected: bool
) -> None:
    """What is stamped like the newest row has all come when a pass began later than the floor after it."""
    assert settled(newest, newest_at, last_pass, LEAST) is expected


@given(SPANS, st.lists(st.integers(0, 5000), min_size=6, max_size=6), st.integers(1, 1000))
def test_never_narrower_than_learned_nor_wider_than_before(
    lateness: timedelta, counts: list[int], page_size: int
) -> None:
    """Whatever the mirror holds, the overlap lies between what was learned and 26 hours."""
    least = floor(lateness)
    wanted = chosen(least, dict(zip(steps(least), counts, strict=False)), page_size)
    assert least <= wanted <= OVERLAP
    assert steps(least)[-1] == least

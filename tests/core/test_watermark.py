"""The watermark rests on what was received, and moves one way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.watermark import AHEAD, OVERLAP, Advance, advance, completed, since

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
POLL = timedelta(minutes=48)
TIMES = st.timedeltas(timedelta(days=-3650), timedelta(days=3650)).map(lambda distance: NOON + distance)


def hours(number: float) -> datetime:
    """Return the moment that many hours after noon."""
    return NOON + timedelta(hours=number)


@pytest.mark.parametrize(
    ("watermark", "expected"),
    [(None, None), (NOON, datetime(2026, 11, 20, 10, tzinfo=UTC))],
)
def test_since(watermark: datetime | None, expected: datetime | None) -> None:
    """A feed never read is read whole; then from 26 hours before its watermark."""
    assert since(watermark) == expected


def test_learned_overlap() -> None:
    """A calibrated account is read from the overlap it has learned."""
    assert since(NOON, timedelta(minutes=15)) == NOON - timedelta(minutes=15)


def test_overlap_covers_any_zone() -> None:
    """The overlap is wider than a zone error of 14 hours together with a stamp cut to half a day."""
    assert timedelta(hours=26) == OVERLAP


@pytest.mark.parametrize(
    ("watermark", "stamps", "expected"),
    [
        (None, [], None),
        (None, [hours(-9), hours(-2), hours(-5)], hours(-2)),
        (hours(-2), [], hours(-2)),
        (hours(-2), [hours(-3)], hours(-2)),
        (hours(-2), [hours(-2)], hours(-2)),
        (hours(-2), [hours(-1), hours(-3)], hours(-1)),
        (hours(-2), [hours(13)], hours(13)),
    ],
)
def test_greatest_stamp_received(
    watermark: datetime | None, stamps: list[datetime], expected: datetime | None
) -> None:
    """The watermark is the greatest stamp received; nothing newer leaves it where it is."""
    assert advance(watermark, stamps, NOON - POLL, NOON) == Advance(expected, ())


@pytest.mark.parametrize(
    ("watermark", "last_pass", "stamp", "believed"),
    [
        (None, None, NOON + AHEAD, True),
        (None, None, NOON + AHEAD + timedelta(seconds=1), False),
        (hours(-2), None, NOON + AHEAD, True),
        (hours(-2), NOON - POLL, NOON + AHEAD, True),
        (hours(-2), NOON - POLL, NOON + AHEAD + timedelta(seconds=1), False),
        (hours(14), NOON - POLL, hours(14) + POLL + AHEAD, True),
        (hours(14), NOON - POLL, hours(14) + POLL + AHEAD + timedelta(seconds=1), False),
        (hours(-24 * 90), NOON - POLL, hours(-1), True),
        (hours(-2), hours(3), hours(3) + AHEAD, True),
        (hours(-2), hours(3), hours(3) + AHEAD + timedelta(seconds=1), False),
    ],
    ids=[
        "first pass, at the limit",
        "first pass, beyond it",
        "no earlier pass known",
        "ordinary pass, at the limit",
        "ordinary pass, beyond it",
        "Unleashed's clock ahead, at the limit",
        "Unleashed's clock ahead, beyond it",
        "quiet for a season",
        "our clock set back, at the limit",
        "our clock set back, beyond it",
    ],
)
def test_stamp_ahead(
    watermark: datetime | None, last_pass: datetime | None, stamp: datetime, believed: bool
) -> None:
    """A stamp further ahead than the time that passed plus 26 hours is reported and moves nothing."""
    expected = Advance(stamp, ()) if believed else Advance(watermark, (stamp,))
    assert advance(watermark, [stamp], last_pass, NOON) == expected


def test_one_stamp_ahead_stops_no_other() -> None:
    """The believable stamps move the watermark although another row is dated to the next century."""
    moved = advance(hours(-2), [hours(-1), datetime(2199, 1, 1, tzinfo=UTC)], NOON - POLL, NOON)
    assert moved == Advance(hours(-1), (datetime(2199, 1, 1, tzinfo=UTC),))


def test_the_stamps_ahead_are_told_once_and_in_order() -> None:
    """However many rows carry them, each stamp ahead is reported once, the earliest first."""
    first, second = hours(50), hours(60)
    assert advance(NOON, [second, first, second], NOON - POLL, NOON).ahead == (first, second)


def test_a_clock_at_its_epoch_loses_nothing() -> None:
    """A machine that boots in 1970 believes no stamp, keeps no watermark, and reads everything again."""
    boot = datetime(1970, 1, 1, tzinfo=UTC)
    first = advance(None, [hours(-1)], None, boot)
    assert first == Advance(None, (hours(-1),))
    assert advance(first.watermark, [hours(-1)], boot, NOON) == Advance(hours(-1), ())


@given(st.none() | TIMES, st.lists(TIMES), st.none() | TIMES, TIMES)
def test_never_back_never_beyond(
    watermark: datetime | None, stamps: list[datetime], last_pass: datetime | None, this_pass: datetime
) -> None:
    """The watermark never moves back or beyond what was received; each stamp is used or reported."""
    moved = advance(watermark, stamps, last_pass, this_pass)
    known = [*stamps, *([watermark] if watermark else [])]
    assert moved.watermark is None or moved.watermark in known
    assert watermark is None or (moved.watermark is not None and moved.watermark >= watermark)
    assert all(
        stamp in moved.ahead or (moved.watermark is not None and stamp <= moved.watermark) for stamp in stamps
    )


@given(st.none() | TIMES, st.lists(TIMES), st.none() | TIMES, TIMES)
def test_the_same_page_twice(
    watermark: datetime | None, stamps: list[datetime], last_pass: datetime | None, this_pass: datetime
) -> None:
    """A row received twice, or in another order, moves the watermark no further."""
    once = advance(watermark, stamps, last_pass, this_pass)
    assert advance(watermark, [*reversed(stamps), *stamps], last_pass, this_pass) == once


@pytest.mark.parametrize(
    ("newest", "took", "expected"),
    [
        (None, POLL, hours(-2)),
        (hours(-1), timedelta(0), hours(-1)),
        (hours(-1), timedelta(minutes=30), hours(-1.5)),
        (hours(-1), timedelta(hours=5), hours(-2)),
        (hours(-1), timedelta(hours=-5), hours(-1)),
    ],
    ids=["nothing new", "one page", "half an hour", "longer than it reached", "clock set back"],
)
def test_completed(newest: datetime | None, took: timedelta, expected: datetime) -> None:
    """A pass of several pages moves the watermark by what it took less, and never back."""
    assert completed(hours(-2), newest, took) == expected


def test_completed_first_pass() -> None:
    """The first pass too leaves room for what changed behind it."""
    assert completed(None, hours(0), POLL) == NOON - POLL
    assert completed(None, None, POLL) is None


@pytest.mark.parametrize(
    ("overlap", "last_pass", "expected"),
    [
        (timedelta(minutes=15), hours(1), NOON - timedelta(minutes=15)),
        (timedelta(minutes=15), hours(-3), hours(-3.25)),
        (OVERLAP, hours(-3), hours(-26)),
        (timedelta(minutes=15), None, NOON - timedelta(minutes=15)),
    ],
    ids=["ordinary", "a watermark ahead of our clock", "wide enough as it is", "no pass known"],
)
def test_a_narrow_overlap_does_not_trust_a_stamp_ahead(
    overlap: timedelta, last_pass: datetime | None, expected: datetime
) -> None:
    """A believable stamp may lie hours ahead; less than 26 hours of overlap count from the last pass then."""
    assert since(NOON, overlap, last_pass) == expected

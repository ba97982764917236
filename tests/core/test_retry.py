"""What failed is tried again after 15 minutes, 1 hour, 3 hours, then every 6, until it is given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.retry import next_attempt, wait

FIRST = datetime(2026, 11, 21, 10, tzinfo=UTC)
DAYS = timedelta(days=3)


@pytest.mark.parametrize(
    ("failures", "jitter", "minutes"),
    [(1, 0.0, 15), (2, 0.0, 60), (3, 0.0, 180), (4, 0.0, 360), (99, 0.0, 360), (1, 1.0, 16.5), (4, 0.5, 378)],
)
def test_waits(failures: int, jitter: float, minutes: float) -> None:
    """The waits grow to six hours, and are up to a tenth longer."""
    assert wait(failures, jitter) == timedelta(minutes=minutes)


@pytest.mark.parametrize(("failures", "jitter"), [(0, 0.0), (1, -0.1), (1, 1.1)])
def test_no_wait_for_nonsense(failures: int, jitter: float) -> None:
    """No failure, or a jitter that is no fraction, is the caller's mistake."""
    with pytest.raises(ValueError, match="no wait"):
        wait(failures, jitter)


def test_three_days_of_attempts() -> None:
    """An order that never gets through is tried 16 times, the last time when its time is up."""
    now, times = FIRST, [FIRST]
    while (due := next_attempt(len(times), FIRST, now, DAYS, 0.0)) is not None:
        now = due
        times.append(due)
    assert [(each - FIRST) / timedelta(hours=1) for each in times[:6]] == [0, 0.25, 1.25, 4.25, 10.25, 16.25]
    assert times[-1] == FIRST + DAYS
    assert len(times) == 16


@given(st.integers(1, 50), st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0, 1))
def test_the_next_attempt_lies_ahead(failures: int, since: int, grace: int, jitter: float) -> None:
    """An attempt is later than now and not behind the end; there is none exactly if the time is up."""
    now, end = FIRST + timedelta(seconds=since), FIRST + timedelta(seconds=grace)
    due = next_attempt(failures, FIRST, now, timedelta(seconds=grace), jitter)
    assert (due is None) == (now >= end)
    assert due is None or now < due <= end


def test_a_time_that_the_other_side_named_is_kept() -> None:
    """A spent purse or a Retry-After puts the attempt off, even behind the end."""
    later = FIRST + timedelta(days=9)
    assert next_attempt(1, FIRST, FIRST, DAYS, 0.0, later) == later
    assert next_attempt(1, FIRST, FIRST, DAYS, 0.0, FIRST) == FIRST + timedelta(minutes=15)

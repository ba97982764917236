"""When a job is due again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncd.core.schedule import SPREAD, due_at, offset

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
POLL = timedelta(minutes=48)


def test_a_job_that_never_ran_is_due() -> None:
    """A job without a last start is due now."""
    assert due_at("recent", "shop", None, POLL, NOON) == NOON


def test_a_job_is_due_an_interval_after_its_start() -> None:
    """A job is due one interval and its own stable delay after its last start, whatever the time is."""
    expected = NOON + POLL + offset("recent", "shop", POLL)
    assert {due_at("recent", "shop", NOON, POLL, NOON + timedelta(hours=n)) for n in range(3)} == {expected}


def test_a_clock_set_back_silences_no_job() -> None:
    """A last start that lies in the future is no reason to wait for it."""
    assert due_at("recent", "shop", NOON + timedelta(days=400), POLL, NOON) == NOON
    assert due_at("recent", "shop", NOON + timedelta(seconds=5), POLL, NOON) > NOON


@given(st.text(max_size=20), st.text(max_size=20), st.integers(1, 10**6))
def test_the_delay_is_small_and_stable(job: str, subject: str, seconds: int) -> None:
    """A subject's delay is the same every time, and at most a tenth of its interval and a minute."""
    interval = timedelta(seconds=seconds)
    delay = offset(job, subject, interval)
    assert timedelta(0) <= delay <= min(SPREAD, interval / 10)
    assert offset(job, subject, interval) == delay

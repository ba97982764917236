"""A window is where the clock says it is, in any zone, and windows follow each other without a gap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.state import windows
from syncd.state.records import PoolLimit

ZONES = [
    "UTC",
    "Pacific/Auckland",
    "Asia/Kathmandu",
    "America/Santiago",
    "America/Havana",
    "Australia/Lord_Howe",
    "Asia/Beirut",
    "Africa/Casablanca",
]
NAMES = st.builds(windows.name, st.sampled_from(["minute", "hour", "day", "month"]), st.sampled_from(ZONES))
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(window=NAMES, now=TIMES)
def test_now_lies_in_its_window(window: str, now: datetime) -> None:
    """A window begins at or before now, ends after now, and every moment in it agrees on it."""
    started = windows.start(window, now)
    over = windows.end(window, started)
    assert started <= now < over
    assert windows.start(window, started) == started
    assert windows.start(window, over - timedelta(microseconds=1)) in (started, windows.start(window, now))


@given(per=st.sampled_from(["day", "month"]), zone=st.sampled_from(ZONES), now=TIMES)
def test_days_and_months_begin_where_the_last_one_ended(per: str, zone: str, now: datetime) -> None:
    """The end of a day or month is the beginning of the next, across changes to and from summer time."""
    window = windows.name(per, zone)
    over = windows.end(window, windows.start(window, now))
    assert windows.start(window, over) == over
    assert (over.astimezone(ZoneInfo(zone)) - timedelta(hours=2)).date() != over.astimezone(
        ZoneInfo(zone)
    ).date()


@pytest.mark.parametrize(
    ("window", "now", "started", "over"),
    [
        ("minute", "2026-11-21T12:34:56.789Z", "2026-11-21T12:34Z", "2026-11-21T12:35Z"),
        ("hour", "2026-11-21T12:34:56Z", "2026-11-21T12:00Z", "2026-11-21T13:00Z"),
        ("hour@Asia/Kathmandu", "2026-11-21T12:34:56Z", "2026-11-21T12:15Z", "2026-11-21T13:15Z"),
        ("day", "2026-11-21T12:34:56Z", "2026-11-21T00:00Z", "2026-11-22T00:00Z"),
        ("day@Pacific/Auckland", "2026-11-21T12:00Z", "2026-11-21T11:00Z", "2026-11-22T11:00Z"),
        ("day@Pacific/Auckland", "2026-09-26T13:00Z", "2026-09-26T12:00Z", "2026-09-27T11:00Z"),
        ("month", "2026-12-31T23:59:59Z", "2026-12-01T00:00Z", "2027-01-01T00:00Z"),
        ("month@Pacific/Auckland", "2026-11-30T12:00Z", "2026-11-30T11:00Z", "2026-12-31T11:00Z"),
    ],
)
def test_windows_of_the_clock(window: str, now: str, started: str, over: str) -> None:
    """Minutes, hours, days and months begin with the clock of the limit's zone."""
    found = windows.start(window, datetime.fromisoformat(now))
    assert found == datetime.fromisoformat(started)
    assert windows.end(window, found) == datetime.fromisoformat(over)


def test_windows_of_one_zone_are_counted_once() -> None:
    """Limits with the same windows share a count; days and months in UTC are always counted."""
    limits = [
        PoolLimit(1, "day"),
        PoolLimit(2, "day"),
        PoolLimit(3, "hour"),
        PoolLimit(4, "day", "Asia/Kathmandu"),
    ]
    assert windows.keys(limits) == ("day", "day@Asia/Kathmandu", "hour", "month")


def test_the_longest_wait_is_named() -> None:
    """Of several limits without room the one that keeps us waiting longest is named."""
    began = datetime(2026, 11, 21, tzinfo=UTC)
    limits = [PoolLimit(5, "hour"), PoolLimit(9, "day"), PoolLimit(100, "month")]
    month = windows.Counted("month", datetime(2026, 11, 1, tzinfo=UTC), 99)
    full = [windows.Counted("hour", began, 5), windows.Counted("day", began, 9), month]
    found = windows.without_room(limits, full)
    assert found is not None
    assert (found.limit, found.spent, found.until) == (limits[1], 9, began + timedelta(days=1))
    room = [windows.Counted("hour", began, 4), windows.Counted("day", began, 8), month]
    assert windows.without_room(limits, room) is None


def test_both_windows_of_a_clock_put_back_must_have_room() -> None:
    """After the clock was put back, the window by the clock and the latest one must both have room."""
    early, late = datetime(2026, 11, 21, 10, tzinfo=UTC), datetime(2026, 11, 21, 11, tzinfo=UTC)
    for first, second, until in [(5, 0, late), (0, 5, late + timedelta(hours=1))]:
        before = [windows.Counted("hour", early, first), windows.Counted("hour", late, second)]
        found = windows.without_room([PoolLimit(5, "hour")], before)
        assert found is not None
        assert found.until == until

"""What ordinary answers say of an account's times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from syncd.core.calibration import Around, calibrated, is_age, latest, stamp_zone, time_part, together

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def days(values: Sequence[object]) -> dict[str, object]:
    """Return one piece of evidence for each of several days."""
    return {f"2026-11-{10 + number}": value for number, value in enumerate(values)}


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ([], "unknown"),
        ([3, 9], "unknown"),
        ([3, 9, 30], "utc"),
        ([0, -9, 49], "utc"),
        ([3, 9, -300], "utc"),
        ([783, 790, 820], "utc-13h"),
        ([-777, -770, -735], "utc+13h"),
        ([63, 70, 85], "utc-1h"),
        ([-30, -20, -25], "utc+1h"),
    ],
)
def test_the_zone_of_stamps(minutes: list[int], expected: str) -> None:
    """A fresh change is less than an hour old, or that and so many hours: a single stray does not count."""
    assert stamp_zone({day: age * 60 for day, age in days(minutes).items()}) == expected  # type: ignore[operator]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ([], "unknown"),
        ([(0, 5, 0), (0, 1, 0)], "unknown"),
        ([(0, 5, 0), (0, 1, 0), (0, 9, 0)], "honoured"),
        ([(0, 5, 0), (0, 1, 0), (0, 0, 2), (0, 9, 0)], "honoured"),
        ([(5, 0, 0), (1, 0, 0), (9, 0, 0)], "truncated"),
        ([(5, 0, 0), (1, 0, 0), (0, 9, 0)], "unclear"),
        ([(0, 5, 0), (0, 1, 0), (0, 9, 3)], "lossy"),
    ],
)
def test_the_time_part(seen: list[Around], expected: str) -> None:
    """Rows of the day before the moment asked for come, or do not; rows after it must never be missing."""
    assert time_part(days(seen)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("zone", "part", "expected"),
    [
        ("utc", "honoured", True),
        ("utc", "truncated", True),
        ("utc", "lossy", False),
        ("utc", "unclear", False),
        ("utc", "unknown", False),
        ("utc-13h", "honoured", False),
        ("unknown", "honoured", False),
        ("", "", False),
    ],
)
def test_calibrated(zone: str, part: str, expected: bool) -> None:
    """Only UTC stamps and a filter that loses nothing allow less than 26 hours."""
    assert calibrated(zone, part) is expected


@pytest.mark.parametrize(
    ("age", "passed", "expected"),
    [
        (MINUTE, 48 * MINUTE, True),
        (-13 * HOUR, 48 * MINUTE, True),
        (MINUTE, 61 * MINUTE, False),
        (MINUTE, -MINUTE, False),
        (MINUTE, None, False),
        (-600_000 * HOUR, 48 * MINUTE, False),
    ],
)
def test_is_age(age: timedelta, passed: timedelta | None, expected: bool) -> None:
    """Only a change since a pass less than an hour ago is known to be fresh."""
    assert is_age(age, passed) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], "unknown"),
        (["utc"], "utc"),
        (["utc", "utc"], "utc"),
        (["utc", "unknown"], "unknown"),
        (["honoured", "lossy", "unknown"], "lossy"),
        (["honoured", "truncated"], "unclear"),
    ],
)
def test_together(values: list[str], expected: str) -> None:
    """What the feeds agree on counts, else the worst of it."""
    assert together(values) == expected


def test_only_the_latest_days_are_kept() -> None:
    """Evidence grows old."""
    assert latest({"2026-11-12": 3, "2026-11-10": 1, "2026-11-11": 2}, 2) == {
        "2026-11-11": 2,
        "2026-11-12": 3,
    }

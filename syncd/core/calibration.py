"""What an account's ordinary answers say of its times: is a stamp UTC, and what does `modifiedSince` do?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from math import floor
from statistics import median
from typing import Final, Literal, TypeVar

ENOUGH = 3
"""On so many different days the same must have been seen before it is believed."""

REMEMBERED = 10
"""So many of the latest days with evidence count."""

FRESH = timedelta(hours=1)
"""The youngest change in a pass is less old than this if the pass before it was: by that an hour is told."""

_SKEW = timedelta(minutes=10)
_FURTHEST = timedelta(hours=27)
_STRAYS = 2

TimePart = Literal["honoured", "truncated", "lossy", "unclear", "unknown"]
"""What becomes of the time in `modifiedSince`: it is compared to the second; cut back to the day; rows are
missing that it should have brought; it looks now like this, now like that; not enough was seen yet."""

Around = tuple[int, int, int]
"""Of a day's rows stamped before the moment asked for: listed, left out. Of those after it: left out."""

UNKNOWN: Final = "unknown"

T = TypeVar("T")


def is_age(age: timedelta, since_last_pass: timedelta | None) -> bool:
    """Tell whether the age of a pass's youngest change says anything about the zone of its stamp."""
    if since_last_pass is None or not timedelta(0) <= since_last_pass <= FRESH:
        return False
    return abs(age) <= _FURTHEST


def stamp_zone(ages: Mapping[str, float]) -> str:
    """Return "utc", or by how many whole hours stamps are off: "utc-13h"; "unknown" before three days.

    `ages` are the smallest ages of a fresh change, in seconds, by day: from zero to an hour where a stamp is
    UTC and our clock is right within ten minutes (reference unleashed.md, 3.2).
    """
    if len(ages) < ENOUGH:
        return UNKNOWN
    hours = floor((median(ages.values()) + _SKEW.total_seconds()) / 3600)
    return f"utc{-hours:+d}h" if hours else "utc"


def time_part(days: Mapping[str, Around]) -> TimePart:
    """Return what becomes of the time part of `modifiedSince` (reference unleashed.md, 3.3)."""
    if any(missing > _STRAYS for _, _, missing in days.values()):
        return "lossy"
    truncated = sum(1 for listed, _, _ in days.values() if listed)
    honoured = sum(1 for listed, left_out, _ in days.values() if left_out and not listed)
    if truncated and honoured:
        return "unclear"
    if max(truncated, honoured) < ENOUGH:
        return "unknown"
    return "truncated" if truncated else "honoured"


def calibrated(zone: str, part: str) -> bool:
    """Tell whether an overlap of less than 26 hours may be used."""
    return zone == "utc" and part in ("honoured", "truncated")


def together(values: Iterable[str]) -> str:
    """Return one word for what was found of each feed: what they agree on, or the worst of it."""
    found = set(values)
    for bad in ("lossy", "unknown"):
        if bad in found or not found:
            return bad if found else UNKNOWN
    return found.pop() if len(found) == 1 else "unclear"


def latest(days: Mapping[str, T], number: int = REMEMBERED) -> dict[str, T]:
    """Return the latest so many days of the evidence, the earliest first."""
    return {day: days[day] for day in sorted(days)[-number:]}

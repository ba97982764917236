"""The fixed clock windows in which calls are counted: this minute, this hour, today, this month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from syncd.state.records import PoolLimit

_LENGTHS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
_WORDS = {"minute": "this minute", "hour": "this hour", "day": "today", "month": "this month"}

ALWAYS = ("day", "month")
"""Windows that are counted in UTC whether or not they are limited."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many calls one window has seen."""

    window: str
    started: datetime
    calls: int


@dataclass(frozen=True, slots=True)
class Spent:
    """A limit that has no room: how many calls its window has seen, and when the next window begins."""

    limit: PoolLimit
    spent: int
    until: datetime

    def sentence(self, subject: str) -> str:
        """Return what happened, for a person, without the full stop."""
        return (
            f"{subject} has spent {self.spent} of {self.limit.calls} calls {_WORDS[self.limit.per]};"
            f" goes on {self.until.isoformat(timespec='seconds').replace('+00:00', 'Z')}"
        )


def key(limit: PoolLimit) -> str:
    """Return the name under which this limit's windows are counted; limits that share windows share it."""
    return name(limit.per, limit.zone)


def name(per: str, zone: str) -> str:
    """Return "day" for UTC and "day@Zone" for the days of another zone."""
    return per if zone == "UTC" else f"{per}@{zone}"


def keys(limits: Iterable[PoolLimit]) -> tuple[str, ...]:
    """Return every window to be counted under these limits, in the order in which they are locked."""
    return tuple(sorted({*ALWAYS, *(key(limit) for limit in limits)}))


def start(window: str, now: datetime) -> datetime:
    """Return when the window that contains `now` began, as aware UTC."""
    per, zone = _parts(window)
    local = now.astimezone(zone)
    if per in _LENGTHS:
        offset = local.utcoffset() or timedelta(0)
        since = (now.astimezone(UTC) + offset - datetime.min.replace(tzinfo=UTC)) % _LENGTHS[per]
        return now.astimezone(UTC) - since
    return _midnight(local.date() if per == "day" else local.date().replace(day=1), zone)


def end(window: str, started: datetime) -> datetime:
    """Return when the window that began at `started` is over, as aware UTC."""
    per, zone = _parts(window)
    if per in _LENGTHS:
        return started + _LENGTHS[per]
    first = started.astimezone(zone).date()
    if per == "day":
        return _midnight(first + timedelta(days=1), zone)
    return _midnight((first.replace(day=1) + timedelta(days=32)).replace(day=1), zone)


def horizon(window: str, now: datetime) -> datetime:
    """Return up to when a later window, counted before the clock was put back, still holds.

    A day for short windows, a month for months: enough for any correction of a clock that was right before,
    and a clock that once was years ahead does not stop the program until then.
    """
    return now + timedelta(days=31 if _parts(window)[0] == "month" else 1)


def without_room(limits: Sequence[PoolLimit], before: Sequence[Counted]) -> Spent | None:
    """Return the limit that keeps us waiting longest, None if one more call fits into all of them.

    `before` are the windows that the call would be counted in; there are two of a kind after the clock was
    put back, and both must have room.
    """
    full = [
        Spent(limit, one.calls, end(one.window, one.started))
        for limit in limits
        for one in before
        if one.window == key(limit) and one.calls >= limit.calls
    ]
    return max(full, key=lambda one: one.until, default=None)


def _parts(window: str) -> tuple[str, ZoneInfo]:
    per, _, zone = window.partition("@")
    return per, ZoneInfo(zone or "UTC")


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)

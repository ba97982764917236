"""The fixed clock windows in which calls are counted: this minute, this hour, today, this month."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from syncd.core.budget import Left
from syncd.state.records import PoolLimit

_LENGTHS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
_WORDS = {"minute": "this minute", "hour": "this hour", "day": "today", "month": "this month"}

_ABOVE = ">"

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
    """A limit that has no room: `spent` calls in its window, which ends at `ends`, `extra` in its overflow's.

    `kept` calls of the window are left for others. It goes on at `until`, which is not later than `ends`.
    """

    limit: PoolLimit
    spent: int
    until: datetime
    ends: datetime
    kept: int = 0
    extra: int = 0

    def sentence(self, subject: str, others: Sequence[str] = ()) -> str:
        """Return what happened, for a person, without the full stop; `others` are who calls are kept for."""
        goes_on = f"goes on {self.until.isoformat(timespec='seconds').replace('+00:00', 'Z')}"
        when, more = _WORDS[self.limit.per], self.limit.overflow
        if self.kept:
            whom = f" for {', '.join(others)}" if others else ""
            return f"{subject} keeps the last {self.kept} of {self.limit.calls} calls {when}{whom}; {goes_on}"
        said = f"{subject} has spent {min(self.spent, self.limit.calls) if more else self.spent} of"
        extra = f" and {self.extra} of {more.calls} more {_WORDS[more.per]}" if more else ""
        return f"{said} {self.limit.calls} calls {when}{extra}; {goes_on}"


Kept = Callable[[PoolLimit, Counted], int]
"""Tells how many calls of a window must be left for others."""


def nothing_kept(_limit: PoolLimit, _counted: Counted) -> int:
    """Leave nothing to anybody."""
    return 0


def key(limit: PoolLimit) -> str:
    """Return the name under which this limit's windows are counted; limits that share windows share it."""
    return name(limit.per, limit.zone)


def extra_key(limit: PoolLimit) -> str:
    """Return the name under which the calls above a limit with an overflow are counted."""
    assert limit.overflow is not None
    return f"{limit.per}{_ABOVE}{key(limit.overflow)}"


def is_extra(window: str) -> bool:
    """Tell whether a window counts only what went above another one."""
    return _ABOVE in window


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


def without_room(
    limits: Sequence[PoolLimit], before: Sequence[Counted], kept: Kept = nothing_kept
) -> Spent | None:
    """Return the limit that keeps us waiting longest, None if one more call fits into all of them.

    `before` are the windows that the call would be counted in; there are two of a kind after the clock was
    put back, and both must have room. A limit with an overflow has none once both it and that have none.
    """
    found = (_without_room(limit, before, kept) for limit in limits)
    return max((spent for spent in found if spent), key=lambda spent: spent.until, default=None)


_SETTLED = {
    "minute": timedelta(seconds=2),
    "hour": timedelta(minutes=1),
    "day": timedelta(minutes=15),
    "month": timedelta(hours=26),
}


def settled_after(window: str) -> timedelta:
    """Return how long after its beginning a window may still be another one by the other side's clock.

    What headers say until then is not believed: an old month that is spent would cost us the whole new one.
    """
    return _SETTLED[_parts(window)[0]]


def is_month(window: str) -> bool:
    """Tell whether windows of this name are months."""
    return not is_extra(window) and _parts(window)[0] == "month"


def told(limits: Sequence[PoolLimit], pools: Mapping[str, Left]) -> Iterator[tuple[str, PoolLimit, Left]]:
    """Yield the windows that somebody said something of: name, whose limit it has, and what is left of it.

    A day that a limit overflows into is that pool, not the calls of the day. One without a name is the one
    limit with just so many calls, if there is one.
    """
    above = {limit.overflow.per for limit in limits if limit.overflow is not None}
    for limit in limits:
        if limit.per in pools and limit.per not in above:
            yield key(limit), limit, pools[limit.per]
        if limit.overflow is not None and limit.overflow.per in pools:
            yield extra_key(limit), limit.overflow, pools[limit.overflow.per]
    unnamed = pools.get("")
    same = [limit for limit in limits if unnamed is not None and limit.calls == unnamed.limit]
    if unnamed is not None and len(same) == 1:
        yield key(same[0]), same[0], unnamed


def is_full(limit: PoolLimit, before: Sequence[Counted], kept: Kept = nothing_kept) -> bool:
    """Tell whether the limit's own window has no room for one more call, besides what is kept for others."""
    return bool(_full(limit, key(limit), before, kept))


def _without_room(limit: PoolLimit, before: Sequence[Counted], kept: Kept) -> Spent | None:
    full = _full(limit, key(limit), before, kept)
    if not full or limit.overflow is None:
        return max(full, key=lambda spent: spent.until, default=None)
    above = _full(limit.overflow, extra_key(limit), before, kept)
    if not above:
        return None
    mine, extra = (max(each, key=lambda spent: spent.until) for each in (full, above))
    return replace(mine, until=min(mine.until, extra.until), extra=extra.spent)


def _full(limit: PoolLimit, window: str, before: Sequence[Counted], kept: Kept) -> list[Spent]:
    """Return the windows of one kind that have no room for one more call."""
    found = []
    for one in before:
        if one.window == window:
            mine = kept(limit, one) if one.calls < limit.calls else 0
            if one.calls >= limit.calls - mine:
                over = end(window, one.started)
                found.append(Spent(limit, one.calls, over, over, mine))
    return found


def _parts(window: str) -> tuple[str, ZoneInfo]:
    per, _, zone = window.rpartition(_ABOVE)[2].partition("@")
    return per, ZoneInfo(zone or "UTC")


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)

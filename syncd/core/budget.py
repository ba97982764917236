"""Why a call must wait: who may spend what is left, what the other side said of it, how long it lasts."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from types import MappingProxyType

RANKS: Mapping[str, int] = MappingProxyType(
    {
        "orders": 0,
        "resync": 1,
        "check": 1,
        "match": 1,
        "adopt": 1,
        "approve": 1,
        "links": 1,
        "audit": 1,
        "identity": 1,
        "why": 1,
        "recent": 2,
        "customers": 3,
        "rotation": 4,
        "sweep": 4,
        "tidy": 4,
    }
)
"""Who goes first: 0 is the highest. What a person waits for is 1, and so is any purpose not named here."""

UNKNOWN = 1

_SHARES = {2: Fraction(5, 100), 3: Fraction(10, 100), 4: Fraction(20, 100)}
"""What a rank leaves of a window as long as nobody knows what the higher ones need."""

_LENGTHS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "month": timedelta(days=28),
}
_SHORT = ("minute", "hour")
_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)

TOO_SMALL = 5
"""A minute or an hour with fewer calls than this has nothing to be divided."""


@dataclass(frozen=True, slots=True)
class Needs:
    """Calls a day that each purpose needs, by the plan or as measured. Empty: not known."""

    per_day: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


NO_NEEDS = Needs()


@dataclass(frozen=True, slots=True)
class Left:
    """What one pool still has by the other side's own count. `limit` None: it did not say of how many."""

    remaining: int
    limit: int | None = None

    def used(self, ours: int) -> int:
        """Return how many calls of our limit count as spent: never fewer than leave room for `remaining`."""
        return max(0, max(ours, self.limit or 0) - self.remaining)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the headers of an answer say: by "minute", "hour", "day", "month", "total", or "" (not named)."""

    pools: Mapping[str, Left] = field(default_factory=lambda: MappingProxyType({}))

    def room(self, *, overflow: bool) -> int | None:
        """Return how many calls are left in all, None if nothing was said.

        With `overflow` one pool goes on where another ends, so the fullest decides; else the emptiest.
        """
        if "total" in self.pools:
            return self.pools["total"].remaining
        each = [left.remaining for left in self.pools.values()]
        return (max(each) if overflow else min(each)) if each else None


def rank(purpose: str) -> int:
    """Return the rank of a purpose, 0 the highest."""
    return RANKS.get(purpose, UNKNOWN)


def reserve(purpose: str, needs: Needs, limit: int, per: str, left: timedelta) -> int:
    """Return how many calls `purpose` must leave in a window for the purposes of a higher rank.

    `limit` is the window's, `per` its kind, `left` the time until it ends. It is what the higher ranks need
    until then, at most half of a minute or an hour and all but one call of a day or a month; with no needs
    known, a share of the limit that shrinks as the window passes.
    """
    if per in _SHORT and limit < TOO_SMALL:
        return 0
    if not needs.per_day:
        return math.floor(_share(purpose, limit) * min(Fraction(1), _ratio(left, _LENGTHS[per])))
    wanted = math.ceil(_needed(purpose, needs) * max(Fraction(0), _ratio(left, _DAY)))
    return min(wanted, _most(limit, per))


def left_when(purpose: str, needs: Needs, limit: int, per: str, room: int) -> timedelta:
    """Return how much of the window is left when the reserve will have shrunk to at most `room` calls.

    Zero: not before the window ends. `room` is what was left of the window besides the call to be made.
    """
    if room < 0:
        return timedelta(0)
    if not needs.per_day:
        share = _share(purpose, limit)
        portion = Fraction(room) / share if share else Fraction(1)
        return _before(portion, _LENGTHS[per])
    needed = _needed(purpose, needs)
    return _before(Fraction(room) / needed if needed else Fraction(366), _DAY)


def higher(purpose: str, needs: Needs) -> tuple[str, ...]:
    """Return the purposes that a reserve of `purpose` is kept for, the highest first, one a rank."""
    own = rank(purpose)
    if needs.per_day:
        known = (name for name in needs.per_day if rank(name) < own and _exact(needs.per_day[name]))
        return tuple(sorted(known, key=lambda name: (rank(name), name)))
    return tuple(name for name in one_a_rank() if rank(name) < own)


def one_a_rank() -> tuple[str, ...]:
    """Return the first purpose of each rank, the highest first."""
    first: dict[int, str] = {}
    for name, each in RANKS.items():
        first.setdefault(each, name)
    return tuple(first.values())


def heard(headers: Mapping[str, str]) -> Heard:
    """Return what the headers of an answer say about what is left. Header names in any case.

    Reads X-Rate-Limit-Hour and X-Rate-Limit-Hour-Remaining (Upgates), X-RateLimit-Limit-Hour (Kong),
    X-RateLimit-Remaining, and RateLimit-* and RateLimit of the IETF's drafts. Anything else says nothing.
    """
    limits: dict[str, int] = {}
    remaining: dict[str, int] = {}
    for name, text in headers.items():
        found = _header(name)
        if found is not None:
            pool, what = found
            _note(remaining if what == "remaining" else limits, pool, _number(text))
        elif name.lower() == "ratelimit":
            _structured(text, limits, remaining)
    return Heard(MappingProxyType({pool: Left(left, limits.get(pool)) for pool, left in remaining.items()}))


CONCURRENT = (timedelta(seconds=1), timedelta(seconds=3))
DEFAULT_NAP = timedelta(seconds=60)


def nap(
    said: Heard, asked: timedelta | None, hour_left: timedelta, jitter: float, *, overflow: bool = False
) -> timedelta:
    """Return how long nobody should call after a 429.

    `asked` is its Retry-After, `hour_left` the time to the next full hour, `jitter` lies between 0 and 1.
    With calls left in all it was about calls at the same time, and a moment is enough; else what was
    asked for, the rest of an hour that has none left, or a minute.
    """
    room = said.room(overflow=overflow)
    certain = "total" in said.pools or asked is None
    if room is not None and room > 0 and certain:
        shortest, longest = CONCURRENT
        return shortest + (longest - shortest) * min(1.0, max(0.0, jitter))
    if asked is not None:
        return asked
    hour = said.pools.get("hour")
    return hour_left if hour is not None and hour.remaining == 0 else DEFAULT_NAP


def lasts(room: int, per_day: float, left: timedelta) -> timedelta | None:
    """Return after which time `room` calls will be gone at so many a day, None if they outlast the window."""
    if room <= 0:
        return timedelta(0)
    rate = _exact(per_day)
    if not rate or rate * _ratio(left, _DAY) <= room:
        return None
    return _before(Fraction(room) / rate, _DAY)


def calls_a_day(calls: int, per: str, extra: int = 0) -> int:
    """Return how many calls a day a limit allows; `extra` is the day's pool that goes on where it ends."""
    return int(calls * _ratio(_DAY, _LENGTHS[per])) + extra


def _needed(purpose: str, needs: Needs) -> Fraction:
    own = rank(purpose)
    return sum((_exact(calls) for name, calls in needs.per_day.items() if rank(name) < own), Fraction(0))


def _exact(calls: float) -> Fraction:
    return Fraction(calls) if math.isfinite(calls) and calls > 0 else Fraction(0)


def _share(purpose: str, limit: int) -> Fraction:
    return _SHARES.get(rank(purpose), Fraction(0)) * limit


def _most(limit: int, per: str) -> int:
    return max(0, limit // 2 if per in _SHORT else limit - 1)


def _ratio(time: timedelta, unit: timedelta) -> Fraction:
    return max(Fraction(0), Fraction(time // _TICK, unit // _TICK))


def _before(portion: Fraction, unit: timedelta) -> timedelta:
    """Return the portion of a unit of time, rounded down, at most a year."""
    longest = timedelta(days=366)
    return min(math.floor(portion * (unit // _TICK)), longest // _TICK) * _TICK


_POOLS = ("minute", "hour", "day", "month", "total")
_SECONDS = {60: "minute", 3600: "hour", 86400: "day"}


def _header(name: str) -> tuple[str, str] | None:
    """Return which pool a header is about, and whether it tells the limit or the remaining calls."""
    words = name.lower().removeprefix("x-").replace("rate-limit", "ratelimit").split("-")
    if words[0] != "ratelimit" or len(words) < 2:
        return None
    pools = [word for word in words[1:] if word in _POOLS]
    rest = [word for word in words[1:] if word not in _POOLS]
    if len(pools) > 1 or rest not in ([], ["limit"], ["remaining"]):
        return None
    return "".join(pools), "remaining" if rest == ["remaining"] else "limit"


def _number(text: str) -> int | None:
    """Return the whole number that a header begins with, None if it does not."""
    found = re.match(r"\s*(\d{1,9})(?!\d)", text, re.ASCII)
    return int(found[1]) if found else None


def _note(into: dict[str, int], pool: str, number: int | None) -> None:
    """Keep the first number that was given for a pool."""
    if number is not None:
        into.setdefault(pool, number)


def _structured(text: str, limits: dict[str, int], remaining: dict[str, int]) -> None:
    """Take over `limit=100, remaining=50` and `"hour";q=100;r=50;w=3600`, one item per policy."""
    for item in _items(text):
        values = {key: int(value) for key, value in re.findall(r"\b(\w+)\s*=\s*(\d{1,9})\b", item)}
        pool = _SECONDS.get(values.get("w", 0), "")
        for short, long, into in (("q", "limit", limits), ("r", "remaining", remaining)):
            _note(into, pool, values.get(short, values.get(long)))


def _items(text: str) -> Sequence[str]:
    return [text] if re.search(r"\bremaining\s*=", text) else text.split(",")

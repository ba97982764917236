"""Choose how every product of an account is verified: by full reads, or the oldest first in lists of 40."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from math import ceil, floor
from types import MappingProxyType

from syncd.core import costs
from syncd.core.profile import DAY, Profile, Wish

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

QUICKEST = 6 * HOUR
"""Every product is verified no more often than this, whatever is left."""

COURTESY = DAY
"""… and no more often than this where no limit is configured: nobody knows whose calls they are."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """The products that nobody has verified for longest: so many lists of 40, so often."""

    interval: timedelta
    lists: int = 1


@dataclass(frozen=True, slots=True)
class Verification:
    """How products are verified, after which time each was, and what it costs in a month by purpose."""

    sweep: timedelta | None = None
    rotation: Rotation | None = None
    bound: timedelta | None = None
    calls: Mapping[str, Fraction] = field(default_factory=lambda: MappingProxyType({}))


def verify_products(
    profile: Profile, left: Fraction | None, *, at_most: timedelta, no_better: bool = False
) -> Verification | None:
    """Return how products are verified with `left` calls a month (None: no limit); None if it does not fit.

    What is left to the planner runs as often as that allows, at least every `at_most`; with `no_better`
    exactly that often. What was set by hand is taken as it is.
    """
    if left is not None and left < 0:
        return None
    quickest = at_most if no_better else COURTESY if left is None else QUICKEST
    rotation, rest = _rotation(profile, left, quickest, at_most)
    if rest is not None and rest < 0:
        return None
    sweep, rest = _sweep(profile, rest, quickest, at_most)
    if rest is not None and rest < 0:
        return None
    bounds = [each for each in (_sweep_bound(profile, sweep), _rotation_bound(profile, rotation)) if each]
    return Verification(sweep, rotation, min(bounds, default=None), _calls(profile, sweep, rotation))


def _sweep(
    profile: Profile, left: Fraction | None, quickest: timedelta, slowest: timedelta
) -> tuple[timedelta | None, Fraction | None]:
    """Return how often everything is read in full, and the calls that are left then."""
    interval = profile.wishes.sweep
    if interval == "auto":
        interval = _affordable(costs.sweep_calls(profile), left, quickest)
        if interval > slowest:
            return None, Fraction(-1)
    return interval, _minus(left, _sweep_month(profile, interval))


def _rotates(profile: Profile) -> bool:
    """Tell whether a rotation left to the planner does the work: only where full reads, cheaper, are off."""
    return profile.wishes.rotation == "auto" and profile.wishes.sweep is None and profile.lists


def _rotation(
    profile: Profile, left: Fraction | None, quickest: timedelta, slowest: timedelta
) -> tuple[Rotation | None, Fraction | None]:
    """Return which share is rotated how often, and the calls that are left then."""
    wish = profile.wishes.rotation
    if not profile.lists or wish is None or (wish == "auto" and not _rotates(profile)):
        return None, left
    total, each = costs.lists(profile), costs.list_calls(profile)
    if wish == "auto":
        cycle = _affordable(total * each, left, quickest)
        if cycle > slowest:
            return None, Fraction(-1)
        found = _shares(total, cycle) if left is not None else Rotation(max(HOUR, cycle // total))
    else:
        found = Rotation(wish, _lists_at(wish, total, each, left, profile.wishes.sweep))
    return found, _minus(left, _rotation_month(profile, found))


def _affordable(calls: int, left: Fraction | None, quickest: timedelta) -> timedelta:
    """Return how often so many calls can be made, in whole hours; longer than a month if hardly ever."""
    if left is None:
        return quickest
    if left * 24 * 365 < calls:
        return 366 * DAY
    return max(quickest, ceil(Fraction(calls) / left * 30 * 24) * HOUR)


def _shares(total: int, cycle: timedelta) -> Rotation:
    """Return shares that go round in about the cycle: one list at a time, or several every hour."""
    if total * HOUR <= cycle:
        return Rotation(-(-cycle // total // MINUTE) * MINUTE)
    return Rotation(HOUR, max(1, floor(total / (cycle // HOUR))))


def _lists_at(interval: timedelta, total: int, each: int, left: Fraction | None, sweep: Wish) -> int:
    """Return how many lists a rotation set by hand takes: what is left allows, unless sweeps need it too."""
    if left is None or sweep is not None:
        return 1
    return max(1, min(total, floor(left / costs.starts(interval) / each)))


def _sweep_month(profile: Profile, interval: timedelta | None) -> Fraction:
    return Fraction(0) if interval is None else costs.starts(interval) * costs.sweep_calls(profile)


def _rotation_month(profile: Profile, rotation: Rotation | None) -> Fraction:
    if rotation is None:
        return Fraction(0)
    return costs.starts(rotation.interval) * rotation.lists * costs.list_calls(profile)


def _calls(profile: Profile, sweep: timedelta | None, rotation: Rotation | None) -> Mapping[str, Fraction]:
    found = {"rotation": _rotation_month(profile, rotation), "sweep": _sweep_month(profile, sweep)}
    return MappingProxyType({purpose: calls for purpose, calls in found.items() if calls})


def _minus(left: Fraction | None, calls: Fraction) -> Fraction | None:
    return None if left is None else left - calls


def _sweep_bound(profile: Profile, interval: timedelta | None) -> timedelta | None:
    """Return the age that an unverified product reaches at most, if one full read breaks off once."""
    if interval is None:
        return None
    retry = costs.retry_after(interval)
    return whole(interval + costs.LATE + retry + costs.sweep_duration(profile, interval))


def _rotation_bound(profile: Profile, rotation: Rotation | None) -> timedelta | None:
    """Return the age that an unverified product reaches at most, if one share fails."""
    if rotation is None:
        return None
    rounds = ceil(costs.lists(profile) / rotation.lists)
    time = rotation.lists * costs.list_calls(profile) * costs.CALL
    return whole(rounds * (rotation.interval + costs.LATE) + costs.retry_after(rotation.interval) + time)


def whole(time: timedelta) -> timedelta:
    """Return the time in whole hours, rounded up."""
    return -(-time // HOUR) * HOUR

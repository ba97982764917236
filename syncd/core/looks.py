"""Choose how often the store's own records are looked at, so that what was edited there is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from math import ceil, floor

from syncd.core import costs
from syncd.core.profile import DAY, MONTH, Profile, pages, planned_for
from syncd.core.verification import HOUR, MINUTE, whole

CYCLE = DAY
"""Every linked listing is looked at no more often than this, whatever the store allows."""


@dataclass(frozen=True, slots=True)
class Looks:
    """The linked listings that nobody has looked at for longest: so many look calls, so often."""

    interval: timedelta
    calls: int = 1


@dataclass(frozen=True, slots=True)
class StoreSide:
    """What is asked of the store: how often for orders, how often its listings are looked at, at what cost.

    `bound` is after which time every linked listing was looked at, None if none ever is.
    """

    orders: timedelta | None
    looks: Looks | None
    bound: timedelta | None
    calls: Mapping[str, Fraction]


def look_at_store(
    profile: Profile,
    recent: timedelta | None,
    sweep: timedelta | None,
    orders: Sequence[timedelta | None],
) -> StoreSide | None:
    """Return what is asked of the store, with the first of `orders` that fits; None if none does."""
    for each in orders:
        found = _side(profile, costs.store_calls(profile, recent, sweep, each), each)
        if found is not None:
            return found
    return None


def _side(profile: Profile, beside: Mapping[str, Fraction], orders: timedelta | None) -> StoreSide | None:
    calls = dict(beside)
    allowed = planned_for(profile.store_limits)
    left = None if allowed is None else allowed - sum(calls.values())
    if left is not None and left < 0:
        return None
    looks = _looks(profile, left)
    if looks is None:
        return StoreSide(orders, None, None, calls) if profile.wishes.rotation is None else None
    calls["rotation"] = costs.starts(looks.interval) * looks.calls * Fraction(profile.look_cost)
    if left is not None and calls["rotation"] > left:
        return None
    return StoreSide(orders, looks, _bound(profile, looks), calls)


def _looks(profile: Profile, left: Fraction | None) -> Looks | None:
    wish, total = profile.wishes.rotation, look_calls(profile)
    cost = total * Fraction(profile.look_cost)
    if wish is None:
        return None
    if wish != "auto":
        fits = total if left is None else floor(left / costs.starts(wish) / Fraction(profile.look_cost))
        return Looks(wish, max(1, min(ceil(total * wish / CYCLE), total, fits)))
    if left is None:
        return _shares(total, CYCLE)
    if left * 24 * 365 < cost:
        return None
    cycle = max(CYCLE, ceil(cost / left * 30 * 24) * HOUR)
    return None if cycle > MONTH else _shares(total, cycle)


def look_calls(profile: Profile) -> int:
    """Return the calls in which every linked listing is looked at once."""
    return pages(profile.skus if profile.listings is None else profile.listings, profile.look_batch)


def _shares(total: int, cycle: timedelta) -> Looks:
    """Return shares that go round in the cycle: one call at a time, or several every hour."""
    if total * HOUR <= cycle:
        return Looks(-(-cycle // total // MINUTE) * MINUTE)
    return Looks(HOUR, max(1, floor(total / (cycle // HOUR))))


def _bound(profile: Profile, looks: Looks) -> timedelta:
    """Return the age that an edit in the store reaches at most, if one share fails."""
    rounds = ceil(look_calls(profile) / looks.calls)
    return whole(rounds * (looks.interval + costs.LATE) + costs.retry_after(looks.interval))

"""Say whether a plan fits; if none does, why, and the smallest change with which one would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from syncd.core import plan_text as say
from syncd.core.profile import DAY, MONTH, Allowed, Limit, Profile, Wish, Wishes, tightest
from syncd.core.timetable import GhostBound, Plan, plan_for, slowest_plan
from syncd.core.verification import Rotation

__all__ = ["Allowed", "Change", "GhostBound", "Plan", "Profile", "Refusal", "Rotation", "Wishes", "plan"]

MOST = 10**9
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LAST = {"recent": DAY, "customers": 7 * DAY, "rotation": MONTH, "sweep": MONTH}
STEPS = {"recent": MINUTE, "customers": HOUR, "rotation": HOUR, "sweep": HOUR}

What = Literal["calls", "store calls", "orders", "warehouses", "recent", "customers", "rotation", "sweep"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change, by itself, with which a plan fits: the smallest of its kind.

    `profile` is what was planned for, changed like that; `text` says it ("at most 97 orders a day").
    """

    what: What
    profile: Profile
    text: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """No plan fits: why, which changes would help, and the slowest schedule with which the daemon goes on."""

    why: str
    changes: tuple[Change, ...]
    slowest: Plan

    def sentence(self) -> str:
        """Return what is wrong and what would help, for a person."""
        return f"{self.why} {self.remedy()}"

    def remedy(self) -> str:
        """Return the smallest changes that would help, as a sentence."""
        if not self.changes:
            return "No single change would fit."
        first, *others = (change.text for change in self.changes)
        return f"{first[0].upper()}{first[1:]} would fit{''.join(f'; or {other}' for other in others)}."


def plan(profile: Profile) -> Plan | Refusal:
    """Return how often each job runs; a refusal, if and only if no schedule keeps promise and limits.

    A change reaches the store within the promise through one failed poll, every product is verified once a
    month at least, and a tenth of every limit stays free. Nothing is asked of anybody: the answer depends on
    the profile alone.
    """
    found = plan_for(profile)
    if found is not None:
        return found
    slowest = slowest_plan(profile)
    return Refusal(_why(profile, slowest), tuple(_changes(profile)), slowest)


def _why(profile: Profile, slowest: Plan) -> str:
    if plan_for(replace(profile, store_limits=())) is None:
        return say.too_many("Unleashed", profile, slowest.calls, tightest(profile.limits))
    return say.too_many("the store", profile, slowest.store_calls, tightest(profile.store_limits))


def _changes(profile: Profile) -> Iterator[Change]:
    """Yield the smallest change of each kind that would fit by itself."""
    for search in (_more_calls, _more_store_calls, _fewer_orders, _fewer_warehouses, _slower):
        yield from search(profile)


def _fits(profile: Profile) -> bool:
    return plan_for(profile) is not None


def _more_calls(profile: Profile) -> Iterator[Change]:
    raised = _raised(profile.limits, lambda limits: _fits(replace(profile, limits=limits)))
    if raised is not None:
        yield Change("calls", replace(profile, limits=raised), say.calls(profile.limits, raised))


def _more_store_calls(profile: Profile) -> Iterator[Change]:
    raised = _raised(profile.store_limits, lambda limits: _fits(replace(profile, store_limits=limits)))
    if raised is not None:
        text = f"{say.calls(profile.store_limits, raised)} of the store"
        yield Change("store calls", replace(profile, store_limits=raised), text)


def _raised(limits: tuple[Limit, ...], fits: Callable[[tuple[Limit, ...]], bool]) -> tuple[Limit, ...] | None:
    """Return the limits with those that are too small raised no more than needed; None if none helps."""
    found = tuple(_raise_one((limit,), 0, fits)[0] for limit in limits)
    for place in range(len(found)):
        found = _raise_one(found, place, fits)
    return found if found != limits and fits(found) else None


def _raise_one(
    limits: tuple[Limit, ...], place: int, fits: Callable[[tuple[Limit, ...]], bool]
) -> tuple[Limit, ...]:
    calls = _first(limits[place].calls, MOST, lambda number: fits(_put(limits, place, number)))
    return limits if calls is None else _put(limits, place, calls)


def _put(limits: tuple[Limit, ...], place: int, calls: int) -> tuple[Limit, ...]:
    one = limits[place]
    changed = one if calls == one.calls else Allowed(calls, one.per, getattr(one, "overflow", None))
    return (*limits[:place], changed, *limits[place + 1 :])


def _fewer_orders(profile: Profile) -> Iterator[Change]:
    asked = int(profile.orders_per_day)

    def with_orders(number: int) -> Profile:
        return replace(profile, orders_per_day=float(number))

    fewer = _first(0, asked, lambda less: _fits(with_orders(asked - less)))
    if fewer is not None and fewer < asked:
        number = asked - fewer
        yield Change("orders", with_orders(number), f"at most {number:,} orders a day")


def _fewer_warehouses(profile: Profile) -> Iterator[Change]:
    count = profile.warehouses

    def with_warehouses(number: int) -> Profile:
        return replace(profile, warehouses=number, recent_calls=None)

    fewer = _first(1, count - 1, lambda less: _fits(with_warehouses(count - less)))
    if fewer is not None:
        number = count - fewer
        yield Change("warehouses", with_warehouses(number), say.warehouses(number, count))


def _slower(profile: Profile) -> Iterator[Change]:
    """Yield how much slower one job would have to run, beyond the promise if need be."""
    slowest = slowest_plan(profile)
    for name, begin in (
        ("recent", slowest.recent),
        ("customers", slowest.customers),
        ("rotation", _at(profile.wishes.rotation)),
        ("sweep", _at(profile.wishes.sweep)),
    ):
        if begin is not None:
            yield from _slower_job(profile, name, begin)


def _at(wish: Wish) -> timedelta | None:
    return None if wish == "auto" else wish


def _slower_job(profile: Profile, name: str, begin: timedelta) -> Iterator[Change]:
    step = STEPS[name]

    def at(steps: int) -> Profile:
        wishes = replace(profile.wishes, **{name: steps * step})
        return replace(profile, wishes=wishes)

    steps = _first(begin // step + 1, LAST[name] // step, lambda number: _fits(at(number)))
    if steps is not None:
        yield Change(name, at(steps), say.slower(name, at(steps), steps * step))  # type: ignore[arg-type]


def _first(low: int, high: int, fits: Callable[[int], bool]) -> int | None:
    """Return the smallest number that fits, None if not even the highest does; what fits once fits above."""
    if low > high or not fits(high):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle + 1, high)
    return low

"""What every plan and every refusal obeys, whatever the figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.core import costs
from syncd.core.planner import Allowed, Change, Profile, Refusal, Wishes, plan
from syncd.core.profile import WINDOWS, Limit, per_day, share
from syncd.core.timetable import plan_for

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LONGEST_MONTH = Fraction(31, 30)

SIZES = {"minute": (1, 60), "hour": (1, 500), "day": (20, 5000), "month": (500, 60_000)}


@st.composite
def limits(draw: st.DrawFn) -> tuple[Limit, ...]:
    """Up to three limits about different windows."""
    windows = draw(st.lists(st.sampled_from(sorted(SIZES)), unique=True, max_size=3))
    return tuple(Allowed(draw(st.integers(*SIZES[per])), per) for per in windows)


@st.composite
def profiles(draw: st.DrawFn, *, store: bool = False) -> Profile:
    """Merchants from an empty catalogue to 50,000 products, generous limits and absurd ones."""
    wish = st.one_of(st.just("auto"), st.none(), st.integers(1, 200).map(lambda hours: hours * HOUR))
    usual = Wishes(rotation=draw(wish), sweep=draw(wish)) if draw(st.booleans()) else Wishes()  # type: ignore[arg-type]
    return Profile(
        skus=draw(st.integers(0, 50_000)),
        page_size=draw(st.sampled_from([10, 39, 200, 1000])),
        warehouses=draw(st.integers(1, 4)),
        changes_per_day=draw(st.one_of(st.none(), st.integers(0, 5000).map(float))),
        orders_per_day=float(draw(st.integers(0, 300))),
        customers=draw(st.booleans()),
        people_per_day=float(draw(st.integers(0, 10))),
        lists=draw(st.booleans()),
        limits=draw(limits()),
        store_limits=draw(limits()) if store else (),
        wishes=usual,
    )


@settings(deadline=None, max_examples=60)
@given(profiles(store=True))
def test_a_plan_stays_within_every_limit(profile: Profile) -> None:
    """By its own prediction no window of any limit is overspent, not even a month of 31 days."""
    found = plan_for(profile)
    if found is None:
        return
    for calls, of in ((found.calls, profile.limits), (found.store_calls, profile.store_limits)):
        for limit in of:
            window = sum(calls.values()) * share(WINDOWS[limit.per], 30 * DAY)
            assert window * LONGEST_MONTH <= limit.calls


@settings(deadline=None, max_examples=60)
@given(profiles())
def test_a_plan_keeps_the_promise(profile: Profile) -> None:
    """A change arrives within two hours through a failed poll, and products are verified in a known time."""
    found = plan_for(profile)
    if found is not None:
        assert found.freshness is not None
        assert found.freshness <= profile.promise
        assert (found.ghost_bound.unleashed is None) == (found.sweep is None and found.rotation is None)


@settings(deadline=None, max_examples=60)
@given(profiles(), st.integers(0, 2), st.integers(1, 5000))
def test_more_calls_never_make_the_bound_worse(profile: Profile, which: int, more: int) -> None:
    """Whichever limit is raised, and however far: what fitted fits, and ghosts are found no later."""
    profile = replace(profile, wishes=Wishes())
    before = plan_for(profile)
    if before is None or not profile.limits:
        return
    place = which % len(profile.limits)
    limit = profile.limits[place]
    raised = (*profile.limits[:place], Allowed(limit.calls + more, limit.per), *profile.limits[place + 1 :])
    after = plan_for(replace(profile, limits=raised))
    assert after is not None
    assert before.ghost_bound.unleashed is not None
    assert after.ghost_bound.unleashed is not None
    assert after.ghost_bound.unleashed <= before.ghost_bound.unleashed


@given(profiles())
def test_a_full_read_never_costs_more_than_lists(profile: Profile) -> None:
    """Reading every product in lists of 40 takes as many calls as a full read, or more."""
    assert costs.sweep_calls(profile) <= costs.lists(profile) * costs.list_calls(profile)


@settings(deadline=None, max_examples=60)
@given(profiles())
def test_a_refusal_means_that_nothing_fits(profile: Profile) -> None:
    """Trying every interval one by one finds a schedule exactly where the planner does."""
    profile = replace(profile, wishes=Wishes())
    assert (plan_for(profile) is not None) == any(_fits(profile, n * MINUTE) for n in range(1, 60))


def _fits(profile: Profile, recent: timedelta) -> bool:
    """Tell whether this interval keeps the promise and the limits, with everything verified once a month."""
    if costs.freshness(profile, recent) > profile.promise:
        return False
    month = 60 + costs.sweep_calls(profile) + Fraction(profile.orders_per_day) * 30
    month += Fraction(profile.people_per_day) * 30
    month += (30 if profile.customers else 0) + costs.starts(recent) * costs.recent_calls(profile, recent)
    return all(month <= per_day(limit) * 27 for limit in profile.limits)


@settings(deadline=None, max_examples=60)
@given(profiles(store=True))
def test_the_named_change_is_the_smallest_that_fits(profile: Profile) -> None:
    """With each change that a refusal names a plan fits, and with one step less of it none does."""
    found = plan(profile)
    if isinstance(found, Refusal):
        for change in found.changes:
            assert plan_for(change.profile) is not None
            assert all(plan_for(less) is None for less in _one_step_less(profile, change))


def _one_step_less(before: Profile, change: Change) -> list[Profile]:
    after = change.profile
    if change.what == "calls":
        return [replace(after, limits=less) for less in _lowered(before.limits, after.limits)]
    if change.what == "store calls":
        lowered = _lowered(before.store_limits, after.store_limits)
        return [replace(after, store_limits=less) for less in lowered]
    if change.what == "orders":
        return [replace(after, orders_per_day=after.orders_per_day + 1)]
    if change.what == "warehouses":
        return [replace(after, warehouses=after.warehouses + 1)]
    step = MINUTE if change.what == "recent" else HOUR
    wish = getattr(after.wishes, change.what) - step
    return [replace(after, wishes=replace(after.wishes, **{change.what: wish}))]


def _lowered(before: tuple[Limit, ...], after: tuple[Limit, ...]) -> list[tuple[Limit, ...]]:
    """Return the raised limits, each in turn a call lower."""
    return [
        (*after[:place], Allowed(new.calls - 1, new.per), *after[place + 1 :])
        for place, (old, new) in enumerate(zip(before, after, strict=True))
        if new.calls > old.calls
    ]

"""Choose how often each job runs, so that what is promised holds and no limit is exceeded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from fractions import Fraction
from types import MappingProxyType

from syncd.core import costs
from syncd.core.budget import Needs
from syncd.core.looks import Looks, look_at_store
from syncd.core.profile import MONTH, SAFETY, Profile, Wish, planned_for
from syncd.core.verification import Rotation, Verification, verify_products

MINUTE = timedelta(minutes=1)

RECENT = timedelta(minutes=48)
CUSTOMERS = timedelta(hours=6)
ORDERS = timedelta(minutes=5)
"""How often the jobs run where calls are not short."""

SLOWEST_CUSTOMERS = timedelta(hours=24)
SLOWEST_ORDERS = timedelta(minutes=60)

OFTEN_ENOUGH = timedelta(days=7)
"""Polls are slowed down before every product is verified less often than this, and no further."""

SELDOM = MONTH
"""Where even that does not fit, every product is verified this often, or there is no plan."""


@dataclass(frozen=True, slots=True)
class GhostBound:
    """After which time a difference that no feed reported is found, on either side. None: never."""

    unleashed: timedelta | None
    store: timedelta | None


@dataclass(frozen=True, slots=True)
class Plan:
    """How often each job runs (None: not at all), what that promises, and what it costs.

    `calls` and `store_calls` are calls in 30 days by purpose, `spare` and `store_spare` what the tightest
    limit allows beside them (None: no limit). `freshness` is when a change has reached the store at the
    latest, if one poll fails. `notes` are sentences on what was set by hand and does not keep a promise.
    """

    recent: timedelta | None
    orders: timedelta | None
    customers: timedelta | None
    sweep: timedelta | None
    rotation: Rotation | None
    looks: Looks | None
    freshness: timedelta | None
    ghost_bound: GhostBound
    calls: Mapping[str, Fraction] = field(default_factory=lambda: MappingProxyType({}))
    store_calls: Mapping[str, Fraction] = field(default_factory=lambda: MappingProxyType({}))
    spare: Fraction | None = None
    store_spare: Fraction | None = None
    notes: tuple[str, ...] = ()

    @property
    def needs(self) -> Needs:
        """What each purpose needs of the account's calls in a day, for its reserves."""
        return Needs(
            MappingProxyType({purpose: float(calls / 30) for purpose, calls in self.calls.items() if calls})
        )

    @property
    def store_needs(self) -> Needs:
        """What each purpose needs of the store's calls in a day, for its reserves."""
        return Needs(
            MappingProxyType(
                {purpose: float(calls / 30) for purpose, calls in self.store_calls.items() if calls}
            )
        )


@dataclass(frozen=True, slots=True)
class Polls:
    """How often the polls run whose intervals are not a matter of what is left."""

    recent: timedelta | None
    customers: timedelta | None
    orders: timedelta | None


def plan_for(profile: Profile) -> Plan | None:
    """Return the plan, None if none fits: the quickest polls at which products are verified every week.

    Where calls are short, the customers' and then the recent polls are slowed down as far as the promise
    allows; where that is not enough, products are verified as often as fits, once a month at least.
    """
    slow = _slowest(profile)
    seldom = verify_products(profile, _left(profile, slow), at_most=SELDOM)
    if seldom is None or not _keeps_promise(profile, slow) or not _put_together(profile, slow, seldom):
        return None
    starved = False
    for polls in _quick_to_slow(profile):
        verified = verify_products(profile, _left(profile, polls), at_most=OFTEN_ENOUGH, no_better=starved)
        found = verified and _put_together(profile, polls, verified)
        if found and _keeps_promise(profile, polls):
            return found
        starved = starved or verified is None
    return _put_together(profile, slow, seldom)


def slowest_plan(profile: Profile) -> Plan:
    """Return the slowest schedule that keeps the promise, whatever it costs: where none fits."""
    free = replace(profile, limits=(), store_limits=())
    slow = replace(_slowest(profile), orders=_orders(profile, slowest=True))
    wishes = replace(profile.wishes, sweep=_seldom(profile.wishes.sweep))
    verified = verify_products(replace(free, wishes=wishes), None, at_most=SELDOM)
    found = verified and _put_together(free, slow, verified)
    assert found, "without limits everything fits"
    return _with_spare(profile, found)


def _seldom(wish: Wish) -> Wish:
    return SELDOM if wish == "auto" else wish


def slowest_recent(profile: Profile) -> timedelta:
    """Return the longest interval, in whole minutes, at which the promise holds through one failed poll.

    Where a run takes so long that no interval keeps it, the usual one.
    """
    least = costs.paced(profile, costs.recent_calls(profile, MINUTE))
    longest = ((profile.promise - least) / 2 - costs.LATE) // MINUTE
    for minutes in range(longest, 0, -1):
        if costs.freshness(profile, minutes * MINUTE) <= profile.promise:
            return minutes * MINUTE
    return RECENT


def _keeps_promise(profile: Profile, polls: Polls) -> bool:
    """Tell whether the promise holds; an interval that was set by hand is a promise of its own."""
    if polls.recent is None or profile.wishes.recent != "auto":
        return True
    return costs.freshness(profile, polls.recent) <= profile.promise


def _quick_to_slow(profile: Profile) -> Iterator[Polls]:
    wishes, orders = profile.wishes, _orders(profile)
    slowest = slowest_recent(profile)
    recent = _wished(wishes.recent, min(RECENT, slowest))
    yield from (Polls(recent, each, orders) for each in _customers(profile))
    slow = _customers(profile)[-1]
    if wishes.recent == "auto" and recent is not None:
        while recent < slowest:
            recent += MINUTE
            yield Polls(recent, slow, orders)


def _slowest(profile: Profile) -> Polls:
    recent = _wished(profile.wishes.recent, slowest_recent(profile))
    return Polls(recent, _customers(profile)[-1], _orders(profile))


def _customers(profile: Profile) -> list[timedelta | None]:
    if not profile.customers:
        return [None]
    wish = profile.wishes.customers
    return [CUSTOMERS, SLOWEST_CUSTOMERS] if wish == "auto" else [wish]


def _orders(profile: Profile, *, slowest: bool = False) -> timedelta | None:
    if profile.orders_per_day <= 0:
        return None
    return _wished(profile.wishes.orders, SLOWEST_ORDERS if slowest else ORDERS)


def _wished(wish: Wish, planned: timedelta) -> timedelta | None:
    return planned if wish == "auto" else wish


def poll_calls(profile: Profile, polls: Polls) -> dict[str, Fraction]:
    """Return what an account costs in a month before a single product is verified, by purpose."""
    found = {
        "orders": costs.order_calls(profile),
        "resync": Fraction(profile.people_per_day) * 30,
        "tidy": Fraction(costs.FACTS * 30),
    }
    if polls.recent is not None:
        found["recent"] = costs.starts(polls.recent) * costs.recent_calls(profile, polls.recent)
    if polls.customers is not None:
        found["customers"] = costs.starts(polls.customers)
    return {purpose: calls for purpose, calls in found.items() if calls}


def _left(profile: Profile, polls: Polls) -> Fraction | None:
    allowed = planned_for(profile.limits)
    return None if allowed is None else allowed - sum(poll_calls(profile, polls).values())


def _put_together(profile: Profile, polls: Polls, verified: Verification) -> Plan | None:
    """Return the whole plan, None if it asks the store for more than it allows."""
    store = look_at_store(profile, polls.recent, verified.sweep, _store_polls(profile, polls))
    if store is None:
        return None
    found = Plan(
        recent=polls.recent,
        orders=store.orders,
        customers=polls.customers,
        sweep=verified.sweep,
        rotation=verified.rotation,
        looks=store.looks,
        freshness=None if polls.recent is None else costs.freshness(profile, polls.recent),
        ghost_bound=GhostBound(verified.bound, store.bound),
        calls=MappingProxyType({**poll_calls(profile, polls), **verified.calls}),
        store_calls=MappingProxyType(dict(store.calls)),
        notes=_notes(profile, polls, verified),
    )
    return _with_spare(profile, found)


def _store_polls(profile: Profile, polls: Polls) -> list[timedelta | None]:
    """Return how often the store may be asked for orders, the quickest first."""
    if polls.orders is None or profile.wishes.orders != "auto":
        return [polls.orders]
    quickest = polls.orders // MINUTE
    return [minutes * MINUTE for minutes in range(quickest, SLOWEST_ORDERS // MINUTE + 1, 5)]


def _with_spare(profile: Profile, found: Plan) -> Plan:
    return replace(
        found,
        spare=spare(profile, found.calls),
        store_spare=spare(replace(profile, limits=profile.store_limits), found.store_calls),
    )


def spare(profile: Profile, calls: Mapping[str, Fraction]) -> Fraction | None:
    """Return what the tightest limit allows in 30 days beside these calls, None without a limit."""
    planned = planned_for(profile.limits)
    return None if planned is None else planned / (1 - SAFETY) - sum(calls.values())


def _notes(profile: Profile, polls: Polls, verified: Verification) -> tuple[str, ...]:
    said = []
    if polls.recent is None:
        said.append("recent is off: nothing reaches the store by itself.")
    elif costs.freshness(profile, polls.recent) > profile.promise:
        slowest = slowest_recent(profile) // MINUTE
        said.append(
            f"recent every {polls.recent // MINUTE} minutes does not keep the promise through a failed poll;"
            f" every {slowest} minutes does."
        )
    if verified.bound is None:
        said.append("Neither rotation nor sweep runs: a change that no feed reports is never found.")
    return tuple(said)

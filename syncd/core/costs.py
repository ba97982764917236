"""What each job costs in calls, and how long it takes where calls are short."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from fractions import Fraction
from math import ceil, exp

from syncd.core.profile import DAY, MONTH, WINDOWS, Limit, Profile, pages, share
from syncd.core.schedule import SPREAD

LIST = 40
"""Products asked for in one list of guids (reference unleashed.md, 4.2)."""

FACTS = 2
"""Calls a day in which the tidy job reads what Unleashed says of the account itself."""

STORE_FACTS = 4
"""Calls a day in which the tidy job reads what a shop says of itself."""

CALL = timedelta(seconds=3)
"""How long one call is taken to last, its spacing and the work on its rows included."""

LATE = SPREAD + timedelta(seconds=5)
"""How much later than its interval a job may start: its stable offset, and the tick of the daemon."""

RETRY = timedelta(hours=1)
"""What verifies in the background and broke off goes on after this time."""

PATIENT = 24
"""… or after this part of its interval if that is longer."""


def starts(interval: timedelta) -> Fraction:
    """Return how often something starts in a month."""
    return share(MONTH, interval)


def sweep_calls(profile: Profile) -> int:
    """Return the calls of a full read of products and of the stock in every warehouse.

    Never more than the same products cost in lists, whose rows come in pages, too.
    """
    return sum(pages(rows, profile.page_size) for rows in profile.rows())


def retry_after(interval: timedelta) -> timedelta:
    """Return after which time what verifies so often goes on when it broke off."""
    return max(min(RETRY, interval), interval / PATIENT)


def list_calls(profile: Profile) -> int:
    """Return the calls of one list of products with their stock in every warehouse; pages hold lists, too."""
    return (1 + profile.warehouses) * pages(min(LIST, profile.skus), profile.page_size)


def lists(profile: Profile) -> int:
    """Return how many lists hold every product."""
    return pages(profile.skus, LIST)


def first_load_calls(profile: Profile) -> int:
    """Return what an account costs before its first ordinary run: everything once, and its own facts."""
    return sweep_calls(profile) + FACTS


def recent_calls(profile: Profile, interval: timedelta) -> Fraction:
    """Return the calls of one recent run, as measured or else from the rows that change.

    Every run reads back over its overlap, at least; further only where that costs no page more. Whole pages
    are those of an hour: runs in a row never take fewer calls for being more.
    """
    if profile.recent_calls is not None:
        return max(Fraction(profile.recent_calls), Fraction(1 + profile.warehouses))
    hourly, now = (
        profile.changes() * share(profile.overlap + time, DAY) for time in (WINDOWS["hour"], interval)
    )
    size = profile.page_size
    feeds = (
        max(Fraction(pages(min(hourly, Fraction(rows)), size)), min(now, Fraction(rows)) / size)
        for rows in profile.rows()
    )
    return sum(feeds, Fraction(0))


def order_calls(profile: Profile) -> Fraction:
    """Return what orders cost in a month: one call each, more for what must be created or completed."""
    each = 1 + Fraction(profile.create_share) + int(profile.complete)
    return Fraction(profile.orders_per_day) * 30 * each


def recent_duration(profile: Profile, interval: timedelta) -> timedelta:
    """Return how long a recent run takes, waits for the next minute or hour included.

    Where an hour does not hold all its runs and a full read, one of them may wait for the next hour.
    """
    calls, hour = recent_calls(profile, interval), WINDOWS["hour"]
    time = paced(profile, calls)
    if interval < hour:
        runs = ceil(hour / interval) * calls + sweep_calls(profile)
        if any(limit.per == "hour" and runs > _room(profile, limit) for limit in _strict(profile)):
            time += hour - interval
    return time


def paced(profile: Profile, calls: Fraction) -> timedelta:
    """Return how long so many calls take where minutes and hours allow only some of them.

    A lower rank leaves at most half of a minute or an hour to the higher ones (`core.budget.reserve`).
    """
    waits = ((ceil(calls / _room(profile, limit)) - 1) * WINDOWS[limit.per] for limit in _strict(profile))
    return sum(waits, ceil(calls) * CALL)


def _strict(profile: Profile) -> list[Limit]:
    """Return the limits of short windows that nothing goes beyond."""
    short = (limit for limit in profile.limits if limit.per in ("minute", "hour"))
    return [limit for limit in short if getattr(limit, "overflow", None) is None]


def _room(profile: Profile, limit: Limit) -> int:
    before = order_calls(profile) / 30 + Fraction(profile.people_per_day)
    kept = min(limit.calls // 2, ceil(before * share(WINDOWS[limit.per], DAY)))
    return max(1, limit.calls - kept)


def sweep_duration(profile: Profile, interval: timedelta) -> timedelta:
    """Return how long a full read takes where a minute, an hour or a day does not hold all of it.

    It may always use the share that nothing is planned for, and its own share.
    """
    calls = sweep_calls(profile)
    time = calls * CALL
    for limit in profile.limits:
        window = WINDOWS[limit.per]
        room = Fraction(limit.calls, 10) + calls * share(window, interval)
        if limit.per != "month" and calls > room:
            time = max(time, ceil(calls / room) * window)
    return time


def freshness(profile: Profile, interval: timedelta) -> timedelta:
    """Return when a change has reached the store at the latest, if one poll fails."""
    return 2 * (interval + LATE) + recent_duration(profile, interval)


def store_calls(
    profile: Profile, recent: timedelta | None, sweep: timedelta | None, orders: timedelta | None
) -> Mapping[str, Fraction]:
    """Return the calls a month that a store gets beside looks: pushes, polls for orders, its own facts.

    A full read brings what has changed since the last poll, half an interval before it on average.
    """
    found = {"recent": Fraction(0) if recent is None else starts(recent) * _push_calls(profile, recent)}
    if sweep is not None and profile.sweep_push is not None:
        found["sweep"] = starts(sweep) * Fraction(profile.sweep_push)
    elif sweep is not None and recent is not None:
        found["sweep"] = starts(sweep) * _push_calls(profile, recent / 2)
    if orders is not None and profile.orders_per_day > 0:
        found["orders"] = starts(orders)
    found["tidy"] = Fraction(STORE_FACTS * 30)
    return found


def _push_calls(profile: Profile, interval: timedelta) -> Fraction:
    """Return the calls of an average push: the changed listings are looked at, then written, in batches."""
    if profile.push_calls is not None:
        return Fraction(profile.push_calls)
    changed = profile.changes() * share(interval, DAY)
    if not changed:
        return Fraction(0)
    likely = Fraction(round(10**6 * (1 - exp(-float(changed)))), 10**6)
    batches = (profile.look_batch, profile.write_batch)
    return likely * sum(max(Fraction(1), changed / batch) for batch in batches)

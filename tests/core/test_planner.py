"""The planner: which schedule is chosen, what it costs, and what is said where none fits. Figures by hand."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest

from syncd.core.planner import Allowed, Plan, Profile, Refusal, Rotation, Wishes, plan
from syncd.core.timetable import slowest_recent

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def month(calls: int) -> tuple[Allowed, ...]:
    return (Allowed(calls, "month"),)


def planned(profile: Profile) -> Plan:
    found = plan(profile)
    assert isinstance(found, Plan), found.sentence()
    return found


def refused(profile: Profile) -> Refusal:
    found = plan(profile)
    assert isinstance(found, Refusal)
    return found


MERCHANT = Profile(12_000, orders_per_day=60, limits=month(5000))


def test_the_merchant_of_the_readme() -> None:
    """12,000 products, 60 orders a day, 5,000 calls: polls every 48 minutes, everything read every 21 hours.

    4,500 may be planned; orders take 1,800, 900 polls of 2 calls 1,800, the account's facts 60. 840 are left
    for full reads of 24 calls: 35 of them, one every 20.6 hours.
    """
    found = planned(MERCHANT)
    assert (found.recent, found.sweep, found.rotation) == (48 * MINUTE, 21 * HOUR, None)
    sweeps = Fraction(720, 21) * 24
    assert dict(found.calls) == {"orders": 1800, "tidy": 60, "recent": 1800, "sweep": sweeps}
    assert found.spare == 5000 - 3660 - sweeps
    assert found.ghost_bound.unleashed == 23 * HOUR
    assert found.freshness == timedelta(minutes=98, seconds=16)


def test_too_many_orders_are_refused_with_the_smallest_changes() -> None:
    """With 150 orders a day it is said what they take, and how many calls or how few orders would fit.

    4,500 + 1,489.7 + 60 + 24 = 6,073.7 are nine tenths of 6,748.5; and (4,500 − 1,573.7) / 30 = 97.5.
    """
    found = refused(Profile(12_000, orders_per_day=150, limits=month(5000)))
    assert found.sentence() == (
        "Orders alone are 4,500 of 5,000 calls a month; products and stock at the slowest that keeps 2 hours "
        "are 1,490: 5,990 in all; the rest at its slowest is 84 (what each side says of itself 60, sweep "
        "(everything in full) 24); a tenth of what Unleashed allows is kept free. "
        "6,749 calls a month would fit; or at most 97 orders a day."
    )
    assert (found.slowest.recent, found.slowest.sweep) == (58 * MINUTE, 30 * DAY)


@pytest.mark.parametrize(
    ("calls", "recent", "sweep", "bound"),
    [
        (1748, None, None, None),
        (1749, 58, 707 * HOUR, 737 * HOUR),
        (1837, 58, 168 * HOUR, 176 * HOUR),
        (1836, 58, 169 * HOUR, 177 * HOUR),
        (1900, 56, 168 * HOUR, 176 * HOUR),
        (2181, 48, 168 * HOUR, 176 * HOUR),
        (3000, 48, 21 * HOUR, 23 * HOUR),
        (10**6, 48, 6 * HOUR, 8 * HOUR),
    ],
)
def test_what_short_calls_buy(
    calls: int, recent: int | None, sweep: timedelta | None, bound: timedelta | None
) -> None:
    """First the promise, then a full read a week, then quicker polls, then more full reads, 6 hours apart."""
    found = plan(Profile(12_000, limits=month(calls)))
    if recent is None:
        assert isinstance(found, Refusal)
        return
    assert isinstance(found, Plan)
    assert (found.recent, found.sweep, found.ghost_bound.unleashed) == (recent * MINUTE, sweep, bound)


def test_without_a_limit_it_is_courteous() -> None:
    """Where nobody said what is allowed, everything is read once a day and nothing is spare."""
    found = planned(Profile(5000))
    assert (found.recent, found.sweep, found.rotation, found.spare) == (48 * MINUTE, DAY, None, None)
    assert found.calls["sweep"] == 300
    assert found.ghost_bound.unleashed == 26 * HOUR


def test_rotation_takes_one_list_where_nothing_is_limited() -> None:
    """100 products: three lists of two calls, gone round once a day, one list at a time."""
    found = planned(Profile(100, wishes=Wishes(sweep=None)))
    assert found.rotation == Rotation(8 * HOUR, 1)
    assert found.calls["rotation"] == 180
    assert found.ghost_bound.unleashed == 26 * HOUR


def test_rotation_takes_what_is_left() -> None:
    """2,000 products, 20,000 calls a month, no full reads: 50 lists go round every 6 hours, 8 an hour."""
    found = planned(Profile(2000, limits=month(20_000), wishes=Wishes(sweep=None)))
    assert found.rotation == Rotation(HOUR, 8)
    assert found.calls["rotation"] == 720 * 8 * 2
    assert found.ghost_bound.unleashed == 9 * HOUR


def test_where_lists_do_not_work_there_is_no_rotation() -> None:
    """An account that ignores lists of guids is never rotated; with sweeps off, too, that is said."""
    found = planned(Profile(2000, lists=False, wishes=Wishes(rotation=HOUR, sweep=None)))
    assert (found.rotation, found.ghost_bound.unleashed) == (None, None)
    assert "never found" in found.notes[0]


@pytest.mark.parametrize(
    ("wishes", "sweep", "rotation"),
    [
        (Wishes(sweep=None), None, Rotation(HOUR, 1)),
        (Wishes(rotation=None), DAY, None),
        (Wishes(sweep=12 * HOUR), 12 * HOUR, None),
        (Wishes(rotation=2 * HOUR), DAY, Rotation(2 * HOUR, 1)),
        (Wishes(rotation=2 * HOUR, sweep=None), None, Rotation(2 * HOUR, 1)),
        (Wishes(rotation=None, sweep=None), None, None),
    ],
)
def test_what_was_set_by_hand_is_respected(
    wishes: Wishes, sweep: timedelta | None, rotation: Rotation | None
) -> None:
    """An interval or an "off" stands as it is; what is left to the planner does the rest of the work."""
    found = planned(Profile(5000, wishes=wishes))
    assert (found.sweep, found.rotation) == (sweep, rotation)


def test_a_slow_poll_set_by_hand_is_judged() -> None:
    """Three hours between polls are gone by, and it is said that they keep no promise of two hours."""
    found = planned(Profile(5000, wishes=Wishes(recent=3 * HOUR)))
    assert found.recent == 3 * HOUR
    assert found.notes == (
        "recent every 180 minutes does not keep the promise through a failed poll; every 58 minutes does.",
    )


def test_a_quick_poll_set_by_hand_is_slowed_down_in_the_remedy() -> None:
    """Polls that cost too much are refused with the shortest interval that would fit.

    Of 4,500 that may be planned 60 and a full read of 10 go off; the rest is 2,215 polls, every 20 minutes.
    """
    found = refused(Profile(5000, limits=month(5000), wishes=Wishes(recent=5 * MINUTE)))
    assert found.why.startswith("Products and stock every 5 min are 17,280 of 5,000 calls a month;")
    assert found.remedy() == "19,278 calls a month would fit; or recent every 20 min."


def test_customers_are_asked_for_less_often_first() -> None:
    """Where calls are short, customers are slowed down before products and stock."""
    rich = planned(Profile(12_000, customers=True, limits=month(3000)))
    poor = planned(Profile(12_000, customers=True, limits=month(2300)))
    assert (rich.customers, rich.recent) == (6 * HOUR, 48 * MINUTE)
    assert (poor.customers, poor.recent) == (24 * HOUR, 48 * MINUTE)


def test_fewer_warehouses_are_named() -> None:
    """With three warehouses a poll costs four calls; it is said with how many it would fit."""
    found = refused(Profile(1000, warehouses=3, limits=month(2500)))
    assert "or 1 warehouse instead of 3" in found.remedy()


def test_all_limits_that_are_too_small_are_named_together() -> None:
    """A month and an hour that are both too small are raised both, each no more than needed."""
    found = refused(Profile(1000, warehouses=3, limits=(Allowed(1000, "month"), Allowed(3, "hour"))))
    [calls] = [change for change in found.changes if change.what == "calls"]
    assert "calls a month and" in calls.text
    assert calls.text.endswith("calls an hour")


def test_a_small_store_is_asked_less_often_for_orders() -> None:
    """10 calls an hour and 100 a day beyond that: 340 a day do not hold a poll for orders every 5 minutes."""
    small = (Allowed(10, "hour", Allowed(100, "day")),)
    found = planned(Profile(2000, orders_per_day=20, store_limits=small))
    assert found.orders == 10 * MINUTE
    assert sum(found.store_calls.values()) <= 340 * 30 * Fraction(9, 10)


def test_a_store_that_is_too_small_is_named() -> None:
    """What does not fit at the store is told as the store's, with the limit that would."""
    found = refused(Profile(2000, changes_per_day=500, store_limits=(Allowed(20, "day"),)))
    assert found.why.startswith("Writing what changed is 1,490 of 20 calls a day, which is 600 a month;")
    assert "calls a day of the store would fit" in found.remedy()


def test_every_listing_is_looked_at_once_a_day() -> None:
    """12,000 listings are 120 looks: five every hour, and the last is found after a day and two hours."""
    found = planned(MERCHANT)
    assert found.looks is not None
    assert (found.looks.interval, found.looks.calls) == (HOUR, 5)
    assert found.ghost_bound.store == 26 * HOUR


def test_measured_rates_are_gone_by() -> None:
    """Runs that take five calls each are planned with five; what people ask for is kept for them."""
    found = planned(Profile(1000, recent_calls=5.0, people_per_day=3.0, limits=month(10_000)))
    assert found.calls["recent"] == 4500
    assert found.calls["resync"] == 90
    assert found.needs.per_day["resync"] == 3.0


def test_many_changes_need_more_pages() -> None:
    """Changes that no page holds cost a page more for each feed, in every run."""
    found = planned(Profile(50_000, changes_per_day=50_000))
    assert found.calls["recent"] == 900 * 2 * 3


def test_slow_runs_are_polled_for_more_often() -> None:
    """A run of 41 calls takes two minutes, which leaves less time between two polls."""
    assert slowest_recent(Profile(100)) == 58 * MINUTE
    assert slowest_recent(Profile(100, warehouses=40)) == 57 * MINUTE


def test_a_narrow_hour_makes_runs_wait() -> None:
    """Two runs of two calls and a full read do not fit into an hour with five: one waits for the next."""
    assert slowest_recent(Profile(100, limits=(Allowed(6, "hour"),))) == 58 * MINUTE
    assert slowest_recent(Profile(100, limits=(Allowed(5, "hour"),))) == 57 * MINUTE


def test_a_full_read_over_many_hours_is_part_of_the_bound() -> None:
    """Where an hour does not hold a full read, the time it takes is added to what is promised.

    100 calls in hours of 20: 2 of each, and a seventh of the 100, are its own: seven hours.
    """
    quick = planned(Profile(50_000, changes_per_day=1, limits=(Allowed(14_400, "month"),)))
    slow = planned(Profile(50_000, changes_per_day=1, limits=(Allowed(20, "hour"),)))
    assert quick.sweep == slow.sweep == 7 * HOUR
    assert (quick.ghost_bound.unleashed, slow.ghost_bound.unleashed) == (9 * HOUR, 16 * HOUR)

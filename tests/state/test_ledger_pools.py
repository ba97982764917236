"""Pools that go on in one another, what ranks leave to each other, and what headers say of both."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from syncd.core.budget import Needs
from syncd.errors import PurseSpent
from syncd.state import ledger
from syncd.state.db import Database
from syncd.state.ledger import Ledger
from syncd.state.records import PoolLimit, Used
from tests.databases import NOON, ManualClock

SUBJECT = "store shop"
HOUR = timedelta(hours=1)
MIDNIGHT = datetime.fromisoformat("2026-11-21T23:00Z")
"""The beginning of a day in Prague."""


def bronze(hour: int = 10, day: int = 100) -> list[PoolLimit]:
    """Return an hour's limit that overflows into the day of Prague."""
    return [PoolLimit(hour, "hour", overflow=PoolLimit(day, "day", "Europe/Prague"))]


def ask(meter: Ledger, calls: int) -> tuple[int, datetime | None]:
    """Try so many calls; return how many were let through, and until when the rest was refused."""
    for number in range(calls):
        try:
            meter.ask()
        except PurseSpent as spent:
            return number, spent.until
    return calls, None


@pytest.mark.parametrize(("hour", "day", "total"), [(10, 100, 340), (15, 300, 660)])
def test_calls_of_a_day_by_tariff(
    sqlite_db: Database, manual_clock: ManualClock, hour: int, day: int, total: int
) -> None:
    """Who asks all day long gets 24 times the hour and once the day, and the same again the next day."""
    meter = Ledger(sqlite_db, manual_clock, SUBJECT, bronze(hour, day))
    for days in range(2):
        manual_clock.time = MIDNIGHT + timedelta(days=days)
        got = []
        for _ in range(24):
            got.append(ask(meter, total)[0])
            manual_clock.move(hours=1)
        assert (got[0], got[1:], sum(got)) == (hour + day, [hour] * 23, total)


@pytest.mark.parametrize(
    ("hour", "day", "packages", "total"),
    [(50, 600, 0, 1800), (100, 1500, 0, 3900), (100, 1500, 1, 4900), (0, 0, 60, 60_000)],
)
def test_large_tariffs_end_at_the_same_call(
    sqlite_db: Database, manual_clock: ManualClock, hour: int, day: int, packages: int, total: int
) -> None:
    """With all but the last call of each pool counted already, the last one is let through and no more."""
    limits = bronze(hour + 25 * packages, day + 400 * packages)
    (each,), (extra,) = limits, [limit.overflow for limit in limits]
    assert extra is not None
    meter, got = Ledger(sqlite_db, manual_clock, SUBJECT, limits), 0
    manual_clock.time = MIDNIGHT
    for number in range(24):
        began = manual_clock.now()
        told = [("hour", began, each.calls - 1)]
        told += [("hour>day@Europe/Prague", MIDNIGHT, extra.calls - 1)] if number == 0 else []
        with sqlite_db.write() as conn:
            ledger.count_at_least(conn, SUBJECT, told)
        let_through, until = ask(meter, 3)
        got += sum(calls for _, _, calls in told) + let_through
        assert until == began + HOUR
        manual_clock.move(hours=1)
    assert got == total


WORKED_EXAMPLE = [
    ("08", 30, 10, 20, None),
    ("09", 85, 10, 95, None),
    ("10", 20, 10, 100, "11"),
    ("11", 12, 10, 100, "12"),
    *((f"{hour:02}", 10, 10, 100, None) for hour in range(12, 24)),
]
"""Clock hour of Prague, calls tried, taken from the hour, taken from the day until then, refused until."""


def test_the_worked_example(db: Database, manual_clock: ManualClock) -> None:
    """Hour by hour, the tariff of 10 an hour and 100 a day lets through 260 of 267 calls."""
    meter, let_through = Ledger(db, manual_clock, SUBJECT, bronze()), 0
    for hour, tried, of_hour, of_day, refused in WORKED_EXAMPLE:
        manual_clock.time = datetime.fromisoformat(f"2026-11-21T{hour}:00+01:00")
        got, until = ask(meter, tried)
        let_through += got
        assert until == (
            None if refused is None else datetime.fromisoformat(f"2026-11-21T{refused}:00+01:00")
        )
        with db.read() as conn:
            first, extra = ledger.spent(conn, SUBJECT, meter.limits, manual_clock.now())
        assert (first.spent, extra.spent, extra.extra) == (of_hour, of_day, True)
    assert let_through == 260
    with db.read() as conn:
        anew = ledger.spent(conn, SUBJECT, meter.limits, MIDNIGHT)
    assert [(pool.spent, pool.limit) for pool in anew] == [(0, 10), (0, 100)]


def test_both_pools_empty_says_so(db: Database, manual_clock: ManualClock) -> None:
    """The refusal names both pools and the next full hour, and what was refused is not counted."""
    meter = Ledger(db, manual_clock, SUBJECT, bronze(2, 3))
    manual_clock.move(minutes=20)
    assert ask(meter, 5) == (5, None)
    with pytest.raises(PurseSpent) as caught:
        meter.ask()
    assert caught.value.what == (
        "store shop has spent 2 of 2 calls this hour and 3 of 3 more today; goes on 2026-11-21T13:00:00Z"
    )
    with db.read() as conn:
        assert ledger.calls_in_month(conn, SUBJECT, manual_clock.now()) == 5


def test_an_overflow_is_billed_and_failed_too(db: Database, manual_clock: ManualClock) -> None:
    """How a call ended is noted in the pool that it overflowed into, and only if it did."""
    meter = Ledger(db, manual_clock, SUBJECT, bronze(1, 9))
    for status in (200, 200, 500):
        meter.settle(meter.ask(), "answered", status, {})
    with db.read() as conn:
        first, extra = ledger.spent(conn, SUBJECT, meter.limits, manual_clock.now())
    assert (first.spent, first.billed, first.failed) == (1, 1, 1)
    assert (extra.spent, extra.billed, extra.failed) == (2, 2, 1)


def test_another_limit_holds_beside_an_overflow(db: Database, manual_clock: ManualClock) -> None:
    """All limits must have room, whatever one of them overflows into."""
    meter = Ledger(db, manual_clock, SUBJECT, [*bronze(2, 9), PoolLimit(4, "month")])
    got, until = ask(meter, 9)
    assert (got, until) == (4, datetime.fromisoformat("2026-12-01T00:00Z"))


@pytest.mark.parametrize("back", [{"minutes": -30}, {"hours": -3}])
def test_clock_put_back_opens_no_overflow_again(
    db: Database, manual_clock: ManualClock, back: dict[str, float]
) -> None:
    """After the clock was put back, an empty hour and an empty day stay empty until they are over."""
    meter = Ledger(db, manual_clock, SUBJECT, bronze(2, 3))
    ask(meter, 5)
    manual_clock.move(**back)
    assert ask(meter, 1) == (0, NOON + HOUR)


NEEDS = Needs({"orders": 20, "recent": 4})


def test_a_lower_rank_leaves_what_higher_ones_need(db: Database, manual_clock: ManualClock) -> None:
    """Rotation stops at the reserve with a sentence and a time; recent and orders go on, to the last call."""
    limits = [PoolLimit(40, "day")]

    def meter(purpose: str) -> Ledger:
        return Ledger(db, manual_clock, SUBJECT, limits, purpose=purpose, needs=NEEDS)

    assert ask(meter("rotation"), 28) == (28, None)
    with pytest.raises(PurseSpent) as caught:
        meter("rotation").ask()
    assert caught.value.what == (
        "store shop keeps the last 12 of 40 calls today for orders, recent; goes on 2026-11-21T13:00:00Z"
    )
    assert ask(meter("recent"), 12)[0] == 2
    assert ask(meter("orders"), 12) == (10, datetime.fromisoformat("2026-11-22T00:00Z"))


def test_a_reserve_is_given_back_as_the_window_passes(db: Database, manual_clock: ManualClock) -> None:
    """At the time that the refusal names one more call is let through, and not a minute before."""
    meter = Ledger(db, manual_clock, SUBJECT, [PoolLimit(40, "day")], purpose="rotation", needs=NEEDS)
    for _ in range(10):
        _, until = ask(meter, 40)
        assert until is not None
        assert manual_clock.now() < until
        manual_clock.time = until - timedelta(minutes=1)
        assert ask(meter, 1)[0] == 0
        manual_clock.time = until
    assert ask(meter, 1)[0] == 1


def test_shares_are_left_while_nothing_is_known(db: Database, manual_clock: ManualClock) -> None:
    """Without known needs rotation leaves a fifth, recent a twentieth, what a person waits for nothing."""
    got = []
    for purpose in ("rotation", "customers", "recent", "resync", "orders"):
        meter = Ledger(db, manual_clock, SUBJECT, [PoolLimit(100, "hour")], purpose=purpose)
        got.append(ask(meter, 100)[0])
    assert got == [80, 10, 5, 5, 0]


def test_an_overflow_gives_a_reserve_room(db: Database, manual_clock: ManualClock) -> None:
    """A lower rank may empty the hour as long as the day holds more than the higher ranks need."""
    needs = Needs({"orders": 48})
    limits = [PoolLimit(10, "hour", overflow=PoolLimit(30, "day"))]
    low = Ledger(db, manual_clock, SUBJECT, limits, purpose="rotation", needs=needs)
    high = Ledger(db, manual_clock, SUBJECT, limits, purpose="orders", needs=needs)
    assert ask(low, 40)[0] == 10 + 30 - 24
    assert ask(high, 40)[0] == 24


HEADERS = {
    "x-rate-limit-hour": "10",
    "x-rate-limit-day": "100",
    "x-rate-limit-hour-remaining": "4",
    "x-rate-limit-day-remaining": "100",
    "x-rate-limit-total-remaining": "104",
}


def told(meter: Ledger, status: int = 200, **left: int) -> None:
    """Make a call that is answered with these figures of what is left."""
    headers = {f"x-rate-limit-{name}-remaining": str(calls) for name, calls in left.items()}
    meter.settle(meter.ask(), "answered", status, {**HEADERS, **headers})


def test_headers_correct_the_count_downwards_only(db: Database, manual_clock: ManualClock) -> None:
    """What the other side says is left is never exceeded; that it says more changes nothing."""
    manual_clock.move(minutes=30)
    meter = Ledger(db, manual_clock, SUBJECT, bronze())
    told(meter, hour=4, day=3)
    told(meter, hour=9, day=100)
    assert ask(meter, 20) == (3 + 3, NOON + HOUR)


def test_other_programs_are_seen_in_the_month(db: Database, manual_clock: ManualClock) -> None:
    """A month's header counts the calls of others; the purposes here keep what they spent themselves."""
    meter = Ledger(db, manual_clock, SUBJECT, [PoolLimit(5000, "month")], purpose="recent")
    headers = {"x-rate-limit-month": "5000", "x-rate-limit-month-remaining": "4200"}
    meter.settle(meter.ask(), "answered", 200, headers)
    with db.read() as conn:
        assert ledger.used_in(conn, SUBJECT, "month", NOON) == Used(800, 1, 0)


@pytest.mark.parametrize(
    ("limit", "per", "too_early"),
    [
        (PoolLimit(9, "minute"), "minute", timedelta(seconds=1)),
        (PoolLimit(9, "hour"), "hour", timedelta(seconds=59)),
        (PoolLimit(9, "day"), "day", timedelta(minutes=14)),
        (PoolLimit(9, "month"), "month", timedelta(hours=25)),
    ],
)
def test_a_window_that_has_just_begun_is_not_corrected(
    db: Database, manual_clock: ManualClock, limit: PoolLimit, per: str, too_early: timedelta
) -> None:
    """The other side's clock may still be in the old window; its empty pool is not taken for the new one."""
    manual_clock.time = datetime.fromisoformat("2026-12-01T00:00Z") + too_early
    meter = Ledger(db, manual_clock, SUBJECT, [limit])
    headers = {f"x-rate-limit-{per}-remaining": "0"}
    meter.settle(meter.ask(), "answered", 200, headers)
    permit = meter.ask()
    manual_clock.move(seconds=too_early.total_seconds() + 2)
    meter.settle(permit, "answered", 200, headers)
    assert ask(meter, 1)[0] == 0


def test_an_answer_from_the_hour_before_corrects_nothing(db: Database, manual_clock: ManualClock) -> None:
    """What a late answer says is about the window that its call was made in."""
    manual_clock.move(minutes=59)
    meter = Ledger(db, manual_clock, SUBJECT, [PoolLimit(9, "hour")])
    permit = meter.ask()
    manual_clock.move(minutes=30)
    meter.settle(permit, "answered", 200, {"x-rate-limit-hour-remaining": "0"})
    assert ask(meter, 9)[0] == 9


def test_a_pool_without_a_name_is_the_one_of_its_size(db: Database, manual_clock: ManualClock) -> None:
    """X-RateLimit-Remaining is about the limit that has as many calls as X-RateLimit-Limit says."""
    manual_clock.move(minutes=30)
    meter = Ledger(db, manual_clock, SUBJECT, [PoolLimit(60, "hour"), PoolLimit(900, "day")])
    headers = {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "2"}
    meter.settle(meter.ask(), "answered", 200, headers)
    assert ask(meter, 9) == (2, NOON + HOUR)


@pytest.mark.parametrize(
    ("left", "asked", "shortest", "longest"),
    [
        ({"hour": 0, "day": 0, "total": 0}, {}, 1800, 1800),
        ({"hour": 0, "day": 0, "total": 0}, {"retry-after": "2026-11-21T13:00:05"}, 1805, 1805),
        ({"hour": 0, "day": 3, "total": 3}, {}, 1, 3),
        ({"hour": 5, "day": 3, "total": 8}, {"retry-after": "1200"}, 1, 3),
    ],
)
def test_the_two_kinds_of_429(
    db: Database,
    manual_clock: ManualClock,
    left: dict[str, int],
    asked: dict[str, str],
    shortest: int,
    longest: int,
) -> None:
    """Spent calls put the purse to sleep until there are new ones; calls at the same time for a moment."""
    manual_clock.move(minutes=30)
    meter = Ledger(db, manual_clock, SUBJECT, bronze())
    headers = {f"x-rate-limit-{name}-remaining": str(calls) for name, calls in left.items()}
    meter.settle(meter.ask(), "answered", 429, {**HEADERS, **headers, **asked})
    with pytest.raises(PurseSpent, match="told to wait") as caught:
        meter.ask()
    nap = (caught.value.until - manual_clock.now()).total_seconds()
    assert shortest <= nap <= longest
    assert manual_clock.slept == []
    with db.read() as conn:
        assert ledger.asleep_until(conn, SUBJECT, manual_clock.now()) == caught.value.until
        assert ledger.asleep_until(conn, SUBJECT, caught.value.until) is None


@pytest.mark.parametrize(("told_of", "spent"), [(800, 800), (3, 5)])
def test_the_larger_figure_of_the_month_wins(
    db: Database, manual_clock: ManualClock, told_of: int, spent: int
) -> None:
    """The figure of the vendor's page replaces a smaller count, in every zone's month; not a larger one."""
    limits = [PoolLimit(5000, "month", "Pacific/Auckland"), PoolLimit(9, "hour")]
    meter = Ledger(db, manual_clock, SUBJECT, limits)
    ask(meter, 5)
    with db.write() as conn:
        ledger.told_of_month(conn, SUBJECT, limits, told_of, NOON)
    with db.read() as conn:
        month, hour = ledger.spent(conn, SUBJECT, limits, NOON)
        assert (month.spent, hour.spent, ledger.calls_in_month(conn, SUBJECT, NOON)) == (spent, 5, spent)

"""No call is made that was not debited first, and no limit is ever overspent."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from syncd.errors import LeaseLost, PurseSpent
from syncd.http import Ending
from syncd.state import leases, ledger, runs, windows
from syncd.state.db import Database
from syncd.state.ledger import Ledger
from syncd.state.records import PoolLimit, PoolSpent
from syncd.state.schema import ledger as ledger_table
from syncd.state.schema import purse
from tests.databases import NOON, ManualClock
from tests.state.samples import MINUTE, opened

EXAMPLES = itertools.count(1)
SUBJECT = "account main"


def counted(db: Database) -> dict[str, tuple[int, int, int]]:
    """Return what the ledger has, by window name: attempts, billed, failed."""
    with db.read() as conn:
        rows = conn.execute(select(ledger_table)).all()
    return {row.per: (row.attempts, row.billed, row.failed) for row in rows}


def spend(meter: Ledger, calls: int) -> None:
    """Make calls that are answered well."""
    for _ in range(calls):
        meter.settle(meter.ask(), "answered", 200, {})


def test_call_is_debited_before_it_is_sent(db: Database, manual_clock: ManualClock) -> None:
    """Once `ask` has returned, the call is counted in the day and the month, limits or none."""
    meter = Ledger(db, manual_clock, SUBJECT)
    permit = meter.ask()
    assert counted(db) == {"day": (1, 0, 0), "month": (1, 0, 0)}
    assert permit.wait == timedelta(0)


@pytest.mark.parametrize(
    ("ending", "status", "billed", "failed"),
    [
        ("answered", 200, 1, 0),
        ("answered", 404, 1, 1),
        ("answered", 503, 1, 1),
        ("broken", 200, 1, 1),
        ("lost", None, 1, 1),
        ("unreachable", None, 0, 1),
    ],
)
def test_ending_is_settled(
    db: Database, manual_clock: ManualClock, ending: Ending, status: int | None, billed: int, failed: int
) -> None:
    """A call is billed unless nothing was sent, and failed unless it was answered well."""
    meter = Ledger(db, manual_clock, SUBJECT, [PoolLimit(9, "hour")])
    meter.settle(meter.ask(), ending, status, {})
    assert counted(db) == dict.fromkeys(("hour", "day", "month"), (1, billed, failed))


def test_settling_hits_the_window_that_was_debited(db: Database, manual_clock: ManualClock) -> None:
    """An answer that comes after the hour has turned is settled in the hour of its call."""
    meter = Ledger(db, manual_clock, SUBJECT, [PoolLimit(9, "hour")])
    permit = meter.ask()
    manual_clock.move(hours=1)
    meter.settle(permit, "answered", 200, {})
    assert counted(db)["hour"] == (1, 1, 0)


@pytest.mark.parametrize(
    ("limit", "sentence", "until"),
    [
        (PoolLimit(3, "minute"), "calls this minute; goes on 2026-11-21T12:01:00Z", "2026-11-21T12:01Z"),
        (PoolLimit(3, "hour"), "calls this hour; goes on 2026-11-21T13:00:00Z", "2026-11-21T13:00Z"),
        (PoolLimit(3, "day"), "calls today; goes on 2026-11-22T00:00:00Z", "2026-11-22T00:00Z"),
        (PoolLimit(3, "month"), "calls this month; goes on 2026-12-01T00:00:00Z", "2026-12-01T00:00Z"),
        (
            PoolLimit(3, "day", "Pacific/Auckland"),
            "calls today; goes on 2026-11-22T11:00:00Z",
            "2026-11-22T11:00Z",
        ),
    ],
)
def test_spent_pool_says_when_it_goes_on(
    db: Database, manual_clock: ManualClock, limit: PoolLimit, sentence: str, until: str
) -> None:
    """A spent limit refuses the call, says so in a sentence, debits nothing, and goes on at its time."""
    meter = Ledger(db, manual_clock, SUBJECT, [limit])
    spend(meter, 3)
    before = counted(db)
    with pytest.raises(PurseSpent) as caught:
        meter.ask()
    assert caught.value.what == f"account main has spent 3 of 3 {sentence}"
    assert (caught.value.until, caught.value.who) == (datetime.fromisoformat(until), SUBJECT)
    assert counted(db) == before
    manual_clock.time = caught.value.until
    spend(meter, 1)


def test_all_limits_must_have_room(db: Database, manual_clock: ManualClock) -> None:
    """With several limits the tightest decides, and a refusal takes nothing from the others."""
    meter = Ledger(db, manual_clock, SUBJECT, [PoolLimit(10, "day"), PoolLimit(2, "hour")])
    spend(meter, 2)
    with pytest.raises(PurseSpent, match="2 of 2 calls this hour"):
        meter.ask()
    assert counted(db)["day"][0] == 2


def test_subjects_have_their_own_purse(db: Database, manual_clock: ManualClock) -> None:
    """What one subject has spent another still has."""
    limits = [PoolLimit(1, "day")]
    spend(Ledger(db, manual_clock, SUBJECT, limits), 1)
    spend(Ledger(db, manual_clock, "store shop", limits), 1)
    with pytest.raises(PurseSpent, match="store shop has spent 1 of 1"):
        Ledger(db, manual_clock, "store shop", limits).ask()


def test_counts_survive_a_restart(db: Database, manual_clock: ManualClock) -> None:
    """A new meter on the same database goes on where the old one stopped."""
    limits = [PoolLimit(2, "month")]
    for _ in range(2):
        Ledger(db, manual_clock, SUBJECT, limits).ask()
    with pytest.raises(PurseSpent):
        Ledger(db, manual_clock, SUBJECT, limits).ask()


@pytest.mark.parametrize("back", [{"minutes": -30}, {"hours": -3}, {"hours": -23}])
def test_clock_put_back_opens_no_window_again(
    db: Database, manual_clock: ManualClock, back: dict[str, float]
) -> None:
    """After the clock was put back, a spent window stays spent until it is over by the clock."""
    meter = Ledger(db, manual_clock, SUBJECT, [PoolLimit(2, "hour")])
    spend(meter, 2)
    manual_clock.move(**back)
    with pytest.raises(PurseSpent) as caught:
        meter.ask()
    assert caught.value.until == NOON + timedelta(hours=1)
    with db.read() as conn:
        assert ledger.spent(conn, SUBJECT, meter.limits, manual_clock.now())[0].spent == 2


def test_clock_once_years_ahead_does_not_stop_us(db: Database, manual_clock: ManualClock) -> None:
    """Windows counted while the clock was far in the future are passed over once it is right again."""
    meter = Ledger(db, manual_clock, SUBJECT, [PoolLimit(1, "hour"), PoolLimit(2, "month")])
    manual_clock.move(days=800)
    spend(meter, 1)
    manual_clock.move(days=-800)
    assert meter.ask().wait == timedelta(0)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    calls=st.integers(1, 3),
    per=st.sampled_from(["minute", "hour", "day", "month"]),
    zone=st.sampled_from(["UTC", "Pacific/Auckland", "America/Santiago"]),
    steps=st.lists(st.integers(-90, 90), max_size=25),
    unit=st.sampled_from(["seconds", "minutes", "hours"]),
)
def test_no_window_is_ever_overspent(
    sqlite_db: Database,
    calls: int,
    per: Literal["minute", "hour", "day", "month"],
    zone: str,
    steps: list[int],
    unit: str,
) -> None:
    """Whatever the clock does, backwards included, no window of it sees more calls than its limit."""
    clock = ManualClock(NOON)
    subject = f"{SUBJECT} {next(EXAMPLES)}"
    meter = Ledger(sqlite_db, clock, subject, [PoolLimit(calls, per, zone)])
    seen: Counter[datetime] = Counter()
    for step in steps:
        clock.move(**{unit: step})
        with contextlib.suppress(PurseSpent):
            meter.ask()
            seen[windows.start(windows.name(per, zone), clock.now())] += 1
    assert all(count <= calls for count in seen.values())


def test_calls_are_spaced(db: Database, manual_clock: ManualClock) -> None:
    """Each call gets its own place in time, at least the spacing after the one before."""
    meter = Ledger(db, manual_clock, SUBJECT, spacing=timedelta(milliseconds=250))
    other = Ledger(db, manual_clock, SUBJECT, spacing=timedelta(milliseconds=250))
    waits = [meter.ask().wait, other.ask().wait, meter.ask().wait]
    assert waits == [timedelta(0), timedelta(milliseconds=250), timedelta(milliseconds=500)]
    manual_clock.move(seconds=0.6)
    assert meter.ask().wait == timedelta(milliseconds=150)
    manual_clock.move(seconds=5)
    assert meter.ask().wait == timedelta(0)


def test_clock_put_back_does_not_stall_the_spacing(db: Database, manual_clock: ManualClock) -> None:
    """A place reserved before the clock was put back by hours is not waited for."""
    meter = Ledger(db, manual_clock, SUBJECT, spacing=timedelta(milliseconds=250))
    meter.ask()
    manual_clock.move(hours=-3)
    assert meter.ask().wait == timedelta(0)
    assert meter.ask().wait == timedelta(milliseconds=250)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({}, 60), ({"retry-after": "7"}, 7), ({"retry-after": "Sat, 21 Nov 2026 12:05:00 GMT"}, 300)],
)
def test_told_to_wait_the_purse_sleeps(
    db: Database, manual_clock: ManualClock, headers: dict[str, str], seconds: int
) -> None:
    """After a 429 nobody calls before the time asked for, a minute if none was; then calls go on."""
    meter = Ledger(db, manual_clock, SUBJECT)
    meter.settle(meter.ask(), "answered", 429, headers)
    with pytest.raises(PurseSpent, match="told to wait") as caught:
        Ledger(db, manual_clock, SUBJECT).ask()
    assert caught.value.until == NOON + timedelta(seconds=seconds)
    assert counted(db)["day"] == (1, 1, 1)
    manual_clock.move(seconds=seconds)
    meter.ask()


def test_shorter_wait_does_not_wake_the_purse(db: Database, manual_clock: ManualClock) -> None:
    """A second 429 that asks for less does not shorten the sleep."""
    meter = Ledger(db, manual_clock, SUBJECT)
    first, second = meter.ask(), meter.ask()
    meter.settle(first, "answered", 429, {"retry-after": "100"})
    meter.settle(second, "answered", 429, {"retry-after": "5"})
    with pytest.raises(PurseSpent) as caught:
        meter.ask()
    assert caught.value.until == NOON + timedelta(seconds=100)


def test_lost_lease_stops_the_next_call(db: Database, manual_clock: ManualClock) -> None:
    """Once another process has the lease, no call is debited, but the one on its way is settled."""
    with db.write() as conn:
        lease = leases.acquire(conn, "pull:main", "me", NOON, MINUTE)
    meter = Ledger(db, manual_clock, SUBJECT, lease=lease)
    permit = meter.ask()
    manual_clock.move(minutes=2)
    with db.write() as conn:
        leases.acquire(conn, "pull:main", "other", manual_clock.now(), MINUTE)
    meter.settle(permit, "answered", 200, {})
    with pytest.raises(LeaseLost, match="taken over pull:main"):
        meter.ask()
    assert counted(db)["day"] == (1, 1, 0)


def test_no_call_inside_a_transaction(db: Database, manual_clock: ManualClock) -> None:
    """A call while this thread has a transaction open is a mistake in the program."""
    meter = Ledger(db, manual_clock, SUBJECT)
    with db.read(), pytest.raises(RuntimeError, match="inside a transaction"):
        meter.ask()
    assert counted(db) == {}


@pytest.mark.parametrize(("side", "expected"), [("unleashed", (2, 0)), ("store", (0, 2))])
def test_calls_add_to_their_run(
    db: Database, manual_clock: ManualClock, side: Literal["unleashed", "store"], expected: tuple[int, int]
) -> None:
    """Every call is counted in the run it was made for, on its side."""
    account, store = opened(db)
    with db.write() as conn:
        run_id = runs.start(conn, "recent", account.id, store.id, "me", NOON)
    spend(Ledger(db, manual_clock, SUBJECT, run_id=run_id, side=side), 2)
    with db.read() as conn:
        row = runs.run(conn, run_id)
    assert row is not None
    assert (row.calls_unleashed, row.calls_store) == expected


@pytest.mark.parametrize(("concurrency", "asking", "settling"), [(0, 4, 2), (1, 5, 3)])
def test_call_costs_few_statements(
    db: Database, manual_clock: ManualClock, concurrency: int, asking: int, settling: int
) -> None:
    """Asking takes four statements in one transaction and settling two, one more each with a slot to hold."""
    account, _ = opened(db)
    with db.write() as conn:
        run_id = runs.start(conn, "recent", account.id, None, "me", NOON)
        lease = leases.acquire(conn, "pull:main", "me", NOON, MINUTE)
    limits = [PoolLimit(9, "hour"), PoolLimit(9, "month", "Pacific/Auckland")]
    meter = Ledger(
        db, manual_clock, SUBJECT, limits, timedelta(seconds=1), "recent", run_id, "unleashed", lease
    )
    meter.concurrency = concurrency
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    permit = meter.ask()
    assert len([one for one in seen if not one.startswith("BEGIN")]) == asking
    seen.clear()
    meter.settle(permit, "answered", 200, {})
    assert len([one for one in seen if not one.startswith("BEGIN")]) == settling


def test_killed_before_the_commit_the_call_was_not_debited(db: Database, manual_clock: ManualClock) -> None:
    """A process that dies before the debit is durable has neither counted nor made the call."""
    meter = Ledger(db, manual_clock, SUBJECT)

    def seam(moment: str) -> None:
        if moment == "before_commit":
            raise KeyboardInterrupt

    db.seam = seam
    with pytest.raises(KeyboardInterrupt):
        meter.ask()
    assert counted(db) == {}


def test_spent_is_shown_per_limit(db: Database, manual_clock: ManualClock) -> None:
    """The figures for people: limit, spent and when it starts anew, also before the first call."""
    limits = [PoolLimit(9, "hour"), PoolLimit(5000, "month")]
    spend(Ledger(db, manual_clock, SUBJECT, limits), 2)
    november, december = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    with db.read() as conn:
        assert ledger.spent(conn, SUBJECT, limits, NOON) == [
            PoolSpent("hour", 9, 2, NOON + timedelta(hours=1), billed=2, began=NOON),
            PoolSpent("month", 5000, 2, december, billed=2, began=november),
        ]
        assert ledger.spent(conn, "store shop", limits[1:], NOON) == [
            PoolSpent("month", 5000, 0, december, began=november)
        ]
        assert ledger.calls_in_month(conn, SUBJECT, NOON) == 2
        assert ledger.calls_in_month(conn, SUBJECT, december) == 0


def test_old_windows_are_forgotten_a_chunk_at_a_time(db: Database, manual_clock: ManualClock) -> None:
    """Windows from before a time are deleted, at most so many at once, and later ones stay."""
    meter = Ledger(db, manual_clock, SUBJECT, [PoolLimit(9, "minute")])
    for _ in range(3):
        spend(meter, 1)
        manual_clock.move(minutes=1)
    with db.write() as conn:
        assert [ledger.prune(conn, NOON + 2 * MINUTE, 3) for _ in range(3)] == [3, 1, 0]
        assert conn.execute(select(ledger_table.c.per)).scalars().all() == ["minute"]
        assert len(conn.execute(select(purse)).all()) == 1

"""Every call is counted for its purpose and day; rates are measured over the days there is data for."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from syncd.http import Ending
from syncd.state import ledger, usage
from syncd.state.db import Database
from syncd.state.ledger import Ledger
from syncd.state.records import Used
from tests.databases import NOON, ManualClock

SUBJECT = "account main"
DAY = timedelta(days=1)
TODAY = datetime.fromisoformat("2026-11-21T00:00Z")


def spend(db: Database, clock: ManualClock, purpose: str, calls: int, status: int = 200) -> None:
    """Make so many calls for a purpose."""
    meter = Ledger(db, clock, SUBJECT, purpose=purpose)
    for _ in range(calls):
        meter.settle(meter.ask(), "answered", status, {})


def used(db: Database, since: datetime = TODAY, until: datetime = TODAY + DAY) -> dict[str, Used]:
    with db.read() as conn:
        return usage.by_purpose(conn, SUBJECT, since, until)


@pytest.mark.parametrize(
    ("ending", "status", "expected"),
    [
        ("answered", 200, Used(1, 1, 0)),
        ("answered", 404, Used(1, 1, 1)),
        ("lost", None, Used(1, 1, 1)),
        ("unreachable", None, Used(1, 0, 1)),
    ],
)
def test_a_call_is_counted_for_its_purpose(
    db: Database, manual_clock: ManualClock, ending: Ending, status: int | None, expected: Used
) -> None:
    """It is attempted before it is sent, and billed or failed as it ended."""
    meter = Ledger(db, manual_clock, SUBJECT, purpose="recent")
    permit = meter.ask()
    assert used(db) == {"recent": Used(1, 0, 0)}
    meter.settle(permit, ending, status, {})
    assert used(db) == {"recent": expected}


def test_purposes_add_up_to_the_ledger(db: Database, manual_clock: ManualClock) -> None:
    """Each purpose has its own count, and together they are what the purse has counted."""
    for purpose, calls in (("recent", 3), ("rotation", 2), ("resync", 1)):
        spend(db, manual_clock, purpose, calls)
    spend(db, manual_clock, "recent", 1, 500)
    assert used(db) == {"recent": Used(4, 4, 1), "resync": Used(1, 1, 0), "rotation": Used(2, 2, 0)}
    with db.read() as conn:
        assert ledger.used_in(conn, SUBJECT, "month", NOON) == Used(7, 7, 1)
    assert usage.total(used(db)) == Used(7, 7, 1)


def test_a_call_belongs_to_the_day_it_was_made_on(db: Database, manual_clock: ManualClock) -> None:
    """An answer that comes after midnight is noted on the day of its call."""
    manual_clock.time = TODAY + timedelta(hours=23, minutes=59)
    meter = Ledger(db, manual_clock, SUBJECT, purpose="recent")
    permit = meter.ask()
    manual_clock.move(minutes=2)
    meter.settle(permit, "answered", 200, {})
    assert used(db) == {"recent": Used(1, 1, 0)}
    assert used(db, TODAY + DAY, TODAY + 2 * DAY) == {}
    assert used(db, TODAY + timedelta(hours=5), TODAY + 9 * DAY) == {"recent": Used(1, 1, 0)}


def test_rates_are_measured_over_the_days_there_is_data_for(db: Database, manual_clock: ManualClock) -> None:
    """A first day counts as one, a young purse from its first day, an old one over its last week."""

    def rates() -> dict[str, float]:
        with db.read() as conn:
            return usage.attempts_per_day(conn, SUBJECT, manual_clock.now())

    assert rates() == {}
    spend(db, manual_clock, "recent", 6)
    assert rates() == {"recent": 6.0}
    manual_clock.move(days=1, hours=12)
    spend(db, manual_clock, "rotation", 4)
    assert rates() == {"recent": 3.0, "rotation": 2.0}
    manual_clock.move(days=7)
    assert rates() == {"rotation": pytest.approx(4 / 7)}


def test_old_days_are_forgotten_a_chunk_at_a_time(db: Database, manual_clock: ManualClock) -> None:
    """Days from before a time are deleted, at most so many rows at once, and later ones stay."""
    for _ in range(3):
        for purpose in ("recent", "rotation"):
            spend(db, manual_clock, purpose, 1)
        manual_clock.move(days=1)
    with db.write() as conn:
        assert [usage.prune(conn, TODAY + 2 * DAY, 3) for _ in range(3)] == [3, 1, 0]
    assert used(db, TODAY, TODAY + 9 * DAY) == {"recent": Used(1, 1, 0), "rotation": Used(1, 1, 0)}

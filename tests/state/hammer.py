"""A process of its own that makes calls on one purse until it is spent, and prints what it saw.

`calls` prints how many calls it got of a month, `overflow` how many of an hour and the day that it overflows
into. `slots` calls one at a time, and writes both ends of every call down in a file that all processes share.
"""

from __future__ import annotations

import contextlib
import os
import sys
from datetime import UTC, datetime, timedelta

from syncd.errors import Busy, PurseSpent
from syncd.state.db import open_database
from syncd.state.ledger import Ledger
from syncd.state.records import PoolLimit

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class StillClock:
    """A clock that stands at noon, so that no window turns while processes hammer."""

    def now(self) -> datetime:
        return NOON

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody sleeps here, not even {seconds} s")


def calls(url: str, limit: int) -> str:
    """Call until the month is spent."""
    return str(_until_spent(_ledger(url, [PoolLimit(limit, "month")])))


def overflow(url: str, limit: int) -> str:
    """Call until the hour and what it overflows into are spent."""
    return str(_until_spent(_ledger(url, [PoolLimit(limit, "hour", overflow=PoolLimit(2 * limit, "day"))])))


def slots(url: str, limit: int, places: str) -> str:
    """Call until the month is spent, and write down when each call began and ended."""
    ledger = _ledger(url, [PoolLimit(limit, "month")])
    ledger.concurrency, ledger.slot_time = 1, timedelta(minutes=5)
    made = 0
    log = os.open(places, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    while True:
        with contextlib.suppress(Busy):
            try:
                permit = ledger.ask()
            except PurseSpent:
                return str(made)
            os.write(log, b"+")
            os.write(log, b"-")
            ledger.settle(permit, "answered", 200, {})
            made += 1


def _ledger(url: str, limits: list[PoolLimit]) -> Ledger:
    return Ledger(open_database(url), StillClock(), "account main", limits, purpose="orders")


def _until_spent(ledger: Ledger) -> int:
    made = 0
    with contextlib.suppress(PurseSpent):
        while True:
            ledger.settle(ledger.ask(), "answered", 200, {})
            made += 1
    return made


def main(what: str, url: str, limit: int, *more: str) -> None:
    """Say that it is ready, start when a line comes in, and print the outcome."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    if what == "slots":
        told = slots(url, limit, *more)
    else:
        told = overflow(url, limit) if what == "overflow" else calls(url, limit)
    sys.stdout.write(f"{told}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:])

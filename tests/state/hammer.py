"""A process of its own that makes calls on one purse until it is spent, and prints how many it got."""

from __future__ import annotations

import sys

from syncd.clock import SystemClock
from syncd.errors import PurseSpent
from syncd.state.db import open_database
from syncd.state.ledger import Ledger
from syncd.state.records import PoolLimit


def main(url: str, limit: int) -> None:
    """Call until the month is spent; start when a line comes in."""
    ledger = Ledger(open_database(url), SystemClock(), "account main", [PoolLimit(limit, "month")])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    made = 0
    try:
        while True:
            ledger.settle(ledger.ask(), "answered", 200, {})
            made += 1
    except PurseSpent:
        sys.stdout.write(f"{made}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

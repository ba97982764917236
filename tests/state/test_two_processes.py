"""Two processes on one database share every purse to the call, and never have more under way than may be."""

from __future__ import annotations

import subprocess
import sys
from itertools import accumulate
from pathlib import Path

import pytest

from syncd.state import slots
from syncd.state.db import Database
from tests.databases import NOON

ROOT = Path(__file__).parents[2]


def hammered(*arguments: str) -> list[int]:
    """Have two processes call as fast as they can, at the same time; return how many calls each got."""
    command = [sys.executable, "-m", "tests.state.hammer", *arguments]
    hammers = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for hammer in hammers:
        assert hammer.stdout is not None
        assert hammer.stderr is not None
        assert hammer.stdout.readline() == "ready\n", hammer.stderr.read()
    for hammer in hammers:
        assert hammer.stdin is not None
        hammer.stdin.write("go\n")
        hammer.stdin.flush()
    told = [hammer.communicate(timeout=60) for hammer in hammers]
    assert all(out.strip() for out, _ in told), told
    return [int(out) for out, _ in told]


@pytest.mark.parametrize(("what", "limit", "calls"), [("calls", 60, 60), ("overflow", 20, 60)])
def test_two_processes_never_overspend(url: str, what: str, limit: int, calls: int) -> None:
    """Two processes get exactly the limit between them, of one window and of one that overflows."""
    assert sum(hammered(what, url, str(limit))) == calls


def test_two_processes_never_call_at_once_more_than_may_be(url: str, tmp_path: Path, db: Database) -> None:
    """With one call at a time, no two are ever under way, and none is in the end."""
    places = tmp_path / "places"
    assert sum(hammered("slots", url, "60", str(places))) == 60
    steps = [1 if byte == ord("+") else -1 for byte in places.read_bytes()]
    under_way = list(accumulate(steps))
    assert (len(steps), min(under_way), max(under_way), under_way[-1]) == (120, 0, 1, 0)
    with db.read() as conn:
        assert slots.held(conn, "account main", NOON) == 0

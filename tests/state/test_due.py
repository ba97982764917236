"""A job is started once for each time it is due, whoever looks first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from syncd.state import due
from syncd.state.db import Database
from syncd.state.records import DueRow
from tests.databases import NOON
from tests.state.samples import MINUTE

KEY = ("recent", "main")


def test_first_start_is_claimed_once(db: Database) -> None:
    """A job that never ran is claimed by the first who asks."""
    with db.write() as conn:
        assert due.due_rows(conn) == {}
        assert due.claim(conn, *KEY, NOON, None)
        assert not due.claim(conn, *KEY, NOON, None)
        assert due.due_rows(conn) == {KEY: DueRow(*KEY, NOON)}


def test_later_start_needs_the_last_one_seen(db: Database) -> None:
    """A claim with an outdated last start is refused."""
    later = NOON + MINUTE
    with db.write() as conn:
        assert not due.claim(conn, *KEY, later, NOON)
        due.claim(conn, *KEY, NOON, None)
        assert due.claim(conn, *KEY, later, NOON)
        assert not due.claim(conn, *KEY, later, NOON)
        assert due.due_rows(conn)[KEY].last_started == later


@pytest.mark.parametrize("before", [None, NOON - MINUTE])
def test_asked_for_is_remembered_until_it_starts(db: Database, before: datetime | None) -> None:
    """What a person asked for stays asked for until the job is claimed, first run or not."""
    with db.write() as conn:
        if before:
            due.claim(conn, *KEY, before, None)
        due.ask_at(conn, *KEY, NOON)
        assert due.due_rows(conn)[KEY] == DueRow(*KEY, before, NOON)
        assert due.claim(conn, *KEY, NOON, before)
        assert due.due_rows(conn)[KEY] == DueRow(*KEY, NOON, None)


@pytest.mark.parametrize("before", [None, NOON - MINUTE])
def test_of_many_at_once_one_claims(db: Database, before: datetime | None) -> None:
    """Eight threads that see the same job due: one starts it."""
    if before:
        with db.write() as conn:
            due.claim(conn, *KEY, before, None)

    def want(_: int) -> bool:
        with db.write() as conn:
            return due.claim(conn, *KEY, NOON, before)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(want, range(8))) == 1

"""What people must be told, and the mails that tell it, as they are kept on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from syncd.core.alert import Alert, Trouble
from syncd.state import alerts, mails
from syncd.state.db import Database
from tests.databases import NOON

TAX = Trouble("parked: tax", "store:1", "1 order is parked.", "Set the tax code.")
BUSY = Trouble("failing", "store:1", "1 order failed.", "Wait.", passing=True)
LOGIN = Trouble("login", "account:1", "The key is refused.", "Correct it.")
HOUR = timedelta(hours=1)


def kept(db: Database, troubles: Sequence[Trouble], at: datetime = NOON) -> list[Alert]:
    """Keep these as all that is wrong and return what is open."""
    with db.write() as conn:
        return alerts.bring_up_to_date(conn, troubles, at)


def test_a_trouble_has_one_open_row(db: Database) -> None:
    """Seen again it is counted and worded anew under the same number, and nothing else of it changes."""
    [first] = kept(db, [TAX])
    [again] = kept(db, [replace(TAX, what="12 orders are parked.", times=12)], NOON + HOUR)
    assert (again.id, again.times, again.what) == (first.id, 12, "12 orders are parked.")
    assert (again.first_at, again.last_at) == (NOON, NOON + HOUR)
    [same] = kept(db, [replace(TAX, what="12 orders are parked.", times=12)], NOON + 2 * HOUR)
    assert same.last_at == NOON + HOUR


def test_what_is_gone_is_closed_and_comes_back_as_new(db: Database) -> None:
    """A cause that was solved is told anew when it returns."""
    [first] = kept(db, [TAX])
    with db.write() as conn:
        alerts.note_told(conn, [first], NOON)
    assert kept(db, []) == []
    [second] = kept(db, [TAX], NOON + HOUR)
    assert (second.id != first.id, second.told_at) == (True, None)


def test_what_passes_by_itself_is_the_same_when_it_soon_returns(db: Database) -> None:
    """A failure that comes and goes is one trouble for six hours, and a new one after."""
    [first] = kept(db, [BUSY])
    with db.write() as conn:
        alerts.note_told(conn, [first], NOON)
    kept(db, [])
    [soon] = kept(db, [BUSY], NOON + HOUR)
    assert (soon.id, soon.told_at) == (first.id, NOON)
    kept(db, [], NOON + 2 * HOUR)
    [late] = kept(db, [BUSY], NOON + 9 * HOUR)
    assert late.id != first.id


def test_an_event_stays_until_it_goes_well(db: Database) -> None:
    """What a run reported is not closed by looking at the state, only by a run that went well."""
    with db.write() as conn:
        alerts.raise_event(conn, LOGIN, NOON)
        alerts.raise_event(conn, LOGIN, NOON + HOUR)
    assert [each.cause for each in kept(db, [])] == ["login"]
    with db.write() as conn:
        assert alerts.clear_event(conn, ("login",), "account:2", NOON) == 0
        assert alerts.clear_event(conn, ("login",), "account:1", NOON) == 1
    assert kept(db, []) == []


def test_what_was_closed_is_forgotten_in_time(db: Database) -> None:
    """Pruning takes old closed alerts, never open ones."""
    kept(db, [TAX])
    kept(db, [BUSY], NOON + HOUR)
    with db.write() as conn:
        assert alerts.prune(conn, NOON + HOUR) == 0
        assert alerts.prune(conn, NOON + 2 * HOUR) == 1
        assert [each.cause for each in alerts.open_alerts(conn)] == ["failing"]


def test_mails_wait_in_order_until_they_are_taken(db: Database) -> None:
    """A failed one is due later, a sent one never again, and what waits says why."""
    with db.write() as conn:
        for subject in ("one", "two"):
            mails.add(conn, subject, "text", "<p>page</p>", NOON)
        first, second = mails.due(conn, NOON)
        assert (first.subject, second.subject, mails.waiting(conn)) == ("one", "two", (0, ""))
        mails.note_failed(conn, first, "451 later", NOON + HOUR)
        mails.note_sent(conn, second, NOON)
        assert mails.due(conn, NOON) == []
        assert mails.waiting(conn) == (1, "451 later")
        [again] = mails.due(conn, NOON + HOUR)
        assert (again.subject, again.attempts, again.error) == ("one", 1, "451 later")
        assert mails.prune(conn, NOON) == 0
        assert mails.prune(conn, NOON + HOUR) == 2

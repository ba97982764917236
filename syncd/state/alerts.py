"""What people must be told: one open row per cause and subject, since when, and when it was told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from syncd.core.alert import Alert, Trouble
from syncd.state.db import chunks
from syncd.state.schema import alert as table

FLAPS = timedelta(hours=6)
"""What passes by itself, and comes back within this time, is the same trouble still."""

EVENTS = ("login", "crash", "reconcile")
"""Causes that runs report; all others are seen in the state itself."""

Key = tuple[str, str]


def open_alerts(conn: Connection) -> list[Alert]:
    """Return what is wrong now, in the order in which it began."""
    rows = conn.execute(select(table).where(table.c.cleared_at.is_(None)).order_by(table.c.id))
    return [_alert(row) for row in rows]


def bring_up_to_date(conn: Connection, troubles: Iterable[Trouble], now: datetime) -> list[Alert]:
    """Keep these as all that is wrong now, beside the events of runs; return every open alert.

    What is new gets a row, what is known is counted and worded anew, what is gone is cleared.
    """
    wanted: dict[Key, Trouble] = {(each.cause, each.subject): each for each in troubles}
    known = {(each.cause, each.subject): each for each in open_alerts(conn)}
    gone = [each.id for key, each in known.items() if key not in wanted and each.cause not in EVENTS]
    _clear(conn, gone, now)
    for key, trouble in wanted.items():
        _keep(conn, trouble, known.get(key), now)
    return open_alerts(conn)


def raise_event(conn: Connection, trouble: Trouble, now: datetime) -> None:
    """Note that this happened (again); it stays open until `clear_event`."""
    mine = (table.c.cause == trouble.cause, table.c.subject == trouble.subject, table.c.cleared_at.is_(None))
    row = conn.execute(select(table).where(*mine)).first()
    known = None if row is None else _alert(row)
    _keep(conn, trouble, known, now)


def clear_event(conn: Connection, causes: Collection[str], subject: str, now: datetime) -> int:
    """Note that it went well; return how many alerts that closed."""
    mine = (table.c.cause.in_(list(causes)), table.c.subject == subject, table.c.cleared_at.is_(None))
    return conn.execute(update(table).where(*mine).values(cleared_at=now)).rowcount


def note_told(conn: Connection, alerts: Sequence[Alert], now: datetime) -> None:
    """Note that people are told of these, as they are now."""
    for alert in alerts:
        told = update(table).where(table.c.id == alert.id)
        conn.execute(told.values(told_at=now, told_times=alert.times))


def prune(conn: Connection, before: datetime, limit: int = 1000) -> int:
    """Forget what was cleared before then, at most `limit`; return how many. Call until 0."""
    old = select(table.c.id).where(table.c.cleared_at < before).limit(limit)
    return conn.execute(delete(table).where(table.c.id.in_(old))).rowcount


def _keep(conn: Connection, trouble: Trouble, known: Alert | None, now: datetime) -> None:
    words = _words(trouble)
    if known is None and trouble.passing:
        known = _lately_cleared(conn, trouble, now)
        words["cleared_at"] = None
    if known is None:
        named = {"cause": trouble.cause, "subject": trouble.subject}
        first = {"first_at": now, "last_at": now, "told_times": 0}
        conn.execute(insert(table), {**named, **words, **first, "cleared_at": None})
    elif "cleared_at" in words or words != _words(known):
        conn.execute(update(table).where(table.c.id == known.id).values(last_at=now, **words))


def _lately_cleared(conn: Connection, trouble: Trouble, now: datetime) -> Alert | None:
    mine = (table.c.cause == trouble.cause, table.c.subject == trouble.subject)
    wanted = select(table).where(*mine, table.c.cleared_at > now - FLAPS).order_by(table.c.id.desc())
    row = conn.execute(wanted.limit(1)).first()
    return None if row is None else _alert(row)


def _clear(conn: Connection, ids: Sequence[int], now: datetime) -> None:
    for some in chunks(ids):
        conn.execute(update(table).where(table.c.id.in_(some)).values(cleared_at=now))


def _words(one: Trouble | Alert) -> dict[str, Any]:
    return {"what": one.what, "do": one.do, "example": one.example, "times": one.times}


def _alert(row: Row[Any]) -> Alert:
    return Alert(**{name: value for name, value in row._asdict().items() if name != "cleared_at"})

"""When each job last started for each subject, and who asked for it out of turn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, null, select, update

from syncd.state.columns import UtcDateTime
from syncd.state.records import DueRow
from syncd.state.schema import due as table
from syncd.state.upsert import Upsert


def _cleared(_new: Any) -> Mapping[str, Any]:
    return {"asked_at": null()}


_FIRST = Upsert(
    table,
    update=("last_started",),
    compute=_cleared,
    where=lambda _: table.c.last_started.is_(None),
    returning=(table.c.job,),
)
_NEXT = (
    update(table)
    .where(table.c.job == bindparam("job_"), table.c.subject == bindparam("subject_"))
    .where(table.c.last_started == bindparam("expected", type_=UtcDateTime))
    .values(last_started=bindparam("now", type_=UtcDateTime), asked_at=None)
    .returning(table.c.job)
)
_ALL = select(table)
_ASK = Upsert(table, update=("asked_at",))


def due_rows(conn: Connection) -> dict[tuple[str, str], DueRow]:
    """Return what is known of every job, by (job, subject). One that never started may have no row."""
    rows = conn.execute(_ALL)
    return {
        (row.job, row.subject): DueRow(row.job, row.subject, row.last_started, row.asked_at) for row in rows
    }


def claim(conn: Connection, job: str, subject: str, now: datetime, expected_last: datetime | None) -> bool:
    """Note that the job starts now, if its last start is still the one expected; False if another was first.

    A claim answers whatever was asked for until now.
    """
    if expected_last is None:
        first = {"job": job, "subject": subject, "last_started": now}
        return conn.execute(_FIRST.on(conn), first).one_or_none() is not None
    later = {"job_": job, "subject_": subject, "expected": expected_last, "now": now}
    return conn.execute(_NEXT, later).one_or_none() is not None


def ask_at(conn: Connection, job: str, subject: str, at: datetime | None) -> None:
    """Ask for the job to be started at that time, before its interval says so; None takes it back."""
    conn.execute(_ASK.on(conn), {"job": job, "subject": subject, "asked_at": at})

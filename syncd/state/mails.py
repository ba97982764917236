"""Mails that are written and not yet taken by the mail server, and those that were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from syncd.state.schema import mail as table


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. `due_at` is when it is tried next; `error` is a sentence on the last attempt."""

    id: int
    at: datetime
    subject: str
    body: str
    html: str
    attempts: int
    due_at: datetime
    sent_at: datetime | None = None
    error: str = ""


def add(conn: Connection, subject: str, body: str, html: str, now: datetime) -> None:
    """Put a mail into the queue, due at once. Belongs in the transaction that notes it as told."""
    values = {"at": now, "subject": subject, "body": body, "html": html, "attempts": 0, "due_at": now}
    conn.execute(insert(table), values)


def due(conn: Connection, now: datetime, limit: int = 20) -> list[Mail]:
    """Return the mails that are to be tried now, the oldest first."""
    wanted = select(table).where(table.c.sent_at.is_(None), table.c.due_at <= now)
    return [_mail(row) for row in conn.execute(wanted.order_by(table.c.id).limit(limit))]


def note_sent(conn: Connection, mail: Mail, now: datetime, error: str = "") -> None:
    """Note that the mail server took it; `error` tells of single recipients it refused."""
    mine = update(table).where(table.c.id == mail.id)
    conn.execute(mine.values(sent_at=now, attempts=mail.attempts + 1, error=error))


def note_failed(conn: Connection, mail: Mail, error: str, due_at: datetime) -> None:
    """Note why it was not taken, and when it is tried again."""
    mine = update(table).where(table.c.id == mail.id)
    conn.execute(mine.values(attempts=mail.attempts + 1, error=error, due_at=due_at))


def waiting(conn: Connection) -> tuple[int, str]:
    """Return how many mails wait after a failed attempt, and what the last attempt of one said."""
    unsent = (table.c.sent_at.is_(None), table.c.attempts > 0)
    number = int(conn.execute(select(func.count()).select_from(table).where(*unsent)).scalar_one())
    latest = select(table.c.error).where(*unsent).order_by(table.c.id.desc()).limit(1)
    return number, conn.execute(latest).scalar_one_or_none() or ""


def prune(conn: Connection, written_before: datetime, limit: int = 1000) -> int:
    """Forget mails written before then, taken or not, at most `limit`; return how many. Call until 0."""
    old = select(table.c.id).where(table.c.at < written_before)
    return conn.execute(delete(table).where(table.c.id.in_(old.limit(limit)))).rowcount


def _mail(row: Row[Any]) -> Mail:
    return Mail(**row._mapping)

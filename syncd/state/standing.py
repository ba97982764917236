"""What of the outbox waits for a person, or for better times, by what one remedy cures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from syncd.state.outbox import Document, Kind, State
from syncd.state.schema import outbox as table

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """Documents of a store in one state for one cause: how many, since when, and the latest few of them."""

    kind: Kind
    state: State
    cause: str
    number: int
    since: datetime
    examples: tuple[Document, ...]


def standing(conn: Connection, store_id: int, states: Sequence[State]) -> list[Standing]:
    """Return what of the store is in these states and has a reason to be, by kind, state and cause."""
    mine = (table.c.store_id == store_id, table.c.state.in_(list(states)), table.c.reason != "")
    number, since = func.count().label("number"), func.min(table.c.state_at).label("since")
    by = (table.c.kind, table.c.state, table.c.cause)
    rows = conn.execute(select(*by, number, since).where(*mine).group_by(*by).order_by(*by)).all()
    return [
        Standing(row.kind, row.state, row.cause, row.number, row.since, _examples(conn, store_id, row))
        for row in rows
    ]


def _examples(conn: Connection, store_id: int, row: Any) -> tuple[Document, ...]:
    mine = (
        table.c.store_id == store_id,
        table.c.kind == row.kind,
        table.c.state == row.state,
        table.c.cause == row.cause,
    )
    newest = select(table).where(*mine, table.c.reason != "").order_by(table.c.state_at.desc(), table.c.doc)
    return tuple(_document(each) for each in conn.execute(newest.limit(EXAMPLES)))


def posted_with_reason(conn: Connection, store_id: int, limit: int = 100) -> list[Document]:
    """Return what was posted and yet has a reason to be looked at by a person.

    Unleashed made other totals of it or would not complete it, the store edited it or called it off later,
    or would not take what became of it.
    """
    mine = (table.c.store_id == store_id, table.c.state == "posted", table.c.reason != "")
    rows = conn.execute(select(table).where(*mine).order_by(table.c.created, table.c.doc).limit(limit))
    return [_document(row) for row in rows]


def posted_since(conn: Connection, store_id: int, since: datetime, until: datetime) -> int:
    """Count the orders that Unleashed confirmed in this time."""
    mine = (table.c.store_id == store_id, table.c.kind == "order", table.c.state == "posted")
    wanted = select(func.count()).select_from(table).where(*mine, table.c.posted_at >= since)
    return int(conn.execute(wanted.where(table.c.posted_at < until)).scalar_one())


def _document(row: Row[Any]) -> Document:
    return Document(**row._asdict())

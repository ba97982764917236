"""How far the orders and customers of each store have been read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from syncd.state.schema import store_cursor as table
from syncd.state.upsert import Upsert

_SAVE = Upsert(table, update=("cursor", "since", "started_at", "completed_at"))


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a feed of a store was read. `cursor` is the store's own text, None before the first page.

    `since`: documents created before are left alone; settled at first contact and kept (aware UTC).
    """

    feed: str
    cursor: str | None = None
    since: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None


def cursor(conn: Connection, store_id: int, feed: str) -> Cursor:
    """Return how far this feed is; one that was never read has nothing but its name."""
    row = conn.execute(select(table).where(table.c.store_id == store_id, table.c.feed == feed)).one_or_none()
    if row is None:
        return Cursor(feed)
    return Cursor(row.feed, row.cursor, row.since, row.started_at, row.completed_at)


def save_cursor(conn: Connection, store_id: int, state: Cursor) -> None:
    """Keep how far a feed is. Belongs in the transaction that stored the page's documents."""
    values = {
        "store_id": store_id,
        "feed": state.feed,
        "cursor": state.cursor,
        "since": state.since,
        "started_at": state.started_at,
        "completed_at": state.completed_at,
    }
    conn.execute(_SAVE.on(conn), values)

"""Rows that could not be taken over: kept apart, so that one of them never stops a feed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from syncd.core.model import Poison
from syncd.state.db import chunks
from syncd.state.records import Parked
from syncd.state.schema import parked as table
from syncd.state.upsert import Upsert

_PARK = Upsert(table, update=("reason", "excerpt"))
_MINE = table.c.account_id == bindparam("account")
_STOCK = select(table.c.feed, table.c.key).where(_MINE, table.c.feed.startswith("stock"))
_ALL = select(table).where(_MINE).order_by(table.c.since, table.c.feed, table.c.key)


def park(conn: Connection, account_id: int, feed: str, poisons: Sequence[Poison], at: datetime) -> None:
    """Keep these rows with their reasons; one that was parked before keeps its first `since`.

    What a database cannot hold (NUL, lone surrogates) is stored as its escape, in keys as well.
    """
    rows = {one.key: one for one in poisons}
    if rows:
        conn.execute(
            _PARK.on(conn),
            [
                {
                    "account_id": account_id,
                    "feed": feed,
                    "key": one.key,
                    "reason": one.reason,
                    "excerpt": one.excerpt,
                    "since": at,
                }
                for one in rows.values()
            ],
        )


def unpark(conn: Connection, account_id: int, feed: str, keys: Sequence[str]) -> None:
    """Forget these rows, because they have since been read well. Keys that are not parked are ignored."""
    mine = delete(table).where(table.c.account_id == account_id, table.c.feed == feed)
    for some in chunks(keys):
        conn.execute(mine.where(table.c.key.in_(some)))


def unread_stock(conn: Connection, account_id: int) -> set[tuple[str, str]]:
    """Return warehouse ("" = Unleashed's sum) and guid of each stock row that is parked, so not known."""
    rows = conn.execute(_STOCK, {"account": account_id})
    return {(row.feed.partition(":")[2], row.key) for row in rows}


def parked_rows(conn: Connection, account_id: int) -> list[Parked]:
    """Return what is parked, the oldest first."""
    rows = conn.execute(_ALL, {"account": account_id})
    return [Parked(row.feed, row.key, row.reason, row.excerpt, row.since) for row in rows]

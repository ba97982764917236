"""Full reads that proved that they saw every row."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from syncd.state.schema import certificate as table
from syncd.state.upsert import Upsert

KEPT = timedelta(days=400)

_SAVE = Upsert(table, update=("ended_at", "rows", "pages", "calls"))


@dataclass(frozen=True, slots=True)
class Certificate:
    """The proof "complete: n of n" of one feed.

    `started_at` is when the first page that it rests on was asked for, `ended_at` when the last was kept.
    `calls` are the pages that were read for it in all, those of windows that proved nothing included.
    """

    feed: str
    warehouse: str
    started_at: datetime
    ended_at: datetime
    rows: int
    pages: int
    calls: int

    def __str__(self) -> str:
        name = f"{self.feed}:{self.warehouse}" if self.warehouse else self.feed
        return f"{name}: complete: {self.rows:,} of {self.rows:,}"


def certificates(
    conn: Connection, account_id: int, feed: str, warehouse: str = "", limit: int = 1
) -> list[Certificate]:
    """Return the latest certificates of the feed, the latest first."""
    wanted = select(table).where(
        table.c.account_id == account_id, table.c.feed == feed, table.c.warehouse == warehouse
    )
    rows = conn.execute(wanted.order_by(table.c.ended_at.desc()).limit(limit))
    return [
        Certificate(row.feed, row.warehouse, row.started_at, row.ended_at, row.rows, row.pages, row.calls)
        for row in rows
    ]


def save_certificate(conn: Connection, account_id: int, one: Certificate) -> None:
    """Keep a certificate, and forget those of the feed that are older than a year and a bit."""
    conn.execute(_SAVE.on(conn), {"account_id": account_id, **asdict(one)})
    mine = delete(table).where(table.c.account_id == account_id, table.c.feed == one.feed)
    conn.execute(mine.where(table.c.ended_at < one.ended_at - KEPT))

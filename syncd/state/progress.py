"""How far each feed of each account has been read."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from syncd.state.records import Progress
from syncd.state.schema import progress as table
from syncd.state.upsert import Upsert

_SAVE = Upsert(
    table,
    update=(
        "watermark",
        "started_at",
        "completed_at",
        "certified_at",
        "certified_rows",
        "absence",
        "pass_no",
        "pages",
        "newest",
        "newest_at",
    ),
)

_MINE = select(table).where(table.c.account_id == bindparam("account"))
_ONE = _MINE.where(table.c.feed == bindparam("feed_"), table.c.warehouse == bindparam("place"))
_ALL = _MINE.order_by(table.c.feed, table.c.warehouse)


def progress(conn: Connection, account_id: int, feed: str, warehouse: str = "") -> Progress:
    """Return how far this feed is; one that was never read has nothing but its name."""
    row = conn.execute(_ONE, {"account": account_id, "feed_": feed, "place": warehouse}).one_or_none()
    return Progress(feed, warehouse) if row is None else _progress(row)


def save_progress(conn: Connection, account_id: int, state: Progress) -> None:
    """Keep how far a feed is. Belongs in the transaction that stored the last page's rows."""
    conn.execute(_SAVE.on(conn), {"account_id": account_id, **asdict(state)})


def all_progress(conn: Connection, account_id: int) -> list[Progress]:
    """Return every feed of the account, by feed and warehouse."""
    return [_progress(row) for row in conn.execute(_ALL, {"account": account_id})]


def _progress(row: Row[Any]) -> Progress:
    return Progress(
        feed=row.feed,
        warehouse=row.warehouse,
        watermark=row.watermark,
        started_at=row.started_at,
        completed_at=row.completed_at,
        certified_at=row.certified_at,
        certified_rows=row.certified_rows,
        absence=row.absence,
        pass_no=row.pass_no,
        pages=row.pages,
        newest=row.newest,
        newest_at=row.newest_at,
    )

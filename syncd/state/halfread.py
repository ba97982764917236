"""Feeds that are read half: how far, so that the next run goes on there."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import msgspec
from sqlalchemy import Connection, Delete, Row, bindparam, delete, select

from syncd.core.passes import HalfRead, Kind, Notes
from syncd.state.schema import half_read as table
from syncd.state.upsert import Upsert

_KEY = [column.name for column in table.primary_key]
_SAVE = Upsert(table, update=[column.name for column in table.columns if column.name not in _KEY])

_ALL = (
    select(table)
    .where(table.c.account_id == bindparam("account"))
    .order_by(table.c.kind, table.c.feed, table.c.warehouse)
)


def half_reads(conn: Connection, account_id: int, kind: Kind | None = None) -> list[HalfRead]:
    """Return every half-read feed of the account (of one kind, if given), by kind, feed and warehouse."""
    rows = conn.execute(_ALL, {"account": account_id})
    return [_half_read(row) for row in rows if kind in (None, row.kind)]


def half_read(conn: Connection, account_id: int, kind: Kind, feed: str, warehouse: str) -> HalfRead | None:
    """Return how far this read of the feed has come, None if none is under way."""
    for each in half_reads(conn, account_id, kind):
        if (each.feed, each.warehouse) == (feed, warehouse):
            return each
    return None


def save_half_read(conn: Connection, account_id: int, state: HalfRead) -> None:
    """Keep how far a read has come. Belongs in the transaction that stored the page's rows."""
    values = {name: value for name, value in asdict(state).items() if name != "notes"}
    conn.execute(_SAVE.on(conn), {"account_id": account_id, **values, "notes": state.notes})


def drop_half_read(conn: Connection, account_id: int, state: HalfRead) -> None:
    """Forget a read, because it was completed or is not wanted any more."""
    conn.execute(_of(account_id, state.kind, state.feed, state.warehouse))


def _of(account_id: int, kind: Kind, feed: str, warehouse: str) -> Delete:
    mine = delete(table).where(table.c.account_id == account_id, table.c.kind == kind)
    return mine.where(table.c.feed == feed, table.c.warehouse == warehouse)


def _half_read(row: Row[Any]) -> HalfRead:
    values = dict(row._mapping)
    del values["account_id"]
    return HalfRead(**{**values, "notes": msgspec.convert(row.notes, Notes)})

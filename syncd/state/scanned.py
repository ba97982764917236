"""What the last scan of a store saw, page by page, so that it can be gone on with and compared at leisure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, select

from syncd.core.model import Shown
from syncd.state.db import chunks
from syncd.state.records import Scan
from syncd.state.schema import scan as scan_table
from syncd.state.schema import store_product as table
from syncd.state.upsert import Upsert

KEPT = timedelta(hours=24)
"""A scan that broke off longer ago than this is begun anew: its first pages are too old to be compared."""

_SAVE = Upsert(table, update=("code", "shown", "scan"))
_SAVE_SCAN = Upsert(scan_table, update=("number", "cursor", "started_at", "completed_at"))


def scan(conn: Connection, store_id: int) -> Scan | None:
    """Return how far the store's scan has come, None if it was never scanned."""
    row = conn.execute(select(scan_table).where(scan_table.c.store_id == store_id)).one_or_none()
    return None if row is None else Scan(row.number, row.cursor, row.started_at, row.completed_at)


def save_page(conn: Connection, store_id: int, state: Scan, items: Sequence[Shown]) -> None:
    """Keep one page and how far the scan has come; a completed scan forgets what it did not see again."""
    latest = {item.ref: item for item in items}
    rows = [
        {
            "store_id": store_id,
            "ref": item.ref,
            "code": item.code.strip(),
            "shown": msgspec.to_builtins(asdict(item)),
            "scan": state.number,
        }
        for item in latest.values()
    ]
    if rows:
        conn.execute(_SAVE.on(conn), rows)
    conn.execute(_SAVE_SCAN.on(conn), {"store_id": store_id, **asdict(state)})
    if state.completed_at is not None:
        conn.execute(delete(table).where(table.c.store_id == store_id, table.c.scan != state.number))


def by_refs(conn: Connection, store_id: int, refs: Sequence[str]) -> dict[str, Shown]:
    """Return these records as the scan saw them, by the store's id."""
    found: dict[str, Shown] = {}
    for some in chunks(list(refs)):
        rows = conn.execute(select(table).where(table.c.store_id == store_id, table.c.ref.in_(some)))
        found |= {row.ref: _shown(row) for row in rows}
    return found


def by_codes(conn: Connection, store_id: int, codes: Sequence[str]) -> dict[str, Shown]:
    """Return the records with these codes outside the bin, as a look would: the others as duplicates."""
    groups: dict[str, list[Shown]] = {}
    for some in chunks(list(codes)):
        rows = conn.execute(select(table).where(table.c.store_id == store_id, table.c.code.in_(some)))
        for shown in map(_shown, rows):
            if not shown.status_is_trash():
                groups.setdefault(shown.code.strip(), []).append(shown)
    return {code: _first(group) for code, group in groups.items()}


def everything(conn: Connection, store_id: int) -> list[Shown]:
    """Return every record of the scan, by code; those without a code come first."""
    wanted = select(table).where(table.c.store_id == store_id)
    return [_shown(row) for row in conn.execute(wanted.order_by(table.c.code, table.c.ref))]


def next_scan(before: Scan | None, now: datetime) -> Scan:
    """Return the scan to go on with: the one under way if it is younger than a day, else a new one."""
    if before is not None and before.completed_at is None and abs(now - before.started_at) < KEPT:
        return before
    return Scan(1 if before is None else before.number + 1, None, now, None)


def _first(group: Sequence[Shown]) -> Shown:
    ordered = sorted(group, key=lambda shown: (len(shown.ref), shown.ref))
    return replace(ordered[0], duplicates=tuple(shown.ref for shown in ordered[1:]))


def _shown(row: Row[Any]) -> Shown:
    return msgspec.convert(row.shown, Shown)

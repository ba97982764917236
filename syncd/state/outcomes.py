"""Posted orders by what Unleashed made of them, and which of their stores are still to be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from syncd.state.db import chunks
from syncd.state.outbox import Document
from syncd.state.schema import outbox as table

TO_TELL = "to tell"
"""Stands in `told_store` while a store is still to be told something."""


def oldest_posted(conn: Connection, store_ids: Sequence[int]) -> datetime | None:
    """Return when the oldest posted order of these stores was made, None if there is none."""
    wanted = select(func.min(table.c.created)).where(*_posted(store_ids))
    found: datetime | None = conn.execute(wanted).scalar_one()
    return found


def by_guid(conn: Connection, store_ids: Sequence[int], guids: Sequence[str]) -> dict[str, Document]:
    """Return the posted orders of these stores that became these sales orders."""
    found: dict[str, Document] = {}
    for some in chunks(sorted(set(guids))):
        rows = conn.execute(select(table).where(*_posted(store_ids), table.c.guid.in_(some)))
        found |= {row.guid: _document(row) for row in rows}
    return found


def by_number(conn: Connection, store_ids: Sequence[int], numbers: Sequence[str]) -> dict[str, Document]:
    """Return the posted orders of these stores by Unleashed's order number."""
    found: dict[str, Document] = {}
    for some in chunks(sorted(set(numbers))):
        rows = conn.execute(select(table).where(*_posted(store_ids), table.c.order_number.in_(some)))
        found |= {row.order_number: _document(row) for row in rows}
    return found


def to_tell(conn: Connection, store_id: int, limit: int, after: str = "") -> list[Document]:
    """Return orders of which the store is still to be told, by id, going on after that one."""
    wanted = select(table).where(*_posted([store_id]), table.c.told_store == TO_TELL, table.c.doc > after)
    return [_document(row) for row in conn.execute(wanted.order_by(table.c.doc).limit(limit))]


def keep(conn: Connection, document: Document) -> None:
    """Keep what became of an order and what its store was told; nothing else of it is touched."""
    mine = update(table).where(table.c.store_id == document.store_id, table.c.kind == document.kind)
    values = {"found": dict(document.found), "told_store": document.told_store}
    words = {"cause": document.cause, "reason": document.reason, "do": document.do}
    conn.execute(mine.where(table.c.doc == document.doc).values(**values, **words))


def _posted(store_ids: Sequence[int]) -> tuple[Any, ...]:
    return table.c.store_id.in_(list(store_ids)), table.c.kind == "order", table.c.state == "posted"


def _document(row: Row[Any]) -> Document:
    return Document(**row._asdict())

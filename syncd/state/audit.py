"""Why every remote field is what it is: before, after, rule and run of each write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from syncd.state.records import Change, ChangeOutcome
from syncd.state.schema import change as table

_INSERT = insert(table)
_SETTLE = (
    update(table)
    .where(
        # Given the bare column, SQLite searches by run: through all that a first load has written so far.
        table.c.run_id + 0 == bindparam("run"),
        table.c.guid == bindparam("product"),
        table.c.store_id == bindparam("shop"),
        table.c.outcome == "sent",
    )
    .values(
        outcome=bindparam("ending"), ref=bindparam("record"), at=bindparam("moment", type_=table.c.at.type)
    )
)

_AFFECTED = (
    select(table.c.kind, table.c.guid)
    .distinct()
    .where(table.c.store_id == bindparam("shop"), table.c.at >= bindparam("since", type_=table.c.at.type))
    .where(table.c.kind != "", table.c.outcome != "refused")
)


def record(conn: Connection, store_id: int, run_id: int, changes: Sequence[Change], at: datetime) -> None:
    """Keep these changes, made in this store by this run at `at`."""
    common = {"store_id": store_id, "run_id": run_id, "at": at}
    if changes:
        conn.execute(_INSERT, [common | asdict(one) for one in changes])


def settle(
    conn: Connection,
    store_id: int,
    run_id: int,
    guid: str,
    outcome: ChangeOutcome,
    ref: str | None,
    at: datetime,
) -> None:
    """Say how the changes of one product, noted as sent by this run, have ended, and on which record."""
    values = {
        "run": run_id,
        "product": guid,
        "shop": store_id,
        "ending": outcome,
        "record": ref,
        "moment": at,
    }
    conn.execute(_SETTLE, values)


def last_change(
    conn: Connection, store_id: int, guid: str, field: str, until: datetime | None = None
) -> tuple[Change, datetime, int] | None:
    """Return the last change of one field of a product in a store, when and by which run; None if never.

    One whose answer never came counts; one that the store refused does not. `until`: as it was then.
    """
    wanted = select(table).where(table.c.store_id == store_id, table.c.guid == guid, table.c.field == field)
    wanted = wanted.where(table.c.outcome != "refused")
    if until is not None:
        wanted = wanted.where(table.c.at <= until)
    row = conn.execute(wanted.order_by(table.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _told(row)


def affected(conn: Connection, store_id: int, since: datetime) -> dict[str, set[str]]:
    """Return the guids that each class of the brake touched since then, refused writes left out."""
    found: dict[str, set[str]] = {}
    for row in conn.execute(_AFFECTED, {"shop": store_id, "since": since}):
        found.setdefault(row.kind, set()).add(row.guid)
    return found


def changes(conn: Connection, store_id: int, guid: str, limit: int) -> list[tuple[Change, datetime, int]]:
    """Return the last changes of one product in one store, the latest first, each with its time and run."""
    wanted = select(table).where(table.c.store_id == store_id, table.c.guid == guid)
    return [_told(row) for row in conn.execute(wanted.order_by(table.c.id.desc()).limit(limit))]


def prune(conn: Connection, before: datetime, limit: int = 1000) -> int:
    """Forget changes made before `before`, at most `limit`; return how many. Call until 0."""
    old = select(table.c.id).where(table.c.at < before).limit(limit)
    return conn.execute(delete(table).where(table.c.id.in_(old))).rowcount


def _told(row: Row[Any]) -> tuple[Change, datetime, int]:
    one = Change(
        row.guid, row.code, row.ref, row.field, row.before, row.after, row.rule, row.outcome, row.kind
    )
    return one, row.at, row.run_id

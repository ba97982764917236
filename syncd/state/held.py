"""Writes that the brake holds until a person approves them, and what was approved for how long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select

from syncd.state.db import chunks
from syncd.state.records import HeldChange
from syncd.state.schema import approval, held
from syncd.state.upsert import Upsert

_HOLD = Upsert(held, update=("kind", "code", "before", "after", "rule", "since", "judged_at"))
_APPROVE = Upsert(approval, update=("after", "fingerprint", "expires_at"))
_RELEASE_FIELD = delete(held).where(
    held.c.store_id == bindparam("shop"),
    held.c.guid == bindparam("product"),
    held.c.field == bindparam("name"),
)
_HELD = (
    select(held).where(held.c.store_id == bindparam("shop")).order_by(held.c.kind, held.c.code, held.c.guid)
)


def hold(conn: Connection, store_id: int, changes: Sequence[HeldChange]) -> None:
    """Keep these changes for a person, in place of what was held of the same fields."""
    if changes:
        conn.execute(_HOLD.on(conn), [{"store_id": store_id, **asdict(one)} for one in changes])


def held_changes(conn: Connection, store_id: int) -> list[HeldChange]:
    """Return what is held for the store, by class and code."""
    return [
        HeldChange(
            guid=row.guid,
            code=row.code,
            field=row.field,
            kind=row.kind,
            before=row.before,
            after=row.after,
            rule=row.rule,
            since=row.since,
            judged_at=row.judged_at,
        )
        for row in conn.execute(_HELD, {"shop": store_id})
    ]


def count(conn: Connection, store_id: int) -> int:
    """Return how many changes are held."""
    wanted = select(func.count()).select_from(held).where(held.c.store_id == store_id)
    return int(conn.execute(wanted).scalar_one())


def release(conn: Connection, store_id: int, guids: Iterable[str]) -> None:
    """Hold nothing of these products any more."""
    for some in chunks(list(guids)):
        conn.execute(delete(held).where(held.c.store_id == store_id, held.c.guid.in_(some)))


def approve(
    conn: Connection, store_id: int, fingerprint: str, changes: Sequence[HeldChange], until: datetime
) -> None:
    """Let exactly these changes through until then, and hold them no longer."""
    if not changes:
        return
    approved_ = [
        {
            "store_id": store_id,
            "guid": one.guid,
            "field": one.field,
            "after": one.after or "",
            "fingerprint": fingerprint,
            "expires_at": until,
        }
        for one in changes
    ]
    conn.execute(_APPROVE.on(conn), approved_)
    named = [{"shop": store_id, "product": one.guid, "name": one.field} for one in changes]
    conn.execute(_RELEASE_FIELD, named)


def approved(conn: Connection, store_id: int, now: datetime) -> set[tuple[str, str, str]]:
    """Return (guid, field, value after) of everything approved that has not expired."""
    wanted = select(approval).where(approval.c.store_id == store_id, approval.c.expires_at > now)
    return {(row.guid, row.field, row.after) for row in conn.execute(wanted)}


def use_up(conn: Connection, store_id: int, guids: Iterable[str]) -> None:
    """Forget what was approved of these products: it is done, or no longer wanted."""
    for some in chunks(list(guids)):
        conn.execute(delete(approval).where(approval.c.store_id == store_id, approval.c.guid.in_(some)))


def prune(conn: Connection, now: datetime) -> int:
    """Forget approvals that have expired; return how many."""
    return conn.execute(delete(approval).where(approval.c.expires_at <= now)).rowcount

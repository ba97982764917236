"""Who is at work on what: leases that run out by themselves, with a token that unmasks a late-comer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Text, bindparam, case, or_, select, update

from syncd.errors import LeaseLost
from syncd.state.columns import UtcDateTime
from syncd.state.records import Lease
from syncd.state.schema import lease as table
from syncd.state.upsert import Upsert

NOBODY = ""
_LINE = ", line "
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def _taken_over(new: Any) -> Mapping[str, Any]:
    return {"token": case((table.c.holder == new.holder, table.c.token), else_=table.c.token + 1)}


_ACQUIRE = Upsert(
    table,
    update=("holder", "until"),
    compute=_taken_over,
    where=lambda new: or_(table.c.holder == new.holder, table.c.until <= bindparam("now", type_=UtcDateTime)),
    returning=(table.c.name, table.c.holder, table.c.token, table.c.until),
)

_MINE = (
    update(table)
    .where(table.c.name == bindparam("name_", type_=Text))
    .where(table.c.holder == bindparam("holder_", type_=Text))
    .where(table.c.token == bindparam("token_"))
)
_RENEW = _MINE.returning(table.c.name, table.c.holder, table.c.token, table.c.until)
_WANTED = (
    select(table.c.name)
    .where(table.c.name == bindparam("name_", type_=Text))
    .where(table.c.wanted_until > bindparam("now", type_=UtcDateTime))
)
_LIVE = select(table.c.holder).where(table.c.until > bindparam("now", type_=UtcDateTime))


def acquire(conn: Connection, name: str, holder: str, now: datetime, ttl: timedelta) -> Lease | None:
    """Take the lease if it is free, run out or already ours; None if somebody else holds it.

    `holder` must name one line of work (see `line_of`): two that use the same name are one holder here.
    """
    values = {"name": name, "holder": holder, "token": 1, "until": now + ttl, "now": now}
    row = conn.execute(_ACQUIRE.on(conn), values).one_or_none()
    return None if row is None else _lease(row)


def renew(conn: Connection, lease: Lease, now: datetime, ttl: timedelta) -> Lease:
    """Return the lease with a new end. One that has run out is renewed too, unless taken; then LeaseLost."""
    row = conn.execute(_RENEW, {**_key(lease), "until": now + ttl}).one_or_none()
    if row is None:
        raise LeaseLost(f"Another process has taken over {lease.name}.")
    return _lease(row)


def want(conn: Connection, name: str, until: datetime) -> None:
    """Ask whoever holds this lease to let go after its present batch, until `until`."""
    conn.execute(update(table).where(table.c.name == name).values(wanted_until=until))


def is_wanted(conn: Connection, lease: Lease, now: datetime) -> bool:
    """Tell whether somebody waits for this lease."""
    return conn.execute(_WANTED, {"name_": lease.name, "now": now}).one_or_none() is not None


def release(conn: Connection, lease: Lease) -> None:
    """Let go of the lease; one that was lost stays with its new holder. The token is kept, to rise only."""
    conn.execute(_MINE, {**_key(lease), "holder": NOBODY, "until": _LONG_AGO})


def holder(conn: Connection, name: str, now: datetime) -> Lease | None:
    """Return the lease as it is held now; None if nobody holds it or it has run out."""
    row = conn.execute(select(table).where(table.c.name == name, table.c.until > now)).one_or_none()
    return None if row is None else _lease(row)


def live_holders(conn: Connection, now: datetime) -> set[str]:
    """Return every process that holds a lease that has not run out."""
    return {process_of(holder) for holder in conn.execute(_LIVE, {"now": now}).scalars()}


def line_of(process: str, number: int) -> str:
    """Return the holder's name for one line of work of a process that does several at once."""
    return f"{process}{_LINE}{number}"


def process_of(holder: str) -> str:
    """Return the process to which a line of work belongs."""
    return holder.partition(_LINE)[0]


def assert_held(conn: Connection, lease: Lease) -> None:
    """Raise LeaseLost if the lease has passed to somebody else, or was released."""
    wanted = select(table.c.token).where(table.c.name == lease.name, table.c.holder == lease.holder)
    if conn.execute(wanted).scalar_one_or_none() != lease.token:
        raise LeaseLost(f"Another process has taken over {lease.name}.")


def _key(lease: Lease) -> dict[str, Any]:
    return {"name_": lease.name, "holder_": lease.holder, "token_": lease.token}


def _lease(row: Row[Any]) -> Lease:
    return Lease(row.name, row.holder, row.token, row.until)

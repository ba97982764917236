"""How many calls of one subject may be under way at once, over all processes on one database."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import (
    Connection,
    Integer,
    Text,
    bindparam,
    delete,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)

from syncd.state.columns import UtcDateTime
from syncd.state.records import Slot
from syncd.state.schema import slot as table
from syncd.state.upsert import Upsert

LONGEST = timedelta(hours=1)
"""A slot that ends later than this (or than its own time, if that is longer) is from before a wrong clock."""


def take(
    conn: Connection, subject: str, many: int, holder: str, now: datetime, time: timedelta
) -> Slot | None:
    """Take one of `many` slots until `now + time`, None if all are held. Free it when the call has ended.

    The purse's row must be locked: two takers at once could find the same slot free. A slot whose time is
    over belongs to nobody; neither does one that ends later than it could, because the clock was put back.
    """
    until = now + time
    latest = now + max(time, LONGEST)
    values = {"subject": subject, "holder": holder, "now": now, "until": until, "latest": latest}
    number = conn.execute(_take(many).on(conn), values).scalar_one_or_none()
    return None if number is None else Slot(subject, number, until)


def free(conn: Connection, slot: Slot) -> None:
    """Give a slot back. One that another call has taken over since stays with that call."""
    conn.execute(_FREE, {"subject": slot.subject, "number": slot.number, "until": slot.until})


def held(conn: Connection, subject: str, now: datetime) -> int:
    """Return how many slots are held now."""
    wanted = select(func.count()).where(table.c.subject == subject, table.c.until > now)
    return conn.execute(wanted).scalar_one()


@cache
def _take(many: int) -> Upsert:
    subject = bindparam("subject", type_=Text)
    now, until, latest = (bindparam(name, type_=UtcDateTime) for name in ("now", "until", "latest"))
    numbers = union_all(
        *(select(literal_column(str(each), Integer).label("number")) for each in range(1, many + 1))
    ).subquery()
    taken = table.alias("taken")
    alive = (
        select(literal(1))
        .where(taken.c.subject == subject, taken.c.number == numbers.c.number)
        .where(taken.c.until > now, taken.c.until <= latest)
    )
    lowest = select(func.min(numbers.c.number).label("number")).where(~alive.exists()).subquery()
    found = select(subject, lowest.c.number, bindparam("holder", type_=Text), until)
    return Upsert(
        table,
        source=(("subject", "number", "holder", "until"), found.where(lowest.c.number.is_not(None))),
        update=("holder", "until"),
        where=lambda _: or_(table.c.until <= now, table.c.until > latest),
        returning=(table.c.number,),
    )


_FREE = (
    delete(table)
    .where(table.c.subject == bindparam("subject"), table.c.number == bindparam("number"))
    .where(table.c.until == bindparam("until", type_=UtcDateTime))
)

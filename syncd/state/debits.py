"""The statements that count calls: what is debited before a call is sent, and put right after it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    true,
    union,
    update,
)

from syncd.state.columns import UtcDateTime
from syncd.state.schema import lease, purse, run
from syncd.state.schema import ledger as table
from syncd.state.upsert import Upsert


@cache
def debit(count: int) -> Upsert:
    """Add `many` attempts in the present window of each of `count` kinds, rows locked in one order."""
    rows = [row for number in range(count) for row in _windows_to_debit(number)]
    return Upsert(
        table,
        source=(("subject", "per", "window_start", "attempts"), union(*rows).order_by("per", "window_start")),
        compute=lambda new: {"attempts": table.c.attempts + new.attempts},
        returning=(table.c.per, table.c.window_start, table.c.attempts),
    )


def _windows_to_debit(number: int) -> tuple[Any, ...]:
    """Return the window by the clock, and the latest that was ever counted: the same unless it went back."""
    subject = bindparam("subject", type_=Text)
    per = bindparam(f"per_{number}", type_=Text)
    begun = bindparam(f"start_{number}", type_=UtcDateTime)
    limit = bindparam(f"horizon_{number}", type_=UtcDateTime)
    known = table.alias(f"known_{number}")
    later = select(func.max(known.c.window_start)).where(
        known.c.subject == subject, known.c.per == per, known.c.window_start.between(begun, limit)
    )
    latest = func.coalesce(later.scalar_subquery(), begun, type_=UtcDateTime)
    many = bindparam("many", type_=Integer).label("attempts")
    # Without a WHERE, SQLite would take the ON of ON CONFLICT for a join's.
    return tuple(
        select(subject, per.label("per"), start.label("window_start"), many).where(true())
        for start in (begun, latest)
    )


def _at_least(new: Any) -> Mapping[str, Any]:
    more = table.c.attempts < new.attempts
    return {"attempts": case((more, new.attempts), else_=table.c.attempts)}


RAISE = Upsert(
    table,
    values={
        "subject": bindparam("subject", type_=Text),
        "per": bindparam("per", type_=Text),
        "window_start": bindparam("window_start", type_=UtcDateTime),
        "attempts": bindparam("attempts", type_=Integer),
    },
    compute=_at_least,
)
"""Count at least so many attempts in a window, because somebody who must know says so."""

# Row after row in the order in which `ask` locks them: in any other, two processes could block each other.
SETTLE = (
    update(table)
    .where(table.c.subject == bindparam("subject_"), table.c.per == bindparam("per_"))
    .where(table.c.window_start == bindparam("start_", type_=UtcDateTime))
    .values(billed=table.c.billed + bindparam("billed_"), failed=table.c.failed + bindparam("failed_"))
)


def _next_free() -> Any:
    now, latest, spacing = (bindparam(name, type_=BigInteger) for name in ("now", "latest", "spacing"))
    queued = and_(purse.c.next_free_at > now, purse.c.next_free_at <= latest)
    return case((queued, purse.c.next_free_at + spacing), else_=now + spacing)


PLACE = Upsert(
    purse,
    values={
        "subject": bindparam("subject", type_=Text),
        "next_free_at": bindparam("now", type_=BigInteger) + bindparam("spacing", type_=BigInteger),
        "asleep_why": "",
    },
    compute=lambda _: {"next_free_at": _next_free()},
    returning=(
        purse.c.next_free_at,
        purse.c.asleep_until,
        purse.c.asleep_why,
        select(lease.c.token)
        .where(lease.c.name == bindparam("lease", type_=Text))
        .where(lease.c.holder == bindparam("holder", type_=Text))
        .scalar_subquery()
        .label("token"),
    ),
)
"""Give a call its place in time, and say whether the purse sleeps and who holds the lease."""


def _later_sleep(new: Any) -> Mapping[str, Any]:
    longer = or_(purse.c.asleep_until.is_(None), purse.c.asleep_until < new.asleep_until)
    return {
        "asleep_until": case((longer, new.asleep_until), else_=purse.c.asleep_until),
        "asleep_why": case((longer, new.asleep_why), else_=purse.c.asleep_why),
    }


SLEEP = Upsert(
    purse,
    values={
        "subject": bindparam("subject", type_=Text),
        "next_free_at": literal(0, Integer),
        "asleep_until": bindparam("asleep_until", type_=UtcDateTime),
        "asleep_why": bindparam("asleep_why", type_=purse.c.asleep_why.type),
    },
    compute=_later_sleep,
)
"""Put the purse to sleep, unless it sleeps longer already."""


def _counter(name: str) -> Any:
    column = run.c[name]
    return update(run).where(run.c.id == bindparam("id_")).values({name: column + 1})


COUNT = {"unleashed": _counter("calls_unleashed"), "store": _counter("calls_store")}
"""Count a call in the run it is made for, by side."""

"""Who spent the calls: attempted, billed and failed, by purpose and day (UTC)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    Text,
    bindparam,
    delete,
    func,
    literal,
    select,
    tuple_,
    update,
)

from syncd.state import windows
from syncd.state.columns import UtcDateTime
from syncd.state.records import Used
from syncd.state.schema import purse_use as table
from syncd.state.upsert import Upsert

_DAY = timedelta(days=1)


def day_of(moment: datetime) -> datetime:
    """Return the day (UTC) that a call made then is counted under."""
    return windows.start("day", moment)


def attempted(conn: Connection, subject: str, purpose: str, day: datetime) -> None:
    """Count a call that is about to be sent."""
    conn.execute(_ATTEMPTED.on(conn), {"subject": subject, "purpose": purpose, "day": day})


def settled(
    conn: Connection, subject: str, purpose: str, day: datetime, *, billed: bool, failed: bool
) -> None:
    """Count how a call ended that was attempted on that day."""
    if billed or failed:
        told = {"billed_": int(billed), "failed_": int(failed)}
        conn.execute(_SETTLED, {"subject_": subject, "purpose_": purpose, "day_": day, **told})


def by_purpose(conn: Connection, subject: str, since: datetime, until: datetime) -> dict[str, Used]:
    """Return what each purpose has used of a purse on the days (UTC) that begin from `since` to `until`.

    The day in which `since` lies counts as a whole, the one that begins at `until` does not.
    """
    rows = conn.execute(_sums(subject).where(table.c.day >= day_of(since), table.c.day < until))
    return {row.purpose: Used(row.attempts, row.billed, row.failed) for row in rows}


def attempts_per_day(conn: Connection, subject: str, now: datetime, days: int = 7) -> dict[str, float]:
    """Return the calls a day that each purpose has attempted, over the last days that there is data for.

    A purse younger than that is measured from the beginning of its first day, and as one day at least.
    """
    since = day_of(now) - days * _DAY
    first = conn.execute(select(func.min(table.c.day)).where(table.c.subject == subject)).scalar()
    if first is None:
        return {}
    span = max(_DAY, now - max(first, since))
    used = by_purpose(conn, subject, since, now + _DAY)
    return {purpose: each.attempts / (span / _DAY) for purpose, each in used.items()}


def total(used: Mapping[str, Used]) -> Used:
    """Return the sum over all purposes."""
    each = used.values()
    return Used(
        sum(one.attempts for one in each), sum(one.billed for one in each), sum(one.failed for one in each)
    )


def prune(conn: Connection, before: datetime, limit: int = 1000) -> int:
    """Forget days before `before`, at most `limit` rows; return how many. Call until 0."""
    key = (table.c.subject, table.c.purpose, table.c.day)
    old = select(*key).where(table.c.day < before).limit(limit)
    return conn.execute(delete(table).where(tuple_(*key).in_(old))).rowcount


def _sums(subject: str) -> Select[tuple[str, int, int, int]]:
    sums = (func.sum(table.c[name]).label(name) for name in ("attempts", "billed", "failed"))
    return (
        select(table.c.purpose, *sums)
        .where(table.c.subject == subject)
        .group_by(table.c.purpose)
        .order_by(table.c.purpose)
    )


_ATTEMPTED = Upsert(
    table,
    values={
        "subject": bindparam("subject", type_=Text),
        "purpose": bindparam("purpose", type_=Text),
        "day": bindparam("day", type_=UtcDateTime),
        "attempts": literal(1, Integer),
    },
    compute=lambda _: {"attempts": table.c.attempts + 1},
)

_SETTLED = (
    update(table)
    .where(table.c.subject == bindparam("subject_"), table.c.purpose == bindparam("purpose_"))
    .where(table.c.day == bindparam("day_", type_=UtcDateTime))
    .values(billed=table.c.billed + bindparam("billed_"), failed=table.c.failed + bindparam("failed_"))
)

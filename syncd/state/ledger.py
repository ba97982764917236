"""The purses: every call is debited before it is sent, in every window, for all processes on one database."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union,
    update,
)

from syncd.clock import Clock
from syncd.errors import LeaseLost, PurseSpent
from syncd.http import Ending, Permit, retry_after
from syncd.state import windows
from syncd.state.columns import UtcDateTime
from syncd.state.db import Database
from syncd.state.records import Lease, PoolLimit, PoolSpent
from syncd.state.schema import lease as lease_table
from syncd.state.schema import ledger as table
from syncd.state.schema import purse, run
from syncd.state.upsert import Upsert

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_WAIT = timedelta(seconds=60)
DEFAULT_SLEEP = timedelta(seconds=60)
LONGEST_SLEEP = timedelta(days=32)


@dataclass
class Ledger:
    """A meter (`http.Meter`) for one subject ("account main", "store shop"), purpose and run.

    `purse` is what its counts are kept under; it outlives a renamed section ("" = the subject itself).

    `limits` must all have room; `spacing` is the least time between two calls of the subject. `side` says
    which of the run's counters a call adds to. With a `lease`, calls end when another process takes it.
    """

    db: Database
    clock: Clock
    subject: str
    limits: Sequence[PoolLimit] = ()
    spacing: timedelta = timedelta(0)
    purpose: str = ""
    run_id: int | None = None
    side: Literal["unleashed", "store"] = "unleashed"
    lease: Lease | None = None
    purse: str = ""
    asked: int = field(default=0, init=False)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1), init=False, repr=False)
    _open: dict[int, list[tuple[str, datetime]]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.purse = self.purse or self.subject
        self._windows = windows.keys(self.limits)
        self._debit_statement = _debit_statement(len(self._windows))

    def ask(self) -> Permit:
        """Debit one call in every window and reserve its place in time, durably, before it is sent.

        Raises PurseSpent (nothing is debited) when a window has no room or the other side told us to wait,
        LeaseLost when another process has taken over, RuntimeError when this thread has a transaction open.
        """
        if self.db.in_transaction():
            raise RuntimeError("a call must not be made inside a transaction")
        with self.db.write() as conn:
            now = self.clock.now()
            before = self._debit(conn, now)
            wait = self._reserve(conn, now)
            self._check_room(before)
            self._count(conn)
        permit = Permit(next(self._ids), wait)
        self.asked += 1
        self._open[permit.id] = [(one.window, one.started) for one in before]
        return permit

    def settle(self, permit: Permit, ending: Ending, status: int | None, headers: Mapping[str, str]) -> None:
        """Record how the call ended: billed unless nothing was sent, failed unless answered below 400.

        After a 429 the subject sleeps as long as the answer asks for, a minute if it does not say.
        """
        debited = sorted(self._open.pop(permit.id, []))
        now = self.clock.now()
        failed = ending != "answered" or status is None or status >= 400
        told = {"subject_": self.purse, "billed_": int(ending != "unreachable"), "failed_": int(failed)}
        with self.db.write() as conn:
            if debited:
                conn.execute(_SETTLE, [{**told, "per_": per, "start_": started} for per, started in debited])
            if status == 429:
                self._sleep(conn, now + (retry_after(headers, now) or DEFAULT_SLEEP))

    def _debit(self, conn: Connection, now: datetime) -> list[windows.Counted]:
        values: dict[str, Any] = {"subject": self.purse}
        for number, window in enumerate(self._windows):
            values[f"per_{number}"] = window
            values[f"start_{number}"] = windows.start(window, now)
            values[f"horizon_{number}"] = windows.horizon(window, now)
        rows = conn.execute(self._debit_statement.on(conn), values)
        return [windows.Counted(row.per, row.window_start, row.attempts - 1) for row in rows]

    def _reserve(self, conn: Connection, now: datetime) -> timedelta:
        spacing, cap = self.spacing // timedelta(microseconds=1), max(LONGEST_WAIT, self.spacing)
        present = (now - _EPOCH) // timedelta(microseconds=1)
        values = {
            "subject": self.purse,
            "now": present,
            "latest": present + cap // timedelta(microseconds=1),
            "spacing": spacing,
            "lease": "" if self.lease is None else self.lease.name,
            "holder": "" if self.lease is None else self.lease.holder,
        }
        row = conn.execute(_RESERVE.on(conn), values).one()
        if self.lease is not None and row.token != self.lease.token:
            raise LeaseLost(f"Another process has taken over {self.lease.name}.")
        if row.asleep_until is not None and now < row.asleep_until <= now + LONGEST_SLEEP:
            raise PurseSpent(
                f"{row.asleep_why}; goes on {_text(row.asleep_until)}",
                who=self.subject,
                until=row.asleep_until,
            )
        return timedelta(microseconds=row.next_free_at - spacing - present)

    def _check_room(self, before: list[windows.Counted]) -> None:
        spent = windows.without_room(self.limits, before)
        if spent is not None:
            raise PurseSpent(spent.sentence(self.subject), who=self.subject, until=spent.until)

    def _count(self, conn: Connection) -> None:
        if self.run_id is not None:
            conn.execute(_COUNT[self.side], {"id_": self.run_id})

    def _sleep(self, conn: Connection, until: datetime) -> None:
        why = f"{self.subject} was told to wait by the other side (429)"
        conn.execute(_SLEEP.on(conn), {"subject": self.purse, "asleep_until": until, "asleep_why": why})


def spent(conn: Connection, subject: str, limits: Sequence[PoolLimit], now: datetime) -> list[PoolSpent]:
    """Return how much of each limit is spent in its present window, in the order of the limits."""
    found: list[PoolSpent] = []
    for limit in limits:
        window = windows.key(limit)
        started, attempts = _present(conn, subject, window, now)
        found.append(PoolSpent(limit.per, limit.calls, attempts, windows.end(window, started)))
    return found


def calls_in_month(conn: Connection, subject: str, now: datetime) -> int:
    """Return the calls attempted in the present month (UTC)."""
    return _present(conn, subject, "month", now)[1]


def prune(conn: Connection, before: datetime, limit: int = 1000) -> int:
    """Forget windows that began before `before`, at most `limit`; return how many. Call until 0.

    Keep months longer than the longest month: `before` a year ago is right.
    """
    key = (table.c.subject, table.c.per, table.c.window_start)
    old = select(*key).where(table.c.window_start < before).limit(limit)
    return conn.execute(delete(table).where(tuple_(*key).in_(old))).rowcount


def _present(conn: Connection, subject: str, window: str, now: datetime) -> tuple[datetime, int]:
    started = windows.start(window, now)
    wanted = (
        select(table.c.window_start, table.c.attempts)
        .where(table.c.subject == subject, table.c.per == window)
        .where(table.c.window_start.between(started, windows.horizon(window, now)))
    )
    row = conn.execute(wanted.order_by(table.c.window_start.desc()).limit(1)).one_or_none()
    return (started, 0) if row is None else (row.window_start, row.attempts)


def _debit_statement(count: int) -> Upsert:
    """Add one attempt in the present window of each of `count` kinds, rows locked in one order."""
    rows = [row for number in range(count) for row in _windows_to_debit(number)]
    return Upsert(
        table,
        source=(("subject", "per", "window_start", "attempts"), union(*rows).order_by("per", "window_start")),
        compute=lambda _: {"attempts": table.c.attempts + 1},
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
    one = literal_column("1", Integer).label("attempts")
    # Without a WHERE, SQLite would take the ON of ON CONFLICT for a join's.
    return tuple(
        select(subject, per.label("per"), start.label("window_start"), one).where(true())
        for start in (begun, latest)
    )


def _next_free() -> Any:
    now, latest, spacing = (bindparam(name, type_=BigInteger) for name in ("now", "latest", "spacing"))
    queued = and_(purse.c.next_free_at > now, purse.c.next_free_at <= latest)
    return case((queued, purse.c.next_free_at + spacing), else_=now + spacing)


_RESERVE = Upsert(
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
        select(lease_table.c.token)
        .where(lease_table.c.name == bindparam("lease", type_=Text))
        .where(lease_table.c.holder == bindparam("holder", type_=Text))
        .scalar_subquery()
        .label("token"),
    ),
)


def _later_sleep(new: Any) -> Mapping[str, Any]:
    longer = or_(purse.c.asleep_until.is_(None), purse.c.asleep_until < new.asleep_until)
    return {
        "asleep_until": case((longer, new.asleep_until), else_=purse.c.asleep_until),
        "asleep_why": new.asleep_why,
    }


_SLEEP = Upsert(
    purse,
    values={
        "subject": bindparam("subject", type_=Text),
        "next_free_at": literal(0, Integer),
        "asleep_until": bindparam("asleep_until", type_=UtcDateTime),
        "asleep_why": bindparam("asleep_why", type_=purse.c.asleep_why.type),
    },
    compute=_later_sleep,
)


# Row after row in the order in which `ask` locks them: in any other, two processes could block each other.
_SETTLE = (
    update(table)
    .where(table.c.subject == bindparam("subject_"), table.c.per == bindparam("per_"))
    .where(table.c.window_start == bindparam("start_", type_=UtcDateTime))
    .values(billed=table.c.billed + bindparam("billed_"), failed=table.c.failed + bindparam("failed_"))
)


def _counter(name: str) -> Any:
    column = run.c[name]
    return update(run).where(run.c.id == bindparam("id_")).values({name: column + 1})


_COUNT = {"unleashed": _counter("calls_unleashed"), "store": _counter("calls_store")}


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

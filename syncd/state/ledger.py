"""The purses: every call is debited before it is sent, in every window, for all processes on one database."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, delete, select, tuple_

from syncd.clock import Clock
from syncd.core import budget
from syncd.core.budget import NO_NEEDS, Heard, Needs
from syncd.errors import Busy, LeaseLost, PurseSpent
from syncd.http import Ending, Permit, retry_after
from syncd.state import debits, slots, usage, windows
from syncd.state.db import Database
from syncd.state.records import Lease, PoolLimit, PoolSpent, Slot, Used
from syncd.state.schema import ledger as table
from syncd.state.schema import purse
from syncd.state.windows import Counted, Spent

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_WAIT = timedelta(seconds=60)
LONGEST_SLEEP = timedelta(days=32)
_NEARLY_A_MINUTE = timedelta(seconds=59, microseconds=999_999)


@dataclass(frozen=True, slots=True)
class _Under:
    """A call under way: the windows it was debited in, the day of its purpose, its slot."""

    debited: tuple[Counted, ...]
    day: datetime
    slot: Slot | None


@dataclass
class Ledger:
    """A meter (`http.Meter`) for one subject ("account main", "store shop"), purpose and run.

    `purse` is what its counts are kept under; it outlives a renamed section ("" = the subject itself).

    `limits` must all have room; `spacing` is the least time between two calls of the subject, `concurrency`
    how many may be under way at once (0 = any), each for `slot_time` at most. `needs` is what purposes of a
    higher rank need a day and is left to them. `side` says which of the run's counters a call adds to.
    With a `lease`, calls end when another process takes it. `holder` names the process.
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
    needs: Needs = NO_NEEDS
    concurrency: int = 0
    slot_time: timedelta = timedelta(seconds=90)
    holder: str = ""
    asked: int = field(default=0, init=False)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1), init=False, repr=False)
    _open: dict[int, _Under] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.purse = self.purse or self.subject
        self._windows = windows.keys(self.limits)
        self._overflowing = [limit for limit in self.limits if limit.overflow is not None]

    def ask(self) -> Permit:
        """Debit one call in every window and reserve its place in time, durably, before it is sent.

        Raises PurseSpent (nothing is debited) when a window has no room, what it has is kept for others, or
        the other side told us to wait; Busy (nothing is debited) when as many calls as may be are under
        way; LeaseLost when another process has taken over, RuntimeError when this thread has a transaction
        open.
        """
        if self.db.in_transaction():
            raise RuntimeError("a call must not be made inside a transaction")
        with self.db.write() as conn:
            now = self.clock.now()
            before = self._debit(conn, self._windows, now, 1)
            seen, above = self._overflow(conn, before, now)
            wait = self._place(conn, now)
            self._check_room([*before, *seen], now)
            under = _Under((*before, *above), usage.day_of(now), self._slot(conn, now, wait))
            usage.attempted(conn, self.purse, self.purpose, under.day)
            self._count(conn)
        permit = Permit(next(self._ids), wait)
        self.asked += 1
        self._open[permit.id] = under
        return permit

    def settle(self, permit: Permit, ending: Ending, status: int | None, headers: Mapping[str, str]) -> None:
        """Record how the call ended: billed unless nothing was sent, failed unless answered below 400.

        What the headers say is left corrects our count, never to more room. After a 429 the subject sleeps
        as long as the answer asks for, a minute if it does not say. The call's slot is free again.
        """
        under = self._open.pop(permit.id, None)
        now = self.clock.now()
        failed = ending != "answered" or status is None or status >= 400
        billed, heard = ending != "unreachable", budget.heard(headers)
        with self.db.write() as conn:
            if under is not None:
                self._settle(conn, under, billed=billed, failed=failed)
                self._correct(conn, under, heard, now)
            if status == 429:
                self._sleep(conn, heard, retry_after(headers, now), now)
            if under is not None:
                if under.slot is not None:
                    slots.free(conn, under.slot)
                usage.settled(conn, self.purse, self.purpose, under.day, billed=billed, failed=failed)

    def _debit(self, conn: Connection, keys: Sequence[str], now: datetime, many: int) -> list[Counted]:
        values: dict[str, Any] = {"subject": self.purse, "many": many}
        for number, window in enumerate(keys):
            values[f"per_{number}"] = window
            values[f"start_{number}"] = windows.start(window, now)
            values[f"horizon_{number}"] = windows.horizon(window, now)
        rows = conn.execute(debits.debit(len(keys)).on(conn), values)
        return [Counted(row.per, row.window_start, row.attempts - many) for row in rows]

    def _overflow(
        self, conn: Connection, before: Sequence[Counted], now: datetime
    ) -> tuple[list[Counted], list[Counted]]:
        """Debit the pools in which limits that are full go on; return what was seen, and what was debited."""
        seen: list[Counted] = []
        debited: list[Counted] = []
        for limit in self._overflowing:
            if windows.is_full(limit, before, self._kept(now)):
                full = windows.is_full(limit, before)
                found = self._debit(conn, [windows.extra_key(limit)], now, int(full))
                seen += found
                debited += found if full else []
        return seen, debited

    def _place(self, conn: Connection, now: datetime) -> timedelta:
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
        row = conn.execute(debits.PLACE.on(conn), values).one()
        if self.lease is not None and row.token != self.lease.token:
            raise LeaseLost(f"Another process has taken over {self.lease.name}.")
        if row.asleep_until is not None and now < row.asleep_until <= now + LONGEST_SLEEP:
            raise PurseSpent(
                f"{row.asleep_why}; goes on {_text(row.asleep_until)}",
                who=self.subject,
                until=row.asleep_until,
            )
        return timedelta(microseconds=row.next_free_at - spacing - present)

    def _kept(self, now: datetime) -> windows.Kept:
        def kept(limit: PoolLimit, counted: Counted) -> int:
            left = windows.end(counted.window, counted.started) - now
            return budget.reserve(self.purpose, self.needs, limit.calls, limit.per, left)

        return kept

    def _check_room(self, before: Sequence[Counted], now: datetime) -> None:
        spent = windows.without_room(self.limits, before, self._kept(now))
        if spent is None:
            return
        until = self._shrunk(spent, now) if spent.kept else spent.until
        others = budget.higher(self.purpose, self.needs)
        said = replace(spent, until=until).sentence(self.subject, others)
        raise PurseSpent(said, who=self.subject, until=until)

    def _shrunk(self, spent: Spent, now: datetime) -> datetime:
        """Return when the reserve will leave room for a call, on the full minute or with the next window."""
        limit, room = spent.limit, spent.limit.calls - spent.spent - 1
        before_end = budget.left_when(self.purpose, self.needs, limit.calls, limit.per, room)
        at = max(spent.ends - before_end, now) + _NEARLY_A_MINUTE
        return min(at.replace(second=0, microsecond=0), spent.until)

    def _slot(self, conn: Connection, now: datetime, wait: timedelta) -> Slot | None:
        if not self.concurrency:
            return None
        time = wait + self.slot_time
        slot = slots.take(conn, self.purse, self.concurrency, self.holder or self.subject, now, time)
        if slot is None:
            many = f"{self.concurrency} calls" if self.concurrency > 1 else "one call"
            what = f"{self.subject} takes {many} at a time, and other processes have as many under way."
            raise Busy(what, who=self.subject)
        return slot

    def _count(self, conn: Connection) -> None:
        if self.run_id is not None:
            conn.execute(debits.COUNT[self.side], {"id_": self.run_id})

    def _settle(self, conn: Connection, under: _Under, *, billed: bool, failed: bool) -> None:
        told = {"subject_": self.purse, "billed_": int(billed), "failed_": int(failed)}
        rows = [{**told, "per_": one.window, "start_": one.started} for one in _in_order(under.debited)]
        conn.execute(debits.SETTLE, rows)

    def _correct(self, conn: Connection, under: _Under, heard: Heard, now: datetime) -> None:
        found = [
            (window, windows.start(window, now), left.used(limit.calls))
            for window, limit, left in windows.told(self.limits, heard.pools)
        ]
        begun = {(one.window, one.started) for one in under.debited}
        same = [one for one in found if windows.is_extra(one[0]) or one[:2] in begun]
        count_at_least(
            conn, self.purse, [one for one in same if now - one[1] >= windows.settled_after(one[0])]
        )

    def _sleep(self, conn: Connection, heard: Heard, asked: timedelta | None, now: datetime) -> None:
        hour_left = windows.end("hour", windows.start("hour", now)) - now
        jitter = zlib.crc32(f"{self.holder}{self.purse}{now.isoformat()}".encode()) / 2**32
        nap = budget.nap(heard, asked, hour_left, jitter, overflow=bool(self._overflowing))
        why = f"{self.subject} was told to wait by the other side (429)"
        values = {"subject": self.purse, "asleep_until": now + nap, "asleep_why": why}
        conn.execute(debits.SLEEP.on(conn), values)


def spent(conn: Connection, subject: str, limits: Sequence[PoolLimit], now: datetime) -> list[PoolSpent]:
    """Return how much of each limit is spent in its present window, in the order of the limits.

    A limit with an overflow is followed by that: what was taken from it.
    """
    found: list[PoolSpent] = []
    for limit in limits:
        pool = _pool(conn, subject, limit, windows.key(limit), now)
        if limit.overflow is None:
            found.append(pool)
            continue
        extra = _pool(conn, subject, limit.overflow, windows.extra_key(limit), now)
        own = replace(pool, spent=min(pool.spent, limit.calls), billed=min(pool.billed, limit.calls))
        found += [own, replace(extra, extra=True)]
    return found


def used_in(conn: Connection, subject: str, window: str, now: datetime) -> Used:
    """Return what was counted in the present window of a kind ("day", "month": those of UTC)."""
    return _present(conn, subject, window, now)[1]


def calls_in_month(conn: Connection, subject: str, now: datetime) -> int:
    """Return the calls attempted in the present month (UTC)."""
    return used_in(conn, subject, "month", now).attempts


def asleep_until(conn: Connection, subject: str, now: datetime) -> datetime | None:
    """Return until when the other side told us to wait, None if it did not."""
    until = conn.execute(select(purse.c.asleep_until).where(purse.c.subject == subject)).scalar()
    return until if until is not None and now < until <= now + LONGEST_SLEEP else None


def told_of_month(
    conn: Connection, subject: str, limits: Sequence[PoolLimit], calls: int, now: datetime
) -> None:
    """Count at least so many calls in the present month, because the other side's own page says so."""
    months = [window for window in windows.keys(limits) if windows.is_month(window)]
    begun = [(window, _present(conn, subject, window, now)[0], calls) for window in months]
    count_at_least(conn, subject, begun)


def count_at_least(conn: Connection, subject: str, told: Sequence[tuple[str, datetime, int]]) -> None:
    """Raise the attempts of windows (name, when it began, calls); a count that is larger stays."""
    rows = [
        {"subject": subject, "per": window, "window_start": started, "attempts": calls}
        for window, started, calls in sorted(told, key=lambda one: (windows.is_extra(one[0]), one))
        if calls > 0
    ]
    if rows:
        conn.execute(debits.RAISE.on(conn), rows)


def prune(conn: Connection, before: datetime, limit: int = 1000) -> int:
    """Forget windows that began before `before`, at most `limit`; return how many. Call until 0.

    Keep months longer than the longest month: `before` a year ago is right.
    """
    key = (table.c.subject, table.c.per, table.c.window_start)
    old = select(*key).where(table.c.window_start < before).limit(limit)
    return conn.execute(delete(table).where(tuple_(*key).in_(old))).rowcount


def _present(conn: Connection, subject: str, window: str, now: datetime) -> tuple[datetime, Used]:
    started = windows.start(window, now)
    wanted = (
        select(table.c.window_start, table.c.attempts, table.c.billed, table.c.failed)
        .where(table.c.subject == subject, table.c.per == window)
        .where(table.c.window_start.between(started, windows.horizon(window, now)))
    )
    row = conn.execute(wanted.order_by(table.c.window_start.desc()).limit(1)).one_or_none()
    if row is None:
        return started, Used()
    return row.window_start, Used(row.attempts, row.billed, row.failed)


def _pool(conn: Connection, subject: str, limit: PoolLimit, window: str, now: datetime) -> PoolSpent:
    began, used = _present(conn, subject, window, now)
    ends = windows.end(window, began)
    return PoolSpent(limit.per, limit.calls, used.attempts, ends, used.billed, used.failed, began)


def _in_order(debited: Sequence[Counted]) -> list[Counted]:
    """Return the windows in the order in which `ask` locks them: overflows last."""
    return sorted(debited, key=lambda one: (windows.is_extra(one.window), one.window, one.started))


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

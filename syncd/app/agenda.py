"""What an account's jobs are, when each is due next, and what is done then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from syncd.app import customers, orders, recent, rotation, sweep, write_back
from syncd.app.planned import Planned
from syncd.app.planning import planned
from syncd.app.wiring import App
from syncd.core.costs import list_calls, retry_after
from syncd.core.looks import Looks
from syncd.core.schedule import due_at
from syncd.jobs import Report
from syncd.state import accounts, due, halfread, progress
from syncd.state.records import AccountRow, DueRow, Progress, StoreRow

Rows = Mapping[tuple[str, str], DueRow]

PATIENCE = timedelta(minutes=5)
"""How long the recent job waits for a sweep or a rotation to let go between two of its pages."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One job of one account (`store` None) or of one of its stores. `at` None: not due until something else.

    `last` is when it last started. `background`: it is put off while anybody else works on the account or
    the store. `waits`: its first time is an interval after it was first noted. `retry` is after which time
    it is tried again when it failed, None for the next interval; `unfinished` tells whether it has more to
    do than one run does. `calls` are the least that get anything done: it is put off until there is room.
    """

    job: str
    account: str
    store: str | None
    subject: str
    last: datetime | None
    at: datetime | None
    work: Callable[[], Sequence[Report]]
    background: bool = False
    waits: bool = False
    retry: timedelta | None = None
    unfinished: Callable[[], bool] = lambda: False
    calls: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """Its row among the due ones."""
        return self.job, self.subject

    def again(self, reports: Sequence[Report], now: datetime) -> datetime | None:
        """Return when it is tried again before its interval is over, None if it need not be.

        Where the purse was spent, that is when it goes on; the other half waits for the next run.
        """
        first = reports[0] if reports else None
        if first is None or first.outcome == "done":
            return None
        if first.outcome == "paused":
            return first.resumes_at
        if self.retry is None or (first.outcome == "partial" and not self.unfinished()):
            return None
        return now + self.retry


def every_duty(app: App) -> list[Duty]:
    """Return what is done for every account, each with the time when it is due next."""
    now = app.bench.clock.now()
    with app.db.read() as conn:
        rows = due.due_rows(conn)
    return [duty for account in app.settings.accounts for duty in duties(app, account, rows, now)]


def duties(app: App, account: str, rows: Rows, now: datetime) -> list[Duty]:
    """Return what the account's plan has done, each with the time when it is due next."""
    plan, row = planned(app, account), app.account_row(account)
    subject = f"account:{row.id}"
    return [
        *_recent(app, account, subject, plan, rows, now),
        *_sweep(app, row, subject, plan, rows, now),
        *_rotation(app, account, subject, plan, rows, now),
        *_looks(app, account, plan, rows, now),
        *_sales(app, account, subject, rows, now),
    ]


def _recent(app: App, account: str, subject: str, plan: Planned, rows: Rows, now: datetime) -> Iterator[Duty]:
    every, row = plan.plan.recent, rows.get((recent.JOB, subject))
    if every is not None:
        at = _earlier(row, due_at(recent.JOB, subject, _last(row), every, now))
        yield Duty(
            recent.JOB,
            account,
            None,
            subject,
            _last(row),
            at,
            lambda: recent.recent(app, account, patience=PATIENCE),
        )


def _sweep(
    app: App, account: AccountRow, subject: str, plan: Planned, rows: Rows, now: datetime
) -> Iterator[Duty]:
    """Yield the full read: an interval after the one before, however that was started."""
    every, row = plan.plan.sweep, rows.get((sweep.JOB, subject))
    if every is not None:
        proven = _proven(app, account)
        since = max((each for each in (proven, _last(row)) if each is not None), default=None)
        at = None if proven is None else due_at(sweep.JOB, subject, since, every, now)
        yield Duty(
            sweep.JOB,
            account.name,
            None,
            subject,
            _last(row),
            None if at is None else _earlier(row, at),
            lambda: sweep.sweep(app, account.name),
            background=True,
            retry=retry_after(every),
            unfinished=lambda: is_half_read(app, account.name),
            calls=1,
        )


def is_half_read(app: App, account: str) -> bool:
    """Tell whether a full read of the account is under way."""
    row = app.account_row(account)
    with app.db.read() as conn:
        return bool(halfread.half_reads(conn, row.id, "sweep"))


def _proven(app: App, account: AccountRow) -> datetime | None:
    """Return when the oldest proof began that a feed was read in full; None while one never was.

    Until then the recent job still does the first full read.
    """
    with app.db.read() as conn:
        feeds = {(each.feed, each.warehouse): each for each in progress.all_progress(conn, account.id)}
    products = feeds.get(("products", ""), Progress("products"))
    stock = [feeds[key] for name in app.warehouses(account.name) if (key := ("stock", name)) in feeds]
    proofs = [each.certified_at for each in (products, *stock)]
    return min((each for each in proofs if each is not None), default=None) if None not in proofs else None


def _rotation(
    app: App, account: str, subject: str, plan: Planned, rows: Rows, now: datetime
) -> Iterator[Duty]:
    share, row = plan.plan.rotation, rows.get((rotation.JOB, subject))
    if share is not None:
        at = _earlier(row, due_at(rotation.JOB, subject, _last(row), share.interval, now))
        yield Duty(
            rotation.JOB,
            account,
            None,
            subject,
            _last(row),
            at,
            lambda: rotation.rotation(app, account, lists=share.lists, looks=0),
            background=True,
            waits=True,
            retry=retry_after(share.interval),
            calls=list_calls(plan.profile),
        )


def _looks(app: App, account: str, plan: Planned, rows: Rows, now: datetime) -> Iterator[Duty]:
    with app.db.read() as conn:
        known = {row.name: row for row in accounts.stores(conn)}
    for name, side in plan.stores.items():
        if side.looks is not None and name in known:
            yield _look(app, account, known[name], side.looks, rows, now)


def _look(app: App, account: str, of: StoreRow, looks: Looks, rows: Rows, now: datetime) -> Duty:
    subject, store = f"store:{of.id}", of.name
    row = rows.get((rotation.JOB, subject))
    at = _earlier(row, due_at(rotation.JOB, subject, _last(row), looks.interval, now))
    return Duty(
        rotation.JOB,
        account,
        store,
        subject,
        _last(row),
        at,
        lambda: rotation.rotation(app, account, store=store, lists=0, looks=looks.calls),
        background=True,
        waits=True,
        retry=retry_after(looks.interval),
    )


def _sales(app: App, account: str, subject: str, rows: Rows, now: datetime) -> Iterator[Duty]:
    """Yield what is done for orders and customers: each store's orders, and the account's customers."""
    with app.db.read() as conn:
        known = {row.name for row in accounts.stores(conn)}
    for name in (each for each in app.stores_of(account) if each in known):
        of, every = orders.subject(app, name), orders.interval(app, name)
        work = partial(orders.orders, app, account, store=name)
        yield from _every(orders.JOB, account, name, of, every, work, rows, now)
    for job, every, work in (
        (customers.JOB, customers.interval(app, account), partial(customers.customers, app, account)),
        (write_back.JOB, write_back.interval(app, account), partial(write_back.write_back, app, account)),
    ):
        yield from _every(job, account, None, subject, every, work, rows, now)


def _every(
    job: str,
    account: str,
    store: str | None,
    subject: str,
    every: timedelta | None,
    work: Callable[[], Sequence[Report]],
    rows: Rows,
    now: datetime,
) -> Iterator[Duty]:
    row = rows.get((job, subject))
    if every is not None:
        at = _earlier(row, due_at(job, subject, _last(row), every, now))
        yield Duty(job, account, store, subject, _last(row), at, work)


def _last(row: DueRow | None) -> datetime | None:
    return None if row is None else row.last_started


def _earlier(row: DueRow | None, at: datetime) -> datetime:
    """Return when it was asked for, if that is before the time that its interval gives it."""
    return at if row is None or row.asked_at is None else min(at, row.asked_at)

"""What the daemon starts, and when: each account's jobs as they are planned, tidying once a day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from syncd.app import notify, recent, tidy
from syncd.app.agenda import Duty, Rows, duties
from syncd.app.room import room
from syncd.app.wiring import App
from syncd.core.schedule import due_at
from syncd.jobs import Submit, claim
from syncd.state import due, leases, runs

log = structlog.get_logger()

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
EVERYTHING = "all"


class Ticker:
    """What the daemon's tick does: mark dead runs, and start each job when it is due."""

    def __init__(self, app: App) -> None:
        self.app = app

    def tick(self, submit: Submit) -> None:
        """Start every job that is due now, each at most once. What is overdue at start is due at once."""
        bench = self.app.bench
        now = bench.clock.now()
        with bench.db.write() as conn:
            runs.mark_killed(conn, leases.live_holders(conn, now), now)
        with bench.db.read() as conn:
            rows = due.due_rows(conn)
        for account in self.app.settings.accounts:
            self._tick_account(submit, duties(self.app, account, rows, now), now)
        self._tick_tidy(submit, rows, now)
        self._tick_notify(submit, rows, now)

    def _tick_account(self, submit: Submit, every: Sequence[Duty], now: datetime) -> None:
        """Start what is due; what verifies in the background waits for a tick in which nothing else is."""
        due_now = [duty for duty in every if duty.at is not None and duty.at <= now]
        busy = any(duty.job == recent.JOB for duty in due_now)
        for duty in due_now:
            if duty.waits and duty.last is None:
                claim(self.app.bench, duty.job, duty.subject, None)
            elif not duty.background:
                self._start(submit, duty)
            elif not busy and self._is_free(duty, now):
                self._start(submit, duty)
                busy = True

    def _is_free(self, duty: Duty, now: datetime) -> bool:
        """Tell whether nobody works on what it is about, and whether it may make the calls it needs."""
        app = self.app
        left = room(app, duty.account, duty.job) if duty.calls else None
        if left is not None and left < duty.calls:
            return False
        stores = [duty.store] if duty.store else app.stores_of(duty.account)
        steps = [app.push_step(duty.job, store) for store in stores]
        if duty.store is None:
            steps.append(app.pull_step(duty.job, duty.account))
        with app.db.read() as conn:
            return all(leases.holder(conn, step.lease, now) is None for step in steps)

    def _tick_tidy(self, submit: Submit, rows: Rows, now: datetime) -> None:
        """Tidy a day after the first start, then every day: a fresh database has nothing to tidy."""
        row = rows.get((tidy.JOB, EVERYTHING))
        last = None if row is None else row.last_started
        if last is None:
            claim(self.app.bench, tidy.JOB, EVERYTHING, None)
        elif due_at(tidy.JOB, EVERYTHING, last, DAY, now) <= now:
            self._submit(
                submit,
                (tidy.JOB, EVERYTHING),
                lambda: self._once(tidy.JOB, EVERYTHING, last, lambda: tidy.tidy(self.app)),
            )

    def _tick_notify(self, submit: Submit, rows: Rows, now: datetime) -> None:
        """Tell people once a minute, also while everything else is at work."""
        row = rows.get((notify.JOB, EVERYTHING))
        last = None if row is None else row.last_started
        if due_at(notify.JOB, EVERYTHING, last, MINUTE, now) <= now:
            key = notify.JOB, EVERYTHING
            self._submit(submit, key, lambda: self._once(*key, last, lambda: notify.notify(self.app)))

    def _once(self, job: str, subject: str, last: datetime | None, work: Callable[[], object]) -> None:
        if claim(self.app.bench, job, subject, last):
            work()

    def _start(self, submit: Submit, duty: Duty) -> None:
        self._submit(submit, duty.key, lambda: self._do(duty))

    def _do(self, duty: Duty) -> None:
        """Do the job if nobody else has begun it, and note when it is tried again if it did not end well.

        A process that dies meanwhile must not lose it: it is asked for again before it begins.
        """
        bench = self.app.bench
        if not claim(bench, duty.job, duty.subject, duty.last):
            return
        if duty.retry is not None:
            self._ask(duty, bench.clock.now() + duty.retry)
        reports = duty.work()
        again = duty.again(reports, bench.clock.now())
        if duty.retry is not None or again is not None:
            self._ask(duty, again)

    def _ask(self, duty: Duty, at: datetime | None) -> None:
        with self.app.bench.db.write() as conn:
            due.ask_at(conn, duty.job, duty.subject, at)

    def _submit(self, submit: Submit, key: tuple[str, str], work: Callable[[], None]) -> None:
        def task() -> None:
            try:
                work()
            except Exception as error:
                log.error("job.crashed", job=key[0], subject=key[1], error=str(error), exc_info=error)

        submit.submit(key, task)

"""What the daemon starts, and when: each account's recent job at its interval, tidying once a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from syncd.app import recent, tidy
from syncd.app.wiring import App
from syncd.core.schedule import due_at
from syncd.jobs import Submit, claim
from syncd.state import due, leases, runs
from syncd.state.records import DueRow

log = structlog.get_logger()

Rows = dict[tuple[str, str], DueRow]

DAY = timedelta(days=1)
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
            self._tick_recent(submit, account, rows, now)
        self._tick_tidy(submit, rows, now)

    def _tick_recent(self, submit: Submit, account: str, rows: Rows, now: datetime) -> None:
        at = recent.next_at(self.app, account, rows, now)
        if at is not None and at <= now:
            subject = recent.subject(self.app, account)
            last = _last(rows, recent.JOB, subject)
            self._start(submit, recent.JOB, subject, last, lambda: recent.recent(self.app, account))

    def _tick_tidy(self, submit: Submit, rows: Rows, now: datetime) -> None:
        """Tidy a day after the first start, then every day: a fresh database has nothing to tidy."""
        last = _last(rows, tidy.JOB, EVERYTHING)
        if last is None:
            claim(self.app.bench, tidy.JOB, EVERYTHING, None)
        elif due_at(tidy.JOB, EVERYTHING, last, DAY, now) <= now:
            self._start(submit, tidy.JOB, EVERYTHING, last, lambda: tidy.tidy(self.app))

    def _start(
        self, submit: Submit, job: str, subject: str, last: datetime | None, work: Callable[[], object]
    ) -> None:
        def task() -> None:
            try:
                if claim(self.app.bench, job, subject, last):
                    work()
            except Exception as error:
                log.error("job.crashed", job=job, subject=subject, error=str(error), exc_info=error)

        submit.submit((job, subject), task)


def _last(rows: Rows, job: str, subject: str) -> datetime | None:
    row = rows.get((job, subject))
    return row.last_started if row is not None else None

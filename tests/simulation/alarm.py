"""When a daemon may have something to do next, so that the simulation need not tick every five seconds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from syncd.app import App, recent, rotation, sweep, tidy
from syncd.app.planning import planned
from syncd.core.schedule import due_at
from syncd.state import due

DAY = timedelta(days=1)

Job = tuple[str, str, timedelta]


class Alarm:
    """Knows what one process has to do, by its plan. It may ring too early, which costs a tick."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.account = f"account:{app.account_row('main').id}"
        self.store = f"store:{app.store_row('shop').id}"

    def rings_at(self) -> datetime:
        """Return when the next job may be due by the application's own clock."""
        now = self.app.bench.clock.now()
        with self.app.db.read() as conn:
            rows = due.due_rows(conn)
        times = []
        for job, subject, interval in self._jobs():
            row = rows.get((job, subject))
            if row is None:
                continue
            at = due_at(job, subject, row.last_started, interval, now)
            times.append(at if row.asked_at is None else min(at, row.asked_at))
        return min(times, default=now)

    def _jobs(self) -> Iterator[Job]:
        found = planned(self.app, "main")
        plan, looks = found.plan, found.stores["shop"].looks
        yield tidy.JOB, "all", DAY
        if plan.recent is not None:
            yield recent.JOB, self.account, plan.recent
        if plan.sweep is not None:
            yield sweep.JOB, self.account, plan.sweep
        if plan.rotation is not None:
            yield rotation.JOB, self.account, plan.rotation.interval
        if looks is not None:
            yield rotation.JOB, self.store, looks.interval

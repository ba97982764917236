"""The recent job: what changed in an account is pulled once and pushed to each of its stores."""

from __future__ import annotations

from datetime import datetime, timedelta

from syncd.app.wiring import App
from syncd.core.schedule import due_at
from syncd.flows.pull import pull_recent
from syncd.flows.push import push_due
from syncd.jobs import Attempt, Report, Result, attempt_step
from syncd.state.records import DueRow

JOB = "recent"


def recent(app: App, account: str, *, store: str | None = None, dry_run: bool = False) -> list[Report]:
    """Pull what changed in the account, then push it to its stores (or the one named).

    A pull that failed does not keep what is already in the mirror from the stores.
    """

    def pull(attempt: Attempt) -> Result:
        return Result(pull_recent(app.pull(attempt, JOB)))

    def push(attempt: Attempt) -> Result:
        push_due(app.push(attempt, JOB, dry_run=dry_run))
        return Result()

    reports = [attempt_step(app.bench, app.pull_step(JOB, account), pull)]
    for name in [store] if store else app.stores_of(account):
        if not app.bench.stop.is_set():
            reports.append(attempt_step(app.bench, app.push_step(JOB, name), push))
    return reports


def interval(app: App, account: str) -> timedelta | None:
    """Return how often the account is pulled: the shortest interval among its stores, None if all are off."""
    wanted = [app.settings.stores[name].schedule.recent for name in app.stores_of(account)]
    return min((each for each in wanted if each is not None), default=None)


def subject(app: App, account: str) -> str:
    """Return the account's name among the due rows: its row, which outlives a renamed section."""
    return f"account:{app.account_row(account).id}"


def next_at(app: App, account: str, rows: dict[tuple[str, str], DueRow], now: datetime) -> datetime | None:
    """Return when the account is due next, None if it is switched off everywhere."""
    every = interval(app, account)
    if every is None:
        return None
    name = subject(app, account)
    row = rows.get((JOB, name))
    return due_at(JOB, name, row.last_started if row else None, every, now)

"""The recent job: what changed in an account is pulled once and pushed to each of its stores."""

from __future__ import annotations

from datetime import timedelta

from syncd.app.planning import planned
from syncd.app.wiring import App
from syncd.flows.pull import pull_recent
from syncd.flows.push import push_due
from syncd.jobs import Attempt, Report, Result, attempt_step

JOB = "recent"

NO_PATIENCE = timedelta(0)


def recent(
    app: App,
    account: str,
    *,
    store: str | None = None,
    dry_run: bool = False,
    patience: timedelta = NO_PATIENCE,
) -> list[Report]:
    """Pull what changed in the account, then push it to its stores (or the one named).

    A pull that failed does not keep what is already in the mirror from the stores. `patience` is how long it
    waits for a sweep or a rotation that is at work to let go between two batches.
    """

    def pull(attempt: Attempt) -> Result:
        return Result(pull_recent(app.pull(attempt, JOB)))

    def push(attempt: Attempt) -> Result:
        push_due(app.push(attempt, JOB, dry_run=dry_run))
        return Result()

    reports = [attempt_step(app.bench, app.pull_step(JOB, account), pull, patience)]
    for name in [store] if store else app.stores_of(account):
        if not app.bench.stop.is_set():
            reports.append(attempt_step(app.bench, app.push_step(JOB, name), push, patience))
    return reports


def interval(app: App, account: str) -> timedelta | None:
    """Return how often the account is pulled by its plan, None if that is off for all of its stores."""
    return planned(app, account).plan.recent


def subject(app: App, account: str) -> str:
    """Return the account's name among the due rows: its row, which outlives a renamed section."""
    return f"account:{app.account_row(account).id}"

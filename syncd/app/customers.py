"""The customers job: both sides' customers are read, and linked where it is certain who is who."""

from __future__ import annotations

from datetime import timedelta

from syncd.app import selling
from syncd.app.wiring import App
from syncd.flows.intake import take_customers
from syncd.flows.pull import pull_customers
from syncd.jobs import Attempt, Report, Result, attempt_step

JOB = "customers"


def customers(app: App, account: str, *, store: str | None = None) -> list[Report]:
    """Read Unleashed's customers, then those of the account's stores (or the one named), and link them.

    Nobody is created and nothing is written on either side.
    """

    def pull(attempt: Attempt) -> Result:
        return Result(pull_customers(app.pull(attempt, JOB)))

    def take(attempt: Attempt) -> Result:
        name = attempt.step.store or ""
        rules = selling.customer_rules(app.settings.stores[name])
        take_customers(selling.intake(app, attempt, JOB), rules)
        return Result()

    reports = [attempt_step(app.bench, app.pull_step(JOB, account), pull)]
    for name in [store] if store else app.stores_of(account):
        if not app.bench.stop.is_set():
            reports.append(attempt_step(app.bench, selling.intake_step(app, JOB, name), take))
    return reports


def interval(app: App, account: str) -> timedelta | None:
    """Return how often an account's customers are read: the shortest interval among its stores."""
    wanted = [app.settings.stores[name].schedule.customers for name in app.stores_of(account)]
    return min((each for each in wanted if each is not None), default=None)


def subject(app: App, account: str) -> str:
    """Return the account's name among the due rows: its row, which outlives a renamed section."""
    return f"account:{app.account_row(account).id}"

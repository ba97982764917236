"""The write-back job: what became of an account's orders is read, and their stores are told."""

from __future__ import annotations

from datetime import timedelta

from syncd.app import recent
from syncd.app.wiring import App
from syncd.core.write_back import WriteBackRules
from syncd.flows.pull.outcomes import pull_outcomes
from syncd.flows.write_back import WriteBack
from syncd.flows.write_back import write_back as tell
from syncd.jobs import Attempt, Report, Result, attempt_step

JOB = "write_back"
PURPOSE = "orders"


def write_back(app: App, account: str, *, store: str | None = None, dry_run: bool = False) -> list[Report]:
    """Read what Unleashed completed and shipped, then tell the account's stores (or the one named).

    Nothing is read where no store wants to be told anything.
    """
    wanted = {name: rules(app, name) for name in app.stores_of(account)}
    names = [name for name, each in wanted.items() if each and store in (None, name)]
    if not names:
        return []

    def pull(attempt: Attempt) -> Result:
        rows = [app.store_row(name).id for name in names]
        sales = any(wanted[name].completed for name in names)
        shipments = any(wanted[name].tracking for name in names)
        return Result(pull_outcomes(app.pull(attempt, PURPOSE), rows, sales=sales, shipments=shipments))

    def push(attempt: Attempt) -> Result:
        tell(_work(app, attempt, dry_run=dry_run))
        return Result()

    reports = [attempt_step(app.bench, app.pull_step(JOB, account), pull)]
    for name in names:
        if not app.bench.stop.is_set():
            reports.append(attempt_step(app.bench, app.push_step(JOB, name), push))
    return reports


def interval(app: App, account: str) -> timedelta | None:
    """Return how often the stores are told: as often as the account is pulled; None if none wants it."""
    if not any(rules(app, name) for name in app.stores_of(account)):
        return None
    return recent.interval(app, account)


def subject(app: App, account: str) -> str:
    """Return the account's name among the due rows: its row, which outlives a renamed section."""
    return f"account:{app.account_row(account).id}"


def rules(app: App, store: str) -> WriteBackRules:
    """Return what the store wants to be told."""
    configured = app.settings.stores[store].orders.write_back
    return WriteBackRules(configured.completed.strip(), configured.tracking)


def _work(app: App, attempt: Attempt, *, dry_run: bool) -> WriteBack:
    name = attempt.step.store or ""
    return WriteBack(
        db=app.db,
        store_row=app.store_row(name),
        store=app.store(name, app.store_meter(name, PURPOSE, attempt)),
        rules=rules(app, name),
        clock=app.bench.clock,
        run_id=attempt.run_id,
        mode=app.mode(name, dry_run=dry_run),
        beat=attempt.beat,
        tally=attempt.tally,
    )

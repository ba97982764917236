"""The tidy job: once a day, forget what nobody will ask for, and ask each side anew what it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from syncd.app.reconcile import reconcile, sells
from syncd.app.wiring import App
from syncd.flows.pull import read_facts
from syncd.flows.push import renew_facts
from syncd.jobs import Attempt, Report, Result, attempt_step
from syncd.state import alerts, audit, ghosts, held, ledger, mails, runs, usage
from syncd.state.db import Connection

JOB = "tidy"

KEPT = {
    "runs": timedelta(days=90),
    "changes": timedelta(days=730),
    "ledger": timedelta(days=400),
    "ghosts": timedelta(days=400),
    "alerts": timedelta(days=90),
    "mails": timedelta(days=30),
}
"""How long each is kept. What a store was told must outlive a financial year."""

PATIENCE = timedelta(minutes=5)
"""How long it waits for whoever is at work to let go: the next time is a day away."""


def tidy(app: App) -> list[Report]:
    """Prune the database, compare orders with Unleashed's, and read anew what each side says of itself.

    A currency, a tax mode or a warehouse that was changed is known a day later at most, and the recent job
    need not ask. A side that cannot be reached is told in its report.
    """
    reports = []
    for name in app.settings.accounts:
        step = app.pull_step(JOB, name)
        reports.append(attempt_step(app.bench, step, lambda attempt: _account(app, attempt), PATIENCE))
        if sells(app, name):
            reports.append(reconcile(app, name)[1])
        for store in app.stores_of(name):
            step = app.push_step(JOB, store)
            reports.append(attempt_step(app.bench, step, lambda attempt: _store(app, attempt), PATIENCE))
    return reports


def _account(app: App, attempt: Attempt) -> Result:
    now = app.bench.clock.now()
    _in_chunks(app, attempt, lambda conn: audit.prune(conn, now - KEPT["changes"]))
    _in_chunks(app, attempt, lambda conn: ghosts.prune(conn, now - KEPT["ghosts"]))
    _in_chunks(app, attempt, lambda conn: runs.prune(conn, now - KEPT["runs"]))
    _in_chunks(app, attempt, lambda conn: ledger.prune(conn, now - KEPT["ledger"]))
    _in_chunks(app, attempt, lambda conn: usage.prune(conn, now - KEPT["ledger"]))
    _in_chunks(app, attempt, lambda conn: held.prune(conn, now))
    _in_chunks(app, attempt, lambda conn: alerts.prune(conn, now - KEPT["alerts"]))
    _in_chunks(app, attempt, lambda conn: mails.prune(conn, now - KEPT["mails"]))
    pull = app.pull(attempt, JOB)
    read_facts(pull.db, pull.account, pull.client, pull.clock)
    return Result()


def _store(app: App, attempt: Attempt) -> Result:
    renew_facts(app.push(attempt, JOB))
    return Result()


def _in_chunks(app: App, attempt: Attempt, prune: Callable[[Connection], int]) -> None:
    while True:
        with app.db.write() as conn:
            if not prune(conn):
                return
        attempt.beat()

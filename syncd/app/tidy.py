"""The tidy job: once a day, forget what nobody will ask for, and ask each side anew what it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from syncd.app.wiring import App
from syncd.flows.pull import read_facts
from syncd.flows.push import renew_facts
from syncd.jobs import Attempt, Report, Result, attempt_step
from syncd.state import audit, held, ledger, runs
from syncd.state.db import Connection

JOB = "tidy"

KEPT = {"runs": timedelta(days=90), "changes": timedelta(days=730), "ledger": timedelta(days=400)}
"""How long each is kept. What a store was told must outlive a financial year."""


def tidy(app: App) -> list[Report]:
    """Prune the database, then read anew what each account and store says of itself, each under its lease.

    A currency, a tax mode or a warehouse that was changed is known a day later at most, and the recent job
    need not ask. A side that cannot be reached is told in its report.
    """
    reports = []
    for name in app.settings.accounts:
        reports.append(
            attempt_step(app.bench, app.pull_step(JOB, name), lambda attempt: _account(app, attempt))
        )
        for store in app.stores_of(name):
            reports.append(
                attempt_step(app.bench, app.push_step(JOB, store), lambda attempt: _store(app, attempt))
            )
    return reports


def _account(app: App, attempt: Attempt) -> Result:
    now = app.bench.clock.now()
    _in_chunks(app, attempt, lambda conn: audit.prune(conn, now - KEPT["changes"]))
    _in_chunks(app, attempt, lambda conn: runs.prune(conn, now - KEPT["runs"]))
    _in_chunks(app, attempt, lambda conn: ledger.prune(conn, now - KEPT["ledger"]))
    _in_chunks(app, attempt, lambda conn: held.prune(conn, now))
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

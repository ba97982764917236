"""The tidy job: forget runs, changes and counts that are older than anyone will ask for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from syncd.app.wiring import App
from syncd.jobs import Attempt, Report, Result, Step, attempt_step
from syncd.state import audit, ledger, runs
from syncd.state.db import Connection

JOB = "tidy"

KEPT = {"runs": timedelta(days=90), "changes": timedelta(days=730), "ledger": timedelta(days=400)}
"""How long each is kept. What a store was told must outlive a financial year."""


def tidy(app: App) -> list[Report]:
    """Prune the database in small transactions, under each account's lease."""

    def work(attempt: Attempt) -> Result:
        now = app.bench.clock.now()
        _in_chunks(app, attempt, lambda conn: runs.prune(conn, now - KEPT["runs"]))
        _in_chunks(app, attempt, lambda conn: audit.prune(conn, now - KEPT["changes"]))
        _in_chunks(app, attempt, lambda conn: ledger.prune(conn, now - KEPT["ledger"]))
        return Result()

    steps = [Step(JOB, "pull", name, app.account_row(name).id) for name in app.settings.accounts]
    return [attempt_step(app.bench, step, work) for step in steps[:1]]


def _in_chunks(app: App, attempt: Attempt, prune: Callable[[Connection], int]) -> None:
    while True:
        with app.db.write() as conn:
            if not prune(conn):
                return
        attempt.beat()

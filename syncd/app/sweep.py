"""The sweep job: an account is read in full once, and what differed is pushed to each of its stores."""

from __future__ import annotations

from syncd.app.wiring import App
from syncd.flows.pull.sweep import sweep as pull_sweep
from syncd.flows.push import push_due
from syncd.jobs import Attempt, Report, Result, attempt_step

JOB = "sweep"


def sweep(app: App, account: str, *, store: str | None = None, dry_run: bool = False) -> list[Report]:
    """Go on with the account's sweep or begin one, then push to its stores (or the one named).

    A sweep that stopped half-way does not keep what is already in the mirror from the stores: what is not
    known is not written.
    """

    def pull(attempt: Attempt) -> Result:
        return Result(pull_sweep(app.pull(attempt, JOB)))

    def push(attempt: Attempt) -> Result:
        push_due(app.push(attempt, JOB, dry_run=dry_run))
        return Result()

    reports = [attempt_step(app.bench, app.pull_step(JOB, account), pull)]
    for name in [store] if store else app.stores_of(account):
        if not app.bench.stop.is_set():
            reports.append(attempt_step(app.bench, app.push_step(JOB, name), push))
    return reports

"""The rotation job: what was looked at longest ago is looked at again, on both sides, a few lists a run."""

from __future__ import annotations

from syncd.app.wiring import App
from syncd.flows.pull import rotate
from syncd.flows.push import look_at_oldest, push_due
from syncd.jobs import Attempt, Report, Result, attempt_step

JOB = "rotation"


def rotation(
    app: App, account: str, *, store: str | None = None, dry_run: bool = False, lists: int = 1, looks: int = 1
) -> list[Report]:
    """Verify the account's oldest products, `lists` lists of 40, then each store's oldest listings.

    Whatever turns out to differ is pushed first, to every store or the one named; then `looks` look calls'
    worth of listings are looked at. 0 of either leaves that side out. A pull that failed does not keep the
    stores from being looked at.
    """

    def pull(attempt: Attempt) -> Result:
        return Result(rotate(app.pull(attempt, JOB), lists))

    def push(attempt: Attempt) -> Result:
        work, began = app.push(attempt, JOB, dry_run=dry_run), app.bench.clock.now()
        push_due(work)
        if looks:
            look_at_oldest(work, looks, before=began)
        return Result()

    reports = [attempt_step(app.bench, app.pull_step(JOB, account), pull)] if lists else []
    for name in [store] if store else app.stores_of(account):
        if not app.bench.stop.is_set():
            reports.append(attempt_step(app.bench, app.push_step(JOB, name), push))
    return reports

"""Do one step: take its lease, open a run record, work, and say how it ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from syncd.core.alert import Trouble
from syncd.errors import AuthRejected, LeaseHeld, LeaseLost, PurseSpent, SyncdError
from syncd.flows.beat import Tally
from syncd.jobs.hold import Hold, heart, wait_for_lease
from syncd.jobs.steps import Attempt, Bench, Draining, Report, Result, Step, Work
from syncd.state import alerts, due, runs
from syncd.state.db import Connection
from syncd.state.records import Counts

log = structlog.get_logger()

NO_PATIENCE = timedelta(0)


def attempt_step(bench: Bench, step: Step, work: Work, patience: timedelta = NO_PATIENCE) -> Report:
    """Do one step as `run_step` does; a lease held elsewhere is a report like any other failure."""
    try:
        return run_step(bench, step, work, patience)
    except LeaseHeld as held:
        return failure(step, held, Counts())


def run_step(bench: Bench, step: Step, work: Work, patience: timedelta = NO_PATIENCE) -> Report:
    """Do one step under its lease and with a run record.

    Waits up to `patience` for the lease; raises LeaseHeld if another process keeps it. Every other failure
    ends in the report: what was done is in the state, the next run goes on.
    """
    hold = Hold(bench, step, wait_for_lease(bench, step, patience))
    try:
        with bench.db.write() as conn:
            run_id = runs.start(
                conn, step.job, step.account_id, step.store_id, bench.holder, bench.clock.now()
            )
        return _finish(bench, run_id, _run(bench, step, work, run_id, hold))
    finally:
        hold.release()


def _run(bench: Bench, step: Step, work: Work, run_id: int, hold: Hold) -> Report:
    attempt = Attempt(step, run_id, hold.lease, lambda: _beat(bench, hold, attempt))
    try:
        with heart(bench, hold):
            result = work(attempt)
    except (SyncdError, Exception) as error:
        return failure(step, error, attempt.tally.counts)
    return replace(_success(step, result, attempt.tally), told=tuple(attempt.tally.told))


def _beat(bench: Bench, hold: Hold, attempt: Attempt) -> None:
    if bench.stop.is_set():
        raise Draining("The program was asked to stop.", "The next run goes on where this one stopped.")
    hold.renew()
    if hold.is_wanted():
        attempt.under(hold.step_aside())


def _success(step: Step, result: Result, tally: Tally) -> Report:
    code = 1 if tally.counts.parked or tally.newly_held or result.problems else 0
    error = " ".join(result.problems) or None
    return Report(step, "partial" if error else "done", tally.counts, error=error, exit_code=code)


def failure(step: Step, error: Exception, counts: Counts) -> Report:
    """Translate what ended a step into its report; `counts` is what it had done until then."""
    if isinstance(error, PurseSpent):
        said = f"{step.job} paused: {error.what}"
        report = Report(step, "paused", counts, error=said, do=error.do, exit_code=3)
        return replace(report, resumes_at=error.until)
    if isinstance(error, (Draining, LeaseLost)):
        return Report(step, "partial", counts, error=error.what, do=error.do, exit_code=error.exit_code)
    if isinstance(error, SyncdError):
        cause = "login" if isinstance(error, AuthRejected) else ""
        report = Report(step, "failed", counts, error=error.what, do=error.do, exit_code=error.exit_code)
        return replace(report, cause=cause)
    log.error("step.crashed", subject=step.subject, job=step.job, exc_info=error)
    what = f"An error in syncd itself: {type(error).__name__}: {error}"
    do = "Please report it with the log."
    return Report(step, "failed", counts, error=what, do=do, exit_code=1, cause="crash")


def _finish(bench: Bench, run_id: int, report: Report) -> Report:
    with bench.db.write() as conn:
        now = bench.clock.now()
        runs.finish(conn, run_id, report.outcome, report.counts, report.error, report.do, now)
        row = runs.run(conn, run_id)
        if row is not None:
            report = replace(report, calls_unleashed=row.calls_unleashed, calls_store=row.calls_store)
        _note_event(conn, report, now)
    _tell(report)
    return report


def _note_event(conn: Connection, report: Report, now: datetime) -> None:
    """Have people told that a side refused the sign-in or that syncd broke, until the same has gone well.

    A run that went well without a call has proved nothing about the sign-in.
    """
    step = report.step
    side = f"store:{step.store_id}" if step.half in ("push", "intake") else f"account:{step.account_id}"
    subjects = {"login": side, "crash": f"{step.lease}/{step.job}"}
    if report.cause:
        what = (report.error or "").splitlines()[0]
        said = what if step.subject in what else f"{step.subject}: {what}"
        trouble = Trouble(report.cause, subjects[report.cause], said, report.do or "")
        alerts.raise_event(conn, trouble, now)
    elif report.outcome == "done":
        alerts.clear_event(conn, ("crash",), subjects["crash"], now)
        if report.calls_unleashed + report.calls_store:
            alerts.clear_event(conn, ("login",), subjects["login"], now)


def _tell(report: Report) -> None:
    step, counts = report.step, report.counts
    say = log.warning if report.outcome in ("failed", "partial") else log.info
    say(
        f"{step.half}.{report.outcome}",
        **{name: value for name, value in (("store", step.store), ("error", report.error)) if value},
        job=step.job,
        account=step.account,
        read=counts.read,
        written=counts.written,
        created=counts.created,
        unchanged=counts.unchanged,
        held=counts.held,
        parked=counts.parked,
        calls=report.calls_unleashed + report.calls_store,
    )


def claim(bench: Bench, job: str, subject: str, expected: datetime | None) -> bool:
    """Note that the job starts now, unless another process noted it first."""
    with bench.db.write() as conn:
        return due.claim(conn, job, subject, bench.clock.now(), expected)

"""A lease is let go between two batches for whoever waits, and nobody works under a lost one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.errors import LeaseLost, Unavailable
from syncd.jobs import Attempt, Bench, Report, Result, Step, attempt_step
from syncd.jobs.hold import wait_for_lease
from syncd.state import accounts, leases, runs
from syncd.state.db import Database
from syncd.state.ledger import Ledger
from syncd.state.records import Counts
from tests.databases import ManualClock


@pytest.fixture
def step(db: Database) -> Step:
    with db.write() as conn:
        account = accounts.ensure_account(conn, "main")
    return Step("recent", "pull", "main", account.id)


def bench(db: Database, clock: ManualClock, holder: str) -> Bench:
    return Bench(db, clock, holder, timedelta(seconds=60), heartbeats=False)


def test_a_person_who_waits_gets_the_lease_after_the_batch(
    db: Database, manual_clock: ManualClock, step: Step
) -> None:
    """A command that wishes for the lease works between two batches; the daemon's run then goes on."""
    order: list[str] = []

    def command(attempt: Attempt) -> Result:
        order.append("command")
        return Result()

    def daemon(attempt: Attempt) -> Result:
        meter = Ledger(db, manual_clock, "account main", run_id=attempt.run_id, lease=attempt.lease)
        attempt.meters.append(meter)
        order.append("batch 1")
        with db.write() as conn:
            leases.want(conn, step.lease, manual_clock.now() + timedelta(seconds=3))
        manual_clock.on_sleep = lambda: attempt_step(bench(db, manual_clock, "command"), step, command)
        attempt.beat()
        order.append("batch 2")
        meter.settle(meter.ask(), "answered", 200, {})
        return Result()

    report = attempt_step(bench(db, manual_clock, "daemon"), step, daemon)

    assert order == ["batch 1", "command", "batch 2"]
    assert (report.outcome, report.exit_code) == ("done", 0)


def test_a_command_that_waits_says_so_and_gives_up_with_the_holders_name(
    db: Database, manual_clock: ManualClock, step: Step
) -> None:
    """When the batch does not end in time, the command leaves with exit code 1 and names who is at work."""
    wait_for_lease(bench(db, manual_clock, "daemon 7"), step, timedelta(0))

    report: Report = attempt_step(
        bench(db, manual_clock, "command"), step, lambda attempt: Result(), timedelta(seconds=5)
    )

    assert (report.outcome, report.exit_code) == ("failed", 1)
    assert "daemon 7" in (report.error or "")
    with db.read() as conn:
        held = leases.holder(conn, step.lease, manual_clock.now())
        assert held is not None
        assert leases.is_wanted(conn, held, manual_clock.now())


def test_a_run_that_lost_its_lease_makes_no_further_call(
    db: Database, manual_clock: ManualClock, step: Step
) -> None:
    """After another process took the lease over, the purse gives nothing out any more."""

    def work(attempt: Attempt) -> Result:
        meter = Ledger(db, manual_clock, "account main", run_id=attempt.run_id, lease=attempt.lease)
        manual_clock.move(seconds=61)
        with db.write() as conn:
            assert leases.acquire(conn, step.lease, "other", manual_clock.now(), timedelta(seconds=60))
        with pytest.raises(LeaseLost):
            meter.ask()
        attempt.beat()
        raise AssertionError("the beat let a run without a lease go on")

    report = attempt_step(bench(db, manual_clock, "daemon"), step, work)

    assert (report.outcome, report.exit_code) == ("partial", 1)


def test_what_was_done_before_a_failure_is_in_the_report(
    db: Database, manual_clock: ManualClock, step: Step
) -> None:
    """A run that breaks off still says how much it had read."""

    def work(attempt: Attempt) -> Result:
        attempt.tally.add(Counts(read=12, parked=1))
        raise Unavailable("account main did not answer.")

    report = attempt_step(bench(db, manual_clock, "daemon"), step, work)

    assert (report.outcome, report.counts.read, report.counts.parked, report.exit_code) == (
        "failed",
        12,
        1,
        3,
    )


def test_two_jobs_of_one_process_do_not_take_each_other_for_themselves(
    db: Database, manual_clock: ManualClock, step: Step
) -> None:
    """While one job of a daemon holds a lease, another one of the same daemon has to wait for it."""
    daemon, second = bench(db, manual_clock, "daemon 7"), []

    def work(attempt: Attempt) -> Result:
        second.append(attempt_step(daemon, step, lambda _attempt: Result()))
        attempt.beat()
        return Result()

    first = attempt_step(daemon, step, work)

    assert [report.outcome for report in (first, *second)] == ["done", "failed"]
    assert (second[0].error or "").endswith("is being worked on by daemon 7.")


def test_a_run_of_a_living_daemon_is_not_called_dead(
    db: Database, manual_clock: ManualClock, step: Step
) -> None:
    """A process is alive while any of its lines of work holds a lease."""
    marked: list[int] = []

    def work(attempt: Attempt) -> Result:
        with db.write() as conn:
            alive = leases.live_holders(conn, manual_clock.now())
            marked.append(runs.mark_killed(conn, alive, manual_clock.now()))
        return Result()

    attempt_step(bench(db, manual_clock, "daemon 7"), step, work)

    assert marked == [0]

"""A job is a name, an interval and its steps; a step is one half at work for one account or store."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

import structlog

from syncd.clock import Clock
from syncd.errors import LeaseHeld, LeaseLost, PurseSpent, SyncdError
from syncd.flows.beat import Beat
from syncd.state import due, leases, runs
from syncd.state.db import Database
from syncd.state.records import Counts, Lease, RunOutcome

log = structlog.get_logger()

Half = Literal["pull", "push"]


class Draining(SyncdError):
    """The program was asked to stop; what was done until now is kept."""


@dataclass(frozen=True, slots=True)
class Step:
    """One half of one job for one subject. `store` None: it is about the account."""

    job: str
    half: Half
    account: str
    account_id: int
    store: str | None = None
    store_id: int | None = None

    @property
    def lease(self) -> str:
        return f"{self.half}:{self.store_id if self.half == 'push' else self.account_id}"

    @property
    def subject(self) -> str:
        return f"store {self.store}" if self.store else f"account {self.account}"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a step is given to work with: its run, its lease, and what to call between two batches."""

    step: Step
    run_id: int
    lease: Lease
    beat: Beat


@dataclass(frozen=True, slots=True)
class Result:
    """What the work of a step brought, when it ended by itself."""

    counts: Counts = Counts()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """How one step ended. `error` and `do` are sentences; `exit_code` is the contract's."""

    step: Step
    outcome: RunOutcome
    counts: Counts = Counts()
    calls_unleashed: int = 0
    calls_store: int = 0
    error: str | None = None
    do: str | None = None
    exit_code: int = 0
    resumes_at: datetime | None = None


class Work(Protocol):
    """What a step does; the application decides which flow that is."""

    def __call__(self, attempt: Attempt) -> Result: ...


@dataclass(frozen=True, slots=True)
class Bench:
    """The surroundings that every step needs. `holder` names this process in leases."""

    db: Database
    clock: Clock
    holder: str
    ttl: timedelta = timedelta(seconds=60)
    stop: threading.Event = field(default_factory=threading.Event)
    heartbeats: bool = True


NO_PATIENCE = timedelta(0)


def attempt_step(bench: Bench, step: Step, work: Work, patience: timedelta = NO_PATIENCE) -> Report:
    """Do one step as `run_step` does; a lease held elsewhere is a report like any other failure."""
    try:
        return run_step(bench, step, work, patience)
    except LeaseHeld as held:
        return failure(step, held)


def run_step(bench: Bench, step: Step, work: Work, patience: timedelta = NO_PATIENCE) -> Report:
    """Do one step under its lease and with a run record.

    Waits up to `patience` for the lease; raises LeaseHeld if another process keeps it. Every other failure
    ends in the report: what was done is in the state, the next run goes on.
    """
    lease = _wait_for_lease(bench, step, patience)
    try:
        with bench.db.write() as conn:
            run_id = runs.start(
                conn, step.job, step.account_id, step.store_id, bench.holder, bench.clock.now()
            )
        report = _run(bench, step, work, run_id, lease)
        return _finish(bench, run_id, report)
    finally:
        _let_go(bench, lease)


def _wait_for_lease(bench: Bench, step: Step, patience: timedelta) -> Lease:
    until = bench.clock.monotonic() + patience.total_seconds()
    while True:
        try:
            return take_lease(bench, step)
        except LeaseHeld:
            if bench.clock.monotonic() >= until or bench.stop.is_set():
                raise
        bench.clock.sleep(0.25)


def take_lease(bench: Bench, step: Step) -> Lease:
    """Take the step's lease, or raise LeaseHeld with the name of the process that has it."""
    now = bench.clock.now()
    with bench.db.write() as conn:
        lease = leases.acquire(conn, step.lease, bench.holder, now, bench.ttl)
        other = None if lease else leases.holder(conn, step.lease, now)
    if lease is not None:
        return lease
    who = other.holder if other else "another process"
    raise LeaseHeld(f"{step.subject} is being worked on by {who}.", holder=who)


def _run(bench: Bench, step: Step, work: Work, run_id: int, lease: Lease) -> Report:
    try:
        with _heart(bench, lease):
            result = work(Attempt(step, run_id, lease, _beat(bench, lease)))
    except (SyncdError, Exception) as error:  # noqa: BLE001 - a step never takes the daemon with it
        return failure(step, error)
    if result.problems:
        return Report(step, "partial", result.counts, error=" ".join(result.problems), exit_code=1)
    return Report(step, "done", result.counts, exit_code=1 if result.counts.parked else 0)


def failure(step: Step, error: Exception) -> Report:
    """Translate what ended a step into its report."""
    if isinstance(error, PurseSpent):
        said = f"{step.job} paused: {error.what}"
        return Report(step, "paused", error=said, do=error.do, exit_code=3, resumes_at=error.until)
    if isinstance(error, Draining | LeaseLost):
        return Report(step, "partial", error=error.what, do=error.do, exit_code=error.exit_code)
    if isinstance(error, SyncdError):
        return Report(step, "failed", error=error.what, do=error.do, exit_code=error.exit_code)
    log.error("step.crashed", subject=step.subject, job=step.job, exc_info=error)
    what = f"An error in syncd itself: {type(error).__name__}: {error}"
    return Report(step, "failed", error=what, do="Please report it with the log.", exit_code=1)


def _finish(bench: Bench, run_id: int, report: Report) -> Report:
    with bench.db.write() as conn:
        now = bench.clock.now()
        runs.finish(conn, run_id, report.outcome, report.counts, report.error, report.do, now)
        row = runs.run(conn, run_id)
    done = report
    if row is not None:
        done = replace(report, calls_unleashed=row.calls_unleashed, calls_store=row.calls_store)
    _tell(done)
    return done


def _tell(report: Report) -> None:
    counts = report.counts
    say = log.warning if report.outcome in ("failed", "partial") else log.info
    say(
        f"{report.step.half}.{report.outcome}",
        job=report.step.job,
        account=report.step.account,
        store=report.step.store,
        read=counts.read,
        written=counts.written,
        created=counts.created,
        unchanged=counts.unchanged,
        held=counts.held,
        parked=counts.parked,
        calls=report.calls_unleashed + report.calls_store,
        error=report.error,
    )


def _let_go(bench: Bench, lease: Lease) -> None:
    with bench.db.write() as conn:
        leases.release(conn, lease)


def _beat(bench: Bench, lease: Lease) -> Beat:
    def beat() -> None:
        if bench.stop.is_set():
            raise Draining("The program was asked to stop.", "The next run goes on where this one stopped.")
        with bench.db.write() as conn:
            leases.renew(conn, lease, bench.clock.now(), bench.ttl)

    return beat


@contextmanager
def _heart(bench: Bench, lease: Lease) -> Iterator[None]:
    """Renew the lease every third of its time while a long call is under way."""
    over = threading.Event()
    thread = threading.Thread(target=_keep_beating, args=(bench, lease, over), name="heart", daemon=True)
    if bench.heartbeats:
        thread.start()
    try:
        yield
    finally:
        over.set()
        if bench.heartbeats:
            thread.join()


def _keep_beating(bench: Bench, lease: Lease, over: threading.Event) -> None:
    while not over.wait(bench.ttl.total_seconds() / 3):
        try:
            with bench.db.write() as conn:
                leases.renew(conn, lease, bench.clock.now(), bench.ttl)
        except SyncdError as lost:
            log.warning("lease.lost", lease=lease.name, error=lost.what)
            return


class Submit(Protocol):
    """Where due work goes: a thread of this process now, a distributed queue later."""

    def submit(self, key: tuple[str, str], task: Callable[[], None]) -> bool:
        """Start the task unless one with this key is still at work. Returns whether it was taken."""
        ...

    def drain(self, seconds: float) -> bool:
        """Wait for what is at work; returns whether all of it ended in time."""
        ...


class LocalSubmit:
    """Runs each task in a thread of its own, never two with the same key at once."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.at_work: dict[tuple[str, str], threading.Thread] = {}
        self.lock = threading.Lock()

    def submit(self, key: tuple[str, str], task: Callable[[], None]) -> bool:
        with self.lock:
            before = self.at_work.get(key)
            if before is not None and before.is_alive():
                return False
            thread = threading.Thread(target=task, name=":".join(key), daemon=True)
            self.at_work[key] = thread
            thread.start()
            return True

    def drain(self, seconds: float) -> bool:
        until = self.clock.monotonic() + seconds
        with self.lock:
            threads: Sequence[threading.Thread] = list(self.at_work.values())
        for thread in threads:
            thread.join(max(0.0, until - self.clock.monotonic()))
        return not any(thread.is_alive() for thread in threads)


def claim(bench: Bench, job: str, subject: str, expected: datetime | None) -> bool:
    """Note that the job starts now, unless another process noted it first."""
    with bench.db.write() as conn:
        return due.claim(conn, job, subject, bench.clock.now(), expected)



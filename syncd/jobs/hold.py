"""Holding a lease while a step works: renewed by a heartbeat, let go between batches when somebody waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog

from syncd.errors import LeaseHeld, SyncdError
from syncd.jobs.steps import Bench, Step
from syncd.state import leases
from syncd.state.records import Lease

log = structlog.get_logger()

ASIDE = timedelta(minutes=5)
"""How long a step stays aside for somebody who waited for its lease."""

WISH = timedelta(seconds=3)
"""How long a wish for a lease counts unless it is repeated."""

POLL = 0.25


class Hold:
    """One step's lease under way."""

    def __init__(self, bench: Bench, step: Step, lease: Lease) -> None:
        self.bench, self.step, self.lease = bench, step, lease
        self.lock = threading.Lock()

    def renew(self) -> None:
        """Put the lease's end off. Raises LeaseLost if another process took it over."""
        with self.lock, self.bench.db.write() as conn:
            self.lease = leases.renew(conn, self.lease, self.bench.clock.now(), self.bench.ttl)

    def is_wanted(self) -> bool:
        """Tell whether somebody waits for the lease."""
        with self.bench.db.read() as conn:
            return leases.is_wanted(conn, self.lease, self.bench.clock.now())

    def step_aside(self) -> Lease:
        """Let go of the lease for whoever waits, and take it again. Raises LeaseHeld if it is kept."""
        with self.lock:
            self.release()
            self.bench.clock.sleep(2 * POLL)
            self.lease = wait_for_lease(self.bench, self.step, ASIDE, wish=False, line=self.lease.holder)
            return self.lease

    def release(self) -> None:
        """Let go of the lease; one that was lost stays with its new holder."""
        with self.bench.db.write() as conn:
            leases.release(conn, self.lease)


def wait_for_lease(
    bench: Bench, step: Step, patience: timedelta, *, wish: bool = True, line: str = ""
) -> Lease:
    """Take the step's lease, waiting up to `patience` and (with `wish`) asking its holder to let go.

    It is held by `line`, or by a new line of work of this process. Raises LeaseHeld with the name of the
    process that keeps it.
    """
    holder = line or leases.line_of(bench.holder, next(bench.lines))
    until = bench.clock.monotonic() + patience.total_seconds()
    while True:
        try:
            return _take(bench, step, holder, wish=wish and patience > timedelta(0))
        except LeaseHeld:
            if bench.clock.monotonic() >= until or bench.stop.is_set():
                raise
        bench.clock.sleep(POLL)


def _take(bench: Bench, step: Step, line: str, *, wish: bool) -> Lease:
    now = bench.clock.now()
    with bench.db.write() as conn:
        lease = leases.acquire(conn, step.lease, line, now, bench.ttl)
        other = None if lease else leases.holder(conn, step.lease, now)
        if lease is None and wish:
            leases.want(conn, step.lease, now + WISH)
    if lease is not None:
        return lease
    who = leases.process_of(other.holder) if other else "another process"
    raise LeaseHeld(f"{step.subject} is being worked on by {who}.", holder=who)


@contextmanager
def heart(bench: Bench, hold: Hold) -> Iterator[None]:
    """Renew the lease every third of its time, in a thread, while a long call is under way."""
    if not bench.heartbeats:
        yield
        return
    over = threading.Event()
    thread = threading.Thread(target=_keep_beating, args=(bench, hold, over), name="heart", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _keep_beating(bench: Bench, hold: Hold, over: threading.Event) -> None:
    while not over.wait(bench.ttl.total_seconds() / 3):
        try:
            hold.renew()
        except SyncdError as lost:
            log.warning("lease.lost", lease=hold.lease.name, error=lost.what)
            return
        except Exception as error:
            log.warning("lease.not_renewed", lease=hold.lease.name, error=str(error))

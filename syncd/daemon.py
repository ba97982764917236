"""The alarm clock: one tick every few seconds starts what is due, until somebody asks it to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import SimpleQueue
from types import FrameType
from typing import Protocol

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from syncd.errors import LeaseLost
from syncd.jobs import Bench, Submit
from syncd.state import leases, runs
from syncd.state.records import DaemonRow, Lease
from syncd.web.health import State, WebServer

log = structlog.get_logger()

Signals = SimpleQueue[int]

TICK = 5.0
"""Seconds between two looks at what is due."""

LEASE = "daemon"


class Due(Protocol):
    """What the application lets the daemon start."""

    def tick(self, submit: Submit) -> None:
        """Start every job that is due now, each at most once."""
        ...


@dataclass(slots=True)
class Daemon:
    """One process of the service: leader while it holds the daemon's lease, standby otherwise."""

    bench: Bench
    due: Due
    submit: Submit
    version: str
    tick_seconds: float = TICK
    lease: Lease | None = None
    since: datetime | None = None
    draining: bool = False
    tick_lock: threading.Lock = field(default_factory=threading.Lock)

    def state(self) -> State:
        """Return what `/health` says."""
        if self.draining:
            return "draining"
        return "running" if self.lease else "standby"

    def tick(self) -> None:
        """Keep or take the lease; with it, start what is due. Never raises: the next tick tries again."""
        with self.tick_lock:
            if self.draining or self.bench.stop.is_set():
                return
            try:
                self._lead()
                if self.lease is not None:
                    self.due.tick(self.submit)
            except Exception as error:
                log.error("tick.failed", error=str(error), exc_info=error)

    def _lead(self) -> None:
        held, now = self.lease, self.bench.clock.now()
        with self.bench.db.write() as conn:
            if held is not None:
                try:
                    self.lease = leases.renew(conn, held, now, self.bench.ttl)
                except LeaseLost:
                    self.lease = None
            else:
                self.lease = leases.acquire(conn, LEASE, self.bench.holder, now, self.bench.ttl)
            if self.lease is not None:
                self.since = now if held is None or self.since is None else self.since
                runs.set_daemon(
                    conn, DaemonRow(self.bench.holder, self.since, now, self.version, self.state())
                )
        if (held is None) != (self.lease is None):
            log.info("daemon.leads" if self.lease else "daemon.stands_by", holder=self.bench.holder)

    def stop(self, grace: float) -> bool:
        """Stop starting things and wait for what is at work; return whether it ended within the grace."""
        self.draining = True
        self.bench.stop.set()
        ended = self.submit.drain(grace)
        with self.tick_lock:
            if self.lease is not None:
                with self.bench.db.write() as conn:
                    leases.release(conn, self.lease)
                    runs.clear_daemon(conn, self.bench.holder)
        return ended


@contextmanager
def hearing() -> Iterator[Signals]:
    """Yield a queue of the signals that arrive, instead of dying of them: SIGTERM, SIGINT and SIGHUP.

    Begun before the daemon is put together, so that being told to stop while starting is heard too.
    """
    heard: Signals = SimpleQueue()

    def note(number: int, _frame: FrameType | None) -> None:
        heard.put(number)

    before = {
        number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    }
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def serve(
    daemon: Daemon,
    web: WebServer | None,
    grace: timedelta,
    signals: Signals,
    *,
    ready: Callable[[], None],
    reread: Callable[[], object],
) -> int:
    """Run until SIGTERM or SIGINT; at SIGHUP call `reread`. `ready` is called after the first tick.

    Returns 0 if everything at work ended within the grace, else 1.
    """
    if web is not None:
        web.start()
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_job(
        daemon.tick,
        "interval",
        seconds=daemon.tick_seconds,
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
    )
    scheduler.start()
    daemon.tick()
    ready()
    asked = signals.get()
    while asked == signal.SIGHUP:
        log.info("daemon.rereads_secrets")
        reread()
        asked = signals.get()
    log.info("daemon.asked_to_stop", signal=signal.Signals(asked).name)
    ended = daemon.stop(grace.total_seconds())
    scheduler.shutdown(wait=False)
    if web is not None:
        web.stop()
    log.info("daemon.stopped", drained=ended)
    return 0 if ended else 1

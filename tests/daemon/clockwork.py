"""A daemon on a small world, its clock moved by hand and its work done at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.app import App
from syncd.app.ticker import Ticker
from syncd.daemon import Daemon
from syncd.state import runs
from syncd.state.records import RunRow
from tests.world import World


@dataclass
class AtOnce:
    """Does each task in the caller's thread, those of `jobs` alone. With `busy` a task stays at work."""

    started: list[tuple[str, str]] = field(default_factory=list)
    busy: bool = False
    before: Callable[[], None] = lambda: None
    jobs: tuple[str, ...] = ("recent", "rotation", "sweep", "tidy")

    def submit(self, key: tuple[str, str], task: Callable[[], None]) -> bool:
        if self.busy or key[0] not in self.jobs:
            return False
        self.started.append(key)
        self.before()
        task()
        return True

    def drain(self, _seconds: float) -> bool:
        return not self.busy


def make_daemon(app: App, submit: AtOnce | None = None) -> tuple[Daemon, AtOnce]:
    """Return a daemon for the application, and what its due work is handed to."""
    work = submit or AtOnce()
    return Daemon(app.bench, Ticker(app), work, "test"), work


def tick_for(world: World, daemon: Daemon, time: timedelta, every: timedelta) -> list[datetime]:
    """Let the time pass with a tick every so often; return when Unleashed was asked for something new."""
    moments: list[datetime] = []
    until = world.clock.at + time
    while world.clock.at < until:
        world.clock.pass_time(every)
        before = len(world.unleashed.calls)
        daemon.tick()
        if len(world.unleashed.calls) > before:
            moments.append(world.clock.at)
    return moments


def all_runs(app: App) -> list[RunRow]:
    """Return every run there was, oldest first."""
    found = []
    with app.db.read() as conn:
        last = max((row.id for row in runs.last_runs(conn)), default=0)
        for number in range(1, last + 1):
            row = runs.run(conn, number)
            if row is not None:
                found.append(row)
    return found

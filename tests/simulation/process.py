"""One process of syncd: the wired application under its own alarm clock, which may die at any seam."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine, event

from syncd.app import App, open_app
from syncd.app.planned import Planned
from syncd.app.planning import planned
from syncd.app.ticker import Ticker
from syncd.config import Settings
from syncd.daemon import Daemon
from syncd.emulator.catalogue import Dice
from syncd.emulator.transport import EmulatorTransport
from syncd.emulator.wire import Request, Response
from syncd.http import Transport, Unmetered
from tests.simulation.alarm import Alarm
from tests.simulation.baton import Actor, Baton, Gate, Killed, Life, OwnClock
from tests.simulation.sides import Side

TICK = 5.0
SNOOZE = 30.0
"""Seconds until the next look where something may be due but was not started: somebody was at work."""

PATIENCE = 1800.0
"""Seconds after which the clock is looked at again, whatever is due: somebody else may have died."""


@dataclass(slots=True)
class Machine:
    """What all processes of one run share."""

    baton: Baton
    clock: OwnClock
    settings: Settings
    sides: dict[str, Side]
    dice: Dice
    printed: Callable[[Planned, datetime], None]
    """Told each plan that a daemon goes by."""
    kill_at: Callable[[str], bool] = lambda _moment: False
    """Asked at every seam of a daemon: whether it dies here."""


class Line:
    """A process's wire to one side: it passes the seams around every call."""

    def __init__(self, process: Process, side: Side) -> None:
        self.process, self.side = process, side

    def handle(self, request: Request) -> Response:
        self.process.seam("before a call")
        try:
            return self.side.call(request, self.process.life.name)
        finally:
            self.process.seam("after an answer")


class Process:
    """syncd as `syncd run` or a command wires it, on the machine's database."""

    def __init__(self, machine: Machine, name: str, *, mortal: bool = True) -> None:
        self.machine, self.life, self.mortal = machine, Life(name), mortal
        self.app: App | None = None
        self.tasks: dict[tuple[str, str], Actor] = {}

    def start(self) -> None:
        """Begin to serve, as the daemon does."""
        self.machine.baton.spawn(self.life, self._serve)

    def opened(self) -> App:
        """Return the wired application of this process."""
        if self.app is None:
            machine = self.machine
            app = open_app(
                machine.settings, machine.clock, self.life.name, transports=self.transport, heartbeats=False
            )
            _hurry(app.db.engine)
            app.db.seam = self.seam
            self._put_gates(app)
            self.app = app
        return self.app

    def seam(self, moment: str) -> None:
        """A moment at which the process may die, or another may go on.

        Not within a transaction, where on SQLite nobody else could get far.
        """
        machine = self.machine
        if self.life.dead:
            raise Killed(self.life.name)
        if self.mortal and machine.kill_at(moment):
            machine.baton.kill(self.life)
            raise Killed(f"{self.life.name}, {moment}")
        if moment == "after_commit" and machine.dice.chance(200):
            machine.baton.sleep(machine.dice.below(400) / 1000)

    def close(self) -> None:
        """Close what a dead process has left open."""
        if self.app is not None:
            self.app.close()
            self.app = None

    def transport(self, subject: str) -> Transport:
        return EmulatorTransport(Line(self, self.machine.sides[subject.partition(" ")[0]]))

    def _put_gates(self, app: App) -> None:
        """Where a thread would wait for another one of its process, it must let time pass."""
        for name in app.settings.accounts:
            app.unleashed(name, Unmetered())
        for name in app.settings.stores:
            app.store(name, Unmetered())
        for door in app.doors.values():
            door.gate = Gate(self.machine.baton)

    def _serve(self) -> None:
        app, baton = self.opened(), self.machine.baton
        daemon = Daemon(app.bench, Ticker(app), BatonSubmit(self), "simulated")
        alarm = Alarm(app)
        while True:
            daemon.tick()
            baton.sleep(TICK)
            self.machine.printed(planned(app, "main"), baton.at)
            wait = (alarm.rings_at() - app.bench.clock.now()).total_seconds()
            baton.sleep(min(wait, PATIENCE) if wait > 0 else SNOOZE)


def _hurry(engine: Engine) -> None:
    """Give up the safety of the file against power loss, which no run is about, for speed."""
    event.listen(engine, "connect", lambda driver, _: driver.execute("PRAGMA synchronous=OFF"))
    engine.dispose()


@dataclass(slots=True)
class BatonSubmit:
    """Runs each task in a line of work of its own, never two with the same key at once."""

    process: Process
    at_work: dict[tuple[str, str], Actor] = field(default_factory=dict)

    def submit(self, key: tuple[str, str], task: Callable[[], None]) -> bool:
        before = self.at_work.get(key)
        if before is not None and not before.ended:
            return False
        self.at_work[key] = self.process.machine.baton.spawn(self.process.life, task)
        return True

    def drain(self, seconds: float) -> bool:
        del seconds
        return all(actor.ended for actor in self.at_work.values())


RESTART = (timedelta(seconds=10), timedelta(minutes=20))
"""How long a dead process stays away, at least and at most."""

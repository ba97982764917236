"""Virtual time and the baton: many threads, one of them awake, the same order of things for the same seed."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from syncd.emulator.catalogue import Dice


class Killed(BaseException):
    """The process dies here. Not an Exception: nothing may catch it and go on."""


class Life:
    """One process from its start to its death. What belongs to a dead one stops at its next step."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.dead = False
        self.actors: list[Actor] = []


class Actor:
    """One line of work: a thread that runs only while it holds the baton."""

    def __init__(self, life: Life, work: Callable[[], object]) -> None:
        self.life, self.work = life, work
        self.turn = threading.Semaphore(0)
        self.nap = 0
        self.asleep = False
        self.ended = False


class Baton:
    """Hands the baton from actor to actor; time passes only when all of them sleep.

    `at` is the true time. What is set up with `call_at` happens in between, in no process's thread.
    """

    def __init__(self, start: datetime, dice: Dice) -> None:
        self.at, self.start, self.dice = start, start, dice
        self.holder: Actor | None = None
        self.switches = 0
        self.broken: BaseException | None = None
        self._until = start
        self._numbers = itertools.count()
        self._sleepers: list[tuple[datetime, int, Actor, int]] = []
        self._plans: list[tuple[datetime, int, Callable[[], object]]] = []
        self._ready: deque[Actor] = deque()
        self._main = threading.Semaphore(0)

    def ticks(self) -> float:
        """Return the seconds since the start, which never run backwards."""
        return (self.at - self.start).total_seconds()

    def call_at(self, at: datetime, work: Callable[[], object]) -> None:
        """Have something happen at a time, or now if that is past."""
        heapq.heappush(self._plans, (max(at, self.at), next(self._numbers), work))

    def spawn(self, life: Life, work: Callable[[], object]) -> Actor:
        """Start a line of work of a process; it gets its first turn when it is handed the baton."""
        actor = Actor(life, work)
        life.actors.append(actor)
        threading.Thread(target=self._live, args=(actor,), daemon=True).start()
        self._ready.append(actor)
        return actor

    def run(self, until: datetime) -> None:
        """Let everybody work until then. Raises what broke an actor other than by a kill."""
        self._until = until
        while self.broken is None:
            actor = self._next()
            if actor is None:
                break
            self._give(actor)
            self._main.acquire()
        if self.broken is not None:
            raise self.broken
        self.at = max(self.at, until)

    def sleep(self, seconds: float) -> None:
        """Let the actor that holds the baton sleep. Raises Killed if its process dies meanwhile."""
        me = self._me()
        heapq.heappush(
            self._sleepers,
            (self.at + timedelta(seconds=max(0.0, seconds)), next(self._numbers), me, me.nap),
        )
        me.asleep = True
        self._pass_on(me)

    def wait(self, queue: deque[Actor]) -> None:
        """Let the actor wait in a queue until somebody calls `wake` for it."""
        me = self._me()
        queue.append(me)
        me.asleep = True
        self._pass_on(me)

    def wake(self, actor: Actor) -> None:
        """Make a sleeping or waiting actor ready now."""
        if actor.asleep and not actor.ended:
            actor.nap += 1
            actor.asleep = False
            self._ready.append(actor)

    def kill(self, life: Life) -> None:
        """End a process: all its lines of work stop where they are."""
        life.dead = True
        for actor in life.actors:
            self.wake(actor)

    def _me(self) -> Actor:
        if self.holder is None:
            raise RuntimeError("only an actor can sleep")
        return self.holder

    def _pass_on(self, me: Actor) -> None:
        following = self._next()
        if following is not me:
            self._give(following)
            me.turn.acquire()
        me.asleep = False
        if me.life.dead:
            raise Killed(me.life.name)

    def _give(self, actor: Actor | None) -> None:
        self.switches += 1
        self.holder = actor
        (self._main if actor is None else actor.turn).release()

    def _next(self) -> Actor | None:
        """Return who is awake next, letting time pass and the world go on. None: not before the end."""
        while True:
            if self._ready:
                self._ready.rotate(-self.dice.below(len(self._ready)))
                return self._ready.popleft()
            while self._sleepers and self._sleepers[0][3] != self._sleepers[0][2].nap:
                heapq.heappop(self._sleepers)
            naps, plans = self._sleepers, self._plans
            if plans and (not naps or plans[0][0] <= naps[0][0]):
                if plans[0][0] > self._until:
                    return None
                self.at, _, work = heapq.heappop(plans)
                if not self._happens(work):
                    return None
            elif naps and naps[0][0] <= self._until:
                self.at, _, actor, _ = heapq.heappop(naps)
                actor.nap += 1
                actor.asleep = False
                self._ready.append(actor)
            else:
                return None

    def _happens(self, work: Callable[[], object]) -> bool:
        """Let it happen. What it raises ends the run, and reaches nobody who might catch it and go on."""
        try:
            work()
        except BaseException as error:
            self.broken = self.broken or error
        return self.broken is None

    def _live(self, actor: Actor) -> None:
        actor.turn.acquire()
        try:
            if not actor.life.dead:
                actor.work()
        except Killed:
            pass
        except BaseException as error:
            self.broken = self.broken or error
        actor.ended = True
        actor.life.actors.remove(actor)
        self._give(None if self.broken else self._next())


class Gate(threading.Semaphore):
    """A semaphore whose waiters let time pass, instead of keeping the baton while they wait."""

    def __init__(self, baton: Baton, places: int = 1) -> None:
        super().__init__(places)
        self.baton, self.places = baton, places
        self.queue: deque[Actor] = deque()

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        del blocking, timeout
        while self.places == 0:
            self.baton.wait(self.queue)
        self.places -= 1
        return True

    __enter__ = acquire

    def release(self, n: int = 1) -> None:
        self.places += n
        while self.queue:
            actor = self.queue.popleft()
            if not actor.life.dead:
                self.baton.wake(actor)
                return

    def __exit__(self, *_: object) -> None:
        self.release()


class OwnClock:
    """The clock of the machine that syncd runs on: `off` from the true time, which may change at any time."""

    def __init__(self, baton: Baton) -> None:
        self.baton = baton
        self.off = timedelta(0)

    def now(self) -> datetime:
        return self.baton.at + self.off

    def monotonic(self) -> float:
        return self.baton.ticks()

    def sleep(self, seconds: float) -> None:
        self.baton.sleep(seconds)

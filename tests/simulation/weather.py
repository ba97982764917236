"""What goes wrong on the way: faults of single calls by chance, and hours in which a side is down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.emulator.catalogue import Dice
from tests.simulation.scenario import NONE, Faults
from tests.simulation.watch import HOUR, Troubles

LOST_ON_THE_WAY = "timed_out"
"""The one fault that the emulators do not act out: nothing arrives, and nobody says so for minutes."""


@dataclass(frozen=True, slots=True)
class Strike:
    """What befalls one call: a fault of the emulator's, how it is dressed, and how long it takes."""

    kind: str
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def carried_out(self) -> bool:
        return self.kind in ("lose", "half", "truncate")


@dataclass(slots=True)
class Weather:
    """Decides what befalls each call. Everything it does is noted among the troubles."""

    faults: Faults
    dice: Dice
    troubles: Troubles
    down: dict[str, datetime] = field(default_factory=dict)
    strikes: int = 0

    def strike(self, side: str, now: datetime) -> Strike | None:
        """Return what befalls a call to a side now, mostly nothing."""
        struck = self._outage(side, now) or self._chance()
        if struck is not None:
            self.strikes += 1
            wait = int(struck.headers.get("retry-after", "60" if struck.status == 429 else "0"))
            until = now + HOUR + timedelta(seconds=wait + struck.seconds)
            self.troubles.add(now, until, f"{side} {struck.kind}")
        return struck

    def calm(self) -> None:
        """Let nothing befall anybody from now on."""
        self.faults = NONE
        self.down.clear()

    def take_down(self, side: str, now: datetime, time: timedelta) -> None:
        """Let a side be down for a time."""
        self.down[side] = now + time
        self.troubles.add(now, now + time + HOUR, f"{side} down")

    def _outage(self, side: str, now: datetime) -> Strike | None:
        until = self.down.get(side)
        if until is None or now >= until:
            return None
        return Strike("refuse") if self.dice.chance(500) else Strike("status", status=503)

    def _chance(self) -> Strike | None:
        throw, f = self.dice.below(1000), self.faults
        chances: tuple[tuple[int, Callable[[], Strike]], ...] = (
            (f.refused, lambda: Strike("refuse")),
            (f.lost, lambda: Strike("lose", seconds=self.dice.below(20))),
            (f.timed_out, lambda: Strike(LOST_ON_THE_WAY, seconds=60 + self.dice.below(120))),
            (f.status, lambda: Strike("status", status=self.dice.one_of((500, 502, 503, 504)))),
            (f.told_to_wait, self._told_to_wait),
            (f.garbled, lambda: Strike(self.dice.one_of(("half", "truncate", "html", "empty")))),
        )
        for share, make in chances:
            if throw < share:
                return make()
            throw -= share
        return None

    def _told_to_wait(self) -> Strike:
        wait = self.dice.one_of(("", "5", "120", "900"))
        return Strike("status", status=429, headers={"retry-after": wait} if wait else {})

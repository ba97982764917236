"""What syncd prints about ghosts: how long one may live, on either side."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.app.planned import Planned


@dataclass(slots=True)
class Bounds:
    """The printed bounds, the longest that were printed during the run; None: nothing is promised.

    `fixed` takes the place of what is printed.
    """

    unleashed: timedelta | None = None
    store: timedelta | None = None
    fixed: timedelta | None = None
    latest: Planned | None = None
    steps: list[tuple[datetime, timedelta | None, timedelta | None]] = field(default_factory=list)
    """What was printed, and since when."""

    def printed(self, planned: Planned, at: datetime) -> None:
        """Note what is printed now, by the true time."""
        self.latest, bound = planned, planned.plan.ghost_bound
        if not self.steps or self.steps[-1][1:] != (bound.unleashed, bound.store):
            self.steps.append((at, bound.unleashed, bound.store))
        self.unleashed = _longer(self.unleashed, bound.unleashed)
        self.store = _longer(self.store, bound.store)

    def of(self, kind: str) -> timedelta | None:
        """Return the bound for a kind of ghost, "unleashed" or "store"."""
        if self.fixed is not None:
            return self.fixed
        return self.store if kind == "store" else self.unleashed

    def rounds(self, since: datetime, until: datetime) -> tuple[float, float]:
        """Return how often everything had to be looked at, on each side, to keep what was printed when."""
        ends = [at for at, *_ in self.steps[1:]] + [until]
        unleashed = store = 0.0
        for (at, one, other), end in zip(self.steps, ends, strict=True):
            time = min(end, until) - max(at, since)
            if time > timedelta(0):
                unleashed += time / one if one else 0
                store += time / other if other else 0
        return unleashed, store

    def both(self) -> tuple[timedelta | None, timedelta | None]:
        return self.of("unleashed"), self.of("store")


def _longer(one: timedelta | None, other: timedelta | None) -> timedelta | None:
    found = [each for each in (one, other) if each is not None]
    return max(found, default=None)

"""What a flow does between two steps: it renews the lease or stops when asked to, and counts what it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from syncd.state.records import Counts

Beat = Callable[[], None]
"""Raises LeaseLost when another process took over, Draining when the program is asked to stop."""


def no_beat() -> None:
    """Go on: for flows that nobody else can interrupt."""


@dataclass(slots=True)
class Tally:
    """What a run has done so far; it is still there when the run ends by an exception.

    `told` are lines for people about what a dry run would have written. `newly_held` counts the listings
    of which the brake holds what it did not hold before.
    """

    counts: Counts = Counts()
    told: list[str] = field(default_factory=list)
    newly_held: int = 0

    def add(self, more: Counts) -> None:
        """Count this too."""
        self.counts = self.counts.plus(more)

"""The other side's own count: no window of any pool may ever see more calls than it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tests.simulation.scenario import Limit

_FORMS = {"minute": "%Y-%m-%d %H:%M", "hour": "%Y-%m-%d %H", "day": "%Y-%m-%d", "month": "%Y-%m"}


@dataclass(slots=True)
class Pools:
    """Counts the calls of one subject in fixed clock windows (UTC), by the clock of who is counted.

    A clock that is wrong has wrong windows, and no program can know: what it promises is by its own clock.
    """

    subject: str
    limits: tuple[Limit, ...]
    complain: Callable[[str, str], None]
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    fullest: float = 0.0

    def count(self, now: datetime) -> None:
        """Count a call that arrives now, and complain if its window has no room."""
        for calls, per in self.limits:
            window = (per, now.strftime(_FORMS[per]))
            self.counts[window] += 1
            self.fullest = max(self.fullest, self.counts[window] / calls)
            if self.counts[window] == calls + 1:
                self.complain(
                    "overspent", f"{self.subject}: more than {calls} calls in the {per} {window[1]}"
                )

    def is_full(self, now: datetime) -> bool:
        return any(self.counts[per, now.strftime(_FORMS[per])] >= calls for calls, per in self.limits)

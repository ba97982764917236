"""Where every judge of a run brings what it found; and the log, in which no crash may stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from structlog.typing import EventDict

CRASHES = ("step.crashed", "job.crashed", "tick.failed", "lease.not_renewed")
MOST_TOLD = 40
WARNING = 30


@dataclass(slots=True)
class Judge:
    """Keeps what was broken, as (what, details with the true time); of very many, the first."""

    now: Callable[[], datetime]
    broken: list[tuple[str, str]] = field(default_factory=list)

    def complain(self, what: str, detail: str) -> None:
        if len(self.broken) < MOST_TOLD:
            self.broken.append((what, f"{self.now():%d %H:%M:%S} {detail}"))

    def hear(self, event: EventDict) -> None:
        """Judge a line of the log."""
        if event.get("event") in CRASHES:
            self.complain("crash", f"{event['event']}: {event.get('exc_info')!r}")

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear every warning and error that is logged meanwhile, and print nothing."""

        def listen(_logger: object, _method: str, event: EventDict) -> EventDict:
            self.hear(event)
            raise structlog.DropEvent

        structlog.configure(processors=[listen], wrapper_class=structlog.make_filtering_bound_logger(WARNING))
        try:
            yield
        finally:
            structlog.reset_defaults()

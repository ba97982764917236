"""The one place that asks the machine what time it is."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Time as the program sees it; tests and the simulation bring their own."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards, for measuring how long something took."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait, or return earlier when the program is asked to stop."""
        ...


class SystemClock:
    """The machine's own clock. `stop` cuts every sleep short."""

    def __init__(self, stop: threading.Event | None = None) -> None:
        self.stop = stop or threading.Event()

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - this is the injected clock itself

    def monotonic(self) -> float:
        return time.monotonic()  # noqa: TID251

    def sleep(self, seconds: float) -> None:
        self.stop.wait(max(0.0, seconds))

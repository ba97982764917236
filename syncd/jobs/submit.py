"""Where due work goes: a thread of this process now, a distributed queue later."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from syncd.clock import Clock


class Submit(Protocol):
    """Takes a task that is due, and can wait for what is at work."""

    def submit(self, key: tuple[str, str], task: Callable[[], None]) -> bool:
        """Start the task unless one with this key is still at work. Returns whether it was taken."""
        ...

    def drain(self, seconds: float) -> bool:
        """Wait for what is at work; returns whether all of it ended in time."""
        ...


class LocalSubmit:
    """Runs each task in a thread of its own, never two with the same key at once."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.at_work: dict[tuple[str, str], threading.Thread] = {}
        self.lock = threading.Lock()

    def submit(self, key: tuple[str, str], task: Callable[[], None]) -> bool:
        with self.lock:
            before = self.at_work.get(key)
            if before is not None and before.is_alive():
                return False
            thread = threading.Thread(target=task, name=":".join(key), daemon=True)
            self.at_work[key] = thread
            thread.start()
            return True

    def drain(self, seconds: float) -> bool:
        until = self.clock.monotonic() + seconds
        with self.lock:
            threads: Sequence[threading.Thread] = list(self.at_work.values())
        for thread in threads:
            thread.join(max(0.0, until - self.clock.monotonic()))
        return not any(thread.is_alive() for thread in threads)

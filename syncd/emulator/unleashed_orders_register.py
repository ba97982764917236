"""Keep records of one kind by guid, some of them committed but not yet seen by readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

R = TypeVar("R")

AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class _Late(Generic[R]):
    due: datetime
    guid: str
    record: R | None


class Register(Generic[R]):
    """Frozen records by guid (lower case): as they are, and as readers see them, who may be behind.

    `clock` gives aware UTC times. What is put `late` is there for the next write at once, and for readers
    only that much later; what is put at once is seen at once, with everything put before it.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._current: dict[str, R] = {}
        self._seen: dict[str, R] = {}
        self._late: list[_Late[R]] = []

    def get(self, guid: str) -> R | None:
        """Return the record as it is."""
        return self._current.get(guid.lower())

    def all(self) -> Sequence[R]:
        """Return every record as it is, in the order of creation."""
        return list(self._current.values())

    def see(self, guid: str) -> R | None:
        """Return the record as a reader sees it now."""
        self._settle()
        return self._seen.get(guid.lower())

    def seen(self) -> Sequence[R]:
        """Return every record as readers see it now."""
        self._settle()
        return list(self._seen.values())

    def put(self, guid: str, record: R, late: timedelta = AT_ONCE) -> None:
        """Add the record, or put it in the place of the one with this guid."""
        self._current[guid.lower()] = record
        self._show(guid.lower(), record, late)

    def drop(self, guid: str, late: timedelta = AT_ONCE) -> None:
        """Remove the record for good."""
        self._current.pop(guid.lower(), None)
        self._show(guid.lower(), None, late)

    def _show(self, guid: str, record: R | None, late: timedelta) -> None:
        earlier = [waiting for waiting in self._late if waiting.guid == guid]
        if late > AT_ONCE:
            due = max([self._clock() + late, *(waiting.due for waiting in earlier)])
            self._late.append(_Late(due, guid, record))
            return
        self._late = [waiting for waiting in self._late if waiting.guid != guid]
        self._carry_out(guid, record)

    def _settle(self) -> None:
        if not self._late:
            return
        now = self._clock()
        due = sorted((late for late in self._late if late.due <= now), key=lambda late: late.due)
        self._late = [late for late in self._late if late.due > now]
        for late in due:
            self._carry_out(late.guid, late.record)

    def _carry_out(self, guid: str, record: R | None) -> None:
        if record is None:
            self._seen.pop(guid, None)
        else:
            self._seen[guid] = record


def stamp(clock: Callable[[], datetime]) -> datetime:
    """Return now, cut to whole milliseconds as the vendor keeps it. Raise ValueError for a naive clock."""
    now = clock()
    if now.tzinfo is None:
        raise ValueError("the clock must give aware times")
    utc = now.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)

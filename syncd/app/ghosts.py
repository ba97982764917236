"""What the recorded ghosts tell: how many, of which cause and side, and whether they become fewer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.app.wiring import App
from syncd.state import ghosts
from syncd.state.ghosts import Sighting

WEEK = timedelta(days=7)
LAST = 20


@dataclass(frozen=True, slots=True)
class Counted:
    """How many ghosts of one cause were found on one side. `store` None: in Unleashed's mirror."""

    account: str
    store: str | None
    cause: str
    number: int


@dataclass(frozen=True, slots=True)
class Week:
    """How many ghosts were found in the seven days from `began` (aware UTC) on, on either side."""

    began: datetime
    unleashed: int
    store: int


@dataclass(frozen=True, slots=True)
class Ghosts:
    """The ghosts of a time. `oldest`: for how long at most one of them had stood; None: not known of any."""

    days: int
    counts: tuple[Counted, ...]
    weeks: tuple[Week, ...]
    oldest: timedelta | None
    last: tuple[Sighting, ...]

    @property
    def number(self) -> int:
        """How many there were."""
        return sum(each.number for each in self.counts)


def gathered(app: App, days: int) -> Ghosts:
    """Return what is recorded of the last `days` days, of every account and store in the database."""
    now = app.bench.clock.now()
    since = now - timedelta(days=days)
    with app.db.read() as conn:
        counts, last = ghosts.counts(conn, since), ghosts.latest(conn, since, LAST)
        times = ghosts.times(conn, since)
    ages = [age for _, _, age in times if age is not None]
    return Ghosts(
        days,
        tuple(Counted(*key, number) for key, number in sorted(counts.items(), key=_most_first)),
        _by_week(now, days, [(at, store is None) for at, store, _ in times]),
        max(ages, default=None),
        tuple(last),
    )


def _most_first(each: tuple[tuple[str, str | None, str], int]) -> tuple[int, str, str, str]:
    (account, store, cause), number = each
    return -number, account, store or "", cause


def _by_week(now: datetime, days: int, times: Sequence[tuple[datetime, bool]]) -> tuple[Week, ...]:
    """Return the weeks that end now, the first one first; the first one may be shorter than the others."""
    weeks = -(-days // 7)
    numbers = Counter((min(weeks - 1, max(0, (now - at) // WEEK)), mirror) for at, mirror in times)
    return tuple(
        Week(now - (back + 1) * WEEK, numbers[back, True], numbers[back, False])
        for back in reversed(range(weeks))
    )

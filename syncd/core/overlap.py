"""How far behind its watermark a feed is read: as far as costs nothing, never less than was learned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from syncd.core.watermark import OVERLAP

LEAST = timedelta(minutes=15)
"""No account is ever read from less far behind."""

SAFETY = 3
"""How many times the greatest lateness seen the overlap must be."""

REMEMBERED = timedelta(days=30)
"""For how long a lateness counts."""

FULL = 0.8
"""The share of a page that the rows already known may take: the rest is for what has changed since."""

PAST = timedelta(seconds=-1)
"""No overlap at all: changes are asked for from the second after the watermark's."""

_STEPS = (OVERLAP, timedelta(hours=13), timedelta(hours=6), timedelta(hours=2), timedelta(minutes=45))


def floor(lateness: timedelta) -> timedelta:
    """Return the least overlap of a calibrated account; `lateness` is the greatest seen in 30 days."""
    return min(OVERLAP, max(LEAST, SAFETY * lateness))


def steps(least: timedelta) -> tuple[timedelta, ...]:
    """Return the overlaps to choose from, the widest first, `least` the last."""
    return (*(step for step in _STEPS if step > least), least)


def settled(
    newest: datetime | None, newest_at: datetime | None, last_pass: datetime | None, least: timedelta
) -> bool:
    """Tell whether everything stamped like the newest row, or before it, must have come by now.

    It has if the last complete pass began later than `least` after that stamp, and after the pass that first
    brought it: no change was ever later. `newest_at` and `last_pass` are our clock's.
    """
    if newest is None or newest_at is None or last_pass is None:
        return False
    return last_pass >= max(newest, newest_at) + least


def chosen(least: timedelta, expected: Mapping[timedelta, int], page_size: int) -> timedelta:
    """Return the widest overlap whose rows fit in one page, so that it costs no call; else `least`.

    `expected` says for each of `steps(least)` how many rows of the mirror such a read would bring again.
    """
    fitting = [step for step in steps(least) if expected.get(step, 0) <= FULL * page_size]
    return max([*fitting, least])

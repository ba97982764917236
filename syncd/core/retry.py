"""When an order that did not get through is tried again, and when it is given up."""

from __future__ import annotations

from datetime import datetime, timedelta

STEPS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=3))
THEN = timedelta(hours=6)
SPREAD = 0.1
"""A wait is up to this share longer, so that what failed together does not come back together."""


def wait(failures: int, jitter: float) -> timedelta:
    """Return how long to wait after so many failed attempts: 15 min, 1 h, 3 h, then 6 h each time.

    `jitter` is a fraction from 0 up to 1, thrown by the caller. Raises ValueError for no failure, or for a
    fraction that is none.
    """
    if failures < 1 or not 0 <= jitter <= 1:
        raise ValueError(f"no wait after {failures} failures with jitter {jitter}")
    step = STEPS[failures - 1] if failures <= len(STEPS) else THEN
    return step * (1 + SPREAD * jitter)


def next_attempt(
    failures: int,
    first: datetime,
    now: datetime,
    give_up_after: timedelta,
    jitter: float,
    not_before: datetime | None = None,
) -> datetime | None:
    """Return when the next attempt is due, or None: give the order up. All times are aware.

    `first` is when the order was first tried, or put back in the queue by a person. The last attempt is at
    the very end of `give_up_after`; only one that failed then, or later, is the last one. `not_before` is
    the time that the other side or a spent purse named: it may lie behind the end, and is still kept.
    """
    end = first + give_up_after
    if now >= end:
        return None
    due = min(now + wait(failures, jitter), end)
    return due if not_before is None else max(due, not_before)

"""When a job is due again."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta

SPREAD = timedelta(seconds=60)
"""Subjects with the same interval start up to this far apart, always in the same order."""

BACKWARDS = timedelta(seconds=60)
"""A last start further in the future than this means that the clock was set back."""


def offset(job: str, subject: str, interval: timedelta) -> timedelta:
    """Return the stable delay of one subject, at most `SPREAD` and a tenth of the interval."""
    share = (zlib.crc32(f"{job} {subject}".encode()) % 1000) / 1000
    return min(SPREAD, interval / 10) * share


def due_at(job: str, subject: str, last: datetime | None, interval: timedelta, now: datetime) -> datetime:
    """Return when the job is due: at once if it never ran, or if its last start lies in the future.

    A clock that was set back would otherwise silence a job until the old time is reached again.
    """
    if last is None or last > now + BACKWARDS:
        return now
    return last + interval + offset(job, subject, interval)

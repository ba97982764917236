"""From when on a feed is read, and how far it may be considered read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

OVERLAP = timedelta(hours=26)
"""How far behind its watermark an account is read until it has been calibrated: a zone error of 14 hours,
a stamp truncated to the day and a skewed clock together stay below it (reference unleashed.md, 3.4)."""

AHEAD = timedelta(hours=26)
"""How much further than the time that has passed a stamp may lie ahead and still be believed."""


@dataclass(frozen=True, slots=True)
class Advance:
    """The new watermark, and the stamps that were too far ahead to be believed."""

    watermark: datetime | None
    ahead: tuple[datetime, ...]


def since(
    watermark: datetime | None, overlap: timedelta = OVERLAP, last_pass: datetime | None = None
) -> datetime | None:
    """Return what to ask for: changes since then, or everything (None) when nothing was read yet.

    A stamp may lie ahead by up to 26 hours and still be believed. An overlap narrower than that is therefore
    counted from `last_pass`, when the last complete pass began by our clock, if that is earlier: our clock
    can only make us read more.
    """
    if watermark is None:
        return None
    if last_pass is None or overlap >= AHEAD:
        return watermark - overlap
    return min(watermark, last_pass) - overlap


def completed(watermark: datetime | None, newest: datetime | None, took: timedelta) -> datetime | None:
    """Return the watermark after a complete pass whose greatest believable stamp is `newest`.

    What changed behind a pass of several pages may be stamped as much earlier than its last rows as the
    pass took (zero for a single page, which is one consistent answer). It never moves back.
    """
    if newest is None:
        return watermark
    moved = newest - max(timedelta(0), took)
    return moved if watermark is None else max(watermark, moved)


def advance(
    watermark: datetime | None, stamps: Iterable[datetime], last_pass: datetime | None, this_pass: datetime
) -> Advance:
    """Move the watermark to the greatest stamp received that can be believed.

    `last_pass` and `this_pass` are when the previous complete pass and this one began by our clock. Only
    the time between them is used, never our clock's value: a stamp may lie ahead of the old watermark by
    that time plus `AHEAD`. Without an old watermark there is no other measure than our clock.
    """
    limit = _limit(watermark, last_pass, this_pass)
    received = sorted(set(stamps))
    believed = [stamp for stamp in received if stamp <= limit]
    ahead = tuple(stamp for stamp in received if stamp > limit)
    newest = believed[-1] if believed else None
    if watermark is None or (newest is not None and newest > watermark):
        return Advance(newest, ahead)
    return Advance(watermark, ahead)


def _limit(watermark: datetime | None, last_pass: datetime | None, this_pass: datetime) -> datetime:
    if watermark is None or last_pass is None:
        return this_pass + AHEAD
    passed = max(timedelta(0), this_pass - last_pass)
    # A watermark may be old because nothing changed for months; then the time since the last pass is
    # short although the newest stamp is today's. What counts is the later of the two bases.
    return max(watermark, last_pass) + passed + AHEAD

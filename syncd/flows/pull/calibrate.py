"""Learn from ordinary answers how an account treats times and pages, and how far behind it must be read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from syncd.core import calibration, overlap
from syncd.core.calibration import together
from syncd.core.passes import HalfRead
from syncd.core.watermark import OVERLAP
from syncd.flows.pull.records import Pull
from syncd.state import listed
from syncd.state.calibration import calibrations, save_calibration
from syncd.state.db import Connection
from syncd.state.records import Progress, Seen

log = structlog.get_logger()


def overlap_of(conn: Connection, pull: Pull, state: Progress) -> timedelta:
    """Return how far behind its watermark the feed's next pass asks: 26 hours until it is calibrated.

    From then on as far as the rows that come again fit in one page, which costs nothing, and never less
    than three times the greatest lateness of the last 30 days. Only where even then more would come than a
    page holds, and all of it must have come before, it asks from behind the watermark.
    """
    least = _least(conn, pull, state.feed)
    if state.watermark is None or least >= OVERLAP:
        return OVERLAP
    steps = overlap.steps(least)
    moments = [state.watermark - step for step in steps]
    counts = listed.stamped_since(conn, pull.account.id, state.feed, state.warehouse, moments)
    settled = overlap.settled(state.newest, state.newest_at, state.started_at, least)
    if settled and state.watermark == state.newest and counts[-1] > pull.client.page_size:
        return overlap.PAST
    return overlap.chosen(least, dict(zip(steps, counts, strict=True)), pull.client.page_size)


def note_page(
    conn: Connection, pull: Pull, state: HalfRead, before: Progress, seen: Seen, at: datetime
) -> None:
    """Take in what one page shows: its size, how fresh its youngest change is, how late others came."""
    _note_page_size(conn, pull, state, at)
    if state.kind == "recent" and before.watermark is not None and seen.moved:
        passed = None if before.started_at is None else at - before.started_at
        age = at - max(seen.moved)
        if calibration.is_age(age, passed):
            _note_age(conn, pull, state.feed, age.total_seconds(), at)
        _note_lateness(conn, pull, before.watermark - min(seen.moved), at)


def note_pass(conn: Connection, pull: Pull, state: HalfRead, at: datetime) -> None:
    """Take in how a complete pass of one page, so of one consistent answer, held against the mirror."""
    if state.kind != "recent" or state.since is None or state.pages > 1:
        return
    since = state.since.replace(microsecond=0)
    found = listed.around(conn, pull.account.id, state.feed, state.warehouse, since, state.pass_no)
    kept = _evidence(conn, pull, "time_part")
    days = dict(kept.get(state.feed, {}))
    today = f"{at:%Y-%m-%d}"
    if not any(found) or days.get(today) == list(found):
        return
    days[today] = _worse(days.get(today), found)
    evidence = {**kept, state.feed: calibration.latest(days)}
    _save(conn, pull, "time_part", together(_time_parts(evidence).values()), evidence, at)


def _least(conn: Connection, pull: Pull, feed: str) -> timedelta:
    """Return the least overlap of a feed, 26 hours if it is not calibrated."""
    known = calibrations(conn, pull.account.id)
    zone, part = known.get("stamp_utc"), known.get("time_part")
    zones = _zones(zone.evidence) if zone else {}
    parts = _time_parts(part.evidence) if part else {}
    if not calibration.calibrated(zones.get(feed, ""), parts.get(feed, "")):
        return OVERLAP
    late = known.get("lateness")
    return overlap.floor(_lateness(late.evidence if late else {}, pull.clock.now()))


def _note_page_size(conn: Connection, pull: Pull, state: HalfRead, at: datetime) -> None:
    asked, answered = pull.client.page_size, state.page_size
    if not 0 < answered < asked:
        return
    known = calibrations(conn, pull.account.id).get("page_size")
    if known is None or known.value != str(answered):
        _save(conn, pull, "page_size", str(answered), {"asked": asked, "answered": answered}, at)


def _note_age(conn: Connection, pull: Pull, feed: str, age: float, at: datetime) -> None:
    kept = _evidence(conn, pull, "stamp_utc")
    days = dict(kept.get(feed, {}))
    today = f"{at:%Y-%m-%d}"
    if today in days and days[today] <= age:
        return
    evidence = {**kept, feed: calibration.latest({**days, today: age})}
    _save(conn, pull, "stamp_utc", together(_zones(evidence).values()), evidence, at)


def _note_lateness(conn: Connection, pull: Pull, late: timedelta, at: datetime) -> None:
    """Keep the greatest lateness of each day: how far behind the watermark a change was stamped."""
    kept, today = _evidence(conn, pull, "lateness"), f"{at:%Y-%m-%d}"
    if late <= timedelta(0) or late.total_seconds() <= kept.get(today, 0):
        return
    days = calibration.latest({**kept, today: late.total_seconds()}, overlap.REMEMBERED.days)
    greatest = _lateness(days, at)
    _save(conn, pull, "lateness", str(int(greatest.total_seconds())), days, at)
    least = overlap.floor(greatest)
    said = {"lateness": greatest.total_seconds(), "times": overlap.SAFETY}
    _save(conn, pull, "overlap", str(int(least.total_seconds())), said, at)


def _lateness(days: Mapping[str, Any], now: datetime) -> timedelta:
    first = f"{now - overlap.REMEMBERED:%Y-%m-%d}"
    return timedelta(seconds=max((late for day, late in days.items() if day >= first), default=0))


def _zones(evidence: Mapping[str, Any]) -> dict[str, str]:
    return {feed: calibration.stamp_zone(days) for feed, days in evidence.items()}


def _time_parts(evidence: Mapping[str, Any]) -> dict[str, str]:
    return {
        feed: calibration.time_part({day: tuple(found) for day, found in days.items()})
        for feed, days in evidence.items()
    }


def _worse(known: list[int] | None, found: tuple[int, int, int]) -> list[int]:
    """Return the stronger evidence of a day: of each kind the greatest number seen."""
    return list(found) if known is None else [max(pair) for pair in zip(known, found, strict=True)]


def _evidence(conn: Connection, pull: Pull, name: str) -> Mapping[str, Any]:
    known = calibrations(conn, pull.account.id).get(name)
    return {} if known is None else known.evidence


def _save(
    conn: Connection, pull: Pull, name: str, value: str, evidence: Mapping[str, Any], at: datetime
) -> None:
    known = calibrations(conn, pull.account.id).get(name)
    if known is None or known.value != value:
        log.info("pull.calibrated", account=pull.account.name, what=name, value=value)
    save_calibration(conn, pull.account.id, name, value, evidence, at)

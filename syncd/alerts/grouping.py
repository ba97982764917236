"""Decide what a person is told of now, and gather what one remedy cures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.core.alert import Alert

AGAIN = timedelta(days=1)
"""What is still wrong is told again after this time."""

GROWTH = 10
"""What is still wrong is told again when it has become so many times as much."""

SHOWN = 20
"""Sentences of one cause that stand in a mail; the rest is counted."""

KINDS = (
    "login",
    "late",
    "purse",
    "crash",
    "given up",
    "parked",
    "refund",
    "changed",
    "differs",
    "ambiguous",
    "brake",
    "write-back",
    "reconcile",
    "failing",
)
"""The kinds of causes, what stops most first."""


@dataclass(frozen=True, slots=True)
class Group:
    """What has one cause: sentences on what is wrong (`more` of them left out) and on what to do."""

    cause: str
    what: tuple[str, ...]
    do: tuple[str, ...]
    examples: tuple[str, ...]
    times: int
    since: datetime
    again: bool
    more: int = 0


def to_tell(alerts: Iterable[Alert], now: datetime) -> list[Alert]:
    """Return the open alerts that are told now: new ones, those that grew tenfold, those a day old."""
    return [each for each in alerts if _is_news(each, now)]


def _is_news(alert: Alert, now: datetime) -> bool:
    if alert.told_at is None:
        return True
    grown = alert.times >= GROWTH * max(1, alert.told_times)
    return grown or now - alert.told_at >= AGAIN


def kind(cause: str) -> str:
    """Return what kind of cause it is."""
    return cause.partition(":")[0].strip()


def grouped(alerts: Sequence[Alert]) -> tuple[Group, ...]:
    """Return the alerts by cause, what stops most first, then what has been wrong for longest."""
    causes: dict[str, list[Alert]] = {}
    for alert in sorted(alerts, key=lambda each: (each.first_at, each.id)):
        causes.setdefault(alert.cause, []).append(alert)
    return tuple(sorted((_group(each) for each in causes.values()), key=_weight))


def _group(alerts: Sequence[Alert]) -> Group:
    what = list(dict.fromkeys(each.what for each in alerts))
    return Group(
        cause=alerts[0].cause,
        what=tuple(what[:SHOWN]),
        do=tuple(dict.fromkeys(each.do for each in alerts if each.do))[:SHOWN],
        examples=tuple(dict.fromkeys(each.example for each in alerts if each.example))[:SHOWN],
        times=sum(each.times for each in alerts),
        since=alerts[0].first_at,
        again=all(each.told_at is not None for each in alerts),
        more=len(what[SHOWN:]),
    )


def _weight(group: Group) -> tuple[int, datetime, str]:
    found = kind(group.cause)
    return (KINDS.index(found) if found in KINDS else len(KINDS), group.since, group.cause)

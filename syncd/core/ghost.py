"""What a difference that no feed reported is called: its cause, and for how long it may have stood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from syncd.core.model import Product, StockRow, Tier
from syncd.core.money import plain

Cause = Literal[
    "late commit",
    "boundary tie",
    "page drift",
    "uncovered change",
    "lost hint",
    "disappearance",
    "store-side edit",
    "unknown",
]
CAUSES: tuple[Cause, ...] = (
    "late commit",
    "boundary tie",
    "page drift",
    "uncovered change",
    "lost hint",
    "disappearance",
    "store-side edit",
    "unknown",
)
"""Every cause there is. "lost hint" is for webhooks, which nothing listens to yet."""


@dataclass(frozen=True, slots=True)
class Span:
    """When a pass of several pages was under way."""

    began: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """How far a feed had been read when the difference was found.

    `asks`: since when the next pass, or the one under way, asks for changes; None: for everything. `began`:
    when the last complete pass did. `spans` are the passes of several pages that are remembered.
    """

    asks: datetime | None = None
    began: datetime | None = None
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Belief:
    """Which stamp the mirror's row had, and when it was last read (or else known to be so)."""

    stamp: datetime | None
    synced_at: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in its place, and when. `gone`: Unleashed has no such row any more."""

    stamp: datetime | None
    at: datetime
    gone: bool = False


Difference = tuple[str, str | None, str | None]
"""A field, what the mirror believed and what was found, as texts. None: no such thing."""


@dataclass(frozen=True, slots=True)
class Ghost:
    """One field that was wrong although no feed said so. `age`: for how long at most; None: not known."""

    guid: str
    code: str
    field: str
    believed: str | None
    found: str | None
    cause: Cause
    age: timedelta | None


def cause_of(feed: Feed, believed: Belief | None, found: Finding) -> Cause | None:
    """Return why no feed reported a row that differs from the mirror's (None: it had none), or None if it
    is no ghost: the feed has not been read to its end yet, or its next pass asks for the row anyway.

    - disappearance: the row is not there any more, which no list tells.
    - boundary tie: it is stamped in the very second from which the next pass asks; whether such a row comes
      is not known (reference unleashed.md, 3.3).
    - uncovered change: its stamp is the one it had, or it has none: the change moved no stamp.
    - page drift: it was stamped while a pass of several pages was under way, in which rows move.
    - late commit: it is stamped before the last complete pass, which asked for it and did not get it: the
      change became visible only later.
    - unknown: all else, such as a stamp that went back.
    """
    if feed.asks is None or feed.began is None:
        return None
    if found.gone:
        return "disappearance"
    asks = feed.asks.replace(microsecond=0)
    if found.stamp is not None and found.stamp.replace(microsecond=0) > asks:
        return None
    return _of_an_old_stamp(feed, None if believed is None else believed.stamp, found.stamp, asks, feed.began)


def _of_an_old_stamp(
    feed: Feed, before: datetime | None, stamp: datetime | None, asks: datetime, began: datetime
) -> Cause:
    if stamp is None or stamp == before:
        return "uncovered change" if stamp == before else "unknown"
    if before is not None and stamp < before:
        return "unknown"
    if stamp.replace(microsecond=0) == asks:
        return "boundary tie"
    if any(span.began <= stamp <= span.ended for span in feed.spans):
        return "page drift"
    return "late commit" if stamp < began else "unknown"


def age_of(believed: Belief | None, found: Finding) -> timedelta | None:
    """Return for how long the mirror was wrong at most: since it was last read, or the row was stamped."""
    since = [] if believed is None else [believed.synced_at]
    before = None if believed is None else believed.stamp
    if found.stamp is not None and (before is None or found.stamp > before):
        since.append(found.stamp)
    return max(timedelta(0), found.at - max(since)) if since else None


def product_differences(before: Product, now: Product) -> list[Difference]:
    """Return the fields of a product that differ, stamps left out."""
    found = [
        (name, _text(getattr(before, name)), _text(getattr(now, name)))
        for name in _FIELDS
        if getattr(before, name) != getattr(now, name)
    ]
    tiers = {tier.number: tier for tier in before.tiers}, {tier.number: tier for tier in now.tiers}
    numbers = sorted(tiers[0].keys() | tiers[1].keys())
    return found + [
        (f"tier {number}", _tier(tiers[0].get(number)), _tier(tiers[1].get(number)))
        for number in numbers
        if tiers[0].get(number) != tiers[1].get(number)
    ]


_FIELDS = (
    "code",
    "name",
    "price",
    "obsolete",
    "sellable",
    "component",
    "assembled",
    "never_diminishing",
    "gone",
)


_QUANTITIES = (("available", "stock"), ("on_hand", "stock on hand"), ("allocated", "allocated stock"))


def stock_differences(before: StockRow, now: StockRow) -> list[Difference]:
    """Return the first quantity of a stock row that differs, under a name that says which and where."""
    where = f" in {now.warehouse}" if now.warehouse else ""
    for name, said in (
        ("available", "stock"),
        ("on_hand", "stock on hand"),
        ("allocated", "allocated stock"),
    ):
        one, other = getattr(before, name), getattr(now, name)
        if one != other:
            return [(f"{said}{where}", plain(one), plain(other))]
    return []


def ghosts(
    guid: str, code: str, differences: Sequence[Difference], cause: Cause, age: timedelta | None
) -> list[Ghost]:
    """Return one ghost for each difference of a row."""
    return [Ghost(guid, code, name, before, after, cause, age) for name, before, after in differences]


def is_store_edit(shows: object, wrote: object, *, behind: bool) -> bool:
    """Tell whether what a store shows for a field was changed there.

    It was if it is not what we last wrote. Where we never wrote it, it was if the listing is not behind: it
    has been looked at since the mirror last moved, and was right then.
    """
    return not behind if wrote is None else shows != wrote


def _tier(tier: Tier | None) -> str | None:
    if tier is None:
        return None
    return f"{tier.name or '(no name)'}: {'-' if tier.price is None else plain(tier.price)}"


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(value) if isinstance(value, Decimal) else str(value)

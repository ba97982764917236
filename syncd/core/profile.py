"""What a plan is made from: how much there is, how fast it changes, what is allowed, what is wished for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from math import ceil
from typing import Literal, Protocol

from syncd.core.overlap import LEAST

DAY = timedelta(days=1)
MONTH = timedelta(days=30)
PROMISE = timedelta(hours=2)

SAFETY = Fraction(1, 10)
"""This share of every limit is planned for nothing: failed calls, bursts, people's commands, the 31st day."""

CHANGED = Fraction(1, 50)
"""Where nothing was measured, 2 % of the products are taken to change in a day."""

WINDOWS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": DAY, "month": MONTH}


class Limit(Protocol):
    """A hard limit: at most `calls` per fixed clock window (minute, hour, day, month)."""

    @property
    def calls(self) -> int: ...
    @property
    def per(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Allowed:
    """A limit as a person types it; `overflow` is what may be taken once its window is used up."""

    calls: int
    per: str
    overflow: Limit | None = None


Wish = timedelta | Literal["auto"] | None
"""An interval that was set by hand, "auto" to have it planned, None for off."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the configuration asks for, job by job."""

    recent: Wish = "auto"
    orders: Wish = "auto"
    customers: Wish = "auto"
    rotation: Wish = "auto"
    sweep: Wish = "auto"


@dataclass(frozen=True, slots=True)
class Profile:
    """One account and one of its stores, as far as calls depend on them.

    `warehouses` is the number of stock feeds (Unleashed's own sum is one), `stock_rows` how many rows each
    has if that is known. `changes_per_day` are the products that change in a day (None: 2 % of them).
    `create_share` is the share of orders that need a customer or a product created first, `complete` orders
    cost a call more. `people_per_day` are the calls a day that commands take, `recent_calls` those of one
    recent run; `push_calls` is what the store is called after it, `sweep_push` after a full read, `look_cost`
    for one look (more than one where variations are looked at apart): as measured. `overlap` is how far back
    changes are read where a page does not hold a day of them. `lists` tells whether Unleashed answers lists
    of guids. `listings` are the linked ones (None: all). `limits` are the account's, `store_limits` the
    store's.
    """

    skus: int
    page_size: int = 1000
    warehouses: int = 1
    stock_rows: tuple[int, ...] = ()
    changes_per_day: float | None = None
    orders_per_day: float = 0.0
    create_share: float = 0.0
    complete: bool = False
    customers: bool = False
    people_per_day: float = 0.0
    recent_calls: float | None = None
    push_calls: float | None = None
    sweep_push: float | None = None
    look_cost: float = 1.0
    overlap: timedelta = LEAST
    lists: bool = True
    limits: tuple[Limit, ...] = ()
    listings: int | None = None
    look_batch: int = 100
    write_batch: int = 100
    store_limits: tuple[Limit, ...] = ()
    promise: timedelta = PROMISE
    wishes: Wishes = Wishes()

    def changes(self) -> Fraction:
        """Return the products that change in a day."""
        if self.changes_per_day is None:
            return self.skus * CHANGED
        return Fraction(self.changes_per_day)

    def rows(self) -> list[int]:
        """Return how many rows each feed has: the products, then the stock of each warehouse."""
        known = self.stock_rows[: self.warehouses]
        return [self.skus, *known, *([self.skus] * (self.warehouses - len(known)))]


def per_day(limit: Limit) -> Fraction:
    """Return how many calls a limit allows in a day; a month counts as 30."""
    extra: Limit | None = getattr(limit, "overflow", None)
    own = Fraction(limit.calls) * share(DAY, WINDOWS[limit.per])
    return own if extra is None else own + per_day(extra)


def tightest(limits: Sequence[Limit]) -> Limit | None:
    """Return the limit that allows the fewest calls, None if there is none."""
    return min(limits, key=per_day, default=None)


def planned_for(limits: Sequence[Limit]) -> Fraction | None:
    """Return how many calls a month may be planned under all limits, None if there is none."""
    limit = tightest(limits)
    return None if limit is None else per_day(limit) * 30 * (1 - SAFETY)


def share(time: timedelta, of: timedelta) -> Fraction:
    """Return one time as an exact multiple of another."""
    tick = timedelta(microseconds=1)
    return Fraction(time // tick, of // tick)


def pages(rows: int | Fraction, size: int) -> int:
    """Return how many pages hold so many rows; an empty list is a page too."""
    return max(1, ceil(Fraction(rows) / size))

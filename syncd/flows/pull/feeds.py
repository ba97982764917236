"""Read one feed from its watermark on, page by page, and move the watermark only with proof."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import merge
from itertools import groupby
from typing import Generic, TypeVar

import structlog

from syncd.core import watermark
from syncd.core.model import Poison, Product, StockRow
from syncd.core.proof import incomplete
from syncd.flows.pull.records import Pull
from syncd.state import mirror, parked, progress
from syncd.state.db import Connection
from syncd.state.records import Counts, Progress, Seen
from syncd.unleashed import products as remote_products
from syncd.unleashed import stock as remote_stock
from syncd.unleashed.client import Unleashed
from syncd.unleashed.fields import known_guid
from syncd.unleashed.paging import RowPage

log = structlog.get_logger()

Row = TypeVar("Row", Product, StockRow)

PASSES = 2
"""How often a feed is read in one run before it is left for the next one."""


@dataclass(frozen=True, slots=True)
class Feed(Generic[Row]):
    """One list that can be read by "changed since": how to read it, and how to keep a page of it."""

    name: str
    warehouse: str
    read: Callable[[Unleashed, datetime | None], Iterator[RowPage[Row]]]
    keep: Callable[[Connection, int, Sequence[Row], datetime], Seen]

    @property
    def key(self) -> str:
        """The feed's name among parked rows and in messages."""
        return f"{self.name}:{self.warehouse}" if self.warehouse else self.name


def products_feed() -> Feed[Product]:
    """Return the feed of changed products, obsolete ones included."""
    return Feed("products", "", remote_products.changed_products, mirror.store_products)


def stock_feed(warehouse: str) -> Feed[StockRow]:
    """Return the feed of changed stock in a warehouse ("" = Unleashed's sum over all)."""

    def read(client: Unleashed, since: datetime | None) -> Iterator[RowPage[StockRow]]:
        return remote_stock.changed_stock(client, since, warehouse)

    return Feed("stock", warehouse, read, mirror.store_stock)


class _Distinct:
    """Counts different rows over all pages, in eight bytes each: their guids would be most of the memory.

    Two rows that share a hash count once, which has the feed read again: never believed too early.
    """

    def __init__(self) -> None:
        self._pages: list[array[int]] = []

    def add(self, keys: Iterable[str]) -> None:
        self._pages.append(array("q", sorted({hash(key) for key in keys})))

    def count(self) -> int:
        return sum(1 for _ in groupby(merge(*self._pages)))


@dataclass(slots=True)
class _Pass:
    """What one pass over a feed has seen so far. `known` are the rows that were parked before it.

    `stamps` are those that decide on the watermark, each with the first guid that had it.
    """

    started: datetime
    before: Progress
    full: bool
    known: frozenset[str]
    seen: _Distinct = field(default_factory=_Distinct)
    totals: list[int] = field(default_factory=list)
    stamps: dict[datetime, str] = field(default_factory=dict)


def read_feed(pull: Pull, feed: Feed[Row]) -> str:
    """Read what changed in the feed, and once more if the first pass could not prove that it saw all of it.

    Every page is stored as it comes. Returns "" or a sentence on what could not be proven; the watermark
    then stays where it was. Raises RemoteError; what was stored until then stays.
    """
    why = ""
    for _ in range(PASSES):
        why = _read_once(pull, feed)
        if not why:
            return ""
    return f"The {feed.key} feed was read {PASSES} times without proof that every row came: {why}."


def _read_once(pull: Pull, feed: Feed[Row]) -> str:
    with pull.db.read() as conn:
        before = progress.progress(conn, pull.account.id, feed.name, feed.warehouse)
        rows = parked.parked_rows(conn, pull.account.id)
    since = watermark.since(before.watermark)
    known = frozenset(row.key for row in rows if row.feed == feed.key)
    this, why = _Pass(pull.clock.now(), before, since is None, known), "no page came"
    for page in feed.read(pull.client, since):
        fresh = _take_note(this, page)
        with pull.db.write() as conn:
            _keep_page(conn, pull, feed, page, this)
            if page.number >= page.pages:
                why = incomplete(this.totals, this.seen.count(), full=this.full)
                if not why:
                    _complete(conn, pull, feed, this)
        pull.tally.add(Counts(read=len(page.rows), parked=fresh))
        pull.beat()
    return why


def _take_note(this: _Pass, page: RowPage[Row]) -> int:
    """Remember what the page brought; return how many of its poison rows were not parked before."""
    this.seen.add([*page.guids, *(poison.key for poison in page.poison)])
    this.totals.append(page.total)
    for row in page.rows:
        if row.modified is not None:
            this.stamps.setdefault(row.modified, row.guid)
    this.stamps = _deciding(this)
    return sum(1 for poison in page.poison if poison.key not in this.known)


def _moved(this: _Pass) -> watermark.Advance:
    return watermark.advance(this.before.watermark, this.stamps, this.before.started_at, this.started)


def _deciding(this: _Pass) -> dict[datetime, str]:
    """Return those of the stamps that move the watermark or must be reported."""
    moved = _moved(this)
    kept = {moved.watermark, *moved.ahead}
    return {stamp: guid for stamp, guid in this.stamps.items() if stamp in kept}


def _keep_page(conn: Connection, pull: Pull, feed: Feed[Row], page: RowPage[Row], this: _Pass) -> None:
    if page.rows:
        feed.keep(conn, pull.account.id, page.rows, page.requested_at)
    if this.known and page.rows:
        parked.unpark(conn, pull.account.id, feed.key, _healed(conn, pull, page, this))
    if page.poison:
        parked.park(conn, pull.account.id, feed.key, page.poison, page.requested_at)


def _healed(conn: Connection, pull: Pull, page: RowPage[Row], this: _Pass) -> list[str]:
    """Return what is parked although this page holds it in good order; some was parked by its code alone."""
    names = {row.guid for row in page.rows}
    if not all(known_guid(key) for key in this.known):
        names |= {
            each.product.code.strip()
            for each in mirror.by_guid(conn, pull.account.id, sorted(names)).values()
        }
    return sorted(names & this.known)


def _complete(conn: Connection, pull: Pull, feed: Feed[Row], this: _Pass) -> None:
    """Move the watermark with the last page's rows; a full pass certifies the feed."""
    moved, ended = _moved(this), pull.clock.now()
    after = replace(this.before, watermark=moved.watermark, started_at=this.started, completed_at=ended)
    if this.full:
        after = replace(after, certified_at=this.started, certified_rows=this.seen.count())
    progress.save_progress(conn, pull.account.id, after)
    _report_future(conn, pull, feed, [(stamp, this.stamps[stamp]) for stamp in moved.ahead])


def _report_future(
    conn: Connection, pull: Pull, feed: Feed[Row], ahead: Sequence[tuple[datetime, str]]
) -> None:
    """Show rows whose stamp cannot be believed; they are taken over, but move no watermark."""
    for stamp, guid in ahead:
        log.warning("pull.stamp_ahead", account=pull.account.name, feed=feed.key, guid=guid, stamp=str(stamp))
    notes = [
        Poison(
            guid, f"product {guid} is taken over, but its stamp {stamp:%Y-%m-%d %H:%M}Z lies in the future"
        )
        for stamp, guid in ahead
    ]
    if notes:
        parked.park(conn, pull.account.id, feed.key, notes, pull.clock.now())

"""Hold what Unleashed answers against what the mirror believes, and record what no feed reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby

import structlog

from syncd.core import watermark
from syncd.core.ghost import (
    Belief,
    Difference,
    Feed,
    Finding,
    Ghost,
    Span,
    age_of,
    cause_of,
    ghosts,
    product_differences,
    stock_differences,
)
from syncd.core.model import Product, StockRow
from syncd.flows.pull import calibrate
from syncd.flows.pull.records import Pull
from syncd.state import certificates, halfread, progress
from syncd.state import ghosts as recorded
from syncd.state.db import Connection
from syncd.state.records import Mirrored, Progress

log = structlog.get_logger()

FULL_READS = 20
"""So many of a feed's full reads are looked at when it is asked which were under way."""


def spot(
    conn: Connection, pull: Pull, products: Sequence[Product] = (), stock: Sequence[StockRow] = ()
) -> int:
    """Record where these rows, just received, differ from the mirror although no feed reported it.

    Belongs in the transaction that takes the rows over, before it does. What the next pass of the feed would
    bring anyway is no ghost. A row of zeros without a stamp, where the mirror has one with a stamp, stands
    for a row that is not there. Returns how many were recorded.
    """
    found = [*_in_products(conn, pull, products), *_in_stock(conn, pull, stock)]
    _record(conn, pull, found)
    return len(found)


def spot_gone(conn: Connection, pull: Pull, guid: str) -> int:
    """Record that Unleashed no longer has this product, which the mirror has. Before it is marked so."""
    known = recorded.believed_products(conn, pull.account.id, [guid]).get(guid)
    if known is None or known.product.gone:
        return 0
    belief = Belief(known.product.modified, known.synced_at)
    finding = Finding(None, pull.clock.now(), gone=True)
    found = _judged(feed_of(conn, pull, "products"), known.product, belief, finding, _GONE)
    _record(conn, pull, found)
    return len(found)


def feed_of(conn: Connection, pull: Pull, name: str, warehouse: str = "") -> Feed:
    """Return how far a feed is, as its next pass would go on with it."""
    state = progress.progress(conn, pull.account.id, name, warehouse)
    under_way = halfread.half_read(conn, pull.account.id, "recent", name, warehouse)
    overlap = calibrate.overlap_of(conn, pull, state)
    asks = under_way.since if under_way else watermark.since(state.watermark, overlap, state.started_at)
    return Feed(asks, state.started_at, _spans(conn, pull, state))


def _spans(conn: Connection, pull: Pull, state: Progress) -> tuple[Span, ...]:
    """Return the passes of several pages that are remembered: the last one, and full reads."""
    full = certificates.certificates(conn, pull.account.id, state.feed, state.warehouse, FULL_READS)
    spans = [Span(each.started_at, each.ended_at) for each in full if each.pages > 1]
    if state.pages > 1 and state.started_at is not None and state.completed_at is not None:
        spans.append(Span(state.started_at, state.completed_at))
    return tuple(spans)


def _in_products(conn: Connection, pull: Pull, products: Sequence[Product]) -> list[Ghost]:
    if not products:
        return []
    known = recorded.believed_products(conn, pull.account.id, sorted({one.guid for one in products}))
    feed: Feed | None = None
    found: list[Ghost] = []
    for one in products:
        before = known.get(one.guid)
        differences = _NEW if before is None else product_differences(before.product, one)
        if differences:
            feed = feed or feed_of(conn, pull, "products")
            belief = None if before is None else Belief(before.product.modified, before.synced_at)
            found += _judged(feed, one, belief, Finding(one.modified, pull.clock.now()), differences)
    return found


_NEW: list[Difference] = [("product", None, "there")]
_GONE: list[Difference] = [("gone", "no", "yes")]


def _in_stock(conn: Connection, pull: Pull, stock: Sequence[StockRow]) -> list[Ghost]:
    by_warehouse = groupby(sorted(stock, key=_warehouse), key=_warehouse)
    return [each for name, rows in by_warehouse for each in _in_warehouse(conn, pull, name, list(rows))]


def _in_warehouse(conn: Connection, pull: Pull, warehouse: str, rows: Sequence[StockRow]) -> Iterator[Ghost]:
    guids = sorted({row.guid for row in rows})
    known = recorded.believed_stock(conn, pull.account.id, warehouse, guids)
    differing = [row for row in rows if row.guid not in known or stock_differences(known[row.guid][0], row)]
    if not differing:
        return
    state = progress.progress(conn, pull.account.id, "stock", warehouse)
    feed, now = feed_of(conn, pull, "stock", warehouse), pull.clock.now()
    products = recorded.believed_products(conn, pull.account.id, [row.guid for row in differing])
    for row in differing:
        one = products.get(row.guid)
        believed = None if one is None else known.get(row.guid) or _none(state, one, row)
        if one is not None and believed is not None:
            before, synced_at = believed
            finding = Finding(row.modified, now, _is_absent(before, row))
            differences = stock_differences(before, row)
            yield from _judged(feed, one.product, Belief(before.modified, synced_at), finding, differences)


def _none(state: Progress, one: Mirrored, row: StockRow) -> tuple[StockRow, datetime] | None:
    """Return the belief that there is no stock where there is no row, if that is what absence means."""
    if state.certified_at is None or not state.zero_if_absent(one.first_seen):
        return None
    return StockRow(row.guid, row.warehouse, Decimal(0)), state.certified_at


def _is_absent(before: StockRow, row: StockRow) -> bool:
    return before.modified is not None and row.modified is None and not (row.on_hand or row.allocated)


def _judged(
    feed: Feed, product: Product, belief: Belief | None, finding: Finding, differences: Sequence[Difference]
) -> list[Ghost]:
    """Return the differences of one row as ghosts; none if they are what a feed is about to bring."""
    cause = cause_of(feed, belief, finding)
    if cause is None:
        return []
    return ghosts(product.guid, product.code, differences, cause, age_of(belief, finding))


def _record(conn: Connection, pull: Pull, found: Sequence[Ghost]) -> None:
    for cause, number in Counter(one.cause for one in found).items():
        log.info("ghosts.found", account=pull.account.name, cause=cause, number=number)
    recorded.record(conn, pull.account.id, found, pull.job, pull.clock.now(), pull.run_id)


def _warehouse(row: StockRow) -> str:
    return row.warehouse

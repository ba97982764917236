"""The pull of the recent job: every feed from its watermark, then the stock that no feed can tell about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from syncd.core.proof import absence_means_zero
from syncd.flows.pull.facts import refresh_facts
from syncd.flows.pull.feeds import products_feed, read_feed, stock_feed
from syncd.flows.pull.records import Pull
from syncd.state import mirror, parked, progress
from syncd.state.records import Counts
from syncd.unleashed import stock as remote_stock
from syncd.unleashed.client import FilterIgnored

LISTS_PER_RUN = 10
LIST = 40
"""Products without a stock row are asked for in lists of so many guids (reference unleashed.md, 4.2)."""


def pull_recent(pull: Pull) -> tuple[str, ...]:
    """Read what changed since each feed's watermark, or everything where a feed has none yet.

    Each page is stored as it comes; a feed's watermark moves with its last page, and only if the pass
    proved that it saw every row. Returns sentences on what could not be proven or believed. Raises
    RemoteError; what was stored until then stays.
    """
    refresh_facts(pull)
    said = [read_feed(pull, products_feed())]
    said += [read_feed(pull, stock_feed(warehouse)) for warehouse in pull.warehouses]
    _believe_absence(pull)
    said += [_ask_for_missing_stock(pull, warehouse) for warehouse in pull.warehouses]
    return tuple(sentence for sentence in said if sentence)


def _believe_absence(pull: Pull) -> None:
    """Note for each certified warehouse whether a product missing from it counts as having no stock there.

    A warehouse whose list came back empty is never believed by that alone: it may be the wrong code.
    """
    with pull.db.write() as conn:
        believable = absence_means_zero(*mirror.stock_coverage(conn, pull.account.id))
        for warehouse in pull.warehouses:
            row = progress.progress(conn, pull.account.id, "stock", warehouse)
            absence = believable and row.certified_at is not None and row.certified_rows > 0
            if row.absence != absence:
                progress.save_progress(conn, pull.account.id, replace(row, absence=absence))
                mirror.touch_stockless(conn, pull.account.id, warehouse, pull.clock.now())


def _ask_for_missing_stock(pull: Pull, warehouse: str) -> str:
    """Ask by guid for the stock of products that the feed cannot tell about, a few lists a run."""
    with pull.db.read() as conn:
        row = progress.progress(conn, pull.account.id, "stock", warehouse)
        if row.certified_at is None:
            return ""
        newer_than = row.certified_at if row.absence else None
        guids = mirror.stockless(conn, pull.account.id, warehouse, newer_than, LIST * LISTS_PER_RUN)
    for some in _lists(guids):
        try:
            pull.tally.add(Counts(read=_read_stock_list(pull, some, warehouse)))
        except FilterIgnored as ignored:
            return str(ignored)
        pull.beat()
    return ""


def _read_stock_list(pull: Pull, guids: Sequence[str], warehouse: str) -> int:
    page = remote_stock.stock_by_guid(pull.client, guids, warehouse)
    absent = [guid for guid in guids if guid not in page.guids]
    with pull.db.write() as conn:
        mirror.store_stock(conn, pull.account.id, page.rows, page.requested_at)
        mirror.set_absent_stock(conn, pull.account.id, warehouse, absent, page.requested_at)
        if page.poison:
            parked.park(conn, pull.account.id, stock_feed(warehouse).key, page.poison, page.requested_at)
    return len(page.rows)


def _lists(guids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(guids), LIST):
        yield guids[start : start + LIST]

"""The pull of the recent job: every feed from its watermark, then the stock that no feed can tell about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from syncd.core.model import ALL_WAREHOUSES, AccountFacts
from syncd.core.proof import absence_means_zero
from syncd.flows.pull.facts import read_facts, refresh_facts
from syncd.flows.pull.feeds import products_feed, read_feed, stock_feed
from syncd.flows.pull.records import Pull
from syncd.state import mirror, parked, progress
from syncd.state.records import Counts, Progress
from syncd.unleashed import products as remote_products
from syncd.unleashed import stock as remote_stock
from syncd.unleashed.client import FilterIgnored
from syncd.unleashed.fields import known_guid

_NEVER = datetime(1, 1, 1, tzinfo=UTC)

LISTS_PER_RUN = 10
LIST = 40
"""Products without a stock row are asked for in lists of so many guids (reference unleashed.md, 4.2)."""


def pull_recent(pull: Pull) -> tuple[str, ...]:
    """Read what changed since each feed's watermark, or everything where a feed has none yet.

    Each page is stored as it comes; a feed's watermark moves with its last page, and only if the pass
    proved that it saw every row. Returns sentences on what could not be proven or believed. Raises
    RemoteError; what was stored until then stays.
    """
    started = pull.clock.now()
    known, said = _known_warehouses(pull)
    said += [read() for read in _feeds(pull, known)]
    said.append(_ask_for_missing_products(pull, started))
    said += [_believe_absence(pull, warehouse) for warehouse in known]
    said += [_ask_for_missing_stock(pull, warehouse) for warehouse in known]
    return tuple(sentence for sentence in said if sentence)


def _feeds(pull: Pull, warehouses: Sequence[str]) -> list[Callable[[], str]]:
    """Return how to read each feed, those first that wait longest: a small purse must not starve the last."""
    with pull.db.read() as conn:
        rows = progress.all_progress(conn, pull.account.id)
    done = {(row.feed, row.warehouse): row.completed_at for row in rows if row.completed_at is not None}
    reads = [(("products", ""), partial(read_feed, pull, products_feed()))]
    reads += [(("stock", name), partial(read_feed, pull, stock_feed(name))) for name in warehouses]
    return [read for _, read in sorted(reads, key=lambda each: done.get(each[0], _NEVER))]


def _known_warehouses(pull: Pull) -> tuple[list[str], list[str]]:
    """Return the warehouses that Unleashed has, and a sentence for each that it does not have.

    A code that it does not know is not an error to it but a list without rows.
    """
    there = _codes(refresh_facts(pull))
    if any(warehouse.strip().casefold() not in there for warehouse in pull.warehouses):
        there = _codes(read_facts(pull.db, pull.account, pull.client, pull.clock))
    known = [warehouse for warehouse in pull.warehouses if warehouse.strip().casefold() in there]
    said = [
        f"Unleashed has no warehouse {warehouse}, so no stock is written where it counts. Correct it in "
        "the configuration."
        for warehouse in pull.warehouses
        if warehouse not in known
    ]
    return known, said


def _codes(facts: AccountFacts) -> set[str]:
    return {ALL_WAREHOUSES, *(warehouse.code.strip().casefold() for warehouse in facts.warehouses)}


def _ask_for_missing_products(pull: Pull, since: datetime) -> str:
    """Read the products that the stock feed told about just now and the product feed never did.

    A few are asked for by guid; many mean that the first full read was not one, so it is done again.
    """
    with pull.db.read() as conn:
        left_out = {row.key for row in parked.parked_rows(conn, pull.account.id)}
        missing = [guid for guid in mirror.productless(conn, pull.account.id, since) if guid not in left_out]
    if len(missing) > LIST:
        with pull.db.write() as conn:
            progress.save_progress(conn, pull.account.id, Progress("products"))
        return read_feed(pull, products_feed())
    if missing:
        page = remote_products.products_by_guid(pull.client, missing)
        with pull.db.write() as conn:
            mirror.store_products(conn, pull.account.id, page.rows, page.requested_at)
        pull.tally.add(Counts(read=len(page.rows)))
    return ""


def _believe_absence(pull: Pull, warehouse: str) -> str:
    """Note whether a product missing from the warehouse's full read counts as having no stock there.

    A list that is empty, covers few products, or has rows that could not be assigned is never believed; any
    other only if none of some products that it lacks has a row when asked for: lists shrink without a word.
    """
    with pull.db.read() as conn:
        row = progress.progress(conn, pull.account.id, "stock", warehouse)
        covered = absence_means_zero(*mirror.stock_coverage(conn, pull.account.id))
        nameless = _has_nameless(parked.unread_stock(conn, pull.account.id), warehouse)
        lacking = mirror.stockless(conn, pull.account.id, warehouse, None, LIST)
    absence = covered and row.certified_at is not None and row.certified_rows > 0 and not nameless
    said = ""
    if absence and not row.absence and lacking:
        said, read = _read_stock_list(pull, lacking, warehouse)
        absence = not said and read == 0
    if row.absence != absence:
        with pull.db.write() as conn:
            progress.save_progress(conn, pull.account.id, replace(row, absence=absence))
            mirror.touch_stockless(conn, pull.account.id, warehouse, pull.clock.now())
    return said


def _has_nameless(unread: Iterable[tuple[str, str]], warehouse: str) -> bool:
    """Tell whether a parked stock row of the warehouse may belong to any product."""
    return any(name == warehouse and known_guid(key) is None for name, key in unread)


def _ask_for_missing_stock(pull: Pull, warehouse: str) -> str:
    """Ask by guid for the stock of products that the feed cannot tell about, a few lists a run."""
    with pull.db.read() as conn:
        row = progress.progress(conn, pull.account.id, "stock", warehouse)
        if row.certified_at is None:
            return ""
        newer_than = row.certified_at if row.absence else None
        guids = mirror.stockless(conn, pull.account.id, warehouse, newer_than, LIST * LISTS_PER_RUN)
    for some in _lists(guids):
        said, _ = _read_stock_list(pull, some, warehouse)
        if said:
            return said
        pull.beat()
    return ""


def _read_stock_list(pull: Pull, guids: Sequence[str], warehouse: str) -> tuple[str, int]:
    """Ask for the stock of these products; return a sentence if the filter fails, and how many rows came.

    Who is absent has no stock, unless a row came that cannot be assigned: it may be anybody's.
    """
    try:
        page = remote_stock.stock_by_guid(pull.client, guids, warehouse)
    except FilterIgnored as ignored:
        return str(ignored), 0
    nameless = len(page.guids) < len(page.rows) + len(page.poison)
    absent = [guid for guid in guids if guid not in page.guids and not nameless]
    with pull.db.write() as conn:
        mirror.store_stock(conn, pull.account.id, page.rows, page.requested_at)
        mirror.set_absent_stock(conn, pull.account.id, warehouse, absent, page.requested_at)
        if page.poison and not nameless:
            parked.park(conn, pull.account.id, stock_feed(warehouse).key, page.poison, page.requested_at)
    pull.tally.add(Counts(read=len(page.rows)))
    return "", len(page.guids)


def _lists(guids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(guids), LIST):
        yield guids[start : start + LIST]

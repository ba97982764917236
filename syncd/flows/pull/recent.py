"""The pull of the recent job: every feed from its watermark, then the stock that no feed can tell about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from syncd.core.proof import absence_means_zero
from syncd.flows.pull.facts import known_warehouses
from syncd.flows.pull.feeds import AnyFeed, feeds_of, products_feed
from syncd.flows.pull.lists import LIST, lists_of, lists_work, note_ignored, read_stock_list
from syncd.flows.pull.passes import read_feed, read_in_full
from syncd.flows.pull.records import Pull
from syncd.flows.pull.verified import certified, note_verified
from syncd.state import demand, halfread, links, mirror, parked, progress
from syncd.state.records import Counts
from syncd.unleashed import products as remote_products
from syncd.unleashed.client import FilterIgnored
from syncd.unleashed.fields import known_guid

_NEVER = datetime(1, 1, 1, tzinfo=UTC)

LISTS_PER_RUN = 10

_NO_LISTS = "{what} not asked for, because Unleashed ignores the filter productId; the next sweep reads them."


def pull_recent(pull: Pull) -> tuple[str, ...]:
    """Read what changed since each feed's watermark, or everything where a feed has none yet.

    Each page is stored as it comes, and the next run goes on where this one had to stop; a feed's watermark
    moves with its last page, and only if the pass proved that it saw every row. Returns sentences on what
    could not be proven or believed. Raises RemoteError; what was stored until then stays.
    """
    started = pull.clock.now()
    known, said = known_warehouses(pull)
    before = certified(pull, known)
    said += [read_feed(pull, feed) for feed in _by_waiting(pull, feeds_of(known))]
    if certified(pull, known) != before:
        note_verified(pull, known)
    said.append(_ask_for_missing_products(pull, started))
    said += [_believe_absence(pull, warehouse) for warehouse in known]
    said += [_ask_for_missing_stock(pull, warehouse) for warehouse in known]
    said += _read_rises_again(pull, known)
    release_demand(pull)
    return tuple(sentence for sentence in said if sentence)


def _by_waiting(pull: Pull, feeds: Sequence[AnyFeed]) -> list[AnyFeed]:
    """Return the feeds, those first that wait longest: a small purse must not starve the last."""
    with pull.db.read() as conn:
        rows = progress.all_progress(conn, pull.account.id)
    done = {(row.feed, row.warehouse): row.completed_at or _NEVER for row in rows}
    return sorted(feeds, key=lambda feed: done.get((feed.name, feed.warehouse), _NEVER))


def release_demand(pull: Pull, guids: Sequence[str] | None = None) -> None:
    """Release what orders have taken and the stock read by now shows (design rule 7)."""
    with pull.db.write() as conn:
        demand.release_shown(conn, pull.account.id, pull.warehouses, guids)


def _read_rises_again(pull: Pull, warehouses: Sequence[str]) -> list[str]:
    """Ask a second time for the stock of products whose rise waits for it while orders are open."""
    with pull.db.read() as conn:
        guids = links.rising(conn, pull.account.id, LIST)
    return [read_stock_list(pull, guids, warehouse)[0] for warehouse in warehouses if guids]


def _ask_for_missing_products(pull: Pull, since: datetime) -> str:
    """Read the products that the stock feed told about just now and the product feed never did.

    A few are asked for by guid; many mean that the first full read was not one, so it is done again.
    """
    with pull.db.read() as conn:
        left_out = {row.key for row in parked.parked_rows(conn, pull.account.id)}
        missing = [guid for guid in mirror.productless(conn, pull.account.id, since) if guid not in left_out]
        under_way = halfread.half_reads(conn, pull.account.id, "sweep")
    if any(state.feed == "products" for state in under_way):
        return ""
    if len(missing) > LIST:
        return read_in_full(pull, products_feed())
    return _ask_for_products(pull, missing) if missing else ""


def _ask_for_products(pull: Pull, missing: Sequence[str]) -> str:
    if not lists_work(pull):
        return _NO_LISTS.format(what=f"{len(missing)} products that the stock feed names are")
    try:
        page = remote_products.products_by_guid(pull.client, missing)
    except FilterIgnored as ignored:
        return note_ignored(pull, ignored)
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
        said, read = _read_list(pull, lacking, warehouse)
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
    for some in lists_of(guids):
        said, _ = _read_list(pull, some, warehouse)
        if said:
            return said
        pull.beat()
    return ""


def _read_list(pull: Pull, guids: Sequence[str], warehouse: str) -> tuple[str, int]:
    if not lists_work(pull):
        return _NO_LISTS.format(what=f"The stock of {len(guids)} products is"), 0
    return read_stock_list(pull, guids, warehouse)

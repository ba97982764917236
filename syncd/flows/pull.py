"""Read Unleashed and keep what it says: changed products, changed stock, one product by its code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from syncd.clock import Clock
from syncd.core import watermark
from syncd.core.model import AccountFacts, Product, StockRow
from syncd.core.proof import absence_means_zero, incomplete
from syncd.flows.beat import Beat, no_beat
from syncd.state import accounts, mirror, parked, progress
from syncd.state.db import Connection, Database
from syncd.state.records import AccountRow, Counts, Progress, Seen
from syncd.unleashed import account as remote_account
from syncd.unleashed import products as remote_products
from syncd.unleashed import stock as remote_stock
from syncd.unleashed.client import FilterIgnored, Unleashed
from syncd.unleashed.paging import RowPage

Row = TypeVar("Row", Product, StockRow)

FACTS_KEPT = timedelta(hours=24)
"""How long the account's own facts (currency, warehouses) are believed without asking again."""

PASSES = 2
"""How often a feed is read in one run before it is left for the next one."""

LISTS_PER_RUN = 10
LIST = 40
"""Products without a stock row are asked for in lists of so many guids (reference unleashed.md, 4.2)."""


@dataclass(frozen=True, slots=True)
class Pull:
    """What one pull needs: the account's row, its client, and the warehouses that its stores use."""

    db: Database
    account: AccountRow
    client: Unleashed
    warehouses: Sequence[str]
    clock: Clock
    beat: Beat = no_beat


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull did. `problems` are sentences about what could not be proven or believed."""

    counts: Counts = Counts()
    problems: tuple[str, ...] = ()


def pull_recent(pull: Pull) -> Pulled:
    """Read what changed since each feed's watermark, or everything where a feed has none yet.

    Each page is stored as it comes; a feed's watermark moves with its last page, and only if the pass
    proved that it saw every row. Raises RemoteError; what was stored until then stays.
    """
    refresh_facts(pull)
    done = _read_feed(pull, _products_feed())
    for warehouse in pull.warehouses:
        done = _both(done, _read_feed(pull, _stock_feed(warehouse)))
    _believe_absence(pull)
    for warehouse in pull.warehouses:
        done = _both(done, _ask_for_missing_stock(pull, warehouse))
    return done


def refresh_facts(pull: Pull) -> AccountFacts:
    """Return the account's own facts, from the database if they are younger than a day."""
    now = pull.clock.now()
    kept = accounts.account_facts(pull.account)
    fresh = pull.account.facts_at is not None and now - pull.account.facts_at < FACTS_KEPT
    if kept is not None and fresh:
        return kept
    facts = remote_account.account_facts(pull.client)
    with pull.db.write() as conn:
        accounts.save_account_facts(conn, pull.account.id, facts, now)
    return facts


@dataclass(frozen=True, slots=True)
class _Feed(Generic[Row]):
    """One list that can be read by "changed since": how to read it, and how to keep a page of it."""

    name: str
    warehouse: str
    read: Callable[[Unleashed, datetime | None], Iterator[RowPage[Row]]]
    keep: Callable[[Connection, int, Sequence[Row], datetime], Seen]

    def key(self) -> str:
        return f"{self.name}:{self.warehouse}" if self.warehouse else self.name


def _products_feed() -> _Feed[Product]:
    return _Feed("products", "", remote_products.changed_products, mirror.store_products)


def _stock_feed(warehouse: str) -> _Feed[StockRow]:
    def read(client: Unleashed, since: datetime | None) -> Iterator[RowPage[StockRow]]:
        return remote_stock.changed_stock(client, since, warehouse)

    return _Feed("stock", warehouse, read, mirror.store_stock)


@dataclass(slots=True)
class _Pass:
    """What one pass over a feed has seen so far."""

    started: datetime
    seen: set[str] = field(default_factory=set)
    totals: list[int] = field(default_factory=list)
    stamps: set[datetime] = field(default_factory=set)
    rows: int = 0
    changed: int = 0
    poison: int = 0


def _read_feed(pull: Pull, feed: _Feed[Row]) -> Pulled:
    done = Pulled()
    for _ in range(PASSES):
        seen, why = _read_once(pull, feed)
        done = _both(done, Pulled(Counts(read=seen.rows, parked=seen.poison)))
        if not why:
            return done
    sentence = f"The {feed.key()} feed was read {PASSES} times without proof that every row came: {why}."
    return _both(done, Pulled(problems=(sentence,)))


def _read_once(pull: Pull, feed: _Feed[Row]) -> tuple[_Pass, str]:
    with pull.db.read() as conn:
        before = progress.progress(conn, pull.account.id, feed.name, feed.warehouse)
    this, why = _Pass(pull.clock.now()), "no page came"
    since = watermark.since(before.watermark)
    for page in feed.read(pull.client, since):
        _take_note(this, page)
        with pull.db.write() as conn:
            _keep_page(conn, pull, feed, page, this)
            if page.number >= page.pages:
                why = incomplete(this.totals, len(this.seen), full=since is None)
                if not why:
                    progress.save_progress(conn, pull.account.id, _after(before, this, full=since is None))
        pull.beat()
    return this, why


def _take_note(this: _Pass, page: RowPage[Row]) -> None:
    this.seen.update(page.guids, (poison.key for poison in page.poison))
    this.totals.append(page.total)
    this.stamps.update(row.modified for row in page.rows if row.modified is not None)
    this.rows += len(page.rows)
    this.poison += len(page.poison)


def _keep_page(conn: Connection, pull: Pull, feed: _Feed[Row], page: RowPage[Row], this: _Pass) -> None:
    if page.rows:
        this.changed += feed.keep(conn, pull.account.id, page.rows, page.requested_at).changed
    parked.unpark(conn, pull.account.id, feed.key(), [row.guid for row in page.rows])
    if page.poison:
        parked.park(conn, pull.account.id, feed.key(), page.poison, page.requested_at)


def _after(before: Progress, this: _Pass, *, full: bool) -> Progress:
    moved = watermark.advance(before.watermark, this.stamps, before.started_at, this.started)
    certified = replace(before, certified_at=this.started, certified_rows=len(this.seen)) if full else before
    return replace(
        certified, watermark=moved.watermark, started_at=this.started, completed_at=this.started
    )


def _believe_absence(pull: Pull) -> None:
    """Note for each certified warehouse whether a product missing from it may count as having no stock."""
    with pull.db.write() as conn:
        believable = absence_means_zero(
            mirror.count_products(conn, pull.account.id),
            mirror.count_products(conn, pull.account.id, with_stock=True),
        )
        for warehouse in pull.warehouses:
            row = progress.progress(conn, pull.account.id, "stock", warehouse)
            if row.certified_at is not None and row.absence != believable:
                progress.save_progress(conn, pull.account.id, replace(row, absence=believable))


def _ask_for_missing_stock(pull: Pull, warehouse: str) -> Pulled:
    """Ask by guid for the stock of products that the feed cannot tell about, a few lists a run."""
    with pull.db.read() as conn:
        row = progress.progress(conn, pull.account.id, "stock", warehouse)
        if row.certified_at is None:
            return Pulled()
        newer_than = row.certified_at if row.absence else None
        guids = mirror.stockless(conn, pull.account.id, warehouse, newer_than, LIST * LISTS_PER_RUN)
    read = 0
    for some in _lists(guids, LIST):
        try:
            read += _read_stock_list(pull, some, warehouse)
        except FilterIgnored as ignored:
            return Pulled(Counts(read=read), (str(ignored),))
        pull.beat()
    return Pulled(Counts(read=read))


def _read_stock_list(pull: Pull, guids: Sequence[str], warehouse: str) -> int:
    page = remote_stock.stock_by_guid(pull.client, guids, warehouse)
    absent = [guid for guid in guids if guid not in page.guids]
    with pull.db.write() as conn:
        mirror.store_stock(conn, pull.account.id, page.rows, page.requested_at)
        mirror.set_absent_stock(conn, pull.account.id, warehouse, absent, page.requested_at)
        if page.poison:
            parked.park(conn, pull.account.id, _stock_feed(warehouse).key(), page.poison, page.requested_at)
    return len(page.rows)


@dataclass(frozen=True, slots=True)
class One:
    """What reading one product by its code brought: the guids found, or why there is none."""

    guids: tuple[str, ...]
    reason: str = ""
    do: str = ""


def pull_one(pull: Pull, code: str) -> One:
    """Read one product by its code, and its stock in every configured warehouse: two calls.

    The code is compared whole. Where several products have it, all are read (one call more for each).
    """
    requested_at = pull.clock.now()
    found = remote_products.find_product(pull.client, code)
    if not found:
        return _where_is_it(pull, code)
    with pull.db.write() as conn:
        mirror.store_products(conn, pull.account.id, found, requested_at)
        parked.unpark(conn, pull.account.id, "products", [product.guid for product in found])
    for product in found:
        pull.beat()
        requested_at = pull.clock.now()
        rows = remote_stock.stock_of(pull.client, product.guid, _named(pull.warehouses))
        with pull.db.write() as conn:
            mirror.store_stock(conn, pull.account.id, rows, requested_at)
    return One(tuple(product.guid for product in found))


def _named(warehouses: Iterable[str]) -> list[str]:
    return [name for name in warehouses if name]


def _where_is_it(pull: Pull, code: str) -> One:
    """Say what became of a code that Unleashed no longer has, if the mirror remembers it."""
    with pull.db.read() as conn:
        known = mirror.by_code(conn, pull.account.id, code)
    do = "Check the code in Unleashed under Inventory > Products, then try again."
    if not known:
        return One((), f"Unleashed has no product with the code {code}.", do)
    page = remote_products.products_by_guid(pull.client, [each.product.guid for each in known])
    with pull.db.write() as conn:
        mirror.store_products(conn, pull.account.id, page.rows, page.requested_at)
    renamed = [row.code for row in page.rows if row.code.strip() != code.strip()]
    if renamed:
        return One((), f"The product {code} is now called {renamed[0]} in Unleashed.", f"Run `syncd resync {renamed[0]}`.")
    return One((), f"Unleashed no longer has the product {code}.", do)


def _lists(guids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(guids), size):
        yield guids[start : start + size]


def _both(left: Pulled, right: Pulled) -> Pulled:
    counts = Counts(
        read=left.counts.read + right.counts.read, parked=left.counts.parked + right.counts.parked
    )
    return Pulled(counts, left.problems + right.problems)



"""The lists of Unleashed that can be read by "changed since", and how a page of one is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from syncd.core.aftersale import Shipment
from syncd.core.model import Product, StockRow
from syncd.core.sale import Customer, SaleFound
from syncd.flows.pull.records import Pull
from syncd.state import mirror, parked
from syncd.state.db import Connection
from syncd.state.records import Seen
from syncd.unleashed import products as remote_products
from syncd.unleashed import stock as remote_stock
from syncd.unleashed.client import Unleashed
from syncd.unleashed.fields import known_guid
from syncd.unleashed.paging import RowPage

Row = TypeVar("Row", Product, StockRow, Customer, SaleFound, Shipment)


@dataclass(frozen=True, slots=True)
class Feed(Generic[Row]):
    """One list that can be read by "changed since": how to read it from a page on, and how to keep a page."""

    name: str
    warehouse: str
    read: Callable[[Unleashed, datetime | None, int], Iterator[RowPage[Row]]]
    keep: Callable[[Connection, int, Sequence[Row], datetime], Seen]

    @property
    def key(self) -> str:
        """The feed's name among parked rows and in messages."""
        return f"{self.name}:{self.warehouse}" if self.warehouse else self.name


AnyFeed = Feed[Any]


def products_feed() -> Feed[Product]:
    """Return the feed of changed products, obsolete ones included."""
    return Feed("products", "", remote_products.changed_products, mirror.store_products)


def stock_feed(warehouse: str) -> Feed[StockRow]:
    """Return the feed of changed stock in a warehouse ("" = Unleashed's sum over all)."""

    def read(client: Unleashed, since: datetime | None, first: int) -> Iterator[RowPage[StockRow]]:
        return remote_stock.changed_stock(client, since, warehouse, first)

    return Feed("stock", warehouse, read, mirror.store_stock)


def feeds_of(warehouses: Sequence[str]) -> list[AnyFeed]:
    """Return every feed of an account with these warehouses, products first."""
    return [products_feed(), *(stock_feed(warehouse) for warehouse in warehouses)]


def keep_page(
    conn: Connection, pull: Pull, feed: AnyFeed, page: RowPage[Any], known: frozenset[str]
) -> tuple[Seen, int]:
    """Take the page's rows over and park those that cannot be read; `known` are the keys parked before.

    Returns what it did, and how many rows were not parked before.
    """
    seen = Seen()
    if page.rows:
        seen = feed.keep(conn, pull.account.id, page.rows, page.requested_at)
    if known and page.rows:
        parked.unpark(conn, pull.account.id, feed.key, _healed(conn, pull, page, known))
    if page.poison:
        parked.park(conn, pull.account.id, feed.key, page.poison, page.requested_at)
    return seen, sum(1 for poison in page.poison if poison.key not in known)


def _healed(conn: Connection, pull: Pull, page: RowPage[Any], known: frozenset[str]) -> list[str]:
    """Return what is parked although this page holds it in good order; some was parked by its code alone."""
    names = {row.guid for row in page.rows}
    if not all(known_guid(key) for key in known):
        names |= {
            each.product.code.strip()
            for each in mirror.by_guid(conn, pull.account.id, sorted(names)).values()
        }
    return sorted(names & known)

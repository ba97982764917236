"""Compare the orders of the last days with Unleashed's, by count, value and one by one. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from syncd.core.reconcile import Posted, Reconciled, reconcile
from syncd.core.sale import SaleFound
from syncd.flows.beat import Beat, no_beat
from syncd.state import outbox
from syncd.state.db import Database
from syncd.state.outbox import Document
from syncd.state.records import StoreRow
from syncd.unleashed.client import Unleashed
from syncd.unleashed.sales import changed_sales

SETTLES = timedelta(hours=1)
"""Orders newer than this may still be on their way, and are left for the next time."""

BEFORE = timedelta(days=2)
"""So much earlier than the first order its sales order may be stamped: 26 h of zones and clocks, and more."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A store whose orders are compared, and the prefix of their numbers in Unleashed."""

    row: StoreRow
    prefix: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One store's comparison: `open` orders of these days were not posted yet, `out` never will be."""

    store: str
    since: datetime
    until: datetime
    open: int
    out: int
    result: Reconciled


def compare(
    db: Database,
    client: Unleashed,
    shelves: Iterable[Shelf],
    since: datetime,
    now: datetime,
    beat: Beat = no_beat,
) -> list[Compared]:
    """Read the sales orders that changed since then, and compare each store's orders made since with them.

    A deleted sales order is in no list, so it counts as missing. Raises what `changed_sales` raises.
    """
    sales: dict[str, SaleFound] = {}
    for page in changed_sales(client, since - BEFORE):
        sales.update((sale.guid, sale) for sale in page.rows)
        beat()
    return [_compared(db, shelf, sales, since, now - SETTLES) for shelf in shelves]


def _compared(
    db: Database, shelf: Shelf, sales: dict[str, SaleFound], since: datetime, until: datetime
) -> Compared:
    with db.read() as conn:
        documents = outbox.between(conn, shelf.row.id, since, until)
        numbered = [sale for sale in sales.values() if _is_ours(sale, shelf.prefix)]
        known = outbox.by_sale_guid(conn, [sale.guid for sale in numbered])
    posted = [_posted(each) for each in documents if each.state == "posted" and each.guid]
    strangers = [sale for sale in numbered if sale.guid not in known]
    return Compared(
        shelf.row.name,
        since,
        until,
        sum(each.state in (*outbox.OPEN, "parked", "given_up") for each in documents),
        sum(each.state in ("filtered", "skipped") for each in documents),
        reconcile(posted, sales, strangers),
    )


def _is_ours(sale: SaleFound, prefix: str) -> bool:
    """Tell whether a sales order looks like one of the store's: its number and whence it came say so."""
    return bool(prefix and sale.source_id) and sale.order_number.startswith(prefix)


def _posted(one: Document) -> Posted:
    charged = one.total if one.total is not None else Decimal(0)
    return Posted(one.number or one.doc, one.guid or "", one.order_number, charged, one.currency)

"""Read what Unleashed has made of posted orders: completed, sent off, under which tracking numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from syncd.core import write_back
from syncd.core.aftersale import Shipment
from syncd.core.sale import SaleFound
from syncd.flows.pull.changes import read_changes
from syncd.flows.pull.feeds import Feed
from syncd.flows.pull.records import Pull
from syncd.state import outbox, outcomes
from syncd.state.db import Connection
from syncd.state.outbox import Document
from syncd.state.received import order_in
from syncd.state.records import Seen
from syncd.unleashed.client import Unleashed
from syncd.unleashed.paging import RowPage
from syncd.unleashed.sales import changed_sales
from syncd.unleashed.shipments import changed_shipments

LATE = timedelta(days=1)
"""An order taken in so long after it was made, and found in Unleashed, was posted by an earlier life."""


def pull_outcomes(pull: Pull, store_ids: Sequence[int], *, sales: bool, shipments: bool) -> tuple[str, ...]:
    """Read the sales orders and shipments that changed, and keep what is news for the stores' orders.

    At first contact they are read from the oldest posted order on; without one nothing is read. Returns
    sentences on what could not be proven. Raises RemoteError; what was stored until then stays.
    """
    with pull.db.read() as conn:
        oldest = outcomes.oldest_posted(conn, store_ids)
    if oldest is None:
        return ()
    said = [read_changes(pull, _sales_feed(pull, store_ids, oldest))] if sales else []
    said += [read_changes(pull, _shipments_feed(pull, store_ids, oldest))] if shipments else []
    return tuple(filter(None, said))


def _sales_feed(pull: Pull, store_ids: Sequence[int], oldest: datetime) -> Feed[SaleFound]:
    def read(client: Unleashed, since: datetime | None, _first: int) -> Iterator[RowPage[SaleFound]]:
        return changed_sales(client, since or oldest - LATE)

    def keep(conn: Connection, _account: int, rows: Sequence[SaleFound], at: datetime) -> Seen:
        known = outcomes.by_guid(conn, store_ids, [row.guid for row in rows])
        for row in rows:
            document = known.get(row.guid)
            if document is not None:
                after = write_back.after_sale(_aged(document), row, _status(document))
                _note(conn, document, after, f"{row.status} in Unleashed", at, pull.run_id)
        return Seen(rows=len(rows))

    return Feed("sales", "", read, keep)


def _shipments_feed(pull: Pull, store_ids: Sequence[int], oldest: datetime) -> Feed[Shipment]:
    def read(client: Unleashed, since: datetime | None, _first: int) -> Iterator[RowPage[Shipment]]:
        return changed_shipments(client, since or oldest - LATE)

    def keep(conn: Connection, _account: int, rows: Sequence[Shipment], at: datetime) -> Seen:
        known = outcomes.by_number(conn, store_ids, [row.order_number for row in rows])
        for row in rows:
            document = known.get(row.order_number)
            if document is not None:
                after = write_back.after_shipment(_aged(document), row)
                kept = _note(conn, document, after, f"tracking number {row.tracking}", at, pull.run_id)
                known[row.order_number] = kept
        return Seen(rows=len(rows))

    return Feed("shipments", "", read, keep)


def _aged(document: Document) -> Mapping[str, Any]:
    """Return what is kept of the answers, marked if the order comes from an earlier life of the database."""
    late = document.received_at - document.created > LATE and document.found.get("how") == "found"
    return {**document.found, "late": True} if late else document.found


def _status(document: Document) -> str:
    try:
        return order_in(document.content).status
    except ValueError:
        return ""


def _note(
    conn: Connection,
    document: Document,
    after: Mapping[str, Any] | None,
    detail: str,
    at: datetime,
    run_id: int | None,
) -> Document:
    if after is None:
        return document
    kept = replace(document, found=after, told_store=outcomes.TO_TELL)
    outcomes.keep(conn, kept)
    outbox.note(conn, kept, "outcome", detail, at, run_id)
    return kept

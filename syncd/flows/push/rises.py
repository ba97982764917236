"""Keep a store from being shown more than is left: demand comes off, and no rise that orders contradict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from syncd.core.demand import Reading, less_demand, may_push
from syncd.core.model import Content, Listing, Shown, StoreFacts, Value
from syncd.core.money import plain
from syncd.flows.push.records import Batch, Push
from syncd.state import mirror
from syncd.state.db import Connection
from syncd.state.records import Mirrored

Reads = Mapping[str, datetime]


def reads_of(conn: Connection, push: Push, batch: Batch) -> Reads:
    """Return when the stock of the products with open demand was asked for, in the store's warehouses."""
    guids = [row.product.guid for row in batch.rows if row.demand > 0]
    return mirror.stock_read_at(conn, push.store_row.account_id, guids, push.rules.feeds())


def less_sold(
    push: Push, row: Mirrored, listing: Listing, batch: Batch, reads: Reads, facts: StoreFacts
) -> Listing:
    """Return the listing with demand taken off; a rise that may not go out yet is left out, with its reason.

    What waits is noted in the batch, so that the listing stays behind.
    """
    stock = less_demand(listing.stock, row.demand)
    if stock.value is None:
        return replace(listing, stock=stock)
    shown = batch.shown(row)
    waits = _waits(push, row, stock.value, shown, batch, reads, facts)
    if waits:
        stock = Value(None, f"{stock.rule} = {plain(stock.value)}: {waits}")
    return replace(listing, stock=stock)


def _waits(
    push: Push,
    row: Mirrored,
    value: Decimal,
    shown: Shown | None,
    batch: Batch,
    reads: Reads,
    facts: StoreFacts,
) -> str:
    """Return why a rise in stock waits, "" for what is none or need not wait."""
    before = shown.content.stock if shown is not None else None
    fits = push.store.fit(Content(stock=value), facts).stock
    if before is None or fits is None or fits <= before:
        return ""
    latest = Reading(value, reads.get(row.product.guid, push.clock.now()))
    if batch.caught_up is False:
        batch.rises[row.product.guid] = batch.link(row).risen or (value, latest.requested)
        return "a rise waits until the store's orders can be read"
    risen = batch.link(row).risen
    earlier = None if risen is None else Reading(*risen)
    if may_push(before, latest, earlier, row.demand):
        return ""
    same = earlier is not None and earlier.sellable == value
    batch.rises[row.product.guid] = risen if same and risen is not None else (value, latest.requested)
    return "a rise waits for a second read while orders are open"


def raises_stock(batch: Batch) -> bool:
    """Tell whether any of the plans would show more stock than the store shows now."""
    return any(_raises(row, batch) for row in batch.rows)


def _raises(row: Mirrored, batch: Batch) -> bool:
    wanted, shown = batch.plans[row.product.guid].content.stock, batch.shown(row)
    if wanted is None:
        return row.product.guid in batch.rises
    return shown is None or shown.content.stock is None or wanted > shown.content.stock

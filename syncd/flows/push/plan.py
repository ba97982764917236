"""What shall be done about each product of a batch: the state gathered, the decisions left to the core."""

from __future__ import annotations

from collections.abc import Mapping, Set

from syncd.core.listing import decide_listing, stock_of
from syncd.core.model import Content, Link, Listing, StoreFacts
from syncd.core.product_match import Rivals
from syncd.core.product_plan import Plan, plan_product
from syncd.flows.push.records import Batch, Push
from syncd.flows.push.rises import Reads, less_sold, reads_of
from syncd.state import links, mirror, parked, progress
from syncd.state.records import Mirrored, Progress


def decide(push: Push, batch: Batch, facts: StoreFacts) -> None:
    """Put a plan for each of its products into the batch, from what the store shows. Makes no call."""
    codes = sorted({row.product.code.strip() for row in batch.rows})
    refs = sorted({shown.ref for found in (batch.by_ref, batch.by_code) for shown in found.values()})
    with push.db.read() as conn:
        same_code = mirror.guids_sharing_code(conn, push.store_row.account_id, codes)
        holders = links.refs_taken(conn, push.store_row.id, refs)
        feeds = {
            feed.warehouse: feed
            for feed in progress.all_progress(conn, push.store_row.account_id)
            if feed.feed == "stock"
        }
        unread = parked.unread_stock(conn, push.store_row.account_id)
        reads = reads_of(conn, push, batch)
    batch.rises.clear()
    for row in batch.rows:
        shown = batch.shown(row)
        holder = holders.get(shown.ref) if shown else None
        rivals = Rivals(same_code.get(row.product.code.strip(), ()), holder)
        plan = _plan(push, row, batch, rivals, facts, zero_if_absent(row, feeds, unread), reads)
        if plan.link.ref is not None:
            holders.setdefault(plan.link.ref, row.product.guid)
        batch.plans[row.product.guid] = plan


def zero_if_absent(
    row: Mirrored, feeds: Mapping[str, Progress], unread: Set[tuple[str, str]]
) -> frozenset[str]:
    """Return the warehouses in which having no stock row means no stock; a parked row is not known."""
    guid = row.product.guid
    return frozenset(
        name
        for name, feed in feeds.items()
        if feed.zero_if_absent(row.first_seen) and (name, guid) not in unread
    )


def _plan(
    push: Push,
    row: Mirrored,
    batch: Batch,
    rivals: Rivals,
    facts: StoreFacts,
    zero: frozenset[str],
    reads: Reads,
) -> Plan:
    stock = stock_of(row.stock, zero)

    def listing(link: Link, tax_class: str) -> Listing:
        listing = decide_listing(row.product, stock, push.rules, push.account, facts, link, tax_class)
        return less_sold(push, row, listing, batch, reads, facts)

    def fit(content: Content) -> Content:
        return push.store.fit(content, facts)

    return plan_product(
        row.product,
        listing,
        batch.shown(row),
        batch.link(row),
        rivals,
        push.rules,
        fit,
        creates=push.store.traits.creates,
    )

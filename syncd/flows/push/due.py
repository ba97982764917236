"""Which listings are behind, what the store shows for them, and what shall be done about each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from syncd.core.listing import decide_listing, stock_of
from syncd.core.model import Content, Link, Listing, StoreFacts
from syncd.core.product_match import Rivals
from syncd.core.product_plan import Plan, plan_product
from syncd.errors import OutcomeUnknown
from syncd.flows.push.facts import store_facts
from syncd.flows.push.records import Batch, Item, Push, joined
from syncd.flows.push.send import carry_out
from syncd.state import links, mirror, parked, progress
from syncd.state.records import Mirrored, Progress

CHUNK = 500
"""Listings looked at before their writes are sent: five looks of a hundred, then full batches."""

FULL = 100
"""Writes go out in multiples of this, which fills a store's batches; the rest waits for the next look."""


PASSES = 3
"""How often in one run what the store did not answer for is looked at again, in ever smaller calls."""


def push_due(push: Push) -> None:
    """Write every listing that is behind the mirror or the rules; what is done is in the tally.

    Raises RemoteError; what was confirmed until then is remembered, the rest stays behind and is looked at
    again by the next run. Raises IdentityChanged if the address answers as another shop.
    """
    for _ in range(PASSES):
        before = _count_behind(push)
        try:
            return _push_once(push)
        except OutcomeUnknown as unanswered:
            lost = unanswered
            if _count_behind(push) >= before:
                break
    raise lost


def _count_behind(push: Push) -> int:
    with push.db.read() as conn:
        return links.count_behind(conn, push.store_row)


def _push_once(push: Push) -> None:
    facts: StoreFacts | None = None
    waiting = Batch(())
    after: tuple[str, str] | None = None
    while rows := _behind(push, after):
        facts = facts or store_facts(push)
        after = (rows[-1].product.code.strip(), rows[-1].product.guid)
        ready, waiting = _filled(joined(waiting, _looked_at(push, rows, facts)))
        carry_out(push, ready)
        push.beat()
    carry_out(push, waiting)


def _behind(push: Push, after: tuple[str, str] | None) -> list[Mirrored]:
    with push.db.read() as conn:
        return links.behind(conn, push.store_row, CHUNK, after)


def _filled(batch: Batch) -> tuple[Batch, Batch]:
    """Return what can be carried out in full batches, and the few writes that wait for the next look."""
    writes = batch.writes()
    waiting = {row.product.guid for row in writes[len(writes) // FULL * FULL :]}
    ready = [row for row in batch.rows if row.product.guid not in waiting]
    return batch.only(ready), batch.only([row for row in writes if row.product.guid in waiting])


def push_some(push: Push, guids: Sequence[str]) -> list[Item]:
    """Look at these products in the store and write what differs, behind or not. Returns each outcome."""
    facts = store_facts(push)
    with push.db.read() as conn:
        rows = links.mirrored_for(conn, push.store_row, guids)
    return carry_out(push, _looked_at(push, [rows[guid] for guid in guids if guid in rows], facts))


def _looked_at(push: Push, rows: Sequence[Mirrored], facts: StoreFacts) -> Batch:
    batch = _gather(push, rows)
    _decide(push, batch, facts)
    return batch


def _gather(push: Push, rows: Sequence[Mirrored]) -> Batch:
    """Look at linked records by their id and at the others by code; a lost one is looked for by code too.

    Ids and codes are asked for apart: a shop may well have the code "12" on the record with the id 34.
    """
    refs = [row.link.ref for row in rows if row.link is not None and row.link.ref is not None]
    by_ref = push.store.look(refs=refs) if refs else {}
    codes = {
        row.product.code.strip()
        for row in rows
        if row.link is None or row.link.ref is None or row.link.ref not in by_ref
    }
    return Batch(rows, by_ref, push.store.look(codes=sorted(codes)) if codes else {})


def _decide(push: Push, batch: Batch, facts: StoreFacts) -> None:
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
    for row in batch.rows:
        shown = batch.shown(row)
        holder = holders.get(shown.ref) if shown else None
        rivals = Rivals(same_code.get(row.product.code.strip(), ()), holder)
        plan = _plan(push, row, batch, rivals, facts, _zero_if_absent(row, feeds, unread))
        if plan.link.ref is not None:
            holders.setdefault(plan.link.ref, row.product.guid)
        batch.plans[row.product.guid] = plan


def _zero_if_absent(
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
) -> Plan:
    stock = stock_of(row.stock, zero)

    def listing(link: Link, tax_class: str) -> Listing:
        return decide_listing(row.product, stock, push.rules, push.account, facts, link, tax_class)

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

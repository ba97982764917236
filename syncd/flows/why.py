"""Explain one product in one store, from what is stored and without a single call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from syncd.core.listing import ListingRules, decide_listing, stock_of
from syncd.core.model import FIELDS, AccountFacts, Link, StoreFacts
from syncd.core.product_plan import text
from syncd.state import accounts, audit, links, mirror, parked, progress
from syncd.state.db import Database
from syncd.state.records import Change, Mirrored, StoreRow


@dataclass(frozen=True, slots=True)
class FieldReason:
    """One field: what it should show and by which rule, and what we last wrote, when, and in which run."""

    field: str
    value: str | None
    rule: str
    held: bool
    last: Change | None
    last_at: datetime | None
    last_run: int | None


@dataclass(frozen=True, slots=True)
class Why:
    """Everything that decides what one store shows for one product."""

    store: str
    mirrored: Mirrored
    link: Link
    behind: bool
    fields: tuple[FieldReason, ...]
    believed: tuple[str, ...]


def explain(db: Database, row: StoreRow, rules: ListingRules, account: AccountFacts, code: str) -> list[Why]:
    """Return one explanation per product that has the code (trimmed, exact); none if the mirror has none."""
    with db.read() as conn:
        found = [each.product.guid for each in mirror.by_code(conn, row.account_id, code)]
        known = links.mirrored_for(conn, row, found)
    return [_explain(db, row, rules, account, each) for each in known.values()]


def _explain(db: Database, row: StoreRow, rules: ListingRules, account: AccountFacts, each: Mirrored) -> Why:
    link = each.link or Link(each.product.guid)
    facts = accounts.store_facts(row) or StoreFacts(identity="")
    with db.read() as conn:
        feeds = [feed for feed in progress.all_progress(conn, row.account_id) if feed.feed == "stock"]
        unread = parked.unread_stock(conn, row.account_id)
        last = {name: audit.last_change(conn, row.id, each.product.guid, name) for name in FIELDS}
    zero = frozenset(
        feed.warehouse
        for feed in feeds
        if feed.zero_if_absent(each.first_seen) and (feed.warehouse, each.product.guid) not in unread
    )
    listing = decide_listing(
        each.product, stock_of(each.stock, zero), rules, account, facts, link, link.tax_class
    )
    reasons = []
    for name in FIELDS:
        value, written = getattr(listing, name), last[name]
        change, at, run = written if written is not None else (None, None, None)
        reasons.append(FieldReason(name, text(value.value), value.rule, value.held, change, at, run))
    behind = each.link is None or link.pushed_mirror < each.revision or link.pushed_rules != row.rules_hash
    believed = tuple(
        f"{feed.warehouse or 'all warehouses'}: read in full {feed.certified_at}"
        for feed in feeds
        if feed.certified_at
    )
    return Why(row.name, each, link, behind, tuple(reasons), believed)

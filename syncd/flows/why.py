"""Explain one product in one store, from what is stored and without a single call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from syncd.core.demand import less_demand
from syncd.core.listing import ListingRules, decide_listing, stock_of
from syncd.core.model import FIELDS, AccountFacts, Content, FieldName, Link, Listing, StoreFacts, Value
from syncd.core.product_plan import fitted, flows_to, text, unfit
from syncd.flows.push.plan import zero_if_absent
from syncd.state import accounts, audit, links, mirror, parked, progress, scanned
from syncd.state.db import Database
from syncd.state.records import Change, Mirrored, StoreRow

Fit = Callable[[Content, StoreFacts], Content]
Last = tuple[Change, datetime, int] | None


@dataclass(frozen=True, slots=True)
class FieldReason:
    """One field: what it should show and by which rule, and what we last wrote, when, and in which run.

    `value` is what the store can hold of it; None: left alone. `flows` False: the store's own, until adopted.
    """

    field: FieldName
    value: str | None
    rule: str
    held: bool
    flows: bool
    last: Change | None
    last_at: datetime | None
    last_run: int | None


@dataclass(frozen=True, slots=True)
class Why:
    """Everything that decides what one store shows for one product. `at` None: now; else what was then."""

    store: str
    mirrored: Mirrored
    link: Link
    behind: bool
    fields: tuple[FieldReason, ...]
    believed: tuple[str, ...]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which store is asked about, by which rules, and how it keeps what it is given."""

    db: Database
    row: StoreRow
    rules: ListingRules
    account: AccountFacts
    fit: Fit


def explain(asked: Asked, code: str, *, at: datetime | None = None) -> list[Why]:
    """Return one explanation per product that has the code (trimmed, exact); none if the mirror has none.

    `at` (aware): each field is told from the audit alone, as it was last written by then and by which rule.
    """
    with asked.db.read() as conn:
        found = [each.product.guid for each in mirror.by_code(conn, asked.row.account_id, code)]
        known = links.mirrored_for(conn, asked.row, found)
    return [_explain(asked, known[guid], at) for guid in found if guid in known]


def _explain(asked: Asked, each: Mirrored, at: datetime | None) -> Why:
    row, link = asked.row, each.link or Link(each.product.guid)
    with asked.db.read() as conn:
        last = {name: audit.last_change(conn, row.id, each.product.guid, name, at) for name in FIELDS}
    if at is not None:
        past = tuple(_then(name, last[name]) for name in FIELDS)
        return Why(row.name, each, link, False, past, (), at)
    locked, listing, believed = _gathered(asked, each, link)
    held = fitted(
        lambda content: asked.fit(content, accounts.store_facts(row) or StoreFacts(identity="")),
        Content(listing.name.value, listing.price.value, listing.stock.value, listing.status.value),
    )
    now = tuple(_now(name, getattr(listing, name), held, link, locked, last[name]) for name in FIELDS)
    behind = (
        each.link is None
        or link.pushed_mirror < each.revision
        or link.pushed_demand < each.demand_revision
        or link.pushed_rules != row.rules_hash
    )
    return Why(row.name, each, link, behind, now, believed)


def _gathered(asked: Asked, each: Mirrored, link: Link) -> tuple[Mapping[str, str], Listing, tuple[str, ...]]:
    """Return what the last scan saw locked, what should be shown, and on which full reads of stock."""
    row = asked.row
    with asked.db.read() as conn:
        known = progress.all_progress(conn, row.account_id)
        unread = parked.unread_stock(conn, row.account_id)
        seen = scanned.by_refs(conn, row.id, [link.ref] if link.ref else [])
    feeds = {feed.warehouse: feed for feed in known if feed.feed == "stock"}
    stock = stock_of(each.stock, zero_if_absent(each, feeds, unread))
    facts = accounts.store_facts(row) or StoreFacts(identity="")
    listing = decide_listing(each.product, stock, asked.rules, asked.account, facts, link, link.tax_class)
    listing = replace(listing, stock=less_demand(listing.stock, each.demand))
    wanted = [(name, feeds[name].certified_at) for name in asked.rules.feeds() if name in feeds]
    believed = tuple(
        f"stock in {name or 'all warehouses'} was read in full {when:%Y-%m-%d %H:%M}Z"
        for name, when in wanted
        if when is not None
    )
    if each.product.gone:
        believed = (_GONE, *believed)
    locked = seen[link.ref].locked if link.ref in seen else {}
    return locked, listing, believed


_GONE = "Unleashed no longer has this product (asked for by its guid): it is treated as an obsolete one"


def _now(
    name: FieldName,
    value: Value[object],
    held: Content,
    link: Link,
    locked: Mapping[str, str],
    last: Last,
) -> FieldReason:
    change, when, run = last or (None, None, None)
    kept, rule = text(held.get(name)), value.rule
    if kept is None and value.value is not None:
        rule = unfit(value)
    elif kept is not None and name in locked:
        kept, rule = None, locked[name]
    return FieldReason(name, kept, rule, value.held, flows_to(name, link), change, when, run)


def _then(name: FieldName, last: Last) -> FieldReason:
    if last is None:
        return FieldReason(name, None, "syncd had not written it by then", False, True, None, None, None)
    change, when, run = last
    return FieldReason(name, change.after, change.rule, False, True, change, when, run)

"""Bring one store up to date with the mirror: look, decide, write, and remember each outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from syncd.clock import Clock
from syncd.core.listing import ListingRules, decide_listing, stock_of
from syncd.core.model import (
    AccountFacts,
    Content,
    Done,
    Link,
    Listing,
    Refused,
    Shown,
    StoreFacts,
    Write,
)
from syncd.core.product_match import Rivals
from syncd.core.product_plan import Plan, plan_product
from syncd.errors import IdentityChanged
from syncd.flows.beat import Beat, no_beat
from syncd.state import accounts, audit, links, mirror, progress
from syncd.state.db import Connection, Database
from syncd.state.records import Change, Counts, Mirrored, Progress, StoreRow
from syncd.stores.base import Store

FACTS_KEPT = timedelta(hours=24)
"""How long what the shop says of itself is believed without asking again."""

CHUNK = 500
"""Listings looked at before their writes are sent: five looks of a hundred, then full batches."""

Mode = Literal["live", "shadow", "dry_run"]

Outcome = Literal[
    "written", "would_write", "unchanged", "created", "held", "not_found", "ambiguous", "parked", "refused"
]


@dataclass(frozen=True, slots=True)
class Push:
    """What one push needs. `mode`: live writes; shadow decides and remembers; dry_run only tells."""

    db: Database
    store_row: StoreRow
    store: Store
    rules: ListingRules
    account: AccountFacts
    clock: Clock
    run_id: int
    mode: Mode = "live"
    beat: Beat = no_beat


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one product in one store; `before` and `after` are what the store showed and shows."""

    guid: str
    code: str
    ref: str | None
    outcome: Outcome
    before: Content
    after: Content
    plan: Plan
    reason: str = ""
    do: str = ""


@dataclass(slots=True)
class _Batch:
    """Some products with what the store shows for them, and what shall be done about each."""

    rows: Sequence[Mirrored]
    shown: Mapping[str, Shown] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)


def push_due(push: Push) -> Counts:
    """Write every listing that is behind the mirror or the rules. Returns what was done.

    Raises RemoteError; what was confirmed until then is remembered, the rest stays behind and is looked at
    again by the next run. Raises IdentityChanged if the address answers as another shop.
    """
    facts: StoreFacts | None = None
    total = Counts()
    after: tuple[str, str] | None = None
    while True:
        with push.db.read() as conn:
            rows = links.behind(conn, push.store_row, CHUNK, after)
        if not rows:
            return total
        facts = facts or store_facts(push)
        after = (rows[-1].product.code.strip(), rows[-1].product.guid)
        total = _add(total, count(_push_rows(push, rows, facts)))
        push.beat()


def push_some(push: Push, guids: Sequence[str]) -> list[Item]:
    """Look at these products in the store and write what differs, behind or not. Returns each outcome."""
    facts = store_facts(push)
    with push.db.read() as conn:
        rows = links.mirrored_for(conn, push.store_row, guids)
    return _push_rows(push, [rows[guid] for guid in guids if guid in rows], facts)


def store_facts(push: Push) -> StoreFacts:
    """Return what the shop says of itself, from the database if it is younger than a day.

    The first answer fixes the store's identity; another one later raises IdentityChanged.
    """
    row, now = push.store_row, push.clock.now()
    kept = accounts.store_facts(row)
    if kept is not None and row.facts_at is not None and now - row.facts_at < FACTS_KEPT:
        return kept
    facts = push.store.check()
    require_identity(row, facts)
    with push.db.write() as conn:
        accounts.save_store_facts(conn, row.id, facts, now)
        if row.identity is None:
            accounts.set_identity(conn, row.id, facts.identity)
    return facts


def require_identity(row: StoreRow, facts: StoreFacts) -> None:
    """Raise IdentityChanged if the database knows this store as another shop."""
    if row.identity is None or row.identity == facts.identity:
        return
    raise IdentityChanged(
        f"The store {row.name} was {row.identity} until now; its address answers as {facts.identity}.",
        f"If the shop has moved, run `syncd check --accept-identity {row.name}`; if not, correct base_url.",
    )


def _push_rows(push: Push, rows: Sequence[Mirrored], facts: StoreFacts) -> list[Item]:
    batch = _Batch(rows)
    _gather(push, batch)
    _decide(push, batch, facts)
    return _apply(push, batch)


def _gather(push: Push, batch: _Batch) -> None:
    """Look at linked records by their id and at the others by code; a lost one is looked for by code too."""
    refs = [row.link.ref for row in batch.rows if row.link and row.link.ref]
    codes = [row.product.code.strip() for row in batch.rows if not (row.link and row.link.ref)]
    found = dict(push.store.look(refs=refs, codes=sorted(set(codes))))
    lost = [row for row in batch.rows if row.link and row.link.ref and row.link.ref not in found]
    if lost:
        found |= push.store.look(codes=sorted({row.product.code.strip() for row in lost}))
    batch.shown = found


def _decide(push: Push, batch: _Batch, facts: StoreFacts) -> None:
    codes = {row.product.code.strip() for row in batch.rows}
    with push.db.read() as conn:
        same_code = mirror.guids_sharing_code(conn, push.store_row.account_id, sorted(codes))
        holders = links.refs_taken(conn, push.store_row.id, sorted({s.ref for s in batch.shown.values()}))
        read = {row.warehouse: row for row in progress.all_progress(conn, push.store_row.account_id) if row.feed == "stock"}
    claimed = dict(holders)
    for row in batch.rows:
        link, shown = _seen_as(row, batch.shown)
        holder = claimed.get(shown.ref) if shown else None
        rivals = Rivals(same_code.get(row.product.code.strip(), ()), holder)
        plan = _plan(push, row, link, shown, rivals, facts, read)
        if plan.link.ref is not None:
            claimed.setdefault(plan.link.ref, row.product.guid)
        batch.plans[row.product.guid] = plan


def _seen_as(row: Mirrored, shown: Mapping[str, Shown]) -> tuple[Link, Shown | None]:
    """Return the product's link and the record that the store shows for it, by id first, else by code."""
    link = row.link or Link(row.product.guid)
    if link.ref is not None and link.ref in shown:
        return link, shown[link.ref]
    by_code = shown.get(row.product.code.strip())
    if by_code is not None and link.ref is not None:
        link = replace(link, ref=None, creating=False)
    return link, by_code


def _plan(
    push: Push,
    row: Mirrored,
    link: Link,
    shown: Shown | None,
    rivals: Rivals,
    facts: StoreFacts,
    read: Mapping[str, Progress],
) -> Plan:
    zero = frozenset(name for name, feed in read.items() if feed.zero_if_absent(row.first_seen))
    stock = stock_of(row.stock, zero)

    def listing(link: Link, tax_class: str) -> Listing:
        return decide_listing(row.product, stock, push.rules, push.account, facts, link, tax_class)

    def fit(content: Content) -> Content:
        return push.store.fit(content, facts)

    creates = push.store.traits.creates
    return plan_product(row.product, listing, shown, link, rivals, push.rules, fit, creates=creates)


def _apply(push: Push, batch: _Batch) -> list[Item]:
    by_guid = {row.product.guid: row for row in batch.rows}
    to_send = [guid for guid, plan in batch.plans.items() if plan.action in ("write", "create")]
    settled = [guid for guid in batch.plans if guid not in set(to_send)]
    items = [_unwritten(push, by_guid[guid], batch) for guid in settled]
    if push.mode != "dry_run":
        with push.db.write() as conn:
            kept = [_settled(push, by_guid[guid], batch.plans[guid]) for guid in settled]
            links.save_links(conn, push.store_row.id, kept, push.clock.now())
    if push.mode != "live":
        return items + _not_sent(push, [by_guid[guid] for guid in to_send], batch)
    return items + _send(push, [by_guid[guid] for guid in to_send], batch)


def _not_sent(push: Push, rows: Sequence[Mirrored], batch: _Batch) -> list[Item]:
    if push.mode == "shadow" and rows:
        kept = [_shadowed(push, row, batch.plans[row.product.guid]) for row in rows]
        with push.db.write() as conn:
            links.save_links(conn, push.store_row.id, kept, push.clock.now())
    return [_item(row, batch, "would_write") for row in rows]


def _send(push: Push, rows: Sequence[Mirrored], batch: _Batch) -> list[Item]:
    """Write, and store each outcome as soon as it is known. What was to be created is noted beforehand."""
    by_guid = {row.product.guid: row for row in rows}
    creating = [
        replace(batch.plans[guid].link, pushed_mirror=0)
        for guid in by_guid
        if batch.plans[guid].action == "create"
    ]
    if creating:
        with push.db.write() as conn:
            links.save_links(conn, push.store_row.id, creating, push.clock.now())
    items = []
    for outcome in push.store.write([_write(row, batch) for row in rows]):
        row = by_guid[outcome.key]
        with push.db.write() as conn:
            items.append(_remember(conn, push, row, batch, outcome))
    return items


def _write(row: Mirrored, batch: _Batch) -> Write:
    plan = batch.plans[row.product.guid]
    ref = None if plan.action == "create" else plan.link.ref
    return Write(row.product.guid, ref, row.product.code.strip(), plan.content, _shown_for(row, batch))


def _shown_for(row: Mirrored, batch: _Batch) -> Shown | None:
    return _seen_as(row, batch.shown)[1]


def _remember(
    conn: Connection, push: Push, row: Mirrored, batch: _Batch, outcome: Done | Refused
) -> Item:
    plan, now = batch.plans[row.product.guid], push.clock.now()
    if isinstance(outcome, Refused):
        link = replace(_settled(push, row, plan), parked=outcome.reason, creating=False, created=plan.link.created and plan.link.ref is not None)
        links.save_links(conn, push.store_row.id, [link], now)
        return replace(_item(row, batch, "refused"), reason=outcome.reason, do=outcome.do)
    link = _settled(push, row, plan)
    link = replace(link, ref=outcome.shown.ref, wrote=_merged(link.wrote, plan.content), creating=False)
    if plan.action == "create":
        link = replace(link, created=True, owned=OWNED_WHEN_CREATED)
    links.save_links(conn, push.store_row.id, [link], now)
    audit.record(conn, push.store_row.id, push.run_id, _audit(row, plan, outcome.shown.ref), now)
    done: Outcome = "created" if plan.action == "create" else "written"
    return replace(_item(row, batch, done), ref=outcome.shown.ref, after=outcome.shown.content)


OWNED_WHEN_CREATED = frozenset({"name", "price", "status"})


def _audit(row: Mirrored, plan: Plan, ref: str) -> list[Change]:
    product = row.product
    return [
        Change(product.guid, product.code, ref, each.field, each.before, each.after, each.rule)
        for each in plan.changes
    ]


def _merged(wrote: Content, content: Content) -> Content:
    changed = {name: content.get(name) for name in content.set_fields()}
    return replace(wrote, **changed)  # type: ignore[arg-type]


def _settled(push: Push, row: Mirrored, plan: Plan) -> Link:
    """Return the link as it stands once the plan is carried out: no longer behind."""
    return replace(plan.link, pushed_mirror=row.revision, pushed_rules=push.store_row.rules_hash)


def _shadowed(push: Push, row: Mirrored, plan: Plan) -> Link:
    """Return the link after a write that was only thought of: found, but nothing claimed as written."""
    link = _settled(push, row, plan)
    created = link.created and link.ref is not None
    before = row.link.hidden_from if row.link is not None else None
    return replace(link, creating=False, created=created, hidden_from=before)


def _unwritten(push: Push, row: Mirrored, batch: _Batch) -> Item:
    plan = batch.plans[row.product.guid]
    outcomes: dict[str, Outcome] = {"ambiguous": "ambiguous", "absent": "not_found", "gone": "not_found"}
    outcome = outcomes.get(plan.action, "unchanged")
    return replace(_item(row, batch, outcome), reason=plan.reason, do=plan.do)


def _item(row: Mirrored, batch: _Batch, outcome: Outcome) -> Item:
    shown, plan = _shown_for(row, batch), batch.plans[row.product.guid]
    before = shown.content if shown else Content()
    after = _merged(before, plan.content) if outcome == "would_write" else before
    return Item(row.product.guid, row.product.code, plan.link.ref, outcome, before, after, plan)


def count(items: Iterable[Item]) -> Counts:
    """Return the figures of a run. `held` counts writes that a person must release or that shadow mode kept back."""
    total = Counts()
    for item in items:
        total = _add(total, _count_one(item))
    return total


def _count_one(item: Item) -> Counts:
    one = Counts(read=1)
    if item.outcome == "written":
        return replace(one, written=1)
    if item.outcome == "created":
        return replace(one, created=1)
    if item.outcome == "would_write":
        return replace(one, held=1)
    if item.outcome in ("refused", "ambiguous"):
        return replace(one, parked=1)
    return replace(one, unchanged=1)


def _add(left: Counts, right: Counts) -> Counts:
    names = ("read", "written", "created", "unchanged", "held", "parked")
    return Counts(**{name: getattr(left, name) + getattr(right, name) for name in names})

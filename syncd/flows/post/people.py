"""Who buys: the linked customer, a match, the house customer, or one who is created, once for everybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from syncd.core import watermark
from syncd.core.customer_match import fold
from syncd.core.customer_new import plan_customer
from syncd.core.order import StoreOrder
from syncd.core.sale import Customer, NewCustomer, Parked
from syncd.flows.link_customers import candidates, decided
from syncd.flows.post.keep import LOOK_AFTER
from syncd.flows.post.records import Post, Shop
from syncd.state import customer_links, customers, parked, progress
from syncd.state.customer_links import CustomerLink
from syncd.state.customers import Claim, ClaimState
from syncd.unleashed import customers as remote

FEED = "customers"


class SomebodyElse(Exception):
    """Another process, or another store's order, is creating this customer at this moment."""


def buyer_of(post: Post, shop: Shop, order: StoreOrder) -> Customer | NewCustomer | Parked:
    """Return who buys by what the mirror knows, and by a look into Unleashed where that is not enough.

    A known customer costs no call. A stranger costs one look: for what changed since the mirror was read,
    or, where it never was read in full, by code and address.
    """
    linked = _linked(post, shop, order)
    found = _planned(post, shop, order, linked)
    if isinstance(found, Customer):
        _remember(post, shop, order, found)
        return found
    _look(post, shop, order)
    found = _planned(post, shop, order, linked)
    if not isinstance(found, NewCustomer):
        _remember(post, shop, order, found)
    return found


def _planned(
    post: Post, shop: Shop, order: StoreOrder, linked: Customer | None
) -> Customer | NewCustomer | Parked:
    buyer = order.buyer
    with post.db.read() as conn:
        known = candidates(conn, post.account.id, buyer.code, (buyer.email,), shop.customers)
    return plan_customer(order, known, linked, shop.customers, shop.names)


def _ref(order: StoreOrder) -> str | None:
    if order.buyer.id is not None:
        return order.buyer.id
    return customer_links.guest_ref(order.buyer.email) if fold(order.buyer.email) else None


def _linked(post: Post, shop: Shop, order: StoreOrder) -> Customer | None:
    """Return whom the link names; one whom the mirror does not know is read, and forgotten if gone."""
    ref = _ref(order)
    if ref is None:
        return None
    with post.db.read() as conn:
        link = customer_links.links_of(conn, shop.row.id, [ref]).get(ref)
        guid = link.guid if link is not None else None
        known = customers.by_guid(conn, post.account.id, [guid] if guid else [])
    if guid is None or guid in known:
        return known.get(guid or "")
    requested_at = post.clock.now()
    there = remote.customer_by_guid(post.client, guid)
    with post.db.write() as conn:
        if there is not None:
            customers.store_customers(conn, post.account.id, [there], requested_at)
        else:
            customer_links.unset(conn, shop.row.id, ref)
    return there


def _look(post: Post, shop: Shop, order: StoreOrder) -> None:
    """Read into the mirror whoever this buyer may be."""
    requested_at = post.clock.now()
    if _mirror_is_complete(post):
        for page in remote.changed_customers(post.client, _since(post)):
            with post.db.write() as conn:
                customers.store_customers(conn, post.account.id, page.rows, requested_at)
        return
    buyer = order.buyer
    found = [] if shop.customers.house else (remote.customers_by_email(post.client, buyer.email) or [])
    codes = {each.strip() for each in (buyer.code, shop.customers.house) if each.strip()}
    found += [each for code in sorted(codes) for each in remote.customers_by_code(post.client, code)]
    with post.db.write() as conn:
        customers.store_customers(conn, post.account.id, found, requested_at)


def _mirror_is_complete(post: Post) -> bool:
    """Tell whether the feed of customers was ever read to its end, every row of it."""
    with post.db.read() as conn:
        unread = any(row.feed == FEED for row in parked.parked_rows(conn, post.account.id))
        return progress.progress(conn, post.account.id, FEED).completed_at is not None and not unread


def _since(post: Post) -> datetime | None:
    """Return up to when the mirror is complete, overlap taken off; None where nobody was ever there."""
    with post.db.read() as conn:
        return watermark.since(progress.progress(conn, post.account.id, FEED).watermark)


def _remember(post: Post, shop: Shop, order: StoreOrder, found: Customer | Parked) -> None:
    """Keep who it is, or that a person must say so. The house customer is nobody's link."""
    ref, now, buyer = _ref(order), post.clock.now(), order.buyer
    if ref is None or (isinstance(found, Customer) and found.code.strip() == shop.customers.house.strip()):
        return
    with post.db.write() as conn:
        before = customer_links.links_of(conn, shop.row.id, [ref]).get(ref)
        if before is not None and (before.guid is not None or before.how == "set"):
            return
        link = decided(conn, shop.row, ref, buyer.code, (buyer.email,), shop.customers, now)
        if link is not None and (before is None or replace(link, at=before.at) != before):
            customer_links.save_links(conn, shop.row.id, [link])


def create_buyer(post: Post, shop: Shop, order: StoreOrder, new: NewCustomer) -> Customer:
    """Create a customer, or return the one that is there after all; only one process at a time does so.

    Raises SomebodyElse while another one does, and what `unleashed.customers.create_customer` raises: then
    the claim stays ours, and the next attempt looks first.
    """
    claim, ours = _claimed(post, new)
    if claim.state != "open":
        there = _settled(post, claim)
        if there is not None:
            return _linked_to(post, shop, order, there)
    elif not ours:
        raise SomebodyElse
    requested_at = post.clock.now()
    made = remote.create_customer(post.client, new, code_is_free=_mirror_is_complete(post))
    state: ClaimState = "created" if made.created else "adopted"
    with post.db.write() as conn:
        now = post.clock.now()
        customers.store_customers(conn, post.account.id, [made.record], requested_at)
        customers.settle_claim(
            conn, post.account.id, new.claim, made.record.guid, made.record.code, state, now
        )
    return _linked_to(post, shop, order, made.record)


def _claimed(post: Post, new: NewCustomer) -> tuple[Claim, bool]:
    now = post.clock.now()
    with post.db.write() as conn:
        wanted = Claim(new.claim, new.guid, new.code, "open", now)
        return customers.claim(conn, post.account.id, wanted, now - LOOK_AFTER)


def _settled(post: Post, claim: Claim) -> Customer | None:
    with post.db.read() as conn:
        known = customers.by_guid(conn, post.account.id, [claim.guid]).get(claim.guid)
    return known or remote.customer_by_guid(post.client, claim.guid)


def _linked_to(post: Post, shop: Shop, order: StoreOrder, customer: Customer) -> Customer:
    ref = _ref(order)
    if ref is not None:
        link = CustomerLink(ref, customer.guid, "created", post.clock.now())
        with post.db.write() as conn:
            customer_links.save_links(conn, shop.row.id, [link])
    return customer

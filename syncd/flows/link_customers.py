"""Which of Unleashed's customers each of a store's is: decided from the mirror, without a call."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from syncd.clock import Clock
from syncd.core.customer_match import Ambiguous, CustomerRules, Match, NoMatch, find_customer, fold
from syncd.core.customer_new import customer_code
from syncd.core.order import StoreCustomer
from syncd.core.sale import Customer
from syncd.flows.beat import Beat, no_beat
from syncd.state import customer_links, customers
from syncd.state.customer_links import CustomerLink, How
from syncd.state.db import Connection, Database
from syncd.state.records import Counts, StoreRow

CHUNK = 200
"""Customers decided on in one transaction."""

_HOW: dict[str, How] = {"account code": "code", "e-mail": "email", "code made for this e-mail": "created"}


def link_customers(
    db: Database, store: StoreRow, rules: CustomerRules, clock: Clock, beat: Beat = no_beat
) -> Counts:
    """Decide anew on everybody in the store who is not linked; links that a person set stay. Idempotent.

    Who has no match yet gets no link: that may come with a later pull, or with an order. Ambiguous ones are
    kept with their candidates for a person. Returns how many were linked, and newly ambiguous as `held`.
    """
    done, after = Counts(), ""
    while True:
        with db.write() as conn:
            some = customer_links.unlinked(conn, store.id, after, CHUNK)
            done = done.plus(_link(conn, store, some, rules, clock.now()))
        if not some:
            return done
        after = some[-1].id
        beat()


def _link(
    conn: Connection, store: StoreRow, some: Iterable[StoreCustomer], rules: CustomerRules, now: datetime
) -> Counts:
    people = list(some)
    before = customer_links.links_of(conn, store.id, [each.id for each in people])
    found = []
    for each in people:
        link = decided(conn, store, each.id, each.code, each.emails, rules, now)
        old = before.get(each.id)
        if link is None and old is not None and old.ambiguous:
            customer_links.unset(conn, store.id, each.id)
        if link is not None and (old is None or _said(old) != _said(link)):
            found.append(link)
    customer_links.save_links(conn, store.id, found)
    linked = sum(1 for link in found if link.guid is not None)
    asked = sum(1 for link in found if link.ambiguous and not _was_ambiguous(before.get(link.ref)))
    return Counts(written=linked, held=asked, unchanged=len(people) - len(found))


def decided(
    conn: Connection,
    store: StoreRow,
    ref: str,
    code: str,
    emails: tuple[str, ...],
    rules: CustomerRules,
    now: datetime,
) -> CustomerLink | None:
    """Return the link that code and addresses give by what the mirror knows; None if nobody matches."""
    address = next(filter(None, map(fold, emails)), "")
    derived = customer_code(rules.prefix, address) if address else ""
    match find_customer(
        code, emails, derived, candidates(conn, store.account_id, code, emails, rules), rules
    ):
        case Match() as found:
            return CustomerLink(ref, found.customer.guid, _HOW.get(found.rule, "email"), now)
        case Ambiguous() as unclear:
            return CustomerLink(ref, None, "none", now, unclear.reason, unclear.codes)
        case NoMatch():
            return None


def candidates(
    conn: Connection, account_id: int, code: str, emails: tuple[str, ...], rules: CustomerRules
) -> list[Customer]:
    """Return everybody in the mirror whom these may be: by code, by address, by derived code, the house's."""
    derived = [customer_code(rules.prefix, address) for address in map(fold, emails) if address]
    codes = dict.fromkeys(each.strip() for each in (code, rules.house, *derived) if each.strip())
    found = [each for one in codes for each in customers.by_code(conn, account_id, one)]
    return [*found, *customers.by_email(conn, account_id, emails)]


def _said(link: CustomerLink) -> tuple[str | None, str, tuple[str, ...]]:
    return link.guid, link.ambiguous, link.candidates


def _was_ambiguous(link: CustomerLink | None) -> bool:
    return link is not None and bool(link.ambiguous)

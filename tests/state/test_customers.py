"""Unleashed's customers by code and address, the one right to create one, and whom a store's customer is."""

from __future__ import annotations

from dataclasses import replace

from syncd.core.order import StoreCustomer
from syncd.core.sale import Customer
from syncd.state import customer_links, customers
from syncd.state.customer_links import CustomerLink, guest_ref
from syncd.state.customers import Claim
from syncd.state.db import Database
from tests.databases import NOON
from tests.state.samples import JO, MINUTE, opened


def test_a_customer_is_found_by_code_and_by_any_address(db: Database) -> None:
    """Codes are equal after trimming, addresses whole and in any case; others are not found."""
    account, _ = opened(db)
    addresses = ("A@Example.test", "b@example.test")
    anna = Customer("cccccccc-0000-4000-8000-000000000002", " ANNA ", "Anna", addresses)
    with db.write() as conn:
        customers.store_customers(conn, account.id, [JO, anna], NOON)
        assert customers.by_code(conn, account.id, "ANNA") == [anna]
        assert customers.by_code(conn, account.id, "anna") == []
        assert customers.by_email(conn, account.id, ["B@EXAMPLE.test"]) == [anna]
        assert customers.by_email(conn, account.id, ["b@example.tes", "", "no address"]) == []
        assert customers.by_guid(conn, account.id, [JO.guid, "x"]) == {JO.guid: JO}
        assert customers.count_customers(conn, account.id) == 2


def test_an_address_that_was_taken_away_finds_nobody(db: Database) -> None:
    """What a later answer says replaces all of what was known; an earlier one changes nothing."""
    account, _ = opened(db)
    with db.write() as conn:
        customers.store_customers(conn, account.id, [JO], NOON)
        moved = replace(JO, emails=("new@example.test",))
        customers.store_customers(conn, account.id, [moved], NOON + MINUTE)
        assert customers.by_email(conn, account.id, ["jo@example.test"]) == []
        customers.store_customers(conn, account.id, [JO], NOON)
        assert customers.by_email(conn, account.id, ["new@example.test"]) == [moved]
        assert customers.by_email(conn, account.id, ["jo@example.test"]) == []


def _claim(at: int = 0) -> Claim:
    return Claim("jo@example.test", JO.guid, "WEB-1", "open", NOON + at * MINUTE)


def test_only_the_first_may_create(db: Database) -> None:
    """A claim is the first caller's; a second one is told who has it, until it is stale."""
    account, _ = opened(db)
    with db.write() as conn:
        assert customers.claim(conn, account.id, _claim(), NOON - MINUTE) == (_claim(), True)
        assert customers.claim(conn, account.id, _claim(1), NOON - MINUTE) == (_claim(), False)
        assert customers.claim(conn, account.id, _claim(3), NOON + 2 * MINUTE) == (_claim(3), True)


def test_a_settled_claim_says_who_it_is_and_is_nobodys(db: Database) -> None:
    """Once created, or found to be there, the claim names the customer for good."""
    account, _ = opened(db)
    with db.write() as conn:
        customers.claim(conn, account.id, _claim(), NOON - MINUTE)
        customers.settle_claim(conn, account.id, "jo@example.test", "other", "JO", "adopted", NOON)
        found, ours = customers.claim(conn, account.id, _claim(9), NOON + 8 * MINUTE)
    assert (found.guid, found.code, found.state, ours) == ("other", "JO", "adopted", False)


def test_a_claim_from_the_future_is_stale(db: Database) -> None:
    """A process whose clock ran ahead does not keep a claim for ever."""
    account, _ = opened(db)
    with db.write() as conn:
        customers.claim(conn, account.id, _claim(60), NOON)
        assert customers.claim(conn, account.id, _claim(), NOON - MINUTE)[1]


def test_links_are_kept_found_and_forgotten(db: Database) -> None:
    """A link comes back as it was kept; ambiguous ones are listed; one that is unset is gone."""
    _, store = opened(db)
    sure = CustomerLink("5", JO.guid, "email", NOON)
    unclear = CustomerLink(guest_ref(" Jo@Example.test"), None, "none", NOON, "Two have it.", ("A", "B"))
    with db.write() as conn:
        customer_links.save_links(conn, store.id, [sure, unclear])
        assert customer_links.links_of(conn, store.id, ["5", "6"]) == {"5": sure}
        assert customer_links.ambiguous(conn, store.id) == [unclear]
        assert customer_links.every_link(conn, store.id) == [sure, unclear]
        assert customer_links.every_link(conn, store.id, after="5") == [unclear]
        assert customer_links.count_ambiguous(conn, store.id) == 1
        assert customer_links.unset(conn, store.id, unclear.ref)
        assert not customer_links.unset(conn, store.id, unclear.ref)
    assert unclear.ref == "guest:jo@example.test"


def test_who_is_not_linked_is_decided_anew(db: Database) -> None:
    """Customers without a link, or with an open one, are handed out; those a person set are not."""
    _, store = opened(db)
    people = [StoreCustomer(ref, (f"{ref}@example.test",), "Name", "CODE") for ref in ("1", "2", "3", "4")]
    with db.write() as conn:
        customer_links.save_store_customers(conn, store.id, people, NOON)
        links = [
            CustomerLink("1", JO.guid, "email", NOON),
            CustomerLink("2", None, "none", NOON, "unclear", ("A",)),
            CustomerLink("3", None, "set", NOON),
        ]
        customer_links.save_links(conn, store.id, links)
        assert customer_links.unlinked(conn, store.id) == [people[1], people[3]]
        assert customer_links.unlinked(conn, store.id, after="2") == [people[3]]

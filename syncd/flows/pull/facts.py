"""What Unleashed says of the account itself: company, currency, warehouses, price tiers."""

from __future__ import annotations

from datetime import timedelta

from syncd.clock import Clock
from syncd.core.model import ALL_WAREHOUSES, AccountFacts
from syncd.flows.pull.records import Pull
from syncd.state import accounts
from syncd.state.db import Database
from syncd.state.records import AccountRow
from syncd.unleashed import account as remote
from syncd.unleashed import products
from syncd.unleashed.client import Unleashed

KEPT = timedelta(days=3)
"""How long the account's own facts are believed where no tidy job asks again every day."""


def refresh_facts(pull: Pull) -> AccountFacts:
    """Return the account's own facts, from the database if they are fresh."""
    kept, at = accounts.account_facts(pull.account), pull.account.facts_at
    if kept is not None and at is not None and abs(pull.clock.now() - at) < KEPT:
        return kept
    return read_facts(pull.db, pull.account, pull.client, pull.clock)


def read_facts(db: Database, account: AccountRow, client: Unleashed, clock: Clock) -> AccountFacts:
    """Ask Unleashed for the account's own facts (company, currency, warehouses) and keep them."""
    now = clock.now()
    facts = remote.account_facts(client)
    with db.write() as conn:
        accounts.save_account_facts(conn, account.id, facts, now)
    return facts


def known_warehouses(pull: Pull) -> tuple[list[str], list[str]]:
    """Return the warehouses that Unleashed has, and a sentence for each that it does not have.

    A code that it does not know is not an error to it but a list without rows.
    """
    there = _codes(refresh_facts(pull))
    if any(warehouse.strip().casefold() not in there for warehouse in pull.warehouses):
        there = _codes(read_facts(pull.db, pull.account, pull.client, pull.clock))
    known = [warehouse for warehouse in pull.warehouses if warehouse.strip().casefold() in there]
    said = [
        f"Unleashed has no warehouse {warehouse}, so no stock is written where it counts. Correct it in "
        "the configuration."
        for warehouse in pull.warehouses
        if warehouse not in known
    ]
    return known, said


def _codes(facts: AccountFacts) -> set[str]:
    return {ALL_WAREHOUSES, *(warehouse.code.strip().casefold() for warehouse in facts.warehouses)}


def price_tiers(client: Unleashed) -> list[tuple[int, str]] | None:
    """Return the numbers and names of the sell price tiers, None if there is no product to read them from.

    One call: every product carries all tiers with their account-wide names (reference unleashed.md, 4.3).
    """
    first = products.first_product(client)
    return None if first is None else [(tier.number, tier.name) for tier in first.tiers]

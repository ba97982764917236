"""What a shop says of itself, and whether it still is the shop that the database knows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from syncd.clock import Clock
from syncd.core.model import StoreFacts
from syncd.errors import IdentityChanged
from syncd.state import accounts
from syncd.state.db import Database
from syncd.state.records import StoreRow
from syncd.stores.base import Store

KEPT = timedelta(days=3)
"""How long what the shop says of itself is believed where no tidy job asks again every day."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store is reached, and the identity that the configuration gives it ("" = its own)."""

    address: str = ""
    identity: str = ""


def known_facts(db: Database, row: StoreRow, store: Store, place: Place, clock: Clock) -> StoreFacts:
    """Return what the shop says of itself, from the database if it is fresh and of this address."""
    kept, now = accounts.store_facts(row), clock.now()
    fresh = row.facts_at is not None and abs(now - row.facts_at) < KEPT
    if kept is not None and fresh and kept.address == place.address and row.identity == kept.identity:
        return kept
    return asked_facts(db, row, store, place, clock)


def asked_facts(db: Database, row: StoreRow, store: Store, place: Place, clock: Clock) -> StoreFacts:
    """Ask the shop what it is, and keep it. The first answer fixes its identity.

    Another one raises IdentityChanged, now and in every run until a person has confirmed or corrected it.
    """
    facts = read_store_facts(store, place)
    try:
        require_identity(row, facts)
    except IdentityChanged:
        with db.write() as conn:
            accounts.doubt_store_facts(conn, row.id)
        raise
    with db.write() as conn:
        accounts.save_store_facts(conn, row.id, facts, clock.now())
        if row.identity is None:
            accounts.set_identity(conn, row.id, facts.identity)
    return facts


def read_store_facts(store: Store, place: Place) -> StoreFacts:
    """Ask the shop what it is. A configured identity takes the place of the one it gives itself."""
    facts = store.check()
    identity = f"{store.name}:{place.identity}" if place.identity else facts.identity
    return replace(facts, identity=identity, address=place.address)


def require_identity(row: StoreRow, facts: StoreFacts) -> None:
    """Raise IdentityChanged if the database knows this store as another shop."""
    if row.identity is None or row.identity == facts.identity:
        return
    raise IdentityChanged(
        f"The store {row.name} was {row.identity} until now; its address answers as {facts.identity}.",
        f"If the shop has moved, run `syncd check --accept-identity {row.name}`; if not, correct base_url.",
    )

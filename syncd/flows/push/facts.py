"""What the shop says of itself, as a push asks for it."""

from __future__ import annotations

from syncd.core.model import StoreFacts
from syncd.flows.identity import asked_facts, known_facts, read_store_facts, require_identity
from syncd.flows.push.records import Push

__all__ = ["read_store_facts", "renew_facts", "require_identity", "store_facts"]


def store_facts(push: Push) -> StoreFacts:
    """Return what the shop says of itself, from the database if it is fresh and of this address."""
    return known_facts(push.db, push.store_row, push.store, push.place, push.clock)


def renew_facts(push: Push) -> StoreFacts:
    """Ask the shop what it is, and keep it. Raises IdentityChanged as `flows.identity.asked_facts` does."""
    return asked_facts(push.db, push.store_row, push.store, push.place, push.clock)

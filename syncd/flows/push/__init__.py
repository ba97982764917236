"""Bring one store up to date with the mirror: look, decide, write, and remember each outcome."""

from __future__ import annotations

from syncd.flows.push.due import push_due, push_some
from syncd.flows.push.facts import read_store_facts, renew_facts, require_identity
from syncd.flows.push.records import Item, Mode, Place, Push

__all__ = [
    "Item",
    "Mode",
    "Place",
    "Push",
    "push_due",
    "push_some",
    "read_store_facts",
    "renew_facts",
    "require_identity",
]

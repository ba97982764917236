"""Bring one store up to date with the mirror: look, decide, write, and remember each outcome."""

from __future__ import annotations

from syncd.flows.identity import Place
from syncd.flows.push.due import push_due, push_some
from syncd.flows.push.edits import note_edits, wrong_fields
from syncd.flows.push.facts import read_store_facts, renew_facts, require_identity, store_facts
from syncd.flows.push.records import Item, Mode, Push
from syncd.flows.push.rotation import look_at_oldest, looked_at

__all__ = [
    "Item",
    "Mode",
    "Place",
    "Push",
    "look_at_oldest",
    "looked_at",
    "note_edits",
    "push_due",
    "push_some",
    "read_store_facts",
    "renew_facts",
    "require_identity",
    "store_facts",
    "wrong_fields",
]

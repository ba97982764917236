"""Look at the listings nobody has looked at for longest, so that what was edited in the store is found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncd.core.model import StoreFacts
from syncd.flows.push.brake import Brake
from syncd.flows.push.canary import watch_canary
from syncd.flows.push.due import look_at, sieved
from syncd.flows.push.edits import note_edits, wrong_fields
from syncd.flows.push.facts import store_facts
from syncd.flows.push.records import Batch, Push
from syncd.flows.push.send import carry_out
from syncd.flows.push.standing import open_brake
from syncd.state import links, rotation
from syncd.state.db import chunks

TOGETHER = 500
"""Listings that are looked at before the differences among them are written."""


def look_at_oldest(push: Push, calls: int, before: datetime | None = None) -> None:
    """Look at the linked listings that were looked at longest ago, about so many look calls' worth of them.

    What differs in a field that flows is written like anything else: the brake judges it, shadow only
    remembers, a dry run only tells. What was changed in the store is recorded as a ghost. Those that were
    looked at since `before` are left out. Raises RemoteError; what was confirmed until then is remembered.
    """
    number = calls * push.store.traits.look_batch
    with push.db.read() as conn:
        oldest = rotation.oldest_looked_at(conn, push.store_row.id, number, before)
    if not oldest:
        return
    facts, brake = store_facts(push), open_brake(push)
    watch_canary(push)
    for some in chunks(oldest, TOGETHER):
        _put_right(push, brake, looked_at(push, facts, some))
        push.beat()


def looked_at(push: Push, facts: StoreFacts, guids: Sequence[str]) -> Batch:
    """Return these products with the records that the store shows for them, and a plan for each."""
    with push.db.read() as conn:
        known = links.mirrored_for(conn, push.store_row, guids)
    return look_at(push, [known[guid] for guid in guids if guid in known], facts)


def _put_right(push: Push, brake: Brake, batch: Batch) -> None:
    if push.mode == "live":
        note_edits(push, wrong_fields(push, batch), "rotation")
    carry_out(push, sieved(push, brake, batch, whole=True))

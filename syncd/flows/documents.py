"""What an event makes of an order on its way: the steps of the core in the outbox's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from syncd.core.order_state import Event, State, after
from syncd.state import outbox
from syncd.state.db import Connection
from syncd.state.outbox import Document

STATES: Mapping[outbox.State, State] = {
    "waiting": State.WAITING,
    "sent": State.SENT,
    "posted": State.POSTED,
    "parked": State.PARKED,
    "due": State.DUE_AGAIN,
    "given_up": State.GIVEN_UP,
    "skipped": State.SKIPPED,
    "filtered": State.FILTERED,
}
WORDS: Mapping[State, outbox.State] = {state: word for word, state in STATES.items()}

CANCELLED = "cancelled"
"""The cause of a document that was skipped because the store called it off."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A document after an event: what its time line says, and whether a person is told at once."""

    document: Document
    event: Event
    detail: str = ""
    alert: bool = False


def moved(document: Document, event: Event, now: datetime, detail: str = "") -> Moved:
    """Return the document where the event leads it. Raises IllegalStep where it cannot happen.

    A new state forgets why and how long it waited in the old one. Where the core wants it planned anew, its
    payload is forgotten and its tries begin again; one that was tried before is then looked for first.
    """
    step = after(STATES[document.state], event)
    state = WORDS[step.state]
    found = document
    if state != document.state:
        found = replace(found, state=state, state_at=now, due_at=None, cause="", reason="", do="")
    if step.replan:
        found = _unplanned(found)
    return Moved(found, event, detail or step.note, step.alert)


def _unplanned(document: Document) -> Document:
    return replace(
        document,
        payload=None,
        payload_hash="",
        due_at=None,
        attempts=0,
        first_try_at=None,
        changed_at=None,
        seen_by=document.seen_by if document.attempts == 0 else "",
    )


def keep(conn: Connection, step: Moved, now: datetime, run_id: int | None) -> None:
    """Keep a document after an event, and the line in its time line."""
    outbox.save(conn, [step.document])
    outbox.note(conn, step.document, step.event, step.detail, now, run_id)

"""What a person decides about documents: try again, leave alone, settled; all within the state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from shlex import quote
from typing import Literal

from syncd.core.order_state import IllegalStep
from syncd.errors import Stopped
from syncd.flows.documents import STATES, keep, moved
from syncd.state import demand, outbox
from syncd.state.db import Connection, Database
from syncd.state.outbox import Document
from syncd.state.records import StoreRow

SKIPPED = "skipped by a person"
"""The cause of a document that a person decided to leave alone."""

STUCK: tuple[outbox.State, ...] = ("parked", "given_up", "due")
"""What `retry --all` tries again."""

Outcome = Literal["retried", "skipped", "settled", "imported", "known", "refused", "not_found"]


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a person's wish about one document. `reason` and `do` say why it was refused."""

    word: str
    outcome: Outcome
    document: Document | None = None
    reason: str = ""
    do: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides about the documents of which store: the run it is recorded under, and the time."""

    db: Database
    store: StoreRow
    run_id: int | None
    now: datetime


Work = Callable[[Connection, Decision, Document], Decided]
"""What is done with one document, within a transaction."""


def find(conn: Connection, store: StoreRow, word: str) -> Document:
    """Return the one document that a person means: by identity, number, or Unleashed's order number.

    An order comes before the refunds that bear its number. Raises Stopped if there is none, or several.
    """
    found = outbox.named(conn, store.id, word)
    same = [each for each in found if each.doc == word] or found
    meant = [each for each in same if each.kind == "order"] or same
    if len(meant) == 1:
        return meant[0]
    if not meant:
        do = f"See `syncd orders list`; `syncd orders import {quote(word)}` reads it from the store."
        raise Stopped(f"Store {store.name} has no order {word} in the outbox.", do)
    ids = ", ".join(each.doc for each in meant)
    raise Stopped(
        f"Several documents of store {store.name} are called {word}.", f"Name one by its id: {ids}."
    )


def retry(decision: Decision, words: Sequence[str]) -> list[Decided]:
    """Put these documents back into the queue, due now; their tries begin again."""
    return [_decided(decision, word, _retried) for word in words]


def retry_all(decision: Decision, cause: str | None) -> list[Decided]:
    """Put everything that is parked, given up or due later back into the queue, or what has this cause.

    The beginning of a cause is enough.
    A refund that waits for a person stays: trying again would not book it.
    """
    done: list[Decided] = []
    with decision.db.read() as conn:
        stuck = [each for state in STUCK for each in _every(conn, decision.store.id, state)]
    for document in stuck:
        meant = document.cause.startswith(cause) if cause is not None else document.cause != "refund"
        if meant:
            done.append(_decided(decision, document.doc, _retried, document))
    return done


def skip(decision: Decision, word: str, reason: str) -> Decided:
    """Leave a document alone for good, for this reason. Of a posted one: what was wrong with it is settled.

    What it took from the shelf stays taken until Unleashed's stock is read again: a person who leaves it
    alone may have posted it by hand.
    """

    def work(conn: Connection, decision: Decision, document: Document) -> Decided:
        if document.state == "posted" and document.reason:
            return _settled(conn, decision, document, reason)
        step = moved(document, "skip", decision.now, reason)
        after = replace(step.document, cause=SKIPPED, reason=reason)
        keep(conn, replace(step, document=after), decision.now, decision.run_id)
        if after.kind == "order":
            demand.note_posted(conn, after.store_id, after.doc, decision.now)
        return Decided(word, "skipped", after)

    return _decided(decision, word, work)


def _retried(conn: Connection, decision: Decision, document: Document) -> Decided:
    step = moved(document, "retry", decision.now)
    after = replace(step.document, due_at=decision.now, first_try_at=None, reason="", cause="", do="")
    keep(conn, replace(step, document=after), decision.now, decision.run_id)
    return Decided(document.doc, "retried", after)


def _settled(conn: Connection, decision: Decision, document: Document, reason: str) -> Decided:
    if document.due_at is not None:
        what = f"Order {document.number} is still to be completed by itself."
        return Decided(document.doc, "refused", document, what, "Wait for the next run.")
    after = replace(document, cause="", reason="", do="")
    outbox.save(conn, [after])
    outbox.note(conn, after, "settled by a person", reason, decision.now, decision.run_id)
    return Decided(document.doc, "settled", after)


def _decided(decision: Decision, word: str, work: Work, known: Document | None = None) -> Decided:
    """Do it in one transaction; say in a sentence why it cannot be done."""
    with decision.db.write() as conn:
        try:
            document = outbox.locked(conn, known or find(conn, decision.store, word))
            return replace(work(conn, decision, document), word=word)
        except Stopped as nothing:
            return Decided(word, "not_found", None, nothing.what, nothing.do)
        except IllegalStep:
            state = str(STATES[document.state]).lower()
            what = f"{document.kind.capitalize()} {document.number or document.doc} is {state}."
            return Decided(word, "refused", document, what, f"See `syncd orders show {quote(document.doc)}`.")


def _every(conn: Connection, store_id: int, state: outbox.State) -> list[Document]:
    return outbox.in_states(conn, store_id, (state,), limit=100_000)

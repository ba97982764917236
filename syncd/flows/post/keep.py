"""Keep what became of a document, each outcome in one transaction with its demand and its time line."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from syncd.core.certificate import Sums, difference
from syncd.core.order_rules import Verdict
from syncd.core.order_state import Event, settled
from syncd.core.sale import Parked
from syncd.flows.documents import CANCELLED, Moved, keep, moved
from syncd.flows.post.records import Post, Shop
from syncd.state import demand, outbox
from syncd.state.db import Connection
from syncd.state.outbox import Document
from syncd.state.records import Counts

log = structlog.get_logger()

LOOK_AFTER = timedelta(minutes=2)
"""How long after an attempt without an answer it is looked for: a new record can be unseen for a moment."""

COMPLETING = "completing"
"""The cause of a posted order that is still to be completed."""


class Overtaken(Exception):
    """The document was changed while it was being planned: it is planned anew when it is next due."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What Unleashed has of a document: its identity there, status and totals; `adopted`: found by a look."""

    guid: str
    number: str
    status: str
    sums: Sums
    customer_code: str = ""
    adopted: bool = False


@dataclass(frozen=True, slots=True)
class Sending:
    """What is about to be sent: the payload, who it will be in Unleashed, and the lines' products."""

    payload: bytes
    guid: str
    number: str
    sums: Sums
    warehouse: str = ""
    products: Mapping[str, str] | None = None


def unchanged(conn: Connection, document: Document) -> Document:
    """Return the document, kept from everybody else. Raises Overtaken if it is not what it was."""
    if outbox.locked(conn, document) != document:
        raise Overtaken
    return document


def note_sending(post: Post, shop: Shop, document: Document, sending: Sending) -> Document:
    """Keep payload and state before the first byte leaves: from now on it may be in Unleashed.

    Raises Overtaken if the store or a person changed the document meanwhile.
    """
    now, row = post.clock.now(), shop.row
    after = replace(
        moved(document, "sending", now).document,
        payload=sending.payload.decode(),
        payload_hash=hashlib.sha256(sending.payload).hexdigest(),
        guid=sending.guid,
        order_number=sending.number,
        attempts=document.attempts + 1,
        first_try_at=document.first_try_at or now,
        due_at=now + LOOK_AFTER,
        found={"sent": sending.sums.told(), "warehouse": sending.warehouse},
    )
    with post.db.write() as conn:
        unchanged(conn, document)
        outbox.save(conn, [after])
        outbox.note(conn, after, "sending", f"attempt {after.attempts}", now, post.run_id)
        if sending.products is not None:
            demand.resolve(conn, row.id, row.account_id, document.doc, sending.products)
    return after


def take_back(post: Post, before: Document, sent: Document) -> None:
    """Keep that nothing was sent after all: it stands where it stood before, its payload ready.

    Where the store changed it meanwhile it stays as sent, to be looked for: then that is taken up too.
    """
    with post.db.write() as conn:
        if outbox.locked(conn, sent) != sent:
            return
        after = replace(
            sent,
            state=before.state,
            state_at=before.state_at,
            attempts=before.attempts,
            first_try_at=before.first_try_at,
            due_at=before.due_at,
        )
        outbox.save(conn, [after])
        outbox.note(conn, after, "not sent", "", post.clock.now(), post.run_id)


def note_confirmed(post: Post, shop: Shop, document: Document, found: Confirmed, sent: Sums) -> Document:
    """Keep the certificate: what was sent and found, whether equal to the cent; stock read later shows it.

    Raises Overtaken if it was found by a look, and the document is another by now.
    """
    now = post.clock.now()
    with post.db.write() as conn:
        fresh = outbox.locked(conn, document) if document.state == "sent" else unchanged(conn, document)
        step = _confirmed(shop, fresh, found, sent, now)
        keep(conn, step, now, post.run_id)
        if document.kind == "order":
            warehouse = str(fresh.found.get("warehouse", ""))
            demand.note_posted(conn, document.store_id, document.doc, now, warehouse)
        after = _what_the_store_did_meanwhile(conn, post, fresh, step.document, now)
    post.tally.add(Counts(created=0 if found.adopted else 1, unchanged=1 if found.adopted else 0))
    log.info("order.posted", store=shop.row.name, order=document.number, number=found.number)
    return after


def _confirmed(shop: Shop, document: Document, found: Confirmed, sent: Sums, now: datetime) -> Moved:
    differs = difference(sent, found.sums)
    how = "found in Unleashed" if found.adopted else "confirmed"
    detail = f"{how} as {found.number}, {found.status}" + (f"; {differs}" if differs else "")
    step = moved(document, "differs" if differs else "confirmed", now, detail)
    after = replace(
        step.document,
        guid=found.guid,
        order_number=found.number,
        posted_at=now,
        found={**document.found, **_certificate(found, sent)},
    )
    if differs:
        after = _differing(after, found, differs)
    elif document.kind == "order" and shop.complete and found.status != "Completed":
        after = replace(after, cause=COMPLETING, due_at=now)
    return replace(step, document=after)


def _certificate(found: Confirmed, sent: Sums) -> dict[str, Any]:
    return {
        "guid": found.guid,
        "number": found.number,
        "status": found.status,
        "customer": found.customer_code,
        "how": "found" if found.adopted else "posted",
        "sent": sent.told(),
        "found": found.sums.told(),
    }


def _differing(document: Document, found: Confirmed, differs: str) -> Document:
    what = f"{document.kind.capitalize()} {document.number}"
    return replace(
        document,
        cause="totals differ",
        reason=f"{what} is in Unleashed as {found.number} with {differs}.",
        do=f"Compare both and correct {found.number} in Unleashed; it is left as it is.",
    )


def _what_the_store_did_meanwhile(
    conn: Connection, post: Post, before: Document, after: Document, now: datetime
) -> Document:
    """Take up what was put off while the answer was open: called off, or edited."""
    changed = before.changed_at is not None
    verdict = Verdict(before.judged or "wanted")  # type: ignore[arg-type]
    for event in settled(True, verdict, changed)[1:]:
        step = moved(after, event, now)
        what = "edited" if event == "edited" else "called off"
        number = after.order_number
        after = replace(
            step.document,
            changed_at=now,
            cause=f"{event} after posting",
            reason=f"Order {after.number} was {what} in the store while it was posted as {number}.",
            do="Look at both and put the sales order in Unleashed right by hand; it is left as it is.",
        )
        keep(conn, replace(step, document=after), now, post.run_id)
    return after


def note_absent(post: Post, document: Document) -> Document:
    """Keep that Unleashed does not have what was sent; what the store did meanwhile comes after it."""
    now = post.clock.now()
    with post.db.write() as conn:
        after = outbox.locked(conn, document)
        verdict = Verdict(after.judged or "wanted")  # type: ignore[arg-type]
        for event in settled(False, verdict, after.changed_at is not None):
            step = moved(after, event, now)
            after = step.document
            if after.state in ("skipped", "filtered"):
                cause = CANCELLED if after.state == "skipped" else "not yet"
                after = replace(after, cause=cause, payload=None, payload_hash="")
                if after.state == "skipped":
                    demand.release_order(conn, after.store_id, post.account.id, after.doc)
            keep(conn, replace(step, document=after), now, post.run_id)
    return after


def note_parked(
    post: Post, document: Document, parked: Parked, cause: str, event: Event = "refused"
) -> Document:
    """Keep that a person must help: the reason, what to do, and what groups it with others.

    Raises Overtaken if what could not be posted was never sent, and is another by now.
    """
    now = post.clock.now()
    with post.db.write() as conn:
        fresh = outbox.locked(conn, document) if document.state == "sent" else unchanged(conn, document)
        step = moved(fresh, event, now, parked.reason)
        after = replace(step.document, cause=cause, reason=parked.reason, do=parked.do)
        keep(conn, replace(step, document=after), now, post.run_id)
    post.tally.add(Counts(parked=1))
    log.warning("order.parked", account=post.account.name, order=document.number, cause=cause)
    return after


def note_filtered(post: Post, document: Document, verdict: Verdict) -> Document:
    """Keep that the configuration does not want the order after all. Raises Overtaken as above."""
    now = post.clock.now()
    with post.db.write() as conn:
        step = moved(unchanged(conn, document), verdict.judgement, now, verdict.reason)
        after = replace(step.document, cause=verdict.judgement, reason=verdict.reason)
        keep(conn, replace(step, document=after), now, post.run_id)
    return after


def put_off(post: Post, document: Document) -> Document:
    """Have a document tried again in a moment: what it waits for is on its way itself."""
    with post.db.write() as conn:
        after = replace(outbox.locked(conn, document), due_at=post.clock.now() + LOOK_AFTER)
        outbox.save(conn, [after])
    return after

"""What becomes of each document that a store shows: new, changed, called off, of no concern, unreadable."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from syncd.core.order import BadOrder, StoreOrder
from syncd.core.order_rules import Judgement, Verdict
from syncd.core.order_state import Event, fingerprint, seen
from syncd.flows.documents import CANCELLED, STATES, Moved, moved
from syncd.state.outbox import Document, State
from syncd.state.received import packed

UNREADABLE = "unreadable"
"""The cause of a document that could not be read."""

_FIRST: Mapping[Judgement, tuple[State, str]] = {
    "wanted": ("waiting", ""),
    "not yet": ("filtered", "not yet"),
    "too old": ("filtered", "too old"),
    "cancelled": ("skipped", CANCELLED),
}
_AFTER_POSTING: Mapping[Event, str] = {
    "cancelled": "was called off in the store",
    "not yet": "no longer counts in the store",
    "edited": "was changed in the store",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A document as it is kept from now on, and the line of its time line ("" for none)."""

    document: Document
    event: str = ""
    detail: str = ""
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """What is kept of an order beside the JSON received: our own record of it, and its fingerprint."""

    packed: str
    hash: str


def content_of(order: StoreOrder) -> Content:
    """Return what is kept of an order. Takes its time, so it is made before a transaction begins."""
    return Content(packed(order), fingerprint(order))


def new_order(
    order: StoreOrder,
    verdict: Verdict,
    store_id: int,
    watched_by: str,
    now: datetime,
    content: Content | None = None,
) -> Seen:
    """Return the document of an order that was never seen before."""
    content = content or content_of(order)
    state, cause = _FIRST[verdict.judgement]
    document = Document(
        store_id=store_id,
        kind="order",
        doc=order.id,
        state=state,
        state_at=now,
        created=order.created,
        received_at=now,
        content_hash=content.hash,
        raw=order.raw,
        seen_by=watched_by,
        cause=cause,
        reason=verdict.reason,
    )
    return Seen(_as_shown(document, order, verdict, content), "received", verdict.reason or order.status)


def known_order(
    order: StoreOrder, verdict: Verdict, known: Document, now: datetime, content: Content | None = None
) -> Seen | None:
    """Return what an order that was seen before becomes; None if it is as it was."""
    content = content or content_of(order)
    changed = known.content_hash != content.hash
    event = _event(known, verdict, changed)
    if event is None:
        return _refreshed(order, verdict, known, content)
    step = moved(known, event, now, verdict.reason)
    document = _as_shown(step.document, order, verdict, content)
    if document.state in ("filtered", "skipped") and document.state != known.state:
        document = replace(document, cause=_FIRST[verdict.judgement][1], reason=verdict.reason)
    if document.state in ("sent", "posted") and event in _AFTER_POSTING:
        document = _changed_late(document, step, order, now)
    return Seen(document, event, step.detail, step.alert)


def unreadable(bad: BadOrder, known: Document | None, store_id: int, now: datetime) -> Seen | None:
    """Return the document of what could not be read, for a person; None if it stands so already.

    One that was sent, posted or decided on before stays as it is: only its time line tells.
    """
    if known is not None and known.raw == bad.raw:
        return None
    what = "refund" if bad.kind == "refund" else "order"
    name = bad.id or hashlib.sha256(bad.raw.encode("utf-8", "backslashreplace")).hexdigest()[:16]
    if known is not None and known.state in ("sent", "posted", "skipped", "given_up"):
        return Seen(replace(known, raw=bad.raw), "unreadable", bad.reason, alert=True)
    before = known or Document(store_id, bad.kind, name, "parked", now, now, now, "", bad.raw, number=name)
    parked = replace(
        before,
        state="parked",
        state_at=now,
        due_at=None,
        raw=bad.raw,
        judged="",
        cause=UNREADABLE,
        reason=f"The {what} {name} cannot be read: {bad.reason}",
        do=f"Correct it in the shop, or post it by hand and run `syncd orders skip {name}`.",
    )
    return Seen(parked, "unreadable", bad.reason, alert=True)


def _event(known: Document, verdict: Verdict, changed: bool) -> Event | None:
    if known.cause == UNREADABLE and known.state == "parked":
        return "edited" if verdict.judgement == "wanted" else verdict.judgement
    skipped = known.state == "skipped" and known.cause == CANCELLED
    last: Judgement = known.judged or "not yet"  # type: ignore[assignment]
    return seen(STATES[known.state], skipped, last, verdict, changed)


def _refreshed(order: StoreOrder, verdict: Verdict, known: Document, content: Content) -> Seen | None:
    fresh = _as_shown(known, order, verdict, content)
    return None if fresh == known else Seen(fresh)


def _as_shown(document: Document, order: StoreOrder, verdict: Verdict, content: Content) -> Document:
    return replace(
        document,
        number=order.number,
        modified=order.modified,
        content_hash=content.hash,
        raw=order.raw,
        content=content.packed,
        judged=verdict.judgement,
        total=order.total,
        currency=order.currency,
    )


def _changed_late(document: Document, step: Moved, order: StoreOrder, now: datetime) -> Document:
    """Note a change of what is in Unleashed already, or may be: it is shown, and never overwritten."""
    document = replace(document, changed_at=now)
    if document.state == "sent":
        return document
    what = _AFTER_POSTING[step.event]
    return replace(
        document,
        cause=f"{step.event} after posting",
        reason=f"Order {order.number} {what} after it was posted as {document.order_number}.",
        do="Look at both and put the sales order in Unleashed right by hand; it is left as it is.",
    )

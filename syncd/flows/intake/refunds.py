"""What becomes of a refund that a store shows: a credit note to be posted, or a task for a person."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

from syncd.core.money import plain
from syncd.core.order import StoreRefund
from syncd.flows.intake.decide import Seen
from syncd.state.outbox import Document, State
from syncd.state.received import packed

REFUND = "refund"
"""The cause of a refund that a person books in Unleashed."""


def new_refund(
    refund: StoreRefund,
    order: Document | None,
    store_id: int,
    how: Literal["task", "credit"],
    watched_by: str,
    now: datetime,
) -> Seen:
    """Return the document of a refund. `order` is the document it belongs to, if that was taken in.

    One of an order that is none of ours (too old, skipped) concerns nobody here.
    """
    state, cause, reason, do = _fate(refund, order, how)
    content = packed(refund)
    document = Document(
        store_id=store_id,
        kind="refund",
        doc=refund.id,
        state=state,
        state_at=now,
        created=refund.created,
        received_at=now,
        content_hash=hashlib.sha256(content.encode()).hexdigest(),
        raw=refund.raw,
        number=order.number if order is not None else refund.order_id,
        parent=refund.order_id,
        seen_by=watched_by,
        total=refund.amount,
        currency=order.currency if order is not None else "",
        cause=cause,
        reason=reason,
        do=do,
        content=content,
        judged="wanted",
    )
    return Seen(document, "received", reason, alert=state == "parked")


def _fate(
    refund: StoreRefund, order: Document | None, how: Literal["task", "credit"]
) -> tuple[State, str, str, str]:
    if order is not None and order.state in ("filtered", "skipped"):
        return "filtered", "order not posted", f"its order is {order.state}", ""
    if how == "credit":
        return "waiting", "", "", ""
    return "parked", REFUND, *task(refund, order)


def task(refund: StoreRefund, order: Document | None) -> tuple[str, str]:
    """Return what a person is told of a refund, and what to do: order number, amount, what came back."""
    currency = f" {order.currency}" if order is not None and order.currency else ""
    number = order.number if order is not None else refund.order_id
    lines = ", ".join(f"{plain(line.quantity)} × {line.code or line.name}" for line in refund.lines)
    what = f"{plain(refund.amount)}{currency} of order {number} were refunded in the store"
    posted = f" in Unleashed ({order.order_number})" if order is not None and order.order_number else ""
    return (
        f"{what}{f': {lines}' if lines else ', without naming lines'}.",
        f"Write the credit note{posted} by hand, then run `syncd orders skip {refund.id}`.",
    )

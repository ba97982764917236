"""One refund on its way: a free-entry credit note where its lines say all, else a task for a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec

from syncd.core.aftersale import Credit, CreditFound
from syncd.core.certificate import Sums
from syncd.core.credit_plan import PostedLine, PostedOrder, plan_credit
from syncd.core.sale import Parked
from syncd.errors import LeaseLost, OutcomeUnknown, RemoteError, RequestRefused
from syncd.flows.post.keep import (
    Confirmed,
    Sending,
    note_absent,
    note_confirmed,
    note_parked,
    note_sending,
    put_off,
    take_back,
)
from syncd.flows.post.records import Post, Shop
from syncd.state import outbox
from syncd.state.outbox import Document
from syncd.state.received import order_in, refund_in
from syncd.unleashed.credits import credits_like, payload, post_credit

REFUND = "refund"

BEFORE = timedelta(days=1)
"""So much before the refund was made the look for its credit note begins, whatever the clocks say."""


def post_refund(post: Post, shop: Shop, document: Document) -> Document:
    """Write the credit note of a refund, or leave it to a person. Raises what the calls raise."""
    with post.db.read() as conn:
        order = outbox.document(conn, shop.row.id, "order", document.parent)
    posted = _posted(order)
    if order is None or posted is None:
        return _without_order(post, document, order)
    credit = plan_credit(refund_in(document.content), order_in(order.content), posted, shop.names)
    if isinstance(credit, Parked):
        return note_parked(post, document, credit, REFUND)
    if document.attempts or document.seen_by != post.holder:
        found = credits_like(post.client, credit.guid, credit.reference, document.created - BEFORE)
        if found:
            return note_confirmed(post, shop, document, _confirmed(found[0], adopted=True), _sums(credit))
        if document.state == "sent":
            document = note_absent(post, document)
            if document.state != "due":
                return document
    return _send(post, shop, document, credit)


def _without_order(post: Post, document: Document, order: Document | None) -> Document:
    """Wait for the order while it is on its way; what never gets there leaves its refund to a person."""
    if order is not None and order.state in outbox.OPEN:
        return put_off(post, document)
    state = order.state if order is not None else "not known"
    what = f"A refund of order {document.number} has no order in Unleashed to belong to: that is {state}"
    if order is not None and order.state == "posted":
        what = f"What order {document.number} was posted as is not known here any more"
    do = f"Write the credit note by hand, then run `syncd orders skip {document.doc}`."
    return note_parked(post, document, Parked(f"{what}.", do), REFUND)


def _posted(order: Document | None) -> PostedOrder | None:
    """Return what the order was posted as, from its own payload; None if there is none."""
    if order is None or order.state != "posted" or not order.payload:
        return None
    sent: Mapping[str, Any] = msgspec.json.decode(order.payload)
    return PostedOrder(
        number=order.order_number,
        customer_guid=str(sent["Customer"].get("Guid", "")),
        customer_code=str(sent["Customer"].get("CustomerCode", "")),
        tax_code=str(sent["Tax"]["TaxCode"]),
        lines={str(line["Guid"]): _line(line) for line in sent["SalesOrderLines"]},
        warehouse=str(sent.get("Warehouse", {}).get("WarehouseCode", "")),
    )


def _line(line: Mapping[str, Any]) -> PostedLine:
    rate = Decimal(str(line["TaxRate"]))
    return PostedLine(str(line["Product"].get("Guid", "")), str(line["LineTaxCode"]), rate)


def _send(post: Post, shop: Shop, document: Document, credit: Credit) -> Document:
    sending = Sending(payload(credit), credit.guid, credit.number, _sums(credit), credit.warehouse or "")
    sent = note_sending(post, shop, document, sending)
    try:
        found = post_credit(post.client, sending.payload)
    except (OutcomeUnknown, LeaseLost):
        raise
    except RequestRefused as refused:
        do = f"Write the credit note by hand, then run `syncd orders skip {document.doc}`."
        return note_parked(post, sent, Parked(refused.what, do), REFUND)
    except RemoteError:
        take_back(post, document, sent)
        raise
    return note_confirmed(post, shop, sent, _confirmed(found), _sums(credit))


def _sums(credit: Credit) -> Sums:
    return Sums(credit.sub_total, credit.tax_total, credit.total, len(credit.lines))


def _confirmed(found: CreditFound, *, adopted: bool = False) -> Confirmed:
    sums = Sums(found.sub_total, found.tax_total, found.total, found.lines)
    return Confirmed(found.guid, found.number, found.status, sums, found.customer_code, adopted)

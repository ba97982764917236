"""One order on its way: looked for where it may be there already, planned, sent once, proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from syncd.core.certificate import Sums
from syncd.core.currency import unit
from syncd.core.model import AccountFacts
from syncd.core.order import StoreOrder
from syncd.core.order_causes import cause_of
from syncd.core.order_plan import Books, Ready, WaitingFor, plan_order
from syncd.core.order_rules import Verdict
from syncd.core.sale import Customer, NewCustomer, Parked, Sale, SaleFound
from syncd.core.sale_identity import line_guid, order_guid, source_id
from syncd.errors import LeaseLost, OutcomeUnknown, RemoteError, RequestRefused
from syncd.flows.post.books import books, doubt_taxes, read_taxes
from syncd.flows.post.goods import create_goods, read_linked, shelf_for
from syncd.flows.post.keep import (
    Confirmed,
    Sending,
    note_absent,
    note_confirmed,
    note_filtered,
    note_parked,
    note_sending,
    take_back,
)
from syncd.flows.post.people import buyer_of, create_buyer
from syncd.flows.post.records import Post, Shop
from syncd.state.outbox import Document
from syncd.state.received import order_in
from syncd.unleashed.sales import payload, post_sale, sale_by_guid, sales_by_source_id

REFUSED = "refused by Unleashed"
"""The cause of what Unleashed said no to."""

ROUNDS = 3
"""How often an order is planned in one attempt: once, then with what was created for it."""


def post_order(post: Post, shop: Shop, document: Document) -> Document:
    """Bring one order to Unleashed, or find out what keeps it from there. Returns it as it stands then.

    One Unleashed call where customer and products are known and this process saw the order being made; 2
    looks more for every other. Raises what the calls raise, with the document kept as it stands.
    """
    order = order_in(document.content)
    if document.attempts or document.seen_by != post.holder:
        found = _look(post, shop, document)
        if found is not None:
            return _adopt(post, shop, document, order, found)
        if document.state == "sent":
            document = note_absent(post, document)
            if document.state != "due":
                return document
    if document.payload is not None:
        return _send(post, shop, document, _as_before(document, document.payload))
    planned = _planned(post, shop, document, order)
    if isinstance(planned, Parked):
        return note_parked(post, document, planned, cause_of(planned, order.id))
    if isinstance(planned, Verdict):
        return note_filtered(post, document, planned)
    return _send(post, shop, document, _first(shop, order, planned))


def _look(post: Post, shop: Shop, document: Document) -> SaleFound | None:
    """Look for the order by guid, the one it was sent under if it was, then by SourceId: at most 2 calls."""
    by_guid = sale_by_guid(post.client, document.guid or order_guid(shop.names, document.doc))
    if by_guid is not None:
        return by_guid
    found = sales_by_source_id(post.client, source_id(shop.names, document.doc))
    alive = [each for each in found if each.status != "Deleted"]
    return next(iter(alive or found), None)


def _adopt(post: Post, shop: Shop, document: Document, order: StoreOrder, found: SaleFound) -> Document:
    """Take over the sales order that is there: its totals are compared, and nothing of it is changed."""
    if found.status == "Deleted":
        reason = f"Order {order.number} was posted as {found.order_number} and deleted in Unleashed."
        do = f"If that is right, run `syncd orders skip {order.id}`; if not, restore it in Unleashed."
        return note_parked(post, document, Parked(reason, do), "deleted in Unleashed", "found deleted")
    sent = _sums_sent(document) or _sums_of(order, found)
    return note_confirmed(post, shop, document, _confirmed(found, adopted=True), sent)


def _planned(post: Post, shop: Shop, document: Document, order: StoreOrder) -> Sale | Parked | Verdict:
    """Plan the order, creating what it waits for; what is parked for its tax codes is planned anew once."""
    known = books(post, shop.names)
    customer: Customer | NewCustomer | Parked = buyer_of(post, shop, order)
    for _ in range(ROUNDS):
        shelf = shelf_for(post, shop, order)
        if read_linked(post, shelf, order.lines):
            shelf = shelf_for(post, shop, order)
        plan = plan_order(order, customer, shelf, known, shop.orders, imported=True)
        if isinstance(plan, Parked) and not post.taxes_read and "tax_codes" in plan.do + plan.reason:
            known = Books(known.account, read_taxes(post), shop.names)
            plan = plan_order(order, customer, shelf, known, shop.orders, imported=True)
        if isinstance(plan, Ready):
            return _in_own_currency(plan.sale, known.account)
        if not isinstance(plan, WaitingFor):
            return plan
        try:
            create_goods(post, plan.products)
            if plan.customer is not None:
                customer = create_buyer(post, shop, order, plan.customer)
        except RequestRefused as refused:
            return _not_created(order, refused)
    return Parked(
        f"Order {order.number} still lacks a product after it was created.",
        f"Look for its products in Unleashed, then run `syncd orders retry {order.id}`.",
    )


def _not_created(order: StoreOrder, refused: RequestRefused) -> Parked:
    return Parked(
        f"Order {order.number} needs a product or customer that cannot be created: {refused.what}",
        f"Create it in Unleashed by hand, then run `syncd orders retry {order.id}`.",
        REFUSED,
    )


def _in_own_currency(sale: Sale, account: AccountFacts) -> Sale:
    own = account.currency is not None and sale.currency == account.currency
    return replace(sale, exchange_rate=Decimal(1)) if own else sale


def _first(shop: Shop, order: StoreOrder, sale: Sale) -> Sending:
    """Return what is sent of a sale that was just planned."""
    sums = Sums(sale.sub_total, sale.tax_total, sale.total, len(sale.lines))
    products = _products(shop, order, sale)
    return Sending(payload(sale), sale.guid, sale.order_number, sums, sale.warehouse or "", products)


def _as_before(document: Document, text: str) -> Sending:
    """Return what was sent before, or was about to be: the same bytes again."""
    sums, warehouse = _sums_sent(document), str(document.found.get("warehouse", ""))
    if sums is None or document.guid is None:
        raise ValueError(f"order {document.number} has a payload without its totals")
    return Sending(text.encode(), document.guid, document.order_number, sums, warehouse)


def _send(post: Post, shop: Shop, document: Document, sending: Sending) -> Document:
    sent = note_sending(post, shop, document, sending)
    try:
        found = post_sale(post.client, sending.payload)
    except (OutcomeUnknown, LeaseLost):
        raise
    except RequestRefused as refused:
        return _refused(post, sent, refused)
    except RemoteError:
        take_back(post, document, sent)
        raise
    return note_confirmed(post, shop, sent, _confirmed(found), sending.sums)


def _products(shop: Shop, order: StoreOrder, sale: Sale) -> Mapping[str, str]:
    """Return the product of each of the order's lines, as it is posted."""
    posted = {line.guid: line.product_guid for line in sale.lines}
    goods = [line for line in order.lines if line.kind == "product"]
    guids = {line.id: line_guid(shop.names, order.id, line.id, line.kind) for line in goods}
    return {line: posted[guid] for line, guid in guids.items() if guid in posted}


def _refused(post: Post, document: Document, refused: RequestRefused) -> Document:
    doubt_taxes(post)
    do = f"Correct what Unleashed objects to, then run `syncd orders retry {document.doc}`."
    return note_parked(post, document, Parked(refused.what, do), REFUSED)


def _confirmed(found: SaleFound, *, adopted: bool = False) -> Confirmed:
    sums = Sums(found.sub_total, found.tax_total, found.total, found.lines)
    return Confirmed(found.guid, found.order_number, found.status, sums, found.customer_code, adopted)


def _sums_of(order: StoreOrder, found: SaleFound) -> Sums:
    """Return what the totals should be of an order that was posted in a life we do not remember.

    The store may state its tax with more decimals than were posted: what lies within one is as stated.
    """
    within = abs(found.tax_total - order.total_tax) < unit(order.currency)
    tax = found.tax_total if within else order.total_tax
    return Sums(order.total - tax, tax, order.total)


def _sums_sent(document: Document) -> Sums | None:
    sent = document.found.get("sent")
    if not isinstance(sent, Mapping) or document.payload is None:
        return None
    return Sums(
        Decimal(sent["sub_total"]), Decimal(sent["tax_total"]), Decimal(sent["total"]), sent.get("lines")
    )

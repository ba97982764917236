"""How orders look on the wire, field for field as WooCommerce 11.0.1 answers them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from syncd.emulator.woocommerce_orders_lines import (
    Money,
    coupon_of,
    fee_of,
    goods_of,
    money,
    shipping_of,
    tax_lines,
)
from syncd.emulator.woocommerce_orders_money import ZERO, Sums, line_tax, sums
from syncd.emulator.woocommerce_orders_records import Order, Refund
from syncd.emulator.woocommerce_shop import Shop

_ADDRESS = (
    *("first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode"),
    "country",
)
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def order_row(order: Order, shop: Shop, places: int) -> dict[str, Any]:
    """Return an order as /orders shows it; `places` is what `dp` asks for.

    Amounts are text in the order's currency, lines ex tax; times once in site time, once in UTC.
    """
    owed = sums(order, shop.settings)
    text = money(places)
    return {
        **_head(order, shop),
        **_totals(owed, text),
        "customer_id": order.customer_id,
        "order_key": f"wc_order_{_key(order)}",
        "billing": {name: order.billing.get(name, "") for name in (*_ADDRESS, "email", "phone")},
        "shipping": {name: order.shipping.get(name, "") for name in (*_ADDRESS, "phone")},
        "payment_method": order.payment_method,
        "payment_method_title": order.payment_title,
        "transaction_id": order.transaction_id,
        "customer_ip_address": "",
        "customer_user_agent": "",
        "created_via": order.created_via,
        "customer_note": order.note,
        "date_completed": _maybe(order.completed, shop.local),
        "date_paid": _maybe(order.paid, shop.local),
        "cart_hash": "",
        "number": order.number or str(order.id),
        "meta_data": [dict(each) for each in order.meta],
        "line_items": [goods_of(line, order, shop, text) for line in order.of("line_item")],
        "tax_lines": tax_lines(order.tax_ids, owed.taxes, shop, text),
        "shipping_lines": [shipping_of(line, order, shop, text) for line in order.of("shipping")],
        "fee_lines": [fee_of(line, order, shop, text) for line in order.of("fee")],
        "coupon_lines": [coupon_of(each) for each in order.coupons],
        "refunds": [_refund_note(each, order, shop, text) for each in order.refunds],
        **_tail(order, owed, shop),
        **order.wrong,
        "_links": _links(order, shop),
    }


def _head(order: Order, shop: Shop) -> dict[str, Any]:
    return {
        "id": order.id,
        "parent_id": 0,
        "status": order.status,
        "currency": order.currency,
        "version": shop.settings.version,
        "prices_include_tax": order.prices_include_tax,
        "date_created": shop.local(order.created),
        "date_modified": shop.local(order.modified),
    }


def _totals(owed: Sums, text: Money) -> dict[str, Any]:
    return {
        "discount_total": text(owed.discount_total),
        "discount_tax": text(owed.discount_tax),
        "shipping_total": text(owed.shipping_total),
        "shipping_tax": text(owed.shipping_tax),
        "cart_tax": text(owed.cart_tax),
        "total": text(owed.total),
        "total_tax": text(owed.total_tax),
    }


def _tail(order: Order, owed: Sums, shop: Shop) -> dict[str, Any]:
    pay = f"{shop.home}/checkout/order-pay/{order.id}/?pay_for_order=true&key=wc_order_{_key(order)}"
    return {
        "payment_url": pay,
        "is_editable": order.status in ("pending", "on-hold", "auto-draft"),
        "needs_payment": order.status in ("pending", "failed") and owed.total > 0,
        "needs_processing": shop.till.needs_processing(order),
        "date_created_gmt": shop.gmt(order.created),
        "date_modified_gmt": shop.gmt(order.modified),
        "date_completed_gmt": _maybe(order.completed, shop.gmt),
        "date_paid_gmt": _maybe(order.paid, shop.gmt),
        "currency_symbol": {"EUR": "&euro;", "GBP": "&pound;"}.get(order.currency, "$"),
    }


def _refund_note(refund: Refund, order: Order, shop: Shop, text: Money) -> dict[str, Any]:
    tax = sum(
        (line_tax(each, order, shop.settings) for line in refund.lines for each, _ in line.taxes.values()),
        ZERO,
    )
    return {
        "id": refund.id,
        "reason": refund.reason,
        "total": f"-{text(refund.amount)}",
        "total_tax": text(tax),
    }


def _links(order: Order, shop: Shop) -> dict[str, Any]:
    own, collection = shop.url(f"/orders/{order.id}"), shop.url("/orders")
    links: dict[str, Any] = {
        "self": [{"href": own, "targetHints": {"allow": _METHODS}}],
        "collection": [{"href": collection}],
        "email_templates": [{"embeddable": True, "href": f"{own}/actions/email_templates"}],
    }
    if order.customer_id:
        links["customer"] = [{"href": shop.url(f"/customers/{order.customer_id}")}]
    return links


def _maybe(stamp: int | None, text: Callable[[int], str]) -> str | None:
    return None if stamp is None else text(stamp)


def _key(order: Order) -> str:
    return hashlib.sha256(f"order {order.id}".encode()).hexdigest()[:13]

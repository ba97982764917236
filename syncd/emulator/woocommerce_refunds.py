"""Refunds on the wire: the list of one order's, the list across orders, and giving money back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from syncd.emulator.woocommerce_orders_lines import fee_of, goods_of, money, shipping_of, tax_lines
from syncd.emulator.woocommerce_orders_list import OrderFinder
from syncd.emulator.woocommerce_orders_money import ZERO, line_tax
from syncd.emulator.woocommerce_orders_records import Line, Order, Refund
from syncd.emulator.woocommerce_products import no_route
from syncd.emulator.woocommerce_query import page_links
from syncd.emulator.woocommerce_shop import Answer, Ask, Refused, Shop


@dataclass(slots=True)
class Refunds:
    """The endpoints for refunds of one shop."""

    shop: Shop
    finder: OrderFinder

    def list_of_order(self, ask: Ask) -> Answer:
        """GET /orders/{id}/refunds: 404 if there is no such order."""
        order = self._order(ask)
        return self._list(ask, f"/orders/{order.id}/refunds", order)

    def list_all(self, ask: Ask) -> Answer:
        """GET /refunds, across orders; refused as an unknown route before 9.0."""
        if not self.shop.settings.refunds_endpoint:
            raise no_route()
        return self._list(ask, "/refunds", None)

    def read(self, ask: Ask) -> Answer:
        """GET /orders/{id}/refunds/{id}."""
        order = self._order(ask)
        self.shop.demand(ask, "view", "cannot_view", "you cannot view this resource")
        refund = next((each for each in order.refunds if each.id == ask.ids[1]), None)
        if refund is None:
            raise Refused(404, "woocommerce_rest_invalid_order_refund_id", "Invalid order refund ID.")
        return Answer(refund_row(refund, order, self.shop, _places(ask, self.shop)))

    def create(self, ask: Ask) -> Answer:
        """POST /orders/{id}/refunds: goods go back on the shelf unless api_restock is false."""
        order = self._order(ask)
        self.shop.demand(ask, "products", "cannot_create", "you are not allowed to create resources")
        lines = {int(each["id"]): int(each.get("quantity", 1)) for each in ask.body.get("line_items", [])}
        refund = self.shop.till.refund(
            order,
            lines,
            amount=str(ask.body["amount"]) if "amount" in ask.body else None,
            reason=str(ask.body.get("reason", "")),
            back_on_shelf=bool(ask.body.get("api_restock", True)),
        )
        where = self.shop.url(f"/orders/{order.id}/refunds/{refund.id}")
        return Answer(refund_row(refund, order, self.shop, _places(ask, self.shop)), 201, {"Location": where})

    def _list(self, ask: Ask, path: str, order: Order | None) -> Answer:
        refunds, page = self.finder.refunds(ask.params, order)
        self.shop.demand(ask, "view", "cannot_view", "you cannot list resources")
        places = _places(ask, self.shop)
        rows = [
            refund_row(each, self.shop.till.orders[each.order_id], self.shop, places, across=order is None)
            for each in refunds
        ]
        headers = {"X-WP-Total": str(page.total), "X-WP-TotalPages": str(page.pages)}
        return Answer(rows, headers=headers, links=page_links(page, ask.params, self.shop.url(path)))

    def _order(self, ask: Ask) -> Order:
        order = self.shop.till.get(ask.ids[0])
        if order is None:
            raise Refused(404, "woocommerce_rest_invalid_order_id", "Invalid order ID.")
        return order


def refund_row(
    refund: Refund, order: Order, shop: Shop, places: int, *, across: bool = False
) -> dict[str, Any]:
    """Return a refund: of its order's own list, or as the list across orders shows it, with parent_id."""
    text = money(places)
    of_kind: dict[str, list[Line]] = {"line_item": [], "shipping": [], "fee": []}
    for line in refund.lines:
        of_kind[line.kind].append(line)
    return {
        "id": refund.id,
        **({"parent_id": order.id} if across else {}),
        "date_created": shop.local(refund.created),
        "date_created_gmt": shop.gmt(refund.created),
        "amount": text(refund.amount),
        "reason": refund.reason,
        "refunded_by": 1,
        "refunded_payment": False,
        "meta_data": [dict(each) for each in refund.meta],
        "line_items": [goods_of(line, order, shop, text) for line in of_kind["line_item"]],
        "shipping_lines": [shipping_of(line, order, shop, text) for line in of_kind["shipping"]],
        "tax_lines": tax_lines(refund.tax_ids, _taxes(refund, order, shop), shop, text),
        "fee_lines": [fee_of(line, order, shop, text) for line in of_kind["fee"]],
        "_links": _links(refund, order, shop),
    }


def _taxes(refund: Refund, order: Order, shop: Shop) -> dict[int, tuple[Decimal, Decimal]]:
    taxes: dict[int, tuple[Decimal, Decimal]] = {}
    for line in refund.lines:
        for rate, (tax, _) in line.taxes.items():
            part = line_tax(tax, order, shop.settings)
            cart, freight = taxes.get(rate, (ZERO, ZERO))
            taxes[rate] = (cart, freight + part) if line.kind == "shipping" else (cart + part, freight)
    return taxes


def _links(refund: Refund, order: Order, shop: Shop) -> dict[str, Any]:
    up = shop.url(f"/orders/{order.id}")
    own = {"href": f"{up}/refunds/{refund.id}", "targetHints": {"allow": ["GET", "DELETE"]}}
    return {"self": [own], "collection": [{"href": f"{up}/refunds"}], "up": [{"href": up}]}


def _places(ask: Ask, shop: Shop) -> int:
    return int(ask.params.get("dp") or shop.settings.price_decimals)

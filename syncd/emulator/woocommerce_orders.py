"""The endpoints for orders and their notes, one record or one list at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncd.emulator.woocommerce_orders_basket import Basket, Taking
from syncd.emulator.woocommerce_orders_list import OrderFinder
from syncd.emulator.woocommerce_orders_records import STATUSES, Note, Order
from syncd.emulator.woocommerce_orders_shape import order_row
from syncd.emulator.woocommerce_query import page_links
from syncd.emulator.woocommerce_schema import Field, check
from syncd.emulator.woocommerce_shop import Answer, Ask, Refused, Shop
from syncd.emulator.woocommerce_write import merged_meta

ORDER_FIELDS: dict[str, Field] = {
    "status": Field("string", (*STATUSES, "checkout-draft", "auto-draft")),
    "customer_id": Field("integer"),
    **dict.fromkeys(
        ("customer_note", "payment_method", "payment_method_title", "transaction_id"), Field("string")
    ),
    **dict.fromkeys(
        ("meta_data", "line_items", "shipping_lines", "fee_lines", "coupon_lines"), Field("array")
    ),
    **dict.fromkeys(("billing", "shipping"), Field("object")),
    "set_paid": Field("boolean"),
}
_PLAIN = {
    "customer_note": "note",
    "payment_method": "payment_method",
    "payment_method_title": "payment_title",
    "transaction_id": "transaction_id",
}
_RECALCULATES = ("billing", "shipping", "line_items", "shipping_lines", "fee_lines", "coupon_lines")


@dataclass(slots=True)
class Orders:
    """Orders of one shop. Refusals carry WooCommerce's codes (reference sections 7 and 11)."""

    shop: Shop
    finder: OrderFinder

    def list_orders(self, ask: Ask) -> Answer:
        """GET /orders: all but the bin and drafts, unless a status was asked for."""
        orders, page = self.finder.orders(ask.params)
        self.shop.demand(ask, "view", "cannot_view", "you cannot list resources")
        headers = {"X-WP-Total": str(page.total), "X-WP-TotalPages": str(page.pages)}
        links = page_links(page, ask.params, self.shop.url("/orders"))
        return Answer([self._row(order, ask) for order in orders], headers=headers, links=links)

    def read_order(self, ask: Ask) -> Answer:
        """GET /orders/{id}: 404 if missing; one in the bin is shown."""
        order = self._found(ask, 404)
        self.shop.demand(ask, "view", "cannot_view", "you cannot view this resource")
        return Answer(self._row(order, ask))

    def create_order(self, ask: Ask) -> Answer:
        """POST /orders: 201; pending, unless a status or set_paid says more."""
        check(ask.body, ORDER_FIELDS, self.shop.settings)
        self.shop.demand(ask, "products", "cannot_create", "you are not allowed to create resources")
        body, till = ask.body, self.shop.till
        customer = int(body.get("customer_id", 0))
        if customer and till.customers.get(customer) is None:
            raise Refused(400, "woocommerce_rest_invalid_customer_id", "Customer ID is invalid.")
        shipping = [each.get("total", "0") for each in body.get("shipping_lines", [])]
        order = till.place(
            *[self._taking(each) for each in body.get("line_items", [])],
            status="pending",
            customer=customer or None,
            billing=_address(body.get("billing")) if "billing" in body else None,
            shipping=str(shipping[0]) if shipping else None,
            fees=[
                (str(each.get("name", "")), str(each.get("total", "0"))) for each in body.get("fee_lines", [])
            ],
            coupons=[self._coupon(each) for each in body.get("coupon_lines", [])],
            created_via="rest-api",
        )
        order.shipping = _address(body.get("shipping"))
        _name_lines(order, body)
        self._apply(order, body)
        return Answer(self._row(order, ask), 201, {"Location": self.shop.url(f"/orders/{order.id}")})

    def change_order(self, ask: Ask) -> Answer:
        """PUT /orders/{id}: 400 if missing, where a GET says 404.

        Addresses and lines make it reckon the totals anew, which a careful caller never asks for
        (section 7.6). Without HPOS a change of meta alone leaves date_modified (section 7.2).
        """
        check(ask.body, ORDER_FIELDS, self.shop.settings)
        order = self._found(ask, 400)
        self.shop.demand(ask, "products", "cannot_edit", "you are not allowed to edit this resource")
        self._apply(order, ask.body)
        return Answer(self._row(order, ask))

    def remove_order(self, ask: Ask) -> Answer:
        """DELETE /orders/{id}: to the bin, or for good with force=true; 410 if it is there already."""
        order = self._found(ask, 404)
        self.shop.demand(ask, "products", "cannot_delete", "you are not allowed to delete this resource")
        row = self._row(order, ask)
        if str(ask.params.get("force", ask.body.get("force", ""))).lower() in ("true", "1"):
            self.shop.till.delete(order)
        elif order.status == "trash":
            raise Refused(410, "woocommerce_rest_already_trashed", "The order has already been deleted.")
        else:
            self.shop.till.trash(order)
        return Answer(row)

    def list_notes(self, ask: Ask) -> Answer:
        """GET /orders/{id}/notes: the newest first."""
        order = self._order_of_notes(ask)
        return Answer([self._note(order, each) for each in reversed(order.notes)])

    def create_note(self, ask: Ask) -> Answer:
        """POST /orders/{id}/notes: moves nothing; one for the customer is mailed."""
        check(ask.body, {"note": Field("string"), "customer_note": Field("boolean")}, self.shop.settings)
        order = self._order_of_notes(ask)
        self.shop.demand(ask, "products", "cannot_create", "you are not allowed to create resources")
        if "note" not in ask.body:
            raise Refused(400, "rest_missing_callback_param", "Missing parameter(s): note", params=["note"])
        note = self.shop.till.add_note(
            order, str(ask.body["note"]), for_customer=bool(ask.body.get("customer_note", False))
        )
        return Answer(self._note(order, note), 201)

    def _apply(self, order: Order, body: Mapping[str, Any]) -> None:
        till = self.shop.till
        stamped = self.shop.settings.hpos or any(name != "meta_data" for name in body)
        for name, own in _PLAIN.items():
            if name in body:
                setattr(order, own, str(body[name]))
        if isinstance(body.get("meta_data"), list):
            order.meta = merged_meta(order.meta, body["meta_data"], self.shop.shelf)
            self.shop.shelf.revision += 1
        if any(name in body for name in _RECALCULATES):
            Basket(till.shelf, till.settings, till.tax_rates, till.next_line).price(order)
        if body.get("status"):
            till.set_status(order, str(body["status"]))
        if body.get("set_paid") is True and order.paid is None:
            till.pay(order)
        if stamped:
            till.save(order)

    def _taking(self, sent: Mapping[str, Any]) -> Taking:
        item = int(sent.get("variation_id") or sent.get("product_id") or 0)
        if not item or self.shop.shelf.get(item) is None:
            raise Refused(
                400, "woocommerce_rest_required_product_reference", "Product ID or SKU is required."
            )
        return Taking(item, int(sent.get("quantity", 1)))

    def _coupon(self, sent: Mapping[str, Any]) -> str:
        code = str(sent.get("code", ""))
        if code not in self.shop.till.coupons:
            raise Refused(400, "woocommerce_rest_invalid_coupon", f'Coupon "{code}" does not exist!')
        return code

    def _row(self, order: Order, ask: Ask) -> dict[str, Any]:
        places = ask.params.get("dp")
        row = order_row(
            order, self.shop, self.shop.settings.price_decimals if places is None else int(places)
        )
        if wanted := [each for each in ask.params.get("include_meta", "").split(",") if each]:
            row["meta_data"] = [each for each in row["meta_data"] if each["key"] in wanted]
        return row

    def _note(self, order: Order, note: Note) -> dict[str, Any]:
        up = self.shop.url(f"/orders/{order.id}")
        return {
            "id": note.id,
            "author": "system",
            "date_created": self.shop.local(note.created),
            "date_created_gmt": self.shop.gmt(note.created),
            "note": note.text,
            "customer_note": note.for_customer,
            "_links": {
                "self": [{"href": f"{up}/notes/{note.id}"}],
                "collection": [{"href": f"{up}/notes"}],
                "up": [{"href": up}],
            },
        }

    def _found(self, ask: Ask, status: int) -> Order:
        order = self.shop.till.get(ask.ids[0])
        if order is None:
            raise Refused(status, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        return order

    def _order_of_notes(self, ask: Ask) -> Order:
        self.shop.demand(ask, "view", "cannot_view", "you cannot list resources")
        order = self.shop.till.get(ask.ids[0])
        if order is None:
            raise Refused(404, "woocommerce_rest_order_invalid_id", "Invalid order ID.")
        return order


def _name_lines(order: Order, body: Mapping[str, Any]) -> None:
    for line, sent in zip(order.of("shipping"), body.get("shipping_lines", []), strict=False):
        line.name = str(sent.get("method_title", line.name))
    for line, sent in zip(order.of("fee"), body.get("fee_lines", []), strict=False):
        line.tax_status = str(sent.get("tax_status", line.tax_status))


def _address(sent: Any) -> dict[str, str]:
    return {name: str(value) for name, value in sent.items()} if isinstance(sent, Mapping) else {}

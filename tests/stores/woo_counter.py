"""The emulated WooCommerce shop with its till open: what the laws of orders do to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from syncd.emulator.woocommerce import Till
from syncd.emulator.woocommerce_orders_records import Order
from syncd.stores.woocommerce import WooCommerce, WooSettings
from tests.stores.woo_shop import WooShop

CODE_FIELD = "erp_code"
BILLING = {
    "first_name": "Jo",
    "last_name": "Doe",
    "address_1": "1 High St",
    "city": "Auckland",
    "postcode": "1010",
    "country": "NZ",
    "email": "jo@example.test",
}


class WooCounter(WooShop):
    """A shop that sells. Codes are read from the customers' meta."""

    def __init__(self, base_url: str = "https://shop.example.test", **site: Any) -> None:
        super().__init__(base_url, **site)
        self.store = WooCommerce(self.http, base_url, WooSettings(code_field=CODE_FIELD))

    @property
    def till(self) -> Till:
        return self.emulator.till

    def order(self, order_id: str) -> Order:
        return self.till.orders[int(order_id)]

    def now(self) -> datetime:
        return self.clock.now()

    def wait(self, seconds: int) -> None:
        self.clock.sleep(seconds)

    def item(self, code: str) -> int:
        found = self.shelf.with_sku(code)
        return found[0].id if found else int(self.put(code))

    def sell(self, *codes: str, paid: bool = True, buyer: str = "jo@example.test", **more: Any) -> str:
        """Sell one of each to a guest; `more` is what the till takes besides."""
        taken = [(self.item(code), 1) for code in codes]
        status = "processing" if paid else "pending"
        billing = {**BILLING, "email": buyer}
        return str(self.till.place(*taken, **{"status": status, "billing": billing, **more}).id)

    def sell_late(self, code: str, seconds: int) -> str:
        return self.sell(code, late=seconds)

    def edit(self, order_id: str) -> None:
        self.till.change(self.order(order_id), note="edited")

    def cancel(self, order_id: str) -> None:
        self.till.cancel(self.order(order_id))

    def bin_order(self, order_id: str) -> None:
        self.till.trash(self.order(order_id))

    def give_back(self, order_id: str) -> str:
        order = self.order(order_id)
        return str(self.till.refund(order, {order.lines[0].id: 1}).id)

    def spoil(self, order_id: str) -> None:
        self.till.change(self.order(order_id), wrong={"total": "NaN"})

    def register(self, email: str, code: str = "") -> str:
        meta = {CODE_FIELD: code} if code else {}
        return str(self.till.customers.add(email, meta=meta).id)

    def rename(self, customer_id: str, email: str) -> None:
        customer = self.till.customers.get(int(customer_id))
        assert customer is not None
        self.till.customers.edit(customer, email=email)

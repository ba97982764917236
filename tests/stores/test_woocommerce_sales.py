"""WooCommerce keeps every law of orders and customers, with its lists of today and of old."""

from __future__ import annotations

from tests.stores.order_conformance import OrderLaws
from tests.stores.woo_counter import WooCounter


class TestWooCommerceSales(OrderLaws):
    """On the emulator of WooCommerce 11.0.1, Basic over https; nothing is exempt."""

    def open_counter(self) -> WooCounter:
        return WooCounter()


class TestOldWooCommerceSales(OrderLaws):
    """The same over OAuth 1.0a, before `/refunds`, without HPOS, in no order where stamps are equal."""

    def open_counter(self) -> WooCounter:
        site = {"refunds_endpoint": False, "tie_break": False, "hpos": False}
        return WooCounter("http://shop.example.test", **site)

"""WooCommerce keeps every law, over https and over http, with and without `/variations`."""

from __future__ import annotations

from tests.stores.conformance import StoreLaws
from tests.stores.woo_shop import WooShop


class TestWooCommerce(StoreLaws):
    """On the emulator of WooCommerce 11.0.1, Basic over https; nothing is exempt."""

    def open_shop(self) -> WooShop:
        return WooShop()


class TestOldWooCommerceOverHttp(StoreLaws):
    """The same over OAuth 1.0a, before `/variations`, without tie-break."""

    def open_shop(self) -> WooShop:
        return WooShop("http://shop.example.test", variations_endpoint=False, tie_break=False)

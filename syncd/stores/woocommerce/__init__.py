"""WooCommerce 8 and later, through its REST API `wc/v3`."""

from __future__ import annotations

from syncd.stores.woocommerce.auth import WooSigner
from syncd.stores.woocommerce.store import WooCommerce
from syncd.stores.woocommerce.wire import WooSettings

__all__ = ["WooCommerce", "WooSettings", "WooSigner"]

"""What a WooCommerce site tells about itself: the indexes, its settings, its system status."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from syncd.emulator.woocommerce_schema import LIST_FIELDS, PRODUCT_FIELDS
from syncd.emulator.woocommerce_shop import Answer, Ask, Refused, Shop

_NAMESPACES = ["oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wp/v2"]


@dataclass(slots=True)
class Site:
    """The endpoints that are about the shop and not about what it sells."""

    shop: Shop
    routes: Iterable[tuple[str, tuple[str, ...]]] = ()
    """Route patterns with their methods, for the indexes."""

    def index(self, _ask: Ask) -> Answer:
        """GET /wp-json/: open to everybody; how to recognise the shop and its time zone."""
        settings = self.shop.settings
        hours = settings.utc_offset.total_seconds() / 3600
        return Answer(
            {
                "name": settings.name,
                "description": "",
                "url": self.shop.home,
                "home": self.shop.home,
                "gmt_offset": int(hours) if hours.is_integer() else hours,
                "timezone_string": settings.timezone_string,
                "namespaces": _NAMESPACES,
                "authentication": [],
                "routes": self._routes(),
            }
        )

    def api_index(self, _ask: Ask) -> Answer:
        """GET /wp-json/wc/v3: every route with the parameters it knows."""
        return Answer({"namespace": "wc/v3", "routes": self._routes()})

    def list_settings(self, ask: Ask) -> Answer:
        """GET /settings/{group}: needs shop-manager rights."""
        self.shop.demand(ask, "manager", "cannot_view", "you cannot list resources")
        group = self._group(ask.names[0])
        return Answer([self._setting(ask.names[0], name) for name in group])

    def read_setting(self, ask: Ask) -> Answer:
        """GET /settings/{group}/{id}: needs shop-manager rights; 404 for what the shop does not have."""
        self.shop.demand(ask, "manager", "cannot_view", "you cannot list resources")
        group, name = ask.names
        if name not in self._group(group):
            raise Refused(404, "rest_setting_setting_invalid", "Invalid setting.")
        return Answer(self._setting(group, name))

    def system_status(self, ask: Ask) -> Answer:
        """GET /system_status: versions and storage; needs shop-manager rights."""
        self.shop.demand(ask, "manager", "cannot_view", "you cannot list resources")
        settings = self.shop.settings
        environment = {
            "home_url": self.shop.home,
            "site_url": self.shop.home,
            "version": settings.version,
            "wp_version": "7.1",
            "language": "en_US",
            "default_timezone": "UTC",
        }
        shown = {
            "api_enabled": False,
            "force_ssl": False,
            "currency": settings.currency,
            "currency_position": "left",
            "decimal_separator": settings.decimal_separator,
            "number_of_decimals": settings.price_decimals,
            "HPOS_enabled": settings.hpos,
            "HPOS_sync_enabled": False,
        }
        database = {"wc_database_version": settings.version}
        return Answer(
            {"environment": environment, "database": database, "active_plugins": [], "settings": shown}
        )

    def _group(self, name: str) -> dict[str, tuple[str, str, str, str]]:
        groups = self._settings()
        if name not in groups:
            raise Refused(404, "rest_setting_setting_group_invalid", "Invalid setting group.")
        return groups[name]

    def _settings(self) -> dict[str, dict[str, tuple[str, str, str, str]]]:
        """Label, type, default and value by id, by group."""
        settings = self.shop.settings
        taxes, inclusive = _yes_no(settings.calc_taxes), _yes_no(settings.prices_include_tax)
        stock, decimals = _yes_no(settings.manage_stock), str(settings.price_decimals)
        separator = settings.decimal_separator
        return {
            "general": {
                "woocommerce_currency": ("Currency", "select", "USD", settings.currency),
                "woocommerce_price_decimal_sep": ("Decimal separator", "text", ".", separator),
                "woocommerce_price_num_decimals": ("Number of decimals", "number", "2", decimals),
                "woocommerce_calc_taxes": ("Enable taxes", "checkbox", "no", taxes),
            },
            "tax": {"woocommerce_prices_include_tax": ("Prices entered with tax", "radio", "no", inclusive)},
            "products": {"woocommerce_manage_stock": ("Manage stock", "checkbox", "yes", stock)},
        }

    def _setting(self, group: str, name: str) -> dict[str, Any]:
        label, kind, default, value = self._group(group)[name]
        collection = self.shop.url(f"/settings/{group}")
        allow = {"allow": ["GET", "POST", "PUT", "PATCH"]}
        return {
            "id": name,
            "label": label,
            "description": "",
            "type": kind,
            "default": default,
            "tip": "",
            "value": value,
            "group_id": group,
            "_links": {
                "self": [{"href": f"{collection}/{name}", "targetHints": allow}],
                "collection": [{"href": collection}],
            },
        }

    def _routes(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for pattern, methods in self.routes:
            if pattern != "/wc/v3/variations" or self.shop.settings.variations_endpoint:
                endpoints = [{"methods": [method], "args": self._arguments(method)} for method in methods]
                shown = {"namespace": "wc/v3", "methods": list(methods), "endpoints": endpoints}
                found[pattern] = shown
        return found

    def _arguments(self, method: str) -> dict[str, Any]:
        known = LIST_FIELDS if method == "GET" else PRODUCT_FIELDS
        dated = self.shop.settings.modified_filter
        return {
            name: {"type": field.kind, "required": False}
            for name, field in known.items()
            if dated or not name.startswith("modified_")
        }


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"

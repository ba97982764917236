"""Find out what kind of shop this is: identity, currency, tax mode, price places, stock keeping."""

from __future__ import annotations

from typing import Any

from syncd.core.model import StoreFacts
from syncd.errors import AuthRejected, BadAnswer, RemoteError, RequestRefused, Unavailable
from syncd.stores.woocommerce.client import Client, home_name

_UNREADABLE = (AuthRejected, RequestRefused, Unavailable, BadAnswer)
_RIGHTS = "Give the key's user the role Shop manager."
_NO_STOCK = (
    "The shop tracks no stock at all, so stock is not written. Switch on 'Enable stock management' under "
    "WooCommerce > Settings > Products > Inventory."
)
_CACHE = "A page cache answered in the shop's place. Exclude /wp-json/ from it."


def facts(client: Client) -> StoreFacts:
    """Prove the key and read what the shop says about itself: 3 to 5 calls.

    Raises AuthRejected when the key is refused. A setting that cannot be read is None, with a sentence
    in `warnings`; the status page and the settings need the same right, so one refusal answers for all.
    """
    client.rows("products", {"per_page": 1, "_fields": "id", "_skip_cache": "true"})
    warnings: list[str] = []
    status, allowed = _status(client, warnings)
    environment, settings = _part(status, "environment"), _part(status, "settings")
    if allowed and not settings:
        settings = _settings_one_by_one(client, warnings)
    taxed = _prices_include_tax(client, warnings) if allowed else None
    tracks = _switch(client, "products/woocommerce_manage_stock", warnings) if allowed else None
    warnings += [_NO_STOCK] if tracks is False else []
    warnings += [_CACHE] if client.evading else []
    return StoreFacts(
        identity=f"woocommerce:{_home(client, environment)}",
        currency=_text(settings.get("currency")) or None,
        prices_include_tax=taxed,
        price_decimals=_places(settings.get("number_of_decimals")),
        tracks_stock=tracks,
        version=_text(environment.get("version")),
        warnings=tuple(warnings),
    )


def _status(client: Client, warnings: list[str]) -> tuple[dict[str, Any], bool]:
    """Return the status page, and whether the key may read settings at all."""
    try:
        return client.record("system_status", {"_fields": "environment,settings"}), True
    except AuthRejected as error:
        warnings.append(_unread("its currency, price places, tax mode and stock settings", error))
        return {}, False
    except _UNREADABLE as error:
        warnings.append(_unread("its version", error))
        return {}, True


def _settings_one_by_one(client: Client, warnings: list[str]) -> dict[str, Any]:
    """The status page runs tests of its own and is the first to fail on a slow host."""
    names = {"currency": "woocommerce_currency", "number_of_decimals": "woocommerce_price_num_decimals"}
    return {name: _setting(client, f"general/{setting}", warnings) for name, setting in names.items()}


def _prices_include_tax(client: Client, warnings: list[str]) -> bool | None:
    """Where taxes are off the shop ignores its own "prices entered with tax", so it is not asked for."""
    if _switch(client, "general/woocommerce_calc_taxes", warnings) is False:
        return False
    return _switch(client, "tax/woocommerce_prices_include_tax", warnings)


def _switch(client: Client, name: str, warnings: list[str]) -> bool | None:
    return {"yes": True, "no": False}.get(_setting(client, name, warnings))


def _setting(client: Client, name: str, warnings: list[str]) -> str:
    try:
        return _text(client.record(f"settings/{name}", {"_fields": "id,value"}).get("value"))
    except _UNREADABLE as error:
        warnings.append(_unread(f"its setting {name.partition('/')[2]}", error))
        return ""


def _unread(what: str, error: RemoteError) -> str:
    do = _RIGHTS if isinstance(error, AuthRejected) else error.do
    return f"The shop would not tell {what}: {error.what} {do}"


def _home(client: Client, environment: dict[str, Any]) -> str:
    """The site's own word for its address; the configured one only if the site has none.

    When the index cannot be read for the moment the error is passed on: a guess would look like
    another shop.
    """
    home = _text(environment.get("home_url"))
    if not home:
        try:
            home = _text(client.index("home").get("home"))
        except (RequestRefused, AuthRejected, BadAnswer):
            home = ""
    return home_name(home) or home_name(client.base.removesuffix("/wc/v3").removesuffix("/wp-json"))


def _places(value: object) -> int | None:
    number = int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdigit()) else None
    return number if number is not None and 0 <= number <= 8 else None


def _part(status: dict[str, Any], name: str) -> dict[str, Any]:
    part = status.get(name)
    return part if isinstance(part, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

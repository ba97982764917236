"""Find out what kind of shop this is: identity, currency, tax mode, price places, stock keeping."""

from __future__ import annotations

from typing import Any

from syncd.core.model import StoreFacts
from syncd.errors import BadAnswer, RemoteError, RequestRefused
from syncd.errors import AuthRejected, Unavailable
from syncd.stores.woocommerce.client import Client, home_name

_UNREADABLE = (AuthRejected, RequestRefused, Unavailable, BadAnswer)
_RIGHTS = "Give the key's user the role Shop manager."


def facts(client: Client) -> StoreFacts:
    """Prove the key and read what the shop says about itself: 3 to 5 calls.

    Raises AuthRejected when the key is refused. A setting that cannot be read is None, with a sentence
    in `warnings`; the status page and the settings need the same right, so one refusal answers for all.
    """
    client.rows("products", {"per_page": 1, "_fields": "id", "_skip_cache": "true"})
    warnings: list[str] = []
    status = _status(client, warnings)
    taxed, tracks = _settings(client, warnings) if status else (None, None)
    if tracks is False:
        warnings.append(
            "The shop tracks no stock at all, so stock is not written. Switch on 'Enable stock management' "
            "under WooCommerce > Settings > Products > Inventory."
        )
    if client.evading:
        warnings.append("A page cache answered in the shop's place. Exclude /wp-json/ from it.")
    environment, settings = _part(status, "environment"), _part(status, "settings")
    return StoreFacts(
        identity=f"woocommerce:{_home(client, environment)}",
        currency=_text(settings.get("currency")) or None,
        prices_include_tax=taxed,
        price_decimals=_places(settings.get("number_of_decimals")),
        tracks_stock=tracks,
        version=_text(environment.get("version")),
        warnings=tuple(warnings),
    )


def _status(client: Client, warnings: list[str]) -> dict[str, Any]:
    try:
        return client.record("system_status", {"_fields": "environment,settings"})
    except _UNREADABLE as error:
        warnings.append(_unread("its currency, price places, tax mode and stock settings", error))
        return {}


def _settings(client: Client, warnings: list[str]) -> tuple[bool | None, bool | None]:
    """Return whether prices include tax, and whether stock is tracked at all.

    Where taxes are off the shop ignores its own "prices entered with tax", so it is not asked for.
    """
    taxes = _setting(client, "general/woocommerce_calc_taxes", warnings)
    included = (
        _setting(client, "tax/woocommerce_prices_include_tax", warnings) if taxes is not False else False
    )
    return included, _setting(client, "products/woocommerce_manage_stock", warnings)


def _setting(client: Client, name: str, warnings: list[str]) -> bool | None:
    try:
        value = client.record(f"settings/{name}", {"_fields": "id,value"}).get("value")
    except _UNREADABLE as error:
        warnings.append(_unread(f"its setting {name.partition('/')[2]}", error))
        return None
    return {"yes": True, "no": False}.get(_text(value))


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

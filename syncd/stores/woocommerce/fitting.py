"""What WordPress and WooCommerce make of names, codes, prices and quantities, both ways."""

from __future__ import annotations

import html
import re
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal

from syncd.core.model import Content, ListingStatus, StoreFacts

_TOO_MUCH = Decimal(10) ** 12
_LONGEST_NAME = 10_000
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_UNCLOSED = re.compile(r"<[^>]*?(?:(?=<)|>|\Z)")
_SCRIPT = re.compile(r"<(script|style)[^>]*>.*?</\1>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<(?!\s)[^<>]*>")
_OCTET = re.compile(r"%[0-9a-fA-F]{2}")
_SPACES = re.compile(r"[\r\n\t ]+")


def fit(content: Content, facts: StoreFacts) -> Content:
    """Return what of the content a shop can hold.

    Price in the shop's currency and tax mode, rounded half up to the places it shows (2 if unknown);
    stock in whole units. What cannot be held at all becomes None, and the bin becomes hidden.
    """
    return Content(
        name=None if content.name is None else fit_name(content.name),
        price=None if content.price is None else fit_price(content.price, facts.price_decimals),
        stock=None if content.stock is None else fit_stock(content.stock),
        status=ListingStatus.HIDDEN if content.status is ListingStatus.TRASH else content.status,
    )


def fit_name(name: str) -> str | None:
    """Return the name as a post title keeps it: no control characters, trimmed, 10,000 characters at most.

    "" and "0" are no title: PHP takes both for empty, and WooCommerce puts "Product" in their place. A
    title over 65,535 bytes crashes the shop, and one character may take six (`&#092;`).
    """
    kept = _CONTROLS.sub("", name).strip()[:_LONGEST_NAME].rstrip()
    return None if kept in ("", "0") else kept


def fit_price(price: Decimal, places: int | None) -> Decimal | None:
    """Return the price rounded half up, never negative; None for what is no sum of money."""
    if not price.is_finite() or price >= _TOO_MUCH:
        return None
    unit = Decimal(1).scaleb(-min(max(2 if places is None else places, 0), 8))
    return (price if price > 0 else Decimal(0)).quantize(unit, ROUND_HALF_UP, Context(prec=40))


def fit_stock(stock: Decimal) -> Decimal | None:
    """Return whole units, rounded down, never negative; None for what is no quantity."""
    if not stock.is_finite() or stock >= _TOO_MUCH:
        return None
    return Decimal(0) if stock <= 0 else stock.to_integral_value(ROUND_FLOOR)


def name_to_html(name: str) -> str:
    """Return a plain name as the HTML that WordPress stores for it.

    A title is HTML in WordPress: sent as it is, `<3` and what follows would be stripped as a tag and
    every backslash eaten (section 2; wp_filter_post_kses leaves valid entities as they are).
    """
    return html.escape(name, quote=False).replace("\\", "&#92;")


def name_from_html(name: str) -> str:
    """Return the plain name for the HTML that WordPress answers with."""
    return readable(html.unescape(name))


def readable(text: str) -> str:
    """Return text that every database takes: NULs and lone surrogates replaced."""
    return re.sub(r"[\x00\ud800-\udfff]", "\ufffd", text)


def kept_code(code: str) -> str:
    """Return a code as WooCommerce stores it as a SKU and searches for it (WordPress sanitize_text_field).

    A code that comes back changed can be neither kept nor found there; one over 1,000 characters fits
    into no address.
    """
    text = _CONTROLS.sub("", code)
    if "<" in text:
        text = _UNCLOSED.sub(lambda m: m[0] if ">" in m[0] else html.escape(m[0]), text)
        text = _TAG.sub("", _SCRIPT.sub("", text))
    while _OCTET.search(text):
        text = _OCTET.sub("", text)
    return _SPACES.sub(" ", text).strip()[:1000]


def price_text(price: Decimal) -> str:
    """Return a price as WooCommerce takes it: text, with a dot (section 5.1)."""
    return format(price, "f")


LONGEST_CODE = 100
"""WooCommerce looks SKUs up in a column of so many characters."""


def code_problem(code: str) -> str:
    """Return why WordPress would not keep this SKU as it is, as half a sentence; "" if it would."""
    if not code.strip():
        return "is empty"
    if len(code.strip()) > LONGEST_CODE:
        return f"is longer than the {LONGEST_CODE} characters of a WooCommerce SKU"
    kept = kept_code(code.strip())
    return "" if kept == code else f"would become {kept!r} in WooCommerce"

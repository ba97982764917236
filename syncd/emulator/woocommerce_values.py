"""How WordPress and PHP turn what was sent into what gets stored: names, SKUs, prices, quantities.

Everything here is pure and follows WooCommerce 11.0.1 as observed (reference sections 2, 4 and 5) or,
where nothing was observed, what its source says.
"""

from __future__ import annotations

import re
from html.entities import html5

Number = int | float

STATUSES = ("draft", "pending", "private", "publish", "future", "auto-draft", "trash")
STOCK_STATUSES = ("instock", "outofstock", "onbackorder")

_ALLOWED_TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "cite", "code", "del", "em", "i", "li", "ol", "p", "pre"),
    *("q", "s", "small", "span", "strong", "sub", "sup", "u", "ul"),
}
_TAG = re.compile(r"<[^<>]*>")
_TAG_NAME = re.compile(r"<\s*/?\s*([a-zA-Z0-9-]+)")
_BARE_AMPERSAND = re.compile(r"&(?!(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|([A-Za-z]{2,8}[0-9]{0,2}));)")
_NAMED = re.compile(r"&([A-Za-z]{2,8}[0-9]{0,2});")
_LEADING_INT = re.compile(r"\s*([+-]?\d+)")
_LEADING_FLOAT = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")


def php_text(value: object) -> str:
    """Return what PHP makes of a JSON value used as text: 12.0 is "12", true is "1", a list is nothing."""
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int | float) else ""


def php_bool(value: object) -> bool:
    """Return what wc_string_to_bool makes of a value; "parent" and other words are false."""
    if isinstance(value, bool):
        return value
    return php_text(value).lower() in ("yes", "true", "1")


def stored_name(sent: str) -> str:
    """Return a product name as it is stored and answered.

    `A & B` becomes `A &amp; B`, forbidden tags go and their text stays, a backslash is eaten, with
    the character after it kept (observed before a quote, reference section 2; the rest follows from
    stripslashes in the source).
    """
    text = re.sub(r"\\(.?)", r"\1", sent, flags=re.DOTALL)
    kept = _TAG.sub(_tag_or_nothing, text)
    parts = _TAG.split(kept)
    tags = _TAG.findall(kept)
    escaped = [_escape(part) for part in parts]
    return "".join(part + tag for part, tag in zip(escaped, [*tags, ""], strict=True)).strip()


def _tag_or_nothing(match: re.Match[str]) -> str:
    name = _TAG_NAME.match(match[0])
    return match[0] if name and name[1].lower() in _ALLOWED_TAGS else ""


def _escape(text: str) -> str:
    text = _BARE_AMPERSAND.sub("&amp;", text)
    text = _NAMED.sub(lambda m: m[0] if f"{m[1]};" in html5 else f"&amp;{m[1]};", text)
    return text.replace("<", "&lt;").replace(">", "&gt;")


def stored_sku(sent: str) -> str:
    """Return a SKU as it is stored: no tags, no percent octets, single spaces, trimmed (section 5.3)."""
    text = _TAG.sub("", sent).replace("<", "&lt;")
    while octets := re.findall(r"%[a-fA-F0-9]{2}", text):
        for octet in octets:
            text = text.replace(octet, "")
    return re.sub(r"[\r\n\t ]+", " ", text).strip()


def sku_key(sku: str) -> str:
    """Return the SKU as the database compares it: case and trailing spaces do not count."""
    return sku.rstrip(" ").casefold()


def stored_price(sent: object, separator: str = ".") -> str:
    """Return a price as wc_format_decimal stores it.

    Store currency, dot decimal, as many decimals as were sent. What is not a digit, dot or minus is
    thrown away, so `12,50` becomes `1250` in a shop whose decimal separator is a dot (section 5.1).
    """
    text = php_text(sent).replace(separator, ".")
    return re.sub(r"\.(?![^.]+$)|[^0-9.-]", "", text)


def stored_stock(sent: object, integer: bool = True) -> Number:
    """Return a quantity as wc_stock_amount stores it: "abc" is 0, "11.5" is 11 unless decimals are on."""
    if isinstance(sent, bool):
        return int(sent)
    if integer:
        found = _LEADING_INT.match(php_text(sent))
        return int(float(sent)) if isinstance(sent, float) else int(found[1]) if found else 0
    found = _LEADING_FLOAT.match(php_text(sent))
    amount = float(found[1]) if found else 0.0
    return int(amount) if amount.is_integer() else amount


def stock_status_for(quantity: Number | None, backorders: str) -> str:
    """Return the stock status of something whose stock is managed (section 4.2)."""
    if quantity is not None and int(quantity) > 0:
        return "instock"
    return "onbackorder" if backorders in ("yes", "notify") else "outofstock"


def number_of(price: str) -> float:
    """Return a stored price as a number for comparing; nothing counts as 0."""
    found = _LEADING_FLOAT.match(price)
    return float(found[1]) if found else 0.0


def slug_of(name: str) -> str:
    """Return the last part of a product's address for its name."""
    plain = re.sub(r"&[#A-Za-z0-9]+;|<[^<>]*>", "", name).lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")

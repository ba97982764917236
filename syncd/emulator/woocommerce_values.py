"""What WordPress makes of names, SKUs and words, and which SKUs its database takes for equal.

Follows the source of WordPress 6.9 (kses.php, formatting.php), compared with what WooCommerce 10.5.2
stored for thousands of texts.
"""

from __future__ import annotations

import re
import unicodedata
from html.entities import name2codepoint

_POST_TAGS = frozenset(
    {
        *("address", "a", "abbr", "acronym", "area", "article", "aside", "audio", "b", "bdo", "big"),
        *("blockquote", "br", "button", "caption", "cite", "code", "col", "colgroup", "data", "del"),
        *("dd", "dfn", "details", "div", "dialog", "dl", "dt", "em", "fieldset", "figure", "figcaption"),
        *(
            "font",
            "footer",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "hgroup",
            "hr",
            "i",
            "img",
            "ins",
            "kbd",
        ),
        *("label", "legend", "li", "main", "map", "mark", "menu", "meter", "nav", "object", "p", "pre"),
        *(
            "progress",
            "q",
            "rb",
            "rp",
            "rt",
            "rtc",
            "ruby",
            "s",
            "samp",
            "search",
            "span",
            "section",
            "small",
        ),
        *("strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "textarea", "tfoot", "th"),
        *("thead", "time", "title", "tr", "track", "tt", "u", "ul", "ol", "var", "video", "wbr"),
    }
)
_ENTITIES = frozenset(name2codepoint) | {"apos"}
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_TAG = re.compile(r"<[^<>]*>")
_TAG_NAME = re.compile(r"<\s*/?\s*([a-zA-Z0-9-]+)")
_STRIPPED_TAG = re.compile(r"<(?!\s)[^<>]*>")
_SCRIPT = re.compile(r"<(script|style)[^>]*?>.*?</\1>", re.DOTALL | re.IGNORECASE)
_UNCLOSED = re.compile(r"<[^>]*?(?:(?=<)|>|\Z)")
_DECIMAL = re.compile(r"&amp;#(0*[0-9]{1,7});")
_HEXADECIMAL = re.compile(r"&amp;#[Xx](0*[0-9A-Fa-f]{1,6});")
_NAMED = re.compile(r"&amp;([A-Za-z]{2,8}[0-9]{0,2});")
_OCTET = re.compile(r"%[a-fA-F0-9]{2}")
_CHARACTERS = ((0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))
_PHP_SPACES = " \t\n\r\0\x0b"
_EQUAL_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "ł": "l", "đ": "d"})

STATUSES = ("draft", "pending", "private", "publish", "future", "auto-draft", "trash")
STOCK_STATUSES = ("instock", "outofstock", "onbackorder")


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

    `A & B` becomes `A &amp; B`, forbidden tags and control characters go, the text in them stays, a
    backslash is eaten and the character after it kept. Attributes of tags are not looked at.
    """
    text = re.sub(r"\\(.?)", lambda m: "" if m[1] == "0" else m[1], sent, flags=re.DOTALL)
    text = _less_than(_entities(_CONTROLS.sub("", text)))
    kept = _TAG.sub(_tag_or_nothing, text)
    tags, parts = _TAG.findall(kept), _TAG.split(kept)
    plain = [part.replace("<", "&lt;").replace(">", "&gt;") for part in parts]
    joined = "".join(part + tag for part, tag in zip(plain, [*tags, ""], strict=True))
    return joined.strip(_PHP_SPACES)


def stored_sku(sent: str) -> str:
    """Return a SKU as it is stored: no tags, no percent octets, single spaces, trimmed (section 5.3)."""
    text = sent
    if "<" in text:
        text = _STRIPPED_TAG.sub("", _SCRIPT.sub("", _less_than(text).replace("\0", "")))
    text = re.sub(r"[\r\n\t ]+", " ", text).strip(_PHP_SPACES)
    if _OCTET.search(text):
        while octet := _OCTET.search(text):
            text = text.replace(octet[0], "")
        text = re.sub(r" +", " ", text).strip(_PHP_SPACES)
    return text


def sku_key(sku: str) -> str:
    """Return the SKU as the database compares it (utf8mb4_unicode_520_ci, as WordPress sets it up).

    Case, accents, full width, invisible characters and trailing spaces do not count.
    """
    if sku.isascii():
        return sku.rstrip(" ").casefold()
    parts = unicodedata.normalize("NFKD", sku.casefold()).casefold().translate(_EQUAL_LETTERS)
    return "".join(each for each in parts if not _is_overlooked(each)).rstrip(" ")


def hides_from_the_uniqueness_check(sku: str) -> bool:
    """Tell whether WooCommerce overlooks that a SKU is taken.

    It compares with the SKU after escaping quotes and backslashes (is_existing_sku), and takes "0" for
    none.
    """
    return sku in ("", "0") or any(each in sku for each in "'\"\\")


def slug_of(name: str) -> str:
    """Return the last part of a product's address for its name."""
    plain = re.sub(r"&[#A-Za-z0-9]+;|<[^<>]*>", "", name).lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _is_overlooked(character: str) -> bool:
    if unicodedata.combining(character):
        return True
    return character != "\xad" and unicodedata.category(character) in ("Cc", "Cf", "Me")


def _tag_or_nothing(match: re.Match[str]) -> str:
    name = _TAG_NAME.match(match[0])
    return match[0] if name and name[1].lower() in _POST_TAGS else ""


def _less_than(text: str) -> str:
    """Escape what begins like a tag and does not end like one, all of it (wp_pre_kses_less_than)."""
    return _UNCLOSED.sub(lambda m: m[0] if ">" in m[0] else _escaped(m[0]), text)


def _escaped(text: str) -> str:
    marks = {"<": "&lt;", '"': "&quot;", "'": "&#039;"}
    return re.sub("[<\"']", lambda m: marks[m[0]], _entities(text))


def _entities(text: str) -> str:
    """Escape each ampersand that begins no entity WordPress knows (wp_kses_normalize_entities)."""
    text = text.replace("&", "&amp;")
    text = _DECIMAL.sub(_decimal, text)
    text = _HEXADECIMAL.sub(_hexadecimal, text)
    return _NAMED.sub(lambda m: f"&{m[1]};" if m[1] in _ENTITIES else m[0], text)


def _decimal(match: re.Match[str]) -> str:
    if match[1] == "0":
        return ""
    return f"&#{match[1].lstrip('0').rjust(3, '0')};" if _valid(int(match[1])) else match[0]


def _hexadecimal(match: re.Match[str]) -> str:
    if match[1] == "0":
        return ""
    return f"&#x{match[1].lstrip('0')};" if _valid(int(match[1], 16)) else match[0]


def _valid(code: int) -> bool:
    return (
        code in (9, 10, 13)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )

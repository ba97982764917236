"""Read single fields of WooCommerce's orders, refunds and customers, or say which one cannot be read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from syncd.stores.woocommerce.fitting import name_from_html, readable

_DEEPEST, _LARGEST = -20, 12


class Unreadable(Exception):
    """A field of an order, refund or customer is not what it should be; the text says which and why."""


def key_of(row: Mapping[str, Any]) -> str:
    """Return a row's id as text, "" if it has none that could be one."""
    value = row.get("id")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else ""


def raw_of(row: Mapping[str, Any]) -> str:
    """Return the row as JSON in ASCII, so that every database takes it."""
    return json.dumps(row, default=float, separators=(",", ":"))


def stamp_of(row: Mapping[str, Any]) -> int | None:
    """Return when the row was last modified, in seconds since 1970 UTC; None if it cannot be told."""
    try:
        return int(moment(row, "date_modified_gmt").timestamp())
    except Unreadable:
        return None


def amount(row: Mapping[str, Any], name: str) -> Decimal:
    """Return a number exactly. Raises Unreadable for what is none, or none that is sane."""
    value = row.get(name)
    try:
        number = Decimal(str(value)) if isinstance(value, str | int | Decimal) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    exponent = number.as_tuple().exponent
    sane = isinstance(exponent, int) and exponent >= _DEEPEST and number.adjusted() <= _LARGEST
    if isinstance(value, bool) or not sane:
        raise Unreadable(f"its {name} is {shown(value)}")
    return number


def moment(row: Mapping[str, Any], name: str) -> datetime:
    """Return a time, sent without offset and meant in UTC (section 2). Raises Unreadable."""
    value = row.get(name)
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        read = None
    if read is None or not 1990 <= read.year <= 2200:
        raise Unreadable(f"its {name} is {shown(value)}")
    return read.astimezone(UTC) if read.tzinfo is not None else read.replace(tzinfo=UTC)


def text(row: Mapping[str, Any], name: str) -> str:
    """Return a plain text, without HTML entities and what no database takes; "" for anything else."""
    value = row.get(name)
    return name_from_html(value).strip() if isinstance(value, str) else ""


def records(row: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return a list of objects; nothing for null. Raises Unreadable for anything else."""
    value = row.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Unreadable(f"its {name} are {shown(value)}")
    return value


def meta_value(row: Mapping[str, Any], key: str) -> str:
    """Return what a meta key holds as text, "" if it is not there."""
    for each in records(row, "meta_data"):
        if each.get("key") == key and isinstance(each.get("value"), str | int | Decimal):
            return readable(str(each["value"])).strip()
    return ""


def shown(value: object) -> str:
    """Return a value as a short excerpt for a sentence."""
    return repr(readable(str(value))[:40]) if value is not None else "missing"


def currency_of(row: Mapping[str, Any]) -> str:
    """Return the ISO 4217 code of the row's currency. Raises Unreadable."""
    value = text(row, "currency").upper()
    if not (len(value) == 3 and value.isascii() and value.isalpha()):
        raise Unreadable(f"its currency is {shown(row.get('currency'))}")
    return value


def flag(row: Mapping[str, Any], name: str) -> bool | None:
    """Return true or false, None for anything else."""
    value = row.get(name)
    return value if isinstance(value, bool) else None


def part(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object within the row, an empty one for anything else."""
    value = row.get(name)
    return value if isinstance(value, dict) else {}


def whole(value: object) -> int:
    """Return a positive whole number, 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0

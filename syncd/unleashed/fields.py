"""Read one field of a row: what Unleashed may send for a guid, a text, a number, a flag or a date."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

_GUID = re.compile(r"\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DATE = re.compile(r"/Date\((-?\d{1,18})([+-]\d{4})?\)/", re.ASCII)
_HALF = re.compile("[\\ud800-\\udfff]")
_NIL = "00000000-0000-0000-0000-000000000000"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

MAX_EXPONENT = 30
MAX_DIGITS = 60


class Unreadable(ValueError):
    """A field that holds something else than it should. Its text continues "the row of product X: "."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field} {why}")
        self.field = field


def guid(value: object, field: str) -> str:
    """Return a guid in lower case with dashes. Raises Unreadable for anything else, all zeros included."""
    if value is None:
        raise Unreadable(field, "is missing")
    if not isinstance(value, str):
        raise Unreadable(field, f"is not a guid ({excerpt(value)})")
    found = _GUID.fullmatch(value.strip().lower())
    normal = "-".join(found.groups()) if found else _NIL
    if normal == _NIL:
        raise Unreadable(field, f"is not a guid ({excerpt(value)})")
    return normal


def known_guid(*values: object) -> str | None:
    """Return the first of the values that is not null, if it is a guid, else None."""
    first = next((value for value in values if value is not None), None)
    try:
        return guid(first, "Guid")
    except Unreadable:
        return None


def text(value: object, field: str) -> str:
    """Return the text as it came, "" for null. Raises Unreadable if a database could not hold it."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(field, f"is not text ({excerpt(value)})")
    if "\0" in value:
        raise Unreadable(field, "contains a NUL character")
    if not value.isascii() and _HALF.search(value):
        raise Unreadable(field, "contains bytes or half characters that are not Unicode text")
    return value


def filled_text(value: object, field: str) -> str:
    """Return the text as it came. Raises Unreadable if there is none, or only spaces."""
    if not text(value, field).strip():
        raise Unreadable(field, "is blank")
    return text(value, field)


def number(value: object, field: str) -> Decimal | None:
    """Return the number with every digit it came with, None for null or blank text.

    Numbers written as text count. Raises Unreadable for other text, NaN, Infinity, and numbers that no
    price or quantity can be (more than 30 places before or after the point, more than 60 digits).
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    found = _decimal(value)
    if found is None:
        raise Unreadable(field, f"is not a number ({excerpt(value)})")
    if not found.is_finite():
        raise Unreadable(field, f"is not a finite number ({excerpt(value)})")
    if abs(found.adjusted()) > MAX_EXPONENT or len(found.as_tuple().digits) > MAX_DIGITS:
        raise Unreadable(field, f"is out of all proportion ({excerpt(value)})")
    return found if found else found.copy_abs()


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return decimal_of(value.strip())
    return None


def decimal_of(written: str) -> Decimal:
    """Return a number as JSON writes it, NaN and the infinities included; too absurd a power is NaN."""
    try:
        return Decimal(written)
    except InvalidOperation:
        return Decimal("NaN")


def quantity(value: object, field: str) -> Decimal:
    """Return the number. Raises Unreadable as `number` does, and if there is none: unknown is not zero."""
    found = number(value, field)
    if found is None:
        raise Unreadable(field, "is missing")
    return found


def flag(value: object, field: str, *, default: bool) -> bool:
    """Return true or false, `default` for null. Raises Unreadable for anything else."""
    if value is None:
        return default
    if not isinstance(value, bool):
        raise Unreadable(field, f"is neither true nor false ({excerpt(value)})")
    return value


def moment(value: object) -> datetime | None:
    r"""Return an instant, aware UTC, from `\/Date(ms)\/` with or without a zone suffix, else from ISO.

    The milliseconds count from 1970 UTC whatever the suffix says; ISO without zone is UTC. None for null
    and for anything that is no date: a row is worth keeping without its stamp. Formats: the reference, 3.1.
    """
    if not isinstance(value, str):
        return None
    found = _DATE.fullmatch(value.strip())
    try:
        if found:
            return _EPOCH + timedelta(milliseconds=int(found[1]))
        iso = datetime.fromisoformat(value.strip())
        return iso.astimezone(UTC) if iso.tzinfo else iso.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def excerpt(value: object, limit: int = 40) -> str:
    """Return the beginning of a value in printable characters, for a sentence or a stored excerpt."""
    shown = value if isinstance(value, str) else _shown(value)
    cut = shown if len(shown) <= limit else shown[:limit] + "…"
    return cut.encode("unicode_escape", "backslashreplace").decode("ascii") if not cut.isprintable() else cut


def _shown(value: object) -> str:
    return str(value) if isinstance(value, Decimal) else json.dumps(value, default=str)

"""The column types that both databases must agree on: instants, exact decimals, JSON and free text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Dialect, Integer, Numeric, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

FURTHEST_PLACE = 100
"""A decimal with a digit further than this from its point is a mistake, not a price."""

Key = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that is sorted and paged by: by bytes on both databases, whatever the machine's locale."""

BigId = BigInteger().with_variant(Integer(), "sqlite")
"""A counted-up id for tables that grow for years; SQLite counts up only what it calls INTEGER."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Takes aware datetimes of any zone (a naive one is a ValueError), returns aware UTC.

    Text of fixed width on SQLite, so that it sorts as time; `timestamptz` on PostgreSQL. Keeps microseconds.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        wanted = TIMESTAMP(timezone=True) if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(wanted)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        instant = value.astimezone(UTC)
        if dialect.name == "postgresql":
            return instant
        return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        instant = datetime.fromisoformat(value) if isinstance(value, str) else value
        return instant if instant.tzinfo is UTC else instant.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """Return the above without SQLAlchemy's wrapping, which takes longer than it does, on every row."""
        return _instant if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


class Exact(TypeDecorator[Decimal]):
    """A decimal exactly as received. Never calculated, ordered or compared in SQL.

    Takes Decimal only (TypeError otherwise); NaN, Infinity and absurd exponents are a ValueError. Canonical
    text on SQLite, unconstrained NUMERIC on PostgreSQL; returns the same value, without trailing zeros.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        wanted = Numeric(asdecimal=True) if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(wanted)

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        text = canonical(value)
        return Decimal(text) if dialect.name == "postgresql" else text

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Decimal | None] | None:
        return _exact if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


class Json(TypeDecorator[Any]):
    """Lists, mappings, text and numbers, or one of our records, as JSON text; returned as plain data."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else msgspec.json.decode(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        return _plain if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


class Prose(TypeDecorator[str]):
    """Text of unknown origin. What a database cannot hold is stored as its escape: NUL, lone surrogates."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None] | None:
        return None if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _instant(value: str | None) -> datetime | None:
    if value is None:
        return None
    instant = datetime.fromisoformat(value)
    return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


def _exact(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _plain(value: str | None) -> Any:
    return None if value is None else msgspec.json.decode(value)


def canonical(value: Decimal) -> str:
    """Return the one text that stands for this value: no exponent, no trailing zeros, no negative zero."""
    if not isinstance(value, Decimal):
        raise TypeError(f"only a Decimal is exact, not {type(value).__name__}")
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"{value} is not a number")
    if value and not -FURTHEST_PLACE <= exponent <= value.adjusted() <= FURTHEST_PLACE:
        raise ValueError(f"{value} is out of all proportion")
    text = format(value, "f") if value else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text


def storable(text: str) -> str:
    """Return the text with NUL and lone surrogates spelled as escapes."""
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")

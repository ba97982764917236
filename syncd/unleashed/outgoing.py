"""Write what is posted to Unleashed as JSON: the same record always gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

import msgspec

from syncd.core.order import Address

T = TypeVar("T")

_ENCODE = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Creation(Generic[T]):
    """What came of a wish for a record: the one that is there now, and whether it was made just now."""

    record: T
    created: bool


def json_bytes(values: Mapping[str, object]) -> bytes:
    """Return the object as UTF-8 JSON in the order given, numbers as numbers with every digit they have.

    Raises ValueError for what no JSON number or text can be: NaN, infinities, lone surrogates.
    """
    return _ENCODE(_plain(values))


def filled(**values: object) -> dict[str, object]:
    """Return the values that are not blank: what is left out is not set, and "" would be no better."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def named(guid: str, name: str, code: str) -> dict[str, object]:
    """Return how a record refers to another one: by guid alone, by code under this name where there is none.

    Never by both: the code may have been changed, or given to another record, since it was read.
    """
    return {"Guid": guid} if guid else {name: code}


def street_fields(address: Address, prefix: str, postcode: str) -> dict[str, object]:
    """Return the parts of an address under Unleashed's names; that of the postcode differs by place."""
    parts = {
        "StreetAddress": address.street,
        "StreetAddress2": address.street2,
        "Suburb": address.suburb,
        "City": address.city,
        "Region": address.region,
        "Country": address.country,
        postcode: address.postcode,
    }
    return filled(**{f"{prefix}{name}": value for name, value in parts.items()})


def addressee(address: Address) -> str:
    """Return to whom something is sent: the person, and the company if there is one."""
    return ", ".join(part for part in (address.name.strip(), address.company.strip()) if part)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is no amount")
        return msgspec.Raw(format(value, "f").encode())
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value

"""Lists that lie: poisoned rows, shrunken answers, rows withheld, changes between two pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeVar

from syncd.emulator.unleashed_wire import json_text

Row = TypeVar("Row")
Poison = str | Callable[[str], str]


@dataclass(slots=True)
class _Trick:
    kind: Literal["shrink", "withhold"]
    resource: str
    rows: int
    times: int


@dataclass(slots=True)
class Mischief:
    """Misbehaviour of lists that is no network fault. Records by guid are never touched.

    `between_pages` is called with resource and page number before any page after the first is
    read, for a change that shifts the pages.
    """

    between_pages: Callable[[str, int], object] | None = None
    _poisons: dict[tuple[str, str], Poison] = field(default_factory=dict)
    _tricks: list[_Trick] = field(default_factory=list)

    def poison(self, resource: str, guid: str, row: Poison) -> None:
        """Send this raw JSON text, or what it makes of the true row, in place of one record's row."""
        self._poisons[resource, guid.lower()] = row

    def cure(self, resource: str, guid: str) -> None:
        """Send the true row again."""
        del self._poisons[resource, guid.lower()]

    def shrink(self, resource: str, rows: int, times: int = 1) -> None:
        """Answer the next lists as if only the first so many rows existed; the envelope agrees."""
        self._tricks.append(_Trick("shrink", resource, rows, times))

    def withhold(self, resource: str, rows: int = 1, times: int = 1) -> None:
        """Leave the last rows out of the next pages while the envelope counts them."""
        self._tricks.append(_Trick("withhold", resource, rows, times))

    def before_page(self, resource: str, page: int) -> None:
        """Let the change between two pages happen."""
        if page > 1 and self.between_pages is not None:
            self.between_pages(resource, page)

    def listed(self, resource: str, rows: Sequence[Row]) -> Sequence[Row]:
        """Return the rows that are to exist for this answer."""
        trick = self._due("shrink", resource)
        return rows if trick is None else rows[: trick.rows]

    def sent(self, resource: str, guids: Sequence[str], rows: list[bytes]) -> list[bytes]:
        """Return the rendered rows of one page as they go out."""
        if self._poisons:
            rows = [self._row(resource, guid, row) for guid, row in zip(guids, rows, strict=True)]
        trick = self._due("withhold", resource)
        return rows if trick is None else rows[: max(len(rows) - trick.rows, 0)]

    def _row(self, resource: str, guid: str, row: bytes) -> bytes:
        poison = self._poisons.get((resource, guid))
        if poison is None:
            return row
        text = poison if isinstance(poison, str) else poison(row.decode())
        return text.encode("utf-8", "backslashreplace")

    def _due(self, kind: str, resource: str) -> _Trick | None:
        for trick in self._tricks:
            if (trick.kind, trick.resource) == (kind, resource) and trick.times > 0:
                trick.times -= 1
                return trick
        return None


def with_value(name: str, raw: str) -> Callable[[str], str]:
    """Return a poison that puts raw JSON text in place of a field's value, or adds the field."""
    return lambda row: _joined({**_raw_fields(row), name: raw})


def without(name: str) -> Callable[[str], str]:
    """Return a poison that leaves a field out."""
    return lambda row: _joined({field: raw for field, raw in _raw_fields(row).items() if field != name})


def in_other_case(row: str) -> str:
    """Be a poison: the code with upper and lower case exchanged."""
    fields = _raw_fields(row)
    code = json.loads(fields["ProductCode"])
    return _joined({**fields, "ProductCode": json_text(code.swapcase())})


def _raw_fields(row: str) -> dict[str, str]:
    fields = json.loads(row, parse_float=Decimal)
    return {name: json_text(value) for name, value in fields.items()}


def _joined(fields: Mapping[str, str]) -> str:
    text = "{" + ",".join(f"{json_text(name)}:{raw}" for name, raw in fields.items()) + "}"
    return text.replace('"/Date(', '"\\/Date(').replace(')/"', ')\\/"')


POISONS: Mapping[str, Callable[[str], str]] = {
    "null code": with_value("ProductCode", "null"),
    "null stamp": with_value("LastModifiedOn", "null"),
    "strange stamp": with_value("LastModifiedOn", '"12/10/2014 8:08:10 p.m."'),
    "far stamp": with_value("LastModifiedOn", '"/Date(253402300799000)/"'),
    "text for a price": with_value("DefaultSellPrice", '"call us"'),
    "text for a quantity": with_value("AvailableQty", '"many"'),
    "NaN price": with_value("DefaultSellPrice", "NaN"),
    "NaN quantity": with_value("AvailableQty", "NaN"),
    "infinite price": with_value("DefaultSellPrice", "Infinity"),
    "absurd exponent": with_value("DefaultSellPrice", "1E400"),
    "lone surrogate": with_value("ProductDescription", '"tea \\ud800"'),
    "NUL": with_value("ProductDescription", '"tea \\u0000"'),
    "unknown field": with_value("FieldOfNextYear", '{"Deep":[1,null]}'),
    "500-character name": with_value("ProductDescription", f'"{"n" * 500}"'),
    "other case": in_other_case,
    "no guid": lambda row: without("Guid")(without("ProductGuid")(row)),
    "not a record": lambda _row: "17",
    "null row": lambda _row: "null",
}
"""Rows met or feared, by name; each makes the poisoned row from the true one.

Legal oddities (an unknown field, 500 characters, the other case) are among them: those a client must take.
"""

"""Read what is posted to the emulated Unleashed, strictly: each field is what it should be, or refused."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from syncd.emulator.unleashed_lists import is_guid
from syncd.emulator.unleashed_wire import Refused

_DAY = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,7})?)?")


def invalid(description: str) -> Refused:
    """Return the refusal of a record that breaks a rule, in the vendor's words as far as known."""
    return Refused(400, description)


@dataclass(frozen=True, slots=True)
class Body:
    """One posted JSON object. `where` names it in refusals. Every reader raises Refused with 400.

    Null, a missing field and, for texts, "" are all "not given".
    """

    values: Mapping[str, object]
    where: str = ""

    @classmethod
    def parse(cls, raw: bytes) -> Body:
        """Return the object a request carries; numbers keep every digit."""
        try:
            values = json.loads(raw, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_number)
        except ValueError as error:
            raise invalid("The request body is not JSON.") from error
        if not isinstance(values, dict):
            raise invalid("The request body is not an object.")
        return cls(values)

    def only(self, names: Container[str]) -> None:
        """Refuse fields no document names with 501: the vendor ignores them, and nobody notices the typo."""
        for name in self.values:
            if name not in names:
                raise Refused(501, f"The emulator knows no {self.where}{name}.")

    def has(self, name: str) -> bool:
        """Tell whether the field is there at all, null included."""
        return name in self.values

    def text(self, name: str, limit: int = 500) -> str | None:
        """Return a text of at most `limit` characters."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise self._wrong(name, "is not a text")
        if len(value) > limit:
            raise self._wrong(name, f"is longer than {limit} characters")
        return value

    def number(self, name: str) -> Decimal | None:
        """Return an exact number; a number written as text is none."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, Decimal):
            raise self._wrong(name, "is not a number")
        return value

    def flag(self, name: str) -> bool | None:
        """Return true or false."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(name, "is neither true nor false")
        return value

    def guid(self, name: str) -> str | None:
        """Return a guid in lower case."""
        value = self.text(name)
        if value is not None and not is_guid(value):
            raise self._wrong(name, "is not a GUID")
        return value.lower() if value else None

    def day(self, name: str) -> datetime | None:
        """Return the UTC midnight of an ISO date or time without zone."""
        value = self.text(name)
        if value is None:
            return None
        try:
            if not _DAY.fullmatch(value):
                raise ValueError(value)
            return datetime.fromisoformat(value[:10]).replace(tzinfo=UTC)
        except ValueError as error:
            raise self._wrong(name, "is not a date") from error

    def part(self, name: str) -> Body | None:
        """Return an object inside this one."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self._wrong(name, "is not an object")
        return Body(value, f"{self.where}{name}.")

    def parts(self, name: str) -> list[Body]:
        """Return a list of objects inside this one, none if it is not given."""
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self._wrong(name, "is not a list of objects")
        return [Body(item, f"{self.where}{name}[{place}].") for place, item in enumerate(value)]

    def needed_text(self, name: str, limit: int = 500) -> str:
        """Return a text that must be given and not be blank."""
        value = self.text(name, limit)
        if value is None or not value.strip():
            raise self._wrong(name, "is required")
        return value

    def needed_number(self, name: str) -> Decimal:
        """Return a number that must be given."""
        value = self.number(name)
        if value is None:
            raise self._wrong(name, "is required")
        return value

    def _wrong(self, name: str, why: str) -> Refused:
        return invalid(f"{self.where}{name} {why}.")


def _no_number(written: str) -> object:
    raise ValueError(f"{written} is no JSON number")

"""Take an answer of Unleashed apart, envelope first, then each row alone: a bad one costs only itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, TypeVar

import msgspec

from syncd.core.model import Poison
from syncd.unleashed.fields import Unreadable, decimal_of, excerpt, known_guid

T = TypeVar("T")
R = TypeVar("R", bound="Row")

MAX_EXCERPT = 200
_LONGEST_INT = 40

KNOWN = 5000
"""Rows of one kind that are kept as they were read; with more all are forgotten."""

Item = msgspec.Raw | object
"""One row before it is read: its raw bytes, or plain values if the fast decoder refused the page."""


class Undecodable(ValueError):
    """A body that is not the JSON it should be. Its text continues "the answer … "."""


class Pagination(msgspec.Struct, frozen=True, rename="pascal"):
    """Where a page lies in its list. An empty result has page 0 of 0."""

    number_of_items: int
    page_size: int
    page_number: int
    number_of_pages: int


class Page(msgspec.Struct, frozen=True, rename="pascal"):
    """The envelope of a list, its rows still unread."""

    pagination: Pagination
    items: list[msgspec.Raw]


class Row(msgspec.Struct, rename="pascal"):
    """What names a row of any list. Every field may be missing or hold anything: `fields` judges it."""

    guid: object = None
    product_guid: object = None
    product_code: object = None

    def label(self) -> object:
        """Return what people call the record, unread."""
        return self.product_code


@dataclass(frozen=True, slots=True)
class Decoded(Generic[T]):
    """The rows of one page: those that could be read, those that could not, and the guids of both."""

    rows: tuple[T, ...]
    poison: tuple[Poison, ...]
    guids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reader(Generic[R, T]):
    """How rows of one kind are read: their wire struct, and what makes a record of it or raises Unreadable.

    A record of None is a row that is not wanted.
    """

    shape: type[R]
    record: Callable[[R], T | None]
    noun: str = "product"
    _known: dict[bytes, tuple[T | None, None, str | None]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What was made of rows lately, by the hash of their bytes: an overlap brings most of them many times."""

    def read(self, items: Sequence[Item], page: int = 1) -> Decoded[T]:
        """Read each row by itself."""
        decoder = msgspec.json.Decoder(self.shape, float_hook=decimal_of)
        outcomes = [
            self._read_one(decoder, item, f"row {place} of page {page}")
            for place, item in enumerate(items, start=1)
        ]
        return Decoded(
            tuple(record for record, _, _ in outcomes if record is not None),
            tuple(poison for _, poison, _ in outcomes if poison is not None),
            frozenset(guid for _, _, guid in outcomes if guid is not None),
        )

    def _read_one(
        self, decoder: msgspec.json.Decoder[R], item: Item, place: str
    ) -> tuple[T | None, Poison | None, str | None]:
        key = hashlib.blake2b(item, digest_size=16).digest() if isinstance(item, msgspec.Raw) else None
        if key is not None and (known := self._known.get(key)) is not None:
            return known
        row: R | None = None
        guid: str | None = None
        try:
            row = self._shaped(decoder, item)
            guid = known_guid(row.product_guid, row.guid)
            return self._noted(key, (self.record(row), None, guid))
        except (Unreadable, Undecodable) as error:
            return None, _poison(self.noun, row, guid, place, str(error), item), guid

    def _noted(
        self, key: bytes | None, outcome: tuple[T | None, None, str | None]
    ) -> tuple[T | None, None, str | None]:
        if key is not None:
            if len(self._known) >= KNOWN:
                self._known.clear()
            self._known[key] = outcome
        return outcome

    def _shaped(self, decoder: msgspec.json.Decoder[R], item: Item) -> R:
        if isinstance(item, msgspec.Raw):
            try:
                return decoder.decode(item)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                item = parse(bytes(item))
        try:
            return msgspec.convert(item, self.shape)
        except msgspec.ValidationError as error:
            raise Undecodable("it is not an object") from error


def _poison(noun: str, row: Row | None, guid: str | None, place: str, why: str, item: Item) -> Poison:
    label = row.label() if row is not None else None
    code = excerpt(label.strip(), 100) if isinstance(label, str) else ""
    name = f"{noun} {code or guid}" if code or guid else f"the {noun} in {place}"
    raw = bytes(item).decode("utf-8", "surrogateescape") if isinstance(item, msgspec.Raw) else item
    return Poison(guid or code or place, f"The row of {name} was left out: {why}.", excerpt(raw, MAX_EXCERPT))


def parse(body: bytes) -> object:
    """Return the values of a JSON text of any quality: numbers exact, NaN and broken characters kept as such.

    Bytes that are not UTF-8 become lone surrogates. Raises Undecodable if it is not JSON at all.
    """
    try:
        return json.loads(
            body.decode("utf-8-sig", "surrogateescape"),
            strict=False,
            parse_float=decimal_of,
            parse_int=_integer,
            parse_constant=decimal_of,
        )
    except json.JSONDecodeError as error:
        raise Undecodable("breaks off or is not JSON") from error
    except RecursionError as error:
        raise Undecodable("is nested too deeply") from error


def _integer(written: str) -> int | Decimal:
    return int(written) if len(written) <= _LONGEST_INT else decimal_of(written)


def parse_page(body: bytes) -> tuple[Pagination, Sequence[Item]]:
    """Return the envelope of a list and its rows. Raises Undecodable if it is no list in an envelope."""
    try:
        page = msgspec.json.decode(body, type=Page)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _parse_page_slowly(body)
    return page.pagination, page.items


def _parse_page_slowly(body: bytes) -> tuple[Pagination, Sequence[Item]]:
    answer = parse(body)
    if not isinstance(answer, dict) or not isinstance(answer.get("Items"), list):
        raise Undecodable("has no list of Items")
    try:
        return msgspec.convert(answer.get("Pagination"), Pagination), answer["Items"]
    except msgspec.ValidationError as error:
        raise Undecodable("has no usable Pagination") from error


def parse_loose(body: bytes) -> Sequence[Item]:
    """Return the rows of an answer whose wrapping is not documented.

    A bare object is one row; a bare list, `Items` alone and an envelope are lists. Raises Undecodable for
    anything else, and for an envelope that counts more rows than it holds.
    """
    answer = parse(body)
    if isinstance(answer, list):
        return answer
    if not isinstance(answer, dict):
        raise Undecodable("is neither an object nor a list")
    if "Items" not in answer and "Pagination" not in answer:
        return [answer]
    return _counted(answer.get("Items"), answer.get("Pagination"))


def _counted(items: object, pagination: object) -> Sequence[Item]:
    if not isinstance(items, list):
        raise Undecodable("has no list of Items")
    total = pagination.get("NumberOfItems") if isinstance(pagination, dict) else None
    if total is not None and total != len(items):
        raise Undecodable(f"counts {total} rows but holds {len(items)}")
    return items

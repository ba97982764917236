"""How orders, their lines, products and customers are called before Unleashed has seen them: always alike."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from uuid import UUID, uuid5

SYNCD = UUID("6d1c9c38-5f0b-5d0e-9a3c-2f6f0a7c5b11")
"""The root of every identifier made here. To change it would be to post every order a second time."""

NUMBER_LIMIT = 17
"""The longest order number that the vendor's list of limits knows (support article 11581801)."""

SOURCE_LIMIT = 500
"""The longest SourceId known, a product's (reference, 4.3)."""


@dataclass(frozen=True, slots=True)
class Names:
    """The stable words for a store and for its account: the store's identity, the account's API id.

    Neither comes from the database nor from a section's name, so that a lost database, a restored one and a
    renamed section all arrive at the same identifiers.
    """

    store: str
    account: str


def order_guid(names: Names, order_id: str) -> str:
    """Return the guid under which an order is posted, lower case."""
    return _guid("order", names.store, order_id)


def line_guid(names: Names, order_id: str, line_id: str, kind: str) -> str:
    """Return the guid of one line. `kind` tells lines apart where a store numbers each kind by itself."""
    return _guid("line", names.store, order_id, kind, line_id)


def product_guid(names: Names, code: str) -> str:
    """Return the guid under which a missing product is created: one for a code in the whole account."""
    return _guid("product", names.account, code.strip())


def customer_guid(names: Names, folded_email: str) -> str:
    """Return the guid under which a customer is created: one for an address in the whole account."""
    return _guid("customer", names.account, folded_email)


def order_number(prefix: str, order_id: str) -> str:
    """Return the number of the order: prefix and id; where that is too long, prefix and a hash of the id.

    An id is never cut, for two orders might then share a number. Raises ValueError if the prefix leaves
    fewer than 8 characters.
    """
    number = f"{prefix}{order_id}"
    if len(number) <= NUMBER_LIMIT:
        return number
    room = NUMBER_LIMIT - len(prefix)
    if room < 8:
        raise ValueError(f"the prefix {prefix!r} leaves no room for a number of {NUMBER_LIMIT} characters")
    return prefix + short_hash(order_id, room)


def source_id(names: Names, order_id: str) -> str:
    """Return what the order is looked up by in Unleashed: the store's identity and the order's id."""
    source = f"{names.store}:{order_id}"
    return source if len(source) <= SOURCE_LIMIT else f"{short_hash(names.store, 26)}:{order_id}"


def short_hash(text: str, length: int) -> str:
    """Return the first characters of the SHA-256 of a text in base32: A to Z and 2 to 7, at most 52."""
    digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).digest()
    return base64.b32encode(digest).decode("ascii")[:length]


def _guid(*parts: str) -> str:
    """Return the UUIDv5 of parts that cannot run into each other: each is preceded by its length."""
    name = "".join(f"{len(part)}:{part}" for part in parts)
    return str(uuid5(SYNCD, name.encode("utf-8", "backslashreplace").decode("utf-8")))

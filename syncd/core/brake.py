"""When too many listings would be emptied, hidden or re-priced at once: hold those, and let the rest flow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from syncd.core.model import Content, FieldName, ListingStatus

BrakeClass = Literal["zero", "unpublish", "price"]
CLASSES: tuple[BrakeClass, ...] = ("zero", "unpublish", "price")

FIELD_OF: Mapping[BrakeClass, FieldName] = {"zero": "stock", "unpublish": "status", "price": "price"}
"""The one field that each class is about."""


@dataclass(frozen=True, slots=True)
class BrakeRules:
    """The `brake` table of the configuration: shares of the store's linked listings within 24 hours.

    `price_move` is the change from which on a price counts, relative to what it was: 0.5 is half as much
    again, or half. Fewer affected listings than `minimum` never brake.
    """

    zero: Decimal = Decimal("0.2")
    unpublish: Decimal = Decimal("0.1")
    price: Decimal = Decimal("0.2")
    price_move: Decimal = Decimal("0.5")
    minimum: int = 20

    def share(self, kind: BrakeClass) -> Decimal:
        """Return the share of listings that this class may touch."""
        shares = {"zero": self.zero, "unpublish": self.unpublish, "price": self.price}
        return shares[kind]


def classify(before: Content, change: Content, rules: BrakeRules) -> frozenset[BrakeClass]:
    """Return the suspicious classes of a change to a listing that is there. `before` is what the store shows.

    A listing whose stock the store did not track until now was sold without limit: zero empties it too.
    """
    found: set[BrakeClass] = set()
    if change.stock is not None and change.stock <= 0 and (before.stock is None or before.stock > 0):
        found.add("zero")
    if change.status is ListingStatus.HIDDEN and before.status is ListingStatus.LIVE:
        found.add("unpublish")
    if _moved(before.price, change.price, rules.price_move):
        found.add("price")
    return frozenset(found)


def classify_noted(
    changes: Iterable[tuple[str, str | None, str | None]], rules: BrakeRules
) -> frozenset[BrakeClass]:
    """Return the same for changes as they were noted down: field, before, after, as texts."""
    noted = list(changes)
    before = _content((name, shows) for name, shows, _ in noted)
    return classify(before, _content((name, wanted) for name, _, wanted in noted), rules)


def _content(values: Iterable[tuple[str, str | None]]) -> Content:
    known = {name: value for name, value in values if value is not None}
    return Content(
        price=Decimal(known["price"]) if "price" in known else None,
        stock=Decimal(known["stock"]) if "stock" in known else None,
        status=ListingStatus(known["status"]) if "status" in known else None,
    )


def _moved(before: Decimal | None, after: Decimal | None, limit: Decimal) -> bool:
    """Tell whether a price moves by the limit or more.

    No price falls by more than the whole of it: under a limit of 1 or more a fall counts as the rise back.
    """
    if before is None or after is None or before <= 0:
        return False
    base = before if limit < 1 else min(before, after)
    return abs(after - before) >= limit * base


def tripped(affected: Mapping[BrakeClass, int], linked: int, rules: BrakeRules) -> frozenset[BrakeClass]:
    """Return the classes to hold. `affected`: listings touched in 24 hours or wanted now, of `linked`."""
    return frozenset(
        kind
        for kind in CLASSES
        if (count := affected.get(kind, 0)) >= rules.minimum and count > rules.share(kind) * linked
    )


def without(change: Content, held: Iterable[BrakeClass]) -> Content:
    """Return what of a change may flow when these classes are held."""
    nothing: dict[str, None] = {FIELD_OF[kind]: None for kind in held}
    return replace(change, **nothing)


def fingerprint(store_id: int, changes: Iterable[tuple[str, str, str]]) -> str:
    """Return the name of a store's diff: 12 hex digits over (guid, field, value after), in any order."""
    digest = hashlib.sha256(f"{store_id}\x1e".encode())
    for guid, name, after in sorted(changes):
        digest.update(f"{guid}\x1f{name}\x1f{after}\x1e".encode())
    return digest.hexdigest()[:12]

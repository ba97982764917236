"""The records that everything else is about. Frozen, plain, and free of any remote system's spelling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, Literal, TypeVar

from syncd.core.sale import TaxCode

T = TypeVar("T")

FieldName = Literal["name", "price", "stock", "status"]
FIELDS: tuple[FieldName, ...] = ("name", "price", "stock", "status")

ALL_WAREHOUSES = ""
"""The warehouse name under which Unleashed's own sum over all warehouses is kept."""


class ListingStatus(StrEnum):
    """Whether buyers see a listing. `TRASH` is a store's bin: not sold, but its code may still be taken."""

    LIVE = "live"
    HIDDEN = "hidden"
    TRASH = "trash"


@dataclass(frozen=True, slots=True)
class Tier:
    """One of Unleashed's ten sell prices. `price` is ex tax, in the account's currency; None = not set."""

    number: int
    name: str
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class Product:
    """Unleashed's record of a product. `guid` is its identity (lower case); the code may change or repeat.

    `price` is DefaultSellPrice: ex tax, in the account's base currency, None when not set. `modified`
    is Unleashed's own stamp, aware UTC, None when it sent none. `gone`: Unleashed said by guid that it has
    no such product any more; the rest is what it last said of it.
    """

    guid: str
    code: str
    name: str
    price: Decimal | None = None
    tiers: tuple[Tier, ...] = ()
    obsolete: bool = False
    sellable: bool = True
    component: bool = False
    assembled: bool = False
    never_diminishing: bool = False
    modified: datetime | None = None
    gone: bool = False

    @property
    def retired(self) -> str:
        """Why it is not sold any more: "gone in Unleashed", "obsolete in Unleashed", or "" if it is sold."""
        if self.gone:
            return "gone in Unleashed"
        return "obsolete in Unleashed" if self.obsolete else ""


@dataclass(frozen=True, slots=True)
class StockRow:
    """What Unleashed has of one product in one warehouse (`ALL_WAREHOUSES` = its own sum).

    Quantities are in the product's unit and may be negative or fractional.
    """

    guid: str
    warehouse: str
    available: Decimal
    on_hand: Decimal = Decimal(0)
    allocated: Decimal = Decimal(0)
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Poison:
    """A row that could not be read: which one, why, and its first characters for a person to look at."""

    key: str
    reason: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Value(Generic[T]):
    """What a field should show and the rule that says so. `value` None: leave it alone, for that reason.

    `held` marks the reasons that a person should remove (a tax mode that does not fit, another currency),
    as against those that are as they should be.
    """

    value: T | None
    rule: str
    held: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """What a store should show for one product, before the store's own limits (see `Store.fit`).

    `price` is in the store's currency and the store's tax mode. A value of None is left alone.
    """

    code: str
    name: Value[str]
    price: Value[Decimal]
    stock: Value[Decimal]
    status: Value[ListingStatus]


@dataclass(frozen=True, slots=True)
class Content:
    """The fields of one listing as plain values: what is written, was written, or is shown.

    None means: not part of this write, or not shown by the store.
    """

    name: str | None = None
    price: Decimal | None = None
    stock: Decimal | None = None
    status: ListingStatus | None = None

    def get(self, name: FieldName) -> str | Decimal | ListingStatus | None:
        value: str | Decimal | ListingStatus | None = getattr(self, name)
        return value

    def set_fields(self) -> tuple[FieldName, ...]:
        """Return the names of the fields that have a value, in their fixed order."""
        return tuple(name for name in FIELDS if getattr(self, name) is not None)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the store shows for one of its records.

    `ref` is the store's own id for it, as text. `code` is its SKU, trimmed, otherwise verbatim.
    `locked` names fields that this record cannot take and why ("the store does not track its stock").
    `duplicates` are the refs of other records with the same code, this one left out.
    """

    ref: str
    code: str
    content: Content
    tax_class: str = ""
    locked: Mapping[str, str] = field(default_factory=dict)
    duplicates: tuple[str, ...] = ()

    def status_is_trash(self) -> bool:
        return self.content.status is ListingStatus.TRASH

    def sells_itself(self) -> bool:
        """Tell whether it can have a price or stock: the parent of variations has neither, for one reason."""
        return "price" not in self.locked or self.locked["price"] != self.locked.get("stock")


@dataclass(frozen=True, slots=True)
class ShownPage:
    """One page of everything the store holds. `cursor` None: this was the last one."""

    items: tuple[Shown, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Write:
    """One record to be written: `ref` None creates it under `code`, otherwise `content`'s set fields change.

    `key` is the product's guid, handed back in the outcome. `expected` is what was shown when the write
    was decided, for stores that can compare before they set.
    """

    key: str
    ref: str | None
    code: str
    content: Content
    expected: Shown | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The store confirmed the write; `shown` is what it answered that it now shows."""

    key: str
    shown: Shown


@dataclass(frozen=True, slots=True)
class Refused:
    """The store said no to this one record. `reason` and `do` are sentences for a person."""

    key: str
    reason: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What `Store.check()` learns about a shop. None = the shop would not say.

    `identity` is kind and the shop's own id or normalised home URL. `currency` is an ISO 4217 code.
    `price_decimals` is how many places its prices show. `address` is where it was asked.
    """

    identity: str
    currency: str | None = None
    prices_include_tax: bool | None = None
    price_decimals: int | None = None
    tracks_stock: bool | None = None
    version: str = ""
    warnings: tuple[str, ...] = ()
    address: str = ""


@dataclass(frozen=True, slots=True)
class Warehouse:
    """One of Unleashed's warehouses."""

    code: str
    name: str
    obsolete: bool = False
    default: bool = False


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What Unleashed says about the account itself. `currency` None = it would not say.

    `taxes` are the tax codes, None where they were not read: only orders need them.
    """

    company: str = ""
    currency: str | None = None
    warehouses: tuple[Warehouse, ...] = ()
    taxes: tuple[TaxCode, ...] | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Which store record is which product, and what we last wrote there.

    `ref` None: looked for and not found (`gone` tells that it once was linked and has vanished).
    `creating` is set, and stored, before a create is sent: whatever is then found under the code is ours.
    `owned` are the fields we may change beside stock: all on listings we created, none on adopted ones.
    `hidden_from` is the status a listing had before we hid it because its product became obsolete.
    `wrote` also takes in what an adopted record was found to show of owned fields just as we would write it.
    `tax_class` is the one its record showed when it was last looked at. `doubts` counts the writes in a row
    that the store did not answer. `planned` is what shadow mode would have written: field, before, after,
    rule. `risen`: while orders are open a rise of stock waits for a second read; this is what the first one
    said may be sold, and when it was asked for.
    """

    guid: str
    ref: str | None = None
    code: str = ""
    tax_class: str = ""
    created: bool = False
    creating: bool = False
    gone: bool = False
    owned: frozenset[str] = frozenset()
    hidden_from: ListingStatus | None = None
    wrote: Content = Content()
    pushed_mirror: int = 0
    pushed_rules: str = ""
    parked: str = ""
    ambiguous: str = ""
    parked_do: str = ""
    doubts: int = 0
    planned: tuple[tuple[str, str | None, str | None, str], ...] = ()
    pushed_demand: int = 0
    risen: tuple[Decimal, datetime] | None = None

"""Read WooCommerce's products and variations as what the store shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from syncd.core.model import Content, ListingStatus, Shown
from syncd.stores.woocommerce.fitting import name_from_html, readable

FIELDS = "id,parent_id,type,status,sku,name,regular_price,manage_stock,stock_quantity,tax_class"

_UNTRACKED = 'the shop does not track its stock (manage_stock = "enable" would have it tracked)'
_FROM_PARENT = "it sells from its parent product's stock"
_OF_VARIATIONS = "it has variations, which carry their own"
_NAME_OF_PARENT = "the name of a variation comes from its parent product"


@dataclass(frozen=True, slots=True)
class WooSettings:
    """A shop's own options. `manage_stock` "enable": start tracking stock where the shop does not yet.

    `code_field` is the meta key under which customers (or their orders) carry the account code, "" if none.
    """

    manage_stock: Literal["leave", "enable"] = "leave"
    code_field: str = ""


@dataclass(frozen=True, slots=True)
class Ref:
    """A record's place: a product's id, and a variation's id below it."""

    product: int
    variation: int | None = None

    @classmethod
    def parse(cls, text: str) -> Ref | None:
        """Return the place that "12" or "12/13" names, None for any other text."""
        parts = text.split("/")
        if len(parts) > 2 or not all(part.isascii() and part.isdigit() for part in parts):
            return None
        return cls(*(int(part) for part in parts))

    def __str__(self) -> str:
        return f"{self.product}" if self.variation is None else f"{self.product}/{self.variation}"


def row_id(row: Mapping[str, Any]) -> int:
    """Return the id of an answered record, 0 if it has none."""
    value = row.get("id")
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def shown(row: Mapping[str, Any], settings: WooSettings, parent: int = 0) -> Shown:
    """Return what an answered product or variation shows (reference section 3.6).

    Price: regular_price, in the shop's currency and tax mode. Stock: units, None when not tracked here.
    `parent` is the product whose variations were asked for, which older versions do not repeat in
    the row. A value that cannot be read is None and locked, so that it is never taken for absent.
    """
    owner = _whole(row.get("parent_id")) or parent
    variation = row.get("type") == "variation" or (parent > 0 and "type" not in row)
    kind = "variation" if variation else str(row.get("type") or "simple")
    ref = Ref(owner, row_id(row)) if variation and owner else Ref(row_id(row))
    locked = _locked(kind, row.get("manage_stock"), settings)
    price = _number("price", row.get("regular_price"), locked)
    tracked = row.get("manage_stock") is True
    stock = _number("stock", row.get("stock_quantity"), locked) if tracked else None
    content = Content(
        name=None if variation else name_from_html(_text(row.get("name"))) or None,
        price=price,
        stock=stock,
        status=_status(row.get("status")),
    )
    code = readable(_text(row.get("sku"))).strip()
    return Shown(str(ref), code, content, tax_class=_text(row.get("tax_class")), locked=locked)


def _locked(kind: str, tracking: object, settings: WooSettings) -> dict[str, str]:
    locked: dict[str, str] = {}
    if kind == "variation":
        locked["name"] = _NAME_OF_PARENT
    if kind == "variable":
        locked |= {"price": _OF_VARIATIONS, "stock": _OF_VARIATIONS}
    elif kind not in ("simple", "variation"):
        locked |= dict.fromkeys(("price", "stock"), f"products of type {kind} are left alone")
    elif tracking == "parent":
        locked["stock"] = _FROM_PARENT
    elif tracking is not True and settings.manage_stock == "leave":
        locked["stock"] = _UNTRACKED
    return locked


def _number(field: str, value: object, locked: dict[str, str]) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite() or number.adjusted() > 15:
        locked[field] = f"the shop shows a {field} that cannot be read: {readable(str(value))[:40]!r}"
        return None
    return number


def _status(value: object) -> ListingStatus:
    if value == "publish":
        return ListingStatus.LIVE
    return ListingStatus.TRASH if value == "trash" else ListingStatus.HIDDEN


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0

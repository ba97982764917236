"""What WordPress checks before an endpoint runs: types, words and bounds of the parameters it knows.

A parameter that is not listed is ignored, whatever it says (reference section 3.1). The lists are those
of `OPTIONS /products` on WooCommerce 11.0.1, as far as products are concerned.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncd.emulator.woocommerce_shop import Refused, Settings
from syncd.emulator.woocommerce_values import STATUSES, STOCK_STATUSES

TYPES = ("simple", "grouped", "external", "variable")
LISTED_STATUSES = ("any", "future", "trash", "draft", "pending", "private", "publish")
ORDERS = (
    *("date", "id", "include", "title", "slug", "modified", "popularity", "rating", "post__in"),
    *("price", "sales", "menu_order", "random"),
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}(?::\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter WordPress knows: its kinds, and what it may be."""

    kind: str
    words: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    nullable: bool = False


_TEXT, _FLAG, _LIST, _OBJECT, _IDS = (
    Field(kind) for kind in ("string", "boolean", "array", "object", "integers")
)
_INTEGER, _STAMP = Field("integer"), Field("string", nullable=True)

LIST_FIELDS: dict[str, Field] = {
    "context": Field("string", ("view", "edit")),
    "page": Field("integer", low=1),
    "per_page": Field("integer", low=1, high=100),
    "offset": _INTEGER,
    "search": _TEXT,
    "sku": _TEXT,
    "slug": _TEXT,
    **dict.fromkeys(("after", "before", "modified_after", "modified_before"), Field("date")),
    "dates_are_gmt": _FLAG,
    **dict.fromkeys(("include", "exclude", "parent", "parent_exclude"), _IDS),
    "order": Field("string", ("asc", "desc")),
    "orderby": Field("string", ORDERS),
    "status": Field("string", LISTED_STATUSES),
    "type": Field("string", TYPES),
    "stock_status": Field("string", STOCK_STATUSES),
}

_SHARED_WRITES: dict[str, Field] = {
    "status": Field("string", STATUSES),
    **dict.fromkeys(
        ("description", "sku", "global_unique_id", "tax_class", "weight", "shipping_class"), _TEXT
    ),
    **dict.fromkeys(("regular_price", "sale_price"), _TEXT),
    **dict.fromkeys(("date_on_sale_from", "date_on_sale_from_gmt"), _STAMP),
    **dict.fromkeys(("date_on_sale_to", "date_on_sale_to_gmt"), _STAMP),
    **dict.fromkeys(("virtual", "downloadable"), _FLAG),
    "tax_status": Field("string", ("taxable", "shipping", "none")),
    "stock_quantity": _INTEGER,
    "stock_status": Field("string", STOCK_STATUSES),
    "backorders": Field("string", ("no", "notify", "yes")),
    "low_stock_amount": Field("integer", nullable=True),
    "menu_order": _INTEGER,
    "dimensions": _OBJECT,
    "attributes": _LIST,
    "meta_data": _LIST,
}
PRODUCT_FIELDS: dict[str, Field] = {
    **_SHARED_WRITES,
    **dict.fromkeys(("name", "slug", "short_description", "purchase_note", "button_text"), _TEXT),
    "type": Field("string", TYPES),
    "catalog_visibility": Field("string", ("visible", "catalog", "search", "hidden")),
    **dict.fromkeys(("featured", "manage_stock", "sold_individually", "reviews_allowed"), _FLAG),
    "parent_id": _INTEGER,
    **dict.fromkeys(("upsell_ids", "cross_sell_ids", "categories", "brands", "tags", "images"), _LIST),
}
VARIATION_FIELDS: dict[str, Field] = {**_SHARED_WRITES, "manage_stock": Field("boolean or string")}


def check(values: Mapping[str, Any], known: Mapping[str, Field], settings: Settings) -> None:
    """Raise Refused, 400 rest_invalid_param naming every parameter that does not fit.

    `null` passes every check: WordPress only asks about what is set.
    """
    params: dict[str, str] = {}
    details: dict[str, Any] = {}
    for name, value in values.items():
        fault = _fault(name, value, known, settings) if value is not None else None
        if fault:
            code, params[name] = fault
            data = {"param": name} if code == "rest_invalid_type" else None
            details[name] = {"code": code, "message": params[name], "data": data}
    if params:
        text = f"Invalid parameter(s): {', '.join(params)}"
        raise Refused(400, "rest_invalid_param", text, params=params, details=details)


def nulls_filled(body: Mapping[str, Any], known: Mapping[str, Field]) -> dict[str, Any]:
    """Return a single write's body as WordPress sanitises it: null becomes 0, "" or false by type.

    Observed for stock_quantity (section 4.2); the other types follow from the same source. A batch
    does not go through this.
    """
    empty = {"integer": 0, "string": "", "boolean": False, "boolean or string": False}
    return {
        name: empty.get(known[name].kind)
        if value is None and name in known and not known[name].nullable
        else value
        for name, value in body.items()
    }


def _fault(name: str, value: Any, known: Mapping[str, Field], settings: Settings) -> tuple[str, str] | None:
    field = known.get(name)
    if field is None:
        return None
    kind = "number" if name == "stock_quantity" and not settings.integer_stock else field.kind
    if not _fits(kind, value):
        return _wrong_kind(name, kind)
    if field.words and value not in field.words:
        listed = f"{', '.join(field.words[:-1])}, and {field.words[-1]}"
        return "rest_not_in_enum", f"{name} is not one of {listed}."
    return _out_of_bounds(name, value, field)


def _wrong_kind(name: str, kind: str) -> tuple[str, str]:
    if kind == "date":
        return "rest_invalid_date", "Invalid date."
    if kind == "integers":
        return "rest_invalid_type", f"{name}[0] is not of type integer."
    return "rest_invalid_type", f"{name} is not of type {kind}."


def _out_of_bounds(name: str, value: Any, field: Field) -> tuple[str, str] | None:
    if field.low is None or field.low <= int(float(value)) <= (field.high or int(float(value))):
        return None
    if field.high is None:
        return "rest_out_of_bounds", f"{name} must be greater than or equal to {field.low}"
    bounds = f"{field.low} (inclusive) and {field.high} (inclusive)"
    return "rest_out_of_bounds", f"{name} must be between {bounds}"


def _fits(kind: str, value: Any) -> bool:
    if kind in ("integer", "number"):
        return _numeric(value) and (kind == "number" or float(value).is_integer())
    if kind == "boolean":
        return isinstance(value, bool) or str(value).lower() in ("true", "false", "0", "1")
    if kind == "boolean or string":
        return isinstance(value, bool | str)
    if kind == "integers":
        return all(_fits("integer", part) for part in id_parts(str(value)))
    if kind == "date":
        return _DATE.fullmatch(str(value)) is not None
    return isinstance(value, {"string": str, "array": list, "object": dict}[kind])


def _numeric(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float) or (
        isinstance(value, str)
        and re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", value) is not None
    )


def id_parts(text: str) -> list[str]:
    """Return the parts of a list parameter, split at commas and spaces as wp_parse_list does."""
    return [part for part in re.split(r"[\s,]+", text) if part]

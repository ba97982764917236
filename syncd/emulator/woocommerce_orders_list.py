"""Which orders or refunds a list request means, in which order, and which page of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from syncd.emulator.woocommerce_orders_records import STATUSES, UNLISTED, Order, Refund
from syncd.emulator.woocommerce_query import Page, bounds
from syncd.emulator.woocommerce_schema import Field, check, id_parts
from syncd.emulator.woocommerce_shop import Refused, Shop

T = TypeVar("T", Order, Refund)

_PAGING: dict[str, Field] = {
    "context": Field("string", ("view", "edit")),
    "page": Field("integer", low=1),
    "per_page": Field("integer", low=1, high=100),
    "offset": Field("integer"),
    "include": Field("integers"),
    "exclude": Field("integers"),
    "order": Field("string", ("asc", "desc")),
    "dp": Field("integer"),
}
LISTS: dict[str, Field] = {
    **_PAGING,
    "orderby": Field("string", ("date", "id", "include", "title", "slug", "modified")),
    **dict.fromkeys(("after", "before", "modified_after", "modified_before"), Field("date")),
    "dates_are_gmt": Field("boolean"),
    "customer": Field("integer"),
    "product": Field("integer"),
}
PEOPLE: dict[str, Field] = {
    **{name: field for name, field in _PAGING.items() if name != "dp"},
    "orderby": Field("string", ("id", "include", "name", "registered_date")),
    "email": Field("string"),
    "role": Field(
        "string",
        (
            *("all", "administrator", "editor", "author", "contributor", "subscriber", "customer"),
            "shop_manager",
        ),
    ),
}


@dataclass(slots=True)
class OrderFinder:
    """Answers the lists of orders and refunds of one shop."""

    shop: Shop
    _calls: int = 0

    def orders(self, params: Mapping[str, str]) -> tuple[list[Order], Page]:
        """Return the page of orders asked for. Raises Refused (400) for a parameter that cannot be read."""
        params = self._checked(params)
        wanted = _statuses(params.get("status", "any"))
        after, before = bounds(params, self.shop.settings.utc_offset)
        found = self.shop.till.by_change(after, before)
        kept = [
            order
            for order in found
            if _has_status(order, wanted)
            and _fits(order.id, params)
            and ("customer" not in params or order.customer_id == int(params["customer"]))
            and ("product" not in params or _sells(order, int(params["product"])))
        ]
        return self._cut(self._created_between(kept, params), params, lambda order: order.modified)

    def refunds(self, params: Mapping[str, str], order: Order | None = None) -> tuple[list[Refund], Page]:
        """Return the page of refunds asked for, of one order or of all that can be seen."""
        params = self._checked(params)
        after, before = bounds(params, self.shop.settings.utc_offset)
        owners = [order] if order is not None else self.shop.till.by_change(None, None)
        kept = [
            refund
            for owner in owners
            for refund in owner.refunds
            if _fits(refund.id, params)
            and (after is None or refund.created > after)
            and (before is None or refund.created < before)
        ]
        return self._cut(self._created_between(kept, params), params, lambda refund: refund.created)

    def _checked(self, params: Mapping[str, str]) -> Mapping[str, str]:
        if not self.shop.settings.modified_filter:
            params = {name: value for name, value in params.items() if not name.startswith("modified_")}
        check(params, LISTS, self.shop.settings)
        self._calls += 1
        return params

    def _created_between(self, rows: Iterable[T], params: Mapping[str, str]) -> list[T]:
        asked = {f"modified_{side}": params[side] for side in ("after", "before") if params.get(side)}
        flag = {"dates_are_gmt": params.get("dates_are_gmt", "false")}
        after, before = bounds({**asked, **flag}, self.shop.settings.utc_offset)
        return [
            row
            for row in rows
            if (after is None or row.created > after) and (before is None or row.created < before)
        ]

    def _cut(
        self, rows: list[T], params: Mapping[str, str], modified: Callable[[T], int]
    ) -> tuple[list[T], Page]:
        return cut(self._sorted(rows, params, modified), params)

    def _sorted(self, rows: list[T], params: Mapping[str, str], modified: Callable[[T], int]) -> list[T]:
        """Equal dates come by id, or in no order at all in versions without the tie-break."""
        orderby, descending = params.get("orderby", "date"), params.get("order", "desc") == "desc"
        if orderby == "include":
            wanted = [int(each) for each in id_parts(params.get("include", ""))]
            return sorted(rows, key=lambda row: wanted.index(row.id) if row.id in wanted else 0)
        if orderby not in ("date", "modified"):
            return sorted(rows, key=lambda row: row.id, reverse=descending)
        turned = not self.shop.settings.tie_break and self._calls % 2 == 1
        by_id = sorted(rows, key=lambda row: row.id, reverse=descending != turned)
        stamp = modified if orderby == "modified" else _created
        return sorted(by_id, key=stamp, reverse=descending)


def cut(rows: Sequence[Any], params: Mapping[str, str]) -> tuple[list[Any], Page]:
    """Return one page of the rows, and its place among all pages."""
    size, number = int(params.get("per_page", 10)), int(params.get("page", 1))
    start = int(params["offset"]) if params.get("offset") else (number - 1) * size
    place = Page([], number, -(-len(rows) // size), len(rows))
    return list(rows[start : start + size]), place


def _created(row: Order | Refund) -> int:
    return row.created


def _statuses(text: str) -> set[str] | None:
    """Return the statuses asked for, None for "any". Raises Refused for a word that is none."""
    wanted = id_parts(text)
    known = ("any", "trash", "auto-draft", "checkout-draft", *STATUSES)
    if wrong := [each for each in wanted if each not in known]:
        at = wanted.index(wrong[0])
        message = f"status[{at}] is not one of {', '.join(known)}."
        raise Refused(400, "rest_invalid_param", "Invalid parameter(s): status", params={"status": message})
    return None if "any" in wanted or not wanted else set(wanted)


def _has_status(order: Order, wanted: set[str] | None) -> bool:
    return order.status not in UNLISTED if wanted is None else order.status in wanted


def _fits(row_id: int, params: Mapping[str, str]) -> bool:
    include = id_parts(params.get("include", ""))
    exclude = id_parts(params.get("exclude", ""))
    return (not include or str(row_id) in include) and str(row_id) not in exclude


def _sells(order: Order, product: int) -> bool:
    return any(line.product_id == product for line in order.lines)

"""Read WooCommerce's refunds as documents of their own: across orders where the shop can, else one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from syncd.core.order import BadOrder, LineKind, RefundLine, StoreRefund
from syncd.errors import RequestRefused
from syncd.stores.woocommerce.client import PER_PAGE, Client
from syncd.stores.woocommerce.order_fields import (
    Unreadable,
    amount,
    key_of,
    meta_value,
    moment,
    raw_of,
    records,
    text,
)
from syncd.stores.woocommerce.order_rows import ref_of, sku_of

FIELDS = "id,date_created_gmt,amount,reason,line_items,shipping_lines,fee_lines"
ORIGINAL = "_refunded_item_id"
_KINDS: tuple[tuple[str, LineKind], ...] = (
    ("line_items", "product"),
    ("shipping_lines", "shipping"),
    ("fee_lines", "fee"),
)
Found = tuple[list[StoreRefund], list[BadOrder]]


@dataclass(slots=True)
class RefundReader:
    """Refunds of one shop. `across`: whether `/refunds` exists (since 9.0), None = not known."""

    client: Client
    across: bool | None = None

    def of(self, orders: Sequence[Mapping[str, Any]]) -> Found:
        """Return the refunds that these answered orders name, and those that cannot be read.

        A refund moves its order's date_modified (reference section 7.2), so the feed of orders finds every
        one. 1 call per 100 refunds, or one per order where the shop has no list across orders; none at all
        if the orders name none. What was deleted meanwhile is absent.
        """
        wanted = {order: ids for row in orders if (order := key_of(row)) and (ids := _named(row))}
        rows = self._across([each for ids in wanted.values() for each in ids]) if wanted else {}
        found: list[StoreRefund | BadOrder] = []
        for order, ids in wanted.items():
            known = all(each in rows for each in ids)
            found += [refund_of(rows[each], order) for each in ids] if known else self.of_order(order)
        refunds = [each for each in found if isinstance(each, StoreRefund)]
        return refunds, [each for each in found if isinstance(each, BadOrder)]

    def of_order(self, order_id: str) -> Iterator[StoreRefund | BadOrder]:
        """Yield every refund of one order; nothing if the order is gone. 1 call per 100."""
        page, going_on = 1, True
        while going_on:
            params: dict[str, str | int] = {**_params(), "page": page}
            try:
                answer = self.client.rows(f"orders/{order_id}/refunds", params)
            except RequestRefused as refused:
                if refused.status == 404 and refused.code.endswith("_invalid_order_id"):
                    return
                raise
            yield from (refund_of(row, order_id) for row in answer.rows)
            going_on = answer.goes_on_after(page)
            page += 1

    def _across(self, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """Return what the list across orders has of these refunds; nothing where there is no such list.

        A list that answers with others than were asked for ignores the filter: then it is not believed.
        """
        found: dict[str, Mapping[str, Any]] = {}
        for start in range(0, len(ids), PER_PAGE):
            if self.across is False:
                return {}
            part = ids[start : start + PER_PAGE]
            rows = self._list(part)
            found |= {key: row for row in rows if (key := key_of(row)) in part}
        return found

    def _list(self, part: Sequence[str]) -> list[dict[str, Any]]:
        try:
            answer = self.client.rows("refunds", {**_params(), "include": ",".join(part)})
        except RequestRefused as refused:
            if refused.code != "rest_no_route":
                raise
            self.across = False
            return []
        self.across = True
        return answer.rows


def refund_of(row: Mapping[str, Any], order_id: str) -> StoreRefund | BadOrder:
    """Return what an answered refund says, figures made positive (section 7.5), or why it cannot be read."""
    try:
        return StoreRefund(
            id=key_of(row),
            order_id=order_id,
            amount=amount(row, "amount"),
            created=moment(row, "date_created_gmt"),
            reason=text(row, "reason"),
            lines=tuple(_lines(row)),
            raw=raw_of(row),
        )
    except Unreadable as why:
        return BadOrder(key_of(row), f"refund of order {order_id}: {why}.", raw_of(row), "refund")


def _lines(row: Mapping[str, Any]) -> Iterator[RefundLine]:
    for name, kind in _KINDS:
        for line in records(row, name):
            yield RefundLine(
                line=meta_value(line, ORIGINAL) or None,
                kind=kind,
                name=text(line, "method_title" if kind == "shipping" else "name"),
                quantity=_back(amount(line, "quantity")) if kind == "product" else Decimal(1),
                total=_back(amount(line, "total")),
                tax=_back(amount(line, "total_tax")),
                ref=ref_of(line),
                code=sku_of(line),
            )


def _named(row: Mapping[str, Any]) -> list[str]:
    try:
        return [key for each in records(row, "refunds") if (key := key_of(each))]
    except Unreadable:
        return []


def _back(value: Decimal) -> Decimal:
    """Turn the sign without touching a digit; zero has none."""
    return value.copy_negate() if value else value.copy_abs()


def _params() -> dict[str, str | int]:
    return {
        "per_page": PER_PAGE,
        "orderby": "id",
        "order": "asc",
        "dp": 6,
        "_fields": FIELDS,
        "_skip_cache": "true",
    }

"""Read new and changed orders from a WooCommerce shop without losing one: the walk by change.

Reference section 3.3: stamps are whole seconds, offset pages over a moving set skip rows. So the walk goes by
stamp, re-reads the second it stopped in and, at the next pass, the last two minutes; what was handed out with
the same content is not handed out again. A second with more than a page of orders is walked by id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from syncd.core.order import BadOrder, OrderPage, StoreOrder, StoreRefund
from syncd.errors import BadAnswer, RequestRefused
from syncd.stores.woocommerce.client import PER_PAGE, Client, Rows
from syncd.stores.woocommerce.customers import CustomerReader
from syncd.stores.woocommerce.order_cursor import OVERLAP, Place, first, read, told
from syncd.stores.woocommerce.order_fields import key_of, raw_of, stamp_of
from syncd.stores.woocommerce.order_rows import STOCK_TAKEN, order_of
from syncd.stores.woocommerce.refunds import RefundReader
from syncd.stores.woocommerce.wire import WooSettings

FIELDS = (
    "id,number,status,currency,prices_include_tax,date_created_gmt,date_modified_gmt,date_paid_gmt,total,"
    "total_tax,customer_id,billing,shipping,payment_method,payment_method_title,customer_note,meta_data,"
    "line_items,tax_lines,shipping_lines,fee_lines,coupon_lines,refunds"
)
BIN_EVERY = 3600
STEP_BACK = PER_PAGE // 2
_DO = "Look for a plugin or address rule that drops parameters of REST requests."


@dataclass(slots=True)
class OrderReader:
    """Orders of one shop. Costs a call a page, and one more for up to 100 refunds in it."""

    client: Client
    settings: WooSettings
    refunds: RefundReader
    customers: CustomerReader

    def since(self, start: datetime) -> str:
        """Return the cursor of a feed that begins with what changed at `start` (aware) or later. Pure."""
        return told(first(int(start.timestamp())))

    def page(self, cursor: str) -> OrderPage:
        """Return the next page; see `Store.orders`.

        An unchanged shop costs 1 call, and once an hour one more for the bin, which no list shows (section
        7.1). Raises BadAnswer too for a list that is not what was asked for: nothing is lost by it.
        """
        answer, place = self._read(read(cursor))
        fresh = [row for row in answer.rows if self._is_new(row, place)]
        orders, bad = self._understood(fresh)
        given_back, unread = self.refunds.of(fresh)
        after = self._after(place, answer, fresh)
        return OrderPage(
            orders=tuple(orders),
            refunds=tuple(given_back),
            cursor=told(after),
            more=after.at is not None,
            bad=(*bad, *unread),
        )

    def one(self, order_id: str) -> StoreOrder | BadOrder | None:
        """Return the order as it is now, in the bin too; None if there is none. 1 call."""
        if not (order_id.isascii() and order_id.isdigit()):
            return None
        params = {"dp": 6, "_fields": FIELDS, **self._meta()}
        try:
            row = self.client.record(f"orders/{order_id}", params)
        except RequestRefused as refused:
            if refused.status == 404 and refused.code.endswith("_invalid_id"):
                return None
            raise
        orders, bad = self._understood([row])
        return orders[0] if orders else bad[0]

    def refunds_of(self, order_id: str) -> tuple[StoreRefund | BadOrder, ...]:
        """Return every refund of an order. 1 call per 100."""
        if not (order_id.isascii() and order_id.isdigit()):
            return ()
        return tuple(self.refunds.of_order(order_id))

    def _understood(self, rows: list[dict[str, Any]]) -> tuple[list[StoreOrder], list[BadOrder]]:
        read_rows = [order_of(row, self.settings.code_field) for row in rows]
        orders = [each for each in read_rows if isinstance(each, StoreOrder)]
        bad = [each for each in read_rows if isinstance(each, BadOrder)]
        return self._with_codes(orders), bad

    def _with_codes(self, orders: list[StoreOrder]) -> list[StoreOrder]:
        """The account code stands with the customer more often than with the order."""
        without = [each.buyer.id for each in orders if each.buyer.id is not None and not each.buyer.code]
        if not (self.settings.code_field and without):
            return orders
        codes = self.customers.codes(without)
        return [
            replace(
                each, buyer=replace(each.buyer, code=each.buyer.code or codes.get(each.buyer.id or "", ""))
            )
            for each in orders
        ]

    def _meta(self) -> dict[str, str | int]:
        """Ask for the meta we use and no other; shops that do not know the parameter send it all."""
        wanted = [STOCK_TAKEN, *([self.settings.code_field] if self.settings.code_field else [])]
        return {"include_meta": ",".join(wanted)}

    # Which rows the shop is asked for.

    def _read(self, place: Place) -> tuple[Rows, Place]:
        """Return a page and the place it begins at: further back than asked if pages slid in between."""
        while True:
            answer = self.client.rows("orders", self._params(place))
            self._believe(answer, place)
            if not place.within or _follows_on(place, answer):
                return answer, place
            place = replace(place, offset=max(0, place.offset - STEP_BACK))

    def _params(self, place: Place) -> dict[str, str | int]:
        """Never a Z beside dates_are_gmt (section 3.2); modified_after leaves out its own second."""
        start = place.start
        within: dict[str, str | int] = {
            "modified_before": _gmt(start + 1),
            "orderby": "id",
            "offset": place.offset,
        }
        return {
            "modified_after": _gmt(start - 1),
            "dates_are_gmt": "true",
            **(within if place.within else {"orderby": "modified"}),
            "order": "asc",
            "per_page": PER_PAGE,
            **({"status": "trash"} if place.phase == "bin" else {}),
            "dp": 6,
            "_fields": FIELDS,
            "_skip_cache": "true",
            **self._meta(),
        }

    def _believe(self, answer: Rows, place: Place) -> None:
        """An unknown parameter is ignored without a word (section 3.1), so the answer must prove itself."""
        who = self.client.http.who
        stamps = [stamp for row in answer.rows if (stamp := stamp_of(row)) is not None]
        end = place.start if place.within else None
        if any(stamp < place.start or (end is not None and stamp > end) for stamp in stamps):
            raise BadAnswer(f"{who} lists orders that did not change in the time asked for.", _DO, who=who)
        order = _ids(answer) if place.within else stamps
        if order != sorted(order):
            raise BadAnswer(f"{who} does not list orders in the order asked for.", _DO, who=who)
        if answer.goes_on_after(1) and not place.within and not stamps:
            raise BadAnswer(f"{who} says there are more orders and shows none.", _DO, who=who)

    # What of it is new, and where to go on.

    def _is_new(self, row: Mapping[str, Any], place: Place) -> bool:
        if place.within and place.last and _id(row) <= place.last:
            return False
        return place.seen.get(key_of(row)) != _mark(row)

    def _after(self, place: Place, answer: Rows, fresh: list[dict[str, Any]]) -> Place:
        seen = {**place.seen, **{key_of(row): _mark(row) for row in fresh if key_of(row)}}
        stamps = [stamp for row in answer.rows if (stamp := stamp_of(row)) is not None]
        began = place.began or int((answer.moment or self.client.http.clock.now()).timestamp())
        high = max([place.high, *stamps])
        place = replace(place, seen=seen, high=high, at=place.start, began=began)
        if place.within:
            return _on_within(place, answer)
        if answer.goes_on_after(1):
            following = stamps[-1]
            inside = following == place.start
            return replace(place, at=following, within=inside, offset=0, last=0, proof=True).pruned()
        return place.bin_read() if place.phase == "bin" else place.list_read(BIN_EVERY)


def _on_within(place: Place, answer: Rows) -> Place:
    """Go on inside one second, each page overlapping the one before; or leave the second behind."""
    end = place.offset + PER_PAGE
    ended = len(answer.rows) < PER_PAGE if answer.total is None else end >= answer.total
    if ended:
        return replace(place, at=place.start + 1, within=False, offset=0, last=0, proof=True).pruned()
    last = max([place.last, *_ids(answer)])
    # A page without anything new: the shop keeps rows from this key, and no proof can be had here.
    return replace(place, offset=end - 1, last=last, proof=last > place.last)


def _follows_on(place: Place, answer: Rows) -> bool:
    ids = _ids(answer)
    return place.offset == 0 or not place.proof or (bool(ids) and ids[0] <= place.last)


def _ids(answer: Rows) -> list[int]:
    return [each for row in answer.rows if (each := _id(row))]


def _id(row: Mapping[str, Any]) -> int:
    return int(key_of(row) or 0)


def _mark(row: Mapping[str, Any]) -> str:
    """Return the row's stamp and a short hash of its content: a stamp alone hides a second change in it."""
    return f"{stamp_of(row) or 0}:{hashlib.sha256(raw_of(row).encode()).hexdigest()[:12]}"


def _gmt(stamp: int) -> str:
    return datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%dT%H:%M:%S")


__all__ = ["BIN_EVERY", "OVERLAP", "OrderReader"]

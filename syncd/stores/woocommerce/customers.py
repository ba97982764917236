"""Read who is registered with a WooCommerce shop: the new ones first, and all of them in slow turns.

Customers have no change feed (reference section 6): `modified_after` is ignored, there is no sort by change.
Ids count up, so what is newer than the greatest id known is new; whoever changed an address or got an account
code is met by the turn that goes on with a hundred at every pass.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from syncd.core.order import CustomerPage, StoreCustomer
from syncd.errors import BadAnswer
from syncd.stores.woocommerce.client import PER_PAGE, Client, Rows
from syncd.stores.woocommerce.fitting import readable
from syncd.stores.woocommerce.order_fields import Unreadable, key_of, meta_value, part, text
from syncd.stores.woocommerce.wire import WooSettings

FIELDS = "id,email,first_name,last_name,username,billing,meta_data"
STEP_BACK = PER_PAGE // 2


@dataclass(frozen=True, slots=True)
class Turn:
    """How far the customers were read. `top` is the greatest id that is settled.

    `first`: nothing was read in full yet. `page` is the next page of new ones, newest first, 0 where a pass
    begins with none read; `found` the greatest id among them. `offset` rows are skipped by the slow turn,
    `last` is the greatest id it saw, `share`: its page is what comes next.
    """

    first: bool = True
    top: int = 0
    page: int = 0
    found: int = 0
    share: bool = False
    offset: int = 0
    last: int = 0
    proof: bool = True


@dataclass(slots=True)
class CustomerReader:
    """Registered customers of one shop, whatever their role; guests have no record."""

    client: Client
    settings: WooSettings

    def read(self, cursor: str | None) -> CustomerPage:
        """Return the next page; see `Store.customers`.

        The first pass reads everybody, 1 call per 99. After that a pass is 1 call for the new ones (more only
        if there are over a hundred) and 1 for the slow turn; 1 in all in a shop with up to 100 customers.
        """
        turn = _turn(cursor)
        if turn.first or turn.share:
            return self._share(turn)
        return self._newest(turn)

    def codes(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the account codes of these customers, by id; absent is who has none. 1 call per 100.

        Rows that were not asked for are dropped: the shop ignores a filter that it does not know.
        """
        wanted = sorted({each for each in ids if each.isascii() and each.isdigit()}, key=int)
        found: dict[str, str] = {}
        for start in range(0, len(wanted), PER_PAGE):
            part_ids = wanted[start : start + PER_PAGE]
            rows = self._list({"include": ",".join(part_ids)}, "id,meta_data").rows
            customers = (self._customer(row) for row in rows if key_of(row) in part_ids)
            found |= {each.id: each.code for each in customers if each is not None and each.code}
        return found

    def _newest(self, turn: Turn) -> CustomerPage:
        page = max(turn.page, 1)
        answer = self._list({"orderby": "id", "order": "desc", "page": page})
        ids = _ids(answer)
        self._must_be_sorted(ids, down=True)
        found = max([turn.found, turn.top, *ids])
        if page == 1 and not answer.goes_on_after(1):
            after = Turn(first=False, top=found)
            return CustomerPage(self._customers(answer.rows), _told(after))
        fresh = [row for row in answer.rows if int(key_of(row) or 0) > turn.top]
        going_on = answer.goes_on_after(page) and len(fresh) == len(answer.rows)
        after = replace(turn, page=page + 1, found=found)
        if not going_on:
            after = replace(turn, page=0, found=0, top=found, share=True)
        return CustomerPage(self._customers(fresh), _told(after), more=True)

    def _share(self, turn: Turn) -> CustomerPage:
        """Read a page by rising id that overlaps the one before, so that a deletion hides nobody."""
        while True:
            answer = self._list({"orderby": "id", "order": "asc", "offset": turn.offset})
            ids = _ids(answer)
            self._must_be_sorted(ids)
            if turn.offset == 0 or not turn.proof or (ids and ids[0] <= turn.last):
                break
            turn = replace(turn, offset=max(0, turn.offset - STEP_BACK))
        rows = [row for row in answer.rows if int(key_of(row) or 0) > turn.last]
        after = _turned(turn, ids, answer)
        return CustomerPage(self._customers(rows), _told(after), more=after.first)

    def _list(self, params: Mapping[str, str | int], fields: str = FIELDS) -> Rows:
        """Role `all`: the default hides whoever is a subscriber or manager too (section 6)."""
        common: dict[str, str | int] = {"role": "all", "per_page": PER_PAGE, "_fields": fields}
        return self.client.rows("customers", {**common, **params, "_skip_cache": "true"})

    def _customers(self, rows: Iterable[Mapping[str, Any]]) -> tuple[StoreCustomer, ...]:
        return tuple(each for row in rows if (each := self._customer(row)) is not None)

    def _customer(self, row: Mapping[str, Any]) -> StoreCustomer | None:
        """A row without an id is nobody; one whose code cannot be read has none."""
        if not (customer_id := key_of(row)):
            return None
        try:
            code = meta_value(row, self.settings.code_field) if self.settings.code_field else ""
        except Unreadable:
            code = ""
        name = f"{text(row, 'first_name')} {text(row, 'last_name')}".strip()
        billing = part(row, "billing")
        name = name or text(billing, "company") or text(row, "username")
        return StoreCustomer(customer_id, _emails(row, billing), name, code)

    def _must_be_sorted(self, ids: list[int], *, down: bool = False) -> None:
        if ids != sorted(ids, reverse=down):
            who = self.client.http.who
            what = f"{who} does not list customers by id, so none can be told missing."
            raise BadAnswer(what, "Look for a plugin that changes the order of REST answers.", who=who)


def _emails(row: Mapping[str, Any], billing: Mapping[str, Any]) -> tuple[str, ...]:
    entered = [each.get("email") for each in (row, billing)]
    cleaned = [readable(each).strip() for each in entered if isinstance(each, str)]
    return tuple(dict.fromkeys(each for each in cleaned if each))


def _turned(turn: Turn, ids: list[int], answer: Rows) -> Turn:
    """Return the turn after a page of it; at the end the next one begins, and the first pass is over."""
    end = turn.offset + PER_PAGE
    last = max([turn.last, *ids])
    if len(answer.rows) < PER_PAGE if answer.total is None else end >= answer.total:
        return Turn(first=False, top=max(turn.top, last))
    return replace(turn, offset=end - 1, last=last, proof=last > turn.last, share=False)


def _ids(answer: Rows) -> list[int]:
    return [int(key) for row in answer.rows if (key := key_of(row))]


def _told(turn: Turn) -> str:
    return json.dumps(asdict(turn), separators=(",", ":"))


def _turn(cursor: str | None) -> Turn:
    """A cursor that this version cannot read starts from the beginning, which loses nobody."""
    if cursor is None:
        return Turn()
    try:
        return Turn(**json.loads(cursor))
    except (ValueError, TypeError):
        return Turn()

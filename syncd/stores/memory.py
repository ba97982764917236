"""A store in memory that keeps the protocol's laws: for tests, and as the shortest example of a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from typing import Literal

from syncd.core.model import Content, Done, ListingStatus, Refused, Shown, ShownPage, StoreFacts, Write
from syncd.core.order import BadOrder, CustomerPage, OrderPage, StoreCustomer, StoreOrder, StoreRefund
from syncd.errors import SyncdError
from syncd.stores.base import Traits

Moment = Literal["check", "look", "scan", "write", "saved", "written", "orders", "customers"]
Sold = StoreOrder | StoreRefund | BadOrder
Hook = Callable[[Moment], None]

PAGE = 100
_UNTRACKED = "the shop does not track its stock"


@dataclass(slots=True)
class Record:
    """One record as the store holds it. `stock` None: not tracked."""

    code: str
    content: Content
    tax_class: str = ""
    locked: dict[str, str] = field(default_factory=dict)


class MemoryStore:
    """Records by ref, counting up from 1. Prices in the facts' currency and tax mode.

    The till: `sell` and `register` put orders, refunds and customers in, again and again as they change.
    `hook` is told what is about to happen ("check", "look", "scan", "write", "orders", "customers"), that
    one record was saved ("saved") and that a batch is complete but not yet answered ("written"); whatever it
    raises comes out of the call, so an OutcomeUnknown raised at "written" is a lost answer. `calls` counts
    calls as a remote store would: `batch` records a write, 100 refs or codes a look.
    """

    traits = Traits(integer_stock=True, creates=True, lists_customers=True)

    def __init__(
        self,
        facts: StoreFacts | None = None,
        *,
        name: str = "memory",
        unique_codes: bool = True,
        batch: int = 50,
        hook: Hook | None = None,
    ) -> None:
        self.name = name
        self.facts = facts or StoreFacts("memory:shop", "NZD", False, 2, True, "1")
        self.unique_codes = unique_codes
        self.batch = batch
        self.hook: Hook = hook or (lambda _moment: None)
        self.records: dict[str, Record] = {}
        self.calls: list[Moment] = []
        self.journal: list[Sold] = []
        self.people: list[StoreCustomer] = []
        self.tracking: dict[str, str] = {}
        self._last = 0

    def add(self, code: str, content: Content, **more: object) -> str:
        """Put a record in past all checks, as the shop's owner would; return its ref."""
        self._last += 1
        self.records[str(self._last)] = Record(code.strip(), content, **more)  # type: ignore[arg-type]
        return str(self._last)

    def sell(self, sold: Sold) -> None:
        """Put an order in, or its next state, or a refund, as the shop's buyers and people would.

        What an order takes leaves the shelf once a state says so, and returns once one no longer does.
        """
        if isinstance(sold, StoreOrder):
            had = self._sold(sold.id)
            took = isinstance(had, StoreOrder) and bool(had.took_stock)
            self._move(sold, int(took) - int(bool(sold.took_stock)))
        self.journal.append(sold)

    def _move(self, order: StoreOrder, times: int) -> None:
        for line in order.lines:
            record = self.records.get(line.ref or "")
            if record is not None and record.content.stock is not None:
                stock = record.content.stock + times * line.quantity
                record.content = replace(record.content, stock=stock)

    def register(self, customer: StoreCustomer) -> None:
        """Put a customer in, or their next state."""
        self.people = [*(each for each in self.people if each.id != customer.id), customer]

    def check(self) -> StoreFacts:
        self._call("check")
        return self.facts

    def fit(self, content: Content, facts: StoreFacts) -> Content:
        """Return the content as it can be held: trimmed name, rounded price, whole units."""
        name = None if content.name is None else content.name.replace("\0", "").strip() or None
        status = ListingStatus.HIDDEN if content.status is ListingStatus.TRASH else content.status
        return Content(name, _fit_price(content.price, facts), _fit_stock(content.stock), status)

    def code_problem(self, code: str) -> str:
        """Return "": memory holds any code."""
        del code
        return ""

    def look(self, refs: Sequence[str] = (), codes: Sequence[str] = ()) -> Mapping[str, Shown]:
        """Return what is there of the refs and codes, keyed as asked; see `Store.look`."""
        for asked in (refs, codes):
            for _ in range(0, len(asked), PAGE):
                self._call("look")
        found = {ref: self._shown(ref) for ref in refs if ref in self.records}
        for code in codes:
            if twins := self._live(code):
                found[code] = replace(self._shown(twins[0]), duplicates=tuple(twins[1:]))
        return found

    def scan(self, cursor: str | None = None) -> ShownPage:
        """Return the next 100 records after the ref in `cursor`, the bin included."""
        self._call("scan")
        after = [ref for ref in self.records if int(ref) > int(cursor or 0)]
        items = tuple(self._shown(ref) for ref in after[:PAGE])
        return ShownPage(items, items[-1].ref if len(after) > PAGE else None)

    def write(self, writes: Sequence[Write]) -> Iterator[Done | Refused]:
        """Carry out the writes in batches, yielding the outcomes of each; see `Store.write`."""
        for start in range(0, len(writes), self.batch):
            self._call("write")
            outcomes = []
            for write in writes[start : start + self.batch]:
                outcomes.append(self._carry_out(write))
                self.hook("saved")
            self.hook("written")
            yield from outcomes

    def orders_from(self, since: datetime) -> str:
        """Return the cursor of a feed that begins with what changed at `since` (aware) or later."""
        known = enumerate(self.journal)
        return str(next((at for at, sold in known if _stamp(sold, since) >= since), len(self.journal)))

    def orders(self, cursor: str) -> OrderPage:
        """Return the next 100 entries of the journal, of an order its latest state among them."""
        self._call("orders")
        if not cursor.isdigit():
            raise SyncdError(f"{cursor!r} is no place in the orders of {self.name}.")
        start = int(cursor)
        part = self.journal[start : start + PAGE]
        return OrderPage(
            orders=tuple({each.id: each for each in part if isinstance(each, StoreOrder)}.values()),
            refunds=tuple(each for each in part if isinstance(each, StoreRefund)),
            cursor=str(start + len(part)),
            more=start + len(part) < len(self.journal),
            bad=tuple(each for each in part if isinstance(each, BadOrder)),
        )

    def order(self, order_id: str) -> StoreOrder | BadOrder | None:
        self._call("orders")
        return self._sold(order_id)

    def refunds_of(self, order_id: str) -> Sequence[StoreRefund | BadOrder]:
        self._call("orders")
        return [each for each in self.journal if isinstance(each, StoreRefund) and each.order_id == order_id]

    def customers(self, cursor: str | None = None) -> CustomerPage:
        """Return the next 100 customers; a pass brings everybody."""
        self._call("customers")
        start = int(cursor or 0)
        more = start + PAGE < len(self.people)
        return CustomerPage(tuple(self.people[start : start + PAGE]), str(start + PAGE if more else 0), more)

    def write_order(self, order_id: str, *, status: str = "", tracking: str = "") -> Refused | None:
        """Set an order's status, and keep its tracking number in `tracking`."""
        self._call("write")
        order = self._sold(order_id)
        if not isinstance(order, StoreOrder) or order.cancelled:
            return Refused(order_id, f"Order {order_id} is gone or cancelled.", "Nothing to do.")
        if status and status != order.status:
            self.sell(replace(order, status=status))
        if tracking:
            self.tracking[order_id] = tracking
        self.hook("written")
        return None

    def _sold(self, order_id: str) -> StoreOrder | BadOrder | None:
        known = (each for each in reversed(self.journal) if not isinstance(each, StoreRefund))
        return next((each for each in known if each.id == order_id), None)

    def _call(self, moment: Moment) -> None:
        self.calls.append(moment)
        self.hook(moment)

    def _carry_out(self, write: Write) -> Done | Refused:
        if write.content.status is ListingStatus.TRASH:
            return Refused(write.key, f"{write.code} was to be put into the bin, which is never done.")
        if write.ref is None:
            return self._create(write)
        record = self.records.get(write.ref)
        if record is None:
            return Refused(write.key, f"{write.ref} is no longer in the store.", "Nothing to do.")
        for name in write.content.set_fields():
            if why := self._shown(write.ref).locked.get(name):
                return Refused(write.key, f"The store did not take the {name} of {write.code}: {why}.")
        changes = {name: write.content.get(name) for name in write.content.set_fields()}
        record.content = replace(record.content, **changes)  # type: ignore[arg-type]
        return Done(write.key, self._shown(write.ref))

    def _create(self, write: Write) -> Done | Refused:
        taken = [ref for ref, record in self.records.items() if record.code.lower() == write.code.lower()]
        if taken and self.unique_codes:
            binned = self.records[taken[0]].content.status is ListingStatus.TRASH
            where = "a record in the bin" if binned else f"record {taken[0]}"
            do = "Restore it or delete it for good." if binned else "Link it instead."
            return Refused(write.key, f"The code {write.code} is held by {where}.", do)
        content = replace(write.content, name=write.content.name or write.code)
        ref = self.add(write.code, replace(content, status=content.status or ListingStatus.HIDDEN))
        return Done(write.key, self._shown(ref))

    def _shown(self, ref: str) -> Shown:
        record = self.records[ref]
        locked = {"stock": _UNTRACKED} if record.content.stock is None else {}
        return Shown(ref, record.code, record.content, record.tax_class, {**locked, **record.locked})

    def _live(self, code: str) -> list[str]:
        return [
            ref
            for ref, record in self.records.items()
            if record.code == code and record.content.status is not ListingStatus.TRASH
        ]


def _stamp(sold: Sold, unknown: datetime) -> datetime:
    if isinstance(sold, StoreOrder):
        return sold.modified or sold.created
    return sold.created if isinstance(sold, StoreRefund) else unknown


def _fit_price(price: Decimal | None, facts: StoreFacts) -> Decimal | None:
    if price is None or not price.is_finite() or price.adjusted() > 12:
        return None
    unit = Decimal(1).scaleb(-(2 if facts.price_decimals is None else facts.price_decimals))
    return (price if price > 0 else Decimal(0)).quantize(unit, ROUND_HALF_UP, Context(prec=40))


def _fit_stock(stock: Decimal | None) -> Decimal | None:
    if stock is None or not stock.is_finite() or stock.adjusted() > 12:
        return None
    return stock.to_integral_value(ROUND_FLOOR) if stock > 0 else Decimal(0)

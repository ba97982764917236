"""One WooCommerce shop as a store: look, scan, check and write through the REST API `wc/v3`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from syncd.core.model import Content, Done, Refused, Shown, ShownPage, StoreFacts, Write
from syncd.core.order import BadOrder, CustomerPage, OrderPage, StoreOrder, StoreRefund
from syncd.errors import OutcomeUnknown, RequestRefused
from syncd.http import Http
from syncd.stores.base import Traits
from syncd.stores.woocommerce import batch, fitting
from syncd.stores.woocommerce.batch import Item
from syncd.stores.woocommerce.client import Client, api_base
from syncd.stores.woocommerce.customers import CustomerReader
from syncd.stores.woocommerce.facts import facts
from syncd.stores.woocommerce.ladder import Ladder
from syncd.stores.woocommerce.look import Reader, look
from syncd.stores.woocommerce.order_writing import OrderWriter
from syncd.stores.woocommerce.orders import OrderReader
from syncd.stores.woocommerce.refunds import RefundReader
from syncd.stores.woocommerce.scan import scan
from syncd.stores.woocommerce.wire import WooSettings


class WooCommerce:
    """The store protocol for WooCommerce. Prices in the shop's currency and tax mode.

    `base_url` is the shop's address, with a path if it has one; it may end in `/wp-json/wc/v3`. Refs
    are product ids ("12"), those of variations name their parent ("12/13"). Remote behaviour is taken
    from reference/woocommerce.md, observed on WooCommerce 11.0.1.
    """

    name = "woocommerce"
    traits = Traits(integer_stock=True, creates=True, lists_customers=True)

    def __init__(self, http: Http, base_url: str, settings: WooSettings | None = None) -> None:
        self.settings = settings or WooSettings()
        self.client = Client(http, api_base(base_url))
        self.reader = Reader(self.client, self.settings)
        self.ladder = Ladder()
        self.people = CustomerReader(self.client, self.settings)
        self.sales = OrderReader(self.client, self.settings, RefundReader(self.client), self.people)

    def check(self) -> StoreFacts:
        """Prove the key, and read identity, currency and tax mode in 3 to 5 calls. Raises AuthRejected."""
        return facts(self.client)

    def fit(self, content: Content, facts: StoreFacts) -> Content:
        """Return what of the content the shop can hold; see `fitting.fit`. Pure."""
        return fitting.fit(content, facts)

    def code_problem(self, code: str) -> str:
        """Return why WordPress would not keep this SKU as it is, or "" if it would. Pure."""
        return fitting.code_problem(code)

    def look(self, refs: Sequence[str] = (), codes: Sequence[str] = ()) -> Mapping[str, Shown]:
        """Read by ref and by exact code, up to 100 a call; see `Store.look`."""
        return look(self.reader, refs, codes)

    def scan(self, cursor: str | None = None) -> ShownPage:
        """Return one page of all there is, the bin and variations included; see `scan.scan`."""
        return scan(self.reader, cursor)

    def write(self, writes: Sequence[Write]) -> Iterator[Done | Refused]:
        """Write in batches; yield the outcomes of each batch as it is answered; see `Store.write`.

        What can be told to fail is refused before anything is sent. Raises OutcomeUnknown when a batch
        was not answered, or with something else than its items: any part of it may be saved.
        """
        prepared = [batch.prepare(write, self.settings) for write in writes]
        yield from (each for each in prepared if isinstance(each, Refused))
        for path, items in batch.batches([each for each in prepared if isinstance(each, Item)]):
            start = 0
            while start < len(items):
                part = items[start : start + self.ladder.size]
                start += len(part)
                yield from self._send(path, part)

    def orders_from(self, since: datetime) -> str:
        """Return the cursor of a feed that begins with what changed at `since` (aware) or later. Pure."""
        return self.sales.since(since)

    def orders(self, cursor: str) -> OrderPage:
        """Return the next page of changed orders with their refunds; see `OrderReader.page`."""
        return self.sales.page(cursor)

    def order(self, order_id: str) -> StoreOrder | BadOrder | None:
        """Return one order as it is now, in the bin too; None if there is none."""
        return self.sales.one(order_id)

    def refunds_of(self, order_id: str) -> Sequence[StoreRefund | BadOrder]:
        """Return all refunds of an order."""
        return self.sales.refunds_of(order_id)

    def customers(self, cursor: str | None = None) -> CustomerPage:
        """Return the next registered customers; see `CustomerReader.read`."""
        return self.people.read(cursor)

    def write_order(self, order_id: str, *, status: str = "", tracking: str = "") -> Refused | None:
        """Bring an order to a status and note a tracking number; see `OrderWriter.write`."""
        return OrderWriter(self.client).write(order_id, status=status, tracking=tracking)

    def _send(self, path: str, items: Sequence[Item]) -> Iterator[Done | Refused]:
        try:
            answer, seconds = self.client.post(path, batch.body(items))
        except RequestRefused as refused:
            yield from self._in_halves(path, items, refused)
            return
        except OutcomeUnknown as lost:
            self.ladder.down()
            raise _in_doubt(lost.what, items, lost) from lost
        outcomes = batch.outcomes(items, answer, self.settings)
        if outcomes is None:
            who = self.client.http.who
            raise _in_doubt(f"{who} answered a batch with other records than were sent.", items)
        self.ladder.took(len(items), seconds)
        yield from outcomes

    def _in_halves(
        self, path: str, items: Sequence[Item], refused: RequestRefused
    ) -> Iterator[Done | Refused]:
        """A refused batch was not carried out: find the record it was refused for, or a size that passes."""
        if refused.status == 413:
            self.ladder.down()
        if refused.code == "rest_no_route":
            raise refused
        if refused.status == 404 and refused.code.endswith("_invalid_id"):
            yield from batch.gone(items)
            return
        if len(items) == 1:
            yield Refused(items[0].write.key, refused.what, refused.do)
            return
        middle = len(items) // 2
        yield from self._send(path, items[:middle])
        yield from self._send(path, items[middle:])


def _in_doubt(what: str, items: Sequence[Item], lost: OutcomeUnknown | None = None) -> OutcomeUnknown:
    """Say which writes were in the call that was not answered; the others were not sent."""
    keys = [item.write.key for item in items]
    return OutcomeUnknown(what, who=lost.who if lost else "", status=lost.status if lost else None, keys=keys)

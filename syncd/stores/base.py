"""What a store must be able to do. A protocol: nothing is inherited, everything is held by one suite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from syncd.core.model import Content, Done, Refused, Shown, ShownPage, StoreFacts, Write
from syncd.core.order import BadOrder, CustomerPage, OrderPage, StoreOrder, StoreRefund


@dataclass(frozen=True, slots=True)
class Traits:
    """What a flow must know about a kind of store: only where two stores differ and a flow acts on it."""

    integer_stock: bool = True
    """Stock is whole units; fractions are rounded down by `fit`."""
    creates: bool = True
    """Listings can be created through the store's API."""
    look_batch: int = 100
    """So many records are looked at in one call."""
    lists_customers: bool = True
    """Registered customers can be listed; without, they are known by their orders only."""


class Store(Protocol):
    """One shop, seen through a metered client. Prices are in the shop's currency and tax mode throughout.

    Every method may raise AuthRejected, Unreachable, Unavailable, Throttled, BadAnswer, PurseSpent or
    LeaseLost; what is said below comes on top of that.
    """

    name: str
    """The word in the configuration (`kind = "…"`)."""
    traits: Traits

    def check(self) -> StoreFacts:
        """Prove the credentials and read identity, currency, tax mode and price places in the cheapest calls.

        Must raise AuthRejected when the credentials are refused. A setting that the shop will not tell is
        None in the facts with a sentence in `warnings`; it never raises for that.
        """
        ...

    def fit(self, content: Content, facts: StoreFacts) -> Content:
        """Return what of `content` the store can hold: trimmed name, rounded price, whole units.

        Pure. `fit(fit(x)) == fit(x)`, and `look` after `write(fit(x))` must show exactly `fit(x)`: without
        that, a store that rounds would be rewritten on every run for ever.
        """
        ...

    def code_problem(self, code: str) -> str:
        """Return why the store cannot hold this code as it is, as half a sentence; "" if it can. Pure."""
        ...

    def look(self, refs: Sequence[str] = (), codes: Sequence[str] = ()) -> Mapping[str, Shown]:
        """Read records by the store's own id (`refs`) and by exact, trimmed code (`codes`), in few calls.

        The answer is keyed by the ref or code asked for. What is absent in the store is absent in the
        answer. A record in the store's bin is returned when asked for by ref, with status TRASH, and never
        by code. Several records with the same code: the smallest id is returned and names the others in
        `duplicates`. A code that differs only by case or inner spaces does not match.
        """
        ...

    def scan(self, cursor: str | None = None) -> ShownPage:
        """Return one page of everything the store holds, hidden and binned records included where it can.

        Resumable: `cursor` is the previous page's. A record that exists throughout the scan is never missed.
        """
        ...

    def write(self, writes: Sequence[Write]) -> Iterator[Done | Refused]:
        """Carry out the writes in as few calls as the store allows.

        Yield one outcome per write as soon as it is known; a refused record is an outcome, not an error.
        A store that confirms with other values than were sent has refused the write. Created listings are
        hidden unless `content.status` says LIVE. Raise OutcomeUnknown if no answer came: whatever was not
        yet reported is in doubt, or only what its `keys` name; the caller looks before it tries again.
        Must never create when `ref` is set, and never delete.
        """
        ...

    def orders_from(self, since: datetime) -> str:
        """Return the cursor of a feed of orders that begins with what changed at `since` (aware) or later.

        Pure. An order created at `since` or later is in that feed, whatever happens to it after.
        """
        ...

    def orders(self, cursor: str) -> OrderPage:
        """Return the new and changed orders and refunds after the cursor, and the cursor that follows.

        `cursor` is opaque text that survives a restart; it is stored with the page, in one transaction.
        Nothing is ever lost: not an order with a stamp that others share, nor one edited while pages are
        read, nor one stored a little later than it is stamped. So an order may come twice: who takes it in
        knows it by its id and content. An order changed since comes again as it is now; one in the bin
        comes as cancelled, within about an hour where the store's lists leave it out. Refunds are documents
        of their own and come with or after the order they belong to; whether they come again when the order
        does is left open. A record that cannot be read is reported in `bad` and stops nothing; an answer
        that cannot be believed raises, and the same cursor may be used again. Amounts: see `OrderLine`.
        An unchanged store costs 1 call. Raises SyncdError for a cursor it did not write.
        """
        ...

    def order(self, order_id: str) -> StoreOrder | BadOrder | None:
        """Return one order as it is now, in the bin too; None if there is none. 1 call."""
        ...

    def refunds_of(self, order_id: str) -> Sequence[StoreRefund | BadOrder]:
        """Return all refunds of an order; none if there is no such order. 1 call."""
        ...

    def customers(self, cursor: str | None = None) -> CustomerPage:
        """Return some of the registered customers, and the cursor that goes on from there.

        The first pass (cursor None, on to the page without `more`) brings everybody who is registered
        throughout it. Each later pass brings everybody registered since, and some of the others in turn, so
        that a changed record is met after a bounded number of passes. Only where `traits.lists_customers`.
        """
        ...

    def write_order(self, order_id: str, *, status: str = "", tracking: str = "") -> Refused | None:
        """Bring an order to a status (the store's own word) and note a tracking number; "" leaves it alone.

        None: the order shows both now. Repeating a write changes nothing and notes nothing twice. An order
        that is gone, cancelled, refunded or in the bin is Refused. Mails nobody beyond what the store itself
        mails for that status. Raises OutcomeUnknown if no answer came to a write.
        """
        ...

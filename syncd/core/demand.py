"""What orders have taken of a product that Unleashed's stock does not show yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from syncd.core.model import Value
from syncd.core.money import balance, plain
from syncd.core.order_state import State


@dataclass(frozen=True, slots=True)
class Taken:
    """One order of any store on the account, and what it takes: quantities by the product's guid.

    `took_stock`: whether its store has reduced its own stock for it, None if it does not say; `paid` then
    stands in. `cancelled` covers orders skipped for that reason. `too_old`: from before `orders.since`.
    `settled` is when Unleashed confirmed it, or when a person skipped it having posted it by hand; aware.
    """

    order: str
    state: State
    quantities: Mapping[str, Decimal]
    took_stock: bool | None = None
    paid: bool = False
    cancelled: bool = False
    too_old: bool = False
    settled: datetime | None = None


def takes(order: Taken) -> bool:
    """Tell whether an order takes stock at all (design rule 7): also on hold, parked, or given up.

    Not if it was called off, or if it is older than the shop's connection: such an order is Unleashed's
    affair already.
    """
    if order.cancelled or order.too_old:
        return False
    return order.paid if order.took_stock is None else order.took_stock


def shows(order: Taken, read: datetime | None) -> bool:
    """Tell whether a stock row that was requested at `read` shows what this order took.

    Only a row requested after the order was settled does: one asked for before may have been answered
    after. `read` None: no row is stored.
    """
    done = order.state in (State.POSTED, State.SKIPPED) and order.settled is not None
    return done and read is not None and order.settled is not None and read > order.settled


def demand(orders: Iterable[Taken], reads: Mapping[str, datetime]) -> Mapping[str, Decimal]:
    """Return the open demand by product guid, over all stores of the account; products without are absent.

    `reads` are, per product, when the oldest of the stored stock rows that count was requested.
    """
    parts: dict[str, list[Decimal]] = {}
    for order in filter(takes, orders):
        for guid, quantity in order.quantities.items():
            if not shows(order, reads.get(guid)):
                parts.setdefault(guid, []).append(quantity)
    sums = {guid: balance(each, Decimal(0)) for guid, each in parts.items()}
    return {guid: total for guid, total in sums.items() if total > 0}


def less_demand(sellable: Value[Decimal], taken: Decimal) -> Value[Decimal]:
    """Return what may still be sold, never below zero. What is unknown stays so, with its rule."""
    if sellable.value is None or taken <= 0:
        return sellable
    left = max(Decimal(0), balance((sellable.value,), taken))
    return Value(left, f"{sellable.rule} - demand {plain(taken)}")


@dataclass(frozen=True, slots=True)
class Reading:
    """What may be sold by one stock read, demand taken off, and when that read was requested."""

    sellable: Decimal
    requested: datetime


def may_push(shown: Decimal | None, latest: Reading, earlier: Reading | None, taken: Decimal) -> bool:
    """Decide whether the latest reading may be pushed now. `shown` is what the store shows, None if nothing.

    A fall goes out at once. A rise goes out at once too unless demand is open: then a row may show a sale
    already which we still take off, or not yet, so that two reads, one requested after the other, must agree.
    """
    if taken <= 0 or (shown is not None and latest.sellable <= shown):
        return True
    agree = earlier is not None and earlier.sellable == latest.sellable
    return agree and earlier is not None and earlier.requested < latest.requested

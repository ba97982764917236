"""Whether both sides have the same orders: by count, by value, and one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from syncd.core.money import plain
from syncd.core.sale import SaleFound


@dataclass(frozen=True, slots=True)
class Posted:
    """An order as the store has it, and what it is in Unleashed. `charged` is its total, with tax."""

    number: str
    guid: str
    order_number: str
    charged: Decimal
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One order about which the sides disagree, in a sentence."""

    number: str
    what: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Count and value on both sides, and every difference. Values are summed whatever their currency."""

    store_orders: int
    store_total: Decimal
    unleashed_orders: int
    unleashed_total: Decimal
    differences: tuple[Difference, ...]


def reconcile(
    posted: Sequence[Posted], there: Mapping[str, SaleFound], strangers: Iterable[SaleFound]
) -> Reconciled:
    """Compare the orders that were posted with what Unleashed has of them, by guid.

    `strangers` are sales orders under the store's prefix that no order of ours became.
    """
    found = [there[each.guid] for each in posted if each.guid in there]
    different = [said for each in posted if (said := _differs(each, there.get(each.guid))) is not None]
    unknown = [
        Difference(each.order_number, f"{each.order_number} is in Unleashed, but no order of the store is.")
        for each in sorted(strangers, key=lambda one: one.order_number)
    ]
    return Reconciled(
        len(posted),
        sum((each.charged for each in posted), Decimal(0)),
        len(found),
        sum((each.total for each in found), Decimal(0)),
        (*different, *unknown),
    )


def _differs(ours: Posted, theirs: SaleFound | None) -> Difference | None:
    name = f"Order {ours.number}"
    if theirs is None or theirs.status.casefold() == "deleted":
        return Difference(
            ours.number, f"{name} was posted as {ours.order_number}, which is not there any more."
        )
    if theirs.total != ours.charged:
        amounts = f"{plain(theirs.total)} instead of {plain(ours.charged)} {ours.currency}".rstrip()
        return Difference(ours.number, f"{name} is in Unleashed as {theirs.order_number} with {amounts}.")
    return None

"""Prove, before anything is sent, that Unleashed will arrive at the store's totals to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext

from syncd.core.currency import unit
from syncd.core.order import OrderLine, StoreOrder
from syncd.core.order_price import Price, find_price
from syncd.core.order_sums import fault, posted_lines
from syncd.core.order_taxes import ARITHMETICS, Policy, agreeing, settle_taxes
from syncd.core.sale import Parked

PRECISION = 60


@dataclass(frozen=True, slots=True)
class LineProof:
    """What one line is posted with. `total` (after discount) and `tax` are at the currency's decimals."""

    line: OrderLine
    tax_rate: Decimal
    price: Price
    total: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Proof:
    """An order whose posted totals are the store's: `sub_total` + `tax_total` = `total`.

    `policy` names the rung of the ladder that led there. `agrees` are the arithmetics (of those an account
    may use: the reference leaves it open) under which Unleashed's own recomputation gives the same totals.
    `certain`: all of them, with prices of at most four decimals, in a currency that has two.
    """

    lines: tuple[LineProof, ...]
    sub_total: Decimal
    tax_total: Decimal
    total: Decimal
    policy: Policy
    agrees: frozenset[str]
    certain: bool


def prove(order: StoreOrder, rates: Sequence[Decimal]) -> Proof | Parked:
    """Find quantities, prices, discounts and taxes that add up to exactly what the buyer was charged.

    `rates` are the tax rates, as fractions, of `posted_lines(order)` in their order: those of the tax codes
    that the lines will carry. Unleashed computes LineTotal = quantity × price × (1 − discount) and
    LineTax = LineTotal × rate, each rounded (reference, 7.3 and 7.4). The order's total and its tax are the
    store's own; of what a line shows only what lies below the currency's decimals is ours to round. Parked,
    with the difference, where that does not suffice.
    """
    lines = posted_lines(order)
    with localcontext() as context:
        context.prec = PRECISION
        return fault(order, lines) or _prove(order, lines, rates)


def _prove(order: StoreOrder, lines: Sequence[OrderLine], rates: Sequence[Decimal]) -> Proof | Parked:
    smallest = unit(order.currency)
    for tax_total in _tax_totals(order.total_tax, smallest):
        nets = round_to_sum([line.total for line in lines], order.total - tax_total, smallest)
        if nets is not None:
            return _with_nets(order, lines, rates, nets, tax_total)
    return Parked(
        f"The lines of order {order.number} cannot be rounded to the {order.total - order.total_tax:f} "
        f"{order.currency} that they should be without tax.",
        f"Post it by hand in Unleashed, then run `syncd orders skip {order.id}`.",
        "figures",
    )


def _tax_totals(stated: Decimal, smallest: Decimal) -> list[Decimal]:
    """Return what a tax total may be at the currency's decimals: itself, or its neighbours, nearest first."""
    around = {stated.quantize(smallest, rounding=mode) for mode in (ROUND_FLOOR, ROUND_CEILING)}
    return sorted(around, key=lambda each: (abs(each - stated), -each))


def round_to_sum(amounts: Sequence[Decimal], total: Decimal, smallest: Decimal) -> list[Decimal] | None:
    """Return every amount at the currency's decimals, so that they add up to `total`; None if they cannot.

    An amount goes up or down to a neighbour; the nearest is left only where the sum needs it, by those that
    lie furthest from it, the first among equals. What is a whole amount already stays.
    """
    nearest = [each.quantize(smallest, rounding="ROUND_HALF_UP") for each in amounts]
    rest = total - sum(nearest, Decimal(0))
    sign = 1 if rest > 0 else -1
    gaps = [(each - near) * sign for each, near in zip(amounts, nearest, strict=True)]
    able = sorted((at for at, gap in enumerate(gaps) if gap > 0), key=lambda at: -gaps[at])
    steps = abs(rest) / smallest
    if steps > len(able) or steps != int(steps):
        return None
    for at in able[: int(steps)]:
        nearest[at] += sign * smallest
    return nearest


def _with_nets(
    order: StoreOrder,
    lines: Sequence[OrderLine],
    rates: Sequence[Decimal],
    nets: Sequence[Decimal],
    tax_total: Decimal,
) -> Proof | Parked:
    smallest = unit(order.currency)
    settled = settle_taxes(order, lines, rates, nets, tax_total)
    if isinstance(settled, Parked):
        return settled
    proven = []
    for line, rate, net, tax in zip(lines, rates, settled.nets, settled.taxes, strict=True):
        price = find_price(line, net, smallest)
        if price is None:
            return _too_many(order, line)
        proven.append(LineProof(line, rate, price, net, tax))
    agrees = agreeing(settled.nets, rates, tax_total, smallest)
    certain = (
        agrees == ARITHMETICS and smallest == Decimal("0.01") and all(each.price.short for each in proven)
    )
    sub_total = order.total.quantize(smallest) - tax_total
    return Proof(tuple(proven), sub_total, tax_total, sub_total + tax_total, settled.policy, agrees, certain)


def _too_many(order: StoreOrder, line: OrderLine) -> Parked:
    return Parked(
        f"No unit price gives the total of {line.total:f} {order.currency} for {line.quantity:f} of "
        f"{line.code or line.name} in order {order.number}.",
        f"Post it by hand in Unleashed, then run `syncd orders skip {order.id}`.",
        "figures",
    )

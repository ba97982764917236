"""How much tax each line of an order is posted with, so that it adds up to the tax the buyer paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Literal, get_args

from syncd.core.cent_moves import move_cents, tax
from syncd.core.currency import unit
from syncd.core.money import plain
from syncd.core.order import OrderLine, StoreOrder
from syncd.core.sale import Parked

Policy = Literal[
    "recomputed", "cents moved", "half up", "half even", "as the store has it", "rest on one line"
]
POLICIES: tuple[Policy, ...] = get_args(Policy)
"""The ladder, the safest rung first.

`recomputed`: each line's tax is its total × its rate, whichever way halves are rounded. `cents moved`: the
same, once some totals that the store has with more decimals were rounded the other way. `half up`, `half
even`: only this way of rounding halves gives the store's tax. `as the store has it`: the store's own figure
of each line, a cent beside what Unleashed would compute. `rest on one line`: as computed, and what is left
of the store's tax on the line with the most of it (reference, 7.3). The last two need a server that keeps
the tax it is sent, as connectors in use rely on; one that refuses them parks the order, and the totals in
its answer show if it computed others.
"""

ARITHMETICS = frozenset({"line half up", "line half even", "order half up", "order half even"})
"""What an account may do with taxes: round each line's or each rate's of the order; the reference is open."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The total and tax of each line, and the lowest rung of the ladder that was needed."""

    nets: tuple[Decimal, ...]
    taxes: tuple[Decimal, ...]
    policy: Policy


def settle_taxes(
    order: StoreOrder,
    lines: Sequence[OrderLine],
    rates: Sequence[Decimal],
    nets: Sequence[Decimal],
    total: Decimal,
) -> Settled | Parked:
    """Return the lines' taxes, adding up to `total`, rate by rate as near to the store's as possible.

    `rates` are fractions, `nets` the lines' totals at the currency's decimals; their sum at each rate stays,
    though a cent of theirs may move from line to line. Parked when a line's tax is not what
    its rate makes of it, however it was rounded, or when nothing is taxed and yet there is tax.
    """
    smallest = unit(order.currency)
    for line, rate in zip(lines, rates, strict=True):
        if not plausible(line, rate, smallest):
            return _implausible(order, line, rate)
    goals = _goals(lines, rates, total, smallest)
    if sum(goals.values(), Decimal(0)) != total:
        return _untaxed(order, total)
    return _by_rate(lines, rates, nets, goals, smallest)


def _by_rate(
    lines: Sequence[OrderLine],
    rates: Sequence[Decimal],
    nets: Sequence[Decimal],
    goals: Mapping[Decimal, Decimal],
    smallest: Decimal,
) -> Settled:
    totals, taxes, policy = list(nets), [Decimal(0)] * len(lines), POLICIES[0]
    for rate, goal in goals.items():
        members = [at for at, each in enumerate(rates) if each == rate]
        found = _settle([lines[at] for at in members], [nets[at] for at in members], rate, goal, smallest)
        for at, net, line_tax in zip(members, found.nets, found.taxes, strict=True):
            totals[at], taxes[at] = net, line_tax
        policy = max(policy, found.policy, key=POLICIES.index)
    return Settled(tuple(totals), tuple(taxes), policy)


def plausible(line: OrderLine, rate: Decimal, smallest: Decimal) -> bool:
    """Tell whether a line's tax is its total at this rate, rounded per line or per piece.

    Half a cent off on every piece, in price and in tax, is still rounding; a wrong rate soon is more.
    """
    if rate == 0:
        return abs(line.tax) < smallest / 2
    pieces = max(Decimal(1), abs(line.quantity))
    return abs(line.tax - line.total * rate) <= smallest * (pieces * (1 + abs(rate)) + 2) / 2


def _goals(
    lines: Sequence[OrderLine], rates: Sequence[Decimal], total: Decimal, smallest: Decimal
) -> Mapping[Decimal, Decimal]:
    """Return how much of the tax belongs to each rate: as the lines say, the rest with the largest."""
    per_line = {rate: Decimal(0) for rate in rates}
    raw = dict(per_line)
    for line, rate in zip(lines, rates, strict=True):
        per_line[rate] += _round(line.tax, smallest)
        raw[rate] += line.tax
    at_end = {rate: _round(each, smallest) for rate, each in raw.items()}
    goals = per_line if sum(per_line.values(), Decimal(0)) == total else at_end
    taxed = [rate for rate in goals if rate != 0]
    if taxed:
        largest = max(taxed, key=lambda rate: abs(goals[rate]))
        goals[largest] += total - sum(goals.values(), Decimal(0))
    return goals


def _settle(
    lines: Sequence[OrderLine], nets: Sequence[Decimal], rate: Decimal, goal: Decimal, smallest: Decimal
) -> Settled:
    up = tuple(tax(net, rate, smallest) for net in nets)
    even = tuple(tax(net, rate, smallest, ROUND_HALF_EVEN) for net in nets)
    own = tuple(line.tax for line in lines)
    same = tuple(nets)
    if sum(up) == goal and up == even:
        return Settled(same, up, "recomputed")
    moved = move_cents([line.total for line in lines], nets, rate, goal, smallest)
    if moved is not None:
        return Settled(moved, tuple(tax(net, rate, smallest) for net in moved), "cents moved")
    if sum(up) == goal:
        return Settled(same, up, "half up")
    if sum(even) == goal:
        return Settled(same, even, "half even")
    if sum(own) == goal and all(each == _round(each, smallest) for each in own):
        return Settled(same, own, "as the store has it")
    return Settled(same, _with_rest(up, goal), "rest on one line")


def _with_rest(taxes: Sequence[Decimal], goal: Decimal) -> tuple[Decimal, ...]:
    most = max(range(len(taxes)), key=lambda at: abs(taxes[at]))
    rest = goal - sum(taxes, Decimal(0))
    return tuple(each + rest if at == most else each for at, each in enumerate(taxes))


def agreeing(
    nets: Sequence[Decimal], rates: Sequence[Decimal], total: Decimal, smallest: Decimal
) -> frozenset[str]:
    """Return the arithmetics under which an account that recomputes all taxes arrives at `total`."""
    per_rate = {rate: Decimal(0) for rate in rates}
    for net, rate in zip(nets, rates, strict=True):
        per_rate[rate] += net
    by_line = [net * rate for net, rate in zip(nets, rates, strict=True)]
    by_order = [net * rate for rate, net in per_rate.items()]
    ways: Mapping[str, tuple[Sequence[Decimal], str]] = {
        "line half up": (by_line, ROUND_HALF_UP),
        "line half even": (by_line, ROUND_HALF_EVEN),
        "order half up": (by_order, ROUND_HALF_UP),
        "order half even": (by_order, ROUND_HALF_EVEN),
    }
    return frozenset(
        name
        for name, (parts, mode) in ways.items()
        if sum((_round(part, smallest, mode) for part in parts), Decimal(0)) == total
    )


def _round(amount: Decimal, smallest: Decimal, mode: str = ROUND_HALF_UP) -> Decimal:
    return amount.quantize(smallest, rounding=mode)


def _implausible(order: StoreOrder, line: OrderLine, rate: Decimal) -> Parked:
    return Parked(
        f"Order {order.number} has {line.tax:f} {order.currency} of tax on {line.code or line.name}, "
        f"which is not {plain(rate * 100)} % of {line.total:f}.",
        "Name the tax code with the right rate under orders.tax_codes, then run "
        f"`syncd orders retry {order.id}`.",
        "tax code",
    )


def _untaxed(order: StoreOrder, total: Decimal) -> Parked:
    return Parked(
        f"Order {order.number} holds {total:f} {order.currency} of tax, but none of its lines is taxed.",
        f"Look at it in the store; post it by hand in Unleashed and run `syncd orders skip {order.id}`.",
        "figures",
    )

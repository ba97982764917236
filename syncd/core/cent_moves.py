"""Round the totals of some lines the other way, so that the tax computed from them is the store's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True)
class _Move:
    """What changes if a line's total goes to its other neighbour: `tax` and `strain` (how far that lies)."""

    line: int
    to: Decimal
    up: bool
    tax: Decimal
    strain: Decimal


def move_cents(
    exact: Sequence[Decimal], nets: Sequence[Decimal], rate: Decimal, goal: Decimal, smallest: Decimal
) -> tuple[Decimal, ...] | None:
    """Return totals with the same sum whose taxes, each rounded by itself, add up to `goal`; None if none do.

    `exact` are the store's totals of lines at this rate, `nets` the same at the currency's decimals. Only a
    line that the store shows with more decimals can move, and only between its two neighbours; as many go up
    as down, those that have the least way to go. No tax of the result depends on how halves are rounded.
    """
    short = goal - sum((tax(net, rate, smallest) for net in nets), Decimal(0))
    moves = sorted(_moves(exact, nets, rate, smallest), key=lambda move: move.strain)
    count = abs(short) / smallest
    up, step = short > 0, smallest if short > 0 else -smallest
    wanted = [move for move in moves if move.up == up and move.tax == step]
    paired = [move for move in moves if move.up != up and move.tax == 0]
    if count != int(count) or count > min(len(wanted), len(paired)):
        return None
    found = list(nets)
    for move in (*wanted[: int(count)], *paired[: int(count)]):
        found[move.line] = move.to
    return tuple(found) if all(_settled(net, rate, smallest) for net in found) else None


def tax(net: Decimal, rate: Decimal, smallest: Decimal, mode: str = ROUND_HALF_UP) -> Decimal:
    """Return the tax on a line's total, as an account computes it that rounds halves in this way."""
    return (net * rate).quantize(smallest, rounding=mode)


def _settled(net: Decimal, rate: Decimal, smallest: Decimal) -> bool:
    return tax(net, rate, smallest) == tax(net, rate, smallest, ROUND_HALF_EVEN)


def _moves(
    exact: Sequence[Decimal], nets: Sequence[Decimal], rate: Decimal, smallest: Decimal
) -> list[_Move]:
    found = []
    for at, (before, net) in enumerate(zip(exact, nets, strict=True)):
        if before != net:
            to = net + smallest if before > net else net - smallest
            change = tax(to, rate, smallest) - tax(net, rate, smallest)
            found.append(_Move(at, to, before > net, change, abs(to - before)))
    return found

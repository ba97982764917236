"""Whether an order's own figures add up, and which of its lines are posted at all."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from syncd.core.currency import unit
from syncd.core.money import plain
from syncd.core.order import OrderLine, StoreOrder
from syncd.core.sale import Parked

MOST = Decimal(10) ** 13
"""No amount or quantity of a sale is as large as this."""

MOST_LINES = 800
"""How many lines a sales order may have, by the vendor's own list of limits (support article 11581801)."""


def posted_lines(order: StoreOrder) -> tuple[OrderLine, ...]:
    """Return the lines that are posted: all but free shipping and fees of nothing, and lines taken out.

    A line taken out is one with neither quantity nor amounts. Shipping and fees are posted as one piece.
    """
    return tuple(_one_piece(line) for line in order.lines if not _is_nothing(line))


def _is_nothing(line: OrderLine) -> bool:
    free = line.total == 0 and line.tax == 0
    return free and (line.quantity == 0 or (line.kind != "product" and line.subtotal == 0))


def _one_piece(line: OrderLine) -> OrderLine:
    if line.kind == "product" or line.quantity == 1:
        return line
    return OrderLine(
        line.id, line.kind, line.name, Decimal(1), line.subtotal, line.total, line.tax, line.ref, line.code,
        line.tax_class, line.taxes,
    )  # fmt: skip


def fault(order: StoreOrder, lines: Sequence[OrderLine]) -> Parked | None:
    """Return why this order's figures cannot be posted by anybody, or None if they can.

    `lines` are the posted ones. Checks that total = Σ line total + Σ line tax and that the taxes are the
    total tax (WooCommerce reference, 7.4): exactly where lines are at the currency's decimals; where they
    have more, no further apart than rounding these very amounts explains.
    """
    return _shape(order, lines) or _sums(order)


def _shape(order: StoreOrder, lines: Sequence[OrderLine]) -> Parked | None:
    amounts = [order.total, order.total_tax]
    amounts += [each for line in lines for each in (line.quantity, line.subtotal, line.total, line.tax)]
    if any(not each.is_finite() or abs(each) >= MOST for each in amounts):
        return _parked(order, "has an amount that cannot be meant")
    if not lines:
        return _parked(order, "has no line to post")
    if len(lines) > MOST_LINES:
        return _parked(order, f"has {len(lines)} lines; Unleashed takes at most {MOST_LINES}")
    if order.total < 0:
        return _parked(order, "has a negative total: it gives money back")
    if order.total != order.total.quantize(unit(order.currency)):
        return _parked(order, f"has a total of {_money(order, order.total)}, finer than that currency goes")
    odd = next((line for line in lines if line.quantity <= 0), None)
    if odd is not None:
        return _parked(order, f"has a line with the quantity {plain(odd.quantity)}: {odd.code or odd.name}")
    return None


def _sums(order: StoreOrder) -> Parked | None:
    smallest = unit(order.currency)
    totals = [line.total for line in order.lines]
    taxes = [line.tax for line in order.lines]
    added, tax = sum((*totals, *taxes), Decimal(0)), sum(taxes, Decimal(0))
    if abs(added - order.total) > _explained((*totals, *taxes), smallest):
        less = order.total - added
        return _parked(
            order,
            f"adds up to {_money(order, added)}, but the buyer was charged {_money(order, order.total)}: a "
            f"difference of {_money(order, less)} that no line explains (a gift card, a store credit)",
        )
    if abs(tax - order.total_tax) > _explained((*taxes, order.total_tax), smallest):
        return _parked(
            order,
            f"says it holds {_money(order, order.total_tax)} of tax, but the tax of its lines is "
            f"{_money(order, tax)}",
        )
    return None


def _explained(amounts: Sequence[Decimal], smallest: Decimal) -> Decimal:
    """Return how far rounding before or after adding takes sums apart: not at all, if all is whole."""
    loose = sum((abs(each - each.quantize(smallest, "ROUND_HALF_UP")) for each in amounts), Decimal(0))
    return loose + smallest / 2 if loose else Decimal(0)


def _money(order: StoreOrder, amount: Decimal) -> str:
    whole = amount.quantize(unit(order.currency))
    return f"{whole if whole == amount else plain(amount)} {order.currency}"


def _parked(order: StoreOrder, what: str) -> Parked:
    return Parked(
        f"Order {order.number} {what}.",
        f"Look at it in the store. Correct it there, or post it by hand in Unleashed and run "
        f"`syncd orders skip {order.id}`.",
        "figures",
    )

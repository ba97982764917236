"""Money and quantities: exact, never a float."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext


def plain(value: Decimal) -> str:
    """Return the canonical text: no exponent, no trailing zeros, so that equal values are equal texts."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def rounded(value: Decimal, places: int) -> Decimal:
    """Return `value` at `places` decimals, halves away from zero."""
    with localcontext() as context:
        context.prec = 60
        return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def with_tax(price: Decimal, rate: Decimal) -> Decimal:
    """Return a price inc tax from one ex tax. `rate` is a fraction: 0.15 for 15 %. Not rounded."""
    with localcontext() as context:
        context.prec = 60
        return price * (1 + rate)


def balance(quantities: Iterable[Decimal], less: Decimal) -> Decimal:
    """Return the sum of the quantities without `less`, exactly; it may be negative."""
    with localcontext() as context:
        context.prec = 60
        return sum(quantities, Decimal(0)) - less

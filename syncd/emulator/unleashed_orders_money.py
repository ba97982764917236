"""The emulated Unleashed's own arithmetic of an order: fractions, its way of rounding, and its objections."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from syncd.emulator.unleashed_orders_body import invalid
from syncd.emulator.unleashed_orders_records import Line
from syncd.emulator.unleashed_orders_settings import SalesSettings


def rounded(amount: Fraction, settings: SalesSettings) -> Decimal:
    """Return the amount at the company's places; halves go away from zero, or to the even neighbour."""
    scaled = abs(amount) * 10**settings.money_places
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    twice = 2 * rest - scaled.denominator
    up = twice > 0 or (twice == 0 and (settings.rounding == "half_up" or whole % 2 == 1))
    units = (whole + up) * (-1 if amount < 0 else 1)
    return Decimal(units).scaleb(-settings.money_places)


def line_total(quantity: Decimal, price: Decimal, discount: Decimal, settings: SalesSettings) -> Decimal:
    """Return what a line comes to, ex tax."""
    return rounded(Fraction(quantity) * Fraction(price) * (1 - Fraction(discount)), settings)


def line_tax(total: Decimal, rate: Decimal, settings: SalesSettings) -> Decimal:
    """Return the tax on a line's total; `rate` is a fraction."""
    return rounded(Fraction(total) * Fraction(rate), settings)


def summed(amounts: Iterable[Decimal]) -> Decimal:
    """Return the exact sum."""
    return sum(amounts, Decimal("0.00"))


def sums_of(lines: Iterable[Line]) -> tuple[Decimal, Decimal, Decimal]:
    """Return SubTotal, TaxTotal and Total of the lines' own figures."""
    every = list(lines)
    sub, tax = summed(line.total for line in every), summed(line.tax for line in every)
    return sub, tax, sub + tax


def check_sums(said: tuple[Decimal, Decimal, Decimal], lines: Iterable[Line]) -> None:
    """Refuse totals that are not the sums of the lines, to the last place (reference 7.3)."""
    names = ("SubTotal", "TaxTotal", "Total")
    for name, given, right in zip(names, said, sums_of(lines), strict=True):
        if given != right:
            raise invalid(f"{name} is {given} but the lines come to {right}.")


def check_line(line: Line, settings: SalesSettings) -> None:
    """Refuse a line whose own figures are not what the server makes of it."""
    total = line_total(line.quantity, line.price, line.discount, settings)
    tax = line_tax(total, line.tax_rate, settings)
    if line.total != total:
        raise invalid(f"LineTotal of line {line.number} is {line.total} but should be {total}.")
    if line.tax != tax:
        raise invalid(f"LineTax of line {line.number} is {line.tax} but should be {tax}.")

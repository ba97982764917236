"""Which unit price and discount make Unleashed arrive at a line's total to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from syncd.core.money import rounded
from syncd.core.order import OrderLine

SHORT = 4
"""Decimals that a unit price or a discount rate has unless the total cannot be reached with them."""

LONGEST = 14
"""Unleashed itself was seen to keep this many decimals (reference, trap 31)."""


@dataclass(frozen=True, slots=True)
class Price:
    """A unit price ex tax and a discount, a fraction, that apply to a line."""

    unit_price: Decimal
    discount_rate: Decimal = Decimal(0)

    @property
    def short(self) -> bool:
        """Tell whether both have at most four decimals."""
        return all(_places(each) <= SHORT for each in (self.unit_price, self.discount_rate))


def line_total(quantity: Decimal, price: Price) -> Decimal:
    """Return quantity × unit price × (1 − discount): what Unleashed then rounds."""
    return quantity * price.unit_price * (1 - price.discount_rate)


def find_price(line: OrderLine, total: Decimal, unit: Decimal) -> Price | None:
    """Return the price at which `line_total` rounds to `total`, or None if 14 decimals do not suffice.

    `total` is the line's total as it is to be posted, `unit` the smallest amount of the currency. A discount
    becomes a rate only if one of at most four decimals gives the total; otherwise the price is the one after
    the discount. Prices have two decimals if these do, then three, four, and up to 14. The total is met so
    closely that no way of rounding halves, nor rounding at two decimals in a currency that has none,
    changes it.
    """
    near = min(unit, Decimal("0.01")) / 2
    discounted = _with_discount(line, total, unit, near)
    if discounted is not None:
        return discounted
    found = next(_prices(line.quantity, total, near, LONGEST), None)
    return None if found is None else Price(found)


def _with_discount(line: OrderLine, total: Decimal, unit: Decimal, near: Decimal) -> Price | None:
    """Return the shortest rate, on the shortest listed price, that gives the total; None if there is none."""
    if line.total < 0 or line.subtotal - line.total < unit:
        return None
    off = 1 - line.total / line.subtotal
    rates = [rounded(off, places) for places in range(1, SHORT + 1)]
    for rate, price in product(rates, _prices(line.quantity, line.subtotal, near, SHORT)):
        found = Price(price, rate)
        if abs(line_total(line.quantity, found) - total) < near:
            return found
    return None


def _prices(quantity: Decimal, total: Decimal, near: Decimal, longest: int) -> Iterator[Decimal]:
    """Yield the prices that come near enough to a total, the shortest first."""
    exact = total / quantity
    for places in range(2, longest + 1):
        price = rounded(exact, places)
        if abs(quantity * price - total) < near:
            yield price


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0

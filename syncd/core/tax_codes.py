"""Unleashed's tax codes: which one is meant by a name, and which ones have a rate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class TaxCode:
    """One of Unleashed's tax codes. `rate` is an exact fraction (0.15 is 15 %), None if it could not be read.

    `for_sales`: it can be applied to revenue.
    """

    code: str
    rate: Decimal | None
    obsolete: bool = False
    for_sales: bool = True

    def usable(self) -> bool:
        """Tell whether an order may carry it."""
        return self.for_sales and not self.obsolete


UNTAXED = TaxCode("None", Decimal(0))
"""The code that untaxed orders show although no list need have it (reference unleashed.md, 9)."""


def as_fractions(codes: Iterable[TaxCode]) -> tuple[TaxCode, ...]:
    """Return the codes with their rates as fractions, whether the account gives those or percents.

    Fractions are documented (reference unleashed.md, 7.3); a rate of 1 and more can only be a percent, and
    then all of them are.
    """
    found = tuple(codes)
    if not any(each.rate is not None and each.rate >= 1 for each in found):
        return found
    return tuple(each if each.rate is None else replace(each, rate=each.rate.scaleb(-2)) for each in found)


def with_rate(codes: Sequence[TaxCode], rate: Decimal) -> list[TaxCode]:
    """Return the codes that have this rate (a fraction) and may be used on orders."""
    return [each for each in codes if each.usable() and each.rate == rate]


def with_name(codes: Sequence[TaxCode], name: str) -> TaxCode | None:
    """Return the code with exactly this name, the one in use before an obsolete namesake; None if none has.

    `None` is always there, listed or not: it is the one of untaxed orders.
    """
    named = [each for each in (*codes, UNTAXED) if each.code == name.strip()]
    return min(named, key=lambda each: (each.obsolete, not each.for_sales), default=None)

"""Which of Unleashed's tax codes belongs to a line of a store's order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from syncd.core.currency import unit
from syncd.core.money import plain
from syncd.core.order import OrderLine, StoreOrder
from syncd.core.sale import Parked, TaxCode

PSEUDO = TaxCode("None", Decimal(0))
"""A code without tax that orders were seen to carry though no list has it (reference, 9); only if named."""


def tax_code(
    order: StoreOrder, line: OrderLine, codes: Iterable[TaxCode], configured: Mapping[str, str]
) -> TaxCode | Parked:
    """Return the code whose rate is the line's, or Parked with the key of the configuration that settles it.

    `configured` maps the store's tax classes, or rates such as "15%", to codes. The class goes first where
    its code's rate is the line's: goods of one class are untaxed when they leave the country. Then the rate;
    then the account's own codes, if just one in use has this rate.
    """
    if any(part.compound and part.amount for part in line.taxes):
        return _compound(order, line)
    active = {each.code: each for each in codes if not each.obsolete and each.for_sales}
    named = _named(order, line, active, configured)
    if isinstance(named, Parked):
        return named
    return named or _only(order, line, active, configured)


def rate_of(line: OrderLine, smallest: Decimal) -> Decimal | None:
    """Return a line's tax rate as a fraction, all its taxes added up; None if the store gives amounts only.

    A tax of nothing on a line that costs something is one that was not charged (an exempt buyer).
    """
    charged = [part for part in line.taxes if part.amount or not _noticeable(part.rate, line.total, smallest)]
    if any(part.rate is None for part in charged):
        return None
    rates = [part.rate for part in charged if part.rate is not None]
    if not rates and line.tax:
        return None
    return sum(rates, Decimal(0))


def fits(line: OrderLine, rate: Decimal, smallest: Decimal) -> bool:
    """Tell whether a rate is the line's; where the store names none, whether it gives the line's tax."""
    own = rate_of(line, smallest)
    return rate == own if own is not None else abs(line.total * rate - line.tax) <= smallest


def _noticeable(rate: Decimal | None, total: Decimal, smallest: Decimal) -> bool:
    return rate is None or abs(rate * total) >= smallest


def _named(
    order: StoreOrder, line: OrderLine, active: Mapping[str, TaxCode], configured: Mapping[str, str]
) -> TaxCode | Parked | None:
    for key in (_class_key(line), _rate_key(order, line)):
        name = configured.get(key, "").strip()
        if not name:
            continue
        code = active.get(name) or (PSEUDO if name == PSEUDO.code else None)
        if code is None:
            return _unknown(order, key, name)
        if fits(line, code.rate, unit(order.currency)):
            return code
    return None


def _only(
    order: StoreOrder, line: OrderLine, active: Mapping[str, TaxCode], configured: Mapping[str, str]
) -> TaxCode | Parked:
    found = [each for each in active.values() if fits(line, each.rate, unit(order.currency))]
    if len(found) == 1:
        return found[0]
    what = "no tax code in use" if not found else ", ".join(sorted(each.code for each in found))
    key = _rate_key(order, line) if _class_key(line) in configured else _class_key(line)
    own = rate_of(line, unit(order.currency))
    rate = f"{plain(own * 100)} %" if own is not None else f"{line.tax:f} {order.currency}"
    return Parked(
        f"Order {order.number} has {line.code or line.name} with {rate} tax; for that Unleashed has {what}.",
        f'Name the code to use: orders.tax_codes = {{ "{key}" = "…" }}. Then run '
        f"`syncd orders retry {order.id}`.",
        f"tax code {key}",
    )


def _class_key(line: OrderLine) -> str:
    return line.tax_class or "standard"


def _rate_key(order: StoreOrder, line: OrderLine) -> str:
    rate = rate_of(line, unit(order.currency))
    return f"{plain(rate * 100)}%" if rate is not None else ""


def _compound(order: StoreOrder, line: OrderLine) -> Parked:
    return Parked(
        f"Order {order.number} has a compound tax (a tax on a tax) on {line.code or line.name}; Unleashed's "
        "lines have one rate.",
        f"Post it by hand in Unleashed, then run `syncd orders skip {order.id}`.",
        "compound tax",
    )


def _unknown(order: StoreOrder, key: str, name: str) -> Parked:
    return Parked(
        f"orders.tax_codes names {name} for {key}, but Unleashed has no such tax code in use for sales.",
        f"Correct orders.tax_codes, or the code in Unleashed; then run `syncd orders retry {order.id}`.",
        f"tax code {key}",
    )

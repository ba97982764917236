"""A shop's own arithmetic: carts of every kind, priced, taxed, discounted and rounded as shops do it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from typing import Literal

from syncd.core.currency import unit
from syncd.core.order import Buyer, LineKind, OrderLine, StoreOrder, TaxPart

Rounding = Literal["per line", "per line, half even", "at the end", "per piece"]
ROUNDINGS: tuple[Rounding, ...] = ("per line", "per line, half even", "at the end", "per piece")

KINDS = (
    "one rate",
    "one rate, discounts",
    "two rates",
    "four rates, exempt goods",
    "negative fee",
    "no decimals (JPY)",
    "three decimals (KWD)",
    "prices with 6 decimals",
    "rounded at the end, shown rounded",
    "gift card outside the lines",
    "compound tax",
)
"""The classes of carts; the first two must never be parked."""

SINGLE_RATES = tuple(map(Decimal, ("0.15", "0.1", "0.2", "0.19", "0.25", "0.08875", "0")))
TWO_RATES = tuple(map(Decimal, ("0.19", "0.07")))
MANY_RATES = tuple(map(Decimal, ("0.2", "0.1", "0.055", "0.021", "0")))
ALL_RATES = tuple(sorted({*SINGLE_RATES, *TWO_RATES, *MANY_RATES}))
CREATED = datetime(2026, 11, 21, 10, tzinfo=UTC)
FINE = Decimal("0.000001")
MASK = (1 << 64) - 1


class Dice:
    """Throws that are the same for the same seed, on every machine and in every version (splitmix64)."""

    def __init__(self, seed: int) -> None:
        self._state = seed & MASK

    def throw(self, sides: int) -> int:
        """Return a whole number from 0 up to `sides` - 1."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        return ((mixed ^ (mixed >> 31)) % (1 << 32)) % sides


@dataclass(frozen=True, slots=True)
class Manner:
    """How a shop does it: what kind of cart, whether prices include tax, when it rounds."""

    kind: str
    inclusive: bool
    rounding: Rounding


def order(seed: int, manner: Manner) -> StoreOrder:
    """Return the order that a shop of this manner makes of a cart, as its connector hands it over."""
    dice = Dice(seed)
    currency = {"no decimals (JPY)": "JPY", "three decimals (KWD)": "KWD"}.get(manner.kind, "NZD")
    with localcontext() as context:
        context.prec = 40
        rates = _rates(dice, manner.kind)
        numbers = range(1, 2 + dice.throw(8))
        lines = tuple(_line(dice, manner, currency, rates, str(number)) for number in numbers)
        lines += _charges(dice, manner, currency, rates)
        return _totals(manner, currency, lines)


def _rates(dice: Dice, kind: str) -> tuple[Decimal, ...]:
    single = (SINGLE_RATES[dice.throw(len(SINGLE_RATES))],)
    return {"two rates": TWO_RATES, "four rates, exempt goods": MANY_RATES}.get(kind, single)


def _line(dice: Dice, manner: Manner, currency: str, rates: tuple[Decimal, ...], number: str) -> OrderLine:
    places = _price_places(dice, manner.kind, currency)
    price = Decimal(1 + dice.throw(30_000 * 10 ** min(places, 2))).scaleb(-places)
    pieces = Decimal(1 + dice.throw((3, 12, 120)[dice.throw(3)]))
    off = _discount(dice, manner.kind, price * pieces)
    rate = rates[dice.throw(len(rates))]
    return _priced(manner, currency, number, "product", pieces, price * pieces, off, rate)


def _price_places(dice: Dice, kind: str, currency: str) -> int:
    if kind == "prices with 6 decimals":
        return 6
    if currency != "NZD":
        return -unit(currency).as_tuple().exponent  # type: ignore[operator]
    return (2, 2, 2, 3, 4)[dice.throw(5)]


def _discount(dice: Dice, kind: str, full: Decimal) -> Decimal:
    if kind != "one rate, discounts":
        return Decimal(0)
    share = (Decimal(0), Decimal("0.1"), Decimal("0.125"), Decimal("0.3333"), Decimal(1))[dice.throw(5)]
    fixed = min(full, Decimal(dice.throw(500)) / 100)
    return fixed if dice.throw(3) == 0 else full * share


def _priced(
    manner: Manner,
    currency: str,
    number: str,
    kind: LineKind,
    pieces: Decimal,
    full: Decimal,
    off: Decimal,
    rate: Decimal,
) -> OrderLine:
    """Return a line of the shop: `full` and `off` are as entered, with or without tax."""
    entered = [full, full - off]
    if manner.rounding == "per piece":
        entered = [_round(each / pieces, currency) * pieces for each in entered]
    before, total = (each / (1 + rate) if manner.inclusive else each for each in entered)
    tax = entered[1] - total if manner.inclusive else total * rate
    line = OrderLine(number, kind, f"Thing {number}", pieces, before, total, tax, number, f"THING-{number}")
    return _rounded(line, manner, currency, rate)


def _rounded(line: OrderLine, manner: Manner, currency: str, rate: Decimal) -> OrderLine:
    """Return the line as the shop shows it: rounded to the cent, to the piece, or with six decimals."""
    before, total, tax = line.subtotal, line.total, line.tax
    if manner.rounding == "per line, half even":
        before, total, tax = (_round(each, currency, ROUND_HALF_EVEN) for each in (before, total, tax))
    elif manner.rounding == "per piece":
        pieces = line.quantity
        before, total, tax = (_round(each / pieces, currency) * pieces for each in (before, total, tax))
    elif manner.rounding == "per line":
        tax = _round(tax, currency, ROUND_HALF_DOWN if manner.inclusive else ROUND_HALF_UP)
    shown = [each.quantize(FINE) for each in (before, total, tax)]
    parts = (TaxPart("TAX", rate, shown[2], compound=manner.kind == "compound tax"),)
    return replace(line, subtotal=shown[0], total=shown[1], tax=shown[2], taxes=parts)


def _charges(dice: Dice, manner: Manner, currency: str, rates: tuple[Decimal, ...]) -> tuple[OrderLine, ...]:
    """Return shipping, in two carts of three, and what is taken off as a fee in its own class."""
    one, none, rate = Decimal(1), Decimal(0), rates[dice.throw(len(rates))]
    found = []
    if dice.throw(3):
        cost = Decimal(dice.throw(2_000)) * unit(currency)
        found.append(_priced(manner, currency, "s", "shipping", one, cost, none, rate))
    if manner.kind == "negative fee":
        found.append(_priced(manner, currency, "f", "fee", one, Decimal("-0.01"), none, rate))
    return tuple(found)


def _totals(manner: Manner, currency: str, lines: tuple[OrderLine, ...]) -> StoreOrder:
    nets = [line.total for line in lines]
    if manner.rounding != "at the end":
        nets = [_round(net, currency) for net in nets]
    tax = sum((line.tax for line in lines), Decimal(0))
    total = _round(sum(nets, Decimal(0)) + tax, currency)
    if manner.kind == "gift card outside the lines":
        total = max(Decimal(0), total - 5)
    if manner.kind == "rounded at the end, shown rounded":
        lines = tuple(_shown(line, currency) for line in lines)
        tax = _round(tax, currency)
    return StoreOrder(
        id="33",
        number="33",
        status="processing",
        currency=currency,
        total=total,
        total_tax=tax,
        created=CREATED,
        paid=True,
        buyer=Buyer("7", "jo@example.test"),
        lines=lines,
    )


def _shown(line: OrderLine, currency: str) -> OrderLine:
    before, total, tax = (_round(each, currency) for each in (line.subtotal, line.total, line.tax))
    return replace(line, subtotal=before, total=total, tax=tax)


def _round(amount: Decimal, currency: str, mode: str = ROUND_HALF_UP) -> Decimal:
    return amount.quantize(unit(currency), rounding=mode)

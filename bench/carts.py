"""`python -m bench.carts`: post random carts on paper, and count totals that are not the store's."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

from bench.cart_shop import ALL_RATES, KINDS, ROUNDINGS, Manner, order
from syncd.core.currency import unit
from syncd.core.model import AccountFacts, Product
from syncd.core.order import StoreOrder
from syncd.core.order_plan import Books, Ready, plan_order
from syncd.core.order_products import FREIGHT, Shelf
from syncd.core.order_rules import OrderRules
from syncd.core.sale import Customer, Parked, Sale, TaxCode
from syncd.core.sale_identity import Names

NEVER_PARKED = frozenset(KINDS[:2])
CODES = tuple(TaxCode(f"T{rate}", rate) for rate in ALL_RATES)
JO = Customer("6c0e3c4e-5b0a-4f6e-9d57-0d3f3c1f2a11", "JO", "Jo", ("jo@example.test",))
THINGS = {
    f"p{number}": Product(f"p{number}", f"THING-{number}", f"Thing {number}") for number in range(1, 10)
}
SHELF = Shelf(
    {str(number): f"p{number}" for number in range(1, 10)},
    {**THINGS, "pf": Product("pf", FREIGHT, "Freight")},
)
RULES = OrderRules(negative_fees="line")


@dataclass(slots=True)
class Tally:
    """What became of the carts of one manner."""

    manner: Manner
    carts: int = 0
    wrong: list[str] = field(default_factory=list)
    parked: Counter[str] = field(default_factory=Counter)
    policies: Counter[str] = field(default_factory=Counter)
    certain: int = 0

    @property
    def kept(self) -> bool:
        """Tell whether every posted total was the store's, and nothing parked that must not be."""
        return not self.wrong and not (self.parked and self.manner.kind in NEVER_PARKED)


def manners() -> list[Manner]:
    """Return every kind of cart × tax mode × way of rounding, where the kind does not name its way."""
    every = [
        Manner(kind, inclusive, way) for kind, inclusive, way in product(KINDS, (False, True), ROUNDINGS)
    ]
    return [each for each in every if each.kind != KINDS[8] or each.rounding == "at the end"]


def books(currency: str) -> Books:
    """Return an account in the currency of the cart, with a tax code for each rate."""
    return Books(AccountFacts(currency=currency), CODES, Names("shop.example.test", "account"))


def judge_cart(tally: Tally, seed: int) -> None:
    """Plan one cart of the manner and note what became of it."""
    cart = order(seed, tally.manner)
    plan = plan_order(cart, JO, SHELF, books(cart.currency), RULES)
    tally.carts += 1
    if isinstance(plan, Parked):
        tally.parked[plan.reason.split(",")[0][:60]] += 1
        return
    fault = "not planned" if not isinstance(plan, Ready) else faults(plan, cart)
    if fault or not isinstance(plan, Ready):
        tally.wrong.append(f"seed {seed}: {fault}")
        return
    tally.policies[plan.proof.policy] += 1
    tally.certain += plan.proof.certain


def faults(plan: Ready, cart: StoreOrder) -> str:
    """Return what of a sale is not as it must be, in arithmetic of its own (fractions), or ""."""
    sale, smallest = plan.sale, Fraction(unit(cart.currency))
    nets = sum(Fraction(line.line_total) for line in sale.lines)
    taxes = sum(Fraction(line.line_tax) for line in sale.lines)
    if Fraction(sale.total) != Fraction(cart.total) or nets + taxes != Fraction(cart.total):
        return f"total {sale.total}, the store's is {cart.total}"
    if nets != Fraction(sale.sub_total) or taxes != Fraction(sale.tax_total):
        return "the lines do not add up to the totals"
    if abs(Fraction(sale.tax_total) - Fraction(cart.total_tax)) >= smallest:
        return f"tax {sale.tax_total}, the store's is {cart.total_tax}"
    for line in sale.lines:
        exact = Fraction(line.quantity) * Fraction(line.unit_price) * (1 - Fraction(line.discount_rate))
        if abs(exact - Fraction(line.line_total)) >= smallest / 2:
            return f"line {line.number} is not quantity × price × (1 − discount)"
    wrong = next((name for name in plan.proof.agrees if recomputed(sale, name, smallest) != taxes), None)
    return f"an account that rounds {wrong} gets another tax" if wrong else ""


def recomputed(sale: Sale, arithmetic: str, smallest: Fraction) -> Fraction:
    """Return the tax that an account of this arithmetic makes of the lines it was sent."""
    if arithmetic.startswith("line"):
        parts = [Fraction(line.line_total) * Fraction(line.tax_rate) for line in sale.lines]
    else:
        sums: Counter[Fraction] = Counter()
        for line in sale.lines:
            sums[Fraction(line.tax_rate)] += Fraction(line.line_total)  # type: ignore[assignment]
        parts = [rate * net for rate, net in sums.items()]
    return sum(
        (_nearest(part / smallest, arithmetic.endswith("up")) * smallest for part in parts), Fraction(0)
    )


def _nearest(value: Fraction, up: bool) -> int:
    if up and value % 1 == Fraction(1, 2):
        return int(value + Fraction(1, 2)) if value > 0 else int(value - Fraction(1, 2))
    return round(value)


def tallies(carts: int) -> Iterator[Tally]:
    """Yield the tally of each manner, the carts shared out equally; every cart has its own seed."""
    every = manners()
    each = -(-carts // len(every))
    for at, manner in enumerate(every):
        tally = Tally(manner)
        for number in range(each):
            judge_cart(tally, at * 1_000_003 + number)
        yield tally


def main() -> int:
    """Judge as many carts as asked for and print a table. Returns 1 if anything is not as promised."""
    parser = argparse.ArgumentParser(prog="python -m bench.carts", description=__doc__)
    parser.add_argument("--carts", type=int, default=100_000, help="how many carts, over all kinds")
    wanted = parser.parse_args()
    _say("| cart | prices | rounded | carts | totals not the store's | parked | certain | policies |")
    _say("|---|---|---|---|---|---|---|---|")
    kept = True
    for tally in tallies(wanted.carts):
        kept = kept and tally.kept
        _say(line(tally))
    return 0 if kept else 1


def line(tally: Tally) -> str:
    """Return one row of the table."""
    manner, carts = tally.manner, tally.carts
    policies = ", ".join(f"{name} {count}" for name, count in tally.policies.most_common())
    shares = f"{sum(tally.parked.values()) / carts:.1%} | {tally.certain / carts:.1%}"
    wrong = f"{len(tally.wrong)}" + (f" ({tally.wrong[0]})" if tally.wrong else "")
    tax = "with tax" if manner.inclusive else "ex tax"
    return f"| {manner.kind} | {tax} | {manner.rounding} | {carts} | {wrong} | {shares} | {policies} |"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

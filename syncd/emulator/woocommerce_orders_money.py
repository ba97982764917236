"""How WooCommerce reckons an order: taxes per line, coupons, and the totals that are rounded on the way.

Follows the source of WooCommerce 10.5.2 (class-wc-tax, abstract-wc-order, class-wc-order-item-product), which
the worked order of reference section 7.4 agrees with. Lines keep their amounts unrounded; the order's total
is the sum of the *rounded* ones unless the shop rounds at the subtotal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Context, Decimal

from syncd.emulator.woocommerce_orders_records import Coupon, Line, Order, TaxRate
from syncd.emulator.woocommerce_shop import Settings

_EXACT = Context(prec=40)
_KEPT = 6
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sums:
    """What an order comes to, in its currency. `taxes` holds by rate id the tax on goods and on shipping."""

    discount_total: Decimal
    discount_tax: Decimal
    shipping_total: Decimal
    shipping_tax: Decimal
    cart_tax: Decimal
    total: Decimal
    taxes: dict[int, tuple[Decimal, Decimal]]

    @property
    def total_tax(self) -> Decimal:
        return self.cart_tax + self.shipping_tax


def sums(order: Order, settings: Settings) -> Sums:
    """Return the totals as calculate_totals and update_taxes store them."""
    goods = [line for line in order.lines if line.kind != "shipping"]
    freight = order.of("shipping")
    taxes: dict[int, tuple[Decimal, Decimal]] = {}
    for line in order.lines:
        for rate, (tax, _) in line.taxes.items():
            cart, shipping = taxes.get(rate, (ZERO, ZERO))
            part = line_tax(tax, order, settings)
            taxes[rate] = (cart + part, shipping) if line.kind != "shipping" else (cart, shipping + part)
    cart_tax, shipping_tax = (sum((each[at] for each in taxes.values()), ZERO) for at in (0, 1))
    items = sum((line_total(line.total, settings) for line in order.of("line_item")), ZERO)
    before = sum((line_total(line.subtotal, settings) for line in order.of("line_item")), ZERO)
    fees = sum((line.total for line in goods if line.kind == "fee"), ZERO)
    shipping_total = sum((to_cents(line.total, settings) for line in freight), ZERO)
    total = items + fees + shipping_total + cart_tax + shipping_tax - order.off_total
    return Sums(
        discount_total=to_cents(before - items, settings),
        discount_tax=_discount_tax(order, settings),
        shipping_total=shipping_total,
        shipping_tax=shipping_tax,
        cart_tax=cart_tax,
        total=to_cents(total, settings),
        taxes=taxes,
    )


def _discount_tax(order: Order, settings: Settings) -> Decimal:
    unrounded = (before - after for line in order.of("line_item") for after, before in line.taxes.values())
    return _tax_cents(sum(unrounded, ZERO), order, settings)


def line_total(amount: Decimal, settings: Settings) -> Decimal:
    """Return a line's amount as it counts in the order's total."""
    return amount if settings.round_at_subtotal else to_cents(amount, settings)


def line_tax(amount: Decimal, order: Order, settings: Settings) -> Decimal:
    """Return a line's tax by one rate as it counts, and as the line's total_tax shows it."""
    return amount if settings.round_at_subtotal else _tax_cents(amount, order, settings)


def to_cents(amount: Decimal, settings: Settings) -> Decimal:
    """Return the amount at the shop's places, halves away from zero as PHP rounds."""
    return _rounded(amount, settings.price_decimals, ROUND_HALF_UP)


def _tax_cents(amount: Decimal, order: Order, settings: Settings) -> Decimal:
    """wc_round_tax_total: halves go down where prices include tax."""
    mode = ROUND_HALF_DOWN if order.prices_include_tax else ROUND_HALF_UP
    return _rounded(amount, settings.price_decimals, mode)


def price_line(line: Line, discount: Decimal, rates: Iterable[TaxRate], *, inclusive: bool) -> None:
    """Set a line's amounts and taxes from the price entered and what coupons take off that.

    Amounts keep six decimals, as `dp=6` shows them.
    """
    known = list(rates)
    inclusive = inclusive and line.kind == "line_item"
    line.taxes = {}
    after, line.total = _split(line.entered - discount, known, inclusive=inclusive)
    before, line.subtotal = _split(line.entered, known, inclusive=inclusive)
    line.taxes = {rate: (after[rate], before[rate]) for rate in after}


def _split(
    price: Decimal, rates: Sequence[TaxRate], *, inclusive: bool
) -> tuple[dict[int, Decimal], Decimal]:
    taxes = _taxes_in(price, rates) if inclusive else _taxes_on(price, rates)
    net = price - sum(taxes.values(), ZERO) if inclusive else price
    return {rate: kept(tax) for rate, tax in taxes.items()}, kept(net)


def _taxes_on(price: Decimal, rates: Sequence[TaxRate]) -> dict[int, Decimal]:
    """WC_Tax::calc_exclusive_tax: compound rates are charged on the price with the taxes before them."""
    taxes = {rate.id: price * rate.percent / 100 for rate in rates if not rate.compound}
    with_tax = price + sum(taxes.values(), ZERO)
    for rate in (each for each in rates if each.compound):
        taxes[rate.id] = with_tax * rate.percent / 100
        with_tax += taxes[rate.id]
    return taxes


def _taxes_in(price: Decimal, rates: Sequence[TaxRate]) -> dict[int, Decimal]:
    """WC_Tax::calc_inclusive_tax: the compound rates come out first, the last one before the others."""
    taxes: dict[int, Decimal] = {}
    left = price
    for rate in reversed([each for each in rates if each.compound]):
        taxes[rate.id] = left - _EXACT.divide(left, 1 + rate.percent / 100)
        left -= taxes[rate.id]
    regular = [each for each in rates if not each.compound]
    whole = 100 + sum((each.percent for each in regular), ZERO)
    return {each.id: _EXACT.divide(left * each.percent, whole) for each in regular} | taxes


def discounts(lines: Sequence[Line], coupon: Coupon, taken: dict[int, Decimal]) -> dict[int, Decimal]:
    """Return by line id what a coupon takes off the price entered, beyond what is `taken` already.

    A fixed amount is spread over the lines by price, the last cents going to the last line.
    """
    left = {line.id: line.entered - taken.get(line.id, ZERO) for line in lines}
    if coupon.kind == "percent":
        return {each: _cents(amount * coupon.amount / 100) for each, amount in left.items()}
    whole = sum(left.values(), ZERO)
    off = min(coupon.amount, whole)
    shares = {
        each: _cents(_EXACT.divide(off * amount, whole)) if whole else ZERO for each, amount in left.items()
    }
    if shares:
        last = list(shares)[-1]
        shares[last] += off - sum(shares.values(), ZERO)
    return shares


def kept(amount: Decimal) -> Decimal:
    """Return an amount with the six decimals that are kept of it."""
    return _rounded(amount, _KEPT, ROUND_HALF_UP)


def _cents(amount: Decimal) -> Decimal:
    return _rounded(amount, 2, ROUND_HALF_UP)


def _rounded(amount: Decimal, places: int, mode: str) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-places), mode, _EXACT)

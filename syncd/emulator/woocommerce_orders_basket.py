"""What a buyer puts into an order and how that is priced: lines, shipping, fees, coupons, and returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from syncd.emulator.woocommerce_numbers import Number
from syncd.emulator.woocommerce_orders_money import ZERO, discounts, kept, line_tax, price_line, to_cents
from syncd.emulator.woocommerce_orders_records import Coupon, CouponLine, Line, Order, Refund, TaxRate
from syncd.emulator.woocommerce_shelf import Item, Shelf
from syncd.emulator.woocommerce_shop import Settings


@dataclass(frozen=True, slots=True)
class Taking:
    """So many of an item. `price` is for one, as prices are entered; None: the shelf's."""

    item_id: int
    quantity: Number = 1
    price: Decimal | str | None = None


@dataclass(slots=True)
class Basket:
    """Fills and prices orders of one shop."""

    shelf: Shelf
    settings: Settings
    tax_rates: Sequence[TaxRate]
    next_line: Callable[[], int]

    def fill(
        self,
        order: Order,
        taken: Iterable[Taking | tuple[int, Number]],
        shipping: Decimal | str | None,
        fees: Iterable[tuple[str, Decimal | str]],
        coupons: Sequence[Coupon],
    ) -> None:
        """Give a new order its lines and price them."""
        for each in taken:
            order.lines.append(self._line(each if isinstance(each, Taking) else Taking(*each)))
        if shipping is not None:
            order.lines.append(self._plain("shipping", "Flat rate", Decimal(shipping), method_id="flat_rate"))
        for name, amount in fees:
            order.lines.append(self._plain("fee", name, Decimal(amount)))
        order.coupons = [CouponLine(self.next_line(), each, ZERO, ZERO) for each in coupons]
        self.price(order)

    def price(self, order: Order) -> None:
        """Work out every amount anew from the prices entered, the coupons and the tax table."""
        off: dict[int, Decimal] = {}
        inclusive = order.prices_include_tax
        goods = order.of("line_item")
        for coupon in order.coupons:
            more = discounts(goods, coupon.coupon, off)
            off = {each: off.get(each, ZERO) + amount for each, amount in more.items()}
            self._note_discount(coupon, goods, more, inclusive)
        for line in order.lines:
            price_line(line, off.get(line.id, ZERO), self._rates(line), inclusive=inclusive)
            for rate in line.taxes:
                order.tax_ids.setdefault(rate, self.next_line())

    def returned(self, line: Line, quantity: Number) -> Line:
        """Return the refund's line for so many of an order's line; shipping and fees go back whole."""
        share = Decimal(1)
        if line.kind == "line_item":
            share = Decimal(str(quantity)) / Decimal(str(line.quantity))
        total = -to_cents(line.total * share, self.settings)
        taxes = {rate: kept(-tax * share) for rate, (tax, _) in line.taxes.items()}
        return replace(
            line,
            id=self.next_line(),
            quantity=-quantity if line.kind == "line_item" else line.quantity,
            total=total,
            subtotal=total,
            taxes={rate: (tax, tax) for rate, tax in taxes.items()},
            meta=[{"id": self.shelf.next_meta_id(), "key": "_refunded_item_id", "value": str(line.id)}],
        )

    def worth(self, refund: Refund, order: Order) -> Decimal:
        """Return what a refund's lines come to, positive and with tax."""
        taxes = (
            line_tax(tax, order, self.settings) for line in refund.lines for tax, _ in line.taxes.values()
        )
        return to_cents(-sum((line.total for line in refund.lines), ZERO) - sum(taxes, ZERO), self.settings)

    def _note_discount(
        self, coupon: CouponLine, goods: Sequence[Line], off: dict[int, Decimal], inclusive: bool
    ) -> None:
        """A coupon line says what went off ex tax, and the tax on that."""
        net, tax = ZERO, ZERO
        for line in goods:
            sample = replace(line, entered=off[line.id], taxes={})
            price_line(sample, ZERO, self._rates(line), inclusive=inclusive)
            net += sample.total
            tax += sum((each for each, _ in sample.taxes.values()), ZERO)
        coupon.discount, coupon.discount_tax = to_cents(net, self.settings), to_cents(tax, self.settings)

    def _rates(self, line: Line) -> list[TaxRate]:
        if not self.settings.calc_taxes or line.tax_status == "none":
            return []
        if line.kind == "shipping":
            return [rate for rate in self.tax_rates if rate.shipping and not rate.tax_class]
        return [rate for rate in self.tax_rates if rate.tax_class == line.tax_class]

    def _line(self, taking: Taking) -> Line:
        item = self.shelf[taking.item_id]
        parent = self.shelf.get(item.parent_id) if item.is_variation else None
        price = taking.price if taking.price is not None else (item.sale_price or item.regular_price or "0")
        return Line(
            self.next_line(),
            "line_item",
            _name(item, parent),
            ZERO,
            ZERO,
            quantity=taking.quantity,
            product_id=parent.id if parent else item.id,
            variation_id=item.id if parent else 0,
            tax_class=_tax_class(item, parent),
            tax_status=item.extra.get("tax_status", "taxable"),
            entered=Decimal(price) * Decimal(str(taking.quantity)),
            meta=[self._attribute(each) for each in item.attributes] if parent else [],
        )

    def _plain(self, kind: str, name: str, amount: Decimal, method_id: str = "") -> Line:
        line = Line(self.next_line(), "fee", name, ZERO, ZERO, entered=amount, method_id=method_id)
        line.kind = "shipping" if kind == "shipping" else "fee"
        return line

    def _attribute(self, attribute: dict[str, str]) -> dict[str, object]:
        name, option = attribute["name"], attribute["option"]
        shown = {"display_key": name, "display_value": option}
        return {"id": self.shelf.next_meta_id(), "key": name.lower(), "value": option, **shown}


def _name(item: Item, parent: Item | None) -> str:
    if parent is None:
        return item.name
    return f"{parent.name} - {', '.join(str(each['option']) for each in item.attributes)}"


def _tax_class(item: Item, parent: Item | None) -> str:
    own = str(item.extra.get("tax_class", "parent" if parent else ""))
    return str(parent.extra.get("tax_class", "")) if own == "parent" and parent else own

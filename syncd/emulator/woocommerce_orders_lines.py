"""How the lines of orders and refunds look on the wire, and their amounts at the places asked for."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from syncd.emulator.woocommerce_orders_money import ZERO, line_tax
from syncd.emulator.woocommerce_orders_records import CouponLine, Line, Order, TaxRate
from syncd.emulator.woocommerce_shop import Shop

_EXACT = Context(prec=40)
Money = Callable[[Decimal], str]


def goods_of(line: Line, order: Order, shop: Shop, text: Money) -> dict[str, Any]:
    """Return a product line. SKU, image and parent are the product's of now: null once it is deleted."""
    item = shop.shelf.get(line.stock_id)
    parent = shop.parent_of(item) if item is not None else None
    subtotal_tax = sum((line_tax(each, order, shop.settings) for _, each in line.taxes.values()), ZERO)
    return {
        "id": line.id,
        "name": line.name,
        "product_id": line.product_id,
        "variation_id": line.variation_id,
        "quantity": line.quantity,
        "tax_class": line.tax_class,
        "subtotal": text(line.subtotal),
        "subtotal_tax": text(subtotal_tax),
        **_amounts(line, order, shop, text),
        "meta_data": [_shown_meta(each) for each in line.meta],
        "sku": item.sku if item is not None else None,
        "global_unique_id": item.extra.get("global_unique_id", "") if item is not None else None,
        "price": _price(line),
        "image": {"id": 0 if parent or item is None else "", "src": ""},
        "parent_name": parent.name if parent is not None else None,
    }


def shipping_of(line: Line, order: Order, shop: Shop, text: Money) -> dict[str, Any]:
    """Return a shipping line, or what of it went back."""
    return {
        "id": line.id,
        "method_title": line.name,
        "method_id": line.method_id,
        "instance_id": "",
        **_amounts(line, order, shop, text),
        "tax_status": line.tax_status,
        "meta_data": [_shown_meta(each) for each in line.meta],
    }


def fee_of(line: Line, order: Order, shop: Shop, text: Money) -> dict[str, Any]:
    """Return a fee; it may be negative."""
    return {
        "id": line.id,
        "name": line.name,
        "tax_class": line.tax_class,
        "tax_status": line.tax_status,
        "amount": "",
        **_amounts(line, order, shop, text),
        "meta_data": [_shown_meta(each) for each in line.meta],
    }


def coupon_of(line: CouponLine) -> dict[str, Any]:
    """Return a coupon: what it took off is in the lines already."""
    return {
        "id": line.id,
        "code": line.coupon.code,
        "discount": _short(line.discount),
        "discount_tax": _short(line.discount_tax),
        "meta_data": [],
        "discount_type": line.coupon.kind,
        "nominal_amount": _number(line.coupon.amount),
        "free_shipping": False,
    }


def tax_lines(
    ids: dict[int, int], taxes: dict[int, tuple[Decimal, Decimal]], shop: Shop, text: Money
) -> list[dict[str, Any]]:
    """Return the taxes rate by rate: what they come to on goods and fees, and on shipping."""
    rates = {rate.id: rate for rate in shop.till.tax_rates}
    return [
        _tax_line(ids.get(rate, rate), rates[rate], cart, shipping, text)
        for rate, (cart, shipping) in sorted(taxes.items())
        if rate in rates
    ]


def money(places: int) -> Money:
    """Return how amounts are written with so many decimals, as `dp` asks."""
    unit = Decimal(1).scaleb(-places)
    return lambda amount: format(amount.quantize(unit, ROUND_HALF_UP, _EXACT) + 0, "f")


def _amounts(line: Line, order: Order, shop: Shop, text: Money) -> dict[str, Any]:
    """The line's total_tax is rounded rate by rate, its `taxes` are not."""
    tax = sum((line_tax(each, order, shop.settings) for each, _ in line.taxes.values()), ZERO)
    taxes = [
        {"id": rate, "total": _unrounded(after), "subtotal": _unrounded(before)}
        for rate, (after, before) in line.taxes.items()
    ]
    return {"total": text(line.total), "total_tax": text(tax), "taxes": taxes}


def _tax_line(line_id: int, rate: TaxRate, cart: Decimal, shipping: Decimal, text: Money) -> dict[str, Any]:
    return {
        "id": line_id,
        "rate_code": rate.code,
        "rate_id": rate.id,
        "label": rate.name,
        "compound": rate.compound,
        "tax_total": text(cart),
        "shipping_tax_total": text(shipping),
        "rate_percent": _number(rate.percent),
        "meta_data": [],
    }


def _shown_meta(meta: dict[str, Any]) -> dict[str, Any]:
    shown = {
        name: meta.get(name, meta[name.removeprefix("display_")]) for name in ("display_key", "display_value")
    }
    return {**meta, **shown}


def _unrounded(amount: Decimal) -> str:
    """At least two decimals, six at most, as it was stored."""
    text = format(amount.quantize(Decimal("0.000001"), ROUND_HALF_UP, _EXACT) + 0, "f")
    head, _, tail = text.partition(".")
    return f"{head}.{tail.rstrip('0').ljust(2, '0')}"


def _short(amount: Decimal) -> str:
    text = format(amount + 0, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _price(line: Line) -> int | float:
    return _number(_EXACT.divide(line.total, Decimal(str(line.quantity)))) if line.quantity else 0


def _number(value: Decimal) -> int | float:
    return int(value) if value == int(value) else float(value)

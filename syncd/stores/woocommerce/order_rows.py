"""Read WooCommerce's orders as what was sold: every amount exact, every time in UTC.

Reference sections 7.1 to 7.4. Line amounts are ex tax whatever the shop's tax mode, and come with six
decimals (`dp=6`): in a shop whose prices include tax a line of 15.00 is 13.043478 with a tax of 1.96, and the
order's total is the sum of the lines *rounded* to the currency's places.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from syncd.core.order import Address, BadOrder, Buyer, OrderLine, StoreOrder, TaxPart
from syncd.stores.woocommerce.fitting import readable
from syncd.stores.woocommerce.order_fields import (
    Unreadable,
    amount,
    currency_of,
    flag,
    key_of,
    meta_value,
    moment,
    part,
    raw_of,
    records,
    shown,
    text,
    whole,
)
from syncd.stores.woocommerce.wire import Ref

PAID = ("processing", "completed")
CANCELLED = ("cancelled", "failed", "trash")
TAKEN = (*PAID, "on-hold", "refunded")
RETURNED = ("pending", "cancelled", "failed", "checkout-draft", "auto-draft")
REDUCED, STOCK_TAKEN = "_reduced_stock", "_order_stock_reduced"


def order_of(row: Mapping[str, Any], code_field: str = "") -> StoreOrder | BadOrder:
    """Return what an answered order says, or why it cannot be read.

    `code_field` is the meta key of the account code. Names and texts are plain, not HTML.
    """
    try:
        return _order(row, code_field)
    except Unreadable as why:
        return BadOrder(key_of(row), f"{why}.", raw_of(row))


def _order(row: Mapping[str, Any], code_field: str) -> StoreOrder:
    if not (order_id := key_of(row)):
        raise Unreadable(f"it has no id but {shown(row.get('id'))}")
    status = text(row, "status")
    rates = _rates(row)
    return StoreOrder(
        id=order_id,
        number=text(row, "number") or order_id,
        status=status,
        currency=currency_of(row),
        total=amount(row, "total"),
        total_tax=amount(row, "total_tax"),
        created=moment(row, "date_created_gmt"),
        modified=moment(row, "date_modified_gmt"),
        paid=_paid(status, row),
        cancelled=status in CANCELLED,
        took_stock=_took_stock(status, row),
        prices_include_tax=flag(row, "prices_include_tax"),
        buyer=_buyer(row, code_field),
        lines=tuple(_lines(row, rates)),
        note=text(row, "customer_note"),
        payment=text(row, "payment_method_title") or text(row, "payment_method"),
        coupons=tuple(text(each, "code") for each in records(row, "coupon_lines")),
        raw=raw_of(row),
    )


def _paid(status: str, row: Mapping[str, Any]) -> bool:
    """Section 7.3: by status, not by date_paid, which is empty for cash on delivery. A plugin's own status
    says nothing, so there the date decides."""
    if status in (*TAKEN, *RETURNED, "trash"):
        return status in PAID
    return bool(row.get("date_paid_gmt"))


def _took_stock(status: str, row: Mapping[str, Any]) -> bool | None:
    """The order's own mark if the shop shows it, which recorded shops do not; else the marks on the lines
    (`_reduced_stock`, gone when the goods came back); else what the status means (section 4.2)."""
    mark = meta_value(row, STOCK_TAKEN)
    if mark in ("yes", "no", "1", "0"):
        return mark in ("yes", "1")
    if any(meta_value(line, REDUCED) not in ("", "0") for line in records(row, "line_items")):
        return True
    if status in TAKEN:
        return True
    return False if status in RETURNED else None


def _buyer(row: Mapping[str, Any], code_field: str) -> Buyer:
    """A guest has customer_id 0 and is known by the billing address alone (section 6)."""
    billing, shipping = part(row, "billing"), part(row, "shipping")
    customer = row.get("customer_id")
    registered = isinstance(customer, int) and not isinstance(customer, bool) and customer > 0
    return Buyer(
        id=str(customer) if registered else None,
        email=readable(str(billing.get("email") or "")).strip(),
        first_name=text(billing, "first_name"),
        last_name=text(billing, "last_name"),
        company=text(billing, "company"),
        phone=text(billing, "phone") or text(shipping, "phone"),
        code=meta_value(row, code_field) if code_field else "",
        billing=_address(billing),
        shipping=_address(shipping),
    )


def _address(part: Mapping[str, Any]) -> Address:
    return Address(
        name=f"{text(part, 'first_name')} {text(part, 'last_name')}".strip(),
        company=text(part, "company"),
        street=text(part, "address_1"),
        street2=text(part, "address_2"),
        city=text(part, "city"),
        region=text(part, "state"),
        postcode=text(part, "postcode"),
        country=text(part, "country"),
    )


def _lines(row: Mapping[str, Any], rates: Mapping[str, TaxPart]) -> list[OrderLine]:
    goods = [_product_line(each, rates) for each in records(row, "line_items")]
    freight = [_other_line(each, "shipping", rates) for each in records(row, "shipping_lines")]
    fees = [_other_line(each, "fee", rates) for each in records(row, "fee_lines")]
    return [*goods, *freight, *fees]


def _product_line(line: Mapping[str, Any], rates: Mapping[str, TaxPart]) -> OrderLine:
    return OrderLine(
        id=key_of(line),
        kind="product",
        name=text(line, "name"),
        quantity=amount(line, "quantity"),
        subtotal=amount(line, "subtotal"),
        total=amount(line, "total"),
        tax=amount(line, "total_tax"),
        ref=ref_of(line),
        code=sku_of(line),
        tax_class=text(line, "tax_class"),
        taxes=_taxes(line, rates),
    )


def _other_line(line: Mapping[str, Any], kind: Any, rates: Mapping[str, TaxPart]) -> OrderLine:
    total = amount(line, "total")
    return OrderLine(
        id=key_of(line),
        kind=kind,
        name=text(line, "method_title" if kind == "shipping" else "name"),
        quantity=Decimal(1),
        subtotal=total,
        total=total,
        tax=amount(line, "total_tax"),
        tax_class=text(line, "tax_class"),
        taxes=_taxes(line, rates),
    )


def ref_of(line: Mapping[str, Any]) -> str | None:
    """Return the ref of the listing sold, as `look` takes it ("12", "12/13"); it may be deleted."""
    product, variation = (whole(line.get(name)) for name in ("product_id", "variation_id"))
    if not product:
        return None
    return str(Ref(product, variation or None))


def sku_of(line: Mapping[str, Any]) -> str:
    """Return the SKU the product has now; null, for a deleted one, is ""."""
    sku = line.get("sku")
    return readable(sku).strip() if isinstance(sku, str) else ""


def _rates(row: Mapping[str, Any]) -> dict[str, TaxPart]:
    """Return the taxes of the order by the id that lines name them by, without amounts."""
    return {str(each.get("rate_id")): _rate(each) for each in records(row, "tax_lines")}


def _rate(line: Mapping[str, Any]) -> TaxPart:
    percent = line.get("rate_percent")
    rate = amount(line, "rate_percent") / 100 if percent not in (None, "") else None
    return TaxPart(text(line, "rate_code"), rate, Decimal(0), line.get("compound") is True)


def _taxes(line: Mapping[str, Any], rates: Mapping[str, TaxPart]) -> tuple[TaxPart, ...]:
    """The parts are not rounded, the line's tax is their rounded sum. An empty amount is no tax."""
    found = []
    for each in records(line, "taxes"):
        if each.get("total") not in (None, ""):
            known = rates.get(str(each.get("id")), TaxPart(str(each.get("id")), None, Decimal(0)))
            found.append(TaxPart(known.code, known.rate, amount(each, "total"), known.compound))
    return tuple(found)

"""The sales order that Unleashed is sent for a store's order, field by field."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal

from syncd.core.currency import unit
from syncd.core.customer_match import fold
from syncd.core.customer_new import fitted
from syncd.core.field_text import one_line, several_lines
from syncd.core.model import AccountFacts, Product
from syncd.core.order import Address, OrderLine, StoreOrder
from syncd.core.order_refusals import warehouse_of
from syncd.core.order_rules import OrderRules
from syncd.core.order_totals import LineProof, Proof
from syncd.core.sale import Customer, Sale, SaleLine, SaleStatus, TaxCode
from syncd.core.sale_identity import Names, line_guid, order_guid, order_number, source_id

COMMENTS_LIMIT = 2048
REFERENCE_LIMIT = 500
LINE_COMMENTS_LIMIT = 1024
"""The vendor's list of limits (support article 11581801); for lines that of a quote's."""


def sale_of(
    order: StoreOrder,
    customer: Customer,
    products: Sequence[Product],
    codes: Sequence[TaxCode],
    proof: Proof,
    account: AccountFacts,
    names: Names,
    rules: OrderRules,
    tracked: bool,
) -> Sale:
    """Return what is posted; fields: the reference, 7.3. Texts that are too long are cut, with a mark.

    `products` and `codes` are those of the proof's lines, in their order. `tracked`: one of the products has
    serial or batch numbers, for which reason we do not complete the order.
    """
    of_order = max(zip(proof.lines, codes, strict=True), key=lambda pair: abs(pair[0].total))[1]
    warehouse = warehouse_of(account, rules)
    return Sale(
        guid=order_guid(names, order.id),
        order_number=order_number(rules.prefix, order.id),
        status=_status(rules.status, tracked),
        source_id=source_id(names, order.id),
        customer_ref=one_line(order.number, REFERENCE_LIMIT),
        order_date=order.created.astimezone(UTC).date(),
        customer_guid=customer.guid,
        customer_code=customer.code,
        currency=order.currency.strip().upper(),
        tax_code=of_order.code,
        tax_rate=of_order.rate,
        lines=_lines(order, products, codes, proof, names),
        sub_total=proof.sub_total,
        tax_total=proof.tax_total,
        total=proof.total,
        warehouse=rules.warehouse or (warehouse.code if warehouse is not None else None),
        comments=_comments(order, customer),
        delivery=fitted(_delivery(order)),
    )


def _status(wanted: SaleStatus, tracked: bool) -> SaleStatus:
    return "Placed" if wanted == "Completed" and tracked else wanted


def _lines(
    order: StoreOrder, products: Sequence[Product], codes: Sequence[TaxCode], proof: Proof, names: Names
) -> tuple[SaleLine, ...]:
    triples = zip(proof.lines, products, codes, strict=True)
    return tuple(
        _line(order, number, proven, product, code, names)
        for number, (proven, product, code) in enumerate(triples, start=1)
    )


def _line(
    order: StoreOrder, number: int, proven: LineProof, product: Product, code: TaxCode, names: Names
) -> SaleLine:
    line = proven.line
    return SaleLine(
        guid=line_guid(names, order.id, line.id, line.kind),
        number=number,
        product_guid=product.guid,
        code=product.code,
        quantity=line.quantity,
        unit_price=proven.price.unit_price,
        discount_rate=proven.price.discount_rate,
        line_total=proven.total,
        line_tax=proven.tax,
        tax_code=code.code,
        tax_rate=code.rate,
        comments=one_line(_remark(line, proven, order.currency), LINE_COMMENTS_LIMIT),
    )


def _remark(line: OrderLine, proven: LineProof, currency: str) -> str:
    """Return what a line's figures do not say: what is charged for, and a discount that became no rate."""
    charged_for = line.name if line.kind != "product" else ""
    off = line.subtotal - line.total
    hidden = off >= unit(currency) and proven.price.discount_rate == Decimal(0)
    discount = f"discount {off.quantize(unit(currency)):f} {currency}" if hidden else ""
    return ", ".join(filter(None, (charged_for, discount)))


def _comments(order: StoreOrder, customer: Customer) -> str:
    """Return the buyer's note, and what no field takes: an address the customer's record does not have."""
    email = fold(order.buyer.email)
    contact = f"E-mail: {email}" if email and email not in map(fold, customer.emails) else ""
    coupons = f"Coupons: {', '.join(order.coupons)}" if order.coupons else ""
    payment = f"Paid by: {order.payment}" if order.payment else ""
    return several_lines(
        "\n".join(filter(None, (order.note.strip(), coupons, payment, contact))), COMMENTS_LIMIT
    )


def _delivery(order: StoreOrder) -> Address:
    """Return where the goods go: the delivery address, or the billing address where there is none."""
    there = order.buyer.shipping
    return there if there != Address(name=there.name, company=there.company) else order.buyer.billing

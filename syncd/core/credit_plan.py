"""Which credit note gives back exactly what a store refunded, or why a person must write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import ROUND_HALF_UP, Decimal

from syncd.core.aftersale import Credit, CreditLine
from syncd.core.currency import unit
from syncd.core.money import plain
from syncd.core.order import RefundLine, StoreOrder, StoreRefund
from syncd.core.sale import Parked
from syncd.core.sale_identity import Names, line_guid, order_guid, source_id


@dataclass(frozen=True, slots=True)
class PostedLine:
    """One line of the order as it was posted: its product and tax code; `rate` is a fraction."""

    product_guid: str
    tax_code: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class PostedOrder:
    """What a refund's order became in Unleashed. `lines` by the line's guid."""

    number: str
    customer_guid: str
    customer_code: str
    tax_code: str
    lines: Mapping[str, PostedLine]
    warehouse: str = ""


def plan_credit(refund: StoreRefund, order: StoreOrder, posted: PostedOrder, names: Names) -> Credit | Parked:
    """Return the credit note whose lines Unleashed will compute to exactly the amount refunded.

    Goods are not put back into stock by it: whether they came back, the store does not say. Parked as a task
    for a person where an amount was refunded without lines, or a line is none of the posted order's, or the
    cents do not come out.
    """
    lines = _lines(refund, order, posted, names)
    if lines is None or not lines:
        return _task(refund, order, posted, "it does not name the lines that came back")
    smallest = unit(order.currency)
    nets = [_rounded(line.quantity * line.price, smallest) for line in lines]
    taxes = [_rounded(net * line.tax_rate, smallest) for net, line in zip(nets, lines, strict=True)]
    total = sum(nets, Decimal(0)) + sum(taxes, Decimal(0))
    if total != refund.amount:
        return _task(refund, order, posted, f"its lines come to {plain(total)}")
    return Credit(
        guid=order_guid(names, f"refund:{refund.id}"),
        reference=source_id(names, f"refund:{refund.id}"),
        credit_date=refund.created.astimezone(UTC).date(),
        customer_guid=posted.customer_guid,
        customer_code=posted.customer_code,
        tax_code=posted.tax_code,
        lines=tuple(lines),
        sub_total=sum(nets, Decimal(0)),
        tax_total=sum(taxes, Decimal(0)),
        total=total,
        warehouse=posted.warehouse or None,
        currency=order.currency.strip().upper(),
        comments=f"Refund of {posted.number}" + (f": {refund.reason}" if refund.reason else ""),
    )


def _lines(
    refund: StoreRefund, order: StoreOrder, posted: PostedOrder, names: Names
) -> Sequence[CreditLine] | None:
    found = []
    for number, line in enumerate(each for each in refund.lines if each.total):
        match = posted.lines.get(line_guid(names, order.id, line.line or "", line.kind))
        if match is None:
            return None
        found.append(_line(refund, number + 1, line, match, names))
    return found


def _line(refund: StoreRefund, number: int, line: RefundLine, posted: PostedLine, names: Names) -> CreditLine:
    quantity = line.quantity if line.quantity > 0 else Decimal(1)
    return CreditLine(
        number=number,
        product_guid=posted.product_guid,
        code=line.code,
        quantity=quantity,
        price=_rounded(line.total / quantity, Decimal("0.0001")),
        tax_code=posted.tax_code,
        tax_rate=posted.rate,
        reason=refund.reason,
        guid=line_guid(names, f"refund:{refund.id}", line.line or "", line.kind),
    )


def _task(refund: StoreRefund, order: StoreOrder, posted: PostedOrder, why: str) -> Parked:
    amount = f"{plain(refund.amount)} {order.currency}"
    return Parked(
        f"{amount} of order {order.number} were refunded in the store; {why}.",
        f"Write the credit note for {posted.number} in Unleashed by hand, then run "
        f"`syncd orders skip {refund.id}`.",
        "refund",
    )


def _rounded(amount: Decimal, smallest: Decimal) -> Decimal:
    return amount.quantize(smallest, ROUND_HALF_UP)

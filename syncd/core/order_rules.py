"""Which orders a store's configuration wants posted, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from syncd.core.order import StoreOrder
from syncd.core.sale import SaleStatus


@dataclass(frozen=True, slots=True)
class OrderRules:
    """The `[store.x.orders]` section as decisions need it.

    `when`: "paid", or the store's statuses that count. `since` is aware UTC, None = no limit. `tax_codes` are
    Unleashed's codes by the store's tax class ("standard" for the one without a name) or by rate ("15%").
    `warehouse` None: the account's default. `shipping_product` None: one made for the purpose.
    `negative_fees`: "line" posts them as a line with a negative price, which no document allows or forbids.
    """

    when: Literal["paid"] | tuple[str, ...] = "paid"
    since: datetime | None = None
    status: SaleStatus = "Parked"
    prefix: str = "WEB-"
    warehouse: str | None = None
    tax_codes: Mapping[str, str] = field(default_factory=dict)
    shipping_product: str | None = None
    create_products: bool = True
    negative_fees: Literal["park", "line"] = "park"


Judgement = Literal["wanted", "not yet", "too old", "cancelled"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the configuration makes of an order as the store shows it now, and why."""

    judgement: Judgement
    reason: str = ""


def judge(order: StoreOrder, rules: OrderRules) -> Verdict:
    """Decide whether an order is posted. Its age is that of its creation, whatever happened to it since."""
    if order.cancelled:
        return Verdict("cancelled", f"{order.status} in the store")
    if rules.since is not None and order.created < rules.since:
        day = rules.since.isoformat()
        return Verdict("too old", f"created before {day}; `syncd orders import {order.id}` posts it")
    if rules.when == "paid":
        return Verdict("wanted") if order.paid else Verdict("not yet", f"{order.status}, not paid")
    if order.status in rules.when:
        return Verdict("wanted")
    return Verdict("not yet", f"{order.status}, which is not among orders.when")

"""The tables. Held equal to the migrations by a test; every row of state belongs to an account or a store."""

from __future__ import annotations

from syncd.state.schema.calls import ledger, purse, purse_use, slot
from syncd.state.schema.catalogue import (
    account,
    calibration,
    certificate,
    ghost,
    half_read,
    mirror_product,
    mirror_stock,
    parked,
    product_link,
    progress,
    scan,
    store,
    store_product,
)
from syncd.state.schema.pieces import metadata
from syncd.state.schema.sales import (
    customer_claim,
    customer_link,
    demand,
    demand_revision,
    mirror_customer,
    mirror_customer_email,
    outbox,
    outbox_event,
    store_cursor,
    store_customer,
)
from syncd.state.schema.telling import alert, mail
from syncd.state.schema.work import approval, change, daemon, due, held, lease, run

__all__ = [
    "account",
    "alert",
    "approval",
    "calibration",
    "certificate",
    "change",
    "customer_claim",
    "customer_link",
    "daemon",
    "demand",
    "demand_revision",
    "due",
    "ghost",
    "half_read",
    "held",
    "lease",
    "ledger",
    "mail",
    "metadata",
    "mirror_customer",
    "mirror_customer_email",
    "mirror_product",
    "mirror_stock",
    "outbox",
    "outbox_event",
    "parked",
    "product_link",
    "progress",
    "purse",
    "purse_use",
    "run",
    "scan",
    "slot",
    "store",
    "store_cursor",
    "store_customer",
    "store_product",
]

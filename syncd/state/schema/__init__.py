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
from syncd.state.schema.work import approval, change, daemon, due, held, lease, run

__all__ = [
    "account",
    "approval",
    "calibration",
    "certificate",
    "change",
    "daemon",
    "due",
    "ghost",
    "half_read",
    "held",
    "lease",
    "ledger",
    "metadata",
    "mirror_product",
    "mirror_stock",
    "parked",
    "product_link",
    "progress",
    "purse",
    "purse_use",
    "run",
    "scan",
    "slot",
    "store",
    "store_product",
]

"""The columns of the mirror's rows, and the fingerprint that tells whether a product changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from syncd.core.model import Product, StockRow
from syncd.state.columns import canonical


def product_values(account_id: int, one: Product, at: datetime) -> dict[str, Any]:
    """Return the columns of a product as one answer had it; `at` is when that was asked for."""
    tiers = [
        (tier.number, tier.name, None if tier.price is None else canonical(tier.price)) for tier in one.tiers
    ]
    values = {
        "code": one.code,
        "code_key": one.code.strip(),
        "name": one.name,
        "price": one.price,
        "tiers": tiers,
        "obsolete": one.obsolete,
        "sellable": one.sellable,
        "component": one.component,
        "assembled": one.assembled,
        "never_diminishing": one.never_diminishing,
    }
    seen = {"revision": 1, "changed_at": at, "first_seen": at, "synced_at": at}
    return {
        "account_id": account_id,
        "guid": one.guid,
        "content_hash": _fingerprint(values),
        "modified": one.modified,
        "gone": False,
        **values,
        **seen,
    }


def _fingerprint(values: Mapping[str, Any]) -> str:
    price = values["price"]
    told = {**values, "price": None if price is None else canonical(price)}
    return hashlib.blake2b(msgspec.json.encode(told), digest_size=16).hexdigest()


def stock_values(account_id: int, row: StockRow, at: datetime) -> dict[str, Any]:
    """Return the columns of a stock row as one answer had it; `at` is when that was asked for."""
    return {
        "account_id": account_id,
        "guid": row.guid,
        "warehouse": row.warehouse,
        "available": row.available,
        "on_hand": row.on_hand,
        "allocated": row.allocated,
        "modified": row.modified,
        "synced_at": at,
    }

"""Orders and refunds as they were understood, kept beside the JSON received, for posting knows no store."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import msgspec

from syncd.core.order import StoreOrder, StoreRefund
from syncd.state.columns import storable

T = TypeVar("T")


def packed(document: StoreOrder | StoreRefund) -> str:
    """Return our own record of an order or refund as JSON, every decimal exact; without what was received.

    Lone surrogates, which no JSON in UTF-8 can hold, are kept as their escapes.
    """
    return msgspec.json.encode(_clean(msgspec.to_builtins(replace(document, raw="")))).decode()


def order_in(content: str) -> StoreOrder:
    """Return the order that was packed. Raises ValueError for anything else."""
    return _unpacked(content, StoreOrder)


def refund_in(content: str) -> StoreRefund:
    """Return the refund that was packed. Raises ValueError for anything else."""
    return _unpacked(content, StoreRefund)


def _unpacked(content: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.MsgspecError as error:
        raise ValueError(f"what was kept of this document cannot be read: {error}") from error


def _clean(value: object) -> object:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {name: _clean(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value

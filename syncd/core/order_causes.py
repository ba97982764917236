"""What groups orders that wait for a person: everything that one remedy cures has one cause."""

from __future__ import annotations

from syncd.core.sale import Parked


def cause_of(parked: Parked, order_id: str) -> str:
    """Return the cause of a parked order: its own word, else the remedy without the order's own name."""
    if parked.cause:
        return parked.cause
    remedy = parked.do.partition("then run `syncd orders retry")[0].partition("Then run `syncd orders")[0]
    return remedy.replace(order_id, "…").strip(" ,;.") or parked.do

"""What a store is told of an order that Unleashed has completed or shipped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncd.core.aftersale import Shipment
from syncd.core.sale import SaleFound

OUTCOME, TOLD = "outcome", "told"
"""Where, in what is kept of a document's answers, stands what became of it, and what the store was told."""

COMPLETED = "completed"
SENT = frozenset({"dispatched", "completed"})


@dataclass(frozen=True, slots=True)
class WriteBackRules:
    """What the store is told: the status to set for a completed order ("" = none), and tracking numbers."""

    completed: str = ""
    tracking: bool = False

    def __bool__(self) -> bool:
        return bool(self.completed) or self.tracking


@dataclass(frozen=True, slots=True)
class News:
    """What the store is to be told; "" for what it is not."""

    status: str = ""
    tracking: str = ""

    def __bool__(self) -> bool:
        return bool(self.status or self.tracking)

    def __str__(self) -> str:
        parts = [self.status, f"tracking {self.tracking}" if self.tracking else ""]
        return ", ".join(filter(None, parts))


def after_sale(found: Mapping[str, Any], sale: SaleFound, store_status: str) -> Mapping[str, Any] | None:
    """Return what is kept once Unleashed shows the order so; None if that is no news.

    `store_status` is what the store showed until now: only from there it is moved on. An order that was
    completed and is not any more is no news: a store is never told backwards.
    """
    outcome = dict(found.get(OUTCOME) or {})
    if sale.status.casefold() != COMPLETED or outcome.get("completed"):
        return None
    return {**found, OUTCOME: {**outcome, "completed": True, "before": store_status}}


def after_shipment(found: Mapping[str, Any], shipment: Shipment) -> Mapping[str, Any] | None:
    """Return what is kept once this shipment of the order is known; None if that is no news."""
    gone = shipment.status.casefold() in SENT or shipment.dispatched is not None
    outcome = dict(found.get(OUTCOME) or {})
    known = dict(outcome.get("shipped") or {})
    if not gone or not shipment.tracking or known.get(shipment.guid) == shipment.tracking:
        return None
    return {**found, OUTCOME: {**outcome, "shipped": {**known, shipment.guid: shipment.tracking}}}


def news(found: Mapping[str, Any], rules: WriteBackRules) -> News:
    """Return what the store does not know yet and is to be told.

    An order that was found in Unleashed long after it was made (`found["late"]`) gets no status: people may
    have moved it on since.
    """
    outcome, told = found.get(OUTCOME) or {}, found.get(TOLD) or {}
    status = rules.completed if outcome.get("completed") and not found.get("late") else ""
    numbers = sorted(set((outcome.get("shipped") or {}).values()))
    tracking = ", ".join(numbers) if rules.tracking else ""
    return News(
        status if told.get("status") != status else "",
        tracking if told.get("tracking") != tracking else "",
    )


def told(found: Mapping[str, Any], what: News) -> Mapping[str, Any]:
    """Return what is kept once the store knows."""
    known = dict(found.get(TOLD) or {})
    if what.status:
        known["status"] = what.status
    if what.tracking:
        known["tracking"] = what.tracking
    return {**found, TOLD: known}


def still_to_set(what: News, before: str, now: str) -> News:
    """Return what is left to tell, as the store's status was and is now.

    A status is set from where the order stood when Unleashed was seen to complete it; one that somebody has
    moved on since is left alone, and one that shows the status already needs none.
    """
    moved_on = bool(before) and now != before
    return News("" if moved_on or now == what.status else what.status, what.tracking)

"""Take in what a store sold and who its customers are; nothing of Unleashed is asked or told here."""

from __future__ import annotations

from syncd.flows.intake.customers import take_customers
from syncd.flows.intake.orders import take_orders, taking_orders
from syncd.flows.intake.records import Intake

__all__ = ["Intake", "take_customers", "take_orders", "taking_orders"]

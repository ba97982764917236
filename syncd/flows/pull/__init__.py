"""Read Unleashed and keep what it says: changed products, changed stock, one product by its code."""

from __future__ import annotations

from syncd.flows.pull.customers import pull_customers
from syncd.flows.pull.facts import price_tiers, read_facts
from syncd.flows.pull.one import One, pull_one
from syncd.flows.pull.recent import pull_recent
from syncd.flows.pull.records import Pull
from syncd.flows.pull.rotation import rotate, verify

__all__ = [
    "One",
    "Pull",
    "price_tiers",
    "pull_customers",
    "pull_one",
    "pull_recent",
    "read_facts",
    "rotate",
    "verify",
]

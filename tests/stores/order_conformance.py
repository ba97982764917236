"""The laws of orders and customers, written once: a store's own test file says how its till is opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from tests.stores.laws_of_customers import CustomerLaws, WriteBackLaws
from tests.stores.laws_of_orders import FeedLaws


class OrderLaws(FeedLaws, CustomerLaws, WriteBackLaws):
    """Inherit, say how a shop with a till is opened, and list in `exempt` which law cannot hold and why."""

    exempt: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls) -> None:
        for law in cls.exempt:
            getattr(OrderLaws, law)
            setattr(cls, law, None)

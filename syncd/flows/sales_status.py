"""Gather how a store's orders and customers stand, for `status`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from syncd.core.alert import Trouble
from syncd.flows.troubles import customer_troubles, order_troubles
from syncd.state import customer_links, outbox
from syncd.state.db import Connection
from syncd.state.records import StoreRow


@dataclass(frozen=True, slots=True)
class SalesStatus:
    """A store's orders by state, since when the oldest open one waits, and what is wrong with them."""

    orders: Mapping[str, int] = field(default_factory=dict)
    oldest_open: datetime | None = None
    ambiguous_customers: int = 0
    troubles: tuple[Trouble, ...] = ()


def sales_status(conn: Connection, row: StoreRow) -> SalesStatus:
    """Return how a store's orders stand. What passes by itself is no trouble of the status."""
    troubles = (*order_troubles(conn, row), *customer_troubles(conn, row))
    return SalesStatus(
        {str(state): number for state, number in outbox.counts(conn, row.id).items()},
        outbox.oldest_open(conn, row.id),
        customer_links.count_ambiguous(conn, row.id),
        tuple(each for each in troubles if not each.passing),
    )

"""Read Unleashed's customers, changed since the last time, into the mirror."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncd.core.sale import Customer
from syncd.flows.pull.feeds import Feed
from syncd.flows.pull.passes import read_feed
from syncd.flows.pull.records import Pull
from syncd.state import customers
from syncd.state.db import Connection
from syncd.state.records import Seen
from syncd.unleashed.customers import changed_customers

FEED = "customers"


def pull_customers(pull: Pull) -> tuple[str, ...]:
    """Read what changed since the feed's watermark, or everybody where it has none yet.

    Each page is stored as it comes. Returns sentences on what could not be proven. Raises RemoteError; what
    was stored until then stays.
    """
    said = read_feed(pull, customers_feed())
    return (said,) if said else ()


def customers_feed() -> Feed[Customer]:
    """Return the feed of changed customers, obsolete ones and all contacts included."""
    return Feed(FEED, "", changed_customers, _keep)


def _keep(conn: Connection, account_id: int, rows: Sequence[Customer], requested_at: datetime) -> Seen:
    customers.store_customers(conn, account_id, rows, requested_at)
    return Seen(rows=len(rows))

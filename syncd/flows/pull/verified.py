"""Note which products have been read together with all their stock, once every feed has a certificate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncd.flows.pull.feeds import feeds_of
from syncd.flows.pull.records import Pull
from syncd.state import listed, progress


def certified(pull: Pull, warehouses: Sequence[str]) -> list[datetime | None]:
    """Return when the last full read of each feed that proved it saw every row began, products first."""
    with pull.db.read() as conn:
        return [
            progress.progress(conn, pull.account.id, feed.name, feed.warehouse).certified_at
            for feed in feeds_of(warehouses)
        ]


def note_verified(pull: Pull, warehouses: Sequence[str]) -> None:
    """Note for every product that the last certified list held that it was read with all its stock.

    The time noted is when the oldest of the feeds' certified reads began; without one of them nothing is.
    """
    found = certified(pull, warehouses)
    times = [each for each in found if each is not None]
    products_at = found[0]
    if products_at is None or len(times) < len(found):
        return
    after, more = "", True
    while more:
        with pull.db.write() as conn:
            after = listed.set_verified(conn, pull.account.id, products_at, min(times), after)
        more = bool(after)
        pull.beat()

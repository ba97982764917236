"""What a store in shadow mode would have been told, by field, and what of it the brake would hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from syncd.core.brake import CLASSES, BrakeClass, BrakeRules, classify_noted, tripped
from syncd.core.model import Link
from syncd.state import links
from syncd.state.db import Connection
from syncd.state.records import StoreRow


def would_write(conn: Connection, store: StoreRow) -> Mapping[str, int]:
    """Return how many listings would have been changed, by field."""
    planned = links.planned(conn, store.id)
    return Counter(change[0] for link in planned for change in link.planned)


def would_hold(conn: Connection, store: StoreRow, rules: BrakeRules) -> Mapping[str, int]:
    """Return how many of these the brake would hold if the store went live now, by class."""
    found = Counter(kind for link in links.planned(conn, store.id) for kind in _kinds(link, rules))
    affected: dict[BrakeClass, int] = {kind: found[kind] for kind in CLASSES}
    trips = tripped(affected, links.counts(conn, store).linked, rules)
    return {kind: affected[kind] for kind in CLASSES if kind in trips and affected[kind]}


def _kinds(link: Link, rules: BrakeRules) -> frozenset[BrakeClass]:
    """Return the suspicious classes of what is planned; a listing that is yet to be created has none."""
    if link.ref is None:
        return frozenset()
    return classify_noted(((name, shows, wanted) for name, shows, wanted, _ in link.planned), rules)

"""What the tests of the flows look at: progress, mirror, links, and what was recorded of each change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from syncd.core.model import Link
from syncd.emulator.unleashed_settings import Settings
from syncd.state import accounts, links, mirror, progress
from syncd.state.db import Connection
from syncd.state.records import AccountRow, Mirrored, Progress, StoreRow
from syncd.state.schema import change
from tests.world import World


def settings(world: World, **answers: Any) -> Settings:
    """Return the emulated Unleashed's settings with these answers."""
    return replace(world.unleashed.settings, **answers)


def feed(world: World, name: str = "products", warehouse: str = "") -> Progress:
    """Return how far a feed is read."""
    with world.process() as app, app.db.read() as conn:
        return progress.progress(conn, _account(conn).id, name, warehouse)


def mirrored(world: World, code: str) -> Mirrored:
    """Return what the mirror has of the one product with this code."""
    with world.process() as app, app.db.read() as conn:
        (found,) = mirror.by_code(conn, _account(conn).id, code)
        return found


def link(world: World, code: str, store: str = "shop") -> Link:
    """Return the link of the one product with this code."""
    with world.process() as app, app.db.read() as conn:
        (found,) = mirror.by_code(conn, _account(conn).id, code)
        known = links.mirrored_for(conn, _store(conn, store), [found.product.guid])
        return known[found.product.guid].link or Link(found.product.guid)


def changed(world: World) -> list[str]:
    """Return every recorded change, the first one first: `CODE field: before → after`."""
    with world.process() as app, app.db.read() as conn:
        rows = conn.execute(select(change).order_by(change.c.id))
        return [f"{row.code} {row.field}: {row.before} → {row.after}" for row in rows]


def _account(conn: Connection) -> AccountRow:
    row = accounts.account(conn, "main")
    assert row is not None
    return row


def _store(conn: Connection, name: str) -> StoreRow:
    (found,) = [row for row in accounts.stores(conn) if row.name == name]
    return found

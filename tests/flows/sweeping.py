"""What the tests of full reads do and look at: sweeps, certificates, what is half-read, what was learned."""

from __future__ import annotations

from datetime import timedelta

from syncd.app.sweep import sweep
from syncd.flows.pull.sweep import outstanding
from syncd.jobs import Report
from syncd.state import accounts
from syncd.state.calibration import Calibrated, calibrations
from syncd.state.certificates import Certificate, certificates
from syncd.state.db import Connection
from syncd.state.halfread import half_reads
from tests.world import Seams, World

DAY = timedelta(days=1)


def swept(world: World, *, minutes: float = 48, seams: Seams | None = None) -> list[Report]:
    """Let time pass, then do the sweep job once, as a process of its own."""
    world.clock.pass_time(timedelta(minutes=minutes))
    with world.process(seams) as app:
        return sweep(app, "main")


def stocked(world: World, count: int = 9, *, warehouse: str = "W1", quantity: int = 5) -> World:
    """Put so many products into Unleashed and the shop, all of one minute, in step but for the stock."""
    world.books.add_warehouse(warehouse, default=True)
    for number in range(count):
        guid = world.books.add_product(f"P{number:04d}", f"Name {number}", 10)
        world.books.set_stock(guid, warehouse, quantity)
        world.shelf.add_simple(f"P{number:04d}", f"Name {number}", "10.00", 1)
    return world


def account_id(conn: Connection) -> int:
    """Return the number of the world's one account."""
    row = accounts.account(conn, "main")
    assert row is not None
    return row.id


def proofs(world: World, feed: str = "products", warehouse: str = "") -> list[Certificate]:
    """Return the feed's certificates, the latest first."""
    with world.process() as app, app.db.read() as conn:
        return certificates(conn, account_id(conn), feed, warehouse, 20)


def left(world: World, *warehouses: str) -> list[str]:
    """Return the sentences on what a full read still has to read."""
    with world.process() as app, app.db.read() as conn:
        return outstanding(conn, account_id(conn), warehouses or ("",))


def half_read_feeds(world: World) -> list[str]:
    """Return kind and feed of everything that is read half."""
    with world.process() as app, app.db.read() as conn:
        return [f"{each.kind} {each.key}" for each in half_reads(conn, account_id(conn))]


def learned(world: World) -> dict[str, Calibrated]:
    """Return what was learned about the account."""
    with world.process() as app, app.db.read() as conn:
        return calibrations(conn, account_id(conn))


def asked(world: World, since: int, start: str = "/") -> list[str]:
    """Return the paths of the calls to Unleashed from that one on."""
    return [request.path for request in world.wire.requests[since:] if request.path.startswith(start)]

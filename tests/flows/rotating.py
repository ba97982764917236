"""Rotation and ghosts as the tests see them: a world in step, the job, and what was recorded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from syncd.app.rotation import rotation
from syncd.jobs import Report
from syncd.state import calibration, ghosts
from syncd.state.calibration import Calibrated
from syncd.state.ghosts import Sighting
from tests.flows.conftest import NewWorld
from tests.flows.views import _account
from tests.world import START, World

LONG = timedelta(days=3)
"""Longer than any overlap: what is stamped before it no feed asks for again."""


def in_step(world: World, count: int = 5, warehouses: tuple[str, ...] = ("W1",)) -> World:
    """Put products on both sides in step, read once, and let so much time pass that no feed asks for them."""
    for place, warehouse in enumerate(warehouses):
        world.books.add_warehouse(warehouse, default=place == 0)
    for number in range(count):
        guid = world.books.add_product(f"P{number:04}", f"Name {number}", 10)
        for warehouse in warehouses:
            world.books.set_stock(guid, warehouse, 5)
        world.shelf.add_simple(f"P{number:04}", f"Name {number}", "10.00", 5 * len(warehouses))
    world.recent()
    world.clock.pass_time(LONG)
    news(world)
    world.recent()
    return world


def news(world: World, code: str = "NEWS") -> None:
    """Change another product on both sides, so that the feeds' watermarks follow the time."""
    if not world.books.by_code(code):
        guid = world.books.add_product(code, "News", 1)
        world.shelf.add_simple(code, "News", "1.00", 1)
    else:
        guid = world.guid(code)
    world.books.change_product(guid, name=f"News {world.clock.now():%d %H:%M}")
    world.books.set_stock(guid, "W1", 1)


def rotate(world: World, *, minutes: float = 10, lists: int = 1, looks: int = 1, **more: Any) -> list[Report]:
    """Let time pass, then do the rotation job once."""
    world.clock.pass_time(timedelta(minutes=minutes))
    with world.process() as app:
        return rotation(app, "main", lists=lists, looks=looks, **more)


def sightings(world: World) -> list[Sighting]:
    """Return every ghost that was recorded, the first one first."""
    with world.process() as app, app.db.read() as conn:
        return ghosts.latest(conn, START - timedelta(days=1000), 1000)[::-1]


def seen(world: World) -> list[tuple[str, str, str | None, str | None, str]]:
    """Return code, field, what was believed and found, and the cause of every recorded ghost."""
    return [
        (each.ghost.code, each.ghost.field, each.ghost.believed, each.ghost.found, each.ghost.cause)
        for each in sightings(world)
    ]


def calibrated(world: World, name: str) -> Calibrated | None:
    """Return one thing that was learned about the account."""
    with world.process() as app, app.db.read() as conn:
        return calibration.calibrations(conn, _account(conn).id).get(name)


__all__ = ["NewWorld"]

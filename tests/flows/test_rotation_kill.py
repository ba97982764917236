"""A rotation that dies at any moment is finished by the next one, and each ghost is told once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from syncd.app.rotation import rotation
from tests.flows.conftest import NewWorld
from tests.flows.rotating import in_step, rotate, seen
from tests.flows.test_kill import _copy, _moments
from tests.world import Killed, Seams, World

LISTING = "create = true\npublish = true"


def drifted(world: World) -> World:
    """A world with one ghost of each kind: in a product, in stock, a deletion, an edit, a lost listing."""
    in_step(world, 4)
    guid = world.books.add_product("MINE", "Mine", 3)
    world.books.set_stock(guid, "W1", 2)
    world.recent()
    world.books.change_product(world.guid("P0000"), name="Quietly", bump=False)
    world.books.set_stock(world.guid("P0001"), "W1", 9, bump=False)
    world.books.delete_product(guid)
    world.item("P0002").stock_quantity = 1
    world.shelf.delete(world.item("P0003").id)
    return world


def test_death_at_any_moment_costs_nothing(new_world: NewWorld, tmp_path: Path) -> None:
    """Killed around any call or commit, both sides end as if nothing had been, no ghost told twice."""
    start = drifted(new_world(listing_keys=LISTING))
    undisturbed, seams = _copy(start, tmp_path, 0), Seams()
    died(undisturbed, seams)
    wanted, told = undisturbed.shops["shop"].state(), sorted(seen(undisturbed), key=str)
    assert len(told) == 5
    for number in _moments(seams.passed):
        world = _copy(start, tmp_path, number)
        where = f"killed at moment {number} of {len(seams.passed)}: {seams.passed[number - 1]}"
        with pytest.raises(Killed):
            died(world, Seams(number))
        rotate(world)
        assert world.shops["shop"].state() == wanted, where
        assert sorted(seen(world), key=str) == told, where
        world.close()


def died(world: World, seams: Seams) -> None:
    """Do the rotation job, which dies where the seams say."""
    world.clock.pass_time(timedelta(minutes=10))
    with world.process(seams) as app:
        rotation(app, "main")

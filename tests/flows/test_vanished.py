"""What a complete list no longer holds is asked for by guid before it counts as gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.app.sweep import sweep
from syncd.app.tidy import tidy
from syncd.emulator.unleashed_mischief import with_value
from tests.flows.conftest import NewWorld
from tests.flows.rotating import in_step, rotate, seen, sightings
from tests.flows.views import mirrored, settings
from tests.world import World


def swept(world: World) -> None:
    """Read everything once, ten minutes later."""
    world.clock.pass_time(timedelta(minutes=10))
    with world.process() as app:
        sweep(app, "main")


def gone(world: World) -> int:
    """Count the products that were found to be gone."""
    return sum(1 for each in seen(world) if each[1] == "gone")


def test_a_sweep_finds_what_is_gone(on_either: NewWorld) -> None:
    """After the complete lists one list by guid, and each missing product alone."""
    world = in_step(on_either())
    world.books.delete_product(world.guid("P0001"))
    assert world.calls(lambda: swept(world))[0] == 2 + 1 + 1
    assert mirrored(world, "P0001").product.gone
    assert [each.found_by for each in sightings(world)] == ["sweep"]
    assert world.calls(lambda: swept(world))[0] == 2


def test_many_that_vanish_are_asked_for_over_several_sweeps(new_world: NewWorld) -> None:
    """No more than forty are asked for alone after one sweep; a sentence says how many are left."""
    world = in_step(new_world(), 60)
    for number in range(50):
        world.books.delete_product(world.guid(f"P{number:04}"))
    swept(world)
    assert gone(world) == 40
    assert any("What became of 10 products" in sentence for sentence in world.problems())
    swept(world)
    assert gone(world) == 50


@pytest.mark.parametrize("before", [False, True])
def test_without_lists_each_is_asked_for_alone(new_world: NewWorld, before: bool) -> None:
    """Where Unleashed ignores lists of guids, known before or not, an answer by guid still decides."""
    world = in_step(new_world())
    world.unleashed.settings = settings(world, product_id_filter="ignored")
    world.books.add_product("STRANGER", "Stranger", 1)
    if before:
        rotate(world)
    world.books.delete_product(world.guid("P0001"))
    swept(world)
    assert mirrored(world, "P0001").product.gone


def test_a_product_that_only_answers_alone_is_kept(new_world: NewWorld) -> None:
    """One that every list withholds is there all the same, and is read that way."""
    world = in_step(new_world())
    world.unleashed.settings = settings(world, product_id_filter="misses_one")
    guids = [world.guid("P0003"), world.guid("P0004")]
    world.books.change_product(guids[1], name="Only alone", bump=False)
    rotate(world)
    assert mirrored(world, "P0004").product.name == "Only alone"
    assert gone(world) == 0


def test_a_record_that_cannot_be_read_alone_is_parked(new_world: NewWorld) -> None:
    """A row without a guid is found by its absence; asked for alone it says why it cannot be used."""
    world = in_step(new_world())
    guid = world.guid("P0001")
    world.unleashed.mischief.poison("Products", guid, with_value("Guid", "null"))
    rotate(world)
    assert not mirrored(world, "P0001").product.gone
    assert gone(world) == 0


def test_old_ghosts_are_forgotten(new_world: NewWorld) -> None:
    """The daily tidying keeps ghosts for 400 days."""
    world = in_step(new_world())
    world.books.change_product(world.guid("P0001"), name="Quietly", bump=False)
    rotate(world)
    for days, left in ((399, 1), (2, 0)):
        world.clock.pass_time(timedelta(days=days))
        with world.process() as app:
            tidy(app)
        assert len(seen(world)) == left

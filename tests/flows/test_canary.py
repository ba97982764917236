"""The canary: a product that must be on both sides, or nothing is written at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.flows.braking import W1, codes, empty, in_step, pushed
from tests.flows.conftest import NewWorld
from tests.world import World

CANARY = 'canary = "P0007"'


def changed(world: World) -> World:
    """Have a few stocks to write, with a canary to look for first."""
    world.store_keys = CANARY
    empty(world, codes(5))
    return world


def binned(world: World) -> None:
    world.shelf.trash(world.item("P0007").id)


def recoded_in_the_shop(world: World) -> None:
    world.shelf.edit(world.item("P0007").id, sku="P0007-OLD")


def recoded_in_unleashed(world: World) -> None:
    world.books.change_product(world.guid("P0007"), code="P0007-OLD")


LOST = {"the store": (binned, recoded_in_the_shop), "Unleashed": (recoded_in_unleashed,)}


@pytest.mark.parametrize(("side", "lose"), [(side, lose) for side, all_ in LOST.items() for lose in all_])
def test_a_canary_that_is_missing_stops_the_run(
    new_world: NewWorld, side: str, lose: Callable[[World], None]
) -> None:
    """Missing on either side, it stops the run before any write, with a sentence and exit code 1."""
    world = changed(in_step(new_world(listing_keys=W1), 30))
    lose(world)
    writes = world.shops["shop"].writes()
    report = pushed(world)
    assert (report.outcome, report.exit_code) == ("failed", 1)
    assert report.error == f"The canary P0007 of store shop is not found in {side}: nothing was written."
    assert "canary" in (report.do or "")
    assert any("The canary P0007" in problem for problem in world.problems())
    (_, resynced) = world.resync("P0001").reports
    assert (resynced.outcome, resynced.exit_code) == ("failed", 1)
    assert world.shops["shop"].writes() == writes


def test_nothing_is_lost_by_a_stop(on_either: NewWorld) -> None:
    """Once the canary is back, the next run writes everything that waited, and the problem is gone."""
    world = changed(in_step(on_either(listing_keys=W1), 30))
    recoded_in_the_shop(world)
    pushed(world)
    world.shelf.edit(world.item("P0007-OLD").id, sku="P0007")
    assert pushed(world).counts.written == 5
    assert world.problems() == []


def test_a_canary_that_is_there_costs_one_look_a_run(new_world: NewWorld) -> None:
    """It is looked at when there is something to write, and not in a quiet run."""
    world = in_step(new_world(listing_keys=W1), 30)
    empty(world, codes(1))
    _, without = world.calls(world.recent)
    world.store_keys = CANARY
    empty(world, codes(1, 1))
    assert world.calls(world.recent)[1] == without + 1
    assert world.calls(world.recent)[1] == 0


def test_a_canary_stops_shadow_mode_too(new_world: NewWorld) -> None:
    """A plan made from half a catalogue is worth nothing: shadow mode says so instead."""
    world = changed(in_step(new_world(listing_keys=W1), 30))
    world.store_keys = f'{CANARY}\nmode = "shadow"'
    binned(world)
    assert pushed(world).exit_code == 1
    assert dict(world.status().stores[0].would_write) == {}

"""A process that dies at any moment: the next ordinary runs finish its work, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.flows.conftest import NewWorld
from tests.world import Killed, Seams, World

LISTING = 'create = true\npublish = true\nwarehouses = ["W1"]'


def _stocked(world: World) -> None:
    """Five products: two to create, one to adopt, one in step already, and a variation."""
    world.books.add_warehouse("W1", default=True)
    for number, code in enumerate(("NEW-1", "NEW-2", "OLD-1", "SAME-1", "SHIRT-S")):
        guid = world.books.add_product(code, f"Name of {code}", 10 + number)
        world.books.set_stock(guid, "W1", 3 + number)
    world.books.add_product("GONE-1", "Not sold any more", 5, obsolete=True)
    world.shelf.add_simple("OLD-1", "The shop's own name", "99.00", 50)
    world.shelf.add_simple("SAME-1", "Name of SAME-1", "13", 6)
    shirt = world.shelf.add_variable("SHIRT", "Shirt")
    world.shelf.add_variation(shirt, "SHIRT-S", "14.00", 1, "S")


def _loaded(world: World) -> None:
    _stocked(world)
    world.recent()


def _change(world: World) -> None:
    """One of each: stock, price, name, and obsolete."""
    books = world.books
    books.set_stock(world.guid("OLD-1"), "W1", 41)
    books.set_stock(world.guid("SHIRT-S"), "W1", 42)
    books.change_product(world.guid("NEW-1"), price=77, name="A new name")
    books.change_product(world.guid("NEW-2"), obsolete=True)


def _recent(world: World, seams: Seams | None) -> None:
    world.recent(seams=seams)


def _resync(world: World, seams: Seams | None) -> None:
    world.resync("OLD-1", "NEW-1", "NEW-2", seams=seams)


def _aftermath(world: World) -> None:
    """What must still flow afterwards: everything on what we created, and back from obsolete."""
    books = world.books
    books.change_product(world.guid("NEW-1"), price=55, name="Another name")
    books.change_product(world.guid("NEW-2"), obsolete=False, price=56)
    books.change_product(world.guid("OLD-1"), price=57)
    world.recent()


def _nothing(_world: World) -> None:
    pass


Act = Callable[[World, Seams | None], None]
Prepare = Callable[[World], None]

SCENES: dict[str, tuple[Prepare, Prepare, Act]] = {
    "first load": (_stocked, _nothing, _recent),
    "change": (_loaded, _change, _recent),
    "resync": (_loaded, _change, _resync),
}


@pytest.mark.parametrize("scene", SCENES)
def test_death_at_any_moment_costs_nothing(new_world: NewWorld, tmp_path: Path, scene: str) -> None:
    """Killed around any call or commit, the shop ends as if nothing had happened, and nothing is sent twice."""
    prepare, change, act = SCENES[scene]
    start = new_world(listing_keys=LISTING)
    prepare(start)
    change(start)
    undisturbed, seams = _copy(start, tmp_path, 0), Seams()
    act(undisturbed, seams)
    undisturbed.recent()
    wanted = undisturbed.shops["shop"].state()
    _aftermath(undisturbed)
    at_last = undisturbed.shops["shop"].state()
    for number in _moments(seams.passed):
        world = _copy(start, tmp_path, number)
        where = f"{scene}, killed at moment {number} of {len(seams.passed)}: {seams.passed[number - 1]}"
        with pytest.raises(Killed):
            act(world, Seams(number))
        world.recent()
        shop = world.shops["shop"]
        assert shop.state() == wanted, where
        assert [sku for sku, items in shop.state().items() if len(items) > 1] == [], where
        assert [value for value, times in Counter(shop.sent()).items() if times > 1] == [], where
        _aftermath(world)
        assert shop.state() == at_last, where


def _copy(start: World, tmp_path: Path, number: int) -> World:
    folder = tmp_path / f"killed at {number}"
    folder.mkdir()
    return start.copied(folder)


def _moments(passed: list[str]) -> list[int]:
    """Return the moments to die at, without those that leave nothing else behind than their neighbour.

    Between a commit and the next moment nothing lasting happens; and of the commits around a call, which
    count it, the one before leaves what dying before the call leaves, the one after what dying after it.
    """
    kept = []
    for number, moment in enumerate(passed, start=1):
        counts_before = passed[number + 1 : number + 2] and passed[number + 1].startswith("before a call")
        counts_after = number > 1 and passed[number - 2].startswith("after an answer")
        if moment == "after_commit" or (moment == "before_commit" and (counts_before or counts_after)):
            continue
        kept.append(number)
    return [*kept, len(passed)]

"""A process that dies at any moment: the next ordinary runs finish its work, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

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
def test_death_at_any_moment_costs_nothing(new_world: NewWorld, scene: str) -> None:
    """Killed around any call or commit, the shop ends as if nothing had happened, and nothing is sent twice."""
    prepare, change, act = SCENES[scene]

    def play(kill_at: int) -> tuple[World, Seams]:
        world, seams = new_world(listing_keys=LISTING), Seams(kill_at)
        prepare(world)
        change(world)
        if kill_at:
            with pytest.raises(Killed):
                act(world, seams)
        else:
            act(world, seams)
        world.recent()
        return world, seams

    undisturbed, seams = play(0)
    wanted = undisturbed.shops["shop"].state()
    _aftermath(undisturbed)
    at_last = undisturbed.shops["shop"].state()
    moments = seams.passed
    assert len(moments) > 50
    for number, moment in enumerate(moments, start=1):
        world, _ = play(number)
        where = f"{scene}, killed at moment {number} of {len(moments)}: {moment}"
        shop = world.shops["shop"]
        assert shop.state() == wanted, where
        assert [sku for sku, items in shop.state().items() if len(items) > 1] == [], where
        twice = [value for value, times in Counter(shop.sent()).items() if times > 1]
        assert twice == [], where
        assert world.calls(world.recent) == (2, 0), where
        _aftermath(world)
        assert shop.state() == at_last, where

"""A process that dies at any moment: the next ordinary runs finish its work, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from syncd.emulator.catalogue import Dice
from tests.databases import PostgresServer
from tests.flows.conftest import NewWorld
from tests.world import Killed, Seams, World, make_world

LISTING = 'create = true\npublish = true\nwarehouses = ["W1"]'

SKUS = ("NEW-1", "NEW-2", "OLD-1", "SAME-1", "SHIRT", "SHIRT-S")


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
    """Killed around any call or commit, the shop ends as if nothing had been, and nothing is sent twice."""
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
        world.close()


def _copy(start: World, tmp_path: Path, number: int) -> World:
    folder = tmp_path / f"killed at {number}"
    folder.mkdir()
    start.close()
    world = start.copied(folder)
    world.lasting = True
    return world


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


@pytest.mark.parametrize("seed", range(4))
def test_death_after_death_costs_nothing(new_world: NewWorld, tmp_path: Path, seed: int) -> None:
    """Killed three times in a row at moments of chance, the shop still ends as if nothing had happened."""
    start, dice = new_world(listing_keys=LISTING), Dice(seed)
    _stocked(start)
    undisturbed, world = _copy(start, tmp_path, 0), _copy(start, tmp_path, 1)
    undisturbed.recent()
    moments = [dice.between(1, 60) for _ in range(3)]
    for number in moments:
        try:
            world.recent(seams=Seams(number))
        except Killed:
            continue
    world.recent()
    shop, where = world.shops["shop"], f"killed at moments {moments}"
    assert shop.state() == undisturbed.shops["shop"].state(), where
    assert [value for value, times in Counter(shop.sent()).items() if times > 1] == [], where
    _aftermath(undisturbed)
    _aftermath(world)
    assert shop.state() == undisturbed.shops["shop"].state(), where
    for each in (undisturbed, world):
        each.close()


@pytest.mark.parametrize("part", range(4))
def test_death_on_postgresql_costs_nothing(
    tmp_path: Path, postgres_server: PostgresServer, part: int
) -> None:
    """On PostgreSQL the same, for every fifth moment of a first load; each test has its share of them."""
    for number in range(36 + 5 * part, 96, 20):
        url = postgres_server.borrow()
        folder = tmp_path / str(number)
        folder.mkdir()
        world = make_world(folder, url, lasting=True, listing_keys=LISTING)
        _stocked(world)
        with pytest.raises(Killed):
            world.recent(seams=Seams(number))
        world.recent()
        shop, where = world.shops["shop"], f"killed at moment {number}"
        assert {sku: len(items) for sku, items in shop.state().items()} == dict.fromkeys(SKUS, 1), where
        assert [value for value, times in Counter(shop.sent()).items() if times > 1] == [], where
        world.books.change_product(world.guid("NEW-1"), name="Still ours")
        world.recent()
        assert (world.item("NEW-1").name, world.item("OLD-1").stock_quantity) == ("Still ours", 5), where
        world.close()
        postgres_server.give_back(url)


@pytest.mark.parametrize("status", [None, 502, 504])
@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_a_batch_that_breaks_off_makes_no_twins(new_world: NewWorld, after: int, status: int | None) -> None:
    """Of a batch whose answer is lost the saved records are found again, are ours, and nobody is doubled."""
    world = new_world(listing_keys=LISTING)
    _stocked(world)
    world.shop.cut_batch(after, status=status)
    world.recent()
    world.recent()
    shop = world.shops["shop"]
    assert {sku: len(items) for sku, items in shop.state().items()} == dict.fromkeys(SKUS, 1)
    assert [value for value, times in Counter(shop.sent()).items() if times > 2] == []
    _aftermath(world)
    assert (world.item("NEW-1").name, world.item("NEW-2").regular_price) == ("Another name", "56.00")
    assert world.item("OLD-1").regular_price == "99.00"


@pytest.mark.parametrize("kind", ["lose", "half", "truncate", "html", "empty", "status"])
def test_a_lost_answer_to_a_write_is_looked_up(new_world: NewWorld, kind: str) -> None:
    """Carried out or not, a write whose answer cannot be read is looked up before it is repeated."""
    world = new_world(listing_keys=LISTING)
    _stocked(world)
    world.shop.faults.add(kind, match=lambda request: request.method == "POST")  # type: ignore[arg-type]
    world.recent()
    world.recent()
    shop = world.shops["shop"]
    assert {sku: len(items) for sku, items in shop.state().items()} == dict.fromkeys(SKUS, 1)
    _aftermath(world)
    assert (world.item("NEW-1").name, world.item("NEW-2").regular_price) == ("Another name", "56.00")
    assert world.calls(world.recent)[1] == 0

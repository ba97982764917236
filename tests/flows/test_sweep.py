"""A full read ends with a certificate or says what is not proven, and survives purses, kills and changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from syncd.emulator.unleashed_mischief import POISONS
from syncd.state.schema import mirror_product
from tests.flows.conftest import NewWorld
from tests.flows.sweeping import asked, half_read_feeds, left, proofs, stocked, swept
from tests.flows.views import feed, mirrored, settings
from tests.world import Killed, Seams, World

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
W1 = 'warehouses = ["W1"]'


def page_size(rows: int, *limits: str) -> str:
    return "\n".join([f"page_size = {rows}", *limits])


def per_hour(calls: int) -> str:
    return f'limits = [{{ calls = {calls}, per = "hour" }}]'


def test_a_sweep_of_five_thousand_products_takes_ten_calls(new_world: NewWorld) -> None:
    """5,000 products in one warehouse: five pages of products, five of stock, two certificates."""
    world = new_world(listing_keys=W1)
    world.books.add_warehouse("W1", default=True)
    for number in range(5000):
        guid = world.books.add_product(f"P{number:04d}", "", 10)
        world.books.set_stock(guid, "W1", number)
    world.recent()
    assert world.calls(lambda: swept(world)) == (10, 0)
    (latest, first) = proofs(world)
    assert (latest.rows, latest.pages, latest.calls) == (5000, 5, 5)
    assert str(latest) == "products: complete: 5,000 of 5,000"
    assert str(proofs(world, "stock", "W1")[0]) == "stock:W1: complete: 5,000 of 5,000"
    assert first.started_at < latest.started_at
    assert feed(world).certified_at == latest.started_at


def test_a_sweep_finds_what_no_feed_reported(on_either: NewWorld) -> None:
    """Changes without a new stamp are found by the next sweep and reach the shop in the same run."""
    world = stocked(on_either(account_keys=page_size(4)))
    world.recent()
    world.clock.pass_time(3 * DAY)
    world.books.set_stock(world.guid("P0000"), "W1", 6)
    world.books.change_product(world.guid("P0000"), name="News")
    world.recent()
    world.books.set_stock(world.guid("P0007"), "W1", 70, bump=False)
    world.books.change_product(world.guid("P0003"), name="Renamed", bump=False)
    world.recent()
    assert world.item("P0007").stock_quantity == 5
    (pulled, pushed) = swept(world)
    assert (pulled.outcome, pulled.exit_code) == ("done", 0)
    assert pushed.counts.written == 1
    assert world.item("P0007").stock_quantity == 70
    assert mirrored(world, "P0003").product.name == "Renamed"


def test_a_sweep_leaves_the_watermark_alone(new_world: NewWorld) -> None:
    """A full read proves that all rows came; how far the changes are read is another matter."""
    world = stocked(new_world(account_keys=page_size(4)))
    world.recent()
    before = feed(world)
    world.books.change_product(world.guid("P0001"), name="Later")
    swept(world)
    after = feed(world)
    assert (after.watermark, after.started_at, after.completed_at, after.pages) == (
        before.watermark,
        before.started_at,
        before.completed_at,
        before.pages,
    )


def test_a_first_load_by_the_sweep_sets_the_watermark(new_world: NewWorld) -> None:
    """Where nothing was ever read the sweep is the first load, and changes are read from there on."""
    world = stocked(new_world(account_keys=page_size(4)))
    swept(world)
    assert feed(world).watermark is not None
    assert feed(world).certified_rows == 9
    world.recent()
    assert {item.stock_quantity for item in world.shelf.all()} == {5}


def test_only_the_unproven_range_is_read_again(new_world: NewWorld) -> None:
    """A product that goes while page 3 of 5 is due has pages 1 and 2 read again, not 3 to 5."""
    world = stocked(new_world(account_keys=page_size(2)), 10)
    world.recent()
    gone = world.guid("P0000")

    def shift(resource: str, page: int) -> None:
        if resource == "Products" and page == 3 and world.books.product(gone):
            world.books.delete_product(gone)

    world.unleashed.mischief.between_pages = shift
    before = len(world.wire.requests)
    assert swept(world)[0].outcome == "done"
    wanted = [f"/Products/{page}" for page in (1, 2, 3, 4, 5, 1, 2)]
    assert asked(world, before, "/Products/")[:7] == wanted
    assert proofs(world)[0].rows == 9
    assert proofs(world)[0].calls == 7


def test_the_unproven_range_is_named(new_world: NewWorld) -> None:
    """While a sweep is under way, status says which pages it still has to read, and why again."""
    world = stocked(new_world(account_keys=page_size(2)), 10)
    world.recent()
    gone = world.guid("P0000")

    def shift(resource: str, page: int) -> None:
        if resource == "Products" and page == 3 and world.books.product(gone):
            world.books.delete_product(gone)

    world.unleashed.mischief.between_pages = shift
    world.unleashed.faults.add("status", times=2, match=lambda request: request.path == "/Products/4")
    assert swept(world)[0].outcome == "failed"
    assert left(world)[0] == (
        "products: pages 4-5 and 1-2 of 5 are read again: "
        "the number of rows changed from 10 to 9 while they were read."
    )
    assert left(world)[1] == "stock: nothing is read yet."
    swept(world)
    assert left(world) == []


def test_a_list_that_ends_earlier_is_begun_again(new_world: NewWorld) -> None:
    """When the page that is due has gone with its rows, the sweep goes on at the first page and completes."""
    world = stocked(new_world(account_keys=page_size(2)), 5)
    world.recent()
    last = [world.guid("P0003"), world.guid("P0004")]

    def shrink(resource: str, page: int) -> None:
        if resource == "Products" and page == 3:
            for guid in last:
                if world.books.product(guid):
                    world.books.delete_product(guid)

    world.unleashed.mischief.between_pages = shrink
    (pulled, *_) = swept(world)
    assert pulled.outcome == "done"
    assert proofs(world)[0].rows == 3


def test_a_sweep_goes_on_where_the_purse_ended(on_either: NewWorld) -> None:
    """With three calls an hour a sweep of ten pages takes four runs, and no page is read twice."""
    world = stocked(on_either(account_keys=page_size(2)), 10)
    world.recent()
    world.clock.pass_time(HOUR)
    world.account_keys = page_size(2, per_hour(3))
    before = len(world.wire.requests)
    outcomes = [swept(world, minutes=60)[0].outcome for _ in range(4)]
    assert outcomes == ["paused", "paused", "paused", "done"]
    wanted = [f"/{name}/{page}" for name in ("Products", "StockOnHand") for page in range(1, 6)]
    assert asked(world, before) == wanted
    assert [proofs(world)[0].calls, proofs(world, "stock")[0].calls] == [5, 5]


def test_polls_between_its_runs_do_not_disturb_a_sweep(new_world: NewWorld) -> None:
    """What the recent job reads of the same rows meanwhile takes nothing from the sweep's proof."""
    world = stocked(new_world(account_keys=page_size(2)), 10)
    world.recent()
    world.account_keys = page_size(2, per_hour(60))
    world.unleashed.faults.add("status", times=2, match=lambda request: request.path == "/Products/4")
    assert swept(world)[0].outcome == "failed"
    for number in (0, 3, 9):
        world.books.change_product(world.guid(f"P{number:04d}"), name="Meanwhile")
    world.recent()
    before = len(world.wire.requests)
    assert swept(world)[0].outcome == "done"
    assert asked(world, before, "/Products") == ["/Products/4", "/Products/5"]


@pytest.mark.parametrize("kind", ["NaN price", "null code", "no guid"])
def test_a_row_that_cannot_be_read_counts_as_seen(new_world: NewWorld, kind: str) -> None:
    """Poison on a page is parked, and the certificate counts it among the rows that came."""
    world = stocked(new_world(account_keys=page_size(4)))
    world.recent()
    world.unleashed.mischief.poison("Products", world.guid("P0002"), POISONS[kind])
    swept(world)
    assert proofs(world)[0].rows == 9
    swept(world)
    assert proofs(world)[0].calls == 3


def test_a_product_that_vanished_is_asked_for_by_its_guid(on_either: NewWorld) -> None:
    """A certified list that lacks a product says nothing yet; the answer by guid says that it is gone."""
    world = stocked(on_either(account_keys=page_size(4)))
    world.recent()
    guid = world.guid("P0004")
    world.books.delete_product(guid)
    world.recent()
    assert not mirrored(world, "P0004").product.gone
    swept(world)
    assert mirrored(world, "P0004").product.gone
    assert not mirrored(world, "P0005").product.gone


def test_stock_that_a_list_lost_is_asked_for(new_world: NewWorld) -> None:
    """A stock list that quietly shrank takes nothing away: what it lacks is asked for, and is as it was."""
    world = stocked(new_world(account_keys=page_size(20)))
    world.recent()
    world.unleashed.mischief.shrink("StockOnHand", 3)
    before = len(world.wire.requests)
    assert swept(world)[0].outcome == "done"
    assert asked(world, before, "/StockOnHand") == ["/StockOnHand/1", "/StockOnHand/1"]
    assert {item.stock_quantity for item in world.shelf.all()} == {5}


def test_what_a_sweep_listed_is_verified(new_world: NewWorld) -> None:
    """Every product that all lists held was verified when the sweep began."""
    world = stocked(new_world(account_keys=page_size(4)))
    world.recent()
    loaded = verified_at(world)
    assert len(set(loaded)) == 1
    swept(world)
    assert set(verified_at(world)) == {proofs(world)[0].started_at}
    assert verified_at(world)[0] > loaded[0]


def verified_at(world: World) -> list[datetime]:
    with world.process() as app, app.db.read() as conn:
        return list(conn.execute(select(mirror_product.c.verified_at)).scalars())


def test_a_smaller_page_is_taken_and_remembered(new_world: NewWorld) -> None:
    """Where Unleashed answers fewer rows than asked for, the pages are counted by its size."""
    world = stocked(new_world(account_keys=page_size(1000)), 10)
    world.unleashed.settings = settings(world, page_size_cap=4)
    world.recent()
    assert world.calls(lambda: swept(world))[0] == 6
    assert proofs(world)[0].pages == 3


def test_a_page_size_that_changes_under_way_is_survived(new_world: NewWorld) -> None:
    """If the pages get smaller between two runs of a sweep, its window begins anew and is completed."""
    world = stocked(new_world(account_keys=page_size(4)), 10)
    world.recent()
    world.unleashed.faults.add("status", times=2, match=lambda request: request.path == "/Products/3")
    swept(world)
    world.unleashed.settings = settings(world, page_size_cap=2)
    assert swept(world)[0].outcome == "done"
    assert (proofs(world)[0].rows, proofs(world)[0].pages) == (10, 5)


def test_a_warehouse_that_is_not_used_any_more_is_not_swept(new_world: NewWorld) -> None:
    """What was half-read of a warehouse that left the configuration does not hold the sweep up."""
    world = stocked(new_world(account_keys=page_size(4), listing_keys='warehouses = ["W1", "W2"]'))
    world.books.add_warehouse("W2")
    world.books.set_stock(world.guid("P0001"), "W2", 3)
    world.recent()
    world.unleashed.faults.add("status", times=2, match=lambda request: "warehouseCode=W2" in request.query)
    swept(world)
    assert half_read_feeds(world) == ["sweep stock:W2"]
    world.listing_keys = W1
    assert world.calls(lambda: swept(world))[0] == 6
    assert half_read_feeds(world) == []


@pytest.mark.parametrize("calls", [2, 3, 5])
def test_a_small_purse_completes_a_first_load(on_either: NewWorld, calls: int) -> None:
    """Two calls an hour and nine pages: over several runs all is read, though products change meanwhile."""
    world = stocked(on_either(account_keys=page_size(2, per_hour(calls))), 18)
    for hour in range(16):
        world.recent(minutes=60)
        number = (hour * 5) % 18 or 2
        number += number == 1
        world.books.change_product(world.guid(f"P{number:04d}"), name=f"Changed {hour}")
        world.books.set_stock(world.guid(f"P{number:04d}"), "W1", 100 + hour)
        if hour == 2:
            world.books.add_product("A0000", "In front of all", 1)
        if hour == 4:
            world.books.delete_product(world.guid("P0001"))
    world.account_keys = page_size(2)
    world.recent(minutes=60)
    world.recent(minutes=60)
    assert feed(world).certified_rows >= 17
    for product in world.books.products():
        assert mirrored(world, product.code).product.name == product.name
        if product.total is not None:
            assert mirrored(world, product.code).stock[0].available == product.total.on_hand


def test_a_first_load_on_a_small_purse_asks_for_no_page_twice(new_world: NewWorld) -> None:
    """Nine pages at two calls an hour, nothing changes: nine calls."""
    world = stocked(new_world(account_keys=page_size(2, per_hour(2))), 18)
    for _ in range(11):
        world.recent(minutes=60)
    paths = asked(world, 0, "/Products")
    assert paths[:9] == [f"/Products/{page}" for page in range(1, 10)]
    assert proofs(world)[0].calls == 9


def test_changes_of_several_pages_survive_a_small_purse(on_either: NewWorld) -> None:
    """A read of changes that the purse cuts off goes on with its next page and the same question."""
    world = stocked(on_either(account_keys=page_size(2)), 10)
    world.recent()
    world.clock.pass_time(DAY)
    for number in range(10):
        world.books.change_product(world.guid(f"P{number:04d}"), name=f"New {number}")
    world.account_keys = page_size(2, per_hour(2))
    before = len(world.wire.requests)
    for _ in range(3):
        world.recent(minutes=60)
    pages = [request for request in world.wire.requests[before:] if request.path.startswith("/Products")]
    assert [request.path for request in pages] == [f"/Products/{page}" for page in range(1, 6)]
    assert len({request.query for request in pages}) == 1
    assert [mirrored(world, f"P{number:04d}").product.name for number in range(10)] == [
        f"New {number}" for number in range(10)
    ]


def test_what_changed_behind_a_slow_pass_comes_with_the_next(new_world: NewWorld) -> None:
    """A pass over several hours does not move the watermark past what changed on its first page meanwhile."""
    world = stocked(new_world(account_keys=page_size(2)), 10)
    world.recent()
    world.clock.pass_time(DAY)
    for number in range(10):
        world.books.change_product(world.guid(f"P{number:04d}"), name="New")
    world.account_keys = page_size(2, per_hour(1))
    world.recent(minutes=60)
    world.books.change_product(world.guid("P0000"), name="Behind the pass")
    world.clock.pass_time(2 * HOUR)
    world.books.change_product(world.guid("P0009"), name="Newest")
    for _ in range(5):
        world.recent(minutes=60)
    assert feed(world).watermark < world.clock.now() - 5 * HOUR  # type: ignore[operator]
    assert mirrored(world, "P0000").product.name == "New"
    for _ in range(6):
        world.recent(minutes=60)
    assert mirrored(world, "P0000").product.name == "Behind the pass"
    assert mirrored(world, "P0009").product.name == "Newest"


def test_a_half_read_feed_is_begun_anew_after_a_day(new_world: NewWorld) -> None:
    """Changes that were left half-read for longer than a day are read from their first page again."""
    world = stocked(new_world(account_keys=page_size(2)), 6)
    world.recent()
    for number in range(6):
        world.books.change_product(world.guid(f"P{number:04d}"), name="New")
    world.unleashed.faults.add("status", times=2, match=lambda request: request.path == "/Products/3")
    world.recent()
    assert half_read_feeds(world) == ["recent products"]
    world.clock.pass_time(2 * DAY)
    before = len(world.wire.requests)
    world.recent()
    assert asked(world, before, "/Products") == [f"/Products/{page}" for page in (1, 2, 3)]


Act = Callable[[World, Seams | None], object]


@pytest.mark.parametrize("part", range(3))
def test_death_at_any_moment_of_a_sweep_costs_nothing(new_world: NewWorld, tmp_path: Path, part: int) -> None:
    """Killed around any call or commit, the next sweep goes on; everything is proven, and no page is lost."""
    start = stocked(new_world(account_keys=page_size(3)), 7)
    start.recent()
    start.clock.pass_time(3 * DAY)
    start.books.set_stock(start.guid("P0003"), "W1", 33, bump=False)
    start.books.change_product(start.guid("P0006"), name="Unreported", bump=False)
    start.close()
    undisturbed, seams = copied(start, tmp_path, 0), Seams()
    swept(undisturbed, seams=seams)
    wanted = undisturbed.shops["shop"].state()
    for number in range(1 + part, len(seams.passed) + 1, 3):
        world, where = copied(start, tmp_path, number), f"killed at {number}: {seams.passed[number - 1]}"
        with pytest.raises(Killed):
            swept(world, seams=Seams(number))
        swept(world)
        assert world.shops["shop"].state() == wanted, where
        assert mirrored(world, "P0006").product.name == "Unreported", where
        assert half_read_feeds(world) == [], where
        assert [proofs(world)[0].rows, proofs(world, "stock")[0].rows] == [7, 7], where
        world.close()


def copied(start: World, tmp_path: Path, number: int) -> World:
    folder = tmp_path / f"killed at {number}"
    folder.mkdir()
    world = start.copied(folder)
    world.account_keys = start.account_keys
    world.lasting = True
    return world

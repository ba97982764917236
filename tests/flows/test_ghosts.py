"""Each way in which a change goes unseen has its name, and the emulator really goes that way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from syncd.app.sweep import sweep
from tests.flows.conftest import NewWorld
from tests.flows.rotating import LONG, in_step, news, rotate, seen, sightings
from tests.flows.views import mirrored, settings
from tests.world import World

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def later(world: World, time: timedelta) -> None:
    """Let time pass in which something else changes, and poll."""
    world.clock.pass_time(time)
    news(world)
    world.recent()


def test_a_change_without_a_new_stamp_is_an_uncovered_change(on_either: NewWorld) -> None:
    """Its content differs and its stamp does not: each field is recorded, with the age it has at most."""
    world = in_step(on_either())
    world.books.change_product(world.guid("P0002"), bump=False, name="Renamed", price=12)
    rotate(world, minutes=60)
    assert seen(world) == [
        ("P0002", "name", "Name 2", "Renamed", "uncovered change"),
        ("P0002", "price", "10", "12", "uncovered change"),
    ]
    (name, _) = sightings(world)
    assert (name.account, name.store, name.found_by, name.at) == ("main", None, "rotation", world.clock.now())
    assert name.ghost.age == HOUR
    assert name.run_id is not None


def test_a_change_that_became_visible_late_is_a_late_commit(new_world: NewWorld) -> None:
    """Its stamp lies before what the passes since then asked for, although they did not get it."""
    world = in_step(new_world())
    world.books.set_stock(world.guid("P0001"), "W1", 8, late=LONG)
    later(world, 2 * DAY)
    later(world, LONG - 2 * DAY + HOUR)
    assert mirrored(world, "P0001").stock[0].available == 5
    rotate(world)
    assert seen(world) == [("P0001", "stock", "5", "8", "late commit")]
    assert world.item("P0001").stock_quantity == 8


def test_a_stamp_in_the_second_from_which_a_feed_asks_is_a_boundary_tie(new_world: NewWorld) -> None:
    """Whether `modifiedSince` includes it nobody knows; where it does not, it is never listed again."""
    world = in_step(new_world())
    world.unleashed.settings = settings(world, since_inclusive=False)
    world.books.change_product(world.guid("P0001"), name="On the edge", late=26 * HOUR + MINUTE)
    world.clock.pass_time(26 * HOUR)
    news(world)
    world.recent(minutes=0.5)
    world.recent(minutes=5)
    assert mirrored(world, "P0001").product.name == "Name 1"
    rotate(world)
    assert seen(world) == [("P0001", "name", "Name 1", "On the edge", "boundary tie")]


def test_a_change_while_pages_were_read_is_page_drift(new_world: NewWorld) -> None:
    """It is stamped while a pass of several pages was under way, and no pass after it brought it."""
    world = in_step(new_world(account_keys="page_size = 3"))
    guid = world.guid("P0000")

    def change(resource: str, page: int) -> None:
        if resource == "Products" and page == 2:
            world.clock.pass_time(MINUTE)
            world.books.change_product(guid, name="Behind the pages", late=2 * DAY)
            world.clock.pass_time(MINUTE)

    world.unleashed.mischief.between_pages = change
    with world.process() as app:
        sweep(app, "main")
    world.unleashed.mischief.between_pages = None
    later(world, 1.5 * DAY)
    later(world, DAY)
    rotate(world)
    assert seen(world) == [("P0000", "name", "Name 0", "Behind the pages", "page drift")]


def test_a_stamp_that_goes_back_is_unknown(new_world: NewWorld) -> None:
    """What no rule explains is recorded as what it is."""
    world = in_step(new_world())
    back = world.clock.now() - 200 * DAY
    world.books.change_product(world.guid("P0001"), name="From a backup", LastModifiedOn=back)
    rotate(world)
    assert seen(world) == [("P0001", "name", "Name 1", "From a backup", "unknown")]


def test_a_product_without_a_stamp_that_changes_is_an_uncovered_change(new_world: NewWorld) -> None:
    """A row without a stamp no list of changes ever holds."""
    world = new_world()
    guid = world.books.add_product("BARE", "Bare", 1, bump=False)
    in_step(world)
    world.books.change_product(guid, name="Still bare", bump=False)
    rotate(world)
    assert seen(world) == [("BARE", "name", "Bare", "Still bare", "uncovered change")]


def test_stock_where_there_was_none_is_a_ghost_too(new_world: NewWorld) -> None:
    """A product without a stock row was taken to have none; what it has without a stamp is recorded."""
    world = new_world()
    world.books.add_product("NEVER", "Never moved", 1)
    world.shelf.add_simple("NEVER", "Never moved", "1.00", 0)
    in_step(world)
    world.books.set_stock(world.guid("NEVER"), "W1", 3, bump=False)
    rotate(world)
    assert seen(world) == [("NEVER", "stock", "0", "3", "uncovered change")]
    assert world.item("NEVER").stock_quantity == 3


def test_a_fresh_change_is_no_ghost(new_world: NewWorld) -> None:
    """What the next poll brings anyway is taken over and written, and not recorded."""
    world = in_step(new_world())
    world.books.set_stock(world.guid("P0001"), "W1", 4)
    world.books.change_product(world.guid("P0002"), name="Fresh")
    rotate(world)
    assert world.item("P0001").stock_quantity == 4
    assert mirrored(world, "P0002").product.name == "Fresh"
    assert seen(world) == []


def test_before_the_feeds_are_read_there_are_no_ghosts(new_world: NewWorld) -> None:
    """As long as the first load is not complete, whatever is found is simply new."""
    world = new_world(account_keys="page_size = 3")
    for number in range(9):
        world.books.add_product(f"P{number}", "", 1)
    world.unleashed.faults.add("status", times=9, match=lambda request: request.path == "/Products/2")
    world.recent()
    world.unleashed.faults.queue.clear()
    for number in range(3):
        world.books.change_product(world.guid(f"P{number}"), name="Other", bump=False)
    rotate(world)
    assert mirrored(world, "P0").product.name == "Other"
    assert seen(world) == []


@pytest.mark.parametrize("field", ["name", "price", "stock"])
def test_an_edit_in_the_store_is_found_and_put_right(on_either: NewWorld, field: str) -> None:
    """A hand edit of a listing that syncd created is written over, and recorded with what was written."""
    world = in_step(on_either(listing_keys="create = true\npublish = true"))
    guid = world.books.add_product("MINE", "Mine", 3)
    world.books.set_stock(guid, "W1", 2)
    world.recent()
    edit: dict[str, tuple[str, Any, str, str]] = {
        "name": ("name", "Hacked", "Mine", "Hacked"),
        "price": ("regular_price", "1.00", "3", "1"),
        "stock": ("stock_quantity", 77, "2", "77"),
    }
    key, value, believed, found = edit[field]
    before = getattr(world.item("MINE"), key)
    setattr(world.item("MINE"), key, value)
    world.recent()
    assert getattr(world.item("MINE"), key) == value
    (pulled, pushed) = rotate(world)
    assert (pulled.outcome, pushed.outcome, pushed.counts.written) == ("done", "done", 1)
    assert getattr(world.item("MINE"), key) == before
    assert seen(world) == [("MINE", field, believed, found, "store-side edit")]
    (edited,) = sightings(world)
    assert (edited.store, edited.found_by) == ("shop", "rotation")
    assert edited.ghost.age == 58 * MINUTE


def test_an_edit_of_what_is_not_ours_is_left_alone(new_world: NewWorld) -> None:
    """Name and price of an adopted listing are the store's own; its stock is not."""
    world = in_step(new_world())
    item = world.item("P0001")
    item.name, item.regular_price, item.stock_quantity = "Shop's own", "99.00", 1
    rotate(world)
    assert (item.name, item.regular_price, world.item("P0001").stock_quantity) == ("Shop's own", "99.00", 5)
    assert seen(world) == [("P0001", "stock", "5", "1", "store-side edit")]


def test_what_waits_to_be_written_is_no_edit(new_world: NewWorld) -> None:
    """A listing that was behind is written, and nobody is said to have edited it."""
    world = in_step(new_world())
    world.books.set_stock(world.guid("P0001"), "W1", 4, bump=False)
    rotate(world)
    assert [each[-1] for each in seen(world)] == ["uncovered change"]
    assert world.item("P0001").stock_quantity == 4


def test_a_listing_that_vanished_from_the_store_is_found(new_world: NewWorld) -> None:
    """A record that was deleted in the shop is recorded, and its link says so."""
    world = in_step(new_world())
    item = world.item("P0001")
    world.shelf.delete(item.id)
    rotate(world)
    assert seen(world) == [("P0001", "listing", str(item.id), None, "disappearance")]
    rotate(world)
    assert len(seen(world)) == 1


@pytest.mark.parametrize("mode", ["shadow", "dry run"])
def test_what_is_only_told_is_not_recorded(new_world: NewWorld, mode: str) -> None:
    """Where nothing is written nothing is put right: an edit is told, not noted as a ghost."""
    world = in_step(new_world())
    world.item("P0001").stock_quantity = 1
    if mode == "shadow":
        world.store_keys = 'mode = "shadow"'
    (_, pushed) = rotate(world, dry_run=mode == "dry run")
    assert pushed.counts.held == 1
    assert world.item("P0001").stock_quantity == 1
    assert seen(world) == []


def test_the_brake_stops_what_rotation_would_empty(new_world: NewWorld) -> None:
    """Ghosts that would empty too many listings at once are held like any other change."""
    world = in_step(new_world(), 30)
    for number in range(30):
        world.books.set_stock(world.guid(f"P{number:04}"), "W1", 0, bump=False)
    (_, pushed) = rotate(world)
    assert pushed.counts.held == 30
    assert {item.stock_quantity for item in world.shelf.all() if item.sku != "NEWS"} == {5}
    assert {each[-1] for each in seen(world)} == {"uncovered change"}
    rotate(world)
    assert len(seen(world)) == 30


def test_resync_records_what_it_finds(new_world: NewWorld) -> None:
    """A product that a person reads anew because it is wrong is a ghost too."""
    world = in_step(new_world())
    world.books.set_stock(world.guid("P0001"), "W1", 9, bump=False)
    world.resync("P0001")
    (found,) = sightings(world)
    assert (found.ghost.cause, found.found_by) == ("uncovered change", "resync")


def worlds_with(warehouses: int, world: World) -> World:
    """Return the world in step, its stock summed over so many warehouses."""
    names = tuple(f"W{number}" for number in range(1, warehouses + 1))
    world.listing_keys += f"\nwarehouses = {list(names)}".replace("'", '"')
    return in_step(world, warehouses=names)


@pytest.mark.parametrize("warehouses", [1, 3])
def test_stock_is_told_apart_by_warehouse(new_world: NewWorld, warehouses: int) -> None:
    """A ghost in one warehouse names it."""
    world = worlds_with(warehouses, new_world())
    world.books.set_stock(world.guid("P0001"), "W1", 6, bump=False)
    rotate(world)
    assert seen(world) == [("P0001", "stock in W1", "5", "6", "uncovered change")]
    assert world.item("P0001").stock_quantity == 1 + 5 * warehouses

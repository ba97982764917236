"""What is learned of an account from its ordinary answers, and how far behind it is read from then on."""

from __future__ import annotations

from datetime import timedelta

from tests.flows.conftest import NewWorld
from tests.flows.sweeping import asked, learned, stocked
from tests.flows.views import mirrored, settings
from tests.world import World

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def lived(world: World, days: int = 4, **answers: object) -> World:
    """Let days pass in which one product and its stock change every four hours, polled before and after."""
    world.unleashed.settings = settings(world, **answers)
    world.recent()
    for number in range(days * 6):
        world.recent(minutes=220)
        changed(world, number % len(world.books.products()))
        world.recent(minutes=20)
    return world


def changed(world: World, number: int) -> None:
    guid = world.guid(f"P{number:04d}")
    world.books.change_product(guid, name=f"Name at {world.clock.now():%d %H:%M}")
    world.books.set_stock(guid, "W1", world.clock.now().day * 100 + world.clock.now().hour)


def overlap(world: World) -> timedelta:
    """Return how far before the newest stamp the next read of changes asks."""
    before = len(world.wire.requests)
    world.recent(minutes=5)
    (request,) = [each for each in world.wire.requests[before:] if each.path == "/Products/1"]
    query = dict(pair.split("=") for pair in request.query.split("&"))
    since = query["modifiedSince"].replace("%3A", ":").replace("%3a", ":")
    newest = max(row.modified for row in world.books.products() if row.modified is not None)
    return newest.replace(tzinfo=None, microsecond=0) - type(newest).fromisoformat(since)


def test_an_ordinary_account_is_calibrated_without_a_call_of_its_own(on_either: NewWorld) -> None:
    """After some days of polls it is known that stamps are UTC and the time of `modifiedSince` counts.

    As long as the changes of a day fit in one page, it is still read 26 hours back: that costs nothing.
    """
    world = lived(stocked(on_either()))
    found = learned(world)
    assert (found["stamp_utc"].value, found["time_part"].value) == ("utc", "honoured")
    assert len(found["stamp_utc"].evidence["products"]) >= 3
    assert found["time_part"].evidence["stock"]
    assert "page_size" not in found
    assert overlap(world) == 26 * HOUR
    assert {path for path in asked(world, 2) if "Compan" not in path and "Warehouse" not in path} == {
        "/Products/1",
        "/StockOnHand/1",
    }


def test_a_date_without_its_time_is_noticed(new_world: NewWorld) -> None:
    """Where Unleashed cuts `modifiedSince` back to the day, rows from earlier that day come as well."""
    world = lived(stocked(new_world()), since_time_honoured=False)
    assert learned(world)["time_part"].value == "truncated"


def test_stamps_of_another_zone_are_noticed(new_world: NewWorld) -> None:
    """Stamps that are off by whole hours are named, and the account is never read from closer than before."""
    world = lived(stocked(new_world(account_keys="page_size = 6"), 12), epoch_shift_hours=-13)
    assert learned(world)["stamp_utc"].value == "utc-13h"
    assert overlap(world) == (26 + 13) * HOUR


def test_a_filter_in_another_zone_is_noticed(new_world: NewWorld) -> None:
    """A filter that leaves out rows which it should have brought is never read from closer than 26 hours."""
    world = lived(stocked(new_world()), since_shift_hours=-13)
    assert learned(world)["time_part"].value in ("lossy", "unclear", "unknown")
    assert overlap(world) == 26 * HOUR


def test_a_smaller_page_is_noticed(new_world: NewWorld) -> None:
    """A page with fewer rows than asked for says how many Unleashed gives at most."""
    world = stocked(new_world())
    world.unleashed.settings = settings(world, page_size_cap=4)
    world.recent()
    found = learned(world)["page_size"]
    assert (found.value, dict(found.evidence)) == ("4", {"asked": 1000, "answered": 4})


def test_the_overlap_stays_wide_until_calibrated(new_world: NewWorld) -> None:
    """Before anything was learned, nothing is narrowed, whatever it costs."""
    world = stocked(new_world(account_keys="page_size = 4"))
    world.recent()
    assert overlap(world) == 26 * HOUR


def test_rows_of_one_stamp_are_not_read_again_and_again(new_world: NewWorld) -> None:
    """An import of five pages with one stamp comes twice, then a poll costs one call a feed again."""
    world = lived(stocked(new_world(), 60))
    world.account_keys = "page_size = 13"
    for number in range(60):
        world.books.change_product(world.guid(f"P{number:04d}"), name="Imported")
    assert [world.calls(world.recent)[0] for _ in range(4)] == [6, 6, 2, 2]
    for number in (3, 4):
        world.books.change_product(world.guid(f"P{number:04d}"), name="After the import")
        before = len(world.wire.requests)
        world.recent()
        assert asked(world, before, "/Products") == ["/Products/1"]
        assert mirrored(world, f"P{number:04d}").product.name == "After the import"


def test_late_changes_widen_the_overlap(new_world: NewWorld) -> None:
    """A change that becomes visible two hours after its stamp is remembered as late."""
    world = lived(stocked(new_world()))
    world.books.set_stock(world.guid("P0001"), "W1", 7777, late=2 * HOUR)
    for number in range(4):
        changed(world, 3 + number)
        world.recent(minutes=30)
    assert mirrored(world, "P0001").stock[0].available == 7777
    seconds = int(learned(world)["lateness"].value)
    assert seconds == 3600
    assert int(learned(world)["overlap"].value) == 3 * seconds

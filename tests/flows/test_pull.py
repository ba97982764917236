"""How far a feed counts as read: its watermark, its overlap, and whose clock is never asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.flows.conftest import NewWorld
from tests.flows.views import feed, mirrored, settings
from tests.world import World, WrongClock

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FAR = datetime(2099, 1, 1, tzinfo=UTC)


def shelved(world: World, code: str, stock: int = 5) -> str:
    """Add a product to both sides, in step but for the stock, and return its guid."""
    guid = world.books.add_product(code, code, 10)
    world.books.add_warehouse("W1", default=True)
    world.books.set_stock(guid, "W1", stock)
    world.shelf.add_simple(code, code, "10.00", 0)
    return guid


def test_the_watermark_is_the_newest_stamp_received(new_world: NewWorld) -> None:
    """A complete pass moves the watermark to the newest stamp, not to the time of the pass."""
    world = new_world()
    world.books.add_product("A", "A", 1)
    newest = world.clock.now()
    world.recent(minutes=30)
    assert feed(world).watermark == newest
    world.recent(minutes=30)
    assert feed(world).watermark == newest


def test_a_pass_that_breaks_off_leaves_the_watermark(new_world: NewWorld) -> None:
    """A time-out at the second page keeps the first one and the old watermark; the next run goes on there."""
    world = new_world(account_keys="page_size = 2")
    guids = [world.books.add_product(f"P{number}", "Before", 1) for number in range(5)]
    world.recent()
    before = feed(world)
    for guid in guids:
        world.books.change_product(guid, name="After")
    world.unleashed.faults.add("lose", times=2, match=lambda request: request.path == "/Products/2")
    (pulled, *_) = world.recent()
    assert (pulled.outcome, pulled.exit_code) == ("failed", 3)
    assert replace(feed(world), pass_no=before.pass_no) == before
    assert mirrored(world, "P0").product.name == "After"
    world.recent()
    assert [request.path for request in world.wire.requests][-2:] == ["/Products/3", "/StockOnHand/1"]
    assert mirrored(world, "P4").product.name == "After"
    assert feed(world).watermark == before.watermark
    world.recent()
    assert feed(world).watermark == before.watermark + 48 * timedelta(minutes=1)  # type: ignore[operator]


def test_a_first_load_that_breaks_off_is_gone_on_with(new_world: NewWorld) -> None:
    """Without a complete first pass there is no watermark: the next run reads the pages that are left."""
    world = new_world(account_keys="page_size = 2")
    for number in range(5):
        world.books.add_product(f"P{number}", "", 1)
    world.unleashed.faults.add("status", times=2, match=lambda request: request.path == "/Products/3")
    world.recent()
    assert feed(world).watermark is None
    before = len(world.wire.requests)
    world.recent()
    paths = [request.path for request in world.wire.requests[before:]]
    assert [path for path in paths if path.startswith("/Products")] == ["/Products/3"]
    assert feed(world).certified_rows == 5


def test_a_stamp_in_the_future_is_kept_out_of_the_watermark(new_world: NewWorld) -> None:
    """A row stamped in 2099 is taken over and shown in status, but does not hide later changes."""
    world = new_world()
    world.books.add_product("A", "A", 1)
    world.recent()
    world.books.add_product("FAR", "Far", 1, modified=FAR)
    now = world.clock.now()
    world.books.add_product("NEAR", "Near", 1)
    world.recent()
    assert feed(world).watermark == now
    assert mirrored(world, "FAR").product.name == "Far"
    assert any("2099" in sentence for sentence in world.problems())
    world.books.add_product("LATER", "Later", 1)
    world.recent()
    assert mirrored(world, "LATER").product.name == "Later"


@pytest.mark.parametrize("off", [-DAY, DAY, 30 * DAY, datetime(1970, 1, 1, tzinfo=UTC)])
@pytest.mark.parametrize("when", ["always", "before", "after", "between"])
def test_no_change_is_lost_to_a_wrong_clock(
    new_world: NewWorld, off: timedelta | datetime, when: str
) -> None:
    """However wrong this machine's clock is, or was for a while, each change arrives with the next run."""
    world = new_world()
    world.own_clock = clock = WrongClock(world.clock)
    wrong = off - world.clock.now() if isinstance(off, datetime) else off
    guid = shelved(world, "TEA")
    for step, times in enumerate((("always", "before"), ("always", "between"), ("always", "after"))):
        clock.off = wrong if when in times else timedelta(0)
        world.books.set_stock(guid, "W1", 10 + step)
        world.books.change_product(guid, name=f"Name {step}")
        world.recent()
        assert world.item("TEA").stock_quantity == 10 + step
        assert mirrored(world, "TEA").product.name == f"Name {step}"


def test_a_late_commit_within_the_overlap_arrives(new_world: NewWorld) -> None:
    """A change that becomes visible hours after its stamp is caught, for the feed is read from behind."""
    world = new_world()
    guid = shelved(world, "TEA")
    other = shelved(world, "OTHER")
    world.recent()
    world.books.set_stock(guid, "W1", 77, late=20 * HOUR)
    world.clock.pass_time(HOUR)
    world.books.set_stock(other, "W1", 6)
    world.recent()
    assert world.item("TEA").stock_quantity == 5
    world.clock.pass_time(20 * HOUR)
    world.books.set_stock(other, "W1", 7)
    world.recent()
    assert world.item("TEA").stock_quantity == 77


def test_a_change_without_a_new_stamp_is_not_seen(new_world: NewWorld) -> None:
    """What Unleashed does not report no feed can know once its old stamp has left the overlap."""
    world = new_world()
    guid = shelved(world, "TEA")
    world.recent()
    world.clock.pass_time(30 * HOUR)
    world.books.set_stock(shelved(world, "OTHER"), "W1", 1)
    world.recent()
    world.books.set_stock(guid, "W1", 99, bump=False)
    world.recent()
    assert world.item("TEA").stock_quantity == 5
    assert world.resync("TEA").items[0][1].outcome == "written"
    assert world.item("TEA").stock_quantity == 99


@pytest.mark.parametrize("inclusive", [True, False])
def test_equal_stamps_hide_nothing(new_world: NewWorld, inclusive: bool) -> None:
    """A change with the very stamp of the watermark arrives, whether or not Unleashed includes it."""
    world = new_world()
    world.unleashed.settings = settings(world, since_inclusive=inclusive)
    first, second = shelved(world, "ONE"), shelved(world, "TWO")
    world.recent()
    stamp = world.clock.now()
    world.books.set_stock(first, "W1", 8)
    world.recent(minutes=1)
    world.books.change_product(second, name="Late", LastModifiedOn=stamp)
    world.recent(minutes=1)
    assert mirrored(world, "TWO").product.name == "Late"


def test_rows_without_a_stamp_are_taken_over(new_world: NewWorld) -> None:
    """Products and stock without any stamp arrive with the full read, and leave the watermark alone."""
    world = new_world()
    world.books.add_warehouse("W1", default=True)
    guid = world.books.add_product("NOSTAMP", "No stamp", 1, bump=False)
    world.books.set_stock(guid, "W1", 4, bump=False)
    world.shelf.add_simple("NOSTAMP", "No stamp", "1.00", 0)
    world.recent()
    assert world.item("NOSTAMP").stock_quantity == 4
    assert feed(world).watermark is None


@pytest.mark.parametrize("hours", [13, -13])
@pytest.mark.parametrize("setting", ["since_shift_hours", "epoch_shift_hours"])
def test_a_zone_read_the_wrong_way_loses_nothing(new_world: NewWorld, setting: str, hours: int) -> None:
    """If Unleashed reads or writes its times half a day off, the overlap still covers every change."""
    world = new_world()
    world.unleashed.settings = settings(world, **{setting: hours})
    guid = shelved(world, "TEA")
    for quantity in (11, 12, 13):
        world.books.set_stock(guid, "W1", quantity)
        world.recent()
        assert world.item("TEA").stock_quantity == quantity


def test_rows_that_move_between_pages_are_not_lost(new_world: NewWorld) -> None:
    """A product that vanishes while the pages are read has the feed read again, and nothing is skipped."""
    world = new_world(account_keys="page_size = 3")
    guids = [world.books.add_product(f"P{number}", "", 1) for number in range(9)]

    def shift(resource: str, page: int) -> None:
        if resource == "Products" and page == 2 and world.books.product(guids[0]):
            world.books.delete_product(guids[0])

    world.unleashed.mischief.between_pages = shift
    assert world.recent()[0].outcome == "done"
    assert feed(world).certified_rows == 8
    assert mirrored(world, "P3").product.price == Decimal(1)


def test_a_list_that_never_holds_still_is_not_believed(new_world: NewWorld) -> None:
    """If every pass is shifted, the run says so, ends as partial, and certifies nothing."""
    world = new_world(account_keys="page_size = 3")
    for number in range(9):
        world.books.add_product(f"P{number}", "", 1)
    spare = iter(range(100, 200))
    world.unleashed.mischief.between_pages = lambda _resource, _page: world.books.add_product(
        f"A{next(spare)}", ""
    )
    (pulled, *_) = world.recent()
    assert pulled.outcome == "partial"
    assert "without proof that every row came" in (pulled.error or "")
    assert feed(world).certified_at is None

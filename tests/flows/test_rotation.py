"""What was verified longest ago is verified again, on both sides, in few calls, and believed with care."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from syncd.state.schema import mirror_product, product_link
from tests.flows.conftest import NewWorld
from tests.flows.rotating import calibrated, in_step, news, rotate, seen
from tests.flows.test_why import why
from tests.flows.views import link, mirrored, settings
from tests.world import World

WEEK = timedelta(days=7)
CREATING = "create = true\npublish = true"


def verified(world: World) -> dict[str, datetime | None]:
    """Return when each product was verified, by code."""
    with world.process() as app, app.db.read() as conn:
        rows = conn.execute(select(mirror_product.c.code, mirror_product.c.verified_at))
        return {row.code: row.verified_at for row in rows}


def looked_at(world: World) -> set[datetime | None]:
    """Return the times at which the listings were last looked at."""
    with world.process() as app, app.db.read() as conn:
        return set(conn.execute(select(product_link.c.looked_at)).scalars())


def test_a_change_without_a_stamp_is_found(on_either: NewWorld) -> None:
    """What no feed reports, rotation finds and puts right."""
    world = in_step(on_either())
    world.books.set_stock(world.guid("P0001"), "W1", 9, bump=False)
    world.books.change_product(world.guid("P0002"), bump=False, name="Quietly renamed")
    world.recent()
    assert world.item("P0001").stock_quantity == 5
    reports = rotate(world)
    assert [report.outcome for report in reports] == ["done", "done"]
    assert world.item("P0001").stock_quantity == 9
    assert mirrored(world, "P0002").product.name == "Quietly renamed"


def test_rotating_a_thousand_products_costs_fifty_calls(new_world: NewWorld) -> None:
    """Products and stock of 1,000 products are 25 lists each; a hundred listings are one look."""
    world = in_step(new_world(), 999)
    assert world.calls(lambda: rotate(world, lists=25)) == (50, 1)
    assert set(verified(world).values()) == {world.clock.now()}


@pytest.mark.parametrize("warehouses", [1, 2, 3])
def test_what_a_list_costs(new_world: NewWorld, warehouses: int) -> None:
    """A list of 40 is one call for the products and one for each warehouse; other sides can be left out."""
    names = [f"W{number}" for number in range(1, warehouses + 1)]
    keys = f"warehouses = {names}".replace("'", '"')
    world = in_step(new_world(listing_keys=keys), 50, tuple(names))
    assert world.calls(lambda: rotate(world)) == (1 + warehouses, 1)
    assert world.calls(lambda: rotate(world, looks=0)) == (1 + warehouses, 0)
    assert world.calls(lambda: rotate(world, lists=0)) == (0, 1)


def test_the_oldest_come_first(on_either: NewWorld) -> None:
    """Round after round every product has its turn before any has its second."""
    world = in_step(on_either(), 99)
    for _ in range(3):
        rotate(world)
    times = sorted(time for time in verified(world).values() if time is not None)
    assert len(times) == 100
    assert (times.count(times[0]), times.count(times[-1])) == (20, 40)


def test_the_oldest_listings_come_first(new_world: NewWorld) -> None:
    """Each look takes those that were looked at longest ago; every one of push's looks counts."""
    world = in_step(new_world(), 149)
    rotate(world, looks=1)
    rotate(world, looks=1)
    assert len(looked_at(world)) == 2
    assert min(time for time in looked_at(world) if time is not None) == world.clock.now() - timedelta(
        minutes=10
    )


def test_a_product_that_is_gone_is_hidden(on_either: NewWorld) -> None:
    """Only Unleashed's own 404 takes a product off sale; two of five missing are asked for alone."""
    world = in_step(on_either(listing_keys=CREATING))
    guid = world.books.add_product("MINE", "Mine", 3)
    world.books.set_stock(guid, "W1", 2)
    world.recent()
    assert world.item("MINE").status == "publish"
    world.books.delete_product(guid)
    assert world.calls(lambda: rotate(world))[0] == 3
    assert mirrored(world, "MINE").product.gone
    assert world.item("MINE").status == "draft"
    told = why(world, "MINE")
    assert told.believed[0].startswith("Unleashed no longer has this product")
    assert [each.rule for each in told.fields if each.field == "status"] == ["gone in Unleashed: hidden"]
    assert seen(world) == [("MINE", "gone", "no", "yes", "disappearance")]


def test_a_product_that_comes_back_is_sold_again(new_world: NewWorld) -> None:
    """A product that is gone is asked for once a week, and is what it was once it is there."""
    world = in_step(new_world(listing_keys=CREATING))
    guid = world.books.add_product("MINE", "Mine", 3)
    world.books.set_stock(guid, "W1", 2)
    world.recent()
    world.books.delete_product(guid)
    rotate(world)
    assert world.calls(lambda: rotate(world))[0] == 2
    world.books.add_product("MINE", "Mine", 3, guid=guid, bump=False)
    world.books.set_stock(guid, "W1", 2, bump=False)
    rotate(world)
    assert mirrored(world, "MINE").product.gone
    world.clock.pass_time(WEEK)
    rotate(world)
    assert not mirrored(world, "MINE").product.gone
    assert world.item("MINE").status == "publish"
    assert seen(world)[-1] == ("MINE", "gone", "yes", "no", "unknown")


def test_a_gone_product_that_stays_away_costs_nothing_more(new_world: NewWorld) -> None:
    """Asked for again after a week in its list, it is not suspected anew."""
    world = in_step(new_world())
    world.books.delete_product(world.guid("P0001"))
    rotate(world)
    world.clock.pass_time(WEEK)
    assert world.calls(lambda: rotate(world))[0] == 2 + 2
    assert world.calls(lambda: rotate(world))[0] == 2
    assert len(seen(world)) == 1


def test_many_missing_are_asked_for_in_halves_first(new_world: NewWorld) -> None:
    """A list that Unleashed cuts short is no proof against any of its products."""
    world = in_step(new_world(), 39)
    world.unleashed.mischief.shrink("Products", 15)
    assert world.calls(lambda: rotate(world, looks=0))[0] == 1 + 2 + 1
    assert seen(world) == []
    assert calibrated(world, "product_filter") is None


def test_no_more_than_ten_are_asked_for_alone(new_world: NewWorld) -> None:
    """Many that vanish at once are found out a few at a time, and those that wait stay unverified."""
    world = in_step(new_world(), 39)
    for number in range(15):
        world.books.delete_product(world.guid(f"P{number:04}"))
    assert world.calls(lambda: rotate(world, looks=0))[0] == 1 + 2 + 10 + 1
    assert sum(1 for each in seen(world) if each[-1] == "disappearance") == 10
    assert sorted(verified(world).values(), key=str).count(world.clock.now()) == 35
    rotate(world, looks=0)
    assert sum(1 for each in seen(world) if each[-1] == "disappearance") == 15


def test_a_list_that_leaves_one_out_is_not_believed(new_world: NewWorld) -> None:
    """A product that is there when asked for alone is kept, its stock as well, and lists are suspicious."""
    world = in_step(new_world())
    world.unleashed.settings = settings(world, product_id_filter="misses_one")
    rotate(world)
    assert seen(world) == []
    assert {row.available for row in mirrored(world, "P0004").stock} == {5}
    found = calibrated(world, "product_filter")
    assert found is not None
    assert found.value == "suspicious"
    assert set(verified(world).values()) == {world.clock.now()}


def test_stock_that_a_list_leaves_out_is_not_zero(new_world: NewWorld) -> None:
    """Who had stock until now is asked for alone before it counts as having none."""
    world = in_step(new_world(), 9)
    world.unleashed.mischief.shrink("StockOnHand", 8)
    rotate(world)
    assert {item.stock_quantity for item in world.shelf.all() if item.sku != "NEWS"} == {5}
    assert seen(world) == []


def test_stock_of_an_obsolete_product_that_no_list_holds_stays(new_world: NewWorld) -> None:
    """Whether stock lists hold obsolete products is not known, so their absence says nothing."""
    world = in_step(new_world())
    world.books.change_product(world.guid("P0001"), obsolete=True)
    world.recent()
    world.unleashed.settings = settings(world, stock_of_obsolete=False)
    assert world.calls(lambda: rotate(world))[0] == 2
    assert {row.available for row in mirrored(world, "P0001").stock} == {5}


def test_a_filter_that_is_ignored_ends_the_rotation(on_either: NewWorld) -> None:
    """The first answer with strangers is the last: a sentence, a problem in status, no more such lists."""
    world = in_step(on_either())
    world.unleashed.settings = settings(world, product_id_filter="ignored")
    world.books.add_product("STRANGER", "Stranger", 1)
    (pulled, pushed) = rotate(world)
    assert (pulled.outcome, pulled.exit_code, pushed.outcome) == ("partial", 1, "done")
    assert "ignores the filter productId" in (pulled.error or "")
    found = calibrated(world, "product_filter")
    assert found is not None
    assert found.value == "ignored"
    assert any("ignores lists of products" in sentence for sentence in world.problems())
    assert world.calls(lambda: rotate(world))[0] == 0


def test_an_ignored_filter_is_tried_again_after_a_week(new_world: NewWorld) -> None:
    """Once it has an effect again, rotation goes on and the problem is gone."""
    world = in_step(new_world())
    world.unleashed.settings = settings(world, product_id_filter="ignored")
    world.books.add_product("STRANGER", "Stranger", 1)
    rotate(world)
    world.unleashed.settings = settings(world, product_id_filter="honoured")
    world.clock.pass_time(WEEK)
    news(world)
    assert world.calls(lambda: rotate(world))[0] >= 2
    found = calibrated(world, "product_filter")
    assert found is not None
    assert found.value == "works"
    assert not any("lists of products" in sentence for sentence in world.problems())


def test_a_poisoned_product_does_not_stop_the_round(new_world: NewWorld) -> None:
    """A row that cannot be read is parked, and the round goes on to the others."""
    world = in_step(new_world())
    guid = world.guid("P0001")
    world.unleashed.mischief.poison(
        "Products", guid, lambda row: row.replace('"DefaultSellPrice":10', '"DefaultSellPrice":"much"')
    )
    rotate(world)
    assert set(verified(world).values()) == {world.clock.now()}
    assert any("P0001" in sentence or guid in sentence for sentence in world.problems())
    world.unleashed.mischief.cure("Products", guid)
    rotate(world)
    assert world.problems() == []


def test_a_spent_purse_keeps_what_was_verified(new_world: NewWorld) -> None:
    """Lists that were read count; the rest comes when the purse has calls again."""
    world = in_step(new_world(), 99)
    world.account_keys = 'limits = [{ calls = 4, per = "hour" }]'
    (pulled, _) = rotate(world, minutes=60, lists=3)
    assert pulled.outcome == "paused"
    first = world.clock.now()
    assert list(verified(world).values()).count(first) == 80
    rotate(world, minutes=60, lists=3)
    assert list(verified(world).values()).count(first) == 20


def test_a_warehouse_that_unleashed_does_not_have_is_not_read(new_world: NewWorld) -> None:
    """A list of an unknown warehouse has no rows, which is not to say that there is no stock."""
    world = in_step(new_world(listing_keys='warehouses = ["W1"]'))
    world.listing_keys = 'warehouses = ["W1", "NOPE"]'
    (pulled, _) = rotate(world)
    assert "no warehouse NOPE" in (pulled.error or "")
    assert {row.warehouse for row in mirrored(world, "P0001").stock} == {"W1"}


def test_a_resync_of_a_deleted_product_marks_it_gone(new_world: NewWorld) -> None:
    """Asked for by its code, then by its guid: the next run treats its listing as an obsolete one's."""
    world = in_step(new_world(listing_keys=CREATING))
    guid = world.books.add_product("MINE", "Mine", 3)
    world.books.set_stock(guid, "W1", 2)
    world.recent()
    world.books.delete_product(guid)
    (_, _, missing), *_ = world.resync("MINE").missing
    assert missing.reason == "Unleashed no longer has the product MINE."
    assert mirrored(world, "MINE").product.gone
    world.recent()
    assert (world.item("MINE").status, link(world, "MINE").hidden_from) == ("draft", "live")


def test_a_twin_of_a_gone_product_takes_its_place(new_world: NewWorld) -> None:
    """A new product with the code of one that is gone is not ambiguous."""
    world = in_step(new_world())
    world.books.delete_product(world.guid("P0001"))
    rotate(world)
    world.shelf.delete(world.item("P0001").id)
    world.books.add_product("P0001", "The new one", 1)
    world.shelf.add_simple("P0001", "The new one", "1.00", 1)
    world.recent()
    assert [problem for problem in world.problems() if "several products" in problem] == []

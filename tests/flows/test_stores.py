"""Several stores on one account, codes in doubt, and listings that vanish, return or move."""

from __future__ import annotations

import pytest

from syncd.app.check import require_known_stores
from syncd.app.tidy import tidy
from syncd.errors import IdentityChanged
from tests.flows.conftest import NewWorld
from tests.flows.views import link, mirrored
from tests.world import Shop, World


def sold(world: World, code: str, stock: int = 5, **fields: object) -> str:
    if not world.books.warehouses:
        world.books.add_warehouse("W1", default=True)
    guid = world.books.add_product(code, f"Name of {code}", 10, **fields)  # type: ignore[arg-type]
    world.books.set_stock(guid, "W1", stock)
    return guid


def stock(shop: Shop, sku: str) -> list[object]:
    return [item.stock_quantity for item in shop.shelf.with_sku(sku)]


def two_shops(world: World) -> World:
    sold(world, "TEA")
    for shop in world.shops.values():
        shop.shelf.add_simple("TEA", "Tea", "10.00", 1)
    return world


def test_two_stores_are_fed_from_one_pull(on_either: NewWorld) -> None:
    """However many stores an account feeds, Unleashed is read once."""
    world = two_shops(on_either(shops=("shop", "other")))
    assert world.calls(world.recent)[0] == 4
    assert [stock(shop, "TEA") for shop in world.shops.values()] == [[5], [5]]
    assert world.calls(world.recent) == (2, 0)


@pytest.mark.parametrize("down", ["shop", "other"])
def test_a_store_that_is_down_does_not_stop_the_other(on_either: NewWorld, down: str) -> None:
    """Each store is pushed by itself: one that fails catches up later, the other waits for nobody."""
    world = two_shops(on_either(shops=("shop", "other")))
    world.shops[down].server.faults.add("refuse", times=2)
    reports = {report.step.store: report for report in world.recent()}
    up = "other" if down == "shop" else "shop"
    assert (reports[down].outcome, reports[up].outcome) == ("failed", "done")
    assert (stock(world.shops[down], "TEA"), stock(world.shops[up], "TEA")) == ([1], [5])
    world.recent()
    assert stock(world.shops[down], "TEA") == [5]


def test_unleashed_down_does_not_stop_the_stores(new_world: NewWorld) -> None:
    """What is already in the mirror reaches the store while Unleashed cannot be reached."""
    world = two_shops(new_world())
    world.shop.faults.add("refuse", times=2)
    world.recent()
    world.unleashed.faults.add("refuse", times=2)
    (pulled, pushed) = world.recent()
    assert (pulled.outcome, pushed.outcome) == ("failed", "done")
    assert stock(world.shops["shop"], "TEA") == [5]


def test_a_code_of_two_products_is_ambiguous(on_either: NewWorld) -> None:
    """Two products in use with one code: neither is linked, both are told of, and nothing is written."""
    world = on_either(listing_keys="create = true")
    sold(world, "TWIN", 5)
    sold(world, "TWIN", 6)
    world.shelf.add_simple("TWIN", "Twin", "1.00", 99)
    sold(world, "TWINS", 7)
    sold(world, "TWINS", 8)
    (_, pushed) = world.recent()
    assert (pushed.exit_code, pushed.counts.parked) == (1, 4)
    assert (stock(world.shops["shop"], "TWIN"), stock(world.shops["shop"], "TWINS")) == ([99], [])
    assert sum("several products with the code" in sentence for sentence in world.problems()) == 4
    assert world.recent()[1].exit_code == 0
    world.books.change_product(world.books.by_code("TWIN")[1].guid, code="OTHER")
    world.recent()
    done = world.resync("TWIN")
    assert [item.outcome for _, item in done.items] == ["written"]


def test_the_product_in_use_goes_before_an_obsolete_one(new_world: NewWorld) -> None:
    """Of two products with one code the one that is not obsolete has the listing."""
    world = new_world()
    sold(world, "TEA", 5, obsolete=True)
    sold(world, "TEA", 6)
    world.shelf.add_simple("TEA", "Tea", "1.00", 1)
    world.recent()
    assert stock(world.shops["shop"], "TEA") == [6]


def test_two_records_with_one_sku_are_ambiguous(on_either: NewWorld) -> None:
    """A shop with the SKU on two records gets no guess: it is told of with both ids, and left alone."""
    world = on_either(listing_keys="create = true")
    world.shop.settings.unique_skus = False
    sold(world, "TEA")
    ids = [world.shelf.add_simple("TEA", name, "1.00", 1).id for name in ("One", "Two")]
    world.recent()
    assert stock(world.shops["shop"], "TEA") == [1, 1]
    (sentence,) = world.problems()
    assert all(str(each) in sentence for each in ids)


@pytest.mark.parametrize("create", [True, False])
def test_a_deleted_listing_is_not_made_again(new_world: NewWorld, create: bool) -> None:
    """A listing that somebody deleted stays deleted; put back under its code it is linked again."""
    world = new_world(listing_keys=f"create = {str(create).lower()}")
    guid = sold(world, "TEA")
    world.shelf.add_simple("TEA", "Tea", "1.00", 1)
    world.recent()
    world.shelf.delete(world.item("TEA").id)
    world.books.set_stock(guid, "W1", 6)
    world.recent()
    assert (len(world.shelf), link(world, "TEA").gone) == (0, True)
    world.shelf.add_simple("TEA", "Tea again", "2.00", 1)
    world.books.set_stock(guid, "W1", 7)
    world.recent()
    assert stock(world.shops["shop"], "TEA") == [7]
    assert (world.item("TEA").name, link(world, "TEA").gone) == ("Tea again", False)


def test_a_created_listing_put_back_by_hand_is_adopted(new_world: NewWorld) -> None:
    """A record that a person made in the place of ours is theirs: its price and name stay."""
    world = new_world(listing_keys="create = true")
    guid = sold(world, "TEA")
    world.recent()
    world.shelf.delete(world.item("TEA").id)
    world.shelf.add_simple("TEA", "By hand", "2.00", 1)
    world.books.set_stock(guid, "W1", 7)
    world.books.change_product(guid, price=99, name="Ours")
    world.recent()
    item = world.item("TEA")
    assert (item.name, item.regular_price, item.stock_quantity) == ("By hand", "2.00", 7)


def test_a_trashed_listing_is_left_in_the_bin(on_either: NewWorld) -> None:
    """A listing in the bin is neither written nor doubled, and flows again once it is restored."""
    world = on_either(listing_keys="create = true")
    guid = sold(world, "TEA")
    world.recent()
    item = world.item("TEA")
    world.shelf.trash(item.id)
    writes = world.shops["shop"].writes()
    for quantity in (6, 7):
        world.books.set_stock(guid, "W1", quantity)
        world.recent()
    assert world.shops["shop"].writes() == writes
    assert stock(world.shops["shop"], "TEA") == [5]
    world.shelf.edit(item.id, status="draft")
    world.books.set_stock(guid, "W1", 8)
    world.books.change_product(guid, price=12)
    world.recent()
    assert (world.item("TEA").stock_quantity, world.item("TEA").regular_price) == (8, "12.00")


def test_a_code_in_the_bin_is_refused_with_a_sentence(new_world: NewWorld) -> None:
    """A product whose code is held by a record in the bin is parked, and linked once that is restored."""
    world = new_world(listing_keys="create = true")
    sold(world, "TEA")
    item = world.shelf.add_simple("TEA", "Tea", "1.00", 1)
    world.shelf.trash(item.id)
    world.recent()
    (sentence,) = world.problems()
    assert "bin" in sentence
    assert link(world, "TEA").created is False
    world.shelf.edit(item.id, status="publish")
    assert [each.outcome for _, each in world.resync("TEA").items] == ["written"]
    assert (world.problems(), link(world, "TEA").owned) == ([], frozenset())


def test_renamed_codes_keep_their_listings(on_either: NewWorld) -> None:
    """A code renamed in Unleashed changes nothing about which record is whose."""
    world = on_either(listing_keys="create = true")
    guid = sold(world, "OLD")
    world.shelf.add_simple("OLD", "Old", "1.00", 1)
    world.recent()
    world.books.change_product(guid, code="NEW")
    world.books.set_stock(guid, "W1", 8)
    assert "now called NEW" in world.resync("OLD").missing[0][-1].reason
    world.recent()
    assert (stock(world.shops["shop"], "OLD"), stock(world.shops["shop"], "NEW")) == ([8], [])


def test_swapped_codes_keep_their_listings(on_either: NewWorld) -> None:
    """Two products that exchange their codes keep their records: the guid decides, not the code."""
    world = on_either(listing_keys="create = true")
    one, two = sold(world, "ONE", 1), sold(world, "TWO", 2)
    for code in ("ONE", "TWO"):
        world.shelf.add_simple(code, code, "1.00", 9)
    world.recent()
    world.books.change_product(one, code="between")
    world.books.change_product(two, code="ONE")
    world.books.change_product(one, code="TWO")
    world.books.set_stock(one, "W1", 11)
    world.books.set_stock(two, "W1", 22)
    world.recent()
    assert (stock(world.shops["shop"], "ONE"), stock(world.shops["shop"], "TWO")) == ([11], [22])
    assert mirrored(world, "TWO").product.guid == one


def test_a_sku_that_moves_to_another_record_follows_the_link(new_world: NewWorld) -> None:
    """Of a SKU given to another record: the link decides while its record exists, then the code."""
    world = new_world()
    guid = sold(world, "TEA")
    first = world.shelf.add_simple("TEA", "First", "1.00", 1)
    world.recent()
    world.shelf.edit(first.id, sku="TEA-OLD")
    second = world.shelf.add_simple("TEA", "Second", "1.00", 1)
    world.books.set_stock(guid, "W1", 6)
    world.recent()
    assert (world.shelf[first.id].stock_quantity, world.shelf[second.id].stock_quantity) == (6, 1)
    world.shelf.delete(first.id)
    world.books.set_stock(guid, "W1", 7)
    world.recent()
    assert world.shelf[second.id].stock_quantity == 7


def test_a_variation_that_moves_to_another_parent_is_found_again(new_world: NewWorld) -> None:
    """A variation recreated under another parent is found by its code."""
    world = new_world()
    guid = sold(world, "SHIRT-S")
    parents = [world.shelf.add_variable(f"SHIRT-{number}", "Shirt") for number in range(2)]
    first = world.shelf.add_variation(parents[0], "SHIRT-S", "1.00", 1, "S")
    world.recent()
    world.shelf.delete(first.id)
    world.shelf.add_variation(parents[1], "SHIRT-S", "1.00", 1, "S")
    world.books.set_stock(guid, "W1", 6)
    world.recent()
    assert stock(world.shops["shop"], "SHIRT-S") == [6]


def test_another_shop_behind_the_address_is_refused(on_either: NewWorld) -> None:
    """A shop that is another one now gets nothing; the run names the command that confirms the move."""
    world = two_shops(on_either())
    world.recent()
    world.shop.settings.home = "https://somebody-else.test"
    world.books.set_stock(world.guid("TEA"), "W1", 9)
    with world.app() as app:
        tidy(app)
    (_, pushed) = world.recent()
    assert (pushed.outcome, pushed.exit_code) == ("failed", 2)
    assert "check --accept-identity shop" in (pushed.do or "")
    assert stock(world.shops["shop"], "TEA") == [5]


def test_a_deleted_product_takes_no_listing_with_it(new_world: NewWorld) -> None:
    """Absence is not deletion: a product that Unleashed no longer has leaves the shop as it is."""
    world = two_shops(new_world())
    world.recent()
    world.books.delete_product(world.guid("TEA"))
    world.recent()
    assert stock(world.shops["shop"], "TEA") == [5]
    missing = world.resync("TEA").missing[0][-1]
    assert missing.reason == "Unleashed no longer has the product TEA."


def test_a_service_does_not_start_on_another_shop(new_world: NewWorld) -> None:
    """At its start the service asks who is there: a stranger is refused, a shop that is down is not."""
    world = two_shops(new_world())
    world.recent()
    down = world.shop.faults.add("refuse", times=20)
    with world.app() as app:
        require_known_stores(app)
    assert down.times < 20
    down.times = 0
    world.shop.settings.home = "https://somebody-else.test"
    with world.app() as app, pytest.raises(IdentityChanged, match="somebody-else"):
        require_known_stores(app)

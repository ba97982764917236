"""A match holds everything both sides have against each other, cheaply, and writes nothing to the store."""

from __future__ import annotations

import pytest

from syncd.app import decide
from syncd.flows.match import Difference, Match
from syncd.jobs import Report
from tests.flows.conftest import NewWorld
from tests.flows.views import changed, link
from tests.world import Killed, Seams, World

SHADOW = 'mode = "shadow"'


def sold(world: World, code: str, stock: int = 5, price: str = "10", name: str = "", **more: object) -> str:
    """Put a product into Unleashed with stock in W1."""
    if not world.books.warehouses:
        world.books.add_warehouse("W1", default=True)
    guid = world.books.add_product(code, name or f"Name of {code}", price, **more)  # type: ignore[arg-type]
    world.books.set_stock(guid, "W1", stock)
    return guid


def matched(world: World, seams: Seams | None = None) -> tuple[Match | None, Report]:
    """Do `syncd match`, as a process of its own."""
    with world.process(seams) as app:
        return decide.match(app, "shop")


def match_of(world: World) -> Match:
    """Do `syncd match`, which must succeed."""
    found, report = matched(world)
    assert report.exit_code == 0
    assert found is not None
    return found


def two_sides(world: World) -> World:
    """A shop and a company that agree on some things, before anything is linked."""
    sold(world, "SAME")
    sold(world, "DIFFERENT", 5, "12.50")
    sold(world, "SHIRT-S", 3)
    sold(world, "ONLY-BOOKS")
    sold(world, "OLD", obsolete=True)
    world.shelf.add_simple("SAME", "Name of SAME", "10.00", 5)
    world.shelf.add_simple("DIFFERENT", "The shop's own", "11.00", 4)
    shirt = world.shelf.add_variable("SHIRT", "Shirt")
    world.shelf.add_variation(shirt, "SHIRT-S", "10.00", 3, "S")
    world.shelf.add_simple("ONLY-SHOP", "Only here", "1.00", 1)
    world.shelf.trash(world.shelf.add_simple("BINNED", "In the bin", "1.00", 1).id)
    return world


@pytest.mark.parametrize("mode", [SHADOW, ""])
def test_every_code_is_in_its_place(on_either: NewWorld, mode: str) -> None:
    """Found, only in Unleashed, only in the store: parents, the bin and obsolete products are left out."""
    world = two_sides(on_either(store_keys=SHADOW))
    world.recent()
    world.store_keys = mode
    found = match_of(world)
    assert found.matched == 3
    assert [each.code for each in found.only_unleashed] == ["ONLY-BOOKS"]
    assert [named.code for _, named in found.only_store] == ["ONLY-SHOP"]
    assert (found.duplicates, found.near_misses, found.unsettled) == ([], [], [])


def test_differences_are_told_by_who_may_change_them(on_either: NewWorld) -> None:
    """Stock would be written, price and name of a listing found there are kept, and all count as wrong."""
    world = two_sides(on_either(store_keys=SHADOW))
    world.recent()
    found = match_of(world)
    assert found.would_write == [Difference("DIFFERENT", "stock", "4", "5")]
    assert found.adopted_differences == [
        Difference("DIFFERENT", "name", "The shop's own", "Name of DIFFERENT"),
        Difference("DIFFERENT", "price", "11", "12.5"),
    ]
    assert (found.differing, dict(found.wrong)) == (1, {"stock": 1, "name": 1, "price": 1})
    assert found.kept["name", "the name of a variation comes from its parent product"] == 1


def test_an_unlinked_store_is_told_as_a_linked_one(new_world: NewWorld) -> None:
    """Before the first push, from the mirror alone, a match says what it says after links are known."""
    world = two_sides(new_world(store_keys=SHADOW))
    world.shop.faults.add("refuse", times=2)
    world.recent()
    assert link(world, "SAME").ref is None
    before = match_of(world)
    assert link(world, "SAME").ref is None
    world.recent()
    assert link(world, "SAME").ref is not None
    assert match_of(world) == before


def test_what_match_says_is_what_the_first_live_run_writes(on_either: NewWorld) -> None:
    """The changes that match foretells, new listings among them, are exactly those of the first live run."""
    world = two_sides(on_either(store_keys=SHADOW, listing_keys="create = true\npublish = true"))
    world.recent()
    foretold = [
        f"{each.code} {each.field}: {each.store} → {each.unleashed}" for each in match_of(world).would_write
    ]
    assert len(foretold) == 5
    world.store_keys = ""
    world.recent()
    assert sorted(changed(world)) == sorted(foretold)
    after = match_of(world)
    assert (after.would_write, after.matched, after.only_unleashed) == ([], 4, [])
    assert dict(after.wrong) == {"name": 1, "price": 1}


def test_a_match_writes_nothing(on_either: NewWorld) -> None:
    """No request that could change anything reaches the store, and no link moves."""
    world = two_sides(on_either(listing_keys="create = true"))
    world.recent(dry_run=True)
    match_of(world)
    assert world.shops["shop"].writes() == 0
    assert link(world, "SAME").ref is None
    assert changed(world) == []


def test_codes_on_several_records_come_with_their_ids(on_either: NewWorld) -> None:
    """A code on two records is told with both ids, and its product is not settled."""
    world = on_either(store_keys=SHADOW)
    world.shop.settings.unique_skus = False
    for code in ("TWIN", "LONE"):
        ids = [str(world.shelf.add_simple(code, "Twin", "1.00", 1).id) for _ in range(2)]
    sold(world, "LONE")
    world.recent()
    found = match_of(world)
    assert [code for code, _ in found.duplicates] == ["LONE", "TWIN"]
    assert found.duplicates[0][1] == tuple(ids)
    [(code, reason)] = found.unsettled
    assert code == "LONE"
    assert all(each in reason for each in ids)
    assert [named.code for _, named in found.only_store] == ["TWIN", "TWIN"]


@pytest.mark.parametrize(
    ("code", "sku", "why"),
    [
        ("TEA-100", "tea-100", "case"),
        ("TEA 100", "TEA100", "spaces"),
        ("TEA-100", "TEA_100", "dashes"),
        ("TEA-0100", "TEA-100", "leading zeros"),
        ("TEA-GREEN", "TEA-GREAN", "one character"),
    ],
)
def test_near_misses_are_told_and_never_linked(new_world: NewWorld, code: str, sku: str, why: str) -> None:
    """A code that was surely meant is named with the reason, and nothing is linked or written for it."""
    world = new_world()
    sold(world, code)
    world.shelf.add_simple(sku, "Something", "1.00", 1)
    world.recent()
    [near] = match_of(world).near_misses
    assert (near.code, near.sku, near.why) == (code, sku, why)
    assert world.shops["shop"].writes() == 0


def test_records_without_a_code_are_counted(new_world: NewWorld) -> None:
    """What the shop sells without a code can be no product's: it is counted, parents are not."""
    world = new_world()
    sold(world, "TEA")
    world.shelf.add_simple("", "Nameless", "1.00", 1)
    world.shelf.add_variable("", "A family")
    world.recent()
    assert match_of(world).uncoded == 1


def test_what_waits_for_a_person_is_told(on_either: NewWorld) -> None:
    """A listing that has vanished or lies in the bin is told with the reason."""
    world = two_sides(on_either())
    world.recent()
    world.shelf.delete(world.item("SAME").id)
    world.shelf.trash(world.item("DIFFERENT").id)
    sold(world, "BINNED")
    world.recent()
    found = match_of(world)
    reasons = dict(found.unsettled)
    assert set(reasons) == {"SAME", "DIFFERENT", "BINNED"}
    assert "no longer in the store" in reasons["SAME"]
    assert "bin" in reasons["DIFFERENT"]
    assert "bin" in reasons["BINNED"]
    assert [each.code for each in found.only_unleashed] == ["ONLY-BOOKS"]


def test_held_prices_are_told_once(new_world: NewWorld) -> None:
    """A tax mode that does not fit is one reason with the number of listings it concerns."""
    world = two_sides(new_world())
    world.shop.settings.calc_taxes = world.shop.settings.prices_include_tax = True
    world.recent()
    found = match_of(world)
    assert found.kept["price", "the store's prices include tax, but listing.tax names no rate"] == 3
    assert "price" not in found.wrong


def test_without_a_pull_there_is_nothing_to_compare(new_world: NewWorld) -> None:
    """Before Unleashed was read once, match stops with a sentence and spends no call."""
    world = new_world()
    world.shelf.add_simple("TEA", "Tea", "1.00", 1)
    found, report = matched(world)
    assert (found, report.exit_code, report.calls_store) == (None, 1, 0)
    assert "not read yet" in (report.error or "")
    assert "once recent" in (report.do or "")


def large(world: World, number: int) -> World:
    """A shop with many records, each of them in Unleashed."""
    for place in range(number):
        code = f"P-{place:05d}"
        sold(world, code)
        world.shelf.add_simple(code, f"Name of {code}", "10.00", 5)
    return world


def test_a_match_costs_the_pages_of_the_store(new_world: NewWorld) -> None:
    """230 records are three pages, the bin two, and Unleashed is not called at all."""
    world = large(new_world(), 230)
    world.recent()
    assert world.calls(lambda: match_of(world)) == (0, 5)


@pytest.mark.parametrize("page", [1, 2, 3, 4, 5])
def test_a_broken_off_scan_goes_on_where_it_stopped(new_world: NewWorld, page: int) -> None:
    """A fault at any page ends in exit code 3; the next match reads only the rest, and misses nothing."""
    world = large(new_world(), 230)
    world.recent()
    world.shop.faults.add("refuse", times=2, skip=page - 1)
    found, report = matched(world)
    assert (found, report.exit_code) == (None, 3)
    world.shelf.add_simple("LATE", "Put up in between", "1.00", 1)
    calls = world.calls(lambda: match_of(world))
    assert calls == (0, 5 - (page - 1))
    again = match_of(world)
    assert (again.matched, [named.code for _, named in again.only_store]) == (230, ["LATE"])


def test_a_killed_scan_goes_on_where_it_stopped(new_world: NewWorld) -> None:
    """Killed at each moment of a match, the next one goes on and finds what an undisturbed one does."""
    world = large(new_world(), 120)
    world.shelf.add_simple("ONLY-SHOP", "Only here", "1.00", 1)
    world.recent()
    world.close()
    seams = Seams()
    expected, _ = matched(world, seams)
    for moment in range(1, len(seams.passed) + 1):
        with pytest.raises(Killed):
            matched(world, Seams(kill_at=moment))
        world.clock.pass_time(world.settings().daemon.lease * 2)
        found, report = matched(world, Seams())
        assert (found, report.exit_code) == (expected, 0)


def test_an_old_scan_is_begun_anew(new_world: NewWorld) -> None:
    """What broke off more than a day ago is not mixed with what the shop shows today."""
    world = large(new_world(), 120)
    world.recent()
    world.shop.faults.add("refuse", times=2, skip=2)
    assert matched(world)[0] is None
    world.shelf.edit(world.item("P-00000").id, stock=1)
    world.clock.pass_time(world.settings().daemon.lease * 60 * 25)
    assert match_of(world).would_write == [Difference("P-00000", "stock", "1", "5")]


def test_three_thousand_codes_are_compared_quickly(new_world: NewWorld) -> None:
    """3,000 SKUs, every tenth of them nearly right, are compared completely; a page is a call."""
    world = new_world(store_keys=SHADOW)
    for place in range(3000):
        code = f"P-{place:05d}"
        sold(world, code)
        sku = code.lower() if place % 10 == 0 else code
        world.shelf.add_simple(sku, f"Name of {code}", "10.00", 5)
    world.shop.faults.add("refuse", times=2)
    world.recent()
    found, report = matched(world)
    assert found is not None
    assert (found.matched, len(found.near_misses), found.differing) == (2700, 300, 0)
    assert report.calls_store <= 40

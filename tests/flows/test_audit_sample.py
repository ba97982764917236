"""A random sample of listings is held against both sides, and says how much may be wrong in all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from syncd.app.audit_sample import Audited, audit
from tests.flows.conftest import NewWorld
from tests.flows.rotating import in_step, rotate, seen, sightings
from tests.flows.views import mirrored
from tests.world import World


def audited(world: World, sample: int = 300, seed: int = 7) -> Audited:
    """Audit the shop ten minutes later."""
    world.clock.pass_time(timedelta(minutes=10))
    with world.process() as app:
        return audit(app, "shop", sample, seed)


def told(found: Audited) -> list[tuple[str, str, str, str | None, str | None]]:
    """Return what is wrong: side, code, field and both values."""
    return [(one.side, one.code, one.field, one.before, one.after) for one in found.wrong]


def test_nothing_is_wrong_where_nothing_is(on_either: NewWorld) -> None:
    """Both sides agree: none of the sample differs, and the bound says how many of all may."""
    world = in_step(on_either(), 30)
    found = audited(world, 20)
    assert (found.linked, found.sampled, found.pending, told(found)) == (31, 20, 0, [])
    assert found.complete
    assert 100 * found.bound() == pytest.approx(13.9108, abs=1e-3)


def test_what_an_audit_costs(new_world: NewWorld) -> None:
    """300 listings are 8 lists, each once for the products and once for the stock, and three looks."""
    world = in_step(new_world(), 320)
    assert world.calls(lambda: audited(world)) == (16, 3)


def test_drift_on_either_side_is_found_and_kept(on_either: NewWorld) -> None:
    """A missed change counts for Unleashed's side, an edit for the store's; the next run writes both."""
    world = in_step(on_either())
    world.books.set_stock(world.guid("P0001"), "W1", 9, bump=False)
    world.item("P0002").stock_quantity = 1
    found = audited(world)
    assert told(found) == [
        ("unleashed", "P0001", "stock", "5", "9"),
        ("store", "P0002", "stock", "1", "5"),
    ]
    assert (found.differing(), found.differing("unleashed"), found.differing("store")) == (2, 1, 1)
    assert found.complete
    assert seen(world) == [
        ("P0001", "stock", "5", "9", "uncovered change"),
        ("P0002", "stock", "5", "1", "store-side edit"),
    ]
    assert {each.found_by for each in sightings(world)} == {"audit"}
    assert world.shops["shop"].writes() == 0
    world.recent()
    assert (world.item("P0001").stock_quantity, world.item("P0002").stock_quantity) == (9, 5)
    assert told(audited(world)) == []
    rotate(world)
    assert len(seen(world)) == 2


def test_what_is_on_its_way_does_not_count(new_world: NewWorld) -> None:
    """A change so fresh that no poll could bring it is pending, not wrong."""
    world = in_step(new_world())
    world.books.set_stock(world.guid("P0001"), "W1", 4)
    found = audited(world)
    assert (told(found), found.pending) == ([], 1)
    assert seen(world) == []


def test_what_the_store_keeps_for_itself_does_not_count(new_world: NewWorld) -> None:
    """Name and price of adopted listings, and fields that are not configured, are no matter of ours."""
    world = in_step(new_world())
    world.item("P0001").name = "The shop's own"
    world.item("P0001").regular_price = "99.00"
    assert told(audited(world)) == []


def test_a_lost_listing_counts(new_world: NewWorld) -> None:
    """A record that is not in the store any more is wrong as a whole."""
    world = in_step(new_world())
    item = world.item("P0001")
    world.shelf.delete(item.id)
    assert told(audited(world)) == [("store", "P0001", "listing", None, str(item.id))]
    world.recent()
    assert audited(world).linked == 5


def test_what_the_brake_holds_does_not_count(new_world: NewWorld) -> None:
    """A person knows of it already."""
    world = in_step(new_world(), 30)
    for number in range(30):
        world.books.set_stock(world.guid(f"P{number:04}"), "W1", 0, bump=False)
    rotate(world)
    assert told(audited(world)) == []


@pytest.mark.parametrize("side", ["unleashed", "store"])
def test_a_side_that_is_down_leaves_no_bound(new_world: NewWorld, side: str) -> None:
    """What could be read is kept; the report says which side failed."""
    world = in_step(new_world())
    faults: Any = world.unleashed.faults if side == "unleashed" else world.shop.faults
    faults.add("status", times=20)
    found = audited(world)
    assert not found.complete
    assert [report.exit_code for report in found.reports if report.exit_code] == [3]


def test_the_same_seed_draws_the_same_listings(new_world: NewWorld) -> None:
    """An audit can be repeated; what it read is verified."""
    world = in_step(new_world(), 60)
    audited(world, 10, seed=1)
    first = {code for code in _codes(world) if mirrored(world, code).synced_at == world.clock.now()}
    audited(world, 10, seed=1)
    again = {code for code in _codes(world) if mirrored(world, code).synced_at == world.clock.now()}
    assert len(first) == 10
    assert first == again


def test_a_store_without_links_has_nothing_to_audit(new_world: NewWorld) -> None:
    """No call is made for it."""
    world = new_world()
    found: list[Audited] = []
    assert world.calls(lambda: found.append(audited(world))) == (0, 0)
    assert (found[0].linked, found[0].sampled, found[0].reports) == (0, 0, [])


def _codes(world: World) -> list[str]:
    return [product.code for product in world.books.products()]

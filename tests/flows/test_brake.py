"""What would empty, hide or re-price too much at once is held; all else of the hour goes through."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.flows.braking import (
    BREAKS,
    TIGHT,
    W1,
    codes,
    diffs,
    empty,
    held,
    in_chunks,
    in_step,
    pushed,
    retire,
    slip,
    stocks,
    suspicious,
)
from tests.flows.conftest import NewWorld
from tests.world import World

LOTS = {"at once": 120, "by the page": 30, "over many runs": 7}


def allowed(lot: int, share: int, of: int = 120) -> int:
    """Return how many listings pass when `lot` more are wanted each time: none once it is too much."""
    passed = 0
    while passed < of and not (passed + lot >= 20 and passed + lot > share):
        passed += lot
    return passed


@pytest.mark.parametrize("way", LOTS)
@pytest.mark.parametrize("fault", BREAKS)
def test_nothing_passes_once_the_share_is_exceeded(new_world: NewWorld, fault: str, way: str) -> None:
    """However a fault trickles in over a day, what it may do is a share, and then nothing more."""
    world, size = in_step(new_world(listing_keys=W1)), LOTS[way]
    for place in range(0, 120, size):
        lot = codes(120)[place : place + size]
        BREAKS[fault](world, lot)
        for code in lot:
            world.books.change_product(world.guid(code), name=f"New name of {code}")
        pushed(world)
    passed = allowed(size, 12 if fault == "obsolete" else 24)
    assert suspicious(world) == set(codes(passed))
    assert len(held(world)) == 120 - passed
    assert {world.item(code).name for code in codes(120)} == {f"New name of {code}" for code in codes(120)}


@pytest.mark.parametrize("keys", ['warehouses = ["W2"]', f"{W1}\nprice_tier = 2"])
@pytest.mark.parametrize("lot", [0, 30, 7])
def test_a_wrong_setting_passes_neither_at_once_nor_by_rotation(
    new_world: NewWorld, keys: str, lot: int
) -> None:
    """A wrong warehouse or tier empties and re-prices a share of the shop at the most, whoever goes round."""
    world = in_step(new_world(listing_keys=W1))
    world.listing_keys = keys
    for code in codes(120):
        world.books.change_product(world.guid(code), name="Renamed")
    for place in range(0, 120 if lot else 0, lot or 1):
        world.resync(*codes(lot, place)[: 120 - place])
    pushed(world)
    passed = allowed(lot, 24) if lot else 0
    assert (suspicious(world), len(held(world))) == (set(codes(passed)), 120 - passed)
    assert {item.name for item in world.shelf.all()} == {"Renamed"}


@pytest.mark.parametrize("resource", ["StockOnHand", "Products"])
@pytest.mark.parametrize("rows", [0, 30])
def test_a_list_that_shrank_at_first_contact_empties_nothing(
    new_world: NewWorld, resource: str, rows: int
) -> None:
    """An empty or a truncated page in the first read of all leaves the shop as it was."""
    world = new_world(listing_keys=W1)
    world.books.add_warehouse("W1", default=True)
    for code in codes(120):
        world.books.set_stock(world.books.add_product(code, code, 10), "W1", 50)
        world.shelf.add_simple(code, code, "10.00", 50)
    world.unleashed.mischief.shrink(resource, rows)
    pushed(world)
    assert (suspicious(world), held(world)) == (set(), [])


@pytest.mark.parametrize("count", [690, 490])
def test_five_hundred_ordinary_decreases_pass_a_tripped_brake(new_world: NewWorld, count: int) -> None:
    """While a slip of all prices and an emptied fifth are held, every sale of the same hour goes through."""
    world = in_step(new_world(listing_keys=W1), count)
    sold, emptied = codes(count * 3 // 4), codes(count - count * 3 // 4, count * 3 // 4)
    slip(world, codes(count))
    for number, code in enumerate(sold):
        world.books.set_stock(world.guid(code), "W1", 49 - number % 24)
    empty(world, emptied)
    report = pushed(world, minutes=30)
    assert [world.item(code).stock_quantity for code in sold] == [49 - n % 24 for n in range(len(sold))]
    assert suspicious(world) == set()
    assert len(held(world)) == count + len(emptied)
    counts = report.counts
    assert (counts.read, counts.written, counts.held, counts.unchanged) == (count, len(sold), count, 0)
    for code in sold:
        world.books.set_stock(world.guid(code), "W1", 10)
    report = pushed(world, minutes=29)
    assert stocks(world, sold) == {10}
    assert (suspicious(world), report.counts.written) == (set(), len(sold))


def test_only_the_class_that_is_too_much_is_held(on_either: NewWorld) -> None:
    """Of listings that are emptied and re-priced, only the price waits if only prices are too many."""
    world = in_step(on_either(listing_keys=W1))
    slip(world, codes(60))
    empty(world, codes(15))
    retire(world, codes(10, 5))
    report = pushed(world)
    assert {line.partition(" ")[2] for line in held(world)} == {"price: 10 → 1000"}
    assert stocks(world, codes(15)) == {0}
    assert {item.regular_price for item in world.shelf.all()} == {"10.00"}
    assert [item.sku for item in world.shelf.all() if item.status == "draft"] == codes(10, 5)
    assert (report.outcome, report.exit_code, report.counts.held, report.counts.written) == (
        "done",
        1,
        60,
        15,
    )


@pytest.mark.parametrize(("count", "passes"), [(19, True), (20, False)])
def test_a_handful_never_brakes(new_world: NewWorld, count: int, passes: bool) -> None:
    """Fewer than twenty listings are nobody's accident, be they all of a small shop."""
    world = in_step(new_world(listing_keys=W1), count)
    empty(world, codes(count))
    pushed(world)
    assert len(suspicious(world)) == (count if passes else 0)


@pytest.mark.parametrize("size", [3, 500])
def test_a_share_that_is_allowed_is_written(
    new_world: NewWorld, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Up to the share everything goes through, in one chunk as in many, and each listing counts once."""
    in_chunks(monkeypatch, size)
    world = in_step(new_world(listing_keys=TIGHT), 20)
    empty(world, codes(4))
    slip(world, codes(4, 2))
    retire(world, codes(2, 18))
    world.books.set_stock(world.guid("P0005"), "W1", 7)
    report = pushed(world)
    counts = report.counts
    assert suspicious(world) == {*codes(6), *codes(2, 18)}
    assert (counts.read, counts.written, counts.held, counts.unchanged) == (8, 8, 0, 0)
    assert (held(world), report.exit_code) == ([], 0)
    assert world.item("P0005").stock_quantity == 7


def test_in_many_chunks_only_the_tripped_class_is_held(
    on_either: NewWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A listing that waits to the end for two reasons is written in the one that is not too much."""
    in_chunks(monkeypatch, 3)
    world = in_step(on_either(listing_keys=TIGHT), 20)
    slip(world, codes(8))
    empty(world, codes(3))
    world.books.change_product(world.guid("P0000"), name="Renamed")
    report = pushed(world)
    assert stocks(world, codes(3)) == {0}
    assert [line.partition(":")[0] for line in held(world)] == [f"{code} price" for code in codes(8)]
    assert (report.counts.read, report.counts.written, report.counts.held) == (8, 3, 8)
    assert world.item("P0000").name == "Renamed"
    assert world.calls(world.recent)[1] == 0


@pytest.mark.parametrize(("hours", "passes"), [(23, False), (25, True)])
def test_the_share_is_one_of_the_last_24_hours(new_world: NewWorld, hours: int, passes: bool) -> None:
    """What was written 25 hours ago counts no longer; what was written 23 hours ago does."""
    world = in_step(new_world(listing_keys=W1))
    empty(world, codes(24))
    pushed(world)
    assert len(suspicious(world)) == 24
    empty(world, codes(10, 24))
    pushed(world, minutes=60 * hours)
    assert len(suspicious(world)) == (34 if passes else 24)


def test_a_listing_counts_once_however_often_it_is_written(new_world: NewWorld) -> None:
    """What sells out, comes in and sells out again within the day is one listing of the share."""
    world = in_step(new_world(listing_keys=W1))
    for _ in range(3):
        empty(world, codes(20))
        pushed(world)
        assert len(suspicious(world)) == 20
        for code in codes(20):
            world.books.set_stock(world.guid(code), "W1", 5)
        pushed(world)
    assert (suspicious(world), held(world)) == (set(), [])


@pytest.mark.parametrize("size", [7, 500])
@pytest.mark.parametrize(("emptied", "passes"), [(20, True), (40, False)])
def test_the_first_live_run_counts_what_it_links(
    new_world: NewWorld, monkeypatch: pytest.MonkeyPatch, emptied: int, passes: bool, size: int
) -> None:
    """Shares are of the shop as it is being linked, so the first run brakes as a later one would."""
    in_chunks(monkeypatch, size)
    world = new_world(listing_keys=W1)
    world.books.add_warehouse("W1", default=True)
    for number, code in enumerate(codes(120)):
        guid = world.books.add_product(code, code, 10)
        world.books.set_stock(guid, "W1", 0 if number < emptied else 49)
        world.shelf.add_simple(code, code, "10.00", 50)
    pushed(world)
    assert len(suspicious(world)) == (emptied if passes else 0)
    assert stocks(world, codes(120 - emptied, emptied)) == {49}


def test_a_shop_that_did_not_count_is_not_emptied_unseen(new_world: NewWorld) -> None:
    """Listings that were sold without limit count as emptied when they are first tracked at zero."""
    world = new_world(listing_keys=f'{W1}\nmanage_stock = "enable"')
    world.books.add_warehouse("W1", default=True)
    for code in codes(30):
        world.books.set_stock(world.books.add_product(code, code, 10), "W1", 0)
        item = world.shelf.add_simple(code, code, "10.00", 50)
        world.shelf.edit(item.id, stock=None)
    pushed(world)
    assert len(held(world)) == 30
    assert stocks(world, codes(30)) == {None}


def test_a_resync_meets_the_tripped_brake(on_either: NewWorld) -> None:
    """One product asked for is held as long as its class is too much; the rest of it is written."""
    world = in_step(on_either(listing_keys=W1))
    empty(world, codes(60))
    pushed(world)
    done = world.resync("P0000")
    (item,) = [item for _, item in done.items]
    assert (item.outcome, item.held) == ("held", ("stock",))
    assert "held by the brake" in item.reason
    assert "syncd approve" in item.do
    assert len(held(world)) == 60
    world.books.change_product(world.guid("P0001"), name="Renamed")
    empty(world, ["P0100"])
    done = world.resync("P0001", "P0100")
    assert {item.code: (item.outcome, item.held) for _, item in done.items} == {
        "P0001": ("written", ("stock",)),
        "P0100": ("held", ("stock",)),
    }
    assert [report.exit_code for report in done.reports] == [0, 1]
    assert world.item("P0001").name == "Renamed"
    assert len(held(world)) == 61
    assert suspicious(world) == set()


def test_the_brake_of_one_store_does_not_stop_another(new_world: NewWorld) -> None:
    """Each store has its own shares, and its own name for its diff."""
    world = in_step(new_world(listing_keys=W1, shops=("shop", "kiosk")))
    for code in codes(30):
        world.shops["kiosk"].shelf.add_simple(code, code, "10.00", 50)
    for code in codes(30):
        world.books.change_product(world.guid(code), name="Renamed")
    world.recent()
    empty(world, codes(22))
    _, shop, kiosk = world.recent()
    assert (shop.counts.written, kiosk.counts.held) == (22, 22)
    assert suspicious(world, "kiosk") == set()
    assert diffs(world) == []


def test_a_dry_run_and_shadow_mode_hold_nothing(on_either: NewWorld) -> None:
    """They say what the brake would hold, keep nothing back and write nothing, there or in the database."""
    world = in_step(on_either(listing_keys=W1))
    slip(world, codes(60))
    world.books.set_stock(world.guid("P0099"), "W1", 3)
    writes = world.shops["shop"].writes()
    (_, dry) = world.recent(dry_run=True)
    assert dry.told[-1].startswith("The brake would hold 60 of these changes (price)")
    assert (dry.exit_code, dry.counts.held) == (0, 61)
    world.resync("P0001", dry_run=True)
    world.store_keys = 'mode = "shadow"'
    assert pushed(world).exit_code == 0
    (store,) = world.status().stores
    assert (dict(store.would_write), dict(store.would_hold)) == ({"price": 60, "stock": 1}, {"price": 60})
    assert (held(world), world.shops["shop"].writes(), store.counts.held) == ([], writes, 0)


def test_a_dry_run_leaves_alone_what_is_held(new_world: NewWorld) -> None:
    """A dry run a day later does not put behind what the next live run will judge anew."""
    world = in_step(new_world(listing_keys=W1))
    slip(world, codes(60))
    pushed(world)
    before = diffs(world)
    world.recent(dry_run=True, minutes=60 * 30)
    assert diffs(world) == before
    assert world.status().stores[0].counts.behind == 0


def test_a_held_product_that_becomes_sellable_again_is_not_published_by_us(new_world: NewWorld) -> None:
    """A listing whose hiding was held was never hidden by syncd, so a person's own hiding of it stays."""
    world = in_step(new_world(listing_keys=TIGHT), 10)
    retire(world, codes(5))
    pushed(world)
    assert suspicious(world) == set()
    world.shelf.edit(world.item("P0000").id, status="draft")
    world.books.change_product(world.guid("P0000"), obsolete=False)
    pushed(world)
    assert world.item("P0000").status == "draft"


def price(world: World, code: str) -> Decimal:
    return Decimal(world.item(code).regular_price)


def test_a_lost_answer_is_not_counted_twice(new_world: NewWorld) -> None:
    """Writes whose answer was lost are looked at and written again without using up the share twice."""
    world = in_step(new_world(listing_keys=W1))
    slip(world, codes(22))
    world.shop.faults.add("status", status=502, match=lambda request: request.method == "POST")
    pushed(world)
    pushed(world)
    assert {price(world, code) for code in codes(22)} == {Decimal(1000)}
    assert held(world) == []

"""The store is told what became of its orders: once, never backwards, and whatever dies on the way."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from syncd.app.notify import notify
from syncd.app.write_back import write_back
from syncd.emulator.woocommerce_orders_records import Order
from syncd.jobs import Report
from syncd.state import alerts
from tests.flows.conftest import NewWorld
from tests.flows.selling import LISTING, calls, stocked, watched
from tests.world import Killed, Seams, World

BOTH = '[store.shop.orders]\nwrite_back = {{ completed = "{status}", tracking = true }}'
TRACKING = "_syncd_tracking"


def sold(world: World) -> Order:
    """Sell one order and post it."""
    watched(stocked(world))
    order = world.buy("TEA")
    world.orders()
    return order


def told(
    world: World, *, minutes: float = 50, seams: Seams | None = None, dry_run: bool = False
) -> list[Report]:
    """Let time pass, then tell the stores what is news."""
    world.clock.pass_time(timedelta(minutes=minutes))
    with world.process(seams) as app:
        return write_back(app, "main", dry_run=dry_run)


def done_in_unleashed(world: World, tracking: str = "T1") -> None:
    """Complete the one order in Unleashed and send it off, as people do there."""
    world.clock.pass_time(timedelta(minutes=1))
    [sale] = world.sales()
    world.unleashed.sales.orders.completed(sale.guid, world.unleashed.settings)
    world.unleashed.sales.shipments.ship(sale.guid, tracking, "NZ Post")


def shown(order: Order) -> tuple[str, list[str], list[str]]:
    """Return status, tracking numbers, and the notes about them."""
    numbers = [str(each["value"]) for each in order.meta if each["key"] == TRACKING]
    return order.status, numbers, [note.text for note in order.notes if "tracking" in note.text]


def world_of(new_world: NewWorld, status: str = "completed") -> World:
    """Return a world whose shop wants to be told both."""
    return new_world(listing_keys=LISTING, more_toml=BOTH.format(status=status))


def test_a_completed_and_shipped_order_is_told_once(on_either: NewWorld) -> None:
    """Status and tracking number reach the shop with one note and its own mail; later runs write nothing."""
    world = world_of(on_either)
    order = sold(world)
    told(world)
    assert shown(order) == ("processing", [], [])
    done_in_unleashed(world)
    assert [report.outcome for report in told(world)] == ["done", "done"]
    assert shown(order) == ("completed", ["T1"], ["Sent, tracking number T1"])
    assert [mail for mail in world.shop.till.mails if mail[1] != "processing"] == [(order.id, "completed")]
    writes = world.shops["shop"].writes()
    for _ in range(3):
        told(world)
    assert world.shops["shop"].writes() == writes
    [document] = world.documents().values()
    assert (document.state, document.told_store) == ("posted", "completed, tracking T1")


def test_nothing_is_read_or_told_unless_it_is_configured(new_world: NewWorld) -> None:
    """Without write_back no call is made on either side."""
    world = new_world(listing_keys=LISTING)
    order = sold(world)
    done_in_unleashed(world)
    before = len(world.shop.calls)
    assert calls(world, lambda: told(world)) == []
    assert (len(world.shop.calls), shown(order)) == (before, ("processing", [], []))


def test_a_tracking_number_that_comes_later_is_told_then(new_world: NewWorld) -> None:
    """The status goes first; the number follows when somebody enters it, without a second status."""
    world = world_of(new_world)
    order = sold(world)
    done_in_unleashed(world, "")
    told(world)
    assert shown(order) == ("completed", [], [])
    [shipment] = world.unleashed.sales.shipments.register.all()
    world.unleashed.sales.shipments.track(shipment.guid, "T7", "NZ Post")
    told(world)
    assert shown(order) == ("completed", ["T7"], ["Sent, tracking number T7"])


def test_an_order_that_staff_moved_on_keeps_its_status(new_world: NewWorld) -> None:
    """What somebody set in the shop after it was sold is not set back; the tracking number is noted."""
    world = world_of(new_world)
    order = sold(world)
    done_in_unleashed(world)
    world.shop.till.set_status(order, "delivered")
    told(world)
    assert shown(order) == ("delivered", ["T1"], ["Sent, tracking number T1"])


def test_a_shop_that_refuses_is_told_to_a_person_once(new_world: NewWorld) -> None:
    """A cancelled order is left alone, a person is told, and the next runs do not try again."""
    world = world_of(new_world)
    order = sold(world)
    done_in_unleashed(world)
    world.shop.till.cancel(order)
    [pull, push] = told(world)
    assert (pull.outcome, push.counts.parked) == ("done", 1)
    writes = world.shops["shop"].writes()
    told(world)
    assert (world.shops["shop"].writes(), shown(order)[0]) == (writes, "cancelled")
    with world.process() as app:
        notify(app)
        with app.db.read() as conn:
            [alert] = [each for each in alerts.open_alerts(conn) if each.cause == "write-back"]
    assert f"Order {order.id} is cancelled in the shop" in alert.what


def test_shadow_and_dry_run_only_say_what_they_would_tell(new_world: NewWorld) -> None:
    """A dry run writes nothing and says it; the real run does it after."""
    world = world_of(new_world)
    order = sold(world)
    done_in_unleashed(world)
    dry = told(world, dry_run=True)[-1]
    assert dry.told == (f"order {order.id}: would tell the store: completed, tracking T1",)
    assert shown(order) == ("processing", [], [])
    told(world)
    assert shown(order)[0] == "completed"


def test_after_amnesia_no_staff_edit_is_undone(new_world: NewWorld) -> None:
    """With the database gone, an old order that staff moved on keeps its status."""
    world = world_of(new_world)
    order = sold(world)
    done_in_unleashed(world)
    told(world)
    world.clock.pass_time(timedelta(days=2))
    world.shop.till.set_status(order, "processing")
    world.close()
    for file in world.folder.glob("syncd.db*"):
        file.unlink()
    world.more_toml += f"\nsince = {world.clock.at - timedelta(days=9):%Y-%m-%dT%H:%M:%SZ}"
    watched(world)
    [document] = world.documents().values()
    assert (document.state, document.found["how"]) == ("posted", "found")
    told(world)
    assert shown(order) == ("processing", ["T1"], ["Sent, tracking number T1"])


def test_death_at_any_moment_tells_once(new_world: NewWorld, tmp_path: Path) -> None:
    """Killed around any call or commit, the shop shows both in the end, with one note and one mail."""
    start = world_of(new_world)
    sold(start)
    done_in_unleashed(start)
    undisturbed, seams = copied(start, tmp_path, 0), Seams()
    told(undisturbed, seams=seams)
    assert len(seams.passed) > 10
    for number in range(1, len(seams.passed) + 1):
        if seams.passed[number - 1] == "after_commit":
            continue
        world = copied(start, tmp_path, number)
        where = f"killed at moment {number} of {len(seams.passed)}: {seams.passed[number - 1]}"
        with pytest.raises(Killed):
            told(world, seams=Seams(number))
        for _ in range(2):
            told(world)
        [order] = world.shop.till.by_change(None, None)
        assert shown(order) == ("completed", ["T1"], ["Sent, tracking number T1"]), where
        mails = [mail for mail in world.shop.till.mails if mail[1] == "completed"]
        assert len(mails) == 1, where
        world.close()


def copied(start: World, tmp_path: Path, number: int) -> World:
    """Return a world that is as the first one is now, with everything of its own."""
    folder = tmp_path / f"killed at {number}"
    folder.mkdir()
    start.close()
    world = start.copied(folder)
    world.lasting, world.more_toml = True, start.more_toml
    return world

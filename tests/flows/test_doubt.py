"""A listing that the store never answers for does not keep the others from being written."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from syncd.cli.look import gather
from syncd.emulator.wire import Request
from tests.world import World, make_world


def world_with(tmp_path: Path, products: int) -> World:
    world = make_world(tmp_path)
    world.books.add_warehouse("W1", "Main", default=True)
    for number in range(products):
        guid = world.books.add_product(f"P-{number:03}", f"Product {number}", Decimal(10))
        world.books.set_stock(guid, "W1", 5)
        world.shelf.add_simple(f"P-{number:03}", f"Product {number}", "10.00", 1)
    return world


def crash_on(world: World, sku: str) -> None:
    """Let the shop fall over, unanswered, whenever this record is among those written."""
    record = world.shown(sku).id

    def holds_it(request: Request) -> bool:
        if not request.path.endswith("/batch"):
            return False
        return any(item["id"] == record for item in json.loads(request.body).get("update", []))

    world.shop.faults.add("status", status=502, times=10_000, match=holds_it)


def test_one_record_that_crashes_the_shop_does_not_stop_the_others(tmp_path: Path) -> None:
    """All but the one are right after one run; the one is parked by the next, with its sentence."""
    world = world_with(tmp_path, 60)
    crash_on(world, "P-020")

    first = world.recent()[-1]
    assert first.outcome == "failed"
    wrong = [number for number in range(60) if world.shown(f"P-{number:03}").stock_quantity != 5]
    assert wrong == [20]

    second, third = world.recent()[-1], world.recent()[-1]
    assert (second.outcome, second.counts.parked, second.exit_code) == ("done", 1, 1)
    assert (third.outcome, third.counts.parked, third.calls_store) == ("done", 0, 0)
    with world.app() as app:
        problems = [problem.what for problem in gather(app).problems]
    assert any("P-020" in what and "did not answer" in what for what in problems)


def test_a_shop_that_is_down_for_a_while_gets_everything_in_the_end(tmp_path: Path) -> None:
    """Unanswered writes of a whole shop are counted, but parked by nobody's fault only when alone."""
    world = world_with(tmp_path, 30)
    fault = world.shop.faults.add(
        "status", status=502, times=10_000, match=lambda request: request.path.endswith("/batch")
    )
    for _ in range(3):
        assert world.recent()[-1].outcome == "failed"
    fault.times = 0
    world.recent()
    assert all(world.shown(f"P-{number:03}").stock_quantity == 5 for number in range(30))

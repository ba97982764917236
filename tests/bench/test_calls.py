"""The counted calls of the bench at small sizes: what a first load, a quiet run and a resync may cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.calls import Calls, Counting, Least
from bench.ground import Ground, simple, stocked
from bench.measures import move_one
from syncd.app.recent import recent
from syncd.app.resync import resync
from syncd.emulator.catalogue import Catalogue, believable
from tests.bench.between import Between
from tests.world import VirtualClock

W3 = ("W1", "W2", "RET")


def counted(ground: Ground, work: Callable[[], object]) -> tuple[Calls, Least]:
    """Return the calls that the work made, and the fewest that a first load with its writes could make."""
    counting = Counting(ground)
    work()
    return counting.calls(), counting.first_load()


@pytest.mark.parametrize(
    ("warehouses", "listed"),
    [((), False), (("W1",), True)],
    ids=["sum, empty shop", "one warehouse, shop has them all"],
)
def test_first_load_costs_the_least(tmp_path: Path, warehouses: tuple[str, ...], listed: bool) -> None:
    """A first load reads each page once, looks a hundred codes at a time and writes full batches."""
    clock = VirtualClock()
    ground = stocked(simple(1050), warehouses, clock, listed=listed)
    calls, least = counted(ground, Between(ground, clock, tmp_path).once)
    assert least == Least(pages=4, looks=11, writes=11)
    assert calls.pages == 4
    assert calls.small <= 6
    # The first batch carries 50, before the shop has shown that it is quick; ten carry the rest.
    assert (calls.looks, calls.writes) == (11, 11)
    assert calls.checks <= 5


def test_few_differences_fill_batches_too(tmp_path: Path) -> None:
    """Where only some listings differ, their writes are gathered into full batches over several looks."""
    clock = VirtualClock()
    ground = stocked(simple(1100), ("W1",), clock, listed=True, off_by=0)
    for item in list(ground.shelf.all())[::3]:
        ground.shelf.edit(item.id, stock=int(item.stock_quantity or 0) + 5)
    calls, least = counted(ground, Between(ground, clock, tmp_path).once)
    assert (least.looks, least.writes) == (11, 4)
    assert calls.looks == 11
    assert calls.writes <= 5


def test_variations_cost_one_write_for_each_parent(tmp_path: Path) -> None:
    """Variations are written a family at a time, beside the full batches of simple products."""
    clock = VirtualClock()
    ground = stocked(believable(700), W3, clock, listed=True)
    calls, least = counted(ground, Between(ground, clock, tmp_path).once)
    assert calls.pages == least.pages
    assert calls.looks == least.looks
    # One more for the first batch of 50, and one where a family lies across two looks.
    assert 10 < least.writes <= calls.writes <= least.writes + 2


@pytest.mark.parametrize(
    ("catalogue", "warehouses"),
    [(simple(300), ()), (simple(300), ("W1",)), (believable(300), W3)],
    ids=["sum", "one warehouse", "three warehouses"],
)
def test_nothing_changed_costs_one_call_a_feed(
    tmp_path: Path, catalogue: Catalogue, warehouses: tuple[str, ...]
) -> None:
    """A run without any change asks each feed once and the shop not at all."""
    clock = VirtualClock()
    ground = stocked(catalogue, warehouses, clock, listed=False)
    between = Between(ground, clock, tmp_path)
    between.once()
    calls, _ = counted(ground, between.once)
    assert (calls.unleashed, calls.store) == (1 + len(warehouses or ("",)), 0)


@pytest.mark.parametrize("warehouses", [(), ("W1",), W3], ids=["sum", "one", "three"])
def test_one_stock_level_costs_a_look_and_a_write(tmp_path: Path, warehouses: tuple[str, ...]) -> None:
    """After a single stock level moved, the shop is asked for that record and told: two calls."""
    clock = VirtualClock()
    ground = stocked(_with_places(simple(50), warehouses), warehouses, clock, listed=False)
    between = Between(ground, clock, tmp_path)
    between.once()
    move_one(ground)
    calls, _ = counted(ground, between.once)
    assert calls == Calls(pages=1 + len(warehouses or ("",)), looks=1, writes=1)


@pytest.mark.parametrize("warehouses", [(), ("W1",), W3], ids=["sum", "one", "three"])
def test_resync_costs_two_calls_whatever_the_warehouses(tmp_path: Path, warehouses: tuple[str, ...]) -> None:
    """Bringing one product in step reads it and all its stock with two calls."""
    clock = VirtualClock()
    ground = stocked(_with_places(simple(50), warehouses), warehouses, clock, listed=False)
    between = Between(ground, clock, tmp_path)
    between.once()
    code = move_one(ground)
    with between.app() as app:
        calls, _ = counted(ground, lambda: resync(app, [code]))
    assert calls == Calls(pages=2, looks=1, writes=1)


def test_syncd_counts_as_the_emulators_do(tmp_path: Path) -> None:
    """The calls in the reports are those that arrived."""
    clock = VirtualClock()
    ground = stocked(simple(120), ("W1",), clock, listed=False)
    between = Between(ground, clock, tmp_path)
    with between.app() as app:
        reports = recent(app, "main")
    told = sum(one.calls_unleashed for one in reports), sum(one.calls_store for one in reports)
    assert told == (len(ground.unleashed.calls), len(ground.shop.calls))


def _with_places(catalogue: Catalogue, warehouses: tuple[str, ...]) -> Catalogue:
    return replace(catalogue, warehouses={name: name for name in warehouses or ("W1",)})

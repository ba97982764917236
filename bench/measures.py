"""What is measured: each function sets up one situation, lets syncd work, and says what it took."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.calls import Calls, Counting, Least
from bench.command import Command, Spent, against, reconfigured
from bench.ground import Ground, simple, stocked
from syncd.clock import SystemClock
from syncd.emulator.catalogue import Catalogue, believable

RECENT = ("once", "recent", "--json")
LIMIT_MB = 150.0


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table. `kept`: whether it is what the project promises."""

    what: str
    calls: Calls
    spent: Spent
    least: Least | None
    kept: bool


@contextmanager
def _working(
    catalogue: Catalogue, warehouses: tuple[str, ...], *, listed: bool
) -> Iterator[tuple[Ground, Command]]:
    ground = stocked(catalogue, warehouses, SystemClock().now, listed=listed)
    with TemporaryDirectory(prefix="syncd-bench-") as folder, against(ground, Path(folder)) as command:
        yield ground, command


def first_loads(size: int) -> Iterator[Measured]:
    """Measure first loads of simple products from one warehouse, and what a run costs afterwards."""
    products = f"{size:,} simple products"
    with _working(simple(size), (), listed=False) as (ground, command):
        yield _first_load(f"{products}, Unleashed's sum, shop empty", ground, command)
    with _working(simple(size), ("W1",), listed=True) as (ground, command):
        yield _first_load(f"{products}, W1, shop has them all, each stock wrong", ground, command)
    with _working(simple(size), ("W1",), listed=False) as (ground, command):
        yield _first_load(f"{products}, W1, shop empty", ground, command)
        yield from following(ground, command)
        yield from resyncs(ground, command)


def awkward_load(size: int) -> Iterator[Measured]:
    """Measure a first load of a believable catalogue: 6 % variations, awkward codes, three warehouses."""
    warehouses = ("W1", "W2", "RET")
    with _working(believable(size), warehouses, listed=True) as (ground, command):
        what = f"{size:,} products, 6 % variations, 3 warehouses, shop has those in use, each stock wrong"
        yield _first_load(what, ground, command)
        yield from following(ground, command)
    with _working(believable(size), warehouses, listed=False) as (ground, command):
        yield _first_load(f"{size:,} products, 3 warehouses, shop empty", ground, command)


def following(ground: Ground, command: Command) -> Iterator[Measured]:
    """Measure a run without any change since the first load, and one after a single stock level moved."""
    feeds = 1 + len(ground.warehouses or ("",))
    calls, spent = _counted(ground, command, RECENT)
    kept = spent.worked() and calls == Calls(pages=feeds)
    yield Measured("… then nothing changed", calls, spent, Least(feeds, 0, 0), kept)
    move_one(ground)
    calls, spent = _counted(ground, command, RECENT)
    kept = spent.worked() and calls == Calls(pages=feeds, looks=1, writes=1)
    yield Measured("… then one stock level moved", calls, spent, Least(feeds, 1, 1), kept)


def resyncs(ground: Ground, command: Command) -> Iterator[Measured]:
    """Measure `resync` of one product whose stock moved, with 0, 1 and 3 warehouses configured."""
    for warehouses in ((), ("W1",), ("W1", "W2", "W3")):
        for missing in set(warehouses) - set(ground.books.warehouses):
            ground.books.add_warehouse(missing)
        reconfigured(command, ground, warehouses)
        code = move_one(ground)
        calls, spent = _counted(ground, command, ("resync", code, "--json"))
        kept = spent.worked() and calls == Calls(pages=2, looks=1, writes=1)
        yield Measured(f"resync, {len(warehouses)} warehouses", calls, spent, None, kept)


def memory(size: int) -> Iterator[Measured]:
    """Measure the memory of first loads of many products, to be created and already there."""
    for listed, what in ((False, "shop empty"), (True, "shop has them all, each stock right")):
        ground = stocked(simple(size), ("W1",), SystemClock().now, listed=listed, off_by=0)
        with TemporaryDirectory(prefix="syncd-bench-") as folder, against(ground, Path(folder)) as command:
            one = _first_load(f"{size:,} simple products, W1, {what}", ground, command)
            light = one.spent.peak_mb is not None and one.spent.peak_mb < LIMIT_MB
            yield Measured(one.what, one.calls, one.spent, one.least, one.kept and light)


def move_one(ground: Ground) -> str:
    """Move the stock of one product that the shop has, and return its code."""
    product = next(one for one in ground.books.products() if one.stock.keys() >= {"W1"} and not one.obsolete)
    ground.books.set_stock(product.guid, "W1", product.stock["W1"].on_hand + 1, product.stock["W1"].allocated)
    return product.code


def _first_load(what: str, ground: Ground, command: Command) -> Measured:
    counting = Counting(ground)
    spent = command.run(*RECENT)
    calls, least = counting.calls(), counting.first_load()
    return Measured(what, calls, spent, least, spent.worked() and least.holds(calls))


def _counted(ground: Ground, command: Command, words: tuple[str, ...]) -> tuple[Calls, Spent]:
    counting = Counting(ground)
    spent = command.run(*words)
    return counting.calls(), spent

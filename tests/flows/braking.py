"""A shop that follows Unleashed in every field, the ways to break that, and what the brake says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import pytest

from syncd.app import decide
from syncd.flows.decided import HeldDiff
from syncd.flows.push import due
from syncd.jobs import Report
from tests.world import World

W1 = 'warehouses = ["W1"]'
TIGHT = f"{W1}\nbrake = {{ minimum = 2 }}"

Break = Callable[[World, Sequence[str]], None]


def in_step(world: World, count: int = 120, stock: int = 50) -> World:
    """Put `count` products on both sides, linked, with all their fields adopted, and nothing to do."""
    world.books.add_warehouse("W1", default=True)
    world.books.add_warehouse("W2")
    for code in codes(count):
        tiers = {2: Decimal(3)}
        guid = world.books.add_product(code, f"Name of {code}", 10, tiers=tiers)
        world.books.set_stock(guid, "W1", stock)
        world.books.set_stock(guid, "W2", 0)
        world.shelf.add_simple(code, f"Name of {code}", "10.00", stock)
    world.recent()
    with world.process() as app:
        decide.adopt(app, "shop", frozenset({"name", "price"}), [], dry_run=False)
    world.recent()
    return world


def in_chunks(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Have a run look at so many listings at a time and write them before the next (500: all at once)."""
    monkeypatch.setattr(due, "CHUNK", size)
    if size < 500:
        monkeypatch.setattr(due, "AT_ONCE", 0)


def codes(count: int, start: int = 0) -> list[str]:
    """Return the codes of so many products."""
    return [f"P{number:04d}" for number in range(start, start + count)]


def empty(world: World, some: Sequence[str]) -> None:
    """Have Unleashed say that nothing of these is left."""
    for code in some:
        world.books.set_stock(world.guid(code), "W1", 0)


def slip(world: World, some: Sequence[str]) -> None:
    """Give these their prices in cents."""
    for code in some:
        world.books.change_product(world.guid(code), price=1000)


def shrink(world: World, some: Sequence[str]) -> None:
    """Give these a hundredth of their prices."""
    for code in some:
        world.books.change_product(world.guid(code), price="0.10")


def retire(world: World, some: Sequence[str]) -> None:
    """Have these be obsolete."""
    for code in some:
        world.books.change_product(world.guid(code), obsolete=True)


BREAKS: Mapping[str, Break] = {
    "empty": empty,
    "unit slip": slip,
    "unit slip down": shrink,
    "obsolete": retire,
}


def heal(world: World, some: Sequence[str], stock: int = 50) -> None:
    """Give these back what they had."""
    for code in some:
        world.books.change_product(world.guid(code), price=10, obsolete=False)
        world.books.set_stock(world.guid(code), "W1", stock)


def suspicious(world: World, shop: str = "shop") -> set[str]:
    """Return the SKUs that the shop shows empty, off sale, or with a price that is far from 10."""
    return {
        item.sku
        for item in world.shops[shop].shelf.all()
        if item.stock_quantity == 0
        or item.status != "publish"
        or not Decimal(5) < Decimal(item.regular_price) < Decimal(15)
    }


def stocks(world: World, some: Sequence[str]) -> set[object]:
    """Return which quantities the shop shows for these."""
    return {world.item(code).stock_quantity for code in some}


def diffs(world: World) -> list[HeldDiff]:
    """Return what the brake holds."""
    with world.process() as app:
        return decide.diffs(app, ["shop"])


def held(world: World) -> list[str]:
    """Return what the brake holds, one line a field."""
    return [
        f"{each.code} {each.field}: {each.before} → {each.after}"
        for diff in diffs(world)
        for each in diff.changes
    ]


def approve(world: World, diff: HeldDiff) -> Report:
    """Do `syncd approve HASH`."""
    with world.process() as app:
        return decide.approve(app, diff.store, diff)


def pushed(world: World, *, minutes: float = 48) -> Report:
    """Do the recent job and return the report of the shop's half."""
    (_, report) = world.recent(minutes=minutes)
    return report

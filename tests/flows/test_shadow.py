"""Shadow mode and dry runs: everything is decided, nothing is written, and going live keeps the promise."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from sqlalchemy import select

from syncd.app import decide
from syncd.app.resync import resync
from syncd.core.model import FIELDS, Link
from syncd.core.product_plan import text
from syncd.emulator.catalogue import Catalogue, believable
from syncd.emulator.unleashed import UnleashedEmulator
from syncd.emulator.unleashed_books import Books
from syncd.emulator.woocommerce import Shelf
from syncd.state import links
from syncd.state.schema import change
from tests.flows.conftest import NewWorld
from tests.flows.views import changed, link
from tests.world import World, open_shop

Line = tuple[str, str, str | None, str | None, str]
"""One change: the product's guid, the field, before, after, and the rule."""

KEYS = 'create = true\npublish = true\nwarehouses = ["W1"]'


def stocked(world: World) -> World:
    """Something to create, to adopt, to leave, and something in step."""
    world.books.add_warehouse("W1", default=True)
    for number, code in enumerate(("NEW", "OLD", "SAME", "SHIRT-S")):
        guid = world.books.add_product(code, f"Name of {code}", 10 + number)
        world.books.set_stock(guid, "W1", 3 + number)
    world.shelf.add_simple("OLD", "The shop's own name", "99.00", 50)
    world.shelf.add_simple("SAME", "Name of SAME", "12.00", 5)
    shirt = world.shelf.add_variable("SHIRT", "Shirt")
    world.shelf.add_variation(shirt, "SHIRT-S", "13.00", 1, "S")
    return world


def planned(world: World) -> list[str]:
    """Return what a dry run says it would write, in the words of the audit."""
    codes = sorted(product.code for product in world.books.products())
    with world.process() as app:
        items = [item for _, item in resync(app, codes, dry_run=True).items]
    return [
        f"{item.code} {change.field}: {change.before} → {change.after}"
        for item in items
        for change in item.plan.changes
    ]


def test_shadow_writes_nothing(on_either: NewWorld) -> None:
    """A shadow run reads and decides, and the shop gets no request that could change anything."""
    world = stocked(on_either(listing_keys=KEYS, store_keys='mode = "shadow"'))
    before = world.shops["shop"].state()
    (_, pushed) = world.recent()
    world.recent()
    world.resync("NEW", "OLD")
    assert world.shops["shop"].writes() == 0
    assert world.shops["shop"].state() == before
    assert (pushed.outcome, pushed.counts.held, pushed.counts.written) == ("done", 3, 0)
    assert changed(world) == []
    assert link(world, "NEW").creating is False


def test_going_live_does_what_shadow_said(on_either: NewWorld) -> None:
    """The first live run writes exactly what the last shadow run decided, without a change in Unleashed."""
    world = stocked(on_either(listing_keys=KEYS, store_keys='mode = "shadow"'))
    world.recent()
    wanted = planned(world)
    assert len(wanted) == 6
    world.store_keys = ""
    world.recent()
    assert sorted(changed(world)) == sorted(wanted)
    assert world.calls(world.recent)[1] == 0
    assert planned(world) == []


def test_shadow_after_live_forgets_nothing(new_world: NewWorld) -> None:
    """Back in shadow mode created listings stay ours: live again, name and price flow."""
    world = stocked(new_world(listing_keys=KEYS))
    world.recent()
    world.store_keys = 'mode = "shadow"'
    world.books.change_product(world.guid("NEW"), name="Other", obsolete=True)
    writes = world.shops["shop"].writes()
    world.recent()
    assert world.shops["shop"].writes() == writes
    world.store_keys = ""
    world.recent()
    assert (world.item("NEW").name, world.item("NEW").status) == ("Other", "draft")
    world.books.change_product(world.guid("NEW"), obsolete=False)
    world.recent()
    assert world.item("NEW").status == "publish"


def test_a_dry_run_moves_no_link(on_either: NewWorld) -> None:
    """A dry run writes nothing and leaves everything as far behind as it was."""
    world = stocked(on_either(listing_keys=KEYS))
    world.recent(dry_run=True)
    assert world.shops["shop"].writes() == 0
    assert link(world, "OLD").ref is None
    done = world.resync("NEW", dry_run=True)
    (item,) = [item for _, item in done.items]
    assert (item.outcome, text(item.after.stock)) == ("would_write", "3")
    assert [report.exit_code for report in done.reports] == [0, 0]
    world.recent()
    assert world.item("NEW").stock_quantity == 3
    assert world.item("OLD").stock_quantity == 4


REFUSED = ("FUNNEL<5", "LID-90", "tin-250")
"""Codes of the catalogue that WooCommerce cannot keep, or holds for the same as another one's."""


def believable_world(world: World, size: int, seed: int) -> Catalogue:
    """Stock both sides from a believable catalogue, a third of it listed, and let the shop drift away."""
    catalogue = believable(size, seed)
    world.books = Books.from_catalogue(catalogue, world.clock)
    world.unleashed = UnleashedEmulator(world.books, world.clock)
    world.wire.emulator = world.unleashed
    shelf = Shelf.from_catalogue(catalogue.on_shelf(("W1",)), share_listed=0.35, clock=world.clock)
    world.shops["shop"] = open_shop(world.clock, shelf=shelf)
    for number, item in enumerate(shelf.all()):
        if number % 3 == 0 and item.stock_quantity is not None:
            shelf.edit(item.id, stock=number % 5)
        if number % 7 == 0 and item.regular_price:
            shelf.edit(item.id, regular_price=str(Decimal(item.regular_price) + 1))
        if number % 11 == 0:
            shelf.edit(item.id, name=f"{item.name} (the shop's own words)")
    return catalogue


def shadow_plan(world: World) -> list[Line]:
    """Return what the last shadow run keeps of what it would have written."""
    with world.process() as app:
        row = app.store_row("shop")
        with app.db.read() as conn:
            found = links.planned(conn, row.id)
    return sorted((each.guid, *line) for each in found for line in each.planned)


def written(world: World, *outcomes: str) -> list[Line]:
    """Return every change of a field that was sent, as the audit has it, with these outcomes."""
    with world.process() as app, app.db.read() as conn:
        wanted = select(change).where(change.c.outcome.in_(outcomes), change.c.field.in_(FIELDS))
        rows = conn.execute(wanted)
        return sorted((row.guid, row.field, row.before, row.after, row.rule) for row in rows)


def shows(world: World, links_: dict[str, Link], line: Line) -> bool:
    """Tell whether the shop shows what a line says it would, read past everything that syncd remembers."""
    guid, field, _, after, _ = line
    item = world.shelf[int((links_[guid].ref or "").rpartition("/")[2])]
    if field == "stock":
        return str(item.stock_quantity) == after
    if field == "price":
        return Decimal(item.regular_price) == Decimal(after or "")
    if field == "status":
        return item.status == {"live": "publish", "hidden": "draft"}[after or ""]
    return item.parent_id != 0 or bool(item.name)


@pytest.mark.parametrize("seed", [3, 8])
@pytest.mark.parametrize("adopted", [False, True])
def test_the_first_live_run_writes_the_last_shadow_plan(
    new_world: NewWorld, seed: int, adopted: bool
) -> None:
    """Over a believable catalogue, going live writes field by field what shadow mode kept, no more."""
    world = new_world(listing_keys=KEYS, store_keys='mode = "shadow"')
    believable_world(world, 240, seed)
    world.recent()
    if adopted:
        with world.process() as app:
            decide.adopt(app, "shop", frozenset({"price", "name"}), [], dry_run=False)
        world.recent()
    plan = shadow_plan(world)
    (store,) = world.status().stores
    assert dict(store.would_write) == dict(Counter(field for _, field, *_ in plan))
    assert len(plan) > 400
    assert (dict(store.would_hold), world.shops["shop"].writes()) == ({}, 0)
    world.store_keys = ""
    world.recent()
    assert written(world, "done", "refused") == plan
    refused = {line[0] for line in written(world, "refused")}
    assert refused <= {world.guid(code) for code in REFUSED}
    with world.process() as app:
        row = app.store_row("shop")
        with app.db.read() as conn:
            linked = {each.guid: each for each in links.listed(conn, row.id)}
    assert [line for line in written(world, "done") if not shows(world, linked, line)] == []
    assert (shadow_plan(world), world.calls(world.recent)[1]) == ([], 0)


def test_the_first_live_run_writes_the_plan_but_for_what_the_brake_holds(on_either: NewWorld) -> None:
    """What shadow mode said the brake would hold is held by the first live run; the rest is written."""
    world = on_either(listing_keys=f"{KEYS}\nbrake = {{ minimum = 5 }}", store_keys='mode = "shadow"')
    world.books.add_warehouse("W1", default=True)
    for number in range(40):
        guid = world.books.add_product(f"P{number}", f"Name {number}", 10)
        world.books.set_stock(guid, "W1", 0 if number < 9 else 3)
        if number < 30:
            world.shelf.add_simple(f"P{number}", f"Name {number}", "10.00", 5)
    world.recent()
    plan = shadow_plan(world)
    (store,) = world.status().stores
    assert dict(store.would_hold) == {"zero": 9}
    world.store_keys = ""
    (_, report) = world.recent()
    assert (report.exit_code, report.counts.held) == (1, 9)
    emptied = {world.guid(f"P{number}") for number in range(9)}
    assert written(world, "done") == [line for line in plan if line[0] not in emptied]
    with world.process() as app:
        (diff,) = decide.diffs(app, ["shop"])
    held = sorted((each.guid, each.field, each.before, each.after, each.rule) for each in diff.changes)
    assert held == [line for line in plan if line[0] in emptied]


def test_shadow_forgets_a_plan_that_is_no_longer_one(new_world: NewWorld) -> None:
    """What the shop's people put right meanwhile, or Unleashed took back, is planned no more."""
    world = stocked(new_world(listing_keys=KEYS, store_keys='mode = "shadow"'))
    world.recent()
    assert {line[0] for line in shadow_plan(world)} == {
        world.guid(code) for code in ("NEW", "OLD", "SHIRT-S")
    }
    world.books.set_stock(world.guid("OLD"), "W1", 50)
    world.books.change_product(world.guid("NEW"), obsolete=True)
    world.recent()
    assert {line[0] for line in shadow_plan(world)} == {world.guid("SHIRT-S")}
    assert dict(world.status().stores[0].would_write) == {"stock": 1}

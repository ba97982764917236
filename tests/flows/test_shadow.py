"""Shadow mode and dry runs: everything is decided, nothing is written, and going live keeps the promise."""

from __future__ import annotations

from syncd.app.resync import resync
from syncd.core.product_plan import text
from tests.flows.conftest import NewWorld
from tests.flows.views import changed, link
from tests.world import World

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

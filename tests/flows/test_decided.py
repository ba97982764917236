"""What a person decides about adopted listings and links is kept, and audited with its run."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from syncd.app import decide
from syncd.core.model import Link
from syncd.flows.decided import Adopted
from syncd.jobs import Report
from syncd.state.schema import change, run
from tests.flows.conftest import NewWorld
from tests.flows.views import changed, link
from tests.world import World


def sold(world: World, code: str, stock: int = 5, price: str = "10") -> str:
    """Put a product into Unleashed with stock in W1."""
    if not world.books.warehouses:
        world.books.add_warehouse("W1", default=True)
    guid = world.books.add_product(code, f"Name of {code}", price)
    world.books.set_stock(guid, "W1", stock)
    return guid


def adopted_shop(world: World, *codes: str) -> World:
    """Listings that the shop had before, with names and prices of its own, linked by a first run."""
    for place, code in enumerate(codes or ("TEA", "POT")):
        sold(world, code, 5, str(10 + place))
        world.shelf.add_simple(code, f"The shop's {code}", "99.00", 1)
    world.recent()
    return world


def adopt(world: World, fields: str, *codes: str, dry_run: bool = False) -> tuple[Adopted, Report]:
    """Do `syncd adopt`, as a process of its own."""
    with world.process() as app:
        done, report = decide.adopt(app, "shop", frozenset(fields.split(",")), codes, dry_run=dry_run)
    assert done is not None
    return done, report


def set_link(world: World, code: str, ref: str) -> tuple[Link | None, Report]:
    """Do `syncd links set`, as a process of its own."""
    with world.process() as app:
        return decide.set_link(app, "shop", code, ref)


def unset_link(world: World, code: str) -> tuple[str | None, Report]:
    """Do `syncd links unset`, as a process of its own."""
    with world.process() as app:
        return decide.unset_link(app, "shop", code)


def audited(world: World, fields: Sequence[str]) -> list[tuple[str, str, str | None, str | None, str]]:
    """Return every audit row of these fields: code, field, before, after, and the job of its run."""
    wanted = select(change, run.c.job).join(run, run.c.id == change.c.run_id).order_by(change.c.id)
    with world.process() as app, app.db.read() as conn:
        rows = conn.execute(wanted.where(change.c.field.in_(fields)))
        return [(row.code, row.field, row.before, row.after, row.job) for row in rows]


def told(world: World, code: str) -> tuple[str, str, object]:
    """Return name, price and stock as the shop has them."""
    item = world.item(code)
    return item.name, item.regular_price, item.stock_quantity


def test_only_stock_flows_until_a_field_is_adopted(on_either: NewWorld) -> None:
    """A listing found in the shop keeps its name and price through any number of changes in Unleashed."""
    world = adopted_shop(on_either())
    world.books.change_product(world.guid("TEA"), name="Other", price=12)
    world.books.set_stock(world.guid("TEA"), "W1", 7)
    world.recent()
    assert told(world, "TEA") == ("The shop's TEA", "99.00", 7)


def test_an_adopted_price_flows_and_the_name_stays(on_either: NewWorld) -> None:
    """After `adopt --fields price` the next run writes the price of every listing, and no name."""
    world = adopted_shop(on_either())
    done, report = adopt(world, "price")
    assert (sorted(done.codes), done.already, done.unknown) == (["POT", "TEA"], (), ())
    assert report.exit_code == 0
    assert world.shops["shop"].writes() == 1
    world.recent()
    assert told(world, "TEA") == ("The shop's TEA", "10.00", 5)
    assert told(world, "POT") == ("The shop's POT", "11.00", 5)
    world.books.change_product(world.guid("TEA"), name="Other", price=12)
    world.recent()
    assert told(world, "TEA") == ("The shop's TEA", "12.00", 5)


def test_only_the_named_listings_are_adopted(new_world: NewWorld) -> None:
    """With codes, the other listings stay as they are; spaces around a code do not count."""
    world = adopted_shop(new_world())
    done, _ = adopt(world, "price", " TEA ")
    assert done.codes == ("TEA",)
    world.recent()
    assert told(world, "TEA")[1] == "10.00"
    assert told(world, "POT")[1] == "99.00"


def test_fields_are_owned_one_by_one(on_either: NewWorld) -> None:
    """Name and price can be adopted one after the other; each is kept, and asked for again it is there."""
    world = adopted_shop(on_either(), "TEA")
    adopt(world, "price")
    assert link(world, "TEA").owned == {"price"}
    done, _ = adopt(world, "price")
    assert (done.codes, done.already) == ((), ("TEA",))
    done, _ = adopt(world, "price,name")
    assert done.codes == ("TEA",)
    world.recent()
    world.recent()
    assert link(world, "TEA").owned == {"price", "name"}
    assert told(world, "TEA") == ("Name of TEA", "10.00", 5)


@pytest.mark.parametrize("code", ["NOPE", "tea", "CREATED"])
def test_a_code_that_leads_nowhere_is_unknown(new_world: NewWorld, code: str) -> None:
    """Codes of no linked listing, in other letters, or of listings that are ours anyway, are unknown."""
    world = new_world(listing_keys="create = true")
    sold(world, "CREATED")
    adopted_shop(world, "TEA")
    done, _ = adopt(world, "price", "TEA", code)
    assert (done.codes, done.unknown) == (("TEA",), (code,))


def test_a_dry_run_adopts_nothing(on_either: NewWorld) -> None:
    """A dry run tells what would be adopted and changes neither link, listing nor audit."""
    world = adopted_shop(on_either())
    done, _ = adopt(world, "price", dry_run=True)
    assert sorted(done.codes) == ["POT", "TEA"]
    assert link(world, "TEA").owned == frozenset()
    assert audited(world, ["owned"]) == []
    assert world.calls(world.recent)[1] == 0


def test_every_decision_is_audited_with_its_run(on_either: NewWorld) -> None:
    """Adopting, setting and unsetting each leave what was before, what is after, and the run."""
    world = adopted_shop(on_either(), "TEA")
    other = str(world.shelf.add_simple("MINE", "By hand", "1.00", 1).id)
    before = link(world, "TEA").ref
    adopt(world, "price")
    set_link(world, "TEA", other)
    unset_link(world, "TEA")
    assert audited(world, ["owned", "link"]) == [
        ("TEA", "owned", "", "price", "adopt"),
        ("TEA", "link", before, other, "links"),
        ("TEA", "link", other, None, "links"),
    ]


def test_a_later_edit_in_the_store_is_corrected_and_told(on_either: NewWorld) -> None:
    """A person's price on an owned listing is put right, and recorded as a change in the store."""
    world = adopted_shop(on_either(), "TEA")
    adopt(world, "price")
    world.recent()
    world.shelf.edit(world.item("TEA").id, regular_price="55.00", name="By hand")
    done = world.resync("TEA")
    [(_, item)] = done.items
    assert told(world, "TEA") == ("By hand", "10.00", 5)
    [corrected] = item.plan.changes
    assert (corrected.before, corrected.after) == ("55", "10")
    assert "changed in the store since we wrote 10" in corrected.rule
    assert changed(world)[-1] == "TEA price: 55 → 10"


def test_an_edit_of_what_was_never_written_is_told_too(on_either: NewWorld) -> None:
    """A field that was right when it was adopted and is edited later is recorded as changed in the store."""
    world = adopted_shop(on_either(), "TEA")
    world.shelf.edit(world.item("TEA").id, regular_price="10.00")
    adopt(world, "price")
    world.recent()
    assert world.calls(world.recent)[1] == 0
    world.shelf.edit(world.item("TEA").id, regular_price="55.00")
    [(_, item)] = world.resync("TEA").items
    [corrected] = item.plan.changes
    assert (corrected.before, corrected.after) == ("55", "10")
    assert "changed in the store since" in corrected.rule


def test_a_link_set_by_hand_is_kept(on_either: NewWorld) -> None:
    """A product linked to a record with another code gets its stock there, run after run."""
    world = on_either(listing_keys="create = true")
    guid = sold(world, "TEA-100")
    ref = str(world.shelf.add_simple("tea_100", "The shop's", "99.00", 1).id)
    world.recent(dry_run=True)
    done, report = set_link(world, "TEA-100", ref)
    assert (done and done.ref, report.exit_code, report.calls_store) == (ref, 0, 1)
    for quantity in (7, 8):
        world.books.set_stock(guid, "W1", quantity)
        world.recent()
        assert told(world, "tea_100") == ("The shop's", "99.00", quantity)
    assert len(world.shelf) == 1
    assert (link(world, "TEA-100").ref, link(world, "TEA-100").owned) == (ref, frozenset())


def test_a_variation_can_be_linked_by_hand(new_world: NewWorld) -> None:
    """A variation is named with its parent, and its stock flows; the parent itself is refused."""
    world = new_world()
    sold(world, "SHIRT-S", 9)
    shirt = world.shelf.add_variable("SHIRT", "Shirt")
    small = world.shelf.add_variation(shirt, "S-SHIRT", "10.00", 1, "S")
    world.recent()
    refused, report = set_link(world, "SHIRT-S", str(shirt.id))
    assert (refused, report.exit_code) == (None, 1)
    assert "PARENT/ID" in (report.do or "")
    set_link(world, "SHIRT-S", f"{shirt.id}/{small.id}")
    world.recent()
    assert world.item("S-SHIRT").stock_quantity == 9


def test_a_link_that_is_there_already_stays_as_it_is(new_world: NewWorld) -> None:
    """Set again, a link loses nothing of what was adopted, and nothing is recorded."""
    world = adopted_shop(new_world(), "TEA")
    adopt(world, "price")
    ref = link(world, "TEA").ref or ""
    done, report = set_link(world, "TEA", ref)
    assert done is not None
    assert (sorted(done.owned), report.exit_code) == (["price"], 0)
    assert audited(world, ["link"]) == []


def test_a_record_of_another_product_is_refused(on_either: NewWorld) -> None:
    """A record has one product: setting a second one is refused until the first link is taken away."""
    world = adopted_shop(on_either())
    tea = link(world, "TEA").ref or ""
    done, report = set_link(world, "POT", tea)
    assert (done, report.exit_code) == (None, 1)
    assert "linked to another product" in (report.error or "")
    assert "links unset" in (report.do or "")
    assert link(world, "POT").ref != tea
    world.shelf.edit(int(tea), sku="NEITHER")
    unset_link(world, "TEA")
    done, _ = set_link(world, "POT", tea)
    assert done is not None
    assert link(world, "POT").ref == tea


@pytest.mark.parametrize(
    ("code", "ref", "what"),
    [
        ("TEA", "999999", "no record with the id 999999"),
        ("TEA", "no ref", "no record with the id no ref"),
        ("NOPE", "11", "No product with the code NOPE"),
        ("TWIN", "11", "2 products with the code TWIN"),
        ("TEA", "bin", "in the bin"),
    ],
)
def test_what_cannot_be_linked_is_said(new_world: NewWorld, code: str, ref: str, what: str) -> None:
    """An unknown record or product, two products of one code, a record in the bin: one sentence, a remedy."""
    world = adopted_shop(new_world(), "TEA")
    for _ in range(2):
        sold(world, "TWIN")
    binned = world.shelf.add_simple("BINNED", "Binned", "1.00", 1)
    world.shelf.trash(binned.id)
    world.recent()
    done, report = set_link(world, code, str(binned.id) if ref == "bin" else ref)
    assert (done, report.exit_code) == (None, 1)
    assert what in (report.error or "")
    assert report.do


def test_an_unset_link_is_looked_for_anew(on_either: NewWorld) -> None:
    """Once the link is taken away, the next run finds the record by its code, as adopted."""
    world = adopted_shop(on_either(), "TEA")
    adopt(world, "price")
    before = link(world, "TEA").ref
    assert unset_link(world, "TEA")[0] == before
    assert link(world, "TEA").ref is None
    world.recent()
    assert (link(world, "TEA").ref, link(world, "TEA").owned) == (before, frozenset())
    assert told(world, "TEA") == ("The shop's TEA", "99.00", 5)


def test_there_is_nothing_to_unset(new_world: NewWorld) -> None:
    """Taking away a link that is not there is no mistake, and leaves no trace."""
    world = new_world()
    sold(world, "TEA")
    world.recent()
    before, report = unset_link(world, "TEA")
    assert (before, report.exit_code) == (None, 0)
    assert audited(world, ["link"]) == []

"""What `why` explains is what the store shows, for every listing, and what it showed in the past."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from syncd.app import decide
from syncd.app.wiring import App
from syncd.core.model import AccountFacts, Shown
from syncd.core.product_plan import text
from syncd.emulator.catalogue import Catalogue, believable
from syncd.emulator.unleashed_books import Books
from syncd.emulator.woocommerce import Shelf
from syncd.flows.why import Asked, FieldReason, Why, explain
from syncd.state import accounts, scanned
from tests.flows.conftest import NewWorld
from tests.world import VirtualClock, World, open_shop

CATALOGUE = believable(2000)
NO_BRAKE = "brake = { zero = 1.0, unpublish = 1.0, price = 1.0, minimum = 100000 }"
CREATE = 'create = true\npublish = true\nwarehouses = ["W1"]'


@contextmanager
def asked(world: World) -> Iterator[tuple[App, Asked]]:
    """Yield what `syncd why` asks with."""
    with world.process() as app:
        row = app.store_row("shop")
        account = accounts.account_facts(app.account_row("main")) or AccountFacts()
        fit = app.store("shop", app.store_meter("shop", "why")).fit
        yield app, Asked(app.db, row, app.rules("shop"), account, fit)


def why(world: World, code: str, at: datetime | None = None) -> Why:
    """Explain the one product with this code."""
    with asked(world) as (_, question):
        [found] = explain(question, code, at=at)
        return found


def reason(world: World, code: str, name: str, at: datetime | None = None) -> FieldReason:
    """Explain one of its fields."""
    [found] = [each for each in why(world, code, at).fields if each.field == name]
    return found


def shelved(new_world: NewWorld, catalogue: Catalogue, share: float, **keys: str) -> World:
    """A company and a shop that sells this share of the catalogue, at other prices than Unleashed's."""
    clock = VirtualClock()
    world = new_world(clock=clock, books=Books.from_catalogue(catalogue, clock), **keys)
    shelf = Shelf.from_catalogue(catalogue.on_shelf(["W1"]), share_listed=share)
    for place, item in enumerate(shelf.all()):
        item.regular_price = f"{place}.50" if item.regular_price else ""
        if place % 3 == 0 and not item.is_variation:
            item.extra = {**item.extra, "tax_class": "reduced-rate"}
    world.shops["shop"] = open_shop(clock, shelf=shelf)
    return world


def compared(world: World) -> Counter[str]:
    """Hold every explained value against what the shop shows and what we wrote; count them by field."""
    found: Counter[str] = Counter()
    with asked(world) as (app, question):
        decide.match(app, "shop")
        with app.db.read() as conn:
            shelf = {shown.ref: shown for shown in scanned.everything(conn, question.row.id)}
        for code in sorted({product.code for product in world.books.products()}):
            for each in explain(question, code):
                if each.link.ref is not None and not each.link.gone:
                    found.update(_agreeing(each, shelf[each.link.ref]))
    return found


def _agreeing(each: Why, shown: Shown) -> list[str]:
    flowing = [field for field in each.fields if field.value is not None and field.flows]
    for field in flowing:
        code, wrote = each.mirrored.product.code, each.link.wrote.get(field.field)
        assert field.value == text(shown.content.get(field.field)), (code, field)
        assert wrote is None or field.value == text(wrote), (code, field)
        assert field.last is None or field.value == field.last.after, (code, field)
    return [field.field for field in flowing]


def test_why_equals_what_the_shop_shows(new_world: NewWorld) -> None:
    """For each of 2,000 listings, adopted or created, obsolete or not, every field that flows agrees."""
    world = shelved(new_world, CATALOGUE, 0.5, listing_keys=f"{CREATE}\n{NO_BRAKE}")
    world.recent()
    with world.process() as app:
        decide.adopt(app, "shop", frozenset({"price", "name"}), [], dry_run=False)
    world.recent()
    for product in list(world.books.products())[::7]:
        world.books.change_product(product.guid, obsolete=not product.obsolete, price="7.7777")
    world.recent()
    found = compared(world)
    assert found["stock"] > 1800
    assert found["name"] > 1700
    assert found["price"] > 1800
    assert found["status"] > 100


@pytest.mark.parametrize(
    ("keys", "decimals", "taxed"),
    [
        ("tax = 0.15\nprice_tier = 2", 2, True),
        ('tax = { standard = 0.15, reduced-rate = 0.09 }\nprice_tier = "Wholesale"', 2, True),
        ('tax = { standard = 0.15 }\nwarehouses = ["W1", "W2"]\nbuffer = 3', 0, True),
        ('price_tier = 3\nobsolete = "out_of_stock"', 1, False),
        ('fields = ["stock", "price"]\nobsolete = "leave"\nbuffer = 1', 3, False),
    ],
)
def test_why_equals_the_shop_under_every_rule(
    new_world: NewWorld, keys: str, decimals: int, taxed: bool
) -> None:
    """Tax classes, tiers, warehouses, buffers and price places lead `why` where they led the run."""
    catalogue = believable(300, seed=decimals + 11)
    world = shelved(new_world, catalogue, 0.6, listing_keys=f"create = true\n{keys}\n{NO_BRAKE}")
    world.shop.settings.price_decimals = decimals
    world.shop.settings.calc_taxes = world.shop.settings.prices_include_tax = taxed
    world.recent()
    with world.process() as app:
        decide.adopt(app, "shop", frozenset({"price"}), [], dry_run=False)
    world.recent()
    found = compared(world)
    assert found["stock"] > 200
    assert found["price"] > 60


def priced(world: World, price: str = "10") -> str:
    """One product that syncd creates in the shop."""
    world.books.add_warehouse("W1", default=True)
    guid = world.books.add_product("TEA", "Tea", price)
    world.books.set_stock(guid, "W1", 9)
    return guid


def test_why_tells_the_past(on_either: NewWorld) -> None:
    """Three prices at three times: asked for in between, each is told with its rule and its run."""
    world = on_either(listing_keys="create = true")
    guid = priced(world)
    before = world.clock.now()
    times, runs = [], []
    for price in ("10", "11", "12"):
        world.books.change_product(guid, price=price)
        world.recent()
        last = reason(world, "TEA", "price")
        times.append(world.clock.now())
        runs.append(last.last_run)
    assert len(set(runs)) == 3
    for moment, price, run in zip(times, ("10", "11", "12"), runs, strict=True):
        for at in (moment, moment + timedelta(minutes=40)):
            then = reason(world, "TEA", "price", at)
            assert (then.value, then.rule, then.last_run) == (price, "default sell price, ex tax", run)
    never = reason(world, "TEA", "price", before)
    assert (never.value, never.last, never.rule) == (None, None, "syncd had not written it by then")
    assert reason(world, "TEA", "price").value == "12"


def test_a_refused_write_is_not_the_past(new_world: NewWorld) -> None:
    """What the store refused never was; what was written before stands."""
    world = new_world(listing_keys="create = true")
    guid = priced(world)
    world.recent()
    world.books.change_product(guid, price=11)
    world.shop.faults.add("status", status=400, match=lambda request: request.method != "GET", times=9)
    world.recent()
    assert reason(world, "TEA", "price", world.clock.now()).value == "10"


def test_each_rule_is_named(on_either: NewWorld) -> None:
    """Buffer, warehouses, tier and tax are in the sentence from which a person can compute the value."""
    world = on_either(
        listing_keys='create = true\nwarehouses = ["W1"]\nbuffer = 2\ntax = 0.15\nprice_tier = 1'
    )
    world.shop.settings.calc_taxes = world.shop.settings.prices_include_tax = True
    guid = priced(world)
    world.books.change_product(guid, tiers={1: "8.33"})
    world.recent()
    stock, price = reason(world, "TEA", "stock"), reason(world, "TEA", "price")
    assert (stock.value, stock.rule) == ("7", "available W1 9 - buffer 2")
    assert (price.value, price.rule) == ("9.58", "sell price tier 1 + 15 % tax")
    assert (stock.last and stock.last.after, stock.last_at) == ("7", world.clock.now())


def test_a_field_that_does_not_flow_is_the_stores_own(on_either: NewWorld) -> None:
    """On a listing that was found there, price and name are told as the store's own until adopted."""
    world = on_either()
    priced(world)
    world.shelf.add_simple("TEA", "The shop's", "99.00", 1)
    world.recent()
    price, stock = reason(world, "TEA", "price"), reason(world, "TEA", "stock")
    assert (price.value, price.flows, price.last) == ("10", False, None)
    assert (stock.value, stock.flows) == ("9", True)


@pytest.mark.parametrize("price", [Decimal("0.004"), Decimal(0), None])
def test_a_price_that_is_none_is_left_alone(new_world: NewWorld, price: Decimal | None) -> None:
    """A price that is missing, zero, or nothing once rounded is left alone, and the reason says so."""
    world = new_world(listing_keys="create = true")
    guid = priced(world)
    world.books.change_product(guid, price=price)
    world.recent()
    told = reason(world, "TEA", "price")
    assert told.value is None
    assert any(word in told.rule for word in ("not set", "never pushed", "cannot hold 0.004"))
    assert world.item("TEA").regular_price == ""


def test_a_locked_field_is_told_after_a_match(new_world: NewWorld) -> None:
    """What the record cannot take is known from the last match: the name of a variation is its parent's."""
    world = new_world()
    priced(world)
    shirt = world.shelf.add_variable("SHIRT", "Shirt")
    world.shelf.add_variation(shirt, "TEA", "10.00", 1, "S")
    world.recent()
    with world.process() as app:
        decide.match(app, "shop")
    told = reason(world, "TEA", "name")
    assert (told.value, told.rule) == (None, "the name of a variation comes from its parent product")


def test_what_waits_is_told_as_behind(new_world: NewWorld) -> None:
    """A change that was read and not written yet makes the listing behind, and the new value is told."""
    world = new_world(listing_keys="create = true")
    guid = priced(world)
    world.recent()
    assert why(world, "TEA").behind is False
    world.books.change_product(guid, price=11)
    world.shop.faults.add("refuse", times=4)
    world.recent()
    told = why(world, "TEA")
    assert told.behind is True
    assert (reason(world, "TEA", "price").value, world.item("TEA").regular_price) == ("11", "10.00")
    assert told.believed[0].startswith("stock in all warehouses was read in full ")


def test_nothing_is_known_of_a_code_nobody_has(new_world: NewWorld) -> None:
    """A code that the mirror lacks has no explanation; two products with one code have one each."""
    world = new_world(listing_keys="create = true")
    priced(world)
    world.books.add_product("TEA", "The other tea", 1)
    world.recent()
    with asked(world) as (_, question):
        assert explain(question, "NOPE") == []
        assert len(explain(question, " TEA ")) == 2
        assert all("several products" in each.link.ambiguous for each in explain(question, "TEA"))

"""What is written where: our own listings and adopted ones, prices and tax, stock, and obsolete products."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from syncd.app.tidy import tidy
from tests.flows.conftest import NewWorld
from tests.flows.views import changed, link
from tests.world import World

CREATE = "create = true\npublish = true"


def sold(world: World, code: str = "TEA", price: object = 10, stock: object = 5, **fields: object) -> str:
    """Add a product with stock in W1 and return its guid."""
    if not world.books.warehouses:
        world.books.add_warehouse("W1", default=True)
    guid = world.books.add_product(code, f"Name of {code}", price, **fields)  # type: ignore[arg-type]
    if stock is not None:
        world.books.set_stock(guid, "W1", stock)  # type: ignore[arg-type]
    return guid


def shown(world: World, code: str = "TEA") -> tuple[object, ...]:
    item = world.item(code)
    return item.name, item.regular_price, item.stock_quantity, item.status


def test_an_adopted_listing_gets_stock_only(on_either: NewWorld) -> None:
    """On a listing that syncd did not create, name, price and status stay the shop's; stock flows."""
    world = on_either()
    guid = sold(world)
    world.shelf.add_simple("TEA", "The shop's name", "99.00", 1)
    world.recent()
    assert shown(world) == ("The shop's name", "99.00", 5, "publish")
    world.books.change_product(guid, name="Other", price=20, obsolete=True)
    world.books.set_stock(guid, "W1", 6)
    world.recent()
    assert shown(world) == ("The shop's name", "99.00", 6, "publish")
    assert link(world, "TEA").owned == frozenset()


def test_a_created_listing_gets_everything(on_either: NewWorld) -> None:
    """On a listing that syncd created, name, price, stock and status flow, each with its reason on record."""
    world = on_either(listing_keys=CREATE)
    guid = sold(world)
    world.recent()
    assert shown(world) == ("Name of TEA", "10.00", 5, "publish")
    world.books.change_product(guid, name="Other", price="20.5", obsolete=True)
    world.books.set_stock(guid, "W1", 6)
    world.recent()
    assert shown(world) == ("Other", "20.50", 6, "draft")
    assert changed(world)[-4:] == [
        "TEA name: Name of TEA → Other",
        "TEA price: 10 → 20.5",
        "TEA stock: 5 → 6",
        "TEA status: live → hidden",
    ]


def test_a_field_that_is_not_configured_is_left_alone(new_world: NewWorld) -> None:
    """Only the configured fields are written, on listings that syncd created as well."""
    world = new_world(listing_keys=f'{CREATE}\nfields = ["stock"]')
    guid = sold(world)
    world.recent()
    world.shelf.edit(world.item("TEA").id, name="By hand", regular_price="3.00")
    world.books.change_product(guid, name="Other", price=20)
    world.books.set_stock(guid, "W1", 6)
    world.recent()
    assert shown(world)[:3] == ("By hand", "3.00", 6)


@pytest.mark.parametrize(
    ("tier", "price"),
    [
        ('"default"', "10.00"),
        ("1", "11.00"),
        ('"Trade"', "12.00"),
        ("3", ""),
        ("4", ""),
        ("5", ""),
        ('"Gold"', ""),
    ],
)
def test_the_price_is_that_of_the_configured_tier(new_world: NewWorld, tier: str, price: str) -> None:
    """A tier by number or name gives the price; one that is null, zero, absent or unknown leaves it alone."""
    world = new_world(listing_keys=f"{CREATE}\nprice_tier = {tier}")
    world.books.tier_names[:5] = ["Retail", "Trade", "Zero", "Null", ""]
    sold(world, tiers={1: Decimal(11), 2: Decimal(12), 3: Decimal(0), 4: None})
    world.recent()
    assert shown(world)[1:3] == (price, 5)


@pytest.mark.parametrize("price", [None, 0, "-3", "0.0000"])
def test_no_price_is_never_a_price(new_world: NewWorld, price: object) -> None:
    """A price that turns null, zero or negative in Unleashed leaves the shop's price as it is."""
    world = new_world(listing_keys=CREATE)
    guid = sold(world)
    world.recent()
    world.books.change_product(guid, DefaultSellPrice=None if price is None else Decimal(str(price)))
    world.books.set_stock(guid, "W1", 6)
    world.recent()
    assert shown(world)[1:3] == ("10.00", 6)


@pytest.mark.parametrize(
    ("tax", "tax_class", "price"),
    [
        ("0.15", "", "11.50"),
        ("{ standard = 0.15, reduced-rate = 0.05 }", "", "11.50"),
        ("{ standard = 0.15, reduced-rate = 0.05 }", "reduced-rate", "10.50"),
        ("{ standard = 0.15 }", "zero-rate", "1.00"),
        ('"exclusive"', "", "1.00"),
    ],
)
def test_tax_is_added_where_the_shop_wants_it(
    new_world: NewWorld, tax: str, tax_class: str, price: str
) -> None:
    """Where prices include tax the rate of the record's class is added; without one the price is held."""
    world = new_world(listing_keys=f"{CREATE}\ntax = {tax}")
    world.shop.settings.calc_taxes = world.shop.settings.prices_include_tax = True
    guid = sold(world)
    world.recent()
    world.shelf.edit(world.item("TEA").id, tax_class=tax_class, regular_price="1.00")
    world.books.set_stock(guid, "W1", 6)
    world.recent()
    assert shown(world)[1:3] == (price, 6)


def test_another_currency_holds_prices_and_nothing_else(new_world: NewWorld) -> None:
    """A shop in another currency than the account gets no price, but name and stock."""
    world = new_world(listing_keys=CREATE)
    world.shop.settings.currency = "AUD"
    sold(world)
    world.recent()
    assert shown(world) == ("Name of TEA", "", 5, "draft")


def test_a_shop_that_tells_no_settings_still_gets_stock(new_world: NewWorld) -> None:
    """A key that may not read settings (403) holds the prices, and says so; stock and names flow."""
    world = new_world(listing_keys=CREATE)
    world.shop.settings.rights = "products"
    sold(world)
    world.shelf.add_simple("OLD", "Old", "1.00", 1)
    sold(world, "OLD")
    world.recent()
    assert shown(world)[1:3] == ("", 5)
    assert shown(world, "OLD")[1:3] == ("1.00", 5)
    assert any("would not tell" in sentence for sentence in world.problems())


@pytest.mark.parametrize("what", ["rights", "currency"])
def test_a_held_price_flows_once_its_reason_is_gone(on_either: NewWorld, what: str) -> None:
    """Once the shop's settings can be read, or its currency is put right, the tidy job frees every price."""
    world = on_either(listing_keys=CREATE)
    if what == "rights":
        world.shop.settings.rights = "products"
    else:
        world.shop.settings.currency = "AUD"
    for code in ("ONE", "TWO", "THREE"):
        guid = sold(world, code)
    world.recent()
    assert shown(world, "ONE")[1] == ""
    world.shop.settings.rights, world.shop.settings.currency = "manager", "NZD"
    world.clock.pass_time(timedelta(days=1))
    world.books.set_stock(guid, "W1", 9)
    with world.app() as app:
        assert [report.outcome for report in tidy(app)] == ["done", "done"]
    world.recent()
    assert [shown(world, code)[1] for code in ("ONE", "TWO", "THREE")] == ["10.00"] * 3
    assert world.calls(world.recent)[1] == 0


@pytest.mark.parametrize(
    "flag", [{"never_diminishing": True}, {"sellable": False}, {"component": True}, {"assembled": True}]
)
def test_stock_that_is_not_a_quantity_is_never_pushed(new_world: NewWorld, flag: dict[str, Any]) -> None:
    """Never diminishing, not sellable, a component, assembled: the shop's own figure stays."""
    world = new_world()
    sold(world, **flag)
    world.shelf.add_simple("TEA", "Tea", "10.00", 3)
    world.recent()
    assert shown(world)[2] == 3


@pytest.mark.parametrize(
    ("on_hand", "allocated", "keys", "stock"),
    [
        ("10", "3", "", 7),
        ("10", "3", "buffer = 2", 5),
        ("10", "9", "buffer = 2", 0),
        ("2", "5", "", 0),
        ("7.9", "0", "", 7),
        ("0.9999", "0", "", 0),
        ("-1.5", "0", "", 0),
    ],
)
def test_what_may_be_sold(new_world: NewWorld, on_hand: str, allocated: str, keys: str, stock: int) -> None:
    """Available less the buffer, never negative, whole units rounded down."""
    world = new_world(listing_keys=keys)
    guid = sold(world, stock=None)
    world.books.set_stock(guid, "W1", on_hand, allocated)
    world.shelf.add_simple("TEA", "Tea", "10.00", 99)
    world.recent()
    assert shown(world)[2] == stock


def test_only_the_configured_warehouses_count(on_either: NewWorld) -> None:
    """Stock is the sum over the store's warehouses; what lies elsewhere is not for sale."""
    world = on_either(listing_keys='warehouses = ["W1", "W2"]')
    guid = sold(world)
    for warehouse, quantity in (("W2", 20), ("RET", 300)):
        world.books.add_warehouse(warehouse)
        world.books.set_stock(guid, warehouse, quantity)
    world.shelf.add_simple("TEA", "Tea", "10.00", 1)
    world.recent()
    assert shown(world)[2] == 25
    world.books.set_stock(guid, "W2", 0)
    world.recent()
    assert shown(world)[2] == 5


@pytest.mark.parametrize(
    ("rule", "status", "stock"),
    [("draft", "draft", 5), ("out_of_stock", "publish", 0), ("leave", "publish", 5)],
)
def test_obsolete_and_back(new_world: NewWorld, rule: str, status: str, stock: int) -> None:
    """Obsolete products are hidden, emptied or left, and are as before once they are no longer obsolete."""
    world = new_world(listing_keys=f'{CREATE}\nobsolete = "{rule}"')
    guid = sold(world)
    world.recent()
    world.books.change_product(guid, obsolete=True)
    world.recent()
    assert shown(world)[2:] == (stock, status)
    world.books.change_product(guid, obsolete=False)
    world.recent()
    assert shown(world)[2:] == (5, "publish")


def test_a_listing_that_was_hidden_before_stays_hidden(new_world: NewWorld) -> None:
    """Coming back from obsolete does not put on sale what the shop's owner had taken off sale."""
    world = new_world(listing_keys="create = true")
    guid = sold(world)
    world.recent()
    for obsolete in (True, False):
        world.books.change_product(guid, obsolete=obsolete)
        world.recent()
        assert shown(world)[3] == "draft"


def test_an_obsolete_product_is_not_created(new_world: NewWorld) -> None:
    """What is obsolete, not sellable or a component gets no new listing."""
    world = new_world(listing_keys=CREATE)
    for number, flag in enumerate(({"obsolete": True}, {"sellable": False}, {"component": True})):
        sold(world, f"NO-{number}", **flag)
    world.recent()
    assert len(world.shelf) == 0


@pytest.mark.parametrize(("rule", "stock"), [("leave", None), ("enable", 5)])
def test_untracked_stock_is_left_or_enabled(new_world: NewWorld, rule: str, stock: int | None) -> None:
    """A record whose stock the shop does not track is left so, unless manage_stock says to enable it."""
    world = new_world(listing_keys=f'manage_stock = "{rule}"')
    sold(world)
    world.shelf.add_simple("TEA", "Tea", "10.00", None)
    world.recent()
    assert shown(world)[2] == stock
    assert world.calls(world.recent)[1] == 0


def test_new_listings_are_hidden_unless_told_otherwise(new_world: NewWorld) -> None:
    """Without listing.publish a new listing waits for a person; without a price it waits all the same."""
    world = new_world(listing_keys="create = true")
    sold(world)
    world.recent()
    assert shown(world) == ("Name of TEA", "10.00", 5, "draft")
    other = new_world(listing_keys=CREATE)
    sold(other, price=None)
    other.recent()
    assert shown(other) == ("Name of TEA", "", 5, "draft")


def test_a_changed_rule_reaches_every_listing(on_either: NewWorld) -> None:
    """A changed configuration puts every listing behind once, without a change in Unleashed."""
    world = on_either(listing_keys=CREATE)
    for code in ("ONE", "TWO"):
        sold(world, code)
    world.recent()
    world.listing_keys = f"{CREATE}\nbuffer = 4"
    world.recent()
    assert [shown(world, code)[2] for code in ("ONE", "TWO")] == [1, 1]
    assert world.calls(world.recent)[1] == 0

"""What syncd wrote comes back in another spelling, and is not written again."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from syncd.emulator.catalogue import Dice, believable
from syncd.emulator.unleashed_books import Books
from syncd.emulator.woocommerce import Shelf
from tests.flows.conftest import NewWorld
from tests.world import World, open_shop

CREATE = "create = true\npublish = true"

AWKWARD = (
    "Tea & biscuits <3",
    "  padded  ",
    "O'Neill's \"best\" — crème brûlée",
    "emoji 🍵🏴‍☠️ and ﷽",
    "back\\slash \\n \\u0041",
    "&amp; already &lt;escaped&gt; &#8211;",
    "<b>bold</b> <script>alert(1)</script>",
    "n" * 700,
    "two\nlines\tand a tab",
    "ends in a dot.",
    "100 % cotton %20 %zz",
    "non\u00a0breaking \u200bzero width \u202eright to left",
    "0",
    "½ price £5 €3 ¥2",
)
PRICES = ("9.995", "9.994", "0.005", "0.004", "1234567.891", "10.0000", "1E+3", "99.99999999999999")
CODES = (
    "  TRIM ",
    "a,b",
    "0",
    "12",
    "13",
    "%20",
    "ümlaut-ß",
    "sla/sh",
    "q?x=1&y",
    "<tag>",
    "TWO  SPACES",
    "#1",
)


def three_runs(world: World) -> None:
    """Run twice to settle whatever is to be settled; the third run must find nothing to do."""
    world.recent()
    world.recent()
    writes = world.shops["shop"].writes()
    assert world.calls(world.recent)[1] == 0
    assert world.shops["shop"].writes() == writes


@pytest.mark.parametrize("name", AWKWARD)
def test_an_awkward_name_is_written_once(new_world: NewWorld, name: str) -> None:
    """However the shop escapes, trims or spells a name, it is not written a second time."""
    world = new_world(listing_keys=CREATE)
    world.books.add_product("TEA", name, 10)
    three_runs(world)
    writes = world.shops["shop"].writes()
    assert world.resync("TEA").items[0][1].outcome == "unchanged"
    assert world.shops["shop"].writes() == writes


@pytest.mark.parametrize("decimals", [0, 2, 3])
@pytest.mark.parametrize("price", PRICES)
def test_a_long_price_is_written_once(new_world: NewWorld, price: str, decimals: int) -> None:
    """A price with more places than the shop keeps is rounded, written, and then left alone."""
    world = new_world(listing_keys=f"{CREATE}\ntax = 0.15")
    world.shop.settings.price_decimals = decimals
    world.shop.settings.calc_taxes = world.shop.settings.prices_include_tax = True
    world.books.add_product("TEA", "Tea", Decimal(price))
    three_runs(world)
    assert world.resync("TEA").items[0][1].outcome == "unchanged"


def test_awkward_codes_are_created_once_and_not_mixed_up(new_world: NewWorld) -> None:
    """Codes that look like ids, lists, escapes or tags each get their own listing, or a sentence why not."""
    world = new_world(listing_keys=CREATE)
    for number, code in enumerate(CODES):
        guid = world.books.add_product(code, f"Name of {code}", 10 + number)
        world.books.add_warehouse("W1", default=True)
        world.books.set_stock(guid, "W1", 100 + number)
    three_runs(world)
    found = world.shops["shop"].state()
    for number, code in enumerate(CODES):
        if code in ("%20", "<tag>", "TWO  SPACES"):
            assert any(code.strip() in sentence for sentence in world.problems())
        else:
            ((_, price, stock, _),) = found[code.strip()]
            assert (price, stock) == (f"{10 + number}.00", 100 + number)


def test_a_code_that_is_another_listings_id(new_world: NewWorld) -> None:
    """A product whose code is the number of somebody else's record is not taken for that record."""
    world = new_world(listing_keys=CREATE)
    for code in ("AAA", "BBB"):
        world.shelf.add_simple(code, code, "1.00", 1)
        world.books.add_product(code, code, 1)
    world.recent()
    for code in ("AAA", "BBB"):
        world.books.add_product(str(world.item(code).id), f"Numbered after {code}", 2)
        world.books.change_product(world.guid(code), price=3)
    world.recent()
    assert world.problems() == []
    for code in ("AAA", "BBB"):
        assert world.item(str(world.item(code).id)).name == f"Numbered after {code}"


@pytest.mark.parametrize("seed", range(3))
def test_the_third_run_after_any_changes_writes_nothing(new_world: NewWorld, seed: int) -> None:
    """Over a believable catalogue changed at random, two runs bring everything in step."""
    world, dice = new_world(listing_keys=f'{CREATE}\nwarehouses = ["W1", "W2"]'), Dice(seed)
    catalogue = believable(120, seed)
    world.books = world.unleashed.books = Books.from_catalogue(catalogue, world.clock)
    world.unleashed = type(world.unleashed)(world.books, world.clock)
    world.wire.emulator = world.unleashed
    shelf = Shelf.from_catalogue(catalogue.on_shelf(("W1",)), share_listed=0.5, clock=world.clock)
    world.shops["shop"] = open_shop(world.clock, shelf=shelf)
    three_runs(world)
    for _ in range(2):
        for _ in range(40):
            _change_something(world, dice)
        three_runs(world)
    assert [sku for sku, items in world.shops["shop"].state().items() if sku and len(items) > 1] == []


def _change_something(world: World, dice: Dice) -> None:
    product = dice.one_of(world.books.products())
    kind = dice.below(6)
    if kind == 0:
        world.books.set_stock(product.guid, dice.one_of(("W1", "W2")), dice.below(50), dice.below(9))
    elif kind == 1:
        world.books.change_product(product.guid, price=Decimal(dice.below(10**7)).scaleb(-4))
    elif kind == 2:
        world.books.change_product(product.guid, name=dice.one_of(AWKWARD))
    elif kind == 3:
        world.books.change_product(product.guid, obsolete=not product.obsolete)
    elif kind == 4:
        world.books.change_product(
            product.guid, never_diminishing=dice.chance(500), sellable=dice.chance(800)
        )
    else:
        item = dice.one_of(list(world.shelf.all()))
        world.shelf.edit(item.id, regular_price=str(dice.below(99)))


@examples(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(
    name=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40),
    price=st.decimals(min_value=0, max_value=10**6, places=6, allow_nan=False),
)
def test_any_name_and_price_settle(new_world: NewWorld, name: str, price: Decimal) -> None:
    """Whatever text and price Unleashed holds, the listing made of it is not written again."""
    world = new_world(listing_keys=CREATE)
    world.books.add_product("TEA", name, price)
    world.recent()
    assert world.shown("TEA") is not None
    assert world.resync("TEA").items[0][1].outcome == "unchanged"

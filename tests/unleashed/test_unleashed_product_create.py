"""Products are created only into a void, one by one or many with two look-ups."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from syncd.core.model import Product
from syncd.core.sale import NewProduct
from syncd.emulator.wire import Request
from syncd.errors import BadAnswer, OutcomeUnknown, RequestRefused
from syncd.unleashed import products
from syncd.unleashed.client import Unleashed
from syncd.unleashed.products import create_product, create_products
from tests.unleashed.unleashed_sale import NEW_PRODUCT, TEA
from tests.unleashed.unleashed_world import (
    START,
    STRANGER,
    Canned,
    World,
    answer,
    client_of,
    page,
    product_row,
)

SINCE = START - timedelta(hours=1)


def many(count: int) -> list[NewProduct]:
    """Return products to be created, each with its own guid and code."""
    return [
        replace(NEW_PRODUCT, guid=f"0b7f0c52-6f0e-5f0a-9d3b-{place:012d}", code=f"N-{place}")
        for place in range(1, count + 1)
    ]


def nothing(_code: str) -> Sequence[Product]:
    """Be a mirror that holds no product."""
    return ()


def created(client: Unleashed, wanted: Sequence[NewProduct]) -> list[tuple[str, bool]]:
    outcomes = create_products(client, wanted, nothing, SINCE)
    return [(outcome.record.code, outcome.created) for outcome in outcomes]


def is_post(request: Request) -> bool:
    return request.method == "POST"


def writes(world: World) -> int:
    return sum(1 for call in world.emulator.calls if call.method == "POST")


def test_product_is_created_in_three_calls() -> None:
    """Guid seen absent, code seen free, then one post with name, price ex tax, and whether it is taxed."""
    world = World()
    outcome = create_product(world.client(), replace(NEW_PRODUCT, taxable=False))
    assert outcome.created
    assert (outcome.record.guid, outcome.record.code, outcome.record.price) == (
        TEA,
        "TEA-100",
        Decimal("9.5"),
    )
    assert [call.method for call in world.emulator.calls] == ["GET", "GET", "POST"]
    stored = world.books.product(TEA)
    assert stored is not None
    assert (stored.value("TaxableSales"), stored.value("SourceId")) == (False, "shop:product:7")


@pytest.mark.parametrize("obsolete", [True, False])
@pytest.mark.parametrize("by_guid", [True, False])
def test_existing_product_is_adopted(obsolete: bool, by_guid: bool) -> None:
    """A product with the guid, or with the code, is returned as it is and not written, obsolete or not."""
    world = World()
    code, guid = ("OTHER", TEA) if by_guid else ("TEA-100", STRANGER)
    world.books.add_product(code, "Staff's", "1.00", guid=guid, obsolete=obsolete, tiers={1: "2"})
    before = world.books.product(guid)
    version = before.version if before else None
    outcome = create_product(world.client(), NEW_PRODUCT)
    assert (outcome.created, outcome.record.guid, outcome.record.name) == (False, guid, "Staff's")
    after = world.books.product(guid)
    assert (after.version if after else None, writes(world)) == (version, 0)


def test_two_products_with_the_code_are_not_chosen_from() -> None:
    """If two products have the code, nothing is sent."""
    world = World()
    world.books.add_product("TEA-100")
    world.books.add_product("TEA-100 ")
    with pytest.raises(BadAnswer, match="holds 2 products with the code TEA-100"):
        create_product(world.client(), NEW_PRODUCT)
    assert writes(world) == 0


@pytest.mark.parametrize("kind", ["lose", "half", "truncate"])
def test_lost_answer_is_looked_up(kind: str) -> None:
    """After a lost answer the next attempt finds the product and writes nothing."""
    world = World()
    world.emulator.faults.add(kind, match=is_post)  # type: ignore[arg-type]
    with pytest.raises(OutcomeUnknown):
        create_product(world.client(), NEW_PRODUCT)
    assert create_product(world.client(), NEW_PRODUCT).created is False
    assert (writes(world), len(world.books.products())) == (1, 1)


def test_refused_and_doubtful_creates() -> None:
    """A refusal tells why; an answer about another product, or none, is in doubt."""
    with pytest.raises(RequestRefused, match="longer than 500"):
        create_product(World().client(), replace(NEW_PRODUCT, name="n" * 501))
    for body in (product_row(2), "", "<html>"):
        server = Canned(answer("", 404), page([]), answer(body, 201))
        with pytest.raises(OutcomeUnknown):
            create_product(client_of(server), NEW_PRODUCT)


def test_many_are_created_with_two_look_ups() -> None:
    """Five unknown products cost one delta, one list of guids and five posts."""
    world = World()
    world.books.add_product("OLD")
    assert created(world.client(), many(5)) == [(f"N-{place}", True) for place in range(1, 6)]
    assert [call.method for call in world.emulator.calls] == ["GET"] * 2 + ["POST"] * 5
    assert len(world.books.products()) == 6


def test_many_adopt_what_is_there() -> None:
    """What has the guid, or got the code since, or has it by the mirror, is adopted; the rest is created."""
    world = World()
    wanted = many(4)
    world.books.add_product("RENAMED", guid=wanted[0].guid, modified=START - timedelta(days=9), obsolete=True)
    fresh = world.books.add_product("N-2", obsolete=True)
    mirrored = Product(STRANGER, "N-3", "Long known")

    def known(code: str) -> Sequence[Product]:
        return [mirrored] if code == "N-3" else []

    outcomes = list(create_products(world.client(), wanted, known, SINCE))
    assert [outcome.created for outcome in outcomes] == [False, False, False, True]
    assert [outcome.record.guid for outcome in outcomes[:3]] == [wanted[0].guid, fresh, STRANGER]
    assert writes(world) == 1


def test_mirror_is_older_than_the_delta() -> None:
    """A product that gave its code away since the mirror was read does not keep it taken."""
    world = World()
    guid = world.books.add_product("RENAMED")
    outcomes = create_products(
        world.client(), many(1), lambda code: [Product(guid, code, "before it was renamed")], SINCE
    )
    assert [outcome.created for outcome in outcomes] == [True]


def test_same_code_twice_is_created_once() -> None:
    """Two wishes for one code make one product."""
    world = World()
    first, second = many(2)
    assert created(world.client(), [first, replace(second, code="N-1")]) == [("N-1", True), ("N-1", False)]


def test_many_stop_at_a_lost_answer() -> None:
    """What was created before is kept; after a lost answer another run finishes the rest, each once."""
    world = World()
    world.emulator.faults.add("lose", skip=1, match=is_post)
    outcomes = create_products(world.client(), many(3), nothing, SINCE)
    assert next(outcomes).record.code == "N-1"
    with pytest.raises(OutcomeUnknown):
        next(outcomes)
    assert created(world.client(), many(3)) == [("N-1", False), ("N-2", False), ("N-3", True)]
    assert len(world.books.products()) == 3


@pytest.mark.parametrize("trouble", ["poison", "ignored"])
def test_uncertain_lists_are_not_built_upon(trouble: str) -> None:
    """If a row cannot be read or the filter has no effect, every product is looked up by itself."""
    world = World(product_id_filter="ignored" if trouble == "ignored" else "honoured")
    guid = world.books.add_product("BROKEN")
    if trouble == "poison":
        world.emulator.mischief.poison("Products", guid, "17")
    assert created(world.client(), many(2)) == [("N-1", True), ("N-2", True)]
    assert [call.method for call in world.emulator.calls][2:] == ["GET", "GET", "POST"] * 2


@pytest.mark.parametrize("upsert", ["blanks", "keeps"])
def test_existing_products_never_change(upsert: str) -> None:
    """Whatever is wished for, products that were there keep every field and stamp."""
    world = World(upsert=upsert)
    wanted = many(3)
    for new in wanted:
        world.books.add_product(new.code, "Staff's", "7", guid=new.guid, tiers={1: "6"})
    versions = [product.version for product in world.books.products()]
    world.clock.sleep(60)
    created(world.client(), [replace(new, name="Ours") for new in wanted])
    for new in wanted:
        create_product(world.client(), replace(new, guid=STRANGER))
        create_product(world.client(), replace(new, code="ELSE"))
    assert [product.version for product in world.books.products()] == versions
    assert writes(world) == 0


def test_module_has_one_write() -> None:
    """The only post of the module stands in one function, which is reached after a look alone."""
    tree = ast.parse(inspect.getsource(products))
    functions = {node.name: ast.unparse(node) for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert [name for name, source in functions.items() if ".post(" in source] == ["_posted"]
    reaching = {
        name: source for name, source in functions.items() if "_posted(" in source and name != "_posted"
    }
    assert set(reaching) == {"create_product", "create_products"}
    assert all(source.count("_existing(") == source.count("_posted(") for source in reaching.values())

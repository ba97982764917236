"""Answers that cannot be believed, and absence that proves nothing: the store keeps what it has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from syncd.emulator.wire import Request, Response
from tests.flows.conftest import NewWorld
from tests.flows.views import changed, settings
from tests.world import World

ALL = ("W1", "W2")
HOUR = timedelta(hours=1)

FAULTS = ("empty", "truncate", "html", "half", "bomb", "lose", "refuse", "status")


def stocked(world: World, count: int = 12, warehouses: tuple[str, ...] = ("W1",)) -> World:
    """Put the same products on both sides, the shop's stock one short of what Unleashed has."""
    for place, warehouse in enumerate(warehouses):
        world.books.add_warehouse(warehouse, default=place == 0)
    for number in range(count):
        code = f"P{number:02d}"
        guid = world.books.add_product(code, code, 10)
        for warehouse in warehouses:
            world.books.set_stock(guid, warehouse, 5 + number)
        world.clock.pass_time(timedelta(days=3))
        world.shelf.add_simple(code, code, "10.00", 4 + number)
    return world


def stocks(world: World) -> list[object]:
    return [item.stock_quantity for item in world.shelf.all()]


def about(resource: str) -> Callable[[Request], bool]:
    return lambda request: request.path.startswith(f"/{resource}")


@pytest.mark.parametrize("resource", ["Products", "StockOnHand"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_answer_changes_nothing_at_first_contact(
    new_world: NewWorld, fault: str, resource: str
) -> None:
    """Whatever breaks in the first read, the shop stays as it is, a sentence says why, the next run heals."""
    world = stocked(new_world())
    before = stocks(world)
    world.unleashed.faults.add(fault, times=2, match=about(resource), size=40_000_000)  # type: ignore[arg-type]
    (pulled, *_) = world.recent()
    assert world.shop.writes() == []
    assert stocks(world) == before
    assert (pulled.outcome, pulled.exit_code) == ("failed", 3)
    assert "account main" in (pulled.error or "")
    assert pulled.do
    world.unleashed.faults.queue.clear()
    world.recent()
    assert stocks(world) == [5 + number for number in range(12)]
    assert world.problems() == []


@pytest.mark.parametrize("resource", ["Products", "StockOnHand"])
@pytest.mark.parametrize("fault", ["truncate", "html", "lose"])
def test_a_broken_answer_changes_nothing_later(new_world: NewWorld, fault: str, resource: str) -> None:
    """Whatever breaks in a later read, what is on its way waits for the next run and then arrives."""
    world = stocked(new_world())
    world.recent()
    written = len(world.shop.writes())
    world.books.set_stock(world.guid("P03"), "W1", 99)
    world.books.change_product(world.guid("P03"), name="Another name")
    world.unleashed.faults.add(fault, times=2, match=about(resource), size=40_000_000)  # type: ignore[arg-type]
    assert world.recent()[0].exit_code == 3
    assert len(world.shop.writes()) == written
    world.unleashed.faults.queue.clear()
    world.recent()
    assert world.item("P03").stock_quantity == 99


@pytest.mark.parametrize("withheld", [1, 5])
@pytest.mark.parametrize("resource", ["Products", "StockOnHand"])
def test_a_page_shorter_than_its_own_count_is_refused(
    new_world: NewWorld, resource: str, withheld: int
) -> None:
    """Rows that the envelope counts and the page lacks make the whole page unbelievable."""
    world = stocked(new_world())
    world.unleashed.mischief.withhold(resource, rows=withheld, times=2)
    (pulled, *_) = world.recent()
    assert world.shop.writes() == []
    assert "is truncated" in (pulled.error or "")
    world.recent()
    assert stocks(world) == [5 + number for number in range(12)]


def test_the_wrong_page_is_refused(new_world: NewWorld) -> None:
    """A server that answers with page 1 for every page is not believed about any of them."""
    world = stocked(new_world(account_keys="page_size = 5"))
    world.wire.change = _FirstPage()
    (pulled, *_) = world.recent()
    assert world.shop.writes() == []
    assert "page 1 instead of page 2" in (pulled.error or "")
    world.wire.change = None
    world.recent()
    assert stocks(world) == [5 + number for number in range(12)]


class _FirstPage:
    """Answers every second page with the first one."""

    def __init__(self) -> None:
        self.first = b""

    def __call__(self, request: Request, response: Response) -> Response:
        if not request.path.endswith("/2"):
            self.first = response.body()
            return response
        return Response(200, {"content-type": "application/json"}, [self.first])


@pytest.mark.parametrize("rows", [0, 1, 5, 6, 11])
def test_stock_that_shrank_at_first_contact_zeroes_nothing(new_world: NewWorld, rows: int) -> None:
    """A first full stock read that quietly shrank to so many rows never takes a listing's stock away."""
    world = stocked(new_world())
    world.unleashed.mischief.shrink("StockOnHand", rows)
    world.recent()
    assert all(item.stock_quantity != 0 for item in world.shelf.all())
    world.recent()
    assert stocks(world) == [5 + number for number in range(12)]


@pytest.mark.parametrize("rows", [0, 1, 6, 11])
def test_products_that_shrank_at_first_contact_come_later(new_world: NewWorld, rows: int) -> None:
    """A first product list that quietly shrank takes nothing away; what it lacked is found by its stock."""
    world = stocked(new_world())
    world.unleashed.mischief.shrink("Products", rows)
    world.recent()
    assert world.problems() == []
    assert all(item.stock_quantity != 0 for item in world.shelf.all())
    world.recent()
    assert stocks(world) == [5 + number for number in range(12)]


@pytest.mark.parametrize("resource", ["Products", "StockOnHand"])
@pytest.mark.parametrize("rows", [0, 3])
def test_a_later_read_that_shrank_takes_nothing_away(new_world: NewWorld, rows: int, resource: str) -> None:
    """A read of changes that quietly lost rows changes nothing about them, and the next one brings them."""
    world = stocked(new_world())
    world.recent()
    for number in range(12):
        world.books.set_stock(world.guid(f"P{number:02d}"), "W1", 100 + number)
        world.books.change_product(world.guid(f"P{number:02d}"), name="New")
    world.unleashed.mischief.shrink(resource, rows)
    world.recent()
    assert all(item.stock_quantity != 0 for item in world.shelf.all())
    world.recent()
    assert stocks(world) == [100 + number for number in range(12)]


def test_a_product_that_never_moved_has_no_stock(on_either: NewWorld) -> None:
    """Unleashed leaves out what never moved: once the full read is proven, that is zero."""
    world = stocked(on_either())
    world.books.add_product("NEVER", "Never moved", 10)
    world.shelf.add_simple("NEVER", "Never moved", "10.00", 8)
    world.recent()
    assert world.item("NEVER").stock_quantity == 0


def test_a_product_newer_than_the_full_read_is_asked_for(new_world: NewWorld) -> None:
    """Absent from the stock feed and newer than its full read: it is asked for by its guid, then zero."""
    world = stocked(new_world())
    world.recent()
    world.books.add_product("YOUNG", "Young", 10)
    world.shelf.add_simple("YOUNG", "Young", "10.00", 8)
    assert world.calls(lambda: world.recent())[0] == 3
    assert world.item("YOUNG").stock_quantity == 0
    assert world.calls(lambda: world.recent())[0] == 2


def test_a_young_product_without_an_answer_keeps_its_stock(new_world: NewWorld) -> None:
    """As long as nobody has said what a new product's stock is, the shop keeps its own figure."""
    world = stocked(new_world())
    world.recent()
    world.books.add_product("YOUNG", "Young", 10)
    world.shelf.add_simple("YOUNG", "Young", "10.00", 8)
    world.unleashed.faults.add("status", times=9, match=lambda request: "productId" in request.query)
    world.recent()
    assert world.item("YOUNG").stock_quantity == 8
    assert len([each for each in changed(world) if each.startswith("YOUNG")]) == 0


def test_an_empty_warehouse_is_not_believed_by_its_list(new_world: NewWorld) -> None:
    """A warehouse whose full list is empty is asked about product by product before it counts as zero."""
    world = stocked(new_world(listing_keys='warehouses = ["W1", "W2"]'))
    world.books.add_warehouse("W2")
    assert world.calls(world.recent)[0] == 6
    assert stocks(world) == [5 + number for number in range(12)]
    assert world.calls(world.recent)[0] == 3


def test_a_warehouse_that_does_not_exist_empties_no_shop(new_world: NewWorld) -> None:
    """A warehouse code that Unleashed does not have is a sentence, not a stock of zero."""
    world = stocked(new_world(listing_keys='warehouses = ["W9"]'))
    before = stocks(world)
    for _ in range(3):
        (pulled, *_) = world.recent()
    assert stocks(world) == before
    assert (pulled.outcome, pulled.exit_code) == ("partial", 1)
    assert "W9" in (pulled.error or "")


def test_stock_of_an_unread_second_warehouse_is_unknown(on_either: NewWorld) -> None:
    """As long as one of two warehouses could never be read, no stock is pushed; price and name go ahead."""
    world = stocked(on_either(listing_keys='warehouses = ["W1", "W2"]\ncreate = true'), warehouses=ALL)
    before = stocks(world)
    world.books.add_product("NEW", "New", 10)
    world.unleashed.faults.add("status", times=99, match=lambda request: "warehouseCode=W2" in request.query)
    world.recent()
    world.recent()
    assert stocks(world) == before
    assert world.shown("NEW") is None
    world.unleashed.faults.queue.clear()
    world.recent()
    assert stocks(world) == [*(2 * (5 + number) for number in range(12)), 0]


def test_a_filter_by_guid_that_does_not_work_invents_no_zero(new_world: NewWorld) -> None:
    """Where Unleashed ignores productId the run says so, and what it lacks stays unknown."""
    world = stocked(new_world())
    world.unleashed.settings = settings(world, product_id_filter="ignored")
    world.unleashed.mischief.shrink("StockOnHand", 3)
    (pulled, *_) = world.recent()
    assert (pulled.outcome, pulled.exit_code) == ("partial", 1)
    assert "ignores the filter productId" in (pulled.error or "")
    assert all(item.stock_quantity != 0 for item in world.shelf.all())


def test_a_shop_that_answers_nonsense_is_not_written_to(new_world: NewWorld) -> None:
    """If the shop cannot be read it is not written to either, and catches up when it can."""
    world = stocked(new_world())
    world.shop.settings.html_pages = True
    (_, pushed) = world.recent()
    assert (pushed.outcome, pushed.exit_code) == ("failed", 3)
    assert "store shop" in (pushed.error or "")
    assert world.shop.writes() == []
    world.shop.settings.html_pages = False
    world.recent()
    assert stocks(world) == [5 + number for number in range(12)]


def test_a_shop_that_hides_its_records_gets_no_twins(new_world: NewWorld) -> None:
    """A shop whose lists come back empty for a moment refuses the codes it has, and nothing is doubled."""
    world = stocked(new_world(listing_keys="create = true"))
    world.shops["shop"].wire.change = _emptied
    world.recent()
    world.shops["shop"].wire.change = None
    world.recent()
    assert [sku for sku, items in world.shops["shop"].state().items() if len(items) > 1] == []


def _emptied(request: Request, response: Response) -> Response:
    if request.method == "GET" and "sku=" in request.query:
        return Response(200, {"content-type": "application/json", "x-wp-total": "0"}, [b"[]"])
    return response

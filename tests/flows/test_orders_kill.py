"""A process that dies at any moment of one order's path: the next runs post it, once, and blank nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest

from tests.databases import PostgresServer
from tests.flows.conftest import NewWorld
from tests.flows.selling import LISTING, states, stocked, watched
from tests.world import Killed, Seams, World, make_world

ORDERS = '[store.shop.orders]\nstatus = "Completed"'


def _sold(world: World) -> World:
    """An order of a stranger, with a product that Unleashed lacks, shipping, and one known product."""
    watched(stocked(world))
    world.shelf.add_simple("NEW-1", "Name of NEW-1", "4.50", 3)
    world.buy("TEA", ("NEW-1", 2), email="new@example.test", shipping="5.00")
    return world


def _books(world: World) -> tuple[object, ...]:
    """Return what Unleashed has in the end: orders, customers and products, without stamps."""
    sales = [(sale.number, sale.status, sale.total, len(sale.lines)) for sale in world.sales()]
    people = [customer.code for customer in world.unleashed.sales.customers.register.all()]
    goods = [(product.code, product.name) for product in world.books.products()]
    return sales, sorted(people), sorted(goods)


def _posts(world: World) -> Counter[str]:
    """Return how often each path got a POST that was carried out."""
    return Counter(call.path for call in world.unleashed.calls if call.method == "POST" and call.status < 300)


def _overwritten(world: World) -> list[str]:
    """Return the customers and products that were posted to more than once: an upsert blanks fields."""
    posts = _posts(world)
    return [path for path, times in posts.items() if times > 1 and "SalesOrders" not in path]


def _finish(world: World) -> None:
    """Let the lease of the dead process run out, then do the job as a new process until all is done."""
    world.clock.pass_time(timedelta(minutes=2))
    for _ in range(3):
        world.orders()


def test_death_at_any_moment_of_an_orders_path_costs_nothing(new_world: NewWorld, tmp_path: Path) -> None:
    """Killed around any call or commit, the order is in Unleashed once, complete; nothing else changed."""
    start = _sold(new_world(listing_keys=LISTING, more_toml=ORDERS))
    undisturbed, seams = _copy(start, tmp_path, 0), Seams()
    undisturbed.orders(seams=seams)
    _finish(undisturbed)
    wanted = _books(undisturbed)
    assert set(states(undisturbed).values()) == {"posted"}
    for number in range(1, len(seams.passed) + 1):
        if seams.passed[number - 1] == "after_commit":
            continue
        world = _copy(start, tmp_path, number)
        where = f"killed at moment {number} of {len(seams.passed)}: {seams.passed[number - 1]}"
        with pytest.raises(Killed):
            world.orders(seams=Seams(number))
        _finish(world)
        assert _books(world) == wanted, where
        assert set(states(world).values()) == {"posted"}, where
        assert _overwritten(world) == [], where
        assert [path for path, times in _posts(world).items() if times > 1] == [], where
        world.close()


def _copy(start: World, tmp_path: Path, number: int) -> World:
    folder = tmp_path / f"killed at {number}"
    folder.mkdir()
    start.close()
    world = start.copied(folder)
    world.lasting = True
    return world


@pytest.mark.parametrize("part", range(3))
def test_death_on_postgresql_costs_nothing(
    tmp_path: Path, postgres_server: PostgresServer, part: int
) -> None:
    """On PostgreSQL the same, at every ninth moment; each test has its share of them."""
    for number in range(5 + 3 * part, 60, 9):
        url = postgres_server.borrow()
        folder = tmp_path / str(number)
        folder.mkdir()
        world = make_world(folder, url, lasting=True, listing_keys=LISTING, more_toml=ORDERS)
        _sold(world)
        with pytest.raises(Killed):
            world.orders(seams=Seams(number))
        _finish(world)
        where = f"killed at moment {number}"
        assert [sale.status for sale in world.sales()] == ["Completed"], where
        assert _overwritten(world) == [], where
        world.close()
        postgres_server.give_back(url)


@pytest.mark.parametrize("kind", ["lose", "status"])
def test_a_lost_answer_at_any_call_costs_nothing(new_world: NewWorld, tmp_path: Path, kind: str) -> None:
    """Whichever of the calls of one order is lost, carried out or not, the order is there once in the end."""
    start = _sold(new_world(listing_keys=LISTING, more_toml=ORDERS))
    undisturbed = _copy(start, tmp_path, 0)
    before = len(undisturbed.unleashed.calls)
    undisturbed.orders()
    _finish(undisturbed)
    wanted, number = _books(undisturbed), len(undisturbed.unleashed.calls) - before
    for skip in range(number):
        world = _copy(start, tmp_path, skip + 1)
        world.unleashed.faults.add(kind, skip=skip, times=2)  # type: ignore[arg-type]
        world.orders()
        for _ in range(3):
            world.orders(minutes=80)
        assert _books(world) == wanted, f"call {skip + 1} of {number}"
        assert _overwritten(world) == [], f"call {skip + 1} of {number}"
        world.close()


CREDIT = '[store.shop.orders]\nrefunds = "credit"'


@pytest.mark.parametrize("guid", ["taken", "own"])
def test_death_at_any_moment_of_a_refunds_path_costs_nothing(
    new_world: NewWorld, tmp_path: Path, guid: Literal["taken", "own"]
) -> None:
    """Killed around any call or commit, there is one credit note, whether or not Unleashed keeps our guid."""
    start = new_world(listing_keys=LISTING, more_toml=CREDIT)
    start.unleashed.settings = replace(start.unleashed.settings, credit_guid=guid)
    watched(stocked(start))
    order = start.buy(("TEA", 2))
    start.orders()
    start.shop.till.refund(order, {order.lines[0].id: 1})
    undisturbed, seams = _copy(start, tmp_path, 0), Seams()
    undisturbed.orders(seams=seams)
    assert set(states(undisturbed).values()) == {"posted"}
    for number in range(1 if guid == "own" else 2, len(seams.passed) + 1, 3):
        world = _copy(start, tmp_path, number)
        with pytest.raises(Killed):
            world.orders(seams=Seams(number))
        _finish(world)
        notes = [each.total for each in world.unleashed.sales.credits.register.all()]
        assert len(notes) == 1, f"killed at moment {number}: {seams.passed[number - 1]}"
        assert set(states(world).values()) == {"posted"}
        world.close()

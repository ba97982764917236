"""Each judge of the simulation finds what it is there to find: something is broken on purpose."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.emulator.wire import Request, Response
from syncd.emulator.woocommerce import WooCommerceEmulator
from tests.simulation.conftest import NewRun
from tests.simulation.run import Simulation
from tests.simulation.scenario import START, Scenario
from tests.simulation.watch import Troubles

CALM = Scenario(
    seed=4, days=1, products=30, page_size=1000, first_load=timedelta(hours=3), settling=timedelta(hours=3)
)


def judged(simulation: Simulation) -> set[str]:
    """Return the kinds of complaints of a run."""
    return {what for what, _ in simulation.run().broken}


def shop(simulation: Simulation) -> WooCommerceEmulator:
    emulator = simulation.machine.sides["store"].emulator
    assert isinstance(emulator, WooCommerceEmulator)
    return emulator


class Meddling:
    """A shop that does something else with a write than what it was told to do."""

    def __init__(self, simulation: Simulation, how: str) -> None:
        self.simulation, self.how = simulation, how
        self.shop = shop(simulation)
        self.true = self.shop.handle

    def handle(self, request: Request) -> Response:
        if request.method == "GET":
            return self.true(request)
        body = json.loads(request.body)
        if self.how == "zero":
            for each in body.get("update", []):
                each["stock_quantity"] = 0
        changed = replace(request, body=json.dumps(body).encode())
        return self.true(changed)


def test_nothing_is_found_where_nothing_is_broken(new_run: NewRun) -> None:
    """A calm day passes every judge."""
    assert judged(new_run(CALM)) == set()


def test_an_overspent_window_is_found(new_run: NewRun) -> None:
    """More calls than a pool has, by the other side's count, are told."""
    simulation = new_run(CALM)
    simulation.machine.sides["account"].pools.limits = ((3, "day"),)
    assert "overspent" in judged(simulation)


def test_a_late_change_is_found(new_run: NewRun) -> None:
    """A change that does not arrive within two hours is told, unless something is to blame."""
    simulation = new_run(CALM)
    simulation.weather.troubles = Troubles()
    simulation.weather.down["store"] = START + timedelta(hours=20)
    assert "fresh" in judged(simulation)


def test_a_ghost_that_lives_too_long_is_found(new_run: NewRun) -> None:
    """A ghost that outlives the printed bound is told."""
    simulation = new_run(CALM)
    simulation.bounds.fixed = timedelta(minutes=1)
    simulation.baton.call_at(START + timedelta(hours=9), simulation.company.unbumped_stock)
    assert "ghost" in judged(simulation)


@pytest.mark.parametrize("what", ["stock", "name"])
def test_a_difference_that_is_left_is_found(new_run: NewRun, what: str) -> None:
    """What differs when all is quiet is told, whoever made it differ."""
    simulation = new_run(CALM)

    def edit() -> None:
        ours = next(number for number in simulation.oracle.guids if simulation.oracle.is_ours(number))
        if what == "stock":
            simulation.shelf.edit_meta(ours, 7777)
        else:
            simulation.shelf.edit(ours, name="Something else")

    simulation.baton.call_at(START + timedelta(days=1, hours=3) - timedelta(minutes=1), edit)
    simulation.bounds.fixed = timedelta(0)
    assert "settled" in judged(simulation)


def test_a_write_without_a_reason_is_found(new_run: NewRun) -> None:
    """A listing emptied although Unleashed never said so is told."""
    simulation = new_run(CALM)
    shop(simulation).handle = Meddling(simulation, "zero").handle  # type: ignore[method-assign]
    assert "reason" in judged(simulation)


def test_a_write_of_what_is_there_already_is_found(new_run: NewRun) -> None:
    """The same value written again is told."""
    simulation = new_run(CALM)
    before = simulation.shopkeeper.around
    side = simulation.machine.sides["store"]

    def late(request: Request, strike: object) -> object:
        shop(simulation).handle(request)
        return before(request, None)

    side.answered = late  # type: ignore[assignment]
    assert "echo" in judged(simulation)


def test_a_twin_is_found(new_run: NewRun) -> None:
    """A second record for one product is told."""
    simulation = new_run(CALM)
    shop(simulation).settings.unique_skus = False
    first = simulation.books.products()[5]
    simulation.baton.call_at(START + timedelta(hours=5), lambda: twin(simulation, first.guid))
    assert "twin" in judged(simulation)


def twin(simulation: Simulation, guid: str) -> None:
    item = simulation.oracle.item(guid)
    assert item is not None
    other = simulation.shelf.add_simple(item.sku, item.name, item.regular_price, 1)
    simulation.shopkeeper._created(other)


def test_a_crash_is_found(new_run: NewRun) -> None:
    """An error in syncd itself is told, although it goes on."""
    simulation = new_run(CALM)

    def broken(_request: Request) -> Response:
        raise ZeroDivisionError

    shop(simulation).handle = broken  # type: ignore[assignment, method-assign]
    assert "crash" in judged(simulation)

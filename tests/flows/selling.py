"""A shop that sells: its catalogue is linked, its customers are read, and one process watches it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal

from syncd.emulator.unleashed import Call
from syncd.emulator.woocommerce_orders_records import TaxRate
from syncd.state import demand
from tests.world import World

LISTING = 'warehouses = ["W1"]'
SKUS = ("TEA", "CUP")
JO = "jo@example.test"


def stocked(world: World, *, tax: bool = True, shop: str = "shop") -> World:
    """Put two products on both sides, ten of each, and a customer into Unleashed; a tax of 15 % if wanted."""
    if "W1" not in world.books.warehouses:
        world.books.add_warehouse("W1", default=True)
        for number, sku in enumerate(SKUS):
            world.books.set_stock(world.books.add_product(sku, f"Name of {sku}", 10 + number), "W1", 10)
        world.unleashed.sales.customers.add("JO", "Jo Doe", email=JO)
    for number, sku in enumerate(SKUS):
        world.shops[shop].shelf.add_simple(sku, f"Name of {sku}", f"{10 + number}.00", 10)
    if tax:
        till = world.shops[shop].server.till
        till.settings.calc_taxes = True
        till.tax_rates.append(TaxRate(1, Decimal(15)))
    return world


def watched(world: World) -> World:
    """Do every job once, so that everything is known and a process watches; then let it watch a while."""
    world.recent()
    world.customers()
    world.orders()
    world.clock.pass_time(timedelta(minutes=5))
    return world


def calls(world: World, work: Callable[[], object]) -> list[str]:
    """Return the calls that Unleashed got while `work` was done, as "GET SalesOrders"."""
    before = len(world.unleashed.calls)
    work()
    return [_told(call) for call in world.unleashed.calls[before:]]


def _told(call: Call) -> str:
    word = "/Complete" if call.path.endswith("/Complete") else ""
    return f"{call.method} {call.resource}{word}"


def writes(told: Sequence[str]) -> list[str]:
    """Return the writes among such calls."""
    return [each for each in told if not each.startswith("GET")]


def warm(world: World) -> World:
    """Post a first order, so that tax codes and the customer's link are known too."""
    world.buy("TEA")
    world.orders()
    return world


def taken(world: World, *skus: str) -> dict[str, Decimal]:
    """Return the open demand of these products."""
    with world.process() as app:
        account = app.account_row("main").id
        guids = {world.guid(sku): sku for sku in skus or SKUS}
        with app.db.read() as conn:
            found = demand.open_for(conn, account, list(guids))
    return {guids[guid]: quantity for guid, quantity in found.items()}


def states(world: World, shop: str = "shop") -> dict[str, str]:
    """Return the state of each document of a shop, in the order in which the store made them."""
    found = sorted(world.documents(shop).items(), key=lambda each: (each[1].created, each[0]))
    return {name: document.state for name, document in found}

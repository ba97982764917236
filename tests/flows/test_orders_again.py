"""Lost and restored databases, two stores, two processes: nothing is doubled, nobody is overwritten."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.app import App
from syncd.app.orders import orders, take_in
from syncd.flows.order_decided import Decision, retry
from syncd.state.customers import Claim, claim
from tests.flows.conftest import NewWorld
from tests.flows.selling import LISTING, calls, states, stocked, taken, warm, watched, writes
from tests.world import Seams, World

BACK = "since = 2026-03-01T00:00:00Z"


def _forget(world: World) -> None:
    world.close()
    for file in world.folder.glob("syncd.db*"):
        file.unlink()


def _people(world: World) -> list[str]:
    return sorted(customer.code for customer in world.unleashed.sales.customers.register.all())


def test_a_lost_database_doubles_nothing(new_world: NewWorld) -> None:
    """With an empty database every order is looked for and taken over; nobody and nothing is created anew."""
    world = new_world(listing_keys=LISTING, more_toml=f"[store.shop.orders]\n{BACK}")
    watched(stocked(world))
    world.shelf.add_simple("NEW-1", "Name of NEW-1", "4.50", 3)
    world.buy("TEA", "NEW-1", email="new@example.test", shipping="5.00")
    world.buy("CUP")
    world.orders()
    people, goods = _people(world), len(world.books.products())
    _forget(world)
    world.buy("CUP", email="new@example.test")
    told = calls(world, world.orders)
    assert writes(told) == ["POST SalesOrders"]
    assert set(states(world).values()) == {"posted"}
    assert (len(world.sales()), _people(world), len(world.books.products())) == (3, people, goods)


def test_a_database_of_last_week_doubles_nothing(new_world: NewWorld, tmp_path: Path) -> None:
    """Restored from a copy, what was posted since is found, staff's edits stay, new orders go out once."""
    world = warm(watched(stocked(new_world(listing_keys=LISTING))))
    world.close()
    copy = tmp_path / "last week"
    copy.mkdir()
    for file in world.folder.glob("syncd.db*"):
        shutil.copy(file, copy)
    for _ in range(3):
        world.buy("CUP", email="new@example.test")
        world.orders()
    edited = world.sales()[-1]
    world.unleashed.sales.orders.edit(edited.guid, fields={**edited.fields, "Comments": "by a person"})
    before, people = world.sales(), _people(world)
    _forget(world)
    for file in copy.iterdir():
        shutil.copy(file, world.folder)
    world.buy("TEA")
    world.orders()
    assert world.sales()[:4] == before
    assert len(world.sales()) == 5
    assert _people(world) == people
    assert set(states(world).values()) == {"posted"}


def test_on_either_database_an_order_goes_through(on_either: NewWorld) -> None:
    """Intake, posting, refund, cancellation and demand are the same on SQLite and on PostgreSQL."""
    world = warm(watched(stocked(on_either(listing_keys=LISTING))))
    first = world.buy(("TEA", 2), shipping="5.00", email="new@example.test")
    second = world.buy("CUP", status="on-hold")
    world.orders()
    assert taken(world) == {"TEA": 3, "CUP": 1}
    world.shop.till.refund(first, {first.lines[0].id: 1})
    world.shop.till.cancel(second)
    world.orders()
    assert sorted(states(world).values()) == ["parked", "posted", "posted", "skipped"]
    world.recent()
    assert taken(world) == {}


def test_two_stores_create_the_same_customer_once(new_world: NewWorld) -> None:
    """The same stranger buys in two shops of one account: one customer, in any case of letters."""
    world = new_world(shops=("shop", "other"), listing_keys=LISTING)
    world.more_toml = '[store.other.orders]\nprefix = "OTH-"'
    stocked(world)
    watched(stocked(world, shop="other"))
    world.buy("TEA", email="new@example.test")
    world.buy("CUP", email="NEW@example.test", shop="other")
    told = calls(world, world.orders)
    assert told.count("POST Customers") == 1
    assert len(_people(world)) == 2
    assert {sale.customer for sale in world.sales()} == {world.sales()[0].customer}


def test_a_customer_whom_another_process_is_creating_is_waited_for(new_world: NewWorld) -> None:
    """While a claim is open elsewhere the order waits a moment; once it is stale, it is carried out here."""
    world = warm(watched(stocked(new_world(listing_keys=LISTING))))
    world.buy("TEA", email="new@example.test")
    with world.process() as app:
        _claim_elsewhere(app, world)
    assert "POST Customers" not in calls(world, lambda: world.orders(minutes=1))
    assert sorted(states(world).values()) == ["posted", "waiting"]
    world.orders(minutes=5)
    assert set(states(world).values()) == {"posted"}
    assert len(_people(world)) == 2


def _claim_elsewhere(app: App, world: World) -> None:
    account = app.account_row("main").id
    made = world.clock.at + timedelta(minutes=1)
    wanted = Claim("new@example.test", world.books.guid("customer", "elsewhere"), "WEB-X", "open", made)
    with app.db.write() as conn:
        claim(conn, account, wanted, made - timedelta(hours=1))


class Meanwhile(Seams):
    """Has something done at a moment of the wire."""

    def __init__(self, work: Callable[[str], None]) -> None:
        super().__init__()
        self.work = work

    def at(self, moment: str) -> None:
        self.work(moment)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_order_that_is_called_off_at_this_very_moment_is_not_overwritten(
    on_either: NewWorld, method: str
) -> None:
    """Called off and taken in by another process while it is planned, or sent: neither change is lost."""
    world = warm(watched(stocked(on_either(listing_keys=LISTING))))
    order = world.buy("TEA", email="new@example.test")
    done: list[str] = []

    def call_off(moment: str) -> None:
        path = "/SalesOrders" if method == "POST" else "/Customers"
        asked = world.wire.requests[-1] if moment.startswith("after") else None
        if asked is not None and asked.method == method and path in asked.path and not done:
            done.append(moment)
            world.shop.till.cancel(order)
            with world.app("process B") as app:
                take_in(app, "shop")

    world.wire.seams = Meanwhile(call_off)
    world.orders()
    world.orders()
    document = world.documents()[str(order.id)]
    assert done
    if method == "POST":
        assert (document.state, document.cause) == ("posted", "cancelled after posting")
    else:
        assert (document.state, document.cause) == ("skipped", "cancelled")
    assert len(world.sales()) == (2 if method == "POST" else 1)


def test_two_processes_at_once_post_an_order_once(new_world: NewWorld) -> None:
    """A second process that comes while the first one posts waits for its lease, or finds nothing to do."""
    world = warm(watched(stocked(new_world(listing_keys=LISTING))))
    world.buy("TEA")
    world.buy("CUP", email="new@example.test")
    inner: list[str] = []

    def second(moment: str) -> None:
        if moment == "before a call to Unleashed" and not inner:
            inner.append(moment)
            with world.app("process B") as app:
                orders(app, "main")

    world.wire.seams = Meanwhile(second)
    world.orders()
    world.orders()
    numbers = [sale.number for sale in world.sales()]
    assert inner
    assert sorted(numbers) == sorted(set(numbers))
    assert len(numbers) == 3
    assert set(states(world).values()) == {"posted"}


def test_an_ambiguous_customer_waits_for_a_person(new_world: NewWorld) -> None:
    """Two customers with one address: the order is parked, both are named, and nobody is created."""
    world = watched(stocked(new_world(listing_keys=LISTING)))
    world.unleashed.sales.customers.add("JOAN", "Jo Doe again", "jo@example.test")
    world.customers()
    order = world.buy("TEA")
    world.orders()
    document = world.documents()[str(order.id)]
    assert document.state == "parked"
    assert "JO and JOAN" in document.reason
    assert len(_people(world)) == 2
    (joan,) = world.unleashed.sales.customers.by_code("JOAN")
    world.unleashed.sales.customers.change(joan.guid, obsolete=True)
    world.customers()
    with world.process() as app:
        retry(Decision(app.db, app.store_row("shop"), None, world.clock.at), [str(order.id)])
    world.orders()
    assert states(world) == {str(order.id): "posted"}


def test_guests_may_be_posted_to_a_house_customer(new_world: NewWorld) -> None:
    """With guests = "house:CODE" a guest's order is the house customer's, and nobody is created."""
    world = new_world(listing_keys=LISTING, more_toml='[store.shop.customers]\nguests = "house:JO"')
    watched(stocked(world))
    world.buy("TEA", email="stranger@example.test")
    world.orders()
    assert _people(world) == ["JO"]
    assert set(states(world).values()) == {"posted"}


def test_the_customers_job_links_and_creates_nobody(new_world: NewWorld) -> None:
    """A registered customer is linked by address; the next order of theirs needs no look."""
    world = stocked(new_world(listing_keys=LISTING))
    jo = world.shop.till.customers.add("Jo@Example.test", "Jo", "Doe")
    world.shop.till.customers.add("nobody@example.test", "No", "Body")
    watched(world)
    reports = world.customers()
    assert _people(world) == ["JO"]
    assert reports[-1].outcome == "done"
    warm(world)
    world.buy("TEA", customer=jo, billing={"first_name": "Jo", "email": "other@example.test"})
    assert calls(world, world.orders) == ["POST SalesOrders"]

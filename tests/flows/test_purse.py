"""Limits, waiting, and who is at work: runs pause, keep what they have, and go on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.app import App
from syncd.app.resync import resync
from syncd.emulator.quota import Pool, Tariff
from syncd.jobs import Step
from syncd.state import accounts, leases, usage
from tests.flows.conftest import NewWorld
from tests.flows.views import feed, mirrored
from tests.world import World

HOUR = timedelta(hours=1)


def stocked(world: World, count: int = 9) -> World:
    world.books.add_warehouse("W1", default=True)
    for number in range(count):
        guid = world.books.add_product(f"P{number}", f"Name {number}", 10)
        world.books.set_stock(guid, "W1", 5)
        world.shelf.add_simple(f"P{number}", f"Name {number}", "10.00", 1)
    return world


def limited(calls: int, per: str = "hour") -> str:
    return f'limits = [{{ calls = {calls}, per = "{per}" }}]'


def stocks(world: World) -> set[object]:
    return {item.stock_quantity for item in world.shelf.all()}


def hold(app: App, step: Step, time: timedelta) -> None:
    """Have this process hold the step's lease for so long."""
    with app.db.write() as conn:
        assert leases.acquire(conn, step.lease, app.bench.holder, app.bench.clock.now(), time) is not None


@pytest.mark.parametrize("calls", [1, 2, 3, 4, 7])
def test_a_spent_purse_pauses_the_pull(on_either: NewWorld, calls: int) -> None:
    """A limit on Unleashed's calls ends the run as paused with the sentence, and later windows finish it."""
    world = stocked(on_either(account_keys=f"page_size = 5\n{limited(calls)}"))
    (pulled, *_) = world.recent()
    assert len(world.unleashed.calls) == min(calls, 6)
    if calls < 6:
        assert (pulled.outcome, pulled.exit_code) == ("paused", 3)
        assert pulled.error == (
            f"recent paused: account main has spent {calls} of {calls} calls this hour; "
            "goes on 2026-03-02T09:00:00Z"
        )
        assert pulled.resumes_at is not None
        assert pulled.resumes_at.hour == 9
        assert world.problems() == []
    for _ in range(6):
        world.recent(minutes=60)
    # What the account says of itself takes two calls: with one a window nothing comes after it.
    assert stocks(world) == ({5} if calls > 1 else {1})


def test_a_pause_keeps_what_was_read(new_world: NewWorld) -> None:
    """Pages that were read before the purse was empty are kept and count for the report."""
    world = stocked(new_world(account_keys=f"page_size = 5\n{limited(3)}"))
    (pulled, *_) = world.recent()
    assert pulled.counts.read == 5
    assert mirrored(world, "P0").product.name == "Name 0"
    assert feed(world).watermark is None


@pytest.mark.parametrize("calls", [1, 4, 5, 6, 7])
def test_a_spent_purse_pauses_the_push(new_world: NewWorld, calls: int) -> None:
    """A limit on the shop's calls pauses the push; what it wrote is not written again in the next window."""
    world = stocked(new_world(store_keys=limited(calls)), 105)
    (_, pushed) = world.recent()
    assert len(world.shop.calls) == min(calls, 10)
    assert (pushed.outcome, pushed.exit_code) == ("paused", 3)
    assert (pushed.error or "").startswith(
        f"recent paused: store shop has spent {calls} of {calls} calls this hour"
    )
    for _ in range(12):
        world.recent(minutes=60)
    sent = world.shops["shop"].sent()
    assert len(sent) == len(set(sent))
    assert stocks(world) == {5} or calls < 5


def test_resync_tells_of_a_spent_purse(new_world: NewWorld) -> None:
    """`resync` on an empty purse says until when, with exit code 3, and asks for nothing."""
    world = stocked(new_world(account_keys=limited(4, "day")))
    world.recent()
    done = world.resync("P1")
    assert [report.exit_code for report in done.reports] == [3]
    assert "goes on 2026-03-03T00:00:00Z" in (done.reports[0].error or "")
    assert len(world.unleashed.calls) == 4


@pytest.mark.parametrize("side", ["Unleashed", "shop"])
def test_a_429_puts_the_side_to_sleep(on_either: NewWorld, side: str) -> None:
    """After a 429 with Retry-After nobody calls that side until the time is over; then all is caught up."""
    world = stocked(on_either())
    faults = world.unleashed.faults if side == "Unleashed" else world.shop.faults
    calls = world.unleashed.calls if side == "Unleashed" else world.shop.calls
    faults.add("status", status=429, headers={"retry-after": "7200"}, times=1)
    reports = world.recent()
    failed = reports[0] if side == "Unleashed" else reports[1]
    assert (failed.exit_code, failed.outcome in ("failed", "paused")) == (3, True)
    before = len(calls)
    reports = world.recent()
    paused = reports[0] if side == "Unleashed" else reports[1]
    assert paused.outcome == "paused"
    assert "goes on 2026-03-02T10:48:00Z" in (paused.error or "")
    assert len(calls) == before
    world.recent(minutes=120)
    assert stocks(world) == {5}


TWO_POOLS = (
    'limits = [{ calls = 4, per = "hour", overflow = { calls = 6, per = "day", zone = "Europe/Prague" } }]'
)
TARIFF = Tariff((Pool(4, "hour"), Pool(6, "day", "Europe/Prague")), "overflow")


def test_a_shop_with_two_pools_is_never_overspent(on_either: NewWorld) -> None:
    """A shop that gives an hour's calls and then the day's extra never has to refuse one, and all arrives."""
    world = stocked(on_either(store_keys=TWO_POOLS), 105)
    world.shop.settings.tariff = TARIFF
    for _ in range(9):
        world.recent(minutes=60)
    assert {call.status for call in world.shop.calls} == {200}
    assert stocks(world) == {5}


def test_other_programs_are_made_room_for(new_world: NewWorld) -> None:
    """Where another program empties the same pools, at most one call an hour is refused, and all arrives."""
    world = stocked(new_world(store_keys=TWO_POOLS))
    world.shop.settings.tariff = TARIFF
    refused = []
    for hour in range(24):
        world.books.set_stock(world.guid(f"P{hour % 9}"), "W1", 5 if hour > 14 else 50 + hour)
        world.shop.turnstile.spend(TARIFF, 5 * (hour % 3))
        before = len(world.shop.calls)
        world.recent(minutes=20)
        world.recent(minutes=40)
        refused.append(sum(call.status == 429 for call in world.shop.calls[before:]))
    assert max(refused) == 1
    assert stocks(world) == {5}


def test_the_purse_knows_who_spent_it(new_world: NewWorld) -> None:
    """Every call that either side got is counted for the purpose of the job that made it."""
    world = stocked(new_world())
    world.recent()
    world.resync("P1")
    now = world.clock.now()
    with world.app() as app:
        purses = [accounts.purse_of(app.account_row("main")), app.store_purse("shop")]
        with app.db.read() as conn:
            spent = [usage.by_purpose(conn, purse, now, now + timedelta(days=1)) for purse in purses]
    assert [set(each) for each in spent] == [{"recent", "resync"}] * 2
    made = [usage.total(each).attempts for each in spent]
    assert made == [len(world.unleashed.calls), len(world.shop.calls)]


def test_a_held_lease_names_its_holder(on_either: NewWorld) -> None:
    """While another process pulls, `resync` waits two minutes, then names it: exit code 1 and no call."""
    world = stocked(on_either())
    world.recent()
    calls = len(world.unleashed.calls)
    began = world.clock.now()
    with world.app("the daemon") as daemon, world.app("somebody") as app:
        hold(daemon, daemon.pull_step("recent", "main"), timedelta(hours=1))
        done = resync(app, ["P1"])
    (report,) = done.reports
    assert (report.exit_code, "the daemon" in (report.error or "")) == (1, True)
    assert world.clock.now() - began >= timedelta(minutes=2)
    assert len(world.unleashed.calls) == calls


def test_a_dead_holder_is_waited_for(new_world: NewWorld) -> None:
    """A lease whose holder died runs out by itself within the time that `resync` waits."""
    world = stocked(new_world())
    world.recent()
    with world.app("dead") as dead:
        hold(dead, dead.pull_step("recent", "main"), dead.bench.ttl)
        hold(dead, dead.push_step("recent", "shop"), dead.bench.ttl)
    done = world.resync("P1", minutes=0)
    assert [report.exit_code for report in done.reports] == [0, 0]


def test_a_late_comer_cannot_call(new_world: NewWorld) -> None:
    """A process that slept through its lease makes no further call once another one has taken over."""
    world = stocked(new_world())
    slept: list[int] = []

    def oversleep(resource: str, page: int) -> None:
        if not slept and resource == "Products":
            slept.append(page)
            world.clock.pass_time(timedelta(minutes=5))
            with world.app("the other") as app:
                hold(app, app.pull_step("recent", "main"), app.bench.ttl)

    world.account_keys = "page_size = 5"
    world.unleashed.mischief.between_pages = oversleep
    (pulled, *_) = world.recent()
    assert (pulled.outcome, pulled.exit_code) == ("partial", 1)
    assert "taken over" in (pulled.error or "")
    assert world.unleashed.count("StockOnHand") == 0
    world.recent()
    assert stocks(world) == {5}

"""The plan and what happens: the daemon does what was planned, at its price, for days of virtual time."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from syncd.app import App
from syncd.app.agenda import every_duty
from syncd.app.planning import planned
from syncd.daemon import Daemon
from syncd.state import leases
from tests.daemon.clockwork import all_runs, make_daemon
from tests.world import World, make_world

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def stock_up(world: World, count: int) -> World:
    """Have that many products more on both sides, changed one after the other over the last days.

    Orders and customers are left out: they are asked for so often that the rest would be lost in it.
    """
    world.env |= {f"SYNCD_STORE__SHOP__SCHEDULE__{job}": "off" for job in ("ORDERS", "CUSTOMERS")}
    for number in range(count):
        world.clock.pass_time(2 * DAY / count)
        guid = world.books.add_product(f"P{number}", f"Name {number}", 10)
        world.books.set_stock(guid, "W1", 5)
        world.shelf.add_simple(f"P{number}", f"Name {number}", "10.00", 5)
    return world


def trade(world: World, app: App, daemon: Daemon, time: timedelta) -> None:
    """Let the time pass while something is sold every few hours."""
    until, sold = world.clock.at + time, 0
    while world.clock.at < until:
        sold += 1
        world.books.set_stock(world.guid(f"P{sold % 9}"), "W1", 5 + sold)
        live(world, app, daemon, min(5 * HOUR, until - world.clock.at))


def live(world: World, app: App, daemon: Daemon, time: timedelta) -> None:
    """Let the time pass from one moment at which something is due to the next."""
    until = world.clock.at + time
    while world.clock.at < until:
        due = [duty.at for duty in every_duty(app) if duty.at is not None]
        wake = min([*due, world.clock.at + 6 * HOUR, until])
        world.clock.pass_time(max(wake - world.clock.at, timedelta(seconds=20)))
        daemon.tick()


def started(app: App, job: str, store: str | None = None) -> list[datetime]:
    return [row.started_at for row in all_runs(app) if (row.job, row.store) == (job, store)]


def spent(world: World, app: App) -> Counter[str]:
    """Return what each job has called Unleashed."""
    found: Counter[str] = Counter()
    for row in all_runs(app):
        found[row.job] += row.calls_unleashed
    assert found.total() == len(world.unleashed.calls)
    return found


def test_what_is_planned_is_what_happens(world: World) -> None:
    """Over a week polls, sweeps and looks come as the plan says, and no sweep is ever later than that."""
    world.account_keys = 'page_size = 10\nlimits = [{ calls = 9000, per = "month" }]'
    stock_up(world, 28)
    with world.app() as app:
        daemon, _ = make_daemon(app)
        daemon.tick()
        trade(world, app, daemon, 7 * DAY)
        plan = planned(app, "main")
        sweeps, polls = started(app, "sweep"), started(app, "recent")
        looks = started(app, "rotation", "shop")
    every, bound = plan.plan.sweep, plan.plan.ghost_bound.unleashed
    assert every is not None
    assert bound is not None
    gaps = [later - earlier for earlier, later in pairwise(polls)]
    assert timedelta(minutes=48) <= min(gaps) <= max(gaps) <= timedelta(minutes=49, seconds=20)
    assert all(every <= later - earlier <= bound for earlier, later in pairwise([polls[0], *sweeps]))
    assert plan.stores["shop"].looks is not None
    assert len(looks) in (6, 7)


@pytest.mark.parametrize(
    "keys",
    [
        "",
        'page_size = 10\nlimits = [{ calls = 6000, per = "month" }]',
        'page_size = 15\nlimits = [{ calls = 6, per = "hour" }]',
    ],
)
def test_it_costs_what_was_predicted(world: World, keys: str) -> None:
    """What Unleashed is called once the first day is over is within a tenth of the plan."""
    world.account_keys = keys
    stock_up(world, 28)
    with world.app() as app:
        daemon, _ = make_daemon(app)
        daemon.tick()
        trade(world, app, daemon, DAY)
        before = spent(world, app)
        trade(world, app, daemon, 2 * DAY)
        plan = planned(app, "main")
        calls = (spent(world, app) - before).total()
    predicted = float(sum(plan.plan.calls.values())) * 2 / 30
    assert plan.refusals == {}
    assert abs(calls - predicted) <= 0.1 * predicted


def test_a_paused_sweep_goes_on_when_the_purse_resets(world: World) -> None:
    """A full read that the hour does not hold goes on with the next hour, not an interval later."""
    world.account_keys = 'page_size = 3\nlimits = [{ calls = 12, per = "hour" }]'
    world.env = {"SYNCD_STORE__SHOP__SCHEDULE__RECENT": "6h"}
    stock_up(world, 28)
    with world.app() as app:
        daemon, _ = make_daemon(app)
        daemon.tick()
        trade(world, app, daemon, 3 * DAY)
        rows = [row for row in all_runs(app) if row.job == "sweep" and row.store is None]
    paused = [(row, after) for row, after in pairwise(rows) if row.outcome == "paused"]
    assert len(paused) >= 2
    assert all(after.started_at - row.started_at <= HOUR + timedelta(seconds=10) for row, after in paused)
    assert "done" in {row.outcome for row in rows}


def test_a_sweep_that_failed_is_tried_again_soon(world: World) -> None:
    """A full read that Unleashed did not answer is tried again after an hour, not after a day."""
    with world.app() as app:
        daemon, _ = make_daemon(app)
        daemon.tick()
        live(world, app, daemon, 23 * HOUR)
        world.unleashed.faults.add("refuse", times=500)
        live(world, app, daemon, 3 * HOUR)
        world.unleashed.faults.queue.clear()
        live(world, app, daemon, 3 * HOUR)
        outcomes = [row.outcome for row in all_runs(app) if row.job == "sweep" and row.store is None]
    assert outcomes[0] == "failed"
    assert outcomes[-1] == "done"
    assert len(outcomes) in (2, 3, 4)


def test_a_killed_sweep_is_taken_up_again(world: World) -> None:
    """A process that dies in a full read leaves it to the next one, which goes on after an hour at most."""
    with world.app() as app:
        daemon, work = make_daemon(app)
        daemon.tick()
        live(world, app, daemon, 23 * HOUR)
        world.clock.pass_time(3 * HOUR)
        daemon.tick()

        def die() -> None:
            raise SystemExit

        work.before = lambda: setattr(world.wire, "change", lambda *_: die())
        with pytest.raises(SystemExit):
            daemon.tick()
        assert work.started[-1] == ("sweep", "account:1")
        daemon.stop(0)
    world.wire.change = None
    world.clock.pass_time(timedelta(minutes=5))
    with world.app() as app:
        daemon, work = make_daemon(app)
        live(world, app, daemon, timedelta(minutes=70))
        assert ("sweep", "account:1") in work.started


def test_nothing_verifies_while_somebody_works(world: World) -> None:
    """A sweep that is due waits while another process holds the account, and starts when it is free."""
    with world.app("other") as other, world.app() as app:
        daemon, work = make_daemon(app)
        daemon.tick()
        live(world, app, daemon, 23 * HOUR)
        world.clock.pass_time(3 * HOUR)
        daemon.tick()
        step = other.pull_step("audit", "main")
        with other.db.write() as conn:
            held = leases.acquire(conn, step.lease, other.bench.holder, world.clock.at, HOUR)
        assert held is not None
        daemon.tick()
        assert ("sweep", "account:1") not in work.started
        with other.db.write() as conn:
            leases.release(conn, held)
        daemon.tick()
        assert work.started[-1] == ("sweep", "account:1")


@pytest.mark.parametrize(
    ("off", "never"),
    [("SWEEP", ("sweep", "account:1")), ("ROTATION", ("rotation", "store:1"))],
)
def test_what_is_off_never_happens(world: World, off: str, never: tuple[str, str]) -> None:
    """A store's "off" switches its side off: no sweep for it, or no looks at its listings."""
    world.env |= {f"SYNCD_STORE__SHOP__SCHEDULE__{each}": "off" for each in (off, "ORDERS", "CUSTOMERS")}
    with world.app() as app:
        daemon, work = make_daemon(app)
        daemon.tick()
        live(world, app, daemon, 3 * DAY)
    assert never not in work.started


def test_intervals_set_by_hand_are_kept(world: World) -> None:
    """A sweep every 8 hours and looks every 5 come as often as that."""
    world.env = {
        "SYNCD_STORE__SHOP__SCHEDULE__SWEEP": "8h",
        "SYNCD_STORE__SHOP__SCHEDULE__ROTATION": "5h",
    }
    with world.app() as app:
        daemon, work = make_daemon(app)
        daemon.tick()
        live(world, app, daemon, 2 * DAY)
    counted = Counter(work.started)
    assert counted["sweep", "account:1"] == 5
    assert counted["rotation", "store:1"] == 9
    assert counted["rotation", "account:1"] == 9


def test_an_edit_in_the_shop_is_found_within_its_bound(world: World) -> None:
    """What somebody changes in the shop is put right before the printed time is over."""
    with world.app() as app:
        daemon, _ = make_daemon(app)
        daemon.tick()
        live(world, app, daemon, DAY)
        world.shelf.with_sku("TEA-2")[0].stock_quantity = 70
        bound = planned(app, "main").plan.ghost_bound.store
        assert bound is not None
        live(world, app, daemon, bound)
    assert world.shelf.with_sku("TEA-2")[0].stock_quantity == 7


def test_a_silent_change_is_found_within_its_bound(world: World) -> None:
    """A change that Unleashed stamped with no time reaches the shop before the printed time is over."""
    with world.app() as app:
        daemon, _ = make_daemon(app)
        daemon.tick()
        live(world, app, daemon, DAY)
        world.books.set_stock(world.guid("TEA-2"), "W1", 4, bump=False)
        bound = planned(app, "main").plan.ghost_bound.unleashed
        assert bound is not None
        live(world, app, daemon, bound)
    assert world.shelf.with_sku("TEA-2")[0].stock_quantity == 4


def test_the_plan_adapts_to_what_was_measured(world: World) -> None:
    """The plan is made anew after an hour, from the size of the mirror and what a poll really takes."""
    world.account_keys = "page_size = 10"
    stock_up(world, 48)
    with world.app() as app:
        first = planned(app, "main")
        daemon, _ = make_daemon(app)
        daemon.tick()
        assert planned(app, "main") is first
        trade(world, app, daemon, 12 * HOUR)
        later = planned(app, "main")
    assert (first.profile.skus, later.profile.skus) == (0, 50)
    assert [first.plan.calls["sweep"], later.plan.calls["sweep"]] == [60, 300]
    assert first.profile.recent_calls is None
    assert later.profile.recent_calls is not None
    assert later.profile.recent_calls >= 2


def test_a_store_that_is_off_leaves_the_others_alone(world: World) -> None:
    """One store's "off" stops the looks at its own listings; the other's go on, and so do the sweeps."""
    world = make_world(world.folder, shops=("shop", "corner"), clock=world.clock, books=world.books)
    world.env = {
        "SYNCD_STORE__CORNER__SCHEDULE__ROTATION": "off",
        "SYNCD_STORE__CORNER__SCHEDULE__SWEEP": "off",
    }
    with world.app() as app:
        daemon, work = make_daemon(app)
        daemon.tick()
        live(world, app, daemon, 51 * HOUR)
        off = f"store:{app.store_row('corner').id}"
        on = f"store:{app.store_row('shop').id}"
    assert ("rotation", off) not in work.started
    assert work.started.count(("rotation", on)) == 2
    assert work.started.count(("sweep", "account:1")) == 2


def test_where_no_plan_fits_the_slowest_is_gone_by(world: World) -> None:
    """A limit that is too small for two hours still has its polls every 58 minutes, and the limit holds."""
    world.account_keys = 'limits = [{ calls = 45, per = "day" }]'
    with world.app() as app:
        daemon, _ = make_daemon(app)
        daemon.tick()
        live(world, app, daemon, 20 * HOUR)
        plan, polls = planned(app, "main"), started(app, "recent")
    assert set(plan.refusals) == {"account main"}
    assert timedelta(minutes=58) <= polls[2] - polls[1] <= timedelta(minutes=59, seconds=20)
    assert len(world.unleashed.calls) <= 45

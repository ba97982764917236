"""The tick: what is due is started, once, whatever the clock, the jobs or the other processes do."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from tests.daemon.clockwork import AtOnce, all_runs, make_daemon, tick_for
from tests.world import World, make_world

TICK = timedelta(seconds=20)
MINUTE = timedelta(minutes=1)


def test_the_first_tick_does_everything_once(world: World) -> None:
    """A job that never ran is due at once, and is not due again with the next tick."""
    with world.app() as app:
        daemon, work = make_daemon(app)
        daemon.tick()
        daemon.tick()
        assert work.started == [("recent", "account:1")]
        assert [(row.job, row.store, row.outcome) for row in all_runs(app)] == [
            ("recent", None, "done"),
            ("recent", "shop", "done"),
        ]
    assert world.shelf.with_sku("TEA-1")[0].stock_quantity == 5


def test_recent_runs_every_48_minutes(world: World) -> None:
    """By default the job runs every 48 minutes and its stable offset of at most one minute, drift and all."""
    with world.app() as app:
        daemon, _ = make_daemon(app)
        daemon.tick()
        moments = tick_for(world, daemon, timedelta(hours=6), TICK)
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert len(moments) == 7
    assert len(set(gaps)) == 1
    assert timedelta(minutes=48) <= gaps[0] <= timedelta(minutes=49, seconds=20)


def test_the_offset_outlives_the_process(world: World) -> None:
    """The next process starts the job at the same moment as the one before would have."""
    with world.app() as app:
        daemon, _ = make_daemon(app)
        daemon.tick()
        first, second = tick_for(world, daemon, timedelta(minutes=100), TICK)
        daemon.stop(0)
    world.clock.pass_time(timedelta(minutes=30))
    with world.app() as app:
        daemon, _ = make_daemon(app)
        [third] = tick_for(world, daemon, timedelta(minutes=30), TICK)
    assert third - second == second - first


def test_the_shortest_interval_among_the_stores_counts(world: World) -> None:
    """An account is pulled at the shortest interval that one of its stores asks for, for all of them."""
    world = make_world(world.folder, shops=("shop", "corner"), clock=world.clock, books=world.books)
    world.env = {"SYNCD_STORE__CORNER__SCHEDULE__RECENT": "10m"}
    with world.app() as app:
        daemon, _ = make_daemon(app)
        daemon.tick()
        moments = tick_for(world, daemon, timedelta(hours=1), TICK)
        stores = {row.store for row in all_runs(app)}
    assert len(moments) == 5
    assert stores == {None, "shop", "corner"}


def test_a_job_that_is_off_is_never_started(world: World) -> None:
    """With "off" nothing is asked of anybody, and status says that nothing comes next."""
    world.env = {"SYNCD_STORE__SHOP__SCHEDULE__RECENT": "off"}
    with world.app() as app:
        daemon, work = make_daemon(app)
        daemon.tick()
        assert tick_for(world, daemon, timedelta(hours=3), MINUTE) == []
        assert work.started == []
        assert daemon.state() == "running"


def test_what_is_overdue_is_caught_up_once(world: World) -> None:
    """After a long standstill each job is done at once and only once, what verifies after the rest."""
    with world.app() as app:
        daemon, _ = make_daemon(app)
        daemon.tick()
        daemon.stop(0)
    world.clock.pass_time(timedelta(days=3))
    with world.app() as app:
        daemon, work = make_daemon(app)
        daemon.tick()
        assert [job for job, _ in work.started] == ["recent", "tidy"]
        tick_for(world, daemon, timedelta(minutes=40), MINUTE)
        assert work.started[2:] == [("sweep", "account:1"), ("rotation", "store:1")]


@pytest.mark.parametrize("back", [timedelta(minutes=5), timedelta(hours=2), timedelta(days=400)])
def test_a_clock_set_back_does_not_silence_a_job(world: World, back: timedelta) -> None:
    """However far the clock is set back, the job runs within its interval, by the new time."""
    with world.app() as app:
        daemon, work = make_daemon(app)
        daemon.tick()
        world.clock.at -= back
        tick_for(world, daemon, timedelta(minutes=60), MINUTE)
    assert work.started[1:].count(("recent", "account:1")) in (1, 2)
    assert work.started.count(("sweep", "account:1")) in (0, 1)


def test_a_job_still_at_work_is_not_started_again(world: World) -> None:
    """While the job is at work its next time passes; when it has ended it is done once."""
    with world.app() as app:
        daemon, work = make_daemon(app)
        daemon.tick()
        work.busy = True
        tick_for(world, daemon, timedelta(hours=3), MINUTE)
        work.busy = False
        daemon.tick()
        daemon.tick()
        assert len(work.started) == 2


def test_two_processes_do_a_due_job_once(world: World) -> None:
    """When another process notes the start first, the job is left to it."""
    with world.app("one") as one, world.app("other") as other:
        second, _ = make_daemon(other, AtOnce())
        first, work = make_daemon(one, AtOnce(before=lambda: second.due.tick(AtOnce())))
        first.tick()
        assert len(work.started) == 1
        assert [row.store for row in all_runs(one)].count(None) == 1


@pytest.mark.parametrize("side", ["unleashed", "shop"])
def test_a_job_that_fails_never_stops_the_tick(world: World, side: str) -> None:
    """A side that is down makes a failed run; the job is tried again at its next time and then succeeds."""
    emulator = world.unleashed if side == "unleashed" else world.shop
    emulator.faults.add("refuse", times=50)
    with world.app() as app:
        daemon, _ = make_daemon(app)
        daemon.tick()
        assert "failed" in {row.outcome for row in all_runs(app)}
        emulator.faults.queue.clear()
        tick_for(world, daemon, timedelta(minutes=50), MINUTE)
        assert [row.outcome for row in all_runs(app)][-2:] == ["done", "done"]
    assert world.shelf.with_sku("TEA-1")[0].stock_quantity == 5


def test_an_error_of_our_own_never_stops_the_tick(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """An exception outside of every step is told in the log; the daemon leads on and starts the next run."""
    with world.app() as app:
        daemon, work = make_daemon(app)
        daemon.tick()
        del app.settings.stores["shop"].__dict__["schedule"]
        world.clock.pass_time(timedelta(minutes=70))
        daemon.tick()
        assert daemon.state() == "running"
        assert len(work.started) == 1
    assert "tick.failed" in capsys.readouterr().out


def test_a_job_that_crashes_outside_its_steps_is_told(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """What goes wrong before a step begins is in the log too, and nobody else is kept from working."""
    with world.app() as app:
        daemon, _ = make_daemon(app)
        daemon.tick()
        with app.db.write() as conn:
            conn.exec_driver_sql("ALTER TABLE run RENAME COLUMN holder TO held_by")
        world.clock.pass_time(timedelta(minutes=50))
        daemon.tick()
        with app.db.write() as conn:
            conn.exec_driver_sql("ALTER TABLE run RENAME COLUMN held_by TO holder")
        world.clock.pass_time(timedelta(minutes=50))
        daemon.tick()
        assert [row.outcome for row in all_runs(app)][-2:] == ["done", "done"]
    assert "failed" in capsys.readouterr().out


def test_tidying_is_done_once_a_day(world: World) -> None:
    """From a day after the first start on, what the sides say of themselves is read anew every day."""
    with world.app() as app:
        daemon, work = make_daemon(app)
        daemon.tick()
        assert ("tidy", "all") not in work.started
        for day in (1, 2):
            world.clock.pass_time(timedelta(days=1, minutes=2))
            daemon.tick()
            daemon.tick()
            assert work.started.count(("tidy", "all")) == day

"""Who leads: one daemon works, another stands by, and a dead one's work passes on after its time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from syncd.app import App
from syncd.app.recent import recent
from syncd.daemon import LEASE
from syncd.emulator.wire import Request, Response
from syncd.state import leases, runs
from tests.daemon.clockwork import AtOnce, all_runs, make_daemon, tick_for
from tests.world import Killed, Seams, World, make_world

TTL = timedelta(seconds=60)


def take_over(app: App, lease: str, holder: str = "the usurper") -> None:
    """Have another process take a lease that has run out."""
    with app.db.write() as conn:
        later = app.bench.clock.now() + 2 * TTL
        assert leases.acquire(conn, lease, holder, later, TTL) is not None


def test_a_second_daemon_stands_by(world: World) -> None:
    """The first daemon leads; the second one says that it stands by, and starts nothing."""
    with world.app("one") as one, world.app("other") as other:
        first, _ = make_daemon(one)
        second, work = make_daemon(other)
        assert (first.state(), second.state()) == ("standby", "standby")
        first.tick()
        second.tick()
        assert (first.state(), second.state()) == ("running", "standby")
        assert work.started == []


def test_there_is_one_leader_on_either_database(tmp_path: Path, url: str) -> None:
    """On SQLite and on PostgreSQL one daemon leads, and the other one takes over when that has stopped."""
    world = make_world(tmp_path, url.replace("postgresql://", "postgresql+psycopg://"))
    with world.app("one") as one, world.app("other") as other:
        first, _ = make_daemon(one)
        second, _ = make_daemon(other)
        first.tick()
        second.tick()
        assert (first.state(), second.state()) == ("running", "standby")
        first.stop(0)
        second.tick()
        assert (first.state(), second.state()) == ("draining", "running")


def test_the_standby_takes_over_from_a_dead_leader(world: World) -> None:
    """A leader that stops renewing is replaced once its lease has run out, and not before."""
    with world.app("one") as one, world.app("other") as other:
        first, _ = make_daemon(one)
        second, work = make_daemon(other)
        first.tick()
        world.clock.pass_time(TTL - timedelta(seconds=1))
        second.tick()
        assert second.state() == "standby"
        world.clock.pass_time(timedelta(minutes=50))
        second.tick()
        assert (second.state(), len(work.started)) == ("running", 1)
        assert second.since == world.clock.at


def test_a_leader_that_stops_hands_over_at_once(world: World) -> None:
    """A daemon that is asked to stop lets go of its lease: the standby leads with its next tick."""
    with world.app("one") as one, world.app("other") as other:
        first, _ = make_daemon(one)
        second, _ = make_daemon(other)
        first.tick()
        assert first.stop(0) is True
        assert first.state() == "draining"
        second.tick()
        assert second.state() == "running"
        first.tick()
        assert second.state() == "running"


def test_a_leader_that_was_replaced_stands_by(world: World) -> None:
    """A leader that slept through its lease finds another one leading, and starts nothing any more."""
    with world.app("one") as one:
        first, work = make_daemon(one)
        first.tick()
        take_over(one, LEASE)
        world.clock.pass_time(timedelta(minutes=50))
        first.tick()
        assert (first.state(), len(work.started)) == ("standby", 1)
        world.clock.pass_time(3 * TTL)
        first.tick()
        assert (first.state(), len(work.started)) == ("running", 2)


def test_the_leader_keeps_leading(world: World) -> None:
    """As long as it ticks, a leader is never replaced, however long it runs."""
    with world.app("one") as one, world.app("other") as other:
        first, _ = make_daemon(one)
        second, work = make_daemon(other)
        first.tick()
        since = first.since
        for _ in range(30):
            tick_for(world, first, timedelta(seconds=50), timedelta(seconds=25))
            second.tick()
        assert (first.state(), second.state(), work.started) == ("running", "standby", [])
        assert first.since == since


def test_a_lost_lease_stops_calls(world: World) -> None:
    """Once another process has taken a step's lease over, not one more call of the step goes out."""
    with world.app("one") as one:
        world.books.add_product("TEA-3", "Late", "10")

        def taken_over_meanwhile(request: Request, response: Response) -> Response:
            if len(world.wire.requests) == 1:
                take_over(one, "pull:1")
            return response

        world.wire.change = taken_over_meanwhile
        [pulled, *_] = recent(one, "main")
        assert len(world.wire.requests) == 1
        assert (pulled.outcome, pulled.exit_code) == ("partial", 1)
        assert "Another process has taken over pull:1" in (pulled.error or "")


def test_runs_whose_process_is_gone_become_killed(world: World) -> None:
    """A run that a dead process left open is marked once its lease has run out; the work is done again."""
    seams = Seams(kill_at=14)
    with pytest.raises(Killed), world.app("doomed", seams) as doomed:
        make_daemon(doomed)[0].tick()
    with world.app("heir") as heir:
        daemon, _ = make_daemon(heir)
        daemon.tick()
        before = [row.outcome for row in all_runs(heir)]
        world.clock.pass_time(timedelta(minutes=50))
        daemon.tick()
        after = [row.outcome for row in all_runs(heir)]
    assert before == [None]
    assert after[0] == "killed"
    assert after[-2:] == ["done", "done"]
    assert world.shelf.with_sku("TEA-1")[0].stock_quantity == 5


def test_runs_at_work_are_not_called_killed(world: World) -> None:
    """A tick leaves the runs of living processes alone."""
    with world.app("worker") as worker, world.app("daemon") as other:
        with worker.db.write() as conn:
            assert leases.acquire(conn, "pull:1", "worker", world.clock.at, TTL) is not None
            number = runs.start(conn, "resync", 1, None, "worker", world.clock.at)
        make_daemon(other)[0].tick()
        with worker.db.read() as conn:
            row = runs.run(conn, number)
        assert row is not None
        assert row.outcome is None


def test_the_daemon_is_gone_from_status_once_it_has_stopped(world: World) -> None:
    """While it leads, status names the daemon; after its end nobody is named."""
    with world.app("the daemon") as app:
        daemon, _ = make_daemon(app, AtOnce())
        daemon.tick()
        leader = world.status().leader
        assert leader is not None
        assert leader.holder == "the daemon"
        daemon.stop(0)
        assert world.status().leader is None

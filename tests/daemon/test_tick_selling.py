"""The tick of a shop that sells: orders, customers, write-back and telling, each at its own interval."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from tests.daemon.clockwork import AtOnce, make_daemon, tick_for
from tests.world import World

MINUTE = timedelta(minutes=1)
JOBS = ("orders", "customers", "write_back", "notify")


def started(world: World, **env: str) -> Counter[str]:
    """Let a daemon tick for a day less a minute; return how often each of these jobs began."""
    world.env = env
    with world.app() as app:
        daemon, work = make_daemon(app, AtOnce(jobs=JOBS))
        daemon.tick()
        tick_for(world, daemon, timedelta(hours=6) - MINUTE, MINUTE)
    return Counter(job for job, _ in work.started)


def test_each_job_runs_at_its_interval(world: World) -> None:
    """Orders every five minutes, customers every six hours, telling every one or two minutes."""
    found = started(world)
    assert found["customers"] == 1
    assert 55 <= found["orders"] <= 72
    assert 175 <= found["notify"] <= 360
    assert found["write_back"] == 0


def test_what_is_off_is_never_started(world: World) -> None:
    """With orders and customers off nothing of them runs; telling goes on."""
    off = {f"SYNCD_STORE__SHOP__SCHEDULE__{job}": "off" for job in ("ORDERS", "CUSTOMERS")}
    found = started(world, **off)
    assert (found["orders"], found["customers"], found["notify"] > 0) == (0, 0, True)


def test_stores_are_told_where_they_want_to_be(world: World) -> None:
    """With a status to write back the job runs as often as the account is pulled."""
    world.more_toml = '[store.shop.orders]\nwrite_back = { completed = "completed" }'
    assert started(world)["write_back"] == 8

"""The purses as a person sees them: spent by whom, left to whom, and until when the rest will last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from syncd.app.budget import Purse, purses, take_used
from tests.flows.conftest import NewWorld
from tests.world import World

DAY = timedelta(days=1)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)


def stocked(world: World) -> World:
    world.books.add_warehouse("W1", default=True)
    guid = world.books.add_product("P1", "Name", 10)
    world.books.set_stock(guid, "W1", 5)
    world.shelf.add_simple("P1", "Name", "10.00", 1)
    return world


def seen(world: World) -> tuple[Purse, Purse]:
    """Return the purses of the account and of the shop."""
    with world.app() as app:
        account, store = purses(app)
    return account, store


def test_a_month_that_will_not_last_has_a_date(new_world: NewWorld) -> None:
    """The rest is divided by the rate of the last week: it lasts, or is gone on a day that is told."""
    world = stocked(new_world(account_keys='limits = [{ calls = 400, per = "month" }]'))
    for _ in range(12):
        world.recent(minutes=120)
    account, _ = seen(world)
    (pool,) = account.pools
    spent, now = len(world.unleashed.calls), world.clock.now()
    assert (pool.spent.spent, pool.spent.resets_at, pool.spent.failed) == (spent, APRIL, 0)
    assert pool.runs_out is not None
    rate = spent / max(1.0, (now - now.replace(day=2, hour=0)) / DAY)
    expected = now + DAY * ((400 - spent) / rate)
    assert abs(pool.runs_out - expected) < timedelta(minutes=1)
    world.account_keys = 'limits = [{ calls = 40000, per = "month" }]'
    assert seen(world)[0].pools[0].runs_out is None


def test_others_use_the_month_up_too(new_world: NewWorld) -> None:
    """What Unleashed's page shows beyond our own calls is told apart, and counts in the forecast."""
    world = stocked(new_world(account_keys='limits = [{ calls = 5000, per = "month" }]'))
    world.recent()
    before = seen(world)[0]
    assert (before.others, before.pools[0].runs_out) == (0, None)
    with world.app() as app:
        take_used(app, 1000, None)
    after = seen(world)[0]
    assert (after.counted, after.others) == (1000, 1000 - len(world.unleashed.calls))
    runs_out = after.pools[0].runs_out
    assert runs_out is not None
    assert world.clock.now() < runs_out < APRIL


def test_both_pools_of_a_shop_are_told(new_world: NewWorld) -> None:
    """An hour that overflows says into what, and the day how much was taken from it."""
    overflow = '{ calls = 9, per = "day", zone = "Europe/Prague" }'
    keys = f'limits = [{{ calls = 1, per = "hour", overflow = {overflow} }}]'
    world = stocked(new_world(store_keys=keys))
    world.recent()
    _, store = seen(world)
    calls = len(world.shop.calls)
    hour, day = store.pools
    assert (hour.spent.spent, hour.into, hour.runs_out) == (1, "day", None)
    assert (day.spent.spent, day.spent.extra, day.spent.resets_at.hour) == (calls - 1, True, 23)
    assert sum(used.attempts for used in store.today.values()) == calls


def test_a_purse_that_sleeps_says_so(new_world: NewWorld) -> None:
    """After a 429 the purse shows until when nobody calls, and the failed call."""
    world = stocked(new_world())
    world.unleashed.faults.add("status", status=429, headers={"retry-after": "7200"})
    world.recent()
    account, _ = seen(world)
    assert account.asleep == world.clock.now() + timedelta(hours=2)
    assert account.month["recent"].failed == 1

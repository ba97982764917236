"""Say how the purses stand: what is spent, by whom, what must be left, and how long the rest will last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from syncd.app.wiring import App
from syncd.core import budget
from syncd.core.budget import Needs
from syncd.errors import UsageError
from syncd.state import accounts, ledger, usage
from syncd.state.db import Connection
from syncd.state.records import PoolLimit, PoolSpent, Used

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pool:
    """One pool now. `reserves` are the calls that each purpose must leave in it, one purpose a rank.

    `runs_out` is when it will be spent at the present rate, None if it lasts until it resets or if calls then
    go on in the pool `into`.
    """

    spent: PoolSpent
    reserves: Mapping[str, int]
    runs_out: datetime | None
    into: str | None = None


@dataclass(frozen=True, slots=True)
class Purse:
    """What one account or store has spent, this month and today (UTC), by purpose.

    `others` are the calls of this month that no purpose here made: those of other programs. `per_day` is
    what each purpose attempted a day in the last week. `asleep` None: nobody told us to wait.
    """

    kind: Literal["account", "store"]
    name: str
    pools: tuple[Pool, ...]
    month: Mapping[str, Used]
    today: Mapping[str, Used]
    counted: int
    others: int
    per_day: Mapping[str, float] = field(default_factory=dict)
    asleep: datetime | None = None


def purses(app: App, account: str | None = None) -> list[Purse]:
    """Return the purses of all accounts, each followed by its stores, or those of one account.

    Raises UsageError if there is no such account.
    """
    found = []
    for name in [_known(app, account)] if account is not None else app.settings.accounts:
        found.append(_account(app, name))
        found += [_store(app, store) for store in app.stores_of(name)]
    return found


def take_used(app: App, calls: int, account: str | None) -> str:
    """Take the figure that Unleashed's own page shows for this month; the larger count wins.

    Returns what that means, as a sentence. Raises UsageError if there are several accounts and none is named.
    """
    name = _known(app, account or _only(app))
    purse, limits = accounts.purse_of(app.account_row(name)), app.limits(app.settings.accounts[name])
    now = app.bench.clock.now()
    with app.db.write() as conn:
        ours = ledger.calls_in_month(conn, purse, now)
        ledger.told_of_month(conn, purse, limits, calls, now)
    if calls > ours:
        more = calls - ours
        return f"account {name}: {calls} calls this month, {more} more than were counted here, now count."
    return f"account {name}: {ours} calls were counted here this month; the larger count stays."


def _known(app: App, account: str) -> str:
    if account not in app.settings.accounts:
        known = ", ".join(app.settings.accounts)
        raise UsageError(f"There is no account {account!r}.", f"Configured are: {known}.")
    return account


def _only(app: App) -> str:
    names = list(app.settings.accounts)
    if len(names) != 1:
        what = "A figure belongs to one account, and there are several."
        raise UsageError(what, f"Name it with --account: {', '.join(names)}.")
    return names[0]


def _account(app: App, name: str) -> Purse:
    purse, limits = accounts.purse_of(app.account_row(name)), app.limits(app.settings.accounts[name])
    needs = app.needs("account", name)
    with app.db.read() as conn:
        return _purse(conn, ("account", name), purse, limits, needs, app.bench.clock.now())


def _store(app: App, name: str) -> Purse:
    purse, limits, needs = (
        app.store_purse(name),
        app.limits(app.settings.stores[name]),
        app.needs("store", name),
    )
    with app.db.read() as conn:
        return _purse(conn, ("store", name), purse, limits, needs, app.bench.clock.now())


def _purse(
    conn: Connection,
    whose: tuple[Literal["account", "store"], str],
    purse: str,
    limits: tuple[PoolLimit, ...],
    needs: Needs,
    now: datetime,
) -> Purse:
    per_day = usage.attempts_per_day(conn, purse, now)
    today = usage.day_of(now)
    month = usage.by_purpose(conn, purse, today.replace(day=1), now + _DAY)
    counted = ledger.calls_in_month(conn, purse, now)
    others = max(0, counted - usage.total(month).attempts)
    elapsed = max(_DAY, now - today.replace(day=1))
    rate = sum(per_day.values()) + others / (elapsed / _DAY)
    pools = tuple(_pools(ledger.spent(conn, purse, limits, now), rate, needs, now))
    by_today = usage.by_purpose(conn, purse, today, now + _DAY)
    asleep = ledger.asleep_until(conn, purse, now)
    return Purse(*whose, pools, month, by_today, counted, others, per_day, asleep)


def _pools(spent: list[PoolSpent], rate: float, needs: Needs, now: datetime) -> Iterator[Pool]:
    for pool, after in zip(spent, [*spent[1:], None], strict=False):
        left = pool.resets_at - now
        reserves = {
            purpose: budget.reserve(purpose, needs, pool.limit, pool.per, left)
            for purpose in budget.one_a_rank()
        }
        into = after.per if after is not None and after.extra else None
        time = None if into else budget.lasts(pool.limit - pool.spent, _rate(pool, rate, now), left)
        yield Pool(pool, reserves, None if time is None else now + time, into)


def _rate(pool: PoolSpent, rate: float, now: datetime) -> float:
    """Return the calls a day that the pool is drawn on; what overflows is as it has been in this window."""
    if not pool.extra or pool.began is None:
        return rate
    return pool.spent / (max(timedelta(hours=1), now - pool.began) / _DAY)

"""How many calls an account has left for one purpose now, so that nothing is begun in vain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from syncd.app.wiring import App
from syncd.core.budget import Needs, reserve
from syncd.state import accounts, ledger
from syncd.state.records import PoolSpent


def room(app: App, account: str, purpose: str) -> int | None:
    """Return the calls that the purpose may make now beside what higher ranks keep; None: no limit."""
    now, purse = app.bench.clock.now(), accounts.purse_of(app.account_row(account))
    limits, needs = app.limits(app.settings.accounts[account]), app.needs("account", account)
    with app.db.read() as conn:
        asleep = ledger.asleep_until(conn, purse, now)
        spent = ledger.spent(conn, purse, limits, now)
    if asleep is not None and asleep > now:
        return 0
    return min(_rooms(spent, purpose, needs, now), default=None)


def _rooms(spent: Sequence[PoolSpent], purpose: str, needs: Needs, now: datetime) -> Iterator[int]:
    """Yield the room under each limit; a pool that goes on where one ends adds to it."""
    for pool, after in zip(spent, [*spent[1:], None], strict=False):
        if not pool.extra:
            more = _left(after, purpose, needs, now) if after is not None and after.extra else 0
            yield _left(pool, purpose, needs, now) + more


def _left(pool: PoolSpent, purpose: str, needs: Needs, now: datetime) -> int:
    kept = reserve(purpose, needs, pool.limit, pool.per, pool.resets_at - now)
    return max(0, pool.limit - pool.spent - kept)

"""Which jobs must go well how often, as it is configured: what the dead-man and `status --check` go by."""

from __future__ import annotations

from datetime import timedelta

from syncd.app import recent
from syncd.app.wiring import App
from syncd.core.promise import Promise
from syncd.state import accounts


def promises(app: App) -> list[Promise]:
    """Return what is promised for every account and store that the database knows; "off" promises nothing.

    An account's share of a job is promised at the shortest interval among its stores.
    """
    found: list[Promise] = []
    there = _known(app)
    for account in app.settings.accounts:
        stores = [name for name in app.stores_of(account) if name in there]
        row_id = app.account_row(account).id
        every = recent.interval(app, account)
        if every is not None:
            found.append(Promise(recent.JOB, account, row_id, every))
            found += [Promise(recent.JOB, account, row_id, every, name, there[name]) for name in stores]
        for job in ("orders", "customers"):
            wanted = {name: every for name in stores if (every := _interval(app, job, name)) is not None}
            found += [
                Promise(job, account, row_id, every, name, there[name]) for name, every in wanted.items()
            ]
            found += [Promise(job, account, row_id, min(wanted.values()))] if wanted else []
    return found


def _known(app: App) -> dict[str, int]:
    """Return the stores' rows by name; one that was renamed and not asked yet is not among them."""
    with app.db.read() as conn:
        return {row.name: row.id for row in accounts.stores(conn)}


def _interval(app: App, job: str, store: str) -> timedelta | None:
    schedule = app.settings.stores[store].schedule
    return schedule.orders if job == "orders" else schedule.customers

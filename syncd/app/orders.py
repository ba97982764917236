"""The orders job: what each store sold is taken in, then posted to its account."""

from __future__ import annotations

from datetime import timedelta

from syncd.app import selling
from syncd.app.wiring import App
from syncd.flows.intake import take_orders, taking_orders
from syncd.flows.post import post_due
from syncd.jobs import Attempt, Report, Result, attempt_step

JOB = "orders"

PATIENCE = timedelta(minutes=2)
"""How long one store's orders wait while another's are posted to the same account."""

CATCHING_UP = timedelta(seconds=10)
"""How long a push that would raise stock waits for an intake that is under way."""


def orders(app: App, account: str, *, store: str | None = None, dry_run: bool = False) -> list[Report]:
    """Take in the orders of the account's stores (or the one named), then post what is due.

    An intake that failed does not keep back what was taken in before. A store in shadow mode, or a dry run,
    takes orders in and only tells what would be posted.
    """

    def post(attempt: Attempt) -> Result:
        post_due(selling.post(app, attempt, JOB, store=store, dry_run=dry_run))
        return Result()

    reports = [take_in(app, name) for name in ([store] if store else app.stores_of(account))]
    if not app.bench.stop.is_set():
        reports.append(attempt_step(app.bench, selling.post_step(app, JOB, account), post, PATIENCE))
    return reports


def take_in(app: App, store: str, patience: timedelta = timedelta(0)) -> Report:
    """Take in the orders of one store."""

    def work(attempt: Attempt) -> Result:
        take_orders(selling.intake(app, attempt, JOB))
        return Result()

    return attempt_step(app.bench, selling.intake_step(app, JOB, store), work, patience)


def catch_up(app: App, store: str) -> bool:
    """Take in what the account's stores sold until now, before stock is raised in one of them.

    Returns whether that one's own orders are known; another store that cannot be asked does not keep it back
    for as long as it is away. A store whose orders are not taken in has none that count.
    """
    others = [name for name in app.stores_of(app.account_of(store)) if name != store]
    for name in others:
        if _concerned(app, name):
            take_in(app, name)
    return not _concerned(app, store) or take_in(app, store, CATCHING_UP).outcome == "done"


def _concerned(app: App, store: str) -> bool:
    if interval(app, store) is None:
        return False
    row = app.store_row(store)
    with app.db.read() as conn:
        return taking_orders(conn, row.id)


def interval(app: App, store: str) -> timedelta | None:
    """Return how often a store's orders are taken in, None if that is switched off."""
    return app.settings.stores[store].schedule.orders


def subject(app: App, store: str) -> str:
    """Return the store's name among the due rows: its row, which outlives a renamed section."""
    return f"store:{app.store_row(store).id}"

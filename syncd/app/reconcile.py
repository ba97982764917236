"""The daily reconciliation: the orders of the last days against Unleashed's, differences told to people."""

from __future__ import annotations

from datetime import timedelta

from syncd.app.wiring import App
from syncd.core.alert import Trouble
from syncd.flows.reconcile import Compared, Shelf, compare
from syncd.jobs import Attempt, Report, Result, attempt_step
from syncd.state import alerts, outcomes
from syncd.state.db import Connection

JOB = "reconcile"
PURPOSE = "orders"
DAYS = 7
CAUSE = "reconcile"
SHOWN = 5


def reconcile(app: App, account: str, *, days: int = DAYS) -> tuple[list[Compared], Report]:
    """Compare the account's stores' orders of the last days with Unleashed's: 1 call per 1000 changed orders.

    Differences become an alert that stays until a later comparison finds none.
    """
    found: list[Compared] = []

    def work(attempt: Attempt) -> Result:
        now = app.bench.clock.now()
        client = app.unleashed(account, app.account_meter(account, PURPOSE, attempt))
        shelves = [
            Shelf(app.store_row(name), app.settings.stores[name].orders.prefix)
            for name in app.stores_of(account)
        ]
        found.extend(compare(app.db, client, shelves, now - timedelta(days=days), now, attempt.beat))
        with app.db.write() as conn:
            for shelf, each in zip(shelves, found, strict=True):
                _tell(conn, app, f"store:{shelf.row.id}", each)
        return Result()

    report = attempt_step(app.bench, app.pull_step(JOB, account), work)
    return found, report


def sells(app: App, account: str) -> bool:
    """Tell whether a store of the account ever had an order posted: else there is nothing to compare."""
    rows = [app.store_row(name).id for name in app.stores_of(account)]
    with app.db.read() as conn:
        return outcomes.oldest_posted(conn, rows) is not None


def _tell(conn: Connection, app: App, subject: str, each: Compared) -> None:
    now, differences = app.bench.clock.now(), each.result.differences
    if not differences:
        alerts.clear_event(conn, (CAUSE,), subject, now)
        return
    first = " ".join(one.what for one in differences[:SHOWN])
    number = "1 order differs" if len(differences) == 1 else f"{len(differences)} orders differ"
    what = f"store {each.store}: {number} from Unleashed's since {each.since:%Y-%m-%d}: {first}"
    do = f"See `syncd orders reconcile --store {each.store}`, and put right by hand what is wrong."
    alerts.raise_event(conn, Trouble(CAUSE, subject, what, do, times=len(differences)), now)

"""A person's decisions about orders and customers, each a run of its own under the lease it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from syncd.app import selling
from syncd.app.wiring import App
from syncd.errors import Stopped
from syncd.flows import order_decided
from syncd.flows.imported import import_orders
from syncd.flows.intake import take_orders
from syncd.flows.order_decided import Decided, Decision
from syncd.jobs import Attempt, Report, Result, Step, attempt_step
from syncd.state import customer_links, customers
from syncd.state.customer_links import CustomerLink

T = TypeVar("T")

PATIENCE = timedelta(minutes=2)
"""How long a person waits for a batch of the daemon to end."""

JOB = "orders decided"


def retry(app: App, store: str, words: Sequence[str]) -> tuple[list[Decided], Report]:
    """Put documents back into the queue, due now."""
    return _posting(app, store, lambda decision: order_decided.retry(decision, words))


def retry_all(app: App, store: str, cause: str | None) -> tuple[list[Decided], Report]:
    """Put everything that is stuck, or what has this cause, back into the queue."""
    return _posting(app, store, lambda decision: order_decided.retry_all(decision, cause))


def skip(app: App, store: str, word: str, reason: str) -> tuple[list[Decided], Report]:
    """Leave a document alone for this reason."""
    return _posting(app, store, lambda decision: [order_decided.skip(decision, word, reason)])


def import_ids(app: App, store: str, order_ids: Sequence[str]) -> tuple[list[Decided], Report]:
    """Read orders from the store and take them in, also those before `orders.since`."""
    return _under(
        app,
        selling.intake_step(app, JOB, store),
        lambda attempt: import_orders(selling.intake(app, attempt, "orders"), order_ids),
    )


def import_since(app: App, store: str, since: datetime) -> Report:
    """Take in every order that the store made since then, and all that follows."""

    def work(attempt: Attempt) -> list[Decided]:
        intake = selling.intake(app, attempt, "orders")
        take_orders(replace(intake, rules=replace(intake.rules, since=since)))
        return []

    return _under(app, selling.intake_step(app, JOB, store), work)[1]


def set_customer(app: App, store: str, ref: str, code: str) -> tuple[list[CustomerLink], Report]:
    """Decide which of Unleashed's customers a store's customer is; it is never decided anew.

    The code must be in the mirror, in use, and nobody else's.
    """

    def work(attempt: Attempt) -> list[CustomerLink]:
        row = app.store_row(store)
        with app.db.write() as conn:
            found = [each for each in customers.by_code(conn, row.account_id, code) if not each.obsolete]
            if len(found) != 1:
                many = "several customers" if found else "no customer in use"
                do = "Correct the code, or run `syncd once customers` first to read new ones."
                raise Stopped(f"Unleashed has {many} with the code {code}.", do)
            link = CustomerLink(ref, found[0].guid, "set", app.bench.clock.now())
            customer_links.save_links(conn, row.id, [link])
        del attempt
        return [link]

    return _under(app, selling.intake_step(app, JOB, store), work)


def unset_customer(app: App, store: str, ref: str) -> tuple[list[bool], Report]:
    """Forget whom a store's customer was linked to, so that it is decided anew; tell whether it was."""

    def work(attempt: Attempt) -> list[bool]:
        del attempt
        row = app.store_row(store)
        with app.db.write() as conn:
            return [customer_links.unset(conn, row.id, ref)]

    return _under(app, selling.intake_step(app, JOB, store), work)


def _posting(app: App, store: str, work: Callable[[Decision], list[Decided]]) -> tuple[list[Decided], Report]:
    """Decide under the lease of posting: nothing of the account is sent meanwhile."""

    def decide(attempt: Attempt) -> list[Decided]:
        return work(Decision(app.db, app.store_row(store), attempt.run_id, app.bench.clock.now()))

    return _under(app, selling.post_step(app, JOB, app.account_of(store)), decide)


def _under(app: App, step: Step, work: Callable[[Attempt], list[T]]) -> tuple[list[T], Report]:
    found: list[T] = []

    def run(attempt: Attempt) -> Result:
        found.extend(work(attempt))
        return Result()

    report = attempt_step(app.bench, step, run, PATIENCE)
    return found, report

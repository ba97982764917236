"""Put together what intake and posting work with: each store's rules for orders and customers, its clock."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd import config
from syncd.app.wiring import App
from syncd.core.customer_match import CustomerRules
from syncd.core.order_rules import OrderRules
from syncd.core.sale_identity import Names
from syncd.flows.intake import Intake
from syncd.flows.post import Post, Shop
from syncd.http import Ending, Meter, Permit, http_date
from syncd.jobs import Attempt, Step

MARGIN = timedelta(minutes=2)
"""How far the clocks of one shop's servers may lie apart."""


def order_rules(store: config.Store) -> OrderRules:
    """Return the store's orders section as decisions need it.

    An order that is to be completed is placed first, and completed by a call of its own.
    """
    orders = store.orders
    return OrderRules(
        when=orders.when,
        since=orders.since,
        status="Placed" if orders.status == "Completed" else orders.status,
        prefix=orders.prefix,
        warehouse=orders.warehouse,
        tax_codes=dict(orders.tax_codes or {}),
        shipping_product=orders.shipping_product,
        create_products=orders.create_products,
        negative_fees=orders.negative_fees,
    )


def customer_rules(store: config.Store) -> CustomerRules:
    """Return the store's customers section as decisions need it."""
    customers = store.customers
    house = customers.guests.partition(":")[2].strip()
    return CustomerRules(customers.match, customers.create, house, customers.prefix)


def intake_step(app: App, job: str, store: str) -> Step:
    """Return the step that takes in what a store shows."""
    account = app.account_of(store)
    return Step(job, "intake", account, app.account_row(account).id, store, app.store_row(store).id)


def post_step(app: App, job: str, account: str) -> Step:
    """Return the step that posts an account's orders."""
    return Step(job, "post", account, app.account_row(account).id)


def intake(app: App, attempt: Attempt, purpose: str) -> Intake:
    """Return what an intake of the attempt's store works with."""
    name = attempt.step.store or ""
    store = app.settings.stores[name]
    meter = Hearing(app.store_meter(name, purpose, attempt), name, app.heard)
    return Intake(
        db=app.db,
        store_row=app.store_row(name),
        store=app.store(name, meter),
        rules=order_rules(store),
        clock=app.bench.clock,
        run_id=attempt.run_id,
        refunds=store.orders.refunds,
        place=app.place(name),
        watching=lambda created: watching(app, name, created),
        beat=attempt.beat,
        tally=attempt.tally,
    )


def watching(app: App, store: str, created: datetime) -> str:
    """Return this process's name if the store made something at `created` after this process heard of it.

    Both times are by the store's own clock; "" where the store never said what time it is.
    """
    heard = app.heard.get(store)
    return app.bench.holder if heard is not None and created > heard + MARGIN else ""


def post(
    app: App, attempt: Attempt, purpose: str, *, store: str | None = None, dry_run: bool = False
) -> Post:
    """Return what posting the orders of the attempt's account (or one store of it) works with."""
    name = attempt.step.account
    client = app.unleashed(name, app.account_meter(name, purpose, attempt))
    return Post(
        db=app.db,
        account=app.account_row(name),
        client=client,
        shops=[shop(app, each, dry_run=dry_run) for each in ([store] if store else app.stores_of(name))],
        clock=app.bench.clock,
        run_id=attempt.run_id,
        holder=app.bench.holder,
        jitter=jitter,
        beat=attempt.beat,
        tally=attempt.tally,
    )


def shop(app: App, name: str, *, dry_run: bool = False) -> Shop:
    """Return one store as posting sees it."""
    store, row = app.settings.stores[name], app.store_row(name)
    return Shop(
        row=row,
        names=names(app, name),
        orders=order_rules(store),
        customers=customer_rules(store),
        refunds=store.orders.refunds,
        complete=store.orders.status == "Completed",
        give_up_after=store.orders.give_up_after,
        mode=app.mode(name, dry_run=dry_run),
    )


def names(app: App, store: str) -> Names:
    """Return the stable words for a store and its account: the shop's identity, the account's API id."""
    account = app.settings.accounts[app.account_of(store)]
    return Names(app.store_row(store).identity or "", account.api_id.strip().lower())


def jitter(document: str) -> float:
    """Return a fraction from 0 up to 1 that is the same whenever it is asked for again."""
    return int.from_bytes(hashlib.sha256(document.encode()).digest()[:4], "big") / 2**32


@dataclass(slots=True)
class Hearing:
    """A purse that notes what time it was in the store at the first answer, from its `Date`."""

    purse: Meter
    store: str
    heard: dict[str, datetime]

    def ask(self) -> Permit:
        return self.purse.ask()

    def settle(self, permit: Permit, ending: Ending, status: int | None, headers: Mapping[str, str]) -> None:
        self.purse.settle(permit, ending, status, headers)
        date = http_date(headers)
        if date is not None:
            self.heard.setdefault(self.store, date)

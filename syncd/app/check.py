"""The check: sign in to every side and judge whether the set-up can work. Writes nothing to any of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from syncd.app.wiring import App
from syncd.clock import Clock
from syncd.core import doctor
from syncd.core.doctor import Finding
from syncd.core.model import AccountFacts, StoreFacts
from syncd.errors import IdentityChanged, RemoteError, SyncdError, UsageError
from syncd.flows.pull import price_tiers, read_facts
from syncd.flows.push import read_store_facts, require_identity
from syncd.http import Ending, Meter, Permit, http_date
from syncd.state import accounts, links, migrate, mirror, progress
from syncd.state.records import Mirrored, StoreRow
from syncd.stores.base import Store
from syncd.unleashed.client import Unleashed
from syncd.unleashed.products import find_product

log = structlog.get_logger()

T = TypeVar("T")

PURPOSE = "check"


@dataclass(slots=True)
class Checked:
    """What was found, and how many calls it took on each side."""

    findings: list[Finding] = field(default_factory=list)
    calls_unleashed: int = 0
    calls_store: int = 0

    def exit_code(self) -> int:
        """Return 3 if a side could not be reached or signed in to, 1 for a problem, else 0."""
        levels = {finding.level for finding in self.findings}
        return 3 if "unreachable" in levels else 1 if "problem" in levels else 0


def check(app: App, *, accept_identity: str | None = None) -> Checked:
    """Look at every account and store. Raises UsageError if `accept_identity` names no store."""
    if accept_identity is not None and accept_identity not in app.settings.stores:
        known = ", ".join(app.settings.stores) or "none"
        what = f"There is no store {accept_identity} in the configuration."
        raise UsageError(what, f"Configured: {known}.")
    done = Checked([_database(app), *_configuration(app)])
    for name in app.settings.accounts:
        facts, tiers = _account(app, name, done)
        for store in app.stores_of(name):
            _store(app, store, facts, tiers, done, accept=accept_identity == store)
    return done


def require_known_stores(app: App) -> None:
    """Ask every shop that the database knows who it is, before a service begins to write to it.

    Raises IdentityChanged for one that answers as another. One that does not answer is asked again by the
    jobs, so it is only logged.
    """
    for name in app.settings.stores:
        row = app.store_row(name)
        if row.identity is None:
            continue
        try:
            facts = read_store_facts(app.store(name, app.store_meter(name, PURPOSE)), app.place(name))
        except RemoteError as error:
            log.warning("store.not_asked", store=name, error=error.what)
            continue
        require_identity(row, facts)
        with app.db.write() as conn:
            accounts.save_store_facts(conn, row.id, facts, app.bench.clock.now())


def _database(app: App) -> Finding:
    revision, head = migrate.current(app.db), migrate.head()
    return Finding("ok", "database", f"{app.db.kind}, revision {revision} of {head}")


def _configuration(app: App) -> list[Finding]:
    found = []
    if app.settings.mail is None:
        do = "Add a [mail] section, or have something run `syncd status --check` regularly."
        found.append(
            Finding("warning", "mail", "no mail server is configured: nobody is told of problems", do)
        )
    for name, account in app.settings.accounts.items():
        if not account.limits:
            limits = 'limits = [{ calls = 5000, per = "month" }]'
            do = f"Set {limits} under [unleashed.{name}] to what your plan allows."
            found.append(Finding("warning", f"account {name}", "no limit of API calls is configured", do))
        if not app.stores_of(name):
            do = f"Add a store with account = {name!r}, or take the account out."
            found.append(Finding("warning", f"account {name}", "no store uses it", do))
    return found


Tiers = list[tuple[int, str]] | None


def _account(app: App, name: str, done: Checked) -> tuple[AccountFacts | None, Tiers]:
    about = f"account {name}"
    meter = app.account_meter(name, PURPOSE)
    heard = _Hearing(meter, app.bench.clock)
    client = app.unleashed(name, heard)

    def read() -> tuple[AccountFacts, Tiers]:
        return read_facts(app.db, app.account_row(name), client, app.bench.clock), _tiers(app, name, client)

    found = _reached(about, read, done)
    done.calls_unleashed += meter.asked
    done.findings += doctor.judge_clock(heard.ahead, _newest(app, name), app.bench.clock.now())
    if found is None:
        return None, None
    company = f" as {found[0].company}" if found[0].company else ""
    done.findings.append(Finding("ok", about, f"signed in to Unleashed{company}"))
    return found


@dataclass(slots=True)
class _Hearing:
    """A purse that also hears what time it is on the other side, from the `Date` of its answers."""

    purse: Meter
    clock: Clock
    ahead: timedelta | None = None

    def ask(self) -> Permit:
        return self.purse.ask()

    def settle(self, permit: Permit, ending: Ending, status: int | None, headers: Mapping[str, str]) -> None:
        self.purse.settle(permit, ending, status, headers)
        date = http_date(headers)
        self.ahead = self.ahead if date is None else date - self.clock.now()


def _newest(app: App, account: str) -> datetime | None:
    row = app.account_row(account)
    with app.db.read() as conn:
        feeds = progress.all_progress(conn, row.id)
    return max((feed.watermark for feed in feeds if feed.watermark is not None), default=None)


def _tiers(app: App, name: str, client: Unleashed) -> Tiers:
    """Read the price tiers' names only if a store of the account asks for one."""
    wanted = [app.rules(store).price_tier for store in app.stores_of(name)]
    return price_tiers(client) if any(tier != "default" for tier in wanted) else None


def _store(
    app: App, name: str, account: AccountFacts | None, tiers: Tiers, done: Checked, *, accept: bool
) -> None:
    about = f"store {name}"
    meter = app.store_meter(name, PURPOSE)
    store = app.store(name, meter)
    facts = _reached(about, lambda: read_store_facts(store, app.place(name)), done)
    if facts is not None:
        done.findings.append(Finding("ok", about, f"signed in to {facts.identity} {facts.version}".rstrip()))
        done.findings += _remember(app, name, facts, accept=accept)
        done.findings += [Finding("warning", about, text, "See docs/stores.md.") for text in facts.warnings]
        done.findings += doctor.judge_stock_keeping(about, app.rules(name), facts)
        if account is not None:
            done.findings += _rules(app, name, account, tiers, facts)
            _canary(app, name, store, done)
        done.findings += _catalogue(app, name, store, facts)
    done.calls_store += meter.asked


def _remember(app: App, name: str, facts: StoreFacts, *, accept: bool) -> list[Finding]:
    row = app.store_row(name)
    try:
        if not accept:
            require_identity(row, facts)
    except IdentityChanged as changed:
        with app.db.write() as conn:
            accounts.doubt_store_facts(conn, row.id)
        return [Finding("problem", f"store {name}", changed.what, changed.do)]
    with app.db.write() as conn:
        accounts.set_identity(conn, row.id, facts.identity)
        accounts.save_store_facts(conn, row.id, facts, app.bench.clock.now())
    return []


def _rules(app: App, name: str, account: AccountFacts, tiers: Tiers, facts: StoreFacts) -> list[Finding]:
    about, rules = f"store {name}", app.rules(name)
    return [
        *doctor.judge_warehouses(about, rules, account, _unread(app, name)),
        *doctor.judge_tier(about, rules, tiers),
        *doctor.judge_prices(about, rules, account, facts),
    ]


def _unread(app: App, name: str) -> set[str]:
    """Return the warehouses that have not been read in full, once anything has been."""
    row = app.store_row(name)
    with app.db.read() as conn:
        feeds = progress.all_progress(conn, row.account_id)
    if not any(feed.certified_at for feed in feeds):
        return set()
    read = {feed.warehouse for feed in feeds if feed.feed == "stock" and feed.certified_at}
    return set(app.rules(name).feeds()) - read


def _canary(app: App, name: str, store: Store, done: Checked) -> None:
    """Look for the canary: in the store with one call, in Unleashed with one if it was not read before."""
    code = (app.settings.stores[name].canary or "").strip()
    if not code:
        return
    about, row, account = f"store {name}", app.store_row(name), app.account_of(name)
    with app.db.read() as conn:
        known = bool(mirror.by_code(conn, row.account_id, code))
    meter = app.account_meter(account, PURPOSE)

    def look() -> Finding:
        there = known or bool(find_product(app.unleashed(account, meter), code))
        return doctor.judge_canary(about, code, in_unleashed=there, in_store=code in store.look(codes=[code]))

    finding = _reached(about, look, done)
    done.findings += [finding] if finding else []
    done.calls_unleashed += meter.asked


def _catalogue(app: App, name: str, store: Store, facts: StoreFacts) -> list[Finding]:
    """Judge what is known of Unleashed's products and their listings, without a call."""
    about, row = f"store {name}", app.store_row(name)
    codes, classes = doctor.CatalogueCheck(store.code_problem), Counter[str]()
    after: tuple[str, str] | None = None
    while rows := _products(app, row, after):
        after = (rows[-1].product.code.strip(), rows[-1].product.guid)
        for each in rows:
            product, link = each.product, each.link
            if not product.obsolete:
                codes.look(product.code.strip(), sold=product.sellable and not product.component)
            if link is not None and link.ref is not None and not link.gone:
                classes[link.tax_class] += 1
    return [*codes.findings(about), *doctor.judge_tax_classes(about, app.rules(name), facts, classes)]


def _products(app: App, row: StoreRow, after: tuple[str, str] | None) -> list[Mirrored]:
    with app.db.read() as conn:
        return links.everything(conn, row, 1000, after)


def _reached(about: str, read: Callable[[], T], done: Checked) -> T | None:
    """Return what was read, or note why it could not be."""
    try:
        return read()
    except RemoteError as error:
        done.findings.append(Finding("unreachable", about, error.what, error.do))
    except SyncdError as error:
        done.findings.append(Finding("problem", about, error.what, error.do))
    return None

"""The check: sign in to every side and judge whether the set-up can work. Writes nothing to any of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from syncd.app.wiring import App
from syncd.core import doctor
from syncd.core.doctor import Finding
from syncd.core.model import AccountFacts
from syncd.errors import IdentityChanged, RemoteError, SyncdError, UsageError
from syncd.flows.pull import price_tiers, read_facts
from syncd.flows.push import read_store_facts, require_identity
from syncd.state import accounts, migrate
from syncd.unleashed.client import Unleashed

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
    client = app.unleashed(name, meter)

    def read() -> tuple[AccountFacts, Tiers]:
        return read_facts(app.db, app.account_row(name), client, app.bench.clock), _tiers(app, name, client)

    found = _reached(about, read, done)
    done.calls_unleashed += meter.asked
    if found is None:
        return None, None
    company = f" as {found[0].company}" if found[0].company else ""
    done.findings.append(Finding("ok", about, f"signed in to Unleashed{company}"))
    return found


def _tiers(app: App, name: str, client: Unleashed) -> Tiers:
    """Read the price tiers' names only if a store of the account asks for one."""
    wanted = [app.rules(store).price_tier for store in app.stores_of(name)]
    return price_tiers(client) if any(tier != "default" for tier in wanted) else None


def _store(
    app: App, name: str, account: AccountFacts | None, tiers: Tiers, done: Checked, *, accept: bool
) -> None:
    about = f"store {name}"
    meter = app.store_meter(name, PURPOSE)
    facts = _reached(about, lambda: read_store_facts(app.store(name, meter), app.place(name)), done)
    done.calls_store += meter.asked
    if facts is None:
        return
    done.findings.append(Finding("ok", about, f"signed in to {facts.identity} {facts.version}".rstrip()))
    row = app.store_row(name)
    try:
        if not accept:
            require_identity(row, facts)
        with app.db.write() as conn:
            accounts.set_identity(conn, row.id, facts.identity)
            accounts.save_store_facts(conn, row.id, facts, app.bench.clock.now())
    except IdentityChanged as changed:
        with app.db.write() as conn:
            accounts.doubt_store_facts(conn, row.id)
        done.findings.append(Finding("problem", about, changed.what, changed.do))
    rules = app.rules(name)
    done.findings += [Finding("warning", about, text, "See docs/stores.md.") for text in facts.warnings]
    done.findings += doctor.judge_stock_keeping(about, rules, facts)
    if account is not None:
        done.findings += doctor.judge_warehouses(about, rules, account)
        done.findings += doctor.judge_tier(about, rules, tiers)
        done.findings += doctor.judge_prices(about, rules, account, facts)


def _reached(about: str, read: Callable[[], T], done: Checked) -> T | None:
    """Return what was read, or note why it could not be."""
    try:
        return read()
    except RemoteError as error:
        done.findings.append(Finding("unreachable", about, error.what, error.do))
    except SyncdError as error:
        done.findings.append(Finding("problem", about, error.what, error.do))
    return None

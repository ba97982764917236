"""The check: sign in to every side and judge whether the set-up can work. Writes nothing to any of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from syncd.alerts import smtp
from syncd.app.check_result import PURPOSE, AccountSeen, Checked
from syncd.app.check_store import check_store, wants_tax_codes
from syncd.app.notify import mail_server
from syncd.app.wiring import App
from syncd.clock import Clock
from syncd.config.values import is_loopback
from syncd.core import doctor
from syncd.core.doctor import Finding
from syncd.errors import RemoteError, UsageError
from syncd.flows.pull import price_tiers, read_facts
from syncd.flows.push import read_store_facts, require_identity
from syncd.http import Ending, Meter, Permit, http_date
from syncd.state import accounts, migrate, progress
from syncd.unleashed.account import tax_codes
from syncd.unleashed.client import Unleashed

__all__ = ["Checked", "check", "require_known_stores"]

log = structlog.get_logger()


def check(app: App, *, accept_identity: str | None = None) -> Checked:
    """Look at every account and store. Raises UsageError if `accept_identity` names no store."""
    if accept_identity is not None and accept_identity not in app.settings.stores:
        known = ", ".join(app.settings.stores) or "none"
        what = f"There is no store {accept_identity} in the configuration."
        raise UsageError(what, f"Configured: {known}.")
    done = Checked([_database(app), *_configuration(app)])
    _mail(app, done)
    for name in app.settings.accounts:
        seen = _account(app, name, done)
        for store in app.stores_of(name):
            check_store(app, store, seen, done, accept=accept_identity == store)
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


def _mail(app: App, done: Checked) -> None:
    """Greet the mail server and sign in, as for a mail; none is sent."""
    server = mail_server(app)
    if server is None:
        return
    about = "mail"
    if said := done.reached(about, lambda: smtp.greet(server)):
        done.findings.append(Finding("ok", about, said))
    if server.username and server.tls == "off" and not is_loopback(server.host):
        do = 'Set tls = "starttls" or "tls" under [mail].'
        done.findings.append(Finding("warning", about, "the mail password is sent unencrypted", do))


def _account(app: App, name: str, done: Checked) -> AccountSeen | None:
    about = f"account {name}"
    meter = app.account_meter(name, PURPOSE)
    heard = _Hearing(meter, app.bench.clock)
    client = app.unleashed(name, heard)
    seen = done.reached(about, lambda: _seen(app, name, client))
    done.findings += doctor.judge_clock(heard.ahead, _newest(app, name), app.bench.clock.now())
    if seen is not None:
        company = f" as {seen.facts.company}" if seen.facts.company else ""
        done.findings.append(Finding("ok", about, f"signed in to Unleashed{company}"))
        if any(wants_tax_codes(app, store) for store in app.stores_of(name)):
            seen = replace(seen, tax_codes=done.reached(about, lambda: tax_codes(client)))
    done.calls_unleashed += meter.asked
    return seen


def _seen(app: App, name: str, client: Unleashed) -> AccountSeen:
    """Read what the account is, and the price tiers' names only if one of its stores asks for one."""
    facts = read_facts(app.db, app.account_row(name), client, app.bench.clock)
    wanted = [app.rules(store).price_tier for store in app.stores_of(name)]
    return AccountSeen(facts, price_tiers(client) if any(tier != "default" for tier in wanted) else None)


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

"""Open the application: the database brought up to date, and every configured section found in it."""

from __future__ import annotations

import hashlib
import threading

import structlog

from syncd.app import planning
from syncd.app.orders import catch_up
from syncd.app.wiring import App, Transports, network
from syncd.clock import Clock
from syncd.config import Settings
from syncd.errors import RemoteError
from syncd.flows.push import read_store_facts
from syncd.jobs import Bench
from syncd.state import accounts, leases, migrate, runs
from syncd.state.db import open_database
from syncd.state.records import StoreRow

log = structlog.get_logger()

PURPOSE = "identity"


def open_app(
    settings: Settings,
    clock: Clock,
    holder: str,
    *,
    stop: threading.Event | None = None,
    transports: Transports = network,
    heartbeats: bool = True,
    asking: bool = True,
) -> App:
    """Open the database, bring it up to date, and note the configured accounts and stores in it.

    Runs whose process is gone are marked killed, for where no daemon runs nobody else would.

    A store with a new name may be one of the database's under an old name; then, and only then, the shop
    is asked which one it is (see `_note_store`). With `asking` off it is left out of the database instead.
    Raises DatabaseMismatch, UsageError if the database cannot be opened, RemoteError if a shop that must
    be asked does not answer.
    """
    db = open_database(settings.database.address())
    try:
        migrate.ensure(db, clock, settings.database.auto_upgrade)
        bench = Bench(db, clock, holder, settings.daemon.lease, stop or threading.Event(), heartbeats)
        app = App(settings, bench, transports, needed=planning.needs, catch_up=catch_up)
        with db.write() as conn:
            now = clock.now()
            runs.mark_killed(conn, leases.live_holders(conn, now), now)
            for name, account in settings.accounts.items():
                accounts.ensure_account(conn, name, company(account.api_id))
        for name in settings.stores:
            _note_store(app, name, asking=asking)
    except BaseException:
        db.close()
        raise
    return app


def company(api_id: str) -> str:
    """Return what tells one company in Unleashed from another, without keeping its API id.

    Unleashed never changes a company's id (reference unleashed.md, 1.1).
    """
    return hashlib.sha256(api_id.strip().lower().encode()).hexdigest()[:32]


def _note_store(app: App, name: str, *, asking: bool) -> None:
    """Find the store in the database under this name, else under the one its section had before, else add it.

    Renaming a section must change nothing: links and history belong to the shop, not to its name here.
    """
    lost = _without_section(app, name)
    configured = app.place(name).identity
    if lost and not configured and not asking:
        return
    identity = _identity(app, name, lost) if lost else None
    before = next((row for row in lost if row.identity == identity), None)
    store, rules = app.settings.stores[name], rules_hash(app.settings, name)
    with app.db.write() as conn:
        if before is not None:
            accounts.rename_store(conn, before.id, name)
            log.info("store.renamed", before=before.name, after=name)
        account = accounts.ensure_account(conn, store.account)
        row = accounts.ensure_store(conn, name, account.id, store.kind)
        if row.rules_hash != rules:
            accounts.set_rules_hash(conn, row.id, rules)


def _without_section(app: App, name: str) -> list[StoreRow]:
    """Return the stores that this one, unknown by its name, may have been; none if its name is known."""
    store = app.settings.stores[name]
    account = app.account_row(store.account)
    with app.db.read() as conn:
        rows = accounts.stores(conn)
    if any(row.name == name for row in rows):
        return []
    alike = [row for row in rows if (row.account_id, row.kind) == (account.id, store.kind)]
    return [row for row in alike if row.identity and row.name not in app.settings.stores]


def _identity(app: App, name: str, lost: list[StoreRow]) -> str:
    """Return the identity that is configured, without a call, else the one that the shop answers with."""
    place = app.place(name)
    if place.identity:
        return f"{app.settings.stores[name].kind}:{place.identity}"
    try:
        return read_store_facts(app.store(name, app.store_meter(name, PURPOSE)), place).identity
    except RemoteError as error:
        old = ", ".join(row.name for row in lost)
        word = (lost[0].identity or "").partition(":")[2]
        raise RemoteError(
            f"The store {name} is new here and {old} has no section any more; whether it is the same shop "
            f"must be asked, but: {error.what}",
            f"Try again when the shop answers. If it is {lost[0].name} under a new name, "
            f'identity = "{word}" under [store.{name}] says so without asking.',
        ) from error


def rules_hash(settings: Settings, store: str) -> str:
    """Return the fingerprint under which listings are pushed. Going live puts every listing behind once."""
    rules = settings.rules_hash(store)
    return rules if settings.stores[store].mode == "live" else f"{settings.stores[store].mode}:{rules}"

"""The notify job: see what is wrong, tell the people who are configured, give the heartbeat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from syncd import __version__
from syncd.alerts import smtp
from syncd.alerts.render import Letter
from syncd.alerts.smtp import Server
from syncd.app.promises import promises
from syncd.app.wiring import App
from syncd.errors import AuthRejected, BadAnswer, LeaseHeld
from syncd.flows.notify import Notify, Post, Told
from syncd.flows.notify import notify as tell
from syncd.http import Limits, Unmetered, open_http
from syncd.state import accounts, leases
from syncd.state.records import StoreRow

JOB = "notify"
LEASE = "notify"

HEARD = Limits(connect=10.0, read=20.0, max_bytes=1 << 20)
"""How long the heartbeat may take; what the other side answers is of no interest but its status."""


def notify(app: App) -> Told:
    """Do one round under the lease of its own. Raises LeaseHeld if another process is at it."""
    with app.db.write() as conn:
        lease = leases.acquire(conn, LEASE, app.bench.holder, app.bench.clock.now(), app.bench.ttl)
        other = None if lease else leases.holder(conn, LEASE, app.bench.clock.now())
    if lease is None:
        who = other.holder if other else "another process"
        raise LeaseHeld(f"notify is being done by {who}.", holder=who)
    try:
        return tell(_round(app))
    finally:
        with app.db.write() as conn:
            leases.release(conn, lease)


def mail_server(app: App) -> Server | None:
    """Return the configured mail server, None if there is none."""
    mail = app.settings.mail
    if mail is None:
        return None
    secret = mail.password
    return Server(
        host=mail.host,
        port=mail.port,
        sender=mail.sender,
        to=mail.to,
        tls=mail.tls,
        username=mail.username or "",
        password=str if secret is None else secret.reveal,
    )


def _round(app: App) -> Notify:
    server, alerts = mail_server(app), app.settings.alerts
    stores = _stores(app)
    purses = [
        (name, accounts.purse_of(app.account_row(name)), app.limits(account))
        for name, account in app.settings.accounts.items()
    ]
    return Notify(
        db=app.db,
        clock=app.bench.clock,
        stores=stores,
        promises=promises(app),
        about=f"version {__version__}, stores {', '.join(row.name for row in stores) or 'none'}",
        post=None if server is None else _post(app, server),
        beat=None if alerts.heartbeat_url is None else _beat(app, alerts.heartbeat_url),
        digest=alerts.digest,
        purses=purses,
    )


def _stores(app: App) -> list[StoreRow]:
    with app.db.read() as conn:
        return [row for row in accounts.stores(conn) if row.name in app.settings.stores]


def _post(app: App, server: Server) -> Post:
    """Return how a letter is sent. A refused sign-in has the secret files read again, for the next time."""

    def post(letter: Letter, number: int, written: datetime) -> str:
        try:
            return smtp.send(server, smtp.message(server, letter, number, written))
        except AuthRejected:
            app.reread_secrets()
            raise

    return post


class _Nameless:
    """Signs nothing: the address itself is the secret."""

    def sign(self, method: str, url: str) -> tuple[str, Mapping[str, str]]:
        del method
        return url, {}


def _beat(app: App, url: str) -> Callable[[], None]:
    def beat() -> None:
        door = open_http(
            "the heartbeat",
            _Nameless(),
            Unmetered(),
            app.bench.clock,
            HEARD,
            user_agent=f"syncd/{__version__}",
            transport=app.transports("heartbeat"),
        )
        try:
            status = door.get(url).status
        finally:
            door.close()
        if status >= 400:
            do = "Correct [alerts] heartbeat_url, or ask whoever watches it."
            raise BadAnswer(
                f"The heartbeat was answered with status {status}.", do, who="heartbeat", status=status
            )

    return beat

"""Tell people: see what is wrong, write one mail of it, and hand the mails that wait to the mail server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

import structlog

from syncd.alerts.grouping import grouped, to_tell
from syncd.alerts.render import Digest, Letter, StoreDay, alert_letter, digest_letter
from syncd.clock import Clock
from syncd.core.alert import Alert
from syncd.core.promise import Promise
from syncd.errors import AuthRejected, RemoteError, Unreachable
from syncd.flows.lateness import late, newest_success
from syncd.flows.troubles import every_trouble
from syncd.state import alerts, due, ledger, mails, outbox, standing
from syncd.state.db import Connection, Database
from syncd.state.mails import Mail
from syncd.state.records import PoolLimit, StoreRow

log = structlog.get_logger()

HEARTBEAT, DIGEST, EVERYTHING = "heartbeat", "digest", "all"
"""Names among the due rows, which remember when each was done last."""

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""How long a mail waits after each failed attempt; the last one again and again."""

Post = Callable[[Letter, int, datetime], str]
"""Sends a letter under its number; returns "" or what was refused of it. Raises RemoteError."""


@dataclass(frozen=True, slots=True)
class Notify:
    """What telling needs. `post` None: no mail server is configured; `beat` None: nobody listens for us.

    `purses` are (account, its purse, its limits).
    """

    db: Database
    clock: Clock
    stores: Sequence[StoreRow]
    promises: Sequence[Promise]
    about: str
    post: Post | None = None
    beat: Callable[[], None] | None = None
    digest: time | None = None
    purses: Sequence[tuple[str, str, Sequence[PoolLimit]]] = ()


@dataclass(slots=True)
class Told:
    """What one round did: alerts told, mails taken and not taken, whether the heartbeat was given."""

    told: int = 0
    sent: int = 0
    failed: int = 0
    beat: bool = False
    digest: bool = False
    errors: list[str] = field(default_factory=list)


def notify(notify: Notify) -> Told:
    """See what is wrong now, tell what is news, send what waits. A mail server that is down is no error.

    What was told is noted in the transaction that queues the mail, and a mail is noted as sent after the
    mail server took it: dying between both sends it again, under the same message id.
    """
    told = Told()
    now = notify.clock.now()
    with notify.db.write() as conn:
        troubles = [*every_trouble(conn, notify.stores), *late(conn, notify.promises, now)]
        found = alerts.bring_up_to_date(conn, troubles, now)
        if notify.post is not None:
            told.told = _tell(conn, notify, found, now)
            told.digest = _digest(conn, notify, found, now)
    if notify.post is not None:
        _send(notify, notify.post, told)
    if notify.beat is not None and not any(each.cause.startswith(("late", "purse")) for each in found):
        _beat(notify, notify.beat, told)
    return told


def _tell(conn: Connection, notify: Notify, found: Sequence[Alert], now: datetime) -> int:
    news = to_tell(found, now)
    if news:
        letter = alert_letter(grouped(news), notify.about)
        mails.add(conn, letter.subject, letter.text, letter.html, now)
        alerts.note_told(conn, news, now)
    return len(news)


def _digest(conn: Connection, notify: Notify, found: Sequence[Alert], now: datetime) -> bool:
    """Write the summary once a day after its time; the first one a day after it was configured."""
    if notify.digest is None:
        return False
    last = _last(conn, DIGEST)
    wanted = _latest(notify.digest, now)
    if last is not None and last >= wanted:
        return False
    due.claim(conn, DIGEST, EVERYTHING, now, last)
    if last is None:
        return False
    stores = tuple(_day(conn, each, last, now) for each in notify.stores)
    calls = tuple((name, _spent(conn, purse, limits, now)) for name, purse, limits in notify.purses)
    letter = digest_letter(Digest(last, now, stores, calls), grouped(found), notify.about)
    mails.add(conn, letter.subject, letter.text, letter.html, now)
    return True


def _latest(at: time, now: datetime) -> datetime:
    """Return the last moment before now at which the clock showed `at` (UTC)."""
    today = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


def _day(conn: Connection, store: StoreRow, since: datetime, until: datetime) -> StoreDay:
    counts = outbox.counts(conn, store.id)
    states = tuple((state.replace("_", " "), number) for state, number in counts.items() if number)
    return StoreDay(store.name, states, standing.posted_since(conn, store.id, since, until))


def _spent(conn: Connection, purse: str, limits: Sequence[PoolLimit], now: datetime) -> str:
    pools = ledger.spent(conn, purse, limits, now)
    if not pools:
        return f"{ledger.calls_in_month(conn, purse, now)} calls this month"
    return ", ".join(f"{pool.spent} of {pool.limit} calls this {pool.per}" for pool in pools)


def _send(notify: Notify, post: Post, told: Told) -> None:
    """Send what is due, as long as the mail server is there; whatever it does not take is tried later."""
    with notify.db.read() as conn:
        waiting = mails.due(conn, notify.clock.now())
    for mail in waiting:
        try:
            said = post(Letter(mail.subject, mail.body, mail.html), mail.id, mail.at)
        except RemoteError as error:
            told.failed += 1
            told.errors.append(error.what)
            _put_off(notify, mail, error.what)
            log.warning("mail.not_sent", mail=mail.id, attempts=mail.attempts + 1, error=error.what)
            if isinstance(error, (Unreachable, AuthRejected)):
                return
            continue
        told.sent += 1
        with notify.db.write() as conn:
            mails.note_sent(conn, mail, notify.clock.now(), said)
        log.info("mail.sent", mail=mail.id, refused=said or None)


def _put_off(notify: Notify, mail: Mail, error: str) -> None:
    wait = WAITS[min(mail.attempts, len(WAITS) - 1)]
    with notify.db.write() as conn:
        mails.note_failed(conn, mail, error, notify.clock.now() + wait)


def _beat(notify: Notify, beat: Callable[[], None], told: Told) -> None:
    """Give the heartbeat if something went well since the last one."""
    with notify.db.read() as conn:
        last, success = _last(conn, HEARTBEAT), newest_success(conn, notify.promises)
    if success is None or (last is not None and success <= last):
        return
    try:
        beat()
    except RemoteError as error:
        told.errors.append(error.what)
        log.warning("heartbeat.failed", error=error.what)
        return
    told.beat = True
    with notify.db.write() as conn:
        due.claim(conn, HEARTBEAT, EVERYTHING, notify.clock.now(), last)


def _last(conn: Connection, name: str) -> datetime | None:
    row = due.due_rows(conn).get((name, EVERYTHING))
    return None if row is None else row.last_started

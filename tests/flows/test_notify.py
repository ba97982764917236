"""Telling people: what is wrong becomes one mail, once, and none is lost while the mail server is down."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from syncd.app.notify import notify
from syncd.core.model import Link, Product
from syncd.emulator.transport import EmulatorTransport
from syncd.emulator.wire import Request, Response
from syncd.flows.notify import Told
from syncd.http import Transport
from syncd.state import alerts, customer_links, held, links, mails, mirror, outbox
from syncd.state.customer_links import CustomerLink
from syncd.state.db import Connection
from syncd.state.outbox import Document
from syncd.state.records import HeldChange
from tests.alerts.mail_server import Inbox, mail_server
from tests.flows.conftest import NewWorld
from tests.world import World

MAIL = """
[mail]
host = "127.0.0.1"
port = {port}
from = "syncd@example.test"
to = ["ops@example.test"]
tls = "off"
"""
BUYER = {
    "email": "marked.buyer@example.test",
    "first_name": "Markeda",
    "billing": {"street": "Marked Lane 4"},
}
MARKS = ("marked.buyer", "Markeda", "Marked Lane", "cs_1111", "ck_0000")


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """A mail server that takes what comes."""
    with mail_server() as found:
        yield found


def told(world: World, minutes: float = 1) -> Told:
    """Let time pass, then do one round of telling."""
    world.clock.pass_time(timedelta(minutes=minutes))
    with world.process() as app:
        return notify(app)


def write(world: World, work: Callable[[Connection], None]) -> None:
    """Change the state as another job would."""
    with world.process() as app, app.db.write() as conn:
        work(conn)


def document(number: int, at: datetime, **given: object) -> Document:
    """Return an order that waits for a person because of a tax code."""
    order = Document(
        store_id=1,
        kind="order",
        doc=str(number),
        state="parked",
        state_at=at,
        created=at,
        received_at=at,
        content_hash="x",
        raw=json.dumps({"buyer": BUYER, "lines": [{"name": "Green tea"}]}),
        number=f"#{number}",
        total=Decimal("11.50"),
        currency="NZD",
        cause="tax code",
        reason="no tax code of Unleashed has the rate 15 %",
        do=f"Set orders.tax_codes, then run `syncd orders retry {number}`.",
    )
    return replace(order, **given)  # type: ignore[arg-type]


def park(world: World, *numbers: int, **given: object) -> None:
    """Have orders parked."""
    documents = [document(number, world.clock.at, **given) for number in numbers]
    write(world, lambda conn: outbox.save(conn, documents))


@contextmanager
def hearing(world: World, answer: int = 200) -> Iterator[list[str]]:
    """Listen for the heartbeat; yield what was asked for."""
    heard: list[str] = []

    class Watcher:
        def handle(self, request: Request) -> Response:
            heard.append(request.path)
            return Response(answer, {}, [b"ok"])

    usual = world.transport

    def transport(subject: str) -> Transport:
        return EmulatorTransport(Watcher()) if subject == "heartbeat" else usual(subject)

    world.transport = transport  # type: ignore[method-assign]
    world.close()
    yield heard


def test_five_hundred_orders_are_one_mail(on_either: NewWorld, inbox: Inbox) -> None:
    """Orders that one tax code stops are one mail, with the one command that clears them, and no names."""
    world = on_either(more_toml=MAIL.format(port=inbox.port))
    park(world, *range(1, 501))
    assert told(world).told == 1
    [mail] = inbox.mails
    assert mail["Subject"] == (
        "syncd: store shop: 500 orders are parked: no tax code of Unleashed has the rate 15 %."
    )
    text = inbox.text()
    assert "syncd orders retry --all --store shop --cause 'tax code'" in text
    assert not [mark for mark in MARKS if mark in text]
    assert told(world).sent == 0


def test_an_open_cause_is_told_again_tenfold_or_a_day_later(new_world: NewWorld, inbox: Inbox) -> None:
    """Nine more are silent, the tenth tells; so does a day; what is solved is not told any more."""
    world = new_world(more_toml=MAIL.format(port=inbox.port))
    park(world, 1)
    assert told(world).sent == 1
    park(world, *range(2, 10))
    assert told(world).sent == 0
    park(world, 10)
    assert told(world).sent == 1
    assert told(world, minutes=24 * 60 - 2).sent == 0
    assert told(world, minutes=5).sent == 1
    assert "still: store shop: 10 orders are parked" in str(inbox.mails[-1]["Subject"])
    park(world, *range(1, 11), state="posted", cause="", reason="", do="")
    assert told(world, minutes=48 * 60).sent == 0


def test_each_kind_of_trouble_is_told(new_world: NewWorld, inbox: Inbox) -> None:
    """First failure, parking, giving up, refund, change after posting, ambiguity and brake: one mail."""
    world = new_world(more_toml=MAIL.format(port=inbox.port))
    now = world.clock.at
    park(world, 1)
    park(
        world,
        2,
        state="given_up",
        cause="unreachable",
        reason="Unleashed was not reachable for 3 days",
        do="Retry.",
    )
    park(
        world,
        3,
        state="due",
        cause="busy",
        reason="Unleashed did not answer",
        due_at=now + timedelta(hours=1),
    )
    park(world, 4, kind="refund", cause="refund", reason="11.50 NZD of order #4 were refunded", do="Book it.")
    late = {"cause": "edited after posting", "changed_at": now, "order_number": "WEB-5"}
    park(
        world,
        5,
        state="posted",
        reason="Order #5 was changed in the store after it was posted as WEB-5.",
        **late,
    )

    def more(conn: Connection) -> None:
        twins = CustomerLink(
            "guest:marked.buyer@example.test", None, "none", now, "two have this e-mail", ("A", "B")
        )
        customer_links.save_links(conn, 1, [twins])
        mirror.store_products(conn, 1, [Product(guid="g-1", code="TEA", name="Tea")], now)
        links.save_links(conn, 1, [Link("g-1", "17", "TEA")], now)
        held.hold(conn, 1, [HeldChange("g-1", "TEA", "stock", "zero", "3", "0", "available 0", now, now)])

    write(world, more)
    assert told(world).told == 7
    text = inbox.text()
    for sentence in (
        "1 order is parked: no tax code",
        "1 order is given up: Unleashed was not reachable for 3 days.",
        "1 order could not be posted yet: Unleashed did not answer.",
        "1 refund waits for a person: 11.50 NZD of order #4",
        "Order #5 was changed in the store after it was posted as WEB-5.",
        "1 customer may be several of Unleashed's: two have this e-mail.",
        "in question: A, B",
        "the brake holds 1 changes (zero).",
        "The next attempt is at 2026-03-02 09:00 UTC.",
    ):
        assert sentence in text, sentence
    assert len(inbox.mails) == 1
    assert not [mark for mark in MARKS if mark in text]


def test_a_buyer_in_a_remote_sentence_is_hidden(new_world: NewWorld, inbox: Inbox) -> None:
    """What Unleashed says of a customer by name reaches the mail without the name."""
    world = new_world(more_toml=MAIL.format(port=inbox.port))
    park(world, 1, reason="Customer Markeda, Marked Lane 4, is on stop credit", do="Ask Markeda.")
    told(world)
    assert "1 order is parked: Customer [hidden], [hidden], is on stop credit." in inbox.text()
    assert not [mark for mark in MARKS if mark in inbox.text()]


@pytest.mark.parametrize("manner", ["greylists", "refuses", "dies", "dies after taking"])
def test_a_mail_server_that_fails_loses_no_mail(new_world: NewWorld, inbox: Inbox, manner: str) -> None:
    """The mail is kept, tried again after a while and not at once, and sent once the server takes it."""
    world = new_world(more_toml=MAIL.format(port=inbox.port))
    inbox.manner = manner  # type: ignore[assignment]
    park(world, 1)
    first = told(world)
    assert (first.told, first.sent, first.failed) == (1, 0, 1)
    assert told(world, minutes=0.5).failed == 0
    inbox.manner = "takes"
    inbox.mails.clear()
    assert told(world, minutes=1).sent == 1
    assert "1 order is parked" in inbox.text()
    assert told(world, minutes=60).sent == 0


def test_a_mail_server_that_is_away_for_days_gets_every_mail(on_either: NewWorld) -> None:
    """Mails of three days wait in order and arrive, each under the id that it was written with."""
    with mail_server() as inbox:
        port = inbox.port
    world = on_either(more_toml=MAIL.format(port=port))
    park(world, 1)
    assert told(world).failed == 1
    park(world, 2, state="given_up", cause="late", reason="it was tried for 3 days")
    assert told(world, minutes=24 * 60).failed == 1
    with mail_server() as back:
        world.more_toml = MAIL.format(port=back.port)
        sent = [told(world, minutes=120).sent for _ in range(2)]
        ids = [str(mail["Message-ID"]) for mail in back.mails]
    assert sum(sent) >= 2
    assert len(set(ids)) == len(ids)
    assert "given up" in "".join(str(mail) for mail in back.mails)


def test_dying_after_the_mail_server_took_it_sends_the_same_mail_again(
    new_world: NewWorld, inbox: Inbox
) -> None:
    """A mail that is not noted as sent goes out again under the same id; told it is only once."""
    world = new_world(more_toml=MAIL.format(port=inbox.port))
    park(world, 1)
    told(world)

    def forget(conn: Connection) -> None:
        conn.exec_driver_sql("UPDATE mail SET sent_at = NULL")

    write(world, forget)
    assert told(world).sent == 1
    assert inbox.mails[0]["Message-ID"] == inbox.mails[1]["Message-ID"]
    assert told(world).sent == 0


def test_without_a_mail_server_what_is_wrong_is_kept_and_told_later(
    new_world: NewWorld, inbox: Inbox
) -> None:
    """Alerts are known without [mail]; once there is one, what is still open is told."""
    world = new_world()
    park(world, 1)
    assert told(world).told == 0
    with world.process() as app, app.db.read() as conn:
        [alert] = alerts.open_alerts(conn)
        assert (alert.cause, alert.told_at, mails.due(conn, world.clock.at)) == ("parked: tax code", None, [])
    world.more_toml = MAIL.format(port=inbox.port)
    assert told(world).sent == 1


def test_a_refused_sign_in_is_told_at_once_and_forgotten_when_it_works(
    new_world: NewWorld, inbox: Inbox
) -> None:
    """The first refusal is a mail; a run with a call that goes well clears it."""
    world = new_world(more_toml=MAIL.format(port=inbox.port))
    world.books.add_warehouse("W1", "Main", default=True)
    world.wire.change = lambda _request, _answer: Response(403, {}, [b"{}"])
    world.recent()
    assert told(world).sent == 1
    assert "account main refused" in inbox.text()
    world.wire.change = None
    world.recent()
    with world.process() as app, app.db.read() as conn:
        assert [each.cause for each in alerts.open_alerts(conn)] == []
    assert told(world).sent == 0


def test_a_job_that_has_not_gone_well_in_time_is_told_once(new_world: NewWorld, inbox: Inbox) -> None:
    """After the promise and not before; a success ends it, and coming back within hours is not news."""
    world = new_world(more_toml=MAIL.format(port=inbox.port))
    world.recent()
    assert told(world, minutes=119).told == 0
    late = told(world, minutes=3)
    assert late.told == 2
    assert (
        "account main: recent has not gone well since 2026-03-02 08:48 UTC; promised is once in 2 hours."
        in (inbox.text())
    )
    assert told(world, minutes=60).told == 0
    world.recent(minutes=1)
    assert told(world).told == 0
    assert told(world, minutes=125).told == 0


def test_the_heartbeat_is_given_after_success_within_promise(new_world: NewWorld) -> None:
    """Once after each success, never without a new one, never while a job is late; failure is tried again."""
    world = new_world(more_toml='[alerts]\nheartbeat_url = "https://watch.test/marked-token"')
    with hearing(world) as heard:
        assert told(world).beat is False
        world.recent()
        assert [told(world).beat, told(world).beat] == [True, False]
        assert told(world, minutes=125).beat is False
        world.recent()
        assert told(world).beat is True
    assert heard == ["/marked-token"] * 2


def test_a_heartbeat_that_is_refused_is_tried_again(new_world: NewWorld) -> None:
    """A watcher that answers with an error is asked again the next minute, without its address in words."""
    world = new_world(more_toml='[alerts]\nheartbeat_url = "https://watch.test/marked-token"')
    with hearing(world, answer=500) as heard:
        world.recent()
        first, second = told(world), told(world)
    assert (first.beat, second.beat) == (False, False)
    assert len(heard) >= 2
    assert first.errors == ["The heartbeat was answered with status 500."]


def test_the_digest_comes_once_a_day(new_world: NewWorld, inbox: Inbox) -> None:
    """After its time and not at the first start; what is posted and what is open stands in it."""
    world = new_world(more_toml=MAIL.format(port=inbox.port) + '[alerts]\ndigest = "07:00"')
    assert told(world).digest is False
    park(world, 1, state="posted", posted_at=world.clock.at, cause="", reason="", do="")
    park(world, 2, 3)
    assert told(world, minutes=60).digest is False
    assert told(world, minutes=22 * 60).digest is True
    assert told(world).digest is False
    digest = next(mail for mail in inbox.mails if "posted" in str(mail["Subject"]))
    assert digest["Subject"] == "syncd: 1 order posted, 1 open problem"
    text = inbox.text(inbox.mails.index(digest))
    assert "parked: 2" in text
    assert "store shop: 1 orders posted" in text
    assert told(world, minutes=24 * 60).digest is True

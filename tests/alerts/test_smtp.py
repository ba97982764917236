"""The conversation with a mail server: what is sent, and what is said when it is not taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from syncd.alerts.render import Letter
from syncd.alerts.smtp import Server, greet, message, send
from syncd.errors import (
    AuthRejected,
    OutcomeUnknown,
    RemoteError,
    RequestRefused,
    Unavailable,
    Unreachable,
)
from tests.alerts.mail_server import PASSWORD, USERNAME, Inbox, Manner, mail_server
from tests.system.stage import free_port

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LETTER = Letter("syncd: 2 orders are parked", "Zwei Bestellungen…\n", "<p>Zwei Bestellungen…</p>")


def to(inbox: Inbox) -> Server:
    """Return how the server behind this inbox is reached."""
    people = ("ops@example.test", "Shop <shop@example.test>")
    return Server("127.0.0.1", inbox.port, "syncd <syncd@example.test>", people, tls="off", timeout=10)


def handed_in(server: Server) -> str:
    """Write the letter as number 7 and hand it in."""
    return send(server, message(server, LETTER, 7, NOON))


def test_a_mail_arrives_as_text_and_as_page() -> None:
    """Subject, both forms and the id are what was written, umlauts, ellipses and all."""
    with mail_server() as inbox:
        assert handed_in(to(inbox)) == ""
        [mail] = inbox.mails
    assert mail["Subject"] == LETTER.subject
    assert mail["From"] == "syncd <syncd@example.test>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    text, page = (part.get_content() for part in mail.iter_parts())
    assert (text.strip(), page.strip()) == (LETTER.text.strip(), LETTER.html.strip())


def test_a_mail_keeps_its_id() -> None:
    """The same mail sent again has the same Message-ID, another mail another one."""
    server = to(Inbox(port=25))
    ids = [message(server, LETTER, number, NOON)["Message-ID"] for number in (7, 7, 8)]
    assert ids[0] == ids[1] != ids[2]
    assert str(ids[0]).endswith("@example.test>")


@pytest.mark.parametrize(
    ("manner", "error", "said"),
    [
        ("greylists", Unavailable, "451 4.7.1 Greylisted"),
        ("refuses", RequestRefused, "550 5.1.1 No such user"),
        ("dies", OutcomeUnknown, "broke off"),
        ("dies after taking", OutcomeUnknown, "broke off"),
    ],
)
def test_what_is_not_taken_is_said(manner: Manner, error: type[RemoteError], said: str) -> None:
    """Each refusal is an error of its kind with the server's words, and without anybody's address."""
    with mail_server() as inbox:
        inbox.manner = manner
        with pytest.raises(error) as caught:
            handed_in(to(inbox))
    assert said in caught.value.what
    assert "@" not in str(caught.value)


def test_a_recipient_that_is_refused_does_not_stop_the_others() -> None:
    """The mail goes to whom the server takes it for, and it is said how many were refused."""
    with mail_server() as inbox:
        inbox.manner = "refuses the first"
        said = handed_in(to(inbox))
        assert len(inbox.mails) == 1
    assert said.startswith("The mail server refused 1 of 2 recipients: 550")
    assert "@" not in said


def test_a_server_that_is_not_there_is_unreachable() -> None:
    """Nothing was sent, and it is said where nobody answered."""
    server = to(Inbox(port=free_port()))
    with pytest.raises(Unreachable, match=rf"127.0.0.1:{server.port} cannot be reached"):
        handed_in(server)


def test_a_sign_in_is_taken_or_refused() -> None:
    """The right password sends; a wrong one is AuthRejected, and neither is in the sentence."""
    with mail_server(sign_in=True) as inbox:
        right = replace(to(inbox), username=USERNAME, password=lambda: PASSWORD)
        handed_in(right)
        assert len(inbox.mails) == 1
        with pytest.raises(AuthRejected) as caught:
            handed_in(replace(right, password=lambda: "marked-wrong-password"))
    assert "the sign-in: " in caught.value.what
    assert "marked" not in str(caught.value)


@pytest.mark.parametrize(("tls", "error"), [("starttls", RequestRefused), ("tls", Unreachable)])
def test_without_encryption_nothing_is_sent(tls: str, error: type[RemoteError]) -> None:
    """A server that cannot encrypt gets neither mail nor password unless the configuration says `off`."""
    with mail_server() as inbox:
        server: Server = replace(to(inbox), tls=tls)  # type: ignore[arg-type]
        with pytest.raises(error):
            handed_in(server)
        assert (inbox.mails, inbox.asked) == ([], 0)


@pytest.mark.parametrize("sign_in", [False, True])
def test_a_greeting_sends_nothing(sign_in: bool) -> None:
    """`check` says hello and signs in; no recipient is named and no mail arrives."""
    with mail_server(sign_in=sign_in) as inbox:
        known: Callable[[], str] = lambda: PASSWORD  # noqa: E731 - what the configuration hands over
        server = replace(to(inbox), username=USERNAME if sign_in else "", password=known)
        said = greet(server)
        assert (inbox.mails, inbox.asked) == ([], 0)
    assert ("takes the sign-in" in said) is sign_in

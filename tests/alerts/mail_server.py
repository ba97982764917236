"""A mail server on loopback that takes mails, or refuses them in one of the ways that mail servers have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Literal, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.system.stage import free_port

Manner = Literal["takes", "greylists", "refuses", "refuses the first", "dies", "dies after taking"]

USERNAME, PASSWORD = "syncd", "marked-mail-password-4711"


@dataclass
class Inbox:
    """What arrived, and in which manner the server treats the next mail."""

    manner: Manner = "takes"
    mails: list[EmailMessage] = field(default_factory=list)
    asked: int = 0
    port: int = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        self.asked += 1
        if self.manner == "greylists":
            return "451 4.7.1 Greylisted, try again later"
        if self.manner == "refuses" or (self.manner == "refuses the first" and not envelope.rcpt_tos):
            self.manner = "takes" if self.manner == "refuses the first" else self.manner
            return f"550 5.1.1 No such user {address}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        del session
        if self.manner != "dies":
            content = cast(bytes, envelope.content)
            self.mails.append(message_from_bytes(content, policy=default))
        if self.manner.startswith("dies"):
            cast(Any, server).transport.abort()
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        """Take the one name and password there is."""
        del server, session, envelope, mechanism
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (
            USERNAME.encode(),
            PASSWORD.encode(),
        )
        return AuthResult(success=right)

    def text(self, number: int = -1) -> str:
        """Return everything in one mail that a person, or a search, could read."""
        mail = self.mails[number]
        parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        return "\n".join([str(mail["Subject"]), *map(str, parts)])


@contextmanager
def mail_server(*, sign_in: bool = False) -> Iterator[Inbox]:
    """Yield the inbox of a mail server on a free loopback port, without encryption."""
    inbox = Inbox(port=free_port())
    more: dict[str, Any] = {"authenticator": inbox.authenticate, "auth_require_tls": False} if sign_in else {}
    controller = Controller(inbox, hostname="127.0.0.1", port=inbox.port, ready_timeout=20, **more)
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()

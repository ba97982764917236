"""Hand a mail to the mail server, and say in a sentence why it was not taken."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Literal

import certifi

from syncd.alerts.render import Letter
from syncd.errors import (
    AuthRejected,
    OutcomeUnknown,
    RemoteError,
    RequestRefused,
    SyncdError,
    Unavailable,
    Unreachable,
)
from syncd.log import redact

WHO = "the mail server"
TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """Where mails are handed in, and in whose name. `password` is asked for at each sign-in."""

    host: str
    port: int
    sender: str
    to: tuple[str, ...]
    tls: Literal["starttls", "tls", "off"] = "starttls"
    username: str = ""
    password: Callable[[], str] = str
    timeout: float = TIMEOUT


def message(server: Server, letter: Letter, number: int, written: datetime) -> EmailMessage:
    """Return the letter as a mail: text and page. `number` makes its id, the same at each attempt."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = server.sender, ", ".join(server.to), letter.subject
    mail["Date"] = format_datetime(written)
    mail["Message-ID"] = f"<alert.{number}.{written:%Y%m%d%H%M%S}@{_domain(server.sender)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    return mail


def send(server: Server, mail: EmailMessage) -> str:
    """Hand a mail in; return "" or a sentence on recipients that were refused while others were not.

    Raises Unreachable if nothing was sent, AuthRejected, Unavailable for a "not now" (4xx), RequestRefused
    for a "no" (5xx), OutcomeUnknown if the connection broke off: the server may have taken it.
    """
    with _conversation(server) as smtp:
        refused = _handed_in(server, smtp, mail)
    if not refused:
        return ""
    return f"The mail server refused {len(refused)} of {len(server.to)} recipients: {_said(refused[0])}."


def greet(server: Server) -> str:
    """Say hello, agree on encryption and sign in as for a mail, but send none; return how it went.

    Raises as `send` does.
    """
    with _conversation(server) as smtp:
        smtp.noop()
    secrecy = "unencrypted" if server.tls == "off" else "encrypted"
    return f"{_place(server)} answers, {secrecy}{', and takes the sign-in' if server.username else ''}"


def _handed_in(server: Server, smtp: smtplib.SMTP, mail: EmailMessage) -> list[tuple[int, bytes]]:
    sender = parseaddr(server.sender)[1] or server.sender
    recipients = [parseaddr(each)[1] or each for each in server.to]
    try:
        return list(smtp.send_message(mail, sender, recipients).values())
    except (smtplib.SMTPServerDisconnected, OSError) as error:
        if isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected):
            raise
        raise OutcomeUnknown(f"{_place(server)} broke off while it took a mail.", _LATER, who=WHO) from error


@contextmanager
def _conversation(server: Server) -> Iterator[smtplib.SMTP]:
    with _translated(server):
        smtp = _connected(server)
        try:
            _sign_in(server, smtp)
            yield smtp
        except BaseException:
            smtp.close()
            raise
        _goodbye(smtp)


def _sign_in(server: Server, smtp: smtplib.SMTP) -> None:
    """Sign in if there is a name to sign in with. Many servers hang up on a wrong password."""
    try:
        if server.username:
            smtp.login(server.username, server.password())
    except smtplib.SMTPServerDisconnected as error:
        what = f"{_place(server)} hung up at the sign-in: name or password may be wrong."
        raise AuthRejected(what, _SETTINGS, who=WHO) from error


def _connected(server: Server) -> smtplib.SMTP:
    name, wait = _domain(server.sender), server.timeout
    if server.tls == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, name, timeout=wait, context=_context())
    smtp = smtplib.SMTP(server.host, server.port, name, timeout=wait)
    try:
        if server.tls == "starttls":
            smtp.starttls(context=_context())
        smtp.ehlo_or_helo_if_needed()
    except BaseException:
        smtp.close()
        raise
    return smtp


def _goodbye(smtp: smtplib.SMTP) -> None:
    """Leave politely; a mail that was taken stays taken whatever the server answers to that."""
    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError):
        smtp.close()


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _domain(sender: str) -> str:
    """Return what we call ourselves: the sender's domain, so that no name need be looked up."""
    domain = (parseaddr(sender)[1] or sender).rpartition("@")[2].strip()
    return domain if domain.isascii() and domain else "localhost"


def _place(server: Server) -> str:
    return f"The mail server {server.host}:{server.port}"


_LATER = "Nothing to do: the mail is kept and sent later."
_SETTINGS = "Correct the [mail] section, then run `syncd check`."


@contextmanager
def _translated(server: Server) -> Iterator[None]:
    """Turn what smtplib raises into our sentences. No address of a person is in them."""
    try:
        yield
    except SyncdError:
        raise
    except smtplib.SMTPAuthenticationError as error:
        raise _answer(server, "refused the sign-in", [(error.smtp_code, error.smtp_error)], True) from error
    except smtplib.SMTPRecipientsRefused as error:
        raise _answer(server, "refused every recipient", list(error.recipients.values())) from error
    except smtplib.SMTPSenderRefused as error:
        raise _answer(server, "refused the sender", [(error.smtp_code, error.smtp_error)]) from error
    except smtplib.SMTPResponseException as error:
        said = [(error.smtp_code, _bytes(error.smtp_error))]
        raise _answer(server, "refused the mail", said) from error
    except smtplib.SMTPServerDisconnected as error:
        raise Unreachable(f"{_place(server)} hung up.", _LATER, who=WHO) from error
    except (smtplib.SMTPException, ValueError) as error:
        raise RequestRefused(
            f"{_place(server)} cannot be used: {_first(error)}.", _SETTINGS, who=WHO
        ) from error
    except OSError as error:
        raise Unreachable(f"{_place(server)} cannot be reached: {_first(error)}.", who=WHO) from error


def _answer(
    server: Server, what: str, answers: Sequence[tuple[int, bytes | str]], signing_in: bool = False
) -> RemoteError:
    code = answers[0][0] if answers else 0
    sentence = f"{_place(server)} {what}: {_said(answers[0])}." if answers else f"{_place(server)} {what}."
    if 400 <= code < 500 or code == -1:
        return Unavailable(sentence, _LATER, who=WHO, status=code)
    if signing_in:
        return AuthRejected(sentence, _SETTINGS, who=WHO, status=code)
    return RequestRefused(sentence, _SETTINGS, who=WHO, status=code)


def _said(answer: tuple[int, bytes | str]) -> str:
    code, words = answer
    text = " ".join(_bytes(words).decode("utf-8", errors="replace").split())
    return redact(f"{code} {text[:200]}").rstrip(" .")


def _bytes(words: bytes | str) -> bytes:
    return words if isinstance(words, bytes) else words.encode("utf-8", errors="replace")


def _first(error: Exception) -> str:
    return redact((str(error) or type(error).__name__).splitlines()[0][:200]).rstrip(".")

"""Ask Unleashed for one thing, and turn whatever is no answer into the error that says what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from syncd.errors import (
    AuthRejected,
    BadAnswer,
    OutcomeUnknown,
    RemoteError,
    RequestRefused,
    Throttled,
    Unavailable,
)
from syncd.http import Http, Reply, retry_after
from syncd.unleashed.auth import Credentials, Pairs, build_query

_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{43}=")
_AUTH_DO = (
    "Compare api_id and the API key with Integration > Unleashed API Access in Unleashed, and look there "
    "whether calls are left this month; then run `syncd check`."
)


class FilterIgnored(BadAnswer):
    """Unleashed answered with a row that a filter should have kept out: the filter has no effect."""

    default_do = "Nothing was changed because of it; a full sweep does not need the filter."


class RecordUnreadable(BadAnswer):
    """A record that was asked for alone came, but cannot be used: asking again would bring the same."""


class Unleashed:
    """One company's account, reached through a metered client whose signer is its Credentials.

    `base_url` may have a path and a trailing slash. `page_size` is the number of rows asked for per page.
    """

    def __init__(self, http: Http, base_url: str, page_size: int = 1000) -> None:
        self.http = http
        self.base_url = base_url.rstrip("/")
        self.page_size = page_size

    @property
    def who(self) -> str:
        """The account's name in messages."""
        return self.http.who

    def get(self, path: str, pairs: Pairs = ()) -> bytes:
        """Return the body of an answer with status 2xx that may be JSON.

        `path` starts with a slash; `pairs` are the query in its order. Raises AuthRejected (401, 403),
        Throttled (429), Unavailable (5xx or no answer), Unreachable, RequestRefused (any other 4xx) and
        BadAnswer (a redirect, a web page, an empty or unreadable body). Statuses: the reference, 1.4.
        """
        reply = self._ask(path, pairs)
        _raise_for_status(self, path, reply)
        return self._believed(path, reply)

    def find(self, path: str, pairs: Pairs = ()) -> bytes | None:
        """Return the body as `get` does, or None if Unleashed has no such record (404)."""
        reply = self._ask(path, pairs)
        if reply.status == 404:
            return None
        _raise_for_status(self, path, reply)
        return self._believed(path, reply)

    def post(self, path: str, body: bytes) -> bytes:
        """POST a JSON body once and return the body of the answer with status 2xx, which may be empty.

        A POST has no query here, so its signature covers the empty text. Raises Unreachable if nothing was
        sent; OutcomeUnknown for no answer, a 5xx and a 408: whether it was carried out must be looked up (the
        reference, 1.6); AuthRejected, Throttled, BadAnswer (a redirect) and RequestRefused (any other 4xx)
        where it was not carried out.
        """
        reply = self.http.write("POST", f"{self.base_url}{path}", body)
        if reply.status < 200 or reply.status == 408 or reply.status >= 500:
            raise self.in_doubt(path, f"has the status {reply.status}{_said(self, reply)}", reply.status)
        _raise_for_status(self, path, reply)
        return reply.body

    def in_doubt(self, path: str, why: str, status: int | None = 200) -> OutcomeUnknown:
        """Return the error for a write that may have been carried out; `why` continues the sentence."""
        said = self.hide(f"Whether {self.who} carried out the POST to {path} is not known: the answer {why}.")
        return OutcomeUnknown(said, who=self.who, status=status)

    def bad(
        self, path: str, why: str, status: int | None = 200, kind: type[BadAnswer] = BadAnswer
    ) -> BadAnswer:
        """Return the error for an answer to `path` that cannot be believed; `why` continues the sentence."""
        return kind(self.hide(f"The answer of {self.who} to {path} {why}."), who=self.who, status=status)

    def hide(self, text: str) -> str:
        """Return the text without the key and without anything that looks like a signature."""
        signer = self.http.signer
        known = signer.hide(text) if isinstance(signer, Credentials) else text
        return _SIGNATURE.sub("[signature]", known)

    def _ask(self, path: str, pairs: Pairs) -> Reply:
        wire = build_query(pairs)[1]
        return self.http.get(f"{self.base_url}{path}{'?' if wire else ''}{wire}")

    def _believed(self, path: str, reply: Reply) -> bytes:
        start = reply.body[:256].lstrip(b"\xef\xbb\xbf \t\r\n")
        if not start:
            raise self.bad(path, "is empty", reply.status)
        if start.startswith(b"<"):
            raise self.bad(path, "is a web page instead of JSON", reply.status)
        return reply.body


def _auth_rejected(client: Unleashed, path: str, reply: Reply) -> RemoteError:
    said = _said(client, reply)
    return AuthRejected(
        f"{client.who} refused {path} with status {reply.status}: the API id or the API key is wrong, "
        f"or the account's calls for this month are used up{said}.",
        _AUTH_DO,
        who=client.who,
        status=reply.status,
    )


def _throttled(client: Unleashed, path: str, reply: Reply) -> RemoteError:
    wait = retry_after(reply.headers, client.http.clock.now())
    return Throttled(
        f"{client.who} says that it was asked too often, last for {path}{_said(client, reply)}.",
        who=client.who,
        status=reply.status,
        retry_after=wait,
    )


def _unavailable(client: Unleashed, path: str, reply: Reply) -> RemoteError:
    return Unavailable(
        f"{client.who} cannot answer {path} now (status {reply.status}){_said(client, reply)}.",
        who=client.who,
        status=reply.status,
    )


def _redirected(client: Unleashed, path: str, reply: Reply) -> RemoteError:
    host = _host(reply.headers.get("location", "")) or "itself"
    return BadAnswer(
        f"{client.who} redirects to {host} when asked for {path} (status {reply.status}); "
        "a signed request is not sent on.",
        "Set base_url to the address that Unleashed gives for its API.",
        who=client.who,
        status=reply.status,
    )


def _refused(client: Unleashed, path: str, reply: Reply) -> RemoteError:
    return RequestRefused(
        f"{client.who} refused {path} with status {reply.status}{_said(client, reply)}.",
        "Look at what Unleashed objects to; asking again would get the same answer.",
        who=client.who,
        status=reply.status,
        body=client.hide(reply.text()),
    )


_Builder = Callable[[Unleashed, str, Reply], RemoteError]

_ENDINGS: tuple[tuple[range, _Builder], ...] = (
    (range(401, 402), _auth_rejected),
    (range(403, 404), _auth_rejected),
    (range(429, 430), _throttled),
    (range(300, 400), _redirected),
    (range(400, 500), _refused),
    (range(500, 600), _unavailable),
)
"""What a status means for the caller: the first range that holds it decides."""


def _raise_for_status(client: Unleashed, path: str, reply: Reply) -> None:
    if 200 <= reply.status < 300:
        return
    for statuses, build in _ENDINGS:
        if reply.status in statuses:
            raise build(client, path, reply)
    raise client.bad(path, f"has the unknown status {reply.status}", reply.status)


def _host(location: str) -> str:
    try:
        return urlsplit(location).hostname or ""
    except ValueError:
        return "an unreadable address"


def _said(client: Unleashed, reply: Reply) -> str:
    words = " ".join(client.hide(error_text(reply)).replace("\0", " ").split()).rstrip(".")
    return f": {words}" if words else ""


def error_text(reply: Reply) -> str:
    """Return what a refusal says in words, "" if nothing.

    No schema is documented; the order is `Description`, `description`, `Message`, `Items`, then the first
    500 characters of text, and nothing of a web page (the reference, 1.5).
    """
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict):
        for name in ("Description", "description", "Message", "Items"):
            if answer.get(name):
                return _flat(answer[name])[:500]
    text = reply.text()
    return "" if text.lstrip().startswith("<") else text


def _flat(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode()

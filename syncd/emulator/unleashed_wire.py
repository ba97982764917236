"""Unleashed's way of writing and signing: signature, dates, numbers, envelope, refusals."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import unquote

from syncd.emulator.unleashed_settings import Settings
from syncd.emulator.wire import Request, Response

JSON = {"content-type": "application/json; charset=utf-8"}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_CLIENT_TYPE = re.compile(r"[^\sA-Z/]+/[^\sA-Z/]+")
_quote = json.JSONEncoder(ensure_ascii=False).encode


class Refused(Exception):
    """The vendor refuses: carries the status and, unless empty, the sentence for `Description`."""

    def __init__(self, status: int, description: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(description)
        self.status, self.description, self.headers = status, description, dict(headers or {})

    def response(self) -> Response:
        """Return the refusal as an answer; without a description its body is empty."""
        if not self.description:
            return Response(self.status, self.headers)
        body = "{" + f'"Description":{json_text(self.description)}' + "}"
        return Response(self.status, {**JSON, **self.headers}, [body.encode()])


@dataclass(frozen=True, slots=True)
class Credentials:
    """The API id and key of one company. The key never shows in a repr."""

    api_id: str
    api_key: str

    def __repr__(self) -> str:
        return f"Credentials(api_id={self.api_id!r})"


def signature(api_key: str, signed: str) -> str:
    """Return the base64 HMAC-SHA256 of the signed text under the key as literal UTF-8."""
    digest = hmac.new(api_key.encode(), signed.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return base64.b64encode(digest).decode("ascii")


def check_admission(request: Request, credentials: Credentials, settings: Settings) -> None:
    """Raise Refused unless length, signature and headers of the request are in order.

    AuthenticationHelp documents the headers. Which status a missing header gets is UNVERIFIED; the
    three differ here so that a failing test says which one it was.
    """
    if settings.query_limit is not None and len(request.query) > settings.query_limit:
        raise Refused(settings.query_limit_status, "The query string is too long.")
    if not _is_authentic(request, credentials, settings):
        raise Refused(settings.bad_key_status)
    if "application/json" not in request.headers.get("accept", ""):
        raise Refused(406, "Send the header Accept: application/json.")
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Refused(415, "Send the header Content-Type: application/json.")
    if not _CLIENT_TYPE.fullmatch(request.headers.get("client-type", "")):
        raise Refused(400, "Send the header client-type: company/app in lower case.")


def _is_authentic(request: Request, credentials: Credentials, settings: Settings) -> bool:
    signed = unquote(request.query) if settings.signature_over == "decoded" else request.query
    given = request.headers.get("api-auth-signature", "")
    return request.headers.get("api-auth-id") == credentials.api_id and hmac.compare_digest(
        given.encode("latin-1", "replace"), signature(credentials.api_key, signed).encode()
    )


def milliseconds(moment: datetime) -> int:
    """Return whole milliseconds since 1970 UTC, rounded down."""
    return (moment - EPOCH) // _MILLISECOND


def json_text(value: object, shift: timedelta = timedelta(0)) -> str:
    r"""Return the value as the vendor writes it in JSON.

    Decimals keep every digit they are stored with, datetimes become `"\/Date(ms)\/"` after adding
    `shift`. Raise TypeError for anything the vendor has no way to write, floats among them.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return _compound_text(value, shift)


def _compound_text(value: object, shift: timedelta) -> str:
    if isinstance(value, datetime):
        return f'"\\/Date({milliseconds(value + shift)})\\/"'
    if isinstance(value, Mapping):
        return (
            "{" + ",".join(f"{_quote(name)}:{json_text(item, shift)}" for name, item in value.items()) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ",".join(json_text(item, shift) for item in value) + "]"
    raise TypeError(f"Unleashed cannot write {type(value).__name__}")


def json_bytes(value: object, shift: timedelta = timedelta(0)) -> bytes:
    r"""Return json_text as UTF-8; a lone surrogate is written as its `\u` escape."""
    text = json_text(value, shift)
    return text.encode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class Page:
    """Where one page lies in a list: `number` as answered, `pages` in all, rows `start` to `stop`."""

    number: int
    pages: int
    size: int
    total: int
    start: int
    stop: int


def page_of(total: int, wanted: int, size: int) -> Page:
    """Place the wanted page: a number past the end is clamped to the last page, an empty list is page 0."""
    if total == 0 or size == 0:
        return Page(0, 0, size, total, 0, 0)
    pages = -(-total // size)
    number = min(max(wanted, 1), pages)
    return Page(number, pages, size, total, (number - 1) * size, min(number * size, total))


def envelope(page: Page, rows: Iterable[bytes]) -> Response:
    """Return the list answer of one page around its rendered rows."""
    head = (
        f'{{"Pagination":{{"NumberOfItems":{page.total},"PageSize":{page.size},'
        f'"PageNumber":{page.number},"NumberOfPages":{page.pages}}},"Items":['
    )
    return Response(200, dict(JSON), [head.encode(), b",".join(rows), b"]}"])


def items_only(rows: Iterable[bytes], *, bare: bool = False) -> Response:
    """Return a list without paging: `{"Items": [...]}`, or the bare list."""
    head, tail = (b"[", b"]") if bare else (b'{"Items":[', b"]}")
    return Response(200, dict(JSON), [head, b",".join(rows), tail])

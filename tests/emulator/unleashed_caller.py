"""A caller of the emulated Unleashed that signs by the documents, with code of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from syncd.emulator.unleashed import API_ID, API_KEY, UnleashedEmulator
from syncd.emulator.unleashed_books import Books
from syncd.emulator.wire import Request, Response

NOWHERE = "00000000-0000-4000-8000-000000000000"
"""A guid nobody has."""

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that moves only when told to."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **spans: float) -> datetime:
        self.now += timedelta(**spans)
        return self.now


def request(path: str, query: str = "", *, method: str = "GET", **headers: str) -> Request:
    """Return a request with everything Unleashed wants; keyword headers replace it, "" leaves one out."""
    digest = hmac.new(API_KEY.encode(), unquote(query).encode(), hashlib.sha256).digest()
    sent = {
        "accept": "application/json",
        "content-type": "application/json",
        "client-type": "syncd/tests",
        "api-auth-id": API_ID,
        "api-auth-signature": base64.b64encode(digest).decode(),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return Request(method, path, query, {name: value for name, value in sent.items() if value})


def ask(emulator: UnleashedEmulator, path: str, query: str = "", **headers: str) -> Response:
    return emulator.handle(request(path, query, **headers))


def read(emulator: UnleashedEmulator, path: str, query: str = "") -> Any:
    """Return the parsed answer of a call that must succeed."""
    answer = ask(emulator, path, query)
    assert answer.status == 200, answer.body()
    return json.loads(answer.body())


def codes(emulator: UnleashedEmulator, path: str, query: str = "") -> list[str]:
    """Return the product codes of one page, in the order they came."""
    return [row["ProductCode"] for row in read(emulator, path, query)["Items"]]


def setting(emulator: UnleashedEmulator, **answers: object) -> None:
    """Give an open question another answer."""
    emulator.settings = replace(emulator.settings, **answers)  # type: ignore[arg-type]


def numbered(books: Books, count: int) -> list[str]:
    """Add products P-000, P-001 and so on; return their guids."""
    return [books.add_product(f"P-{number:03d}") for number in range(count)]

"""What an emulator is asked and what it answers, free of any HTTP library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import unquote_plus


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came over the wire.

    `path` is still percent-encoded and has no query; `query` is the raw text after the question
    mark; header names are lower case; `secure` says whether TLS was used end to end.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    secure: bool = False
    host: str = "emulator.test"

    def pairs(self) -> list[tuple[str, str]]:
        """Return the query as decoded name and value pairs, in wire order."""
        parts = [part.partition("=") for part in self.query.split("&") if part]
        return [(unquote_plus(name), unquote_plus(value)) for name, _, value in parts]


@dataclass(slots=True)
class Response:
    """One answer. `chunks` are the raw body bytes, sent as they are: no decoding, no length added."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)
    broken: bool = False
    """The connection drops after the last chunk although more was promised."""

    def body(self) -> bytes:
        return b"".join(self.chunks)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.chunks)


class ConnectionRefused(Exception):
    """Nothing was sent: the server cannot be reached."""


class AnswerLost(Exception):
    """The request arrived, and may have been carried out, but no answer comes back."""


class Emulator(Protocol):
    """A remote system in memory: the same state and request always give the same answer."""

    def handle(self, request: Request) -> Response:
        """Answer one request. May raise ConnectionRefused or AnswerLost for the transport to act out."""
        ...

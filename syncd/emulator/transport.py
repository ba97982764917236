"""An emulator as an httpx transport: tests talk to it without a socket."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from syncd.emulator.wire import AnswerLost, ConnectionRefused, Emulator, Request, Response


class EmulatorTransport(httpx.BaseTransport):
    """Hands every request to the emulator and gives back an unread stream, as a network would."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raise httpx.ConnectError when nothing was sent, httpx.ReadError when the answer got lost."""
        try:
            answer = self.emulator.handle(_from_httpx(request))
        except ConnectionRefused as refused:
            raise httpx.ConnectError(str(refused) or "connection refused", request=request) from refused
        except AnswerLost as lost:
            raise httpx.ReadError(str(lost) or "connection reset", request=request) from lost
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer, request), request=request
        )


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: Response, request: httpx.Request) -> None:
        self.answer, self.request = answer, request

    def __iter__(self) -> Iterator[bytes]:
        yield from self.answer
        if self.answer.broken:
            raise httpx.RemoteProtocolError("peer closed connection early", request=self.request)


def _from_httpx(request: httpx.Request) -> Request:
    raw_path, _, query = request.url.raw_path.decode("ascii").partition("?")
    return Request(
        method=request.method,
        path=raw_path,
        query=query,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.read(),
        secure=request.url.scheme == "https",
        host=request.url.netloc.decode("ascii"),
    )

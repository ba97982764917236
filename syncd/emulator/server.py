"""Serve emulators on a loopback port, dropped connections and all."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.requests import Request as StarletteRequest

from syncd.emulator.wire import AnswerLost, ConnectionRefused, Emulator, Request, Response

_log = logging.getLogger("syncd.emulator")

LOOPBACK = ("127.0.0.1", "::1", "localhost")
_PATIENCE = 5.0

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def serve(emulators: Mapping[str, Emulator], port: int, host: str = "127.0.0.1") -> None:
    """Serve in the main thread until SIGINT, or SIGTERM, which then ends the process.

    The arguments are those of Served.
    """
    server = _Server(emulators)
    with _listening(host, port) as listener, suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


class Served:
    """Emulators served by a thread for as long as the `with` block lasts.

    `emulators` maps a first path segment to the emulator below it; the name "" is the root, which
    takes whatever no other name matches. `port` 0 takes a free port. An emulator handles one
    request at a time. Raise ValueError for a host that is not loopback, OSError for a port taken.
    """

    def __init__(self, emulators: Mapping[str, Emulator], port: int = 0, host: str = "127.0.0.1") -> None:
        self.host = host
        self._server = _Server(emulators)
        self._listener = _listening(host, port)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._listener]}, name="emulators", daemon=True
        )

    @property
    def url(self) -> str:
        """Return the base address, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._server.ready.wait(_PATIENCE):
            raise RuntimeError("the emulators' server did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(_PATIENCE)
        self._listener.close()


class _Server(uvicorn.Server):
    """Uvicorn that says when it listens, and that can drop the connection of one caller."""

    def __init__(self, emulators: Mapping[str, Emulator]) -> None:
        self.emulators = emulators
        self.ready = threading.Event()
        super().__init__(
            uvicorn.Config(
                self._respond,
                interface="asgi3",
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="critical",
                server_header=False,
                date_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=0,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        name, emulator = _addressed(self.emulators, scope)
        if emulator is None:
            await _send_all(Response(404, {}, [b"No emulator has this name.\n"]), send)
            return
        body = await StarletteRequest(scope, receive).body()
        try:
            response = emulator.handle(_from_asgi(scope, name, body))
        except (AnswerLost, ConnectionRefused):
            self._drop(scope["client"])
            await receive()  # returns once uvicorn has seen the connection go, so it answers nothing itself
            return
        except Exception:
            _log.exception("the emulator failed on %s %s", scope["method"], scope["path"])
            raise
        await _send_all(response, send)

    def _drop(self, client: tuple[str, int]) -> None:
        """Abort the caller's connection: ASGI has no message for that, uvicorn's list of them has."""
        for connection in list(self.server_state.connections):
            if getattr(connection, "client", None) == client:
                connection.transport.abort()


def _addressed(emulators: Mapping[str, Emulator], scope: Scope) -> tuple[str, Emulator | None]:
    first = scope["path"].lstrip("/").partition("/")[0]
    if first and first in emulators:
        return first, emulators[first]
    return "", emulators.get("")


def _from_asgi(scope: Scope, name: str, body: bytes) -> Request:
    """Return the request as the emulator gets it: its name leaves the path and joins the host.

    So host and path together are still what the caller asked and, where a store signs it, signed.
    """
    headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
    prefix = f"/{name}" if name else ""
    return Request(
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1").removeprefix(prefix) or "/",
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
        secure=scope["scheme"] == "https",
        host=headers.get("host", "") + prefix,
    )


async def _send_all(response: Response, send: Send) -> None:
    """Send the chunks as they are; a broken answer ends without its end, and uvicorn hangs up."""
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()
    ]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    for chunk in response:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    if not response.broken:
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens on a loopback address; IPPROTO_TCP lets asyncio set TCP_NODELAY on it."""
    if host not in LOOPBACK:
        raise ValueError(f"emulators are served on loopback only, not on {host}")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener

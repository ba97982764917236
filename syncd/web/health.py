"""`/health`: what a container's health check and a load balancer want to know."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Literal

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from syncd.errors import UsageError

State = Literal["running", "standby", "draining"]


def application(state: Callable[[], State]) -> Starlette:
    """Return the daemon's web application; `state` is asked at every request."""

    def health(_request: Request) -> JSONResponse:
        now = state()
        return JSONResponse({"state": now}, status_code=503 if now == "draining" else 200)

    return Starlette(routes=[Route("/health", health)])


class WebServer:
    """The application on one address, in a thread of its own."""

    def __init__(self, app: Starlette, host: str, port: int) -> None:
        """Bind the address. Raises UsageError if it is taken or cannot be used."""
        self.socket = _bound(host, port)
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self._serve, name="web", daemon=True)

    @property
    def port(self) -> int:
        port: int = self.socket.getsockname()[1]
        return port

    def start(self) -> None:
        self.thread.start()

    def stop(self, seconds: float = 2.0) -> None:
        """Stop answering; returns when the thread has ended or the seconds are over."""
        self.server.should_exit = True
        self.thread.join(seconds)

    def _serve(self) -> None:
        self.server.run(sockets=[self.socket])


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Without IPPROTO_TCP uvicorn does not switch Nagle's algorithm off on a socket that it was given.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise UsageError(
            f"The address {host}:{port} cannot be used: {error.strerror or error}.",
            'Choose another with [web] listen = "127.0.0.1:PORT", or "off".',
        ) from error
    listener.listen(64)
    return listener

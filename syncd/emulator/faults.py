"""Switches that make an emulator behave as badly as the real thing sometimes does."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from syncd.emulator.wire import AnswerLost, ConnectionRefused, Request, Response

Kind = Literal[
    "refuse",  # the connection is refused, nothing happens
    "lose",  # carried out, but the answer is lost
    "half",  # carried out, the body stops half way and the connection drops
    "truncate",  # carried out, the body stops half way as if that were all
    "html",  # an HTML page with status 200 instead of JSON, nothing is carried out
    "empty",  # status 200 with no body at all, nothing is carried out
    "status",  # the given status with an HTML body, nothing is carried out
    "bomb",  # a gzip body that inflates to `size` bytes
]


@dataclass(slots=True)
class Fault:
    """One misbehaviour for the next `times` requests that match, after `skip` matching ones."""

    kind: Kind
    times: int = 1
    skip: int = 0
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    size: int = 100_000_000
    match: Callable[[Request], bool] = lambda _request: True


@dataclass(slots=True)
class Faults:
    """The faults still to come, in order. The first that matches a request is acted out."""

    queue: list[Fault] = field(default_factory=list)

    def add(self, kind: Kind, **settings: object) -> Fault:
        fault = Fault(kind, **settings)  # type: ignore[arg-type]
        self.queue.append(fault)
        return fault

    def around(self, request: Request, answer: Callable[[Request], Response]) -> Response:
        """Answer the request, or act out the fault that is due for it."""
        fault = self._due(request)
        return answer(request) if fault is None else _act_out(fault, request, answer)

    def _due(self, request: Request) -> Fault | None:
        for fault in self.queue:
            if fault.times > 0 and fault.match(request):
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault
        return None


def _act_out(fault: Fault, request: Request, answer: Callable[[Request], Response]) -> Response:
    if fault.kind == "refuse":
        raise ConnectionRefused("connection refused")
    if fault.kind in ("lose", "half", "truncate"):
        return _damaged(fault, answer(request))
    if fault.kind == "bomb":
        body = gzip.compress(b" " * fault.size)
        return Response(200, {"content-type": "application/json", "content-encoding": "gzip"}, [body])
    page = b"" if fault.kind == "empty" else b"<html><body>Just a moment...</body></html>"
    status = fault.status if fault.kind == "status" else 200
    kind = "application/json" if fault.kind == "empty" else "text/html"
    return Response(status, {"content-type": kind, **fault.headers}, [page])


def _damaged(fault: Fault, response: Response) -> Response:
    if fault.kind == "lose":
        raise AnswerLost("the answer was lost")
    body = response.body()
    headers = {name: value for name, value in response.headers.items() if name.lower() != "content-length"}
    if fault.kind == "half":
        headers["content-length"] = str(len(body))
    return Response(response.status, headers, [body[: len(body) // 2]], broken=fault.kind == "half")

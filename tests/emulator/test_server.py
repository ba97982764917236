"""Served emulators behave over a real socket as they do without one."""

from __future__ import annotations

import contextlib
import gzip
import signal
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest

from syncd.emulator.faults import Kind
from syncd.emulator.server import Served, serve
from syncd.emulator.unleashed import UnleashedEmulator
from syncd.emulator.unleashed_books import Books
from syncd.emulator.wire import Request, Response
from tests.emulator.unleashed_caller import Clock, ask, request


class Parrot:
    """An emulator that answers with what it was asked, and remembers it."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def handle(self, request: Request) -> Response:
        self.asked.append(request)
        return Response(201, {"X-Said": "é".encode().decode("latin-1")}, [request.body, b"!"])


@pytest.fixture(scope="module")
def shop() -> UnleashedEmulator:
    books = Books(Clock())
    for number in range(50):
        books.add_product(f"P-{number:02d}")
    return UnleashedEmulator(books, books.clock)


@pytest.fixture(scope="module")
def parrot() -> Parrot:
    return Parrot()


@pytest.fixture(scope="module")
def served(shop: UnleashedEmulator, parrot: Parrot) -> Iterator[Served]:
    with Served({"": shop, "parrot": parrot}) as served:
        yield served


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, headers=request("/Products").headers, timeout=5) as client:
        yield client


def test_answer_is_the_same_over_a_socket(client: httpx.Client, shop: UnleashedEmulator) -> None:
    """Status, headers and body arrive as the emulator gave them, on one connection after another call."""
    there, here = client.get("/Products"), ask(shop, "/Products")
    assert (there.status_code, there.content) == (here.status, here.body())
    assert there.headers["date"] == here.headers["date"]
    assert "server" not in there.headers
    assert client.get("/Nonsense").status_code == 404


def test_request_arrives_as_it_was_sent(client: httpx.Client, served: Served, parrot: Parrot) -> None:
    """Method, raw path, raw query, headers and body reach the emulator; its name moves to the host."""
    answer = client.post("/parrot/a%20b/%C3%A9?x=1%2B2&y=a+b", content=b"\xff\x00", headers={"X-Odd": "1"})
    asked = parrot.asked[-1]
    assert (answer.status_code, answer.content) == (201, b"\xff\x00!")
    assert (asked.method, asked.path, asked.query) == ("POST", "/a%20b/%C3%A9", "x=1%2B2&y=a+b")
    assert (asked.body, asked.headers["x-odd"], asked.secure) == (b"\xff\x00", "1", False)
    assert asked.host == f"127.0.0.1:{served.port}/parrot"


def test_unknown_name_is_not_found(parrot: Parrot) -> None:
    """Without an emulator at the root, a name nobody has is a 404, and the name alone is its root."""
    with Served({"parrot": parrot}) as served:
        assert httpx.get(f"{served.url}/other").status_code == 404
        assert httpx.get(f"{served.url}/parrot").status_code == 201
    assert parrot.asked[-1].path == "/"


@pytest.mark.parametrize(
    ("kind", "errors"),
    [
        ("refuse", (httpx.RemoteProtocolError, httpx.ReadError)),
        ("lose", (httpx.RemoteProtocolError, httpx.ReadError)),
        ("half", (httpx.RemoteProtocolError,)),
    ],
)
def test_faults_drop_the_connection(
    client: httpx.Client, shop: UnleashedEmulator, kind: Kind, errors: tuple[type[Exception], ...]
) -> None:
    """A lost answer hangs up instead of answering 500, and the next call finds the server well."""
    shop.faults.add(kind)
    before = shop.count()
    with pytest.raises(errors):
        client.get("/Products")
    assert shop.count() - before == (0 if kind == "refuse" else 1)
    assert client.get("/Products").status_code == 200


def test_truncated_body_looks_complete(client: httpx.Client, shop: UnleashedEmulator) -> None:
    """Half a body without a promise of more arrives as if that were all."""
    whole = client.get("/Products").content
    shop.faults.add("truncate")
    assert client.get("/Products").content == whole[: len(whole) // 2]


def test_bomb_is_sent_raw(client: httpx.Client, shop: UnleashedEmulator) -> None:
    """The compressed bytes go over the wire as they are; inflating is the caller's business."""
    shop.faults.add("bomb", size=1_000_000)
    with client.stream("GET", "/Products") as answer:
        raw = b"".join(answer.iter_raw())
    assert len(raw) < 5_000 < len(gzip.decompress(raw))


def test_callers_at_once_do_not_mix(served: Served) -> None:
    """Several callers at once each get their own answer."""
    answers: dict[int, bytes] = {}

    def call(number: int) -> None:
        answers[number] = httpx.post(f"{served.url}/parrot/", content=f"caller {number}").content

    threads = [threading.Thread(target=call, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert answers == {number: f"caller {number}!".encode() for number in range(8)}


def test_port_is_free_after_the_block(parrot: Parrot) -> None:
    """The server is gone at the end of the block, also with a caller's connection still open."""
    with Served({"": parrot}) as served, socket.create_connection(("127.0.0.1", served.port)) as idle:
        idle.settimeout(5)
        port = served.port
        served.__exit__(None, None, None)
        assert idle.recv(1) == b""
    with Served({"": parrot}, port=port) as again:
        assert httpx.get(again.url).status_code == 201


def test_serve_ends_on_interrupt() -> None:
    """In the foreground, SIGINT finishes the call being answered and returns to the caller."""

    class Interrupting(Parrot):
        def handle(self, request: Request) -> Response:
            signal.raise_signal(signal.SIGINT)
            return super().handle(request)

    with Served({}) as reserved:
        port = reserved.port
    answers: list[int] = []
    caller = threading.Thread(target=lambda: answers.append(_first_answer(f"http://127.0.0.1:{port}")))
    caller.start()
    serve({"": Interrupting()}, port)
    caller.join(5)
    assert answers == [201]


def _first_answer(url: str) -> int:
    while True:
        with contextlib.suppress(httpx.ConnectError):
            return httpx.get(url).status_code


@pytest.mark.parametrize("host", ["0.0.0.0", "", "192.0.2.1", "shop.example.test"])
def test_only_loopback_is_served(parrot: Parrot, host: str) -> None:
    """An emulator takes any key it is told to take, so it listens to this machine alone."""
    with pytest.raises(ValueError, match="loopback only"):
        Served({"": parrot}, host=host)


def test_taken_port_is_an_error(served: Served, parrot: Parrot) -> None:
    """A port somebody listens on is refused at once."""
    with pytest.raises(OSError, match="in use"):
        Served({"": parrot}, port=served.port)

"""An emulated Unleashed with a client on it, and a server that answers whatever it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from syncd.emulator.transport import EmulatorTransport
from syncd.emulator.unleashed import UnleashedEmulator
from syncd.emulator.unleashed_books import Books
from syncd.emulator.unleashed_settings import Settings
from syncd.emulator.wire import Emulator, Request, Response
from syncd.errors import SyncdError
from syncd.http import Limits, Unmetered, open_http
from syncd.unleashed.auth import Credentials
from syncd.unleashed.client import Unleashed

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KEY = "MARKED-SECRET-api-key-0123456789=="
CREDENTIALS = Credentials("1f0c7a52-0000-4000-8000-00000000a915", KEY, "syncd/tests")
STRANGER = "99999999-0000-4000-8000-000000000009"


class Clock:
    """A clock that moves only when told to, or when somebody sleeps."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return (self.moment - START).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class Canned:
    """A server that gives the answers it was handed, the last one for ever, and keeps what it was asked."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.asked: list[Request] = []

    def handle(self, request: Request) -> Response:
        self.asked.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def client_of(
    emulator: Emulator,
    page_size: int = 1000,
    *,
    base_url: str = "https://api.example.test",
    credentials: Credentials = CREDENTIALS,
    clock: Clock | None = None,
    max_bytes: int = 8_000_000,
) -> Unleashed:
    """Return a client whose every call reaches this emulator."""
    http = open_http(
        "account main",
        credentials,
        Unmetered(),
        clock or Clock(),
        Limits(max_bytes=max_bytes),
        user_agent="syncd/tests",
        transport=EmulatorTransport(emulator),
    )
    return Unleashed(http, base_url, page_size)


class World:
    """Books, the emulator over them and a clock; warehouses W1 and W2."""

    def __init__(self, **settings: object) -> None:
        self.clock = Clock()
        self.books = Books(self.clock.now)
        self.books.add_warehouse("W1", "Main", default=True)
        self.books.add_warehouse("W2", "Second", obsolete=True)
        self.emulator = UnleashedEmulator(
            self.books,
            self.clock.now,
            api_id=CREDENTIALS.api_id,
            api_key=KEY,
            settings=Settings(**settings),  # type: ignore[arg-type]
        )

    def client(self, page_size: int = 1000) -> Unleashed:
        return client_of(self.emulator, page_size, clock=self.clock)

    def stocked(self, count: int) -> list[str]:
        """Add this many products with stock in W1 and return their guids in order of code."""
        guids = [self.books.add_product(f"TEA-{place:04d}", f"Tea {place}", "9.50") for place in range(count)]
        for guid in guids:
            self.books.set_stock(guid, "W1", 24, 5)
        return guids

    @property
    def queries(self) -> list[str]:
        return [call.query for call in self.emulator.calls]


def answer(value: object, status: int = 200, **headers: str) -> Response:
    """Return a JSON answer; text is sent as it is."""
    body = value if isinstance(value, str) else json.dumps(value)
    return Response(
        status,
        {"content-type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}},
        [body.encode()],
    )


def page(rows: Sequence[object], **said: int) -> Response:
    """Return a list's only page; keywords are what its envelope says instead of the truth."""
    truth: dict[object, object] = {
        "NumberOfItems": len(rows),
        "PageSize": 1000,
        "PageNumber": 1,
        "NumberOfPages": 1,
    }
    return answer({"Pagination": {**truth, **said}, "Items": list(rows)})


def product_row(number: int = 1, **fields: object) -> dict[str, object]:
    """Return a product's row as Unleashed sends it; keywords replace its fields."""
    guid = f"0b7f0c52-6f0e-4f0a-9d3b-{number:012d}"
    return {"Guid": guid, "ProductCode": f"TEA-{number}", "ProductDescription": "Green tea", **fields}


def causes(error: BaseException) -> Iterator[str]:
    """Return everything an error and what caused it say about themselves."""
    cause: BaseException | None = error
    while cause is not None:
        yield str(cause) + repr(cause)
        if isinstance(cause, SyncdError):
            yield f"{cause.what} {cause.do} {vars(cause)}"
        cause = cause.__cause__

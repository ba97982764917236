"""The one door to the outside: every call is counted before it is sent, and no answer is trusted unread."""

from __future__ import annotations

import ssl
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Literal, Protocol

import certifi
import httpx

from syncd.clock import Clock
from syncd.errors import BadAnswer, Busy, OutcomeUnknown, RemoteError, SyncdError, Unavailable, Unreachable

Ending = Literal["answered", "unreachable", "lost", "broken"]

Transport = httpx.BaseTransport
"""What carries requests: the network, or an emulator in tests."""


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to make one call, after waiting `wait` (spacing between calls)."""

    id: int
    wait: timedelta = timedelta(0)


class Meter(Protocol):
    """Who may call, and how often. Implemented by `state.ledger`; this module knows no state."""

    def ask(self) -> Permit:
        """Debit one call in every pool before it is sent.

        Must be durable before it returns. Raises PurseSpent when a pool has no room, Busy when as many
        calls as may be are under way (ask again in a moment), LeaseLost when another process has taken
        over, RuntimeError when this thread has a transaction open.
        """
        ...

    def settle(self, permit: Permit, ending: Ending, status: int | None, headers: Mapping[str, str]) -> None:
        """Record how the call ended and what its headers said about what is left."""
        ...


class Unmetered:
    """A meter that lets everything through and counts in memory: for tests and emulators."""

    def __init__(self) -> None:
        self.calls = 0

    def ask(self) -> Permit:
        self.calls += 1
        return Permit(self.calls)

    def settle(self, permit: Permit, ending: Ending, status: int | None, headers: Mapping[str, str]) -> None:
        del permit, ending, status, headers


class Signer(Protocol):
    """Credentials. Asked once per attempt, because some signatures may be used only once."""

    def sign(self, method: str, url: str) -> tuple[str, Mapping[str, str]]:
        """Return the URL to send and the headers to add."""
        ...


@dataclass(frozen=True, slots=True)
class Reply:
    """One complete answer, inflated. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 0.0

    def text(self, limit: int = 500) -> str:
        """Return the first characters of the body for an error message."""
        return self.body[: limit * 4].decode("utf-8", errors="replace")[:limit]


MARGIN = 20.0
"""Seconds that a call may take longer than its time-outs say, for what comes after each of them."""

POLL = 0.25
"""Seconds between two looks whether the calls of other processes have ended."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes that one call may take. `concurrency`: calls in flight at once, here."""

    connect: float = 10.0
    read: float = 60.0
    max_bytes: int = 32 * 1024 * 1024
    concurrency: int = 1

    @property
    def longest(self) -> float:
        """Seconds after which a call under way is taken for dead: what it may take, and a margin."""
        return self.connect + self.read + MARGIN


@dataclass(slots=True)
class Http:
    """A metered client for one remote system. `who` names it in messages ("account main", "store shop").

    The connection pool is shared by all copies made with `metered`; only `open_http` makes a new one.
    """

    who: str
    client: httpx.Client
    signer: Signer
    meter: Meter
    clock: Clock
    limits: Limits = field(default_factory=Limits)
    gate: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(1))
    renew: Callable[[], Signer | None] = lambda: None
    """Asked when credentials are refused: the signer with newer ones, or None if there are none."""

    def metered(self, meter: Meter) -> Http:
        """Return the same client, spending from another purse."""
        return Http(self.who, self.client, self.signer, meter, self.clock, self.limits, self.gate, self.renew)

    def get(self, url: str) -> Reply:
        """GET the URL, and once more if the first attempt broke or got a 5xx without a Retry-After.

        Returns any complete answer, whatever its status. Raises Unreachable, Unavailable or BadAnswer.
        """
        try:
            reply = self._attempt("GET", url, None)
        except Busy:
            raise
        except (Unreachable, Unavailable):
            return self._attempt("GET", url, None)
        if reply.status in (500, 502, 503, 504) and "retry-after" not in reply.headers:
            return self._attempt("GET", url, None)
        return reply

    def write(self, method: str, url: str, body: bytes) -> Reply:
        """Send a JSON body once. Raises Unreachable if nothing was sent, OutcomeUnknown if no answer came.

        An answer that cannot be read leaves a write just as much in doubt as none.
        """
        try:
            return self._attempt(method, url, body)
        except BadAnswer as error:
            raise OutcomeUnknown(error.what, who=self.who, status=error.status) from error

    def close(self) -> None:
        """Close the connections. The client cannot be used afterwards."""
        self.client.close()

    def _attempt(self, method: str, url: str, body: bytes | None) -> Reply:
        """Send once, and once more with newer credentials if the other side refused these (401, 403)."""
        reply = self._once(method, url, body)
        fresh = self.renew() if reply.status in (401, 403) else None
        if fresh is None:
            return reply
        self.signer = fresh
        return self._once(method, url, body)

    def _once(self, method: str, url: str, body: bytes | None) -> Reply:
        with self.gate:
            permit = self._permit()
            if permit.wait > timedelta(0):
                self.clock.sleep(permit.wait.total_seconds())
            return self._send(permit, method, url, body)

    def _permit(self) -> Permit:
        """Ask for leave, again and again while other processes are calling. Raises Busy if they never end.

        A process that was killed within a call is waited for too; the next call comes through.
        """
        deadline = self.clock.monotonic() + self.limits.longest + MARGIN
        while True:
            asked = self.clock.monotonic()
            try:
                return self.meter.ask()
            except Busy:
                self.clock.sleep(POLL)
                woken = self.clock.monotonic()
                # A sleep that was cut short means that the program is asked to stop.
                if woken >= deadline or woken - asked < POLL / 2:
                    raise

    def _send(self, permit: Permit, method: str, url: str, body: bytes | None) -> Reply:
        started = self.clock.monotonic()
        ending: Ending = "broken"
        status: int | None = None
        headers: dict[str, str] = {}
        try:
            with _translated(self.who, method), self._stream(method, url, body) as response:
                status = response.status_code
                headers = {name.lower(): value for name, value in response.headers.items()}
                content = _inflate(response, self.limits.max_bytes, self.who)
            ending = "answered"
            return Reply(status, headers, content, self.clock.monotonic() - started)
        except SyncdError as error:
            ending = _ending(error)
            raise
        finally:
            self.meter.settle(permit, ending, status, headers)

    @contextmanager
    def _stream(self, method: str, url: str, body: bytes | None) -> Iterator[httpx.Response]:
        signed_url, credentials = self.signer.sign(method, url)
        headers = {"accept": "application/json", "content-type": "application/json", **credentials}
        request = self.client.build_request(method, httpx.URL(signed_url), headers=headers, content=body)
        response = self.client.send(request, stream=True)
        try:
            yield response
        finally:
            response.close()


_LOOPBACK = ("all://127.0.0.1", "all://localhost", "all://[::1]")
"""Addresses of this machine are never asked for through a proxy that the environment names."""


def open_http(
    who: str,
    signer: Signer,
    meter: Meter,
    clock: Clock,
    limits: Limits,
    *,
    user_agent: str,
    transport: httpx.BaseTransport | None = None,
) -> Http:
    """Return a client with its own connections: no redirects, TLS by the system's and certifi's roots."""
    client = httpx.Client(
        transport=transport,
        mounts=dict.fromkeys(_LOOPBACK) if transport is None else None,
        verify=_roots() if transport is None else True,
        follow_redirects=False,
        timeout=httpx.Timeout(limits.read, connect=limits.connect),
        headers={"user-agent": user_agent, "accept-encoding": "gzip, deflate"},
    )
    return Http(who, client, signer, meter, clock, limits, threading.Semaphore(limits.concurrency))


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long the server asks to wait: seconds, an HTTP date or an ISO date (aware or UTC)."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isdigit():
        return timedelta(seconds=min(int(text), 32 * 86_400))
    moment = _moment(text)
    return None if moment is None else max(timedelta(0), moment - now)


def http_date(headers: Mapping[str, str]) -> datetime | None:
    """Return the server's clock as it put it into `Date` (aware), None if it did not. Names in lower case."""
    return _moment(headers.get("date", "").strip())


def _moment(text: str) -> datetime | None:
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = parse(text)
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


@cache
def _roots() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


@contextmanager
def _translated(who: str, method: str) -> Iterator[None]:
    """Turn httpx's exceptions into ours: nothing sent, no answer, or an answer that broke off."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
        raise Unreachable(f"{who} cannot be reached: {_short(error)}.", who=who) from error
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise Unreachable(f"The address of {who} is not usable: {_short(error)}.", who=who) from error
    except httpx.HTTPError as error:
        if method != "GET":
            raise OutcomeUnknown(f"{who} did not answer a write: {_short(error)}.", who=who) from error
        raise Unavailable(f"{who} did not answer: {_short(error)}.", who=who) from error


def _short(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200].rstrip(".")


def _ending(error: SyncdError) -> Ending:
    if isinstance(error, Unreachable):
        return "unreachable"
    if isinstance(error, (OutcomeUnknown, Unavailable)):
        return "lost"
    return "broken"


def _inflate(response: httpx.Response, limit: int, who: str) -> bytes:
    """Read the raw stream and inflate it ourselves, so that no answer can fill the memory."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise BadAnswer(
            f"{who} answered in the unknown encoding {encoding!r}.", who=who, status=response.status_code
        )
    body = bytearray()
    unpack = zlib.decompressobj(wbits=47) if "gzip" in encoding or encoding == "deflate" else None
    for chunk in response.iter_raw():
        try:
            body += chunk if unpack is None else unpack.decompress(chunk, limit + 1 - len(body))
        except zlib.error as error:
            raise _unreadable(who, response.status_code, "cannot be unpacked") from error
        if len(body) > limit:
            raise _unreadable(who, response.status_code, f"is larger than {limit} bytes")
    if unpack is not None and body and not unpack.eof:
        raise _unreadable(who, response.status_code, "breaks off in the middle")
    return bytes(body)


def _unreadable(who: str, status: int, why: str) -> RemoteError:
    return BadAnswer(f"The answer of {who} {why}.", who=who, status=status)

"""A WooCommerce shop as one strict object: requests in, answers out, over a shelf in memory.

Reproduces `wc/v3` of WooCommerce 11.0.1 for products, orders, refunds and customers, with the oddities
listed in reference/woocommerce.md sections 13 and 15. What that calls UNVERIFIED is a switch in `Settings`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import RLock
from typing import Literal

from syncd.emulator.faults import Faults
from syncd.emulator.quota import Turnstile
from syncd.emulator.wire import AnswerLost, Request, Response
from syncd.emulator.woocommerce_auth import Doorkeeper
from syncd.emulator.woocommerce_orders_till import Taking, Till
from syncd.emulator.woocommerce_routes import allowed, endpoint, route_path, routes
from syncd.emulator.woocommerce_schema import id_parts
from syncd.emulator.woocommerce_shape import only
from syncd.emulator.woocommerce_shelf import Item, Shelf
from syncd.emulator.woocommerce_shop import Answer, Quota, Refused, Settings, Shop, TimedOut

__all__ = ["Call", "Item", "Quota", "Settings", "Shelf", "Taking", "Till", "WooCommerceEmulator"]

_NOTICE = b"<br />\n<b>Notice</b>:  Undefined index: foo in <b>plugin.php</b> on line <b>7</b><br />\n"


@dataclass(frozen=True, slots=True)
class Call:
    """One request that arrived. `status` 0 means that no answer left; `seconds` is its virtual cost."""

    method: str
    path: str
    query: str
    status: int
    kind: Literal["read", "write"]
    seconds: float = 0.0
    changed: int = 0
    """How many saves and deletions it caused."""


@dataclass(slots=True)
class _Cut:
    """A batch that breaks off after so many items: the connection drops, or the host answers a status."""

    after: int
    times: int
    status: int | None


class WooCommerceEmulator:
    """A shop with one key pair. The same shelf, till, clock and requests always give the same answers.

    `clock` gives the server's aware time; `on_cost` hears the virtual seconds of a call as they are
    spent, within a batch item by item.
    """

    def __init__(
        self,
        shelf: Shelf,
        clock: Callable[[], datetime],
        *,
        consumer_key: str,
        consumer_secret: str,
        settings: Settings | None = None,
        till: Till | None = None,
        on_cost: Callable[[float], None] | None = None,
    ) -> None:
        self.shelf, self.clock, self.settings = shelf, clock, settings or Settings()
        shelf.clock = shelf.clock or clock
        self.faults = Faults()
        self.calls: list[Call] = []
        self.on_cost = on_cost
        self.till = till or Till(shelf, self.settings, clock)
        self._shop = Shop(shelf, self.settings, clock, self._spend, self._item_saved, self.till)
        self._door = Doorkeeper(consumer_key, consumer_secret, self.settings, clock)
        self._routes = routes(self._shop)
        self.turnstile = Turnstile(clock)
        self._lock = RLock()
        self._cuts: list[_Cut] = []
        self._seconds, self._saved = 0.0, 0
        self._window, self._spent = 0, 0
        self._cached: dict[str, tuple[int, Response]] = {}

    def handle(self, request: Request) -> Response:
        """Answer one request. Raises ConnectionRefused or AnswerLost where a fault says so."""
        with self._lock:
            known = len(self.calls)
            response = self.faults.around(request, self._answer)
            if len(self.calls) == known:
                self._note(request, response.status, self.shelf.revision)
            return response

    def cut_batch(self, after: int, *, times: int = 1, status: int | None = None) -> None:
        """Let the next batches save only the first `after` items; then drop, or answer `status` in HTML."""
        self._cuts.append(_Cut(after, times, status))

    def count(self, method: str | None = None, path: str = "", kind: str | None = None) -> int:
        """Return how many calls had the method, a path ending in `path`, and the kind."""
        return sum(
            call.path.endswith(path) and method in (None, call.method) and kind in (None, call.kind)
            for call in self.calls
        )

    def writes(self) -> list[Call]:
        """Return the calls that changed something: a shadow run must have none."""
        return [call for call in self.calls if call.changed]

    def _answer(self, request: Request) -> Response:
        revision = self.shelf.revision
        self._seconds, self._saved = 0.0, 0
        self._spend(self.settings.call_seconds)
        try:
            response = self._guarded(request)
        except AnswerLost:
            self._note(request, 0, revision)
            raise
        self._note(request, response.status, revision)
        return response

    def _guarded(self, request: Request) -> Response:
        if self.settings.html_pages:
            return _html(200, "Coming soon")
        if refusal := self._over_quota():
            return refusal
        if request.method == "GET" and (hit := self._from_cache(request)):
            return hit
        try:
            response = self._respond(request)
        except TimedOut as timed_out:
            return _html(timed_out.status, "Gateway Time-out")
        if request.method == "GET" and response.status == 200 and self.settings.page_cache_seconds:
            self._cached[f"{request.path}?{request.query}"] = (self._now(), response)
        return response

    def _respond(self, request: Request) -> Response:
        self._shop.home = self._home(request)
        path = route_path(request, pretty=self.settings.permalinks != "plain_404")
        if path is None:
            return _html(404, "Page not found")
        try:
            answer = self._answered(request, path)
        except Refused as refused:
            answer = Answer(refused.body(), refused.status)
        allow = allowed(path, self._routes)
        return self._json(request, answer, {"Allow": allow} if allow else {})

    def _answered(self, request: Request, path: str) -> Answer:
        known = self._keys_are_read(request, path) and self._door.knows(request, self._shop.home)
        handler, ask = endpoint(request, path, known, self._routes)
        answer = handler(ask)
        if wanted := id_parts(ask.params.get("_fields", "")):
            answer.data = only(answer.data, wanted)
        return answer

    def _keys_are_read(self, request: Request, path: str) -> bool:
        """Only under /wp-json/wc/: not with plain permalinks, not on the site index (reference 1.1)."""
        in_path = request.path.startswith("/wp-json/wc/") and path.startswith("/wc/")
        return in_path and self.settings.permalinks == "pretty"

    def _home(self, request: Request) -> str:
        scheme = "https" if request.secure and self.settings.sees_tls else "http"
        return self.settings.home.rstrip("/") or f"{scheme}://{request.host}"

    def _json(self, request: Request, answer: Answer, more: dict[str, str]) -> Response:
        discovery = f'<{self._shop.home}/wp-json/>; rel="https://api.w.org/"'
        headers = {
            "Date": self._http_date(0),
            "Content-Type": "application/json; charset=UTF-8",
            "Cache-Control": "no-cache, must-revalidate, max-age=0, no-store, private",
            "Link": ", ".join([discovery, *answer.links]),
            **more,
            **answer.headers,
            **(self.turnstile.headers(self.settings.tariff) if self.settings.tariff else {}),
        }
        if answer.status == 401 and request.headers.get("authorization"):
            headers["WWW-Authenticate"] = 'Basic realm="WooCommerce API"'
        notice = [_NOTICE] if self.settings.php_notice else []
        return Response(answer.status, headers, [*notice, json.dumps(answer.data).encode()])

    def _over_quota(self) -> Response | None:
        tariff, quota = self.settings.tariff, self.settings.quota
        if tariff is not None and not self.turnstile.take(tariff):
            return _html(429, "Too Many Requests", self.turnstile.refusal(tariff))
        if quota is None:
            return None
        window, left = divmod(self._now(), quota.seconds)
        self._spent = self._spent + 1 if window == self._window else 1
        self._window = window
        if self._spent <= quota.calls:
            return None
        wait = quota.seconds - left
        headers = {"seconds": {"Retry-After": str(wait)}, "date": {"Retry-After": self._http_date(wait)}}
        return _html(quota.status, "Too Many Requests", headers.get(quota.retry_after))

    def _from_cache(self, request: Request) -> Response | None:
        at, kept = self._cached.get(f"{request.path}?{request.query}", (0, None))
        age = self._now() - at
        if kept is None or age >= self.settings.page_cache_seconds:
            return None
        return Response(kept.status, {**kept.headers, "Age": str(age), "X-Cache": "HIT"}, list(kept.chunks))

    def _spend(self, seconds: float) -> None:
        if seconds:
            self._seconds += seconds
            if self.on_cost is not None:
                self.on_cost(seconds)

    def _item_saved(self) -> None:
        self._saved += 1
        limit = self.settings.time_limit
        if limit is not None and self._seconds > limit:
            raise TimedOut(504)
        cut = next((each for each in self._cuts if each.times > 0), None)
        if cut is not None and self._saved == cut.after:
            cut.times -= 1
            raise TimedOut(cut.status) if cut.status else AnswerLost("the connection dropped within a batch")

    def _note(self, request: Request, status: int, revision: int) -> None:
        kind: Literal["read", "write"] = "read" if request.method in ("GET", "HEAD", "OPTIONS") else "write"
        changed = self.shelf.revision - revision
        self.calls.append(
            Call(request.method, request.path, request.query, status, kind, self._seconds, changed)
        )

    def _now(self) -> int:
        return int(self.clock().timestamp())

    def _http_date(self, ahead: int) -> str:
        moment = self.clock().astimezone(UTC) + timedelta(seconds=ahead)
        return format_datetime(moment.replace(microsecond=0), usegmt=True)


def _html(status: int, title: str, headers: dict[str, str] | None = None) -> Response:
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{title}</body></html>"
    return Response(status, {"Content-Type": "text/html; charset=UTF-8", **(headers or {})}, [page.encode()])

"""Talk to one WooCommerce site: build addresses, send, and hand back believed JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from syncd.errors import BadAnswer
from syncd.http import Http, Reply, http_date
from syncd.stores.woocommerce.answers import believed

PER_PAGE = 100
URL_BYTES = 4_000
_ROOM_FOR_CREDENTIALS = 400


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of a list. `total` is X-WP-Total: the rows on all pages, None if it was not sent.

    `moment` is the shop's clock (the Date header, aware UTC), None if it was not sent.
    """

    rows: list[dict[str, Any]]
    total: int | None
    moment: datetime | None = None

    def goes_on_after(self, page: int) -> bool:
        """Tell whether rows remain after this page of full size."""
        return len(self.rows) >= PER_PAGE if self.total is None else self.total > page * PER_PAGE


@dataclass(slots=True)
class Client:
    """Calls on `{base}/…`, where `base` ends in `/wc/v3`. Errors as in `answers.believed`."""

    http: Http
    base: str
    evading: int = 0
    """Calls made past a page cache; 0 until one was seen to answer in the shop's place."""

    def rows(self, path: str, params: Mapping[str, str | int]) -> Rows:
        """GET a list. Raises BadAnswer too if it is no list of objects."""
        url = self.url(path, params)
        reply = self._fresh(url)
        content = self._believed(reply, url)
        if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
            raise self._misshapen("a list of records", reply)
        total = reply.headers.get("x-wp-total", "")
        return Rows(content, int(total) if total.isdigit() else None, http_date(reply.headers))

    def record(self, path: str, params: Mapping[str, str | int] | None = None) -> dict[str, Any]:
        """GET one object."""
        return self._object(self.url(path, params or {}))

    def index(self, fields: str) -> dict[str, Any]:
        """GET the site's own index, which needs no key (reference section 1.1)."""
        return self._object(f"{self.base.removesuffix('wc/v3')}?_fields={quote(fields, safe='')}")

    def post(self, path: str, body: Mapping[str, Any]) -> tuple[dict[str, Any], float]:
        """POST once; return the decoded object and the seconds it took. Raises OutcomeUnknown too."""
        return self._write("POST", path, body)

    def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """PUT once; return the decoded object. Raises OutcomeUnknown too."""
        return self._write("PUT", path, body)[0]

    def _write(self, method: str, path: str, body: Mapping[str, Any]) -> tuple[dict[str, Any], float]:
        url = self.url(path, {})
        reply = self.http.write(method, url, json.dumps(body).encode())
        content = self._believed(reply, url, writing=True)
        return (content if isinstance(content, dict) else {}), reply.seconds

    def url(self, path: str, params: Mapping[str, str | int]) -> str:
        query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in params.items())
        return f"{self.base}/{path}{'?' if query else ''}{query}"

    def room(self, url: str) -> int:
        """Return by how many bytes the address may grow and stay short enough for every server on the way."""
        return URL_BYTES - _ROOM_FOR_CREDENTIALS - len(url)

    def _object(self, url: str) -> dict[str, Any]:
        reply = self._fresh(url)
        content = self._believed(reply, url)
        if not isinstance(content, dict):
            raise self._misshapen("an object", reply)
        return content

    def _fresh(self, url: str) -> Reply:
        """GET past a page cache: one that repeats old stock would have us write what is already there."""
        reply = self.http.get(self._past_cache(url))
        if _cached(reply) and not self.evading:
            self.evading = 1
            reply = self.http.get(self._past_cache(url))
        if _cached(reply):
            what = f"A page cache answers in place of {self.http.who}."
            raise BadAnswer(what, "Exclude /wp-json/ from it.", who=self.http.who, status=reply.status)
        return reply

    def _past_cache(self, url: str) -> str:
        if not self.evading:
            return url
        self.evading += 1
        stamp = int(self.http.clock.now().timestamp())
        return f"{url}{'&' if '?' in url else '?'}nocache={stamp}-{self.evading}"

    def _believed(self, reply: Reply, url: str, *, writing: bool = False) -> Any:
        now = self.http.clock.now()
        return believed(reply, who=self.http.who, url=url, writing=writing, now=now)

    def _misshapen(self, wanted: str, reply: Reply) -> BadAnswer:
        what = f"{self.http.who} answered with something else than {wanted}: {reply.text(100)!r}."
        return BadAnswer(what, who=self.http.who, status=reply.status)


def api_base(base_url: str) -> str:
    """Return the address of `wc/v3` for a shop's address, with or without a path or `/wp-json/wc/v3`."""
    url = base_url.strip().rstrip("/")
    if url.endswith("/wc/v3"):
        return url
    return f"{url}/wc/v3" if url.endswith("/wp-json") else f"{url}/wp-json/wc/v3"


def home_name(url: str) -> str:
    """Return a site's address as a name: without scheme, host in lower case, no slash at the end."""
    host, slash, path = url.partition("://")[2].rstrip("/").partition("/")
    return host.lower() + slash + path


def _cached(reply: Reply) -> bool:
    age = reply.headers.get("age", "").strip()
    says_hit = any(
        reply.headers.get(name, "").strip().upper().startswith("HIT")
        for name in ("x-cache", "cf-cache-status")
    )
    return says_hit or (age.isdigit() and int(age) > 0)

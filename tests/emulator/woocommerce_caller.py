"""A caller of the emulated WooCommerce with keys of its own, over TLS unless told otherwise."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.emulator.wire import Request, Response
from syncd.emulator.woocommerce import Settings, Shelf, WooCommerceEmulator

KEY, SECRET = "ck_example", "cs_example"
START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
API = "/wp-json/wc/v3"


class Clock:
    """A clock that moves only when told to."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Caller:
    """An emulated shop with somebody who asks it things."""

    def __init__(self, **settings: Any) -> None:
        self.clock = Clock()
        self.settings = Settings(home="https://shop.example.test", **settings)
        self.shelf = Shelf(self.clock)
        self.shop = WooCommerceEmulator(
            self.shelf, self.clock, consumer_key=KEY, consumer_secret=SECRET, settings=self.settings
        )

    def send(
        self,
        method: str,
        path: str,
        query: str = "",
        body: Any = None,
        *,
        secure: bool = True,
        **headers: str,
    ) -> Response:
        """Return the answer; keyword headers replace the usual ones, "" leaves one out."""
        usual = {"authorization": basic(), "content-type": "application/json"}
        sent = {name: value for name, value in {**usual, **_dashed(headers)}.items() if value}
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        where = path if path.startswith(("/wp-json", "/index.php")) else API + path
        return self.shop.handle(Request(method, where, query, sent, data, secure))

    def get(self, path: str, query: str = "") -> Any:
        return _good(self.send("GET", path, query))

    def put(self, path: str, **fields: Any) -> Any:
        return _good(self.send("PUT", path, body=fields))

    def post(self, path: str, **fields: Any) -> Any:
        return _good(self.send("POST", path, body=fields))

    def refusal(self, method: str, path: str, query: str = "", body: Any = None) -> tuple[int, str]:
        """Return status and code of a call that must be refused."""
        answer = self.send(method, path, query, body)
        assert answer.status >= 400, answer.body()
        return answer.status, json.loads(answer.body())["code"]

    def skus(self, query: str, path: str = "/products") -> list[str]:
        """Return the SKUs of one page, in the order they came."""
        return [row["sku"] for row in self.get(path, query)]


def basic(key: str = KEY, secret: str = SECRET) -> str:
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def _good(answer: Response) -> Any:
    assert answer.status < 300, answer.body()
    return json.loads(answer.body())

"""A whole small world for tests: both emulators, the wired application, one database, one clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from syncd import config
from syncd.app import App, open_app
from syncd.emulator.transport import EmulatorTransport
from syncd.emulator.unleashed import API_ID, API_KEY, UnleashedEmulator
from syncd.emulator.unleashed_books import Books
from syncd.emulator.woocommerce import WooCommerceEmulator
from syncd.emulator.woocommerce_shelf import Shelf
from syncd.http import Transport
from syncd.jobs import Report

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
CONSUMER_KEY = "ck_" + "0" * 40
CONSUMER_SECRET = "cs_" + "1" * 40


@dataclass
class VirtualClock:
    """A clock that moves only when told to, or when somebody sleeps."""

    at: datetime = START
    ticks: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> datetime:
        return self.at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.ticks

    def sleep(self, seconds: float) -> None:
        self.pass_time(timedelta(seconds=max(0.0, seconds)))

    def pass_time(self, time: timedelta) -> None:
        with self.lock:
            self.at += time
            self.ticks += time.total_seconds()


@dataclass
class World:
    """Unleashed, a WooCommerce shop, and syncd between them, all in this process."""

    clock: VirtualClock
    books: Books
    unleashed: UnleashedEmulator
    shelf: Shelf
    shop: WooCommerceEmulator
    folder: Path
    database_url: str
    account_keys: str = ""
    store_keys: str = ""
    listing_keys: str = ""
    env: dict[str, str] = field(default_factory=dict)

    def toml(self) -> str:
        """Return the configuration: two addresses, two credentials, and what the test adds."""
        return f"""
[database]
url = "{self.database_url}"
auto_upgrade = true
[web]
listen = "off"
[unleashed.main]
base_url = "https://unleashed.test"
api_id = "{API_ID}"
api_key = "{API_KEY}"
spacing = "0ms"
{self.account_keys}
[store.shop]
kind = "woocommerce"
base_url = "https://shop.test"
consumer_key = "{CONSUMER_KEY}"
consumer_secret = "{CONSUMER_SECRET}"
{self.store_keys}
[store.shop.listing]
{self.listing_keys}
"""

    def settings(self) -> config.Settings:
        path = self.folder / "syncd.toml"
        path.write_text(self.toml())
        path.chmod(0o600)
        return config.load(path, self.env)

    def transport(self, subject: str) -> Transport:
        return EmulatorTransport(self.unleashed if subject.startswith("account") else self.shop)

    @contextmanager
    def app(self, holder: str = "test:1") -> Iterator[App]:
        """Yield the wired application on this world, as one process would see it."""
        app = open_app(
            self.settings(), self.clock, holder, transports=self.transport, heartbeats=False
        )
        try:
            yield app
        finally:
            app.close()

    def recent(self, *, minutes: float = 48, **settings: Any) -> list[Report]:
        """Let time pass, then do the recent job once, as a process of its own."""
        self.clock.pass_time(timedelta(minutes=minutes))
        with self.app() as app:
            return app.recent("main", **settings)

    def calls(self, work: Callable[[], Any]) -> tuple[int, int]:
        """Return how many calls Unleashed and the shop got while `work` was done."""
        before = len(self.unleashed.calls), len(self.shop.calls)
        work()
        return len(self.unleashed.calls) - before[0], len(self.shop.calls) - before[1]

    def shown(self, sku: str) -> Any:
        """Return what the shop holds under this SKU, as its own record; None if it has none."""
        found = self.shelf.with_sku(sku)
        return found[0] if found else None


def make_world(folder: Path, database_url: str | None = None, **keys: Any) -> World:
    """Return an empty world: no products on either side yet."""
    clock = VirtualClock()
    books = Books(clock)
    shelf = Shelf()
    return World(
        clock=clock,
        books=books,
        unleashed=UnleashedEmulator(books, clock),
        shelf=shelf,
        shop=WooCommerceEmulator(shelf, clock, consumer_key=CONSUMER_KEY, consumer_secret=CONSUMER_SECRET),
        folder=folder,
        database_url=database_url or f"sqlite:///{folder}/syncd.db",
        **keys,
    )

"""Both emulators on real sockets, a configuration that points at them, and syncd as a person runs it."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import structlog
from typer.testing import CliRunner

from syncd.cli.commands import app
from syncd.clock import SystemClock
from syncd.emulator.server import Served
from syncd.emulator.unleashed import API_ID as API_ID
from syncd.emulator.unleashed import API_KEY as API_KEY
from syncd.emulator.unleashed import UnleashedEmulator
from syncd.emulator.unleashed_books import Books
from syncd.emulator.wire import ConnectionRefused, Emulator, Request, Response
from syncd.emulator.woocommerce import WooCommerceEmulator
from syncd.emulator.woocommerce_shelf import Shelf
from syncd.state import leases
from syncd.state.db import open_database

CONSUMER_KEY = "ck_" + "0" * 40
CONSUMER_SECRET = "cs_" + "1" * 40
CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Told:
    """What a command left behind: its exit code and its two streams."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object on stdout; fails if there is anything else."""
        return json.loads(self.out)

    @property
    def text(self) -> str:
        """Everything that a person saw."""
        return self.out + self.err


class Gate:
    """An emulator behind a door that can be shut: what arrives then waits until it is opened."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.method: str | None = None
        self.dropping = False
        self.open = threading.Event()
        self.open.set()
        self.waiting = threading.Event()

    def shut(self, method: str | None = None) -> None:
        """Let no request pass, or none of this method."""
        self.method = method
        self.open.clear()

    def release(self, *, dropping: bool = False) -> None:
        """Let everything pass from now on; what has waited too, unless `dropping` hangs up on it."""
        self.dropping = dropping
        self.open.set()

    def handle(self, request: Request) -> Response:
        if not self.open.is_set() and self.method in (None, request.method):
            self.waiting.set()
            self.open.wait(60)
            if self.dropping:
                raise ConnectionRefused("whoever asked has gone")
        return self.emulator.handle(request)


@dataclass
class Stage:
    """Unleashed and a WooCommerce shop on loopback ports, and a folder with a syncd.toml."""

    folder: Path
    books: Books
    unleashed: UnleashedEmulator
    shelf: Shelf
    shop: WooCommerceEmulator
    unleashed_gate: Gate
    shop_gate: Gate
    unleashed_url: str
    shop_url: str
    database: str
    account: dict[str, str] = field(default_factory=dict)
    store: dict[str, str] = field(default_factory=dict)
    listing: dict[str, str] = field(default_factory=dict)
    account_name: str = "main"
    store_name: str = "shop"
    listen: str = "off"
    more: str = ""

    command = (sys.executable, "-m", "syncd")

    @property
    def config(self) -> Path:
        return self.folder / "syncd.toml"

    def toml(self) -> str:
        """Return the configuration. `account`, `store`, `listing`: TOML texts by key, "" leaves one out."""
        account = {
            "base_url": f'"{self.unleashed_url}"',
            "api_id": f'"{API_ID}"',
            "api_key": f'"{API_KEY}"',
            "spacing": '"0ms"',
        }
        store = {
            "kind": '"woocommerce"',
            "base_url": f'"{self.shop_url}"',
            "consumer_key": f'"{CONSUMER_KEY}"',
            "consumer_secret": f'"{CONSUMER_SECRET}"',
        }
        return "\n".join(
            (
                f'[database]\nurl = "{self.database}"',
                f'[web]\nlisten = "{self.listen}"',
                _section(f"unleashed.{self.account_name}", account | self.account),
                _section(f"store.{self.store_name}", store | self.store),
                _section(f"store.{self.store_name}.listing", self.listing),
                self.more,
            )
        )

    def configure(self) -> Path:
        """Write the configuration as it is now and return its path."""
        self.config.write_text(self.toml())
        self.config.chmod(0o600)
        return self.config

    def put_on_sale(
        self, code: str = "TEA-1", price: str = "10", stock: int = 5, listed: int | None = 0
    ) -> str:
        """Have a product in Unleashed, and in the shop with `listed` pieces (None: not there)."""
        if "W1" not in self.books.warehouses:
            self.books.add_warehouse("W1", "Main", default=True)
        guid = self.books.add_product(code, f"Product {code}", price)
        self.books.set_stock(guid, "W1", stock)
        if listed is not None:
            self.shelf.add_simple(code, f"Product {code}", price, listed)
        return guid

    def second_store(self, name: str) -> str:
        """Return the sections of another store: the same shop under another name and identity."""
        keys = {
            "kind": '"woocommerce"',
            "base_url": f'"{self.shop_url}"',
            "consumer_key": f'"{CONSUMER_KEY}"',
            "consumer_secret": f'"{CONSUMER_SECRET}"',
            "identity": f'"{name}"',
        }
        return _section(f"store.{name}", keys)

    @contextmanager
    def other_process(self, holder: str, lease: str) -> Iterator[None]:
        """Have somebody else hold a lease ("pull:1", "push:1", "daemon")."""
        self.run("status")
        db = open_database(self.database)
        try:
            with db.write() as conn:
                leases.acquire(conn, lease, holder, CLOCK.now(), timedelta(seconds=60))
            yield
        finally:
            db.close()

    def stock(self, sku: str = "TEA-1") -> Any:
        """Return how many the shop shows of a SKU."""
        return self.shelf.with_sku(sku)[0].stock_quantity

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> Told:
        """Run a command in this process on the present configuration."""
        self.configure()
        done = CliRunner().invoke(app, list(words), env=dict(env or {}))
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Told(done.exit_code, done.stdout, done.stderr)

    @contextmanager
    def process(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """Run a command as a process of its own; it is killed if it is still there at the end."""
        child = subprocess.Popen(
            [*self.command, *words],
            cwd=self.folder,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield child
        finally:
            if child.poll() is None:
                child.kill()
            child.communicate()


def clean_environment() -> dict[str, str]:
    """Return the environment without anything that configures syncd."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("SYNCD_")}
    return kept | {"PYTHONPATH": str(Path(__file__).parents[2])}


@contextmanager
def quiet_log() -> Iterator[None]:
    """Put the log back as it was: a command sends it to a stream that ends with the command."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        root.handlers = handlers
        root.setLevel(level)
        logging.captureWarnings(False)
        structlog.reset_defaults()


def _section(name: str, keys: Mapping[str, str]) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {value}" for key, value in keys.items() if value)])


def end(child: subprocess.Popen[str], number: int = signal.SIGTERM, seconds: float = 20) -> Told:
    """Send a signal and return how the process ended."""
    child.send_signal(number)
    out, err = child.communicate(timeout=seconds)
    return Told(child.returncode, out, err)


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def health(port: int) -> tuple[int, str] | None:
    """Return the status and the state that /health answers, None if nobody does."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        return answer.status, str(json.loads(answer.read())["state"])
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def wait_until(true: Callable[[], object], what: str, seconds: float = 20) -> None:
    """Return as soon as it is true; fail after the seconds with what was waited for."""
    until = CLOCK.monotonic() + seconds
    pause = threading.Event()
    while not true():
        assert CLOCK.monotonic() < until, f"waited {seconds} seconds in vain: {what}"
        pause.wait(0.02)


@contextmanager
def on_stage(folder: Path, migrated: Path | None = None) -> Iterator[Stage]:
    """Yield a stage; with `migrated` its database has all tables from the beginning."""
    books, shelf = Books(CLOCK.now), Shelf()
    unleashed = UnleashedEmulator(books, CLOCK.now)
    shop = WooCommerceEmulator(shelf, CLOCK.now, consumer_key=CONSUMER_KEY, consumer_secret=CONSUMER_SECRET)
    gates = Gate(unleashed), Gate(shop)
    if migrated is not None:
        shutil.copy(migrated, folder / "syncd.db")
    # A server of its own for each, so that one that hangs does not stop the other.
    with Served({"": gates[0]}) as one, Served({"": gates[1]}) as other:
        database = f"sqlite:///{folder}/syncd.db"
        yield Stage(folder, books, unleashed, shelf, shop, *gates, one.url, other.url, database)
        for gate in gates:
            gate.release()

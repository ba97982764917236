"""A whole small world for tests: both emulators, the wired application, one database, one clock."""

from __future__ import annotations

import copy
import json
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from syncd import config
from syncd.app import App, open_app
from syncd.app.customers import customers
from syncd.app.orders import orders
from syncd.app.recent import recent
from syncd.app.resync import Resynced, resync
from syncd.emulator.transport import EmulatorTransport
from syncd.emulator.unleashed import API_ID, API_KEY, UnleashedEmulator
from syncd.emulator.unleashed_books import Books
from syncd.emulator.unleashed_orders_records import Order as Sale
from syncd.emulator.wire import Emulator, Request, Response
from syncd.emulator.woocommerce import Item, Shelf, Till, WooCommerceEmulator
from syncd.emulator.woocommerce_orders_records import Order
from syncd.flows.order_decided import Decision, retry
from syncd.flows.status import Problem, Status, status
from syncd.http import Transport
from syncd.jobs import Report
from syncd.state import outbox
from syncd.state.outbox import Document

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
class WrongClock:
    """syncd's own clock where it differs from the true one by `off`, which may change at any time."""

    true: VirtualClock
    off: timedelta = timedelta(0)

    def now(self) -> datetime:
        return self.true.at + self.off

    def monotonic(self) -> float:
        return self.true.ticks

    def sleep(self, seconds: float) -> None:
        self.true.sleep(seconds)


class Killed(BaseException):
    """The process dies here. Not an Exception: nothing may catch it and go on."""


@dataclass
class Seams:
    """The moments at which a process can die: around each call and each commit, counted from 1.

    At the moment number `kill_at` the process dies, and stays dead: nothing it does on its way out
    reaches a database or a server.
    """

    kill_at: int = 0
    passed: list[str] = field(default_factory=list)
    dead: bool = False

    def at(self, moment: str) -> None:
        if not self.dead:
            self.passed.append(moment)
            self.dead = len(self.passed) == self.kill_at
        if self.dead:
            raise Killed(f"at moment {len(self.passed)}, {self.passed[-1]}")


class Wire:
    """What lies between syncd and an emulator: it keeps every exchange, and passes the seams.

    `change` may put another answer in place of the true one.
    """

    def __init__(self, emulator: Emulator, side: str) -> None:
        self.emulator, self.side = emulator, side
        self.seams = Seams()
        self.requests: list[Request] = []
        self.change: Callable[[Request, Response], Response] | None = None

    def handle(self, request: Request) -> Response:
        self.seams.at(f"before a call to {self.side}")
        self.requests.append(request)
        response = self.emulator.handle(request)
        self.seams.at(f"after an answer of {self.side}")
        return response if self.change is None else self.change(request, response)


@dataclass
class Shop:
    """One shop: its shelf, its server, and the wire to it."""

    shelf: Shelf
    server: WooCommerceEmulator
    wire: Wire

    def sent(self) -> list[tuple[str, str, str]]:
        """Return every value that was sent: the record's id (a new one's SKU), the field, the value."""
        found = []
        for request in self.wire.requests:
            if request.method != "GET":
                body = json.loads(request.body)
                items = [*body.get("update", []), *body.get("create", [])]
                for item in items:
                    name = str(item.get("id") or item.get("sku"))
                    found += [(name, key, json.dumps(value)) for key, value in item.items() if key != "id"]
        return found

    def writes(self) -> int:
        """Return how many calls wanted to write, whether or not they changed anything."""
        return sum(request.method != "GET" for request in self.wire.requests)

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return what the shop shows, by SKU: id, name, price, stock, status."""
        found: dict[str, list[tuple[Any, ...]]] = {}
        for item in self.shelf.all():
            shown = (item.name, item.regular_price, item.stock_quantity, item.status)
            found.setdefault(item.sku, []).append(shown)
        return found


def open_shop(
    clock: VirtualClock, side: str = "the shop", shelf: Shelf | None = None, till: Till | None = None
) -> Shop:
    """Return a shop that takes the world's key, empty unless a shelf, and a till upon it, are given."""
    shelf = shelf or Shelf()
    server = WooCommerceEmulator(
        shelf,
        clock,
        consumer_key=CONSUMER_KEY,
        consumer_secret=CONSUMER_SECRET,
        settings=till.settings if till is not None else None,
        till=till,
    )
    return Shop(shelf, server, Wire(server, side))


@dataclass
class World:
    """Unleashed, a WooCommerce shop or several, and syncd between them, all in this process."""

    clock: VirtualClock
    books: Books
    unleashed: UnleashedEmulator
    wire: Wire
    shops: dict[str, Shop]
    folder: Path
    database_url: str
    account_keys: str = ""
    store_keys: str = ""
    listing_keys: str = ""
    more_toml: str = ""
    env: dict[str, str] = field(default_factory=dict)
    own_clock: WrongClock | None = None
    processes: int = 0
    lasting: bool = False
    """One process does the runs as long as nothing is configured anew, as a daemon would; then `close`."""
    kept: tuple[object, App] | None = None

    @property
    def shelf(self) -> Shelf:
        return self.shops["shop"].shelf

    @property
    def shop(self) -> WooCommerceEmulator:
        return self.shops["shop"].server

    def toml(self) -> str:
        """Return the configuration: the addresses, the credentials, and what the test adds."""
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
{"".join(self._store_toml(name) for name in self.shops)}
{self.more_toml}
"""

    def copied(self, folder: Path) -> World:
        """Return a world that is as this one is now, with everything of its own. On SQLite only."""
        clock = VirtualClock(self.clock.at, self.clock.ticks)
        memo: dict[int, Any] = {id(self.clock): clock}
        unleashed = copy.deepcopy(self.unleashed, memo)
        tills = {name: copy.deepcopy(shop.server.till, memo) for name, shop in self.shops.items()}
        keys = {
            name: getattr(self, name) for name in ("account_keys", "store_keys", "listing_keys", "more_toml")
        }
        other = make_world(folder, shops=tuple(tills), clock=clock, books=unleashed.books, **keys)
        other.unleashed, other.wire = unleashed, Wire(unleashed, self.wire.side)
        for name, till in tills.items():
            other.shops[name] = open_shop(clock, self.shops[name].wire.side, till.shelf, till)
        for file in self.folder.glob("syncd.db*"):
            shutil.copy(file, folder)
        return other

    def _store_toml(self, name: str) -> str:
        return f"""
[store.{name}]
kind = "woocommerce"
base_url = "https://{name}.test"
consumer_key = "{CONSUMER_KEY}"
consumer_secret = "{CONSUMER_SECRET}"
{self.store_keys}
[store.{name}.listing]
{self.listing_keys}
"""

    def settings(self) -> config.Settings:
        path = self.folder / "syncd.toml"
        path.write_text(self.toml())
        path.chmod(0o600)
        return config.load(path, self.env)

    def transport(self, subject: str) -> Transport:
        side, _, name = subject.partition(" ")
        return EmulatorTransport(self.wire if side == "account" else self.shops[name].wire)

    @contextmanager
    def app(self, holder: str = "", seams: Seams | None = None) -> Iterator[App]:
        """Yield the wired application on this world, as a process of its own would see it."""
        app = self._opened(holder)
        wires = [self.wire, *(shop.wire for shop in self.shops.values())]
        try:
            for wire in wires:
                wire.seams = seams or Seams()
            app.db.seam = seams.at if seams is not None else app.db.seam
            yield app
        finally:
            for wire in wires:
                wire.seams = Seams()
            app.close()

    def _opened(self, holder: str) -> App:
        self.processes += 1
        clock = self.own_clock or self.clock
        name = holder or f"process {self.processes}"
        app = open_app(self.settings(), clock, name, transports=self.transport, heartbeats=False)
        if app.db.kind == "sqlite":
            _hurry(app.db.engine)
        return app

    @contextmanager
    def process(self, seams: Seams | None = None) -> Iterator[App]:
        """Yield the application of a new process, or of the lasting one."""
        if seams is not None or not self.lasting:
            with self.app(seams=seams) as app:
                yield app
            return
        key = (self.toml(), tuple(self.env.items()), id(self.own_clock))
        if self.kept is None or self.kept[0] != key:
            self.close()
            self.kept = (key, self._opened(""))
        yield self.kept[1]

    def close(self) -> None:
        """End the lasting process, if there is one."""
        if self.kept is not None:
            self.kept[1].close()
            self.kept = None

    def recent(self, *, minutes: float = 48, seams: Seams | None = None, **settings: Any) -> list[Report]:
        """Let time pass, then do the recent job once, as a process of its own."""
        self.clock.pass_time(timedelta(minutes=minutes))
        with self.process(seams) as app:
            return recent(app, "main", **settings)

    def orders(self, *, minutes: float = 5, seams: Seams | None = None, **settings: Any) -> list[Report]:
        """Let time pass, then do the orders job once, as a process of its own."""
        self.clock.pass_time(timedelta(minutes=minutes))
        with self.process(seams) as app:
            return orders(app, "main", **settings)

    def customers(self, *, minutes: float = 5, seams: Seams | None = None, **settings: Any) -> list[Report]:
        """Let time pass, then do the customers job once, as a process of its own."""
        self.clock.pass_time(timedelta(minutes=minutes))
        with self.process(seams) as app:
            return customers(app, "main", **settings)

    def buy(
        self, *skus: str | tuple[str, int], email: str = "jo@example.test", shop: str = "shop", **more: Any
    ) -> Order:
        """Buy one of each, or so many, in a shop as a guest; `more` is what its till takes besides."""
        till, shelf = self.shops[shop].server.till, self.shops[shop].shelf
        wanted = [sku if isinstance(sku, tuple) else (sku, 1) for sku in skus]
        taken = [(shelf.with_sku(sku)[0].id, quantity) for sku, quantity in wanted]
        billing = {
            "first_name": "Jo",
            "last_name": "Doe",
            "city": "Auckland",
            "country": "NZ",
            "email": email,
        }
        return till.place(*taken, **{"billing": billing, **more})

    def sales(self) -> list[Sale]:
        """Return every sales order that Unleashed has, deleted ones too."""
        return list(self.unleashed.sales.orders.register.all())

    def documents(self, shop: str = "shop") -> dict[str, Document]:
        """Return the outbox of a shop by what people call each document; refunds as "refund ID"."""
        with self.process() as app:
            row = app.store_row(shop)
            with app.db.read() as conn:
                rows = outbox.in_states(conn, row.id, outbox.STATES)
        return {row.doc if row.kind == "order" else f"refund {row.doc}": row for row in rows}

    def retry(self, *docs: str, shop: str = "shop") -> None:
        """Have a person try documents again."""
        with self.process() as app:
            decision = Decision(app.db, app.store_row(shop), None, self.clock.at)
            done = [each.outcome for each in retry(decision, docs)]
        if set(done) != {"retried"}:
            raise LookupError(f"tried again: {done}")

    def timeline(self, doc: str, shop: str = "shop") -> list[str]:
        """Return the events in the time line of an order."""
        document = self.documents(shop)[doc]
        with self.process() as app, app.db.read() as conn:
            return [each.event for each in outbox.events(conn, document)]

    def resync(
        self, *codes: str, minutes: float = 2, seams: Seams | None = None, **settings: Any
    ) -> Resynced:
        """Let time pass, then do `syncd resync CODE...`, as a process of its own."""
        self.clock.pass_time(timedelta(minutes=minutes))
        with self.process(seams) as app:
            return resync(app, codes, **settings)

    def status(self) -> Status:
        """Return what `syncd status` says."""
        with self.process() as app:
            limits = {name: app.limits(each) for name, each in app.settings.accounts.items()}
            modes = {name: each.mode for name, each in app.settings.stores.items()}
            brakes = {name: app.brake(name) for name in app.settings.stores}
            return status(app.db, limits, modes, app.bench.clock.now(), brakes)

    def problems(self) -> list[str]:
        """Return the sentences that `syncd status` warns with."""
        return [_sentence(each) for each in self.status().problems]

    def calls(self, work: Callable[[], Any]) -> tuple[int, int]:
        """Return how many calls Unleashed and the first shop got while `work` was done."""
        before = len(self.unleashed.calls), len(self.shop.calls)
        work()
        return len(self.unleashed.calls) - before[0], len(self.shop.calls) - before[1]

    def item(self, sku: str) -> Item:
        """Return the one record that the shop holds under this SKU; LookupError for none or several."""
        found = self.shelf.with_sku(sku)
        if len(found) != 1:
            raise LookupError(f"the shop has {len(found)} records with the SKU {sku}")
        return found[0]

    def shown(self, sku: str) -> Any:
        """Return what the shop holds under this SKU, as its own record; None if it has none."""
        found = self.shelf.with_sku(sku)
        return found[0] if found else None

    def guid(self, code: str) -> str:
        """Return the guid of the one product with this code."""
        (found,) = self.books.by_code(code)
        return found.guid


def _hurry(engine: Engine) -> None:
    """Give up the safety of a SQLite file against power loss, which no test is about, for speed."""
    event.listen(engine, "connect", lambda driver, _: driver.execute("PRAGMA synchronous=OFF"))
    engine.dispose()


def _sentence(problem: Problem) -> str:
    return f"{problem.what} {problem.do}"


def make_world(
    folder: Path,
    database_url: str | None = None,
    *,
    shops: Sequence[str] = ("shop",),
    clock: VirtualClock | None = None,
    books: Books | None = None,
    **keys: Any,
) -> World:
    """Return a world with no products on either side yet, unless `books` hold some."""
    clock = clock or VirtualClock()
    books = books or Books(clock)
    unleashed = UnleashedEmulator(books, clock)
    return World(
        clock=clock,
        books=books,
        unleashed=unleashed,
        wire=Wire(unleashed, "Unleashed"),
        shops={name: open_shop(clock, f"the {name}") for name in shops},
        folder=folder,
        database_url=(database_url or f"sqlite:///{folder}/syncd.db").replace(
            "postgresql://", "postgresql+psycopg://"
        ),
        **keys,
    )

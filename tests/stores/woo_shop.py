"""A WooCommerce store on the emulated shop, opened with the keys, clock and settings a test wants."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from syncd.core.model import Content, Done, ListingStatus, Refused, Shown, StoreFacts, Write
from syncd.emulator.transport import EmulatorTransport
from syncd.emulator.wire import Emulator, Request, Response
from syncd.emulator.woocommerce import Settings, Shelf, WooCommerceEmulator
from syncd.http import Limits, Unmetered, open_http
from syncd.stores.woocommerce import WooCommerce, WooSettings, WooSigner
from syncd.stores.woocommerce.auth import Mode
from tests.stores.shop import TEA, Trouble

KEY, SECRET = "ck_marked_key", "cs_marked_secret"
STATUS = {ListingStatus.LIVE: "publish", ListingStatus.HIDDEN: "draft", ListingStatus.TRASH: "trash"}


class HandClock:
    """A clock that moves only when told to, or by what a call costs."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class Wire:
    """What lies between: keeps every request, and hides from the shop the parameters it is `deaf` to.

    `withheld` ids are left out of lists but counted in the total, as rows a key may not see are.
    """

    def __init__(self, emulator: Emulator, deaf: tuple[str, ...]) -> None:
        self.emulator, self.deaf = emulator, deaf
        self.requests: list[Request] = []
        self.instead: list[Response] = []
        self.withheld: set[int] = set()

    def handle(self, request: Request) -> Response:
        self.requests.append(request)
        if self.instead:
            return self.instead.pop(0)
        heard = [part for part in request.query.split("&") if part.partition("=")[0] not in self.deaf]
        answer = self.emulator.handle(replace(request, query="&".join(heard)))
        if self.withheld:
            rows = json.loads(answer.body())
            answer.chunks = [json.dumps([row for row in rows if row["id"] not in self.withheld]).encode()]
        return answer


class WooShop:
    """An emulated shop, its owner, and the store under test. `site` are the emulator's settings."""

    batch = 50
    exact_sizes = False

    def __init__(
        self,
        base_url: str = "https://shop.example.test",
        *,
        auth: Mode = "auto",
        key: str = KEY,
        secret: str = SECRET,
        manage_stock: str = "leave",
        deaf: tuple[str, ...] = (),
        **site: Any,
    ) -> None:
        self.clock = HandClock()
        self.site = Settings(**site)
        self.shelf = Shelf(self.clock.now)
        self.emulator = WooCommerceEmulator(
            self.shelf,
            self.clock.now,
            consumer_key=KEY,
            consumer_secret=SECRET,
            settings=self.site,
            on_cost=self.clock.sleep,
        )
        self.wire = Wire(self.emulator, deaf)
        numbers = count(1)
        self.signer = WooSigner(key, secret, auth, clock=self.clock, nonce=lambda: f"n{next(numbers)}")
        self.http = open_http(
            "store shop",
            self.signer,
            Unmetered(),
            self.clock,
            Limits(),
            user_agent="syncd",
            transport=EmulatorTransport(self.wire),
        )
        settings = WooSettings("enable" if manage_stock == "enable" else "leave")
        self.store = WooCommerce(self.http, base_url, settings)
        self.facts = StoreFacts("woocommerce:shop.example.test", "NZD", False, 2, True, "11.0.1")

    def store_for(self) -> WooCommerce:
        """Return a store as another process would open it for the same shop."""
        return WooCommerce(self.http, "https://shop.example.test", WooSettings())

    # What the owner does.

    def put(self, code: str, content: Content = TEA) -> str:
        stock = None if content.stock is None else int(content.stock)
        status = STATUS[content.status or ListingStatus.HIDDEN]
        price = "" if content.price is None else str(content.price)
        return str(self.shelf.add_simple(code, content.name or "", price, stock, status=status).id)

    def twin(self, code: str) -> str:
        return self.put(code)

    def family(self, *codes: str, shared: int | None = None) -> list[str]:
        """A variable product with these variations; return their refs. `shared`: the parent's stock."""
        parent = self.shelf.add_variable(f"{codes[0]}-FAMILY", "T-shirt", stock=shared)
        stock = 5 if shared is None else None
        made = [self.shelf.add_variation(parent, code, "25.00", stock, code) for code in codes]
        return [f"{parent.id}/{each.id}" for each in made]

    def bin(self, ref: str) -> None:
        self.shelf.trash(int(ref))

    def restore(self, ref: str) -> None:
        self.shelf.edit(int(ref), status="publish")

    def remove(self, ref: str) -> None:
        self.shelf.delete(int(ref))

    # What a test wants to know, and what goes wrong.

    def count(self) -> int:
        return len(self.shelf)

    def calls(self) -> int:
        return len(self.emulator.calls)

    def asked(self) -> list[str]:
        """Return the path below /wc/v3 of each request so far."""
        return [request.path.rpartition("/wc/v3/")[2] for request in self.wire.requests]

    def bodies(self) -> list[Any]:
        """Return the body of each write so far."""
        return [json.loads(request.body) for request in self.wire.requests if request.method != "GET"]

    def answer_next(self, status: int, content: Any, kind: str = "application/json", **headers: str) -> None:
        """Let something else than the shop answer the next request."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.wire.instead.append(Response(status, {"content-type": kind, **headers}, [body]))

    def shown(self, ref: str) -> Shown:
        return self.store.look(refs=[ref])[ref]

    def write(self, ref: str | None, code: str = "CODE", **fields: Any) -> Done | Refused:
        """Carry out one write of these fields and return its outcome."""
        money = {name: Decimal(value) for name, value in fields.items() if name in ("price", "stock")}
        plain: dict[str, Any] = {**fields, **money}
        [outcome] = self.store.write([Write("key", ref, code, Content(**plain))])
        return outcome

    def write_many(self, refs: list[str], stock: int = 1) -> Iterator[Done | Refused]:
        return self.store.write([Write(ref, ref, ref, Content(stock=Decimal(stock))) for ref in refs])

    def trouble(self, kind: Trouble) -> None:
        faults = self.emulator.faults
        match kind:
            case "lost":
                faults.add("lose")
            case "half" | "html":
                faults.add(kind)
            case "throttled":
                faults.add("status", status=429, headers={"retry-after": "30"})
            case "down":
                faults.add("status", status=503, headers={"retry-after": "30"})
            case "key":
                self.signer._secret = "cs_wrong"

    def break_off_after(self, saved: int) -> None:
        self.emulator.cut_batch(saved)

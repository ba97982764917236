"""The wires to both sides: calls take time, meet the weather and are counted; what they change is watched."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

from syncd.emulator.catalogue import Dice
from syncd.emulator.unleashed import UnleashedEmulator
from syncd.emulator.wire import AnswerLost, Request, Response
from syncd.emulator.woocommerce import Item, WooCommerceEmulator
from tests.simulation.baton import Baton, OwnClock
from tests.simulation.oracle import FIELDS, Oracle, Shows
from tests.simulation.pools import Pools
from tests.simulation.watch import Watch
from tests.simulation.weather import LOST_ON_THE_WAY, Strike, Weather

EVERYTHING = Shows("", "", 0, "")


@dataclass(slots=True)
class Trace:
    """A fingerprint of all that went over the wires, in order: two runs of one seed have the same."""

    digest: Any = field(default_factory=hashlib.blake2b)
    lines: list[str] | None = None

    def note(self, line: str) -> None:
        self.digest.update(line.encode())
        if self.lines is not None:
            self.lines.append(line)


@dataclass(slots=True)
class Side:
    """One remote system, with what lies between it and any process."""

    name: str
    emulator: UnleashedEmulator | WooCommerceEmulator
    baton: Baton
    clock: OwnClock
    weather: Weather
    pools: Pools
    trace: Trace
    dice: Dice
    slowness: int = 1500
    """Milliseconds that a call takes at most."""
    attempts: int = 0
    count: Callable[[Request], None] = lambda _request: None
    answered: Callable[[Request, Strike | None], Callable[[], None]] = lambda _request, _strike: lambda: None
    """Called before each call that arrives; what it returns is called after."""

    def call(self, request: Request, who: str) -> Response:
        """Pass a call on. Raises what a network raises, and Killed."""
        self.baton.sleep(self.dice.below(self.slowness) / 2000)
        strike = self.weather.strike(self.name, self.baton.at)
        self.attempts += 1
        self.count(request)
        self.pools.count(self.clock.now())
        self.trace.note(
            f"{self.baton.at:%d %H:%M:%S.%f} {who} {self.name} {request.method} "
            f"{request.path}?{request.query} {'' if strike is None else strike.kind}\n"
        )
        try:
            return self._struck(request, strike)
        finally:
            self.baton.sleep(self.dice.below(self.slowness) / 2000 + (strike.seconds if strike else 0))

    def _struck(self, request: Request, strike: Strike | None) -> Response:
        if strike is not None and strike.kind == LOST_ON_THE_WAY:
            raise AnswerLost("timed out")
        if strike is not None:
            self.emulator.faults.queue.clear()
            self.emulator.faults.add(strike.kind, status=strike.status, headers=dict(strike.headers))  # type: ignore[arg-type]
        after = self.answered(request, strike)
        try:
            return self.emulator.handle(request)
        finally:
            after()


@dataclass(slots=True)
class Shopkeeper:
    """Sees what each write does to the shop: whether it was needed, and whether it was right."""

    oracle: Oracle
    watch: Watch
    complain: Callable[[str, str], None]
    writes: int = 0
    written: int = 0

    def around(self, request: Request, strike: Strike | None) -> Callable[[], None]:
        """Look at the records of a write before it; return what looks at them after."""
        if request.method == "GET":
            return lambda: None
        body = json.loads(request.body)
        shelf = self.oracle.shelf
        updates = {each["id"]: each for each in body.get("update", []) if shelf.get(each["id"]) is not None}
        before = {each: self._all(shelf[each]) for each in updates}
        last = max((item.id for item in shelf.all()), default=0)
        revision = shelf.revision

        def after() -> None:
            self.writes += 1
            if strike is not None and shelf.revision == revision:
                return
            for number, sent in updates.items():
                self._updated(shelf[number], sent, before[number])
            for item in [item for item in shelf.all() if item.id > last]:
                self._created(item)

        return after

    def _all(self, item: Item) -> dict[str, object]:
        shown = self.oracle.shown(item, EVERYTHING)
        return {name: shown.get(name) for name in FIELDS}

    def _updated(self, item: Item, sent: dict[str, Any], before: dict[str, object]) -> None:
        self.written += 1
        for name, value in _values(sent).items():
            if before[name] == value:
                self.complain("echo", f"{item.sku} {name}: {value} was there already")
        self.watch.shop_changed(item, before, by_syncd=True)

    def _created(self, item: Item) -> None:
        """Bond the record to the product that has the code, or had it last."""
        self.written += 1
        guid = self.oracle.names_of.get(item.sku)
        if guid is None:
            self.complain("reason", f"a record with the unknown code {item.sku!r} was created")
            return
        other = self.oracle.item(guid)
        if other is not None or any(each.id != item.id for each in self.oracle.shelf.with_sku(item.sku)):
            self.complain("twin", f"{item.sku} was created although the shop has {other and other.id}")
            return
        self.oracle.bond(guid, item.id)
        self.oracle.first_status[item.id] = item.status
        self.watch.created(guid, item)


def _values(sent: dict[str, Any]) -> dict[str, object]:
    found: dict[str, object] = {}
    if "name" in sent:
        found["name"] = html.unescape(str(sent["name"])).replace("&#92;", "\\")
    if "regular_price" in sent:
        found["price"] = format(Decimal(str(sent["regular_price"])).quantize(Decimal("0.01")), "f")
    if "stock_quantity" in sent:
        found["stock"] = int(sent["stock_quantity"])
    if "status" in sent:
        found["status"] = sent["status"]
    return found


def purpose(request: Request) -> str:
    """Return what a call is for, as far as the wire shows it."""
    given = parse_qs(request.query)
    if request.method != "GET":
        return "write"
    for name, word in (("productId", "by guid"), ("modifiedSince", "changes"), ("productCode", "by code")):
        if name in given:
            return word
    if "sku" in given or "include" in given:
        return "look"
    listed = request.path.strip("/").split("/")[0] in ("Products", "StockOnHand")
    return "full read" if listed else "facts"

"""Watches every listing: since when it shows what it should not, and whether each write had a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.emulator.woocommerce_shelf import Item
from tests.simulation.oracle import FIELDS, Moment, Oracle, Shows, mixtures

HOUR = timedelta(hours=1)
FRESH = timedelta(hours=2)


@dataclass(slots=True)
class Late:
    """A field that shows what it should not. `ghost`: something that no feed reported made it so."""

    since: datetime
    wanted: object
    shows: object
    ghost: str = ""
    told: bool = False


@dataclass(slots=True)
class Troubles:
    """When syncd could not do its work through no fault of its own."""

    times: list[tuple[datetime, datetime, str]] = field(default_factory=list)

    def add(self, since: datetime, until: datetime, why: str) -> None:
        self.times.append((since, until, why))

    def within(self, since: datetime, until: datetime) -> timedelta:
        """Return how much of the time is covered. One short trouble is what the poll in reserve is for."""
        found = [(max(a, since), min(b, until)) for a, b, _ in self.times if a < until and b > since]
        if len(found) == 1 and found[0][1] - found[0][0] <= HOUR:
            return timedelta(0)
        total, end = timedelta(0), since
        for a, b in sorted(found):
            total += max(timedelta(0), b - max(a, end))
            end = max(end, b)
        return total


@dataclass(slots=True)
class Watch:
    """Compares both sides whenever one of them changes."""

    oracle: Oracle
    now: Callable[[], datetime]
    complain: Callable[[str, str], None]
    troubles: Troubles
    bound: Callable[[str], timedelta | None]
    """How long a ghost of a kind ("unleashed", "store") may live by what syncd prints; None: no promise."""
    history: dict[str, list[Moment]] = field(default_factory=dict)
    late: dict[tuple[str, str], Late] = field(default_factory=dict)
    missing: dict[str, Late] = field(default_factory=dict)
    dim: dict[str, str] = field(default_factory=dict)
    """Products that something no feed reported happened to before the shop had a record of them."""
    seen: list[timedelta] = field(default_factory=list)
    caught: list[timedelta] = field(default_factory=list)
    loading: bool = True
    """The first load is under way: how long that takes is nobody's promise."""

    def begin(self) -> None:
        """Take note of every product as it is at the start."""
        for product in self.oracle.books.products():
            self.books_changed(product.guid)

    def books_changed(self, guid: str, ghost: str = "") -> bool:
        """Note what is expected from now on. Returns whether the listing has to change for it."""
        expected = self.oracle.expected(guid)
        if expected is None:
            return self._await(guid, ghost)
        moments = self.history.setdefault(guid, [])
        before = moments[-1].shows if moments else None
        if before != expected:
            moments.append(Moment(self.now(), expected))
        self._compare(guid, expected, ghost)
        return before is not None and any(before.get(name) != expected.get(name) for name in FIELDS)

    def _await(self, guid: str, ghost: str) -> bool:
        if ghost:
            self.dim.setdefault(guid, ghost)
        product = self.oracle.books.product(guid)
        wanted = product is not None and self.oracle.item(guid) is None and self.oracle.must_exist(product)
        if not wanted or guid in self.oracle.given_up:
            self.missing.pop(guid, None)
        elif guid not in self.missing:
            self.missing[guid] = Late(self.now(), "a listing", None, ghost)
        return wanted

    def shop_changed(self, item: Item, before: dict[str, object], *, by_syncd: bool) -> None:
        """Judge a change to a record; `before` is what it was."""
        guid = self.oracle.guids.get(item.id)
        if guid is None:
            return
        expected = self.oracle.expected(guid)
        if expected is not None:
            if not self.history.get(guid):
                self.history[guid] = [Moment(self.now(), expected)]
            if by_syncd:
                self._judge(guid, item, before, expected)
            self._compare(guid, expected, "" if by_syncd else "store")

    def created(self, guid: str, item: Item) -> None:
        """Take note of a record that syncd has put up."""
        waited = self.missing.pop(guid, None)
        if waited is not None and not self.loading:
            (self.caught if waited.ghost else self.seen).append(self.now() - waited.since)
        dim, expected = self.dim.pop(guid, ""), self.oracle.expected(guid)
        if dim and expected is not None:
            self._compare(guid, expected, dim)
        else:
            self.shop_changed(item, {}, by_syncd=True)

    def _compare(self, guid: str, expected: Shows, ghost: str) -> None:
        item = self.oracle.item(guid)
        if item is None:
            return
        shown = self.oracle.shown(item, expected)
        for name in FIELDS:
            wanted, shows, key = expected.get(name), shown.get(name), (guid, name)
            before = self.late.get(key)
            if wanted is None or wanted == shows:
                if before is not None:
                    self._arrived(key, before)
            else:
                kind = (before.ghost if before else "") or ghost
                self.late[key] = Late(self._since(guid, name, shows), wanted, shows, kind)

    def _arrived(self, key: tuple[str, str], late: Late) -> None:
        del self.late[key]
        if not self.loading:
            (self.caught if late.ghost else self.seen).append(self.now() - late.since)

    def _since(self, guid: str, name: str, shows: object) -> datetime:
        """Return when what is shown ceased to be right; now, if it never was."""
        until = None
        for moment in reversed(self.history.get(guid, ())):
            if moment.shows.get(name) == shows:
                return until or self.now()
            until = moment.since
        before = self.late.get((guid, name))
        return before.since if before is not None and before.shows == shows else self.now()

    def _judge(self, guid: str, item: Item, before: dict[str, object], expected: Shows) -> None:
        shown = self.oracle.shown(item, expected)
        moments = self._recent(guid)
        for name in FIELDS:
            value = shown.get(name)
            if value is None or before.get(name) == value:
                continue
            right = {moment.shows.get(name) for moment in moments}
            if value in right or expected.get(name) is None:
                continue
            if name == "stock" and value in set(mixtures(m.shows.parts for m in moments)):
                continue
            self.complain(
                "reason", f"{item.sku} {name}: {before.get(name)} -> {value}, of {sorted(map(str, right))}"
            )

    def _recent(self, guid: str) -> list[Moment]:
        """Return what was expected at any time since a poll may have read it."""
        moments = self.history.get(guid, [])
        reach = self.now() - self._patience(guid)
        first = max((at for at, moment in enumerate(moments) if moment.since <= reach), default=0)
        return moments[first:]

    def _patience(self, guid: str) -> timedelta:
        kinds = {late.ghost for (whose, _), late in self.late.items() if whose == guid} | {""}
        longest = max(self.bound(kind) or timedelta(days=999) if kind else FRESH for kind in kinds)
        return longest + self.troubles.within(self.now() - longest - 24 * HOUR, self.now())

    def check(self) -> None:
        """Complain of everything that has been late for longer than promised."""
        if self.loading:
            return
        now = self.now()
        waiting = [(f"{guid} {name}", late) for (guid, name), late in self.late.items()]
        for what, late in [*waiting, *self.missing.items()]:
            promised = self.bound(late.ghost) if late.ghost else FRESH
            if promised is None or late.told or now - late.since <= promised:
                continue
            if now - late.since > promised + self.troubles.within(late.since, now):
                late.told = True
                kind = f"ghost of {late.ghost}" if late.ghost else "fresh"
                self.complain(
                    "ghost" if late.ghost else "fresh",
                    f"{what}: shows {late.shows}, not {late.wanted}, since {late.since:%d %H:%M:%S} ({kind})",
                )

    def look_at_all(self) -> None:
        """Compare every listing, also those that nobody has touched."""
        for guid in [*self.oracle.items]:
            self.books_changed(guid, "store")

    def settled(self) -> None:
        """Complain of every difference that is left, but for ghosts that are within their bound still."""
        for guid in [*self.oracle.items]:
            self.books_changed(guid)
        self.check()
        for (guid, name), late in self.late.items():
            if not late.ghost:
                self.complain("settled", f"{guid} {name}: shows {late.shows}, not {late.wanted}")
        for guid, late in self.missing.items():
            if not late.ghost:
                self.complain("settled", f"{guid}: the shop has no listing")

"""How few calls could have done it: worked out from what happened, slot by slot of the schedule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LIST = 40
LOOK = 100
BATCH = 100
RECENT = timedelta(minutes=48)


@dataclass(slots=True)
class Happened:
    """Which rows each feed had to report, and which listings had to change, in each slot of 48 minutes."""

    start: datetime
    now: Callable[[], datetime]
    warehouses: tuple[str, ...]
    parent: Callable[[str], int]
    """The shop's parent record of a product's listing, 0 for none: variations are written apart."""
    rows: dict[tuple[int, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    listings: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    asked: int = 0
    """How often a person asked for one product."""

    def products(self, guids: Iterable[str]) -> None:
        self.rows[self._slot(), "products"].update(guids)

    def stock(self, guid: str, warehouse: str) -> None:
        """Note a row of a stock feed; without configured warehouses there is the sum's only."""
        if not self.warehouses or warehouse in self.warehouses:
            self.rows[self._slot(), warehouse if self.warehouses else ""].add(guid)

    def listing(self, guid: str) -> None:
        self.listings[self._slot()].add(guid)

    def _slot(self) -> int:
        return (self.now() - self.start) // RECENT


@dataclass(frozen=True, slots=True)
class Least:
    """The fewest calls: to Unleashed and to the store, for changes and for keeping the bound on ghosts."""

    polls: int = 0
    feeds: int = 0
    looks: int = 0
    writes: int = 0
    asked: int = 0
    ghosts: float = 0
    store_ghosts: float = 0

    @property
    def unleashed(self) -> float:
        return self.feeds + 2 * self.asked + self.ghosts

    @property
    def store(self) -> float:
        return self.looks + self.writes + self.asked + self.store_ghosts


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the formulas of DESIGN section 7 count with."""

    products: int
    stock_rows: tuple[int, ...]
    listings: tuple[int, int]
    """Products and variations: a shop lists each apart."""
    page: int


def least(
    happened: Happened,
    until: datetime,
    sizes: Sizes,
    rounds: tuple[float, float],
) -> Least:
    """Return the fewest calls from the start of counting until then.

    A poll costs max(1, ⌈rows/page⌉) for each feed. `rounds` is how often everything had to be looked at to
    keep the printed bounds for ghosts of Unleashed and of the store: by sweep or by rotation, whichever is
    cheaper.
    """
    polls = (until - happened.start) // RECENT
    feeds = ["products", *(happened.warehouses or ("",))]
    pages = sum(
        max(1, _ceil(len(happened.rows.get((slot, feed), ())), sizes.page))
        for slot in range(polls)
        for feed in feeds
    )
    changed = [happened.listings[slot] for slot in range(polls) if happened.listings.get(slot)]
    writes = sum(_batches(guids, happened.parent) for guids in changed)
    looks = sum(_looks(guids, happened.parent) for guids in changed)
    sweep = _ceil(sizes.products, sizes.page) + sum(_ceil(rows, sizes.page) for rows in sizes.stock_rows)
    rotation = (1 + len(sizes.stock_rows)) * _ceil(sizes.products, LIST)
    unleashed, store = rounds
    return Least(
        polls,
        pages,
        looks,
        writes,
        happened.asked,
        min(sweep, rotation) * unleashed,
        sum(_ceil(number, LOOK) for number in sizes.listings) * store,
    )


def _looks(guids: Iterable[str], parent: Callable[[str], int]) -> int:
    found = list(guids)
    variations = sum(bool(parent(guid)) for guid in found)
    return _ceil(variations, LOOK) + _ceil(len(found) - variations, LOOK)


def _batches(guids: Iterable[str], parent: Callable[[str], int]) -> int:
    by_parent: dict[int, int] = defaultdict(int)
    for guid in guids:
        by_parent[parent(guid)] += 1
    return sum(_ceil(count, BATCH) for count in by_parent.values())


def _ceil(count: int, size: int) -> int:
    return -(-count // size)

"""How many calls there were and how few there could have been, from what happened on both sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from bench.ground import Fingerprint, Ground

PAGE = 1000
LOOK = 100
BATCH = 100
SMALL = 6
"""Calls that a first run may make beside its pages: the company, the warehouses, stock asked for by guid."""
MARGIN = 0.05
_NAMING = {"sku", "include"}
"""A look names the records that it wants; every other question to a shop is about the shop."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls as the emulators counted them. `checks` are what a shop is asked about itself."""

    pages: int = 0
    small: int = 0
    looks: int = 0
    writes: int = 0
    checks: int = 0

    @property
    def unleashed(self) -> int:
        return self.pages + self.small

    @property
    def store(self) -> int:
        return self.looks + self.writes + self.checks


@dataclass(frozen=True, slots=True)
class Least:
    """The fewest calls that could do it: pages of Unleashed, looks at and writes to the shop."""

    pages: int
    looks: int
    writes: int

    def holds(self, calls: Calls) -> bool:
        """Tell whether the calls are what the project promises: pages exactly, the shop's within 5 %.

        In a small catalogue one write more is allowed: the first batch carries 50 only.
        """
        least = self.looks + self.writes
        shop = calls.looks + calls.writes <= max(least + 1, least * (1 + MARGIN))
        return calls.pages == self.pages and calls.small <= SMALL and shop


class Counting:
    """Counts from the moment it is made until it is asked."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.before = ground.fingerprints()
        self.from_unleashed, self.from_shop = len(ground.unleashed.calls), len(ground.shop.calls)

    def calls(self) -> Calls:
        """Return the calls that both sides got since then, sorted by what they were for."""
        unleashed = self.ground.unleashed.calls[self.from_unleashed :]
        pages = sum(_is_page(call.resource, call.query) for call in unleashed)
        shop = Counter(_purpose(call.method, call.query) for call in self.ground.shop.calls[self.from_shop :])
        return Calls(pages, len(unleashed) - pages, shop["looks"], shop["writes"], shop["checks"])

    def first_load(self) -> Least:
        """Return the fewest calls for reading everything and writing what has become different since then.

        ⌈N/1000⌉ + Σ over the warehouses ⌈N_w/1000⌉ pages; ⌈codes/100⌉ looks, a code with a comma alone, as
        WooCommerce has it; ⌈simple/batch⌉ + Σ over the parents ⌈variations/batch⌉ writes.
        """
        ground, products = self.ground, len(self.ground.books.products())
        pages = _ceil(products, PAGE) + sum(
            _ceil(ground.rows_of(warehouse), PAGE) for warehouse in ground.warehouses or ("",)
        )
        return Least(pages, self._looks(), self._writes())

    def _looks(self) -> int:
        codes = {product.code.strip() for product in self.ground.books.products()}
        alone = sum("," in code for code in codes)
        return _ceil(len(codes) - alone, LOOK) + alone

    def _writes(self) -> int:
        written = Counter(self._parents(self.ground.fingerprints()))
        return sum(_ceil(count, BATCH) for count in written.values())

    def _parents(self, after: Mapping[int, Fingerprint]) -> Iterable[int]:
        """Yield the parent of each record that is new or different (0: it has none)."""
        return (now[0] for item, now in after.items() if self.before.get(item) != now)


def _is_page(resource: str, query: str) -> bool:
    """Tell a page of a feed, or of one product, from a question about the account or about some products."""
    return resource in ("Products", "StockOnHand") and "productId=" not in query


def _purpose(method: str, query: str) -> str:
    if method != "GET":
        return "writes"
    return "looks" if _NAMING & parse_qs(query).keys() else "checks"


def _ceil(count: int, size: int) -> int:
    return -(-count // size)

"""Read chosen products and their stock by lists of guids, and take absence for no more than it proves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from syncd.core.model import Poison
from syncd.core.rotation import ask_again
from syncd.flows.pull.feeds import stock_feed
from syncd.flows.pull.ghosts import spot
from syncd.flows.pull.records import Pull
from syncd.state import calibration, ghosts, mirror, parked
from syncd.state.db import Connection
from syncd.state.records import Counts
from syncd.unleashed import products as remote_products
from syncd.unleashed import stock as remote_stock
from syncd.unleashed.client import FilterIgnored, RecordUnreadable
from syncd.unleashed.fields import known_guid

log = structlog.get_logger()

LIST = 40
"""Products are asked for in lists of so many guids (reference unleashed.md, 4.2)."""

ASKED_SINGLY = 10
"""So many products that the lists of one run left out are asked for one by one; the rest waits."""

TRY_AGAIN = timedelta(days=7)
"""How long lists of guids are not tried again once Unleashed has ignored them."""


@dataclass(slots=True)
class Singles:
    """How many more products may be asked for one by one. `waiting`: those that had to be left."""

    left: int = ASKED_SINGLY
    waiting: list[str] = field(default_factory=list)

    def take(self, guid: str) -> bool:
        """Tell whether this one may be asked for."""
        self.left -= 1
        if self.left < 0:
            self.waiting.append(guid)
        return self.left >= 0


def lists_of(guids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the guids in lists that one call can ask for."""
    for start in range(0, len(guids), LIST):
        yield guids[start : start + LIST]


def read_product_list(pull: Pull, guids: Sequence[str]) -> list[str]:
    """Read these products, and return those that no list brings. Raises FilterIgnored.

    If more than two are missing they are asked for again in halves, before any of them is suspected.
    """
    return _persistent(guids, lambda some: _take_products(pull, some))


def read_stock_list(
    pull: Pull, guids: Sequence[str], warehouse: str, singles: Singles | None = None
) -> tuple[str, int]:
    """Read the stock of these products; return a sentence if the filter fails, and how many rows came.

    Who is absent has no stock, unless a row came that cannot be assigned: it may be anybody's. But who had
    stock until now is asked for again, at last alone: a product that ever moved has a row, of zeros if need
    be (reference unleashed.md, 5.4).
    """
    rows = 0

    def take(some: Sequence[str]) -> list[str]:
        nonlocal rows
        came, doubtful = _take_stock(pull, some, warehouse)
        rows += came
        return doubtful

    try:
        doubtful = _persistent(guids, take)
    except FilterIgnored as ignored:
        return note_ignored(pull, ignored), 0
    left = singles or Singles()
    for guid in doubtful:
        if left.take(guid):
            _read_one_stock(pull, guid, warehouse)
    return "", rows


def note_ignored(pull: Pull, ignored: FilterIgnored) -> str:
    """Remember that lists of guids have no effect, if it is that filter; return the sentence for people."""
    if "productId" in ignored.what:
        _note_filter(pull, "ignored", {"answer": ignored.what})
    return str(ignored)


def note_left_out(pull: Pull, guid: str, where: str) -> None:
    """Remember that a list left out a row that Unleashed has when it is asked for alone."""
    log.warning("pull.list_left_out", account=pull.account.name, guid=guid, list=where)
    _note_filter(pull, "suspicious", {"guid": guid, "list": where})


def lists_work(pull: Pull) -> bool:
    """Tell whether lists of guids may be used: not for a week once Unleashed has ignored them."""
    with pull.db.read() as conn:
        ignored = calibration.lists_ignored(conn, pull.account.id)
    return ignored is None or pull.clock.now() - ignored >= TRY_AGAIN


def note_works(pull: Pull) -> None:
    """Remember that lists of guids have an effect again, if it was noted that they have none."""
    with pull.db.read() as conn:
        ignored = calibration.lists_ignored(conn, pull.account.id)
    if ignored is not None:
        _note_filter(pull, "works", {})


def _note_filter(pull: Pull, value: str, evidence: Mapping[str, str]) -> None:
    name, now = calibration.PRODUCT_FILTER, pull.clock.now()
    with pull.db.write() as conn:
        calibration.save_calibration(conn, pull.account.id, name, value, evidence, now)


def _persistent(guids: Sequence[str], take: Callable[[Sequence[str]], list[str]]) -> list[str]:
    """Return what stays missing when it is asked for again in shorter lists."""
    missing = [guid for some in lists_of(guids) for guid in take(some)]
    lists = ask_again(missing)
    while lists:
        before = missing
        missing = [guid for some in lists for guid in take(some)]
        lists = ask_again(missing, before)
    return missing


def _take_products(pull: Pull, guids: Sequence[str]) -> list[str]:
    """Ask for a list and keep what comes; return what is missing. A row that cannot be read is parked."""
    page = remote_products.products_by_guid(pull.client, guids)
    poison = [each for each in page.poison if known_guid(each.key) is not None]
    with pull.db.write() as conn:
        spot(conn, pull, products=page.rows)
        mirror.store_products(conn, pull.account.id, page.rows, page.requested_at)
        parked.unpark(conn, pull.account.id, "products", [row.guid for row in page.rows])
        parked.park(conn, pull.account.id, "products", poison, page.requested_at)
    pull.tally.add(Counts(read=len(page.rows)))
    return [guid for guid in guids if guid not in page.guids]


def _take_stock(pull: Pull, guids: Sequence[str], warehouse: str) -> tuple[int, list[str]]:
    """Ask for a list and keep what comes and what its absence proves; return how much came, and who is in
    doubt: absent although the mirror has stock of it.
    """
    page = remote_stock.stock_by_guid(pull.client, guids, warehouse)
    nameless = len(page.guids) < len(page.rows) + len(page.poison)
    absent = [guid for guid in guids if guid not in page.guids]
    key = stock_feed(warehouse).key
    with pull.db.write() as conn:
        stocked = _stocked(conn, pull, absent, warehouse)
        zero = [] if nameless else [guid for guid in absent if guid not in stocked]
        spot(conn, pull, stock=page.rows)
        mirror.store_stock(conn, pull.account.id, page.rows, page.requested_at)
        mirror.set_absent_stock(conn, pull.account.id, warehouse, zero, page.requested_at)
        parked.unpark(conn, pull.account.id, key, [row.guid for row in page.rows])
        if page.poison and not nameless:
            parked.park(conn, pull.account.id, key, page.poison, page.requested_at)
    pull.tally.add(Counts(read=len(page.rows)))
    return len(page.guids), [guid for guid in absent if stocked.get(guid)]


def _stocked(conn: Connection, pull: Pull, guids: Sequence[str], warehouse: str) -> dict[str, bool]:
    """Return those of which the mirror has stock, and whether their absence is in doubt.

    It is not for a product that is obsolete: whether stock lists hold those is not known, so it stays.
    """
    known = ghosts.believed_stock(conn, pull.account.id, warehouse, guids)
    stocked = [guid for guid in guids if guid in known and known[guid][0].available]
    products = ghosts.believed_products(conn, pull.account.id, stocked)
    return {guid: guid in products and not products[guid].product.retired for guid in stocked}


def _read_one_stock(pull: Pull, guid: str, warehouse: str) -> None:
    """Ask for one product's stock in a warehouse and believe the answer, whatever the lists said."""
    requested_at, key = pull.clock.now(), stock_feed(warehouse).key
    try:
        rows = remote_stock.stock_of(pull.client, guid, [warehouse] if warehouse else [])
    except RecordUnreadable as bad:
        with pull.db.write() as conn:
            parked.park(conn, pull.account.id, key, [Poison(guid, bad.what)], requested_at)
        return
    with pull.db.write() as conn:
        spot(conn, pull, stock=rows)
        mirror.store_stock(conn, pull.account.id, rows, requested_at)
    if any(row.available for row in rows):
        note_left_out(pull, guid, key)

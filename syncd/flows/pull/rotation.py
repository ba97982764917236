"""Verify the products nobody has looked at for longest: each with all its stock, forty in a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from syncd.core.rotation import GONE_AGAIN
from syncd.flows.pull.facts import known_warehouses
from syncd.flows.pull.lists import (
    LIST,
    Singles,
    lists_of,
    lists_work,
    note_ignored,
    note_works,
    read_product_list,
    read_stock_list,
)
from syncd.flows.pull.records import Pull
from syncd.flows.pull.vanished import ask_singly
from syncd.state import rotation
from syncd.unleashed.client import FilterIgnored


@dataclass(frozen=True, slots=True)
class Round:
    """One round of verifying: the warehouses to read, and what may still be asked for one by one."""

    warehouses: Sequence[str]
    products: Singles = field(default_factory=Singles)
    stock: Singles = field(default_factory=Singles)

    def left(self) -> set[str]:
        """Return the guids that had to be left for another time."""
        return {*self.products.waiting, *self.stock.waiting}


def rotate(pull: Pull, lists: int) -> tuple[str, ...]:
    """Read the products that were verified longest ago, and their stock, in so many lists of up to 40.

    Two calls a list, and one more for every further warehouse. What is found to differ is recorded as a ghost
    and moves the mirror. Products that are gone are asked for once a week. Where Unleashed ignores lists of
    guids nothing is asked for: the sweep alone verifies then. Returns sentences on what could not be done;
    raises RemoteError, PurseSpent among them, and what was read until then is kept.
    """
    if not lists_work(pull):
        return ()
    with pull.db.read() as conn:
        gone_before = pull.clock.now() - GONE_AGAIN
        oldest = rotation.oldest_verified(conn, pull.account.id, lists * LIST, gone_before)
    return verify(pull, oldest)


def verify(pull: Pull, guids: Sequence[str]) -> tuple[str, ...]:
    """Read these products and all their stock by lists of 40, and note that they were.

    Returns sentences on what could not be done, and raises, as `rotate` does.
    """
    if not guids:
        return ()
    warehouses, said = known_warehouses(pull)
    this = Round(warehouses)
    for some in lists_of(guids):
        try:
            failed = _verify_list(pull, this, some)
        except FilterIgnored as ignored:
            failed = note_ignored(pull, ignored)
        if failed:
            return (*said, failed)
        pull.beat()
    note_works(pull)
    return tuple(said)


def _verify_list(pull: Pull, this: Round, guids: Sequence[str]) -> str:
    """Read one list and its stock; return a sentence if lists have no effect."""
    began = pull.clock.now()
    missing = read_product_list(pull, guids)
    there = set(guids) - set(missing)
    there.update(ask_singly(pull, _suspects(pull, missing), this.products))
    wanted = [guid for guid in guids if guid in there]
    for warehouse in this.warehouses if wanted else ():
        failed, _ = read_stock_list(pull, wanted, warehouse, this.stock)
        if failed:
            return failed
    done = [guid for guid in guids if guid not in this.left()]
    with pull.db.write() as conn:
        rotation.set_verified(conn, pull.account.id, done, began)
    return ""


def _suspects(pull: Pull, missing: Sequence[str]) -> list[str]:
    """Return those that are missing although they are not known to be gone."""
    if not missing:
        return []
    with pull.db.read() as conn:
        gone = rotation.gone(conn, pull.account.id, missing)
    return [guid for guid in missing if guid not in gone]

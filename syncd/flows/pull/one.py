"""Read one product by its code, now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

from syncd.core.model import Product
from syncd.flows.pull.ghosts import spot
from syncd.flows.pull.lists import Singles
from syncd.flows.pull.records import Pull
from syncd.flows.pull.vanished import ask_singly
from syncd.state import demand, mirror, parked, rotation
from syncd.state.records import Counts
from syncd.unleashed import products, stock


@dataclass(frozen=True, slots=True)
class One:
    """What reading one product by its code brought: the guids found, or why there is none."""

    guids: tuple[str, ...]
    reason: str = ""
    do: str = ""


def pull_one(pull: Pull, code: str) -> One:
    """Read one product by its code, and its stock in every configured warehouse: two calls.

    The code is compared whole. Where several products have it, all are read (one call more for each).
    """
    requested_at = pull.clock.now()
    found = products.find_product(pull.client, code)
    if not found:
        return _by_what_is_known(pull, code)
    with pull.db.write() as conn:
        spot(conn, pull, products=found)
        mirror.store_products(conn, pull.account.id, found, requested_at)
    return _with_stock(pull, found)


def _with_stock(pull: Pull, found: Sequence[Product]) -> One:
    guids, began = tuple(product.guid for product in found), pull.clock.now()
    pull.tally.add(Counts(read=len(found)))
    with pull.db.write() as conn:
        parked.unpark(conn, pull.account.id, "products", guids)
    for product in found:
        pull.beat()
        _read_stock(pull, product)
    with pull.db.write() as conn:
        rotation.set_verified(conn, pull.account.id, guids, began)
        demand.release_shown(conn, pull.account.id, pull.warehouses, guids)
    return One(guids)


def _read_stock(pull: Pull, product: Product) -> None:
    requested_at = pull.clock.now()
    rows = stock.stock_of(pull.client, product.guid, pull.warehouses)
    with pull.db.write() as conn:
        spot(conn, pull, stock=rows)
        mirror.store_stock(conn, pull.account.id, rows, requested_at)


def _by_what_is_known(pull: Pull, code: str) -> One:
    """Read the product by its guid if the mirror remembers the code, and say what became of it otherwise.

    Unleashed's filter compares from the first character, so it finds no code that begins with a blank. A
    product that is not there by guid either is marked as gone.
    """
    with pull.db.read() as conn:
        known = mirror.by_code(conn, pull.account.id, code)
    if not known:
        do = "Check the code in Unleashed under Inventory > Products, then try again."
        return One((), f"Unleashed has no product with the code {code}.", do)
    there = _read_known(pull, [each.product.guid for each in known])
    same = [one for one in there if one.code.strip() == code.strip()]
    if same:
        return _with_stock(pull, same)
    if there:
        name = there[0].code.strip()
        what = f"The product {code} is now called {name} in Unleashed."
        return One((), what, f"Run `syncd resync {quote(name)}`.")
    return One((), f"Unleashed no longer has the product {code}.", _TREATED_AS_OBSOLETE)


_TREATED_AS_OBSOLETE = "Its listing is treated as an obsolete product's by the next run (listing.obsolete)."


def _read_known(pull: Pull, guids: Sequence[str]) -> list[Product]:
    """Read these products by one list, and alone what it leaves out; return those that are there."""
    page = products.products_by_guid(pull.client, guids)
    with pull.db.write() as conn:
        spot(conn, pull, products=page.rows)
        mirror.store_products(conn, pull.account.id, page.rows, page.requested_at)
    alone = ask_singly(pull, [guid for guid in guids if guid not in page.guids], Singles())
    with pull.db.read() as conn:
        return [*page.rows, *(each.product for each in mirror.by_guid(conn, pull.account.id, alone).values())]

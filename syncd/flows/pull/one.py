"""Read one product by its code, now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

from syncd.core.model import Product
from syncd.flows.pull.records import Pull
from syncd.state import mirror, parked
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
        mirror.store_products(conn, pull.account.id, found, requested_at)
    return _with_stock(pull, found)


def _with_stock(pull: Pull, found: Sequence[Product]) -> One:
    guids = tuple(product.guid for product in found)
    pull.tally.add(Counts(read=len(found)))
    with pull.db.write() as conn:
        parked.unpark(conn, pull.account.id, "products", guids)
    for product in found:
        pull.beat()
        _read_stock(pull, product)
    return One(guids)


def _read_stock(pull: Pull, product: Product) -> None:
    requested_at = pull.clock.now()
    rows = stock.stock_of(pull.client, product.guid, pull.warehouses)
    with pull.db.write() as conn:
        mirror.store_stock(conn, pull.account.id, rows, requested_at)


def _by_what_is_known(pull: Pull, code: str) -> One:
    """Read the product by its guid if the mirror remembers the code, and say what became of it otherwise.

    Unleashed's filter compares from the first character, so it finds no code that begins with a blank.
    """
    with pull.db.read() as conn:
        known = mirror.by_code(conn, pull.account.id, code)
    do = "Check the code in Unleashed under Inventory > Products, then try again."
    if not known:
        return One((), f"Unleashed has no product with the code {code}.", do)
    page = products.products_by_guid(pull.client, [each.product.guid for each in known])
    with pull.db.write() as conn:
        mirror.store_products(conn, pull.account.id, page.rows, page.requested_at)
    same = [row for row in page.rows if row.code.strip() == code.strip()]
    if same:
        return _with_stock(pull, same)
    if page.rows:
        name = page.rows[0].code.strip()
        what = f"The product {code} is now called {name} in Unleashed."
        return One((), what, f"Run `syncd resync {quote(name)}`.")
    return One((), f"Unleashed no longer has the product {code}.", do)

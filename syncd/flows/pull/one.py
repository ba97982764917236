"""Read one product by its code, now."""

from __future__ import annotations

from dataclasses import dataclass

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
        return _where_is_it(pull, code)
    pull.tally.add(Counts(read=len(found)))
    with pull.db.write() as conn:
        mirror.store_products(conn, pull.account.id, found, requested_at)
        parked.unpark(conn, pull.account.id, "products", [product.guid for product in found])
    for product in found:
        pull.beat()
        _read_stock(pull, product)
    return One(tuple(product.guid for product in found))


def _read_stock(pull: Pull, product: Product) -> None:
    requested_at = pull.clock.now()
    rows = stock.stock_of(pull.client, product.guid, pull.warehouses)
    with pull.db.write() as conn:
        mirror.store_stock(conn, pull.account.id, rows, requested_at)


def _where_is_it(pull: Pull, code: str) -> One:
    """Say what became of a code that Unleashed no longer has, if the mirror remembers it."""
    with pull.db.read() as conn:
        known = mirror.by_code(conn, pull.account.id, code)
    do = "Check the code in Unleashed under Inventory > Products, then try again."
    if not known:
        return One((), f"Unleashed has no product with the code {code}.", do)
    page = products.products_by_guid(pull.client, [each.product.guid for each in known])
    with pull.db.write() as conn:
        mirror.store_products(conn, pull.account.id, page.rows, page.requested_at)
    renamed = [row.code.strip() for row in page.rows if row.code.strip() != code.strip()]
    if renamed:
        what = f"The product {code} is now called {renamed[0]} in Unleashed."
        return One((), what, f"Run `syncd resync {renamed[0]}`.")
    return One((), f"Unleashed no longer has the product {code}.", do)

"""Which products an order is about, and the creation of those that Unleashed lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncd.core import watermark
from syncd.core.model import Product
from syncd.core.order import OrderLine, StoreOrder
from syncd.core.order_products import FREIGHT, Shelf
from syncd.core.sale import NewProduct
from syncd.core.sale_identity import product_guid
from syncd.flows.post.records import Post, Shop
from syncd.state import links, mirror, parked, progress
from syncd.state.db import Connection
from syncd.unleashed.outgoing import Creation
from syncd.unleashed.products import create_product, create_products, product_by_guid


def shelf_for(post: Post, shop: Shop, order: StoreOrder) -> Shelf:
    """Return the products that the mirror knows for an order: by link, by code, and made for a code."""
    goods = [line for line in order.lines if line.kind == "product"]
    charges = [(shop.orders.shipping_product or FREIGHT).strip()]
    codes = sorted({line.code.strip() for line in goods if line.code.strip()} | set(charges))
    with post.db.read() as conn:
        linked = links.refs_taken(conn, shop.row.id, sorted({line.ref for line in goods if line.ref}))
        guids = {*linked.values(), *(product_guid(shop.names, code) for code in codes)}
        guids |= _coded(conn, post, codes)
        known = mirror.by_guid(conn, post.account.id, sorted(guids))
    return Shelf(linked, {guid: each.product for guid, each in known.items()})


def _coded(conn: Connection, post: Post, codes: Sequence[str]) -> set[str]:
    found = mirror.guids_sharing_code(conn, post.account.id, codes)
    return {guid for pairs in found.values() for guid, _ in pairs}


def read_linked(post: Post, shelf: Shelf, lines: Sequence[OrderLine]) -> bool:
    """Read linked products that the mirror does not know (1 call each); return whether any was there."""
    guids = {shelf.linked.get(line.ref or "") for line in lines} - {None, *shelf.products}
    found = []
    for guid in sorted(guid for guid in guids if guid is not None):
        requested_at = post.clock.now()
        product = product_by_guid(post.client, guid)
        if product is not None:
            found.append(product)
            with post.db.write() as conn:
                mirror.store_products(conn, post.account.id, [product], requested_at)
    return bool(found)


def create_goods(post: Post, wanted: Sequence[NewProduct]) -> list[Product]:
    """Create what is missing, or take over what is there after all; each is kept as soon as it is there.

    With a complete mirror 2 looks in all and 1 call each, else 3 calls each. Raises what
    `unleashed.products.create_products` raises; what was made until then is known to the mirror.
    """
    found: list[Product] = []
    requested_at = post.clock.now()
    if not wanted:
        return found
    for made in _creations(post, wanted):
        with post.db.write() as conn:
            mirror.store_products(conn, post.account.id, [made.record], requested_at)
        found.append(made.record)
        post.beat()
    return found


def _creations(post: Post, wanted: Sequence[NewProduct]) -> Iterator[Creation[Product]]:
    with post.db.read() as conn:
        state = progress.progress(conn, post.account.id, "products")
        unread = any(row.feed == "products" for row in parked.parked_rows(conn, post.account.id))
    since = watermark.since(state.watermark)
    if since is None or unread:
        yield from (create_product(post.client, new) for new in wanted)
    else:
        yield from create_products(post.client, wanted, lambda code: _known(post, code), since)


def _known(post: Post, code: str) -> list[Product]:
    with post.db.read() as conn:
        return [each.product for each in mirror.by_code(conn, post.account.id, code)]

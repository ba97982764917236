"""What Unleashed last said of products and stock, with a revision that moves only when content does."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, Table, case, exists, func, select, update

from syncd.core.model import Link, Product, StockRow, Tier
from syncd.state.columns import canonical
from syncd.state.db import chunks
from syncd.state.records import Mirrored, Seen
from syncd.state.schema import mirror_product as product
from syncd.state.schema import mirror_stock as stock
from syncd.state.upsert import Upsert

_CONTENT = (
    "code",
    "code_key",
    "name",
    "price",
    "tiers",
    "obsolete",
    "sellable",
    "component",
    "assembled",
    "never_diminishing",
    "modified",
    "content_hash",
    "synced_at",
)


def _moved(new: Any) -> Mapping[str, Any]:
    differs = product.c.content_hash != new.content_hash
    return {
        "revision": product.c.revision + case((differs, 1), else_=0),
        "changed_at": case((differs, new.changed_at), else_=product.c.changed_at),
    }


_SAVE_PRODUCT = Upsert(product, update=_CONTENT, compute=_moved)
_SAVE_STOCK = Upsert(stock, update=("available", "on_hand", "allocated", "modified", "synced_at"))

OVERTAKING = timedelta(minutes=10)
"""How much later than this one another request can have been made and still have been answered before it."""


def _overtaken(synced_at: datetime, requested_at: datetime) -> bool:
    """Tell whether what is stored came from a later request.

    If it seems to come from a much later one, our own clock has been set back: then the stored row is old,
    and keeping it would shut out every change until the wrong time is reached again.
    """
    return requested_at < synced_at <= requested_at + OVERTAKING


def store_products(
    conn: Connection, account_id: int, products: Sequence[Product], requested_at: datetime
) -> Seen:
    """Take over what one answer said about products; `requested_at` is when its request was made (aware).

    A row stored from a later request stays. Of two rows with the same guid the last one wins.
    """
    latest = {one.guid: one for one in products}
    known = _known_products(conn, account_id, sorted(latest))
    rows = [_product_values(account_id, one, requested_at) for one in latest.values()]
    old = {guid for guid, row in known.items() if _overtaken(row.synced_at, requested_at)}
    fresh = [row for row in rows if row["guid"] not in old]
    changed, restamped, same = _sorted_out(fresh, known)
    if changed or restamped:
        conn.execute(_SAVE_PRODUCT.on(conn), changed + restamped)
    _seen_again(conn, product, account_id, same, requested_at)
    return Seen(rows=len(fresh), changed=len(changed), stamps=_stamps(products))


def store_stock(conn: Connection, account_id: int, rows: Sequence[StockRow], requested_at: datetime) -> Seen:
    """Take over what one answer said about stock; a changed row moves its product's revision, if it is there.

    A row stored from a later request stays. Of two rows for one guid and warehouse the last one wins.
    """
    latest = {(row.guid, row.warehouse): row for row in rows}
    known = _known_stock(conn, account_id, sorted({row.guid for row in rows}))
    old = {key for key, (_, synced_at) in known.items() if _overtaken(synced_at, requested_at)}
    fresh = [row for key, row in latest.items() if key not in old]
    told = {key: row for key, (row, _) in known.items()}
    changed = [row for row in fresh if _quantities(told.get((row.guid, row.warehouse))) != _quantities(row)]
    new = [row for row in fresh if told.get((row.guid, row.warehouse)) != row]
    if new:
        conn.execute(_SAVE_STOCK.on(conn), [_stock_values(account_id, row, requested_at) for row in new])
    for warehouse in sorted({row.warehouse for row in fresh}):
        same = [row.guid for row in fresh if row.warehouse == warehouse]
        _seen_again(conn, stock, account_id, same, requested_at, stock.c.warehouse == warehouse)
    _touch(conn, account_id, sorted({row.guid for row in changed}), requested_at)
    return Seen(rows=len(fresh), changed=len(changed), stamps=_stamps(rows))


def set_absent_stock(
    conn: Connection, account_id: int, warehouse: str, guids: Iterable[str], requested_at: datetime
) -> Seen:
    """Store an explicit zero for products that a complete or pointed stock read left out."""
    zeros = [StockRow(guid, warehouse, Decimal(0)) for guid in guids]
    return store_stock(conn, account_id, zeros, requested_at)


def by_code(conn: Connection, account_id: int, code: str) -> list[Mirrored]:
    """Return the products with this code, equal after trimming, case and inner spaces included."""
    wanted = _products(account_id).where(product.c.code_key == code.strip()).order_by(product.c.guid)
    return _with_stock(conn, account_id, conn.execute(wanted).all())


def by_guid(conn: Connection, account_id: int, guids: Sequence[str]) -> dict[str, Mirrored]:
    """Return the products that the mirror knows, by guid."""
    rows: list[Row[Any]] = []
    for some in chunks(guids):
        rows += conn.execute(_products(account_id).where(product.c.guid.in_(some)))
    return {one.product.guid: one for one in _with_stock(conn, account_id, rows)}


def guids_sharing_code(
    conn: Connection, account_id: int, codes: Sequence[str]
) -> dict[str, list[tuple[str, bool]]]:
    """Return, for each code asked for (trimmed), the guid and obsolete flag of every product that has it."""
    found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    columns = select(product.c.code_key, product.c.guid, product.c.obsolete)
    for some in chunks(sorted({code.strip() for code in codes})):
        wanted = columns.where(product.c.account_id == account_id, product.c.code_key.in_(some))
        for row in conn.execute(wanted.order_by(product.c.code_key, product.c.guid)):
            found[row.code_key].append((row.guid, row.obsolete))
    return dict(found)


def stockless(
    conn: Connection, account_id: int, warehouse: str, newer_than: datetime | None, limit: int
) -> list[str]:
    """Return products without a stock row in this warehouse, first seen after `newer_than` (None: ever)."""
    wanted = select(product.c.guid).where(product.c.account_id == account_id, ~_has_stock(warehouse))
    if newer_than is not None:
        wanted = wanted.where(product.c.first_seen > newer_than)
    return list(conn.execute(wanted.order_by(product.c.first_seen, product.c.guid).limit(limit)).scalars())


def count_products(conn: Connection, account_id: int) -> int:
    """Count the mirror's products, obsolete ones included."""
    wanted = select(func.count()).select_from(product).where(product.c.account_id == account_id)
    return int(conn.execute(wanted).scalar_one())


def stock_coverage(conn: Connection, account_id: int) -> tuple[int, int]:
    """Return how many products are not obsolete, and how many of them have a stock row anywhere."""
    current = select(func.count()).select_from(product)
    current = current.where(product.c.account_id == account_id, ~product.c.obsolete)
    with_stock = current.where(_has_stock(None))
    return int(conn.execute(current).scalar_one()), int(conn.execute(with_stock).scalar_one())


def productless(conn: Connection, account_id: int, since: datetime) -> list[str]:
    """Return the guids of stock rows read since then whose product the mirror does not have."""
    known = exists().where(product.c.account_id == stock.c.account_id, product.c.guid == stock.c.guid)
    wanted = select(stock.c.guid).where(stock.c.account_id == account_id, stock.c.synced_at >= since, ~known)
    return list(conn.execute(wanted.distinct().order_by(stock.c.guid)).scalars())


def touch_stockless(conn: Connection, account_id: int, warehouse: str, at: datetime) -> None:
    """Move the revision of all products without a row in this warehouse: what absence means has changed."""
    rows = update(product).where(product.c.account_id == account_id, ~_has_stock(warehouse))
    conn.execute(rows.values(revision=product.c.revision + 1, changed_at=at))


def oldest_synced(conn: Connection, account_id: int, limit: int) -> list[str]:
    """Return the guids of the products that were read longest ago, the oldest first."""
    wanted = select(product.c.guid).where(product.c.account_id == account_id)
    return list(conn.execute(wanted.order_by(product.c.synced_at, product.c.guid).limit(limit)).scalars())


def stock_of(conn: Connection, account_id: int, guids: Sequence[str]) -> dict[str, tuple[StockRow, ...]]:
    """Return the stock rows of these products, by guid, in the order of their warehouses."""
    found: dict[str, list[StockRow]] = defaultdict(list)
    for some in chunks(guids):
        wanted = select(stock).where(stock.c.account_id == account_id, stock.c.guid.in_(some))
        for row in conn.execute(wanted.order_by(stock.c.guid, stock.c.warehouse)):
            found[row.guid].append(_stock(row))
    return {guid: tuple(rows) for guid, rows in found.items()}


def to_mirrored(row: Row[Any], rows: tuple[StockRow, ...], link: Link | None = None) -> Mirrored:
    """Return the record of one row of `mirror_product` with its stock rows and its link."""
    tiers = tuple(
        Tier(number, name, None if price is None else Decimal(price)) for number, name, price in row.tiers
    )
    one = Product(
        guid=row.guid,
        code=row.code,
        name=row.name,
        price=row.price,
        tiers=tiers,
        obsolete=row.obsolete,
        sellable=row.sellable,
        component=row.component,
        assembled=row.assembled,
        never_diminishing=row.never_diminishing,
        modified=row.modified,
    )
    return Mirrored(one, row.revision, row.first_seen, row.synced_at, rows, link)


def _products(account_id: int) -> Select[Any]:
    return select(product).where(product.c.account_id == account_id)


def _with_stock(conn: Connection, account_id: int, rows: Sequence[Row[Any]]) -> list[Mirrored]:
    found = stock_of(conn, account_id, [row.guid for row in rows])
    return [to_mirrored(row, found.get(row.guid, ())) for row in rows]


def _has_stock(warehouse: str | None) -> Any:
    rows = select(stock.c.guid).where(
        stock.c.account_id == product.c.account_id, stock.c.guid == product.c.guid
    )
    return exists(rows if warehouse is None else rows.where(stock.c.warehouse == warehouse))


def _known_products(conn: Connection, account_id: int, guids: Sequence[str]) -> dict[str, Any]:
    columns = select(product.c.guid, product.c.content_hash, product.c.modified, product.c.synced_at)
    known: dict[str, Any] = {}
    for some in chunks(guids):
        wanted = columns.where(product.c.account_id == account_id, product.c.guid.in_(some))
        for row in conn.execute(wanted.order_by(product.c.guid).with_for_update()):
            known[row.guid] = row
    return known


def _known_stock(
    conn: Connection, account_id: int, guids: Sequence[str]
) -> dict[tuple[str, str], tuple[StockRow, datetime]]:
    known: dict[tuple[str, str], tuple[StockRow, datetime]] = {}
    for some in chunks(guids):
        wanted = select(stock).where(stock.c.account_id == account_id, stock.c.guid.in_(some))
        for row in conn.execute(wanted.order_by(stock.c.guid, stock.c.warehouse).with_for_update()):
            known[row.guid, row.warehouse] = (_stock(row), row.synced_at)
    return known


def _sorted_out(
    rows: list[dict[str, Any]], known: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """Return rows that are new or different, those whose stamp alone differs, and the guids of the rest."""
    changed, restamped, same = [], [], []
    for row in rows:
        old = known.get(row["guid"])
        if old is None or old.content_hash != row["content_hash"]:
            changed.append(row)
        elif old.modified != row["modified"]:
            restamped.append(row)
        else:
            same.append(row["guid"])
    return changed, restamped, same


def _stock(row: Row[Any]) -> StockRow:
    return StockRow(row.guid, row.warehouse, row.available, row.on_hand, row.allocated, row.modified)


def _quantities(row: StockRow | None) -> tuple[Decimal, Decimal, Decimal] | None:
    return None if row is None else (row.available, row.on_hand, row.allocated)


def _seen_again(
    conn: Connection, table: Table, account_id: int, guids: Sequence[str], at: datetime, *where: Any
) -> None:
    for some in chunks(guids):
        rows = update(table).where(table.c.account_id == account_id, table.c.guid.in_(some), *where)
        conn.execute(rows.where(table.c.synced_at != at).values(synced_at=at))


def _touch(conn: Connection, account_id: int, guids: Sequence[str], at: datetime) -> None:
    for some in chunks(guids):
        rows = update(product).where(product.c.account_id == account_id, product.c.guid.in_(some))
        conn.execute(rows.values(revision=product.c.revision + 1, changed_at=at))


def _stamps(rows: Iterable[Product | StockRow]) -> tuple[datetime, ...]:
    return tuple(row.modified for row in rows if row.modified is not None)


def _product_values(account_id: int, one: Product, at: datetime) -> dict[str, Any]:
    tiers = [
        (tier.number, tier.name, None if tier.price is None else canonical(tier.price)) for tier in one.tiers
    ]
    values = {
        "code": one.code,
        "code_key": one.code.strip(),
        "name": one.name,
        "price": one.price,
        "tiers": tiers,
        "obsolete": one.obsolete,
        "sellable": one.sellable,
        "component": one.component,
        "assembled": one.assembled,
        "never_diminishing": one.never_diminishing,
    }
    seen = {"revision": 1, "changed_at": at, "first_seen": at, "synced_at": at, "modified": one.modified}
    return {
        "account_id": account_id,
        "guid": one.guid,
        "content_hash": _fingerprint(values),
        **values,
        **seen,
    }


def _fingerprint(values: Mapping[str, Any]) -> str:
    price = values["price"]
    told = {**values, "price": None if price is None else canonical(price)}
    return hashlib.blake2b(msgspec.json.encode(told), digest_size=16).hexdigest()


def _stock_values(account_id: int, row: StockRow, at: datetime) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "guid": row.guid,
        "warehouse": row.warehouse,
        "available": row.available,
        "on_hand": row.on_hand,
        "allocated": row.allocated,
        "modified": row.modified,
        "synced_at": at,
    }

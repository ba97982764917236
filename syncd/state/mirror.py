"""What Unleashed last said of products and stock, with a revision that moves only when content does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Row,
    Text,
    Update,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)

from syncd.core.model import Link, Product, StockRow, Tier
from syncd.state.columns import UtcDateTime
from syncd.state.db import chunks
from syncd.state.mirror_values import product_values, stock_values
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
    "gone",
)


def _moved(new: Any) -> Mapping[str, Any]:
    differs = or_(product.c.content_hash != new.content_hash, product.c.gone)
    return {
        "revision": product.c.revision + case((differs, 1), else_=0),
        "changed_at": case((differs, new.changed_at), else_=product.c.changed_at),
    }


_SAVE_PRODUCT = Upsert(product, update=_CONTENT, compute=_moved)
_SAVE_STOCK = Upsert(stock, update=("available", "on_hand", "allocated", "modified", "synced_at"))

# Built once: with a thousand guids in it, a statement took longer to build than to execute.
_ACCOUNT = bindparam("account", type_=Integer)
_GUIDS = bindparam("guids", type_=Text, expanding=True)
_AT = bindparam("at", type_=UtcDateTime)
_BY_GUID = select(product).where(product.c.account_id == _ACCOUNT, product.c.guid.in_(_GUIDS))
_KNOWN = (
    select(product.c.guid, product.c.content_hash, product.c.modified, product.c.synced_at, product.c.gone)
    .where(product.c.account_id == _ACCOUNT, product.c.guid.in_(_GUIDS))
    .order_by(product.c.guid)
    .with_for_update()
)
_STOCK_OF = (
    select(stock)
    .where(stock.c.account_id == _ACCOUNT, stock.c.guid.in_(_GUIDS))
    .order_by(stock.c.guid, stock.c.warehouse)
)
_KNOWN_STOCK = _STOCK_OF.with_for_update()
_SHARING = (
    select(product.c.code_key, product.c.guid, or_(product.c.obsolete, product.c.gone).label("retired"))
    .where(product.c.account_id == _ACCOUNT)
    .where(product.c.code_key.in_(bindparam("codes", type_=product.c.code_key.type, expanding=True)))
    .order_by(product.c.code_key, product.c.guid)
)


def _again(table: Any) -> Update:
    rows = update(table).where(table.c.account_id == _ACCOUNT, table.c.guid.in_(_GUIDS))
    return rows.where(table.c.synced_at != _AT).values(synced_at=_AT)


_PRODUCTS_AGAIN = _again(product)
_STOCK_AGAIN = _again(stock).where(stock.c.warehouse == bindparam("place", type_=Text))
_TOUCH = (
    update(product)
    .where(product.c.account_id == _ACCOUNT, product.c.guid.in_(_GUIDS))
    .values(revision=product.c.revision + 1, changed_at=_AT)
)

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

    A row stored from a later request stays. Of two rows with the same guid the last one wins. A product that
    was gone is back.
    """
    latest = {one.guid: one for one in products}
    known = _known_products(conn, account_id, sorted(latest))
    rows = [product_values(account_id, one, requested_at) for one in latest.values()]
    old = {guid for guid, row in known.items() if _overtaken(row.synced_at, requested_at)}
    fresh = [row for row in rows if row["guid"] not in old]
    changed, restamped, same = _sorted_out(fresh, known)
    if changed or restamped:
        conn.execute(_SAVE_PRODUCT.on(conn), changed + restamped)
    for some in chunks(same):
        conn.execute(_PRODUCTS_AGAIN, {"account": account_id, "guids": some, "at": requested_at})
    stamps = [row["modified"] for row in changed if _is_restamped(known.get(row["guid"]), row["modified"])]
    return Seen(len(fresh), len(changed), stamps=_stamps(products), moved=tuple(stamps))


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
        conn.execute(_SAVE_STOCK.on(conn), [stock_values(account_id, row, requested_at) for row in new])
    for warehouse in sorted({row.warehouse for row in fresh}):
        for some in chunks([row.guid for row in fresh if row.warehouse == warehouse]):
            values = {"account": account_id, "guids": some, "at": requested_at, "place": warehouse}
            conn.execute(_STOCK_AGAIN, values)
    _touch(conn, account_id, sorted({row.guid for row in changed}), requested_at)
    moved = [row for row in changed if _is_restamped(told.get((row.guid, row.warehouse)), row.modified)]
    return Seen(len(fresh), len(changed), stamps=_stamps(rows), moved=_stamps(moved))


def set_absent_stock(
    conn: Connection, account_id: int, warehouse: str, guids: Iterable[str], requested_at: datetime
) -> Seen:
    """Store an explicit zero for products that a complete or pointed stock read left out."""
    zeros = [StockRow(guid, warehouse, Decimal(0)) for guid in guids]
    return store_stock(conn, account_id, zeros, requested_at)


def mark_gone(conn: Connection, account_id: int, guid: str, requested_at: datetime) -> bool:
    """Note that Unleashed said by guid that it has no such product; what it last said of it stays.

    Its revision moves. Returns whether anything was noted: not if it is gone already, or was read later.
    """
    # What `_overtaken` says of a row, for the database.
    read_later = and_(product.c.synced_at > requested_at, product.c.synced_at <= requested_at + OVERTAKING)
    rows = update(product).where(product.c.account_id == account_id, product.c.guid == guid)
    gone = rows.where(~product.c.gone, ~read_later).values(
        gone=True, revision=product.c.revision + 1, changed_at=requested_at, synced_at=requested_at
    )
    return conn.execute(gone).rowcount > 0


def by_code(conn: Connection, account_id: int, code: str) -> list[Mirrored]:
    """Return the products with this code, equal after trimming, case and inner spaces included."""
    wanted = select(product).where(product.c.account_id == account_id, product.c.code_key == code.strip())
    return _with_stock(conn, account_id, conn.execute(wanted.order_by(product.c.guid)).all())


def by_guid(conn: Connection, account_id: int, guids: Sequence[str]) -> dict[str, Mirrored]:
    """Return the products that the mirror knows, by guid."""
    rows: list[Row[Any]] = []
    for some in chunks(guids):
        rows += conn.execute(_BY_GUID, {"account": account_id, "guids": some})
    return {one.product.guid: one for one in _with_stock(conn, account_id, rows)}


def guids_sharing_code(
    conn: Connection, account_id: int, codes: Sequence[str]
) -> dict[str, list[tuple[str, bool]]]:
    """Return, for each code asked for (trimmed), every product that has it: its guid, and whether it is
    obsolete or gone.
    """
    found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for some in chunks(sorted({code.strip() for code in codes})):
        for row in conn.execute(_SHARING, {"account": account_id, "codes": some}):
            found[row.code_key].append((row.guid, bool(row.retired)))
    return dict(found)


def stockless(
    conn: Connection, account_id: int, warehouse: str, newer_than: datetime | None, limit: int
) -> list[str]:
    """Return products without a stock row in this warehouse, first seen after `newer_than` (None: ever).

    Products that are gone are left out.
    """
    wanted = select(product.c.guid).where(product.c.account_id == account_id, ~product.c.gone)
    wanted = wanted.where(~_has_stock(warehouse))
    if newer_than is not None:
        wanted = wanted.where(product.c.first_seen > newer_than)
    return list(conn.execute(wanted.order_by(product.c.first_seen, product.c.guid).limit(limit)).scalars())


def count_products(conn: Connection, account_id: int) -> int:
    """Count the mirror's products, obsolete ones included, those that are gone left out."""
    wanted = select(func.count()).select_from(product)
    wanted = wanted.where(product.c.account_id == account_id, ~product.c.gone)
    return int(conn.execute(wanted).scalar_one())


def stock_coverage(conn: Connection, account_id: int) -> tuple[int, int]:
    """Return how many products are neither obsolete nor gone, and how many of these have any stock row."""
    current = select(func.count()).select_from(product)
    current = current.where(product.c.account_id == account_id, ~product.c.obsolete, ~product.c.gone)
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


def stock_of(conn: Connection, account_id: int, guids: Sequence[str]) -> dict[str, tuple[StockRow, ...]]:
    """Return the stock rows of these products, by guid, in the order of their warehouses."""
    found: dict[str, list[StockRow]] = defaultdict(list)
    for some in chunks(guids):
        for row in conn.execute(_STOCK_OF, {"account": account_id, "guids": some}):
            found[row.guid].append(_stock(row))
    return {guid: tuple(rows) for guid, rows in found.items()}


def stock_read_at(
    conn: Connection, account_id: int, guids: Sequence[str], warehouses: Sequence[str]
) -> dict[str, datetime]:
    """Return when the oldest of each product's stock rows in these warehouses was asked for, if any."""
    found: dict[str, datetime] = {}
    for some in chunks(guids):
        wanted = select(stock.c.guid, func.min(stock.c.synced_at).label("at")).where(
            stock.c.account_id == account_id, stock.c.guid.in_(some), stock.c.warehouse.in_(list(warehouses))
        )
        found |= {row.guid: row.at for row in conn.execute(wanted.group_by(stock.c.guid))}
    return found


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
        gone=row.gone,
    )
    return Mirrored(one, row.revision, row.first_seen, row.synced_at, rows, link)


def _with_stock(conn: Connection, account_id: int, rows: Sequence[Row[Any]]) -> list[Mirrored]:
    found = stock_of(conn, account_id, [row.guid for row in rows])
    return [to_mirrored(row, found.get(row.guid, ())) for row in rows]


def _has_stock(warehouse: str | None) -> Any:
    rows = select(stock.c.guid).where(
        stock.c.account_id == product.c.account_id, stock.c.guid == product.c.guid
    )
    return exists(rows if warehouse is None else rows.where(stock.c.warehouse == warehouse))


def _known_products(conn: Connection, account_id: int, guids: Sequence[str]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for some in chunks(guids):
        for row in conn.execute(_KNOWN, {"account": account_id, "guids": some}):
            known[row.guid] = row
    return known


def _known_stock(
    conn: Connection, account_id: int, guids: Sequence[str]
) -> dict[tuple[str, str], tuple[StockRow, datetime]]:
    known: dict[tuple[str, str], tuple[StockRow, datetime]] = {}
    for some in chunks(guids):
        for row in conn.execute(_KNOWN_STOCK, {"account": account_id, "guids": some}):
            known[row.guid, row.warehouse] = (_stock(row), row.synced_at)
    return known


def _sorted_out(
    rows: list[dict[str, Any]], known: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """Return rows that are new or different, those whose stamp alone differs, and the guids of the rest."""
    changed, restamped, same = [], [], []
    for row in rows:
        old = known.get(row["guid"])
        if old is None or old.content_hash != row["content_hash"] or old.gone:
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


def _touch(conn: Connection, account_id: int, guids: Sequence[str], at: datetime) -> None:
    for some in chunks(guids):
        conn.execute(_TOUCH, {"account": account_id, "guids": some, "at": at})


def _is_restamped(before: Any, stamp: datetime | None) -> bool:
    """Tell whether a row has another stamp than the row known before (None: there was none)."""
    return stamp is not None and (before is None or before.modified != stamp)


def _stamps(rows: Iterable[Product | StockRow]) -> tuple[datetime, ...]:
    return tuple(row.modified for row in rows if row.modified is not None)

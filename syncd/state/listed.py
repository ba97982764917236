"""Which rows of the mirror the lists of a pass held, and what follows for those that they did not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Table,
    Text,
    Update,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)

from syncd.state.db import chunks
from syncd.state.schema import mirror_customer as customer
from syncd.state.schema import mirror_product as product
from syncd.state.schema import mirror_stock as stock

_VERIFIED_AT_ONCE = 5000


def _mark(table: Table) -> Update:
    """Return the marking, built once: its many guids took longer to build in than to look up."""
    number = bindparam("number", type_=Integer)
    guids = bindparam("guids", type_=Text, expanding=True)
    rows = update(table).where(table.c.account_id == bindparam("account"), table.c.guid.in_(guids))
    return rows.where(table.c.pass_no != number).values(pass_no=number)


_MARK_PRODUCTS = _mark(product).where(~product.c.gone)
_MARK_CUSTOMERS = _mark(customer)
_MARK_STOCK = _mark(stock).where(stock.c.warehouse == bindparam("place", type_=Text))
_MARKS = {"products": _MARK_PRODUCTS, "customers": _MARK_CUSTOMERS}


def mark(
    conn: Connection, account_id: int, feed: str, warehouse: str, guids: Iterable[str], pass_no: int
) -> None:
    """Note that a page of the pass listed these rows, those included that could not be read."""
    rows = _MARKS.get(feed, _MARK_STOCK)
    where = {} if feed in _MARKS else {"place": warehouse}
    for some in chunks(sorted(guids)):
        conn.execute(rows, {"account": account_id, "number": pass_no, "guids": some, **where})


def distinct(
    conn: Connection,
    account_id: int,
    feed: str,
    warehouse: str,
    pass_no: int,
    poison: Sequence[str],
    *,
    later: bool,
) -> int:
    """Count the different rows that a pass listed; `poison` are the keys of those that could not be read.

    `later` counts in what passes with a higher number listed since: it is there and has been read as well.
    """
    table, mine = _rows(account_id, feed, warehouse)
    listed = table.c.pass_no >= pass_no if later else table.c.pass_no == pass_no
    wanted = select(func.count()).select_from(table).where(*mine, listed)
    seen = int(conn.execute(wanted).scalar_one())
    keys, both = sorted(set(poison)), 0
    for some in chunks(keys):
        known = wanted.where(table.c.guid.in_(some))
        both += int(conn.execute(known).scalar_one())
    return seen + len(keys) - both


def unknown(
    conn: Connection, account_id: int, feed: str, warehouse: str, guids: Sequence[str], since: datetime
) -> int:
    """Count those of the guids of which the mirror had no row before `since`."""
    table, mine = _rows(account_id, feed, warehouse)
    before = [product.c.first_seen < since] if feed == "products" else []
    known = 0
    for some in chunks(guids):
        wanted = select(func.count()).select_from(table).where(*mine, *before, table.c.guid.in_(some))
        known += int(conn.execute(wanted).scalar_one())
    return len(guids) - known


def unlisted_products(conn: Connection, account_id: int, certified_at: datetime) -> list[str]:
    """Return the products that are not gone and were neither listed nor read since that full read began."""
    wanted = select(product.c.guid).where(
        product.c.account_id == account_id, ~product.c.gone, product.c.synced_at < certified_at
    )
    return list(conn.execute(wanted.order_by(product.c.synced_at, product.c.guid)).scalars())


def unlisted_stock(conn: Connection, account_id: int, warehouse: str, certified_at: datetime) -> list[str]:
    """Return the products whose stock row was neither listed nor read since that full read began.

    A row of zeros without a stamp stands for a product that never moved: no list holds it.
    """
    mine = [stock.c.account_id == account_id, stock.c.warehouse == warehouse]
    there = and_(product.c.account_id == stock.c.account_id, product.c.guid == stock.c.guid)
    columns = (stock.c.guid, stock.c.available, stock.c.on_hand, stock.c.allocated, stock.c.modified)
    wanted = select(*columns).join(product, there).where(*mine, ~product.c.gone)
    rows = conn.execute(wanted.where(stock.c.synced_at < certified_at).order_by(stock.c.guid))
    return [row.guid for row in rows if not _never_moved(row)]


def set_verified(conn: Connection, account_id: int, listed_since: datetime, at: datetime, after: str) -> str:
    """Note that the products read since `listed_since` were read together with all their stock since `at`.

    Does so for some, in the order of guids, from the one behind `after`; returns the last one, "" when there
    are no more.
    """
    wanted = select(product.c.guid).where(product.c.account_id == account_id, product.c.guid > after)
    guids = list(conn.execute(wanted.order_by(product.c.guid).limit(_VERIFIED_AT_ONCE)).scalars())
    if not guids:
        return ""
    rows = update(product).where(
        product.c.account_id == account_id, product.c.guid > after, product.c.guid <= guids[-1]
    )
    older = or_(product.c.verified_at.is_(None), product.c.verified_at < at)
    rows = rows.where(~product.c.gone, product.c.synced_at >= listed_since, older)
    conn.execute(rows.values(verified_at=at))
    return str(guids[-1])


def stamped_since(
    conn: Connection, account_id: int, feed: str, warehouse: str, moments: Sequence[datetime]
) -> list[int]:
    """Count for each of these moments the rows that are stamped then or later."""
    table, mine = _rows(account_id, feed, warehouse)
    counts = [func.sum(case((table.c.modified >= moment, 1), else_=0)) for moment in moments]
    row = conn.execute(select(*counts).where(*mine, table.c.modified >= min(moments))).one()
    return [int(count or 0) for count in row]


def around(
    conn: Connection, account_id: int, feed: str, warehouse: str, since: datetime, pass_no: int
) -> tuple[int, int, int]:
    """Return how a pass that asked for changes since then held against the stamps that the mirror has.

    Of the rows stamped on that day before `since`: how many it listed, how many it left out. Of those
    stamped after it: how many it left out.
    """
    table, mine = _rows(account_id, feed, warehouse)
    midnight = since.replace(hour=0, minute=0, second=0, microsecond=0)
    listed = table.c.pass_no == pass_no
    before = table.c.modified < since
    after = table.c.modified > since + timedelta(seconds=1)
    counts = [
        func.sum(case((condition, 1), else_=0))
        for condition in (and_(before, listed), and_(before, ~listed), and_(after, ~listed))
    ]
    row = conn.execute(select(*counts).where(*mine, table.c.modified >= midnight)).one()
    listed_before, left_out, missing = (int(count or 0) for count in row)
    return listed_before, left_out, missing


def _rows(account_id: int, feed: str, warehouse: str) -> tuple[Table, list[Any]]:
    if feed == "products":
        return product, [product.c.account_id == account_id, ~product.c.gone]
    if feed == "customers":
        return customer, [customer.c.account_id == account_id]
    return stock, [stock.c.account_id == account_id, stock.c.warehouse == warehouse]


def _never_moved(row: Any) -> bool:
    nothing = Decimal(0)
    return row.modified is None and row.available == row.on_hand == row.allocated == nothing

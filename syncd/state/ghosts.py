"""Every difference that no feed reported: what was believed, what was found, and why it went unseen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select

from syncd.core.ghost import Ghost
from syncd.core.model import StockRow
from syncd.state.db import chunks
from syncd.state.mirror import to_mirrored
from syncd.state.records import Mirrored
from syncd.state.schema import account as account_table
from syncd.state.schema import ghost as table
from syncd.state.schema import mirror_product as product
from syncd.state.schema import mirror_stock as stock
from syncd.state.schema import product_link as link
from syncd.state.schema import store as store_table

_INSERT = insert(table)
_NAMED = (
    select(table, account_table.c.name.label("account"), store_table.c.name.label("store"))
    .join(account_table, account_table.c.id == table.c.account_id)
    .outerjoin(store_table, store_table.c.id == table.c.store_id)
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A ghost as it was recorded. `store` None: it was in the mirror; else in what that store showed.

    `found_by` is the job that found it, in the run `run_id`.
    """

    ghost: Ghost
    account: str
    store: str | None
    at: datetime
    found_by: str
    run_id: int | None


def record(
    conn: Connection,
    account_id: int,
    found: Sequence[Ghost],
    found_by: str,
    at: datetime,
    run_id: int | None = None,
    store_id: int | None = None,
) -> None:
    """Keep these ghosts, found at `at` in the mirror, or in what a store showed."""
    common = {"account_id": account_id, "store_id": store_id, "run_id": run_id, "found_by": found_by}
    if found:
        conn.execute(_INSERT, [{**common, "at": at, **_values(one)} for one in found])


def latest(conn: Connection, since: datetime, limit: int) -> list[Sighting]:
    """Return the ghosts found since then, the last one first."""
    wanted = _NAMED.where(table.c.at >= since).order_by(table.c.at.desc(), table.c.id.desc())
    return [_sighting(row) for row in conn.execute(wanted.limit(limit))]


def of_run(conn: Connection, run_id: int) -> list[Sighting]:
    """Return what one run found, in the order in which it did."""
    return [
        _sighting(row) for row in conn.execute(_NAMED.where(table.c.run_id == run_id).order_by(table.c.id))
    ]


def counts(conn: Connection, since: datetime) -> Counter[tuple[str, str | None, str]]:
    """Count the ghosts found since then by account, store (None: the mirror) and cause."""
    columns = (account_table.c.name.label("account"), store_table.c.name.label("store"), table.c.cause)
    wanted = select(*columns, func.count().label("number")).select_from(_joined())
    wanted = wanted.where(table.c.at >= since).group_by(*columns)
    return Counter({(row.account, row.store, row.cause): row.number for row in conn.execute(wanted)})


def times(conn: Connection, since: datetime) -> list[tuple[datetime, str | None, timedelta | None]]:
    """Return when each ghost since then was found, in which store, and how old it was, in that order."""
    columns = (table.c.at, store_table.c.name.label("store"), table.c.age_s)
    wanted = select(*columns).select_from(_joined()).where(table.c.at >= since)
    return [(row.at, row.store, _age(row.age_s)) for row in conn.execute(wanted.order_by(table.c.at))]


def prune(conn: Connection, before: datetime, limit: int = 1000) -> int:
    """Forget ghosts found before `before`, at most `limit`; return how many. Call until 0."""
    old = select(table.c.id).where(table.c.at < before).limit(limit)
    return conn.execute(delete(table).where(table.c.id.in_(old))).rowcount


def noted(conn: Connection, store_id: int, guids: Sequence[str]) -> set[tuple[str, str, str | None]]:
    """Return guid, field and finding of the store's ghosts that are noted and not yet written over.

    A process that died between noting and writing finds them again.
    """
    found: set[tuple[str, str, str | None]] = set()
    same = and_(link.c.store_id == table.c.store_id, link.c.guid == table.c.guid)
    columns = select(table.c.guid, table.c.field, table.c.found).join(link, same)
    for some in chunks(guids):
        wanted = columns.where(table.c.store_id == store_id, table.c.guid.in_(some))
        rows = conn.execute(wanted.where(or_(link.c.looked_at.is_(None), link.c.looked_at < table.c.at)))
        found |= {(row.guid, row.field, row.found) for row in rows}
    return found


def believed_products(conn: Connection, account_id: int, guids: Sequence[str]) -> dict[str, Mirrored]:
    """Return what the mirror has of these products, without their stock."""
    found: dict[str, Mirrored] = {}
    for some in chunks(guids):
        wanted = select(product).where(product.c.account_id == account_id, product.c.guid.in_(some))
        for row in conn.execute(wanted):
            found[row.guid] = to_mirrored(row, ())
    return found


def believed_stock(
    conn: Connection, account_id: int, warehouse: str, guids: Sequence[str]
) -> dict[str, tuple[StockRow, datetime]]:
    """Return what the mirror has of these products in one warehouse, and when each row was last read."""
    found: dict[str, tuple[StockRow, datetime]] = {}
    mine = select(stock).where(stock.c.account_id == account_id, stock.c.warehouse == warehouse)
    for some in chunks(guids):
        for row in conn.execute(mine.where(stock.c.guid.in_(some))):
            one = StockRow(row.guid, warehouse, row.available, row.on_hand, row.allocated, row.modified)
            found[row.guid] = (one, row.synced_at)
    return found


def _joined() -> Any:
    return table.join(account_table, account_table.c.id == table.c.account_id).outerjoin(
        store_table, store_table.c.id == table.c.store_id
    )


def _values(one: Ghost) -> dict[str, Any]:
    return {
        "guid": one.guid,
        "code": one.code,
        "field": one.field,
        "believed": one.believed,
        "found": one.found,
        "cause": one.cause,
        "age_s": None if one.age is None else int(one.age.total_seconds()),
    }


def _age(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _sighting(row: Row[Any]) -> Sighting:
    one = Ghost(row.guid, row.code, row.field, row.believed, row.found, row.cause, _age(row.age_s))
    return Sighting(one, row.account, row.store, row.at, row.found_by, row.run_id)

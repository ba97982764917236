"""What orders have taken that Unleashed does not show yet, over all stores of an account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, literal, or_, select, true, update

from syncd.state.db import chunks
from syncd.state.schema import demand as table
from syncd.state.schema import demand_revision as revision_table
from syncd.state.schema import mirror_stock as stock
from syncd.state.schema import product_link as link
from syncd.state.upsert import Upsert

_SAVE = Upsert(table, update=("account_id", "ref", "code", "guid", "quantity", "open", "posted_at", "at"))
_MOVE = Upsert(
    revision_table,
    compute=lambda _: {"revision": revision_table.c.revision + 1},
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one order line has taken. `guid` None: it is not known yet which product it is.

    `quantity` is in the product's unit. `open` False: it counts no more. `posted_at` is when Unleashed
    confirmed the order (its 201).
    """

    doc: str
    line: str
    ref: str | None
    code: str
    guid: str | None
    quantity: Decimal
    open: bool = True
    posted_at: datetime | None = None


def set_lines(
    conn: Connection, store_id: int, account_id: int, doc: str, lines: Sequence[Taken], at: datetime
) -> None:
    """Put what an order takes in place of what it took before; whose demand moves gets a new revision."""
    set_orders(conn, store_id, account_id, {doc: lines}, at)


def set_orders(
    conn: Connection,
    store_id: int,
    account_id: int,
    orders: Mapping[str, Sequence[Taken]],
    at: datetime,
) -> None:
    """Put what these orders take in place of what they took before, all at once."""
    before = of_orders(conn, store_id, sorted(orders))
    changed = {doc: lines for doc, lines in orders.items() if before.get(doc, []) != list(lines)}
    for some in chunks([doc for doc in changed if doc in before]):
        conn.execute(delete(table).where(table.c.store_id == store_id, table.c.doc.in_(some)))
    rows = [{**_values(store_id, account_id, one), "at": at} for lines in changed.values() for one in lines]
    if rows:
        conn.execute(_SAVE.on(conn), rows)
    moved = [_moved(before.get(doc, []), lines) for doc, lines in changed.items()]
    move(conn, account_id, {guid for guids in moved for guid in guids})


def of_orders(conn: Connection, store_id: int, docs: Sequence[str]) -> dict[str, list[Taken]]:
    """Return what these orders have taken, by line; an order that never took anything is absent."""
    found: dict[str, list[Taken]] = defaultdict(list)
    for some in chunks(docs):
        wanted = select(table).where(table.c.store_id == store_id, table.c.doc.in_(some))
        for row in conn.execute(wanted.order_by(table.c.doc, table.c.line)):
            found[row.doc].append(_taken(row))
    return dict(found)


def of_order(conn: Connection, store_id: int, doc: str) -> list[Taken]:
    """Return what an order has taken, by line."""
    return of_orders(conn, store_id, [doc]).get(doc, [])


def open_for(conn: Connection, account_id: int, guids: Sequence[str]) -> dict[str, Decimal]:
    """Return by product what all stores of the account have taken and Unleashed does not show yet."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for some in chunks(sorted(set(guids))):
        wanted = select(table.c.guid, table.c.quantity).where(
            table.c.account_id == account_id, table.c.open, table.c.guid.in_(some)
        )
        for row in conn.execute(wanted):
            found[row.guid] += row.quantity
    return dict(found)


def note_posted(conn: Connection, store_id: int, doc: str, at: datetime, warehouse: str = "") -> None:
    """Note when Unleashed confirmed the order: stock read later shows it, and releases the demand.

    `warehouse` is the one that ships, "" if that is not known.
    """
    mine = update(table).where(table.c.store_id == store_id, table.c.doc == doc, table.c.open)
    conn.execute(mine.values(posted_at=at, warehouse=warehouse))


def resolve(conn: Connection, store_id: int, account_id: int, doc: str, guids: Mapping[str, str]) -> None:
    """Note by line which product an order's lines are, now that it is known."""
    before = {one.line: one for one in of_order(conn, store_id, doc)}
    moving = {line: guid for line, guid in guids.items() if line in before and before[line].guid != guid}
    for line, guid in moving.items():
        mine = update(table).where(table.c.store_id == store_id, table.c.doc == doc, table.c.line == line)
        conn.execute(mine.values(guid=guid))
    touched = {guid for line, guid in moving.items()} | {before[line].guid for line in moving}
    move(conn, account_id, {guid for guid in touched if guid is not None})


def release_shown(
    conn: Connection, account_id: int, warehouses: Sequence[str], guids: Sequence[str] | None = None
) -> int:
    """Release what stock read since shows: a row requested after the order's 201, of the one that ships.

    Where the row of that warehouse is not kept, every row in these warehouses must be that new. Products
    without any such row stay as they are. Returns how many products were released.
    """
    mine = (
        stock.c.account_id == table.c.account_id,
        stock.c.guid == table.c.guid,
        stock.c.warehouse.in_(list(warehouses)),
    )
    ships = exists(select(literal(1)).where(*mine, stock.c.warehouse == table.c.warehouse))
    counts = or_(stock.c.warehouse == table.c.warehouse, ~ships.correlate(table))
    unread = exists(select(literal(1)).where(*mine, counts, stock.c.synced_at <= table.c.posted_at))
    known = exists(select(literal(1)).where(*mine))
    conditions = [
        table.c.account_id == account_id,
        table.c.open,
        table.c.posted_at.is_not(None),
        table.c.guid.is_not(None),
        known,
        ~unread,
    ]
    some = true() if guids is None else table.c.guid.in_(list(guids))
    shown = conn.execute(select(table.c.guid).where(*conditions, some)).scalars().all()
    if shown:
        conn.execute(update(table).where(*conditions, some).values(open=False))
        move(conn, account_id, set(shown))
    return len(set(shown))


def release_order(conn: Connection, store_id: int, account_id: int, doc: str) -> None:
    """Release all that an order has taken: it was called off, or its store gave the stock back."""
    lines = [one for one in of_order(conn, store_id, doc) if one.open]
    conn.execute(update(table).where(table.c.store_id == store_id, table.c.doc == doc).values(open=False))
    move(conn, account_id, {one.guid for one in lines if one.guid is not None})


def assign(conn: Connection, account_id: int, store_id: int, guid_of_ref: Mapping[str, str]) -> None:
    """Note which products lines of yet unknown products are, by the store's listing id."""
    for ref, guid in guid_of_ref.items():
        mine = update(table).where(table.c.store_id == store_id, table.c.ref == ref, table.c.guid.is_(None))
        if conn.execute(mine.values(guid=guid)).rowcount:
            move(conn, account_id, {guid})


def unassigned(conn: Connection, store_id: int) -> dict[str, str]:
    """Return the linked product of each listing id whose open lines do not name their product yet."""
    wanted = (
        select(table.c.ref, link.c.guid)
        .where(table.c.store_id == store_id, table.c.open, table.c.guid.is_(None))
        .where(link.c.store_id == table.c.store_id, link.c.ref == table.c.ref)
        .distinct()
    )
    return {row.ref: row.guid for row in conn.execute(wanted)}


def move(conn: Connection, account_id: int, guids: Iterable[str]) -> None:
    """Give these products a new demand revision, which puts their listings behind."""
    rows = [{"account_id": account_id, "guid": guid, "revision": 1} for guid in sorted(set(guids))]
    if rows:
        conn.execute(_MOVE.on(conn), rows)


def revisions(conn: Connection, account_id: int, guids: Sequence[str]) -> dict[str, int]:
    """Return the demand revision of each of these products that has one."""
    found: dict[str, int] = {}
    for some in chunks(sorted(set(guids))):
        wanted = select(revision_table).where(
            revision_table.c.account_id == account_id, revision_table.c.guid.in_(some)
        )
        found |= {row.guid: row.revision for row in conn.execute(wanted)}
    return found


def count_open(conn: Connection, account_id: int) -> int:
    """Count the order lines whose demand is open."""
    wanted = select(func.count()).select_from(table).where(table.c.account_id == account_id, table.c.open)
    return int(conn.execute(wanted).scalar_one())


def _moved(before: Sequence[Taken], after: Sequence[Taken]) -> set[str]:
    def sums(lines: Sequence[Taken]) -> dict[str, Decimal]:
        found: dict[str, Decimal] = defaultdict(Decimal)
        for one in lines:
            if one.open and one.guid is not None:
                found[one.guid] += one.quantity
        return dict(found)

    old, new = sums(before), sums(after)
    return {guid for guid in old.keys() | new.keys() if old.get(guid) != new.get(guid)}


def _values(store_id: int, account_id: int, one: Taken) -> dict[str, Any]:
    return {
        "store_id": store_id,
        "account_id": account_id,
        "doc": one.doc,
        "line": one.line,
        "ref": one.ref,
        "code": one.code,
        "guid": one.guid,
        "quantity": one.quantity,
        "open": one.open,
        "posted_at": one.posted_at,
    }


def _taken(row: Row[Any]) -> Taken:
    return Taken(row.doc, row.line, row.ref, row.code, row.guid, row.quantity, row.open, row.posted_at)

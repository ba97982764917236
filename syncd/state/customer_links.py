"""The stores' customers, and which of Unleashed's each of them is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, func, select

from syncd.core.customer_match import fold
from syncd.core.order import StoreCustomer
from syncd.state.db import chunks
from syncd.state.schema import customer_link as table
from syncd.state.schema import store_customer as customer_table
from syncd.state.upsert import Upsert

_SAVE = Upsert(table, update=("guid", "how", "ambiguous", "candidates", "at"))
_SAVE_CUSTOMER = Upsert(customer_table, update=("emails", "code", "name", "seen_at"))

How = Literal["code", "email", "set", "created", "house", "none"]


@dataclass(frozen=True, slots=True)
class CustomerLink:
    """Which of Unleashed's customers a store's customer is. `ref`: the store's id, or `guest_ref`.

    `how` it was decided; `set` (a person did) is never decided anew. `guid` None with `ambiguous` "": there
    was none yet. `candidates` are the codes that it might be.
    """

    ref: str
    guid: str | None
    how: How
    at: datetime
    ambiguous: str = ""
    candidates: tuple[str, ...] = ()


def guest_ref(email: str) -> str:
    """Return under what a guest is linked: one address, one guest."""
    return f"guest:{fold(email)}"


def save_links(conn: Connection, store_id: int, links: Sequence[CustomerLink]) -> None:
    """Keep these links as they are now."""
    if links:
        conn.execute(_SAVE.on(conn), [_values(store_id, one) for one in links])


def links_of(conn: Connection, store_id: int, refs: Sequence[str]) -> dict[str, CustomerLink]:
    """Return the links of these customers of the store, by ref."""
    found: dict[str, CustomerLink] = {}
    for some in chunks(sorted(set(refs))):
        wanted = select(table).where(table.c.store_id == store_id, table.c.ref.in_(some))
        found |= {row.ref: _link(row) for row in conn.execute(wanted)}
    return found


def ambiguous(conn: Connection, store_id: int, limit: int = 100) -> list[CustomerLink]:
    """Return the customers that wait for a person, by ref."""
    wanted = select(table).where(table.c.store_id == store_id, table.c.ambiguous != "")
    return [_link(row) for row in conn.execute(wanted.order_by(table.c.ref).limit(limit))]


def every_link(conn: Connection, store_id: int, after: str = "", limit: int = 1000) -> list[CustomerLink]:
    """Return the store's links by ref, going on after that one."""
    wanted = select(table).where(table.c.store_id == store_id, table.c.ref > after)
    return [_link(row) for row in conn.execute(wanted.order_by(table.c.ref).limit(limit))]


def unset(conn: Connection, store_id: int, ref: str) -> bool:
    """Forget a link, so that it is decided anew; return whether there was one."""
    gone = conn.execute(delete(table).where(table.c.store_id == store_id, table.c.ref == ref))
    return gone.rowcount > 0


def count_ambiguous(conn: Connection, store_id: int) -> int:
    """Count the customers that wait for a person."""
    wanted = select(func.count()).select_from(table).where(table.c.store_id == store_id)
    return int(conn.execute(wanted.where(table.c.ambiguous != "")).scalar_one())


def save_store_customers(
    conn: Connection, store_id: int, customers: Sequence[StoreCustomer], seen_at: datetime
) -> None:
    """Keep what the store says of its customers."""
    latest = {one.id: one for one in customers}
    rows = [
        {
            "store_id": store_id,
            "ref": one.id,
            "emails": list(one.emails),
            "code": one.code,
            "name": one.name,
            "seen_at": seen_at,
        }
        for one in latest.values()
    ]
    if rows:
        conn.execute(_SAVE_CUSTOMER.on(conn), rows)


def unlinked(conn: Connection, store_id: int, after: str = "", limit: int = 1000) -> list[StoreCustomer]:
    """Return customers of the store whose link is unknown or open, by ref, going on after that one."""
    link = select(table.c.ref).where(
        table.c.store_id == customer_table.c.store_id,
        table.c.ref == customer_table.c.ref,
        table.c.guid.is_not(None) | (table.c.how == "set"),
    )
    wanted = select(customer_table).where(
        customer_table.c.store_id == store_id, customer_table.c.ref > after, ~link.exists()
    )
    rows = conn.execute(wanted.order_by(customer_table.c.ref).limit(limit))
    return [StoreCustomer(row.ref, tuple(row.emails), row.name, row.code) for row in rows]


def _values(store_id: int, one: CustomerLink) -> dict[str, Any]:
    return {
        "store_id": store_id,
        "ref": one.ref,
        "guid": one.guid,
        "how": one.how,
        "ambiguous": one.ambiguous,
        "candidates": list(one.candidates),
        "at": one.at,
    }


def _link(row: Row[Any]) -> CustomerLink:
    return CustomerLink(row.ref, row.guid, row.how, row.at, row.ambiguous, tuple(row.candidates))

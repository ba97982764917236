"""Who waits longest: the products verified longest ago, the listings looked at longest ago."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, or_, select, update

from syncd.state.db import chunks
from syncd.state.schema import mirror_product as product
from syncd.state.schema import product_link as link


def oldest_verified(conn: Connection, account_id: int, limit: int, gone_before: datetime) -> list[str]:
    """Return the guids of the products that were verified longest ago, the oldest first.

    Those that never were come first, in the order in which they were first seen. Products that are gone are
    left out unless they were last asked for before `gone_before`.
    """
    due = or_(~product.c.gone, product.c.verified_at.is_(None), product.c.verified_at < gone_before)
    wanted = select(product.c.guid).where(product.c.account_id == account_id, due)
    order = (product.c.verified_at.asc().nulls_first(), product.c.first_seen, product.c.guid)
    return list(conn.execute(wanted.order_by(*order).limit(limit)).scalars())


def gone(conn: Connection, account_id: int, guids: Sequence[str]) -> set[str]:
    """Return those of these products that are gone."""
    found: set[str] = set()
    for some in chunks(guids):
        wanted = select(product.c.guid).where(product.c.account_id == account_id, product.c.gone)
        found |= set(conn.execute(wanted.where(product.c.guid.in_(some))).scalars())
    return found


def set_verified(conn: Connection, account_id: int, guids: Sequence[str], at: datetime) -> None:
    """Note that these products and all their stock were read together; `at`: when that reading began."""
    for some in chunks(guids):
        rows = update(product).where(product.c.account_id == account_id, product.c.guid.in_(some))
        conn.execute(rows.values(verified_at=at))


def oldest_looked_at(
    conn: Connection, store_id: int, limit: int, before: datetime | None = None
) -> list[str]:
    """Return the guids of the linked listings whose record was looked at longest ago, never looked at first.

    What waits for a person is left out: it shows in `status`, and a look would only say so again. `before`:
    only those last looked at before then.
    """
    order = (link.c.looked_at.asc().nulls_first(), link.c.guid)
    wanted = _linked(store_id)
    if before is not None:
        wanted = wanted.where(or_(link.c.looked_at.is_(None), link.c.looked_at < before))
    return list(conn.execute(wanted.order_by(*order).limit(limit)).scalars())


def looked_at(conn: Connection, store_id: int, guids: Sequence[str]) -> dict[str, datetime]:
    """Return when the records of these listings were last looked at, where they ever were."""
    found: dict[str, datetime] = {}
    for some in chunks(guids):
        mine = select(link.c.guid, link.c.looked_at).where(link.c.store_id == store_id, link.c.guid.in_(some))
        for row in conn.execute(mine.where(link.c.looked_at.is_not(None))):
            found[row.guid] = row.looked_at
    return found


def linked(conn: Connection, store_id: int) -> list[str]:
    """Return the guids of all linked listings of which none waits for a person, in a fixed order."""
    return list(conn.execute(_linked(store_id).order_by(link.c.guid)).scalars())


def _linked(store_id: int) -> Select[Any]:
    mine = select(link.c.guid).where(link.c.store_id == store_id, link.c.ref.is_not(None), ~link.c.gone)
    return mine.where(link.c.parked == "", link.c.ambiguous == "")

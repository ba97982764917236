"""Unleashed's customers as it last said, found by code and by address, and who may create a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, func, or_, select, update

from syncd.core.customer_match import fold
from syncd.core.sale import Customer
from syncd.state.db import chunks
from syncd.state.mirror import OVERTAKING
from syncd.state.schema import customer_claim as claim_table
from syncd.state.schema import mirror_customer as table
from syncd.state.schema import mirror_customer_email as email_table
from syncd.state.upsert import Upsert

_CONTENT = (
    "code",
    "code_key",
    "name",
    "emails",
    "obsolete",
    "currency",
    "tax_code",
    "taxable",
    "stop_credit",
    "source_id",
    "modified",
    "synced_at",
)
_SAVE = Upsert(table, update=_CONTENT)
_SAVE_EMAIL = Upsert(email_table)
_CLAIM = Upsert(claim_table, returning=(claim_table.c.claim,))

ClaimState = Literal["open", "created", "adopted"]


@dataclass(frozen=True, slots=True)
class Claim:
    """The one right to create a customer. `state` open: somebody may be creating it at this moment."""

    claim: str
    guid: str
    code: str
    state: ClaimState
    claimed_at: datetime
    settled_at: datetime | None = None


def store_customers(
    conn: Connection, account_id: int, customers: Sequence[Customer], requested_at: datetime
) -> None:
    """Take over what one answer said; a row stored from a later request stays. `requested_at` is aware."""
    known = _asked_for_later(conn, account_id, sorted({one.guid for one in customers}), requested_at)
    latest = {one.guid: one for one in customers if one.guid not in known}
    if not latest:
        return
    conn.execute(_SAVE.on(conn), [_values(account_id, one, requested_at) for one in latest.values()])
    for some in chunks(sorted(latest)):
        mine = delete(email_table).where(email_table.c.account_id == account_id)
        conn.execute(mine.where(email_table.c.guid.in_(some)))
    emails = [
        {"account_id": account_id, "email": email, "guid": one.guid}
        for one in latest.values()
        for email in sorted({fold(each) for each in one.emails} - {""})
    ]
    if emails:
        conn.execute(_SAVE_EMAIL.on(conn), emails)


def _asked_for_later(conn: Connection, account_id: int, guids: Sequence[str], at: datetime) -> set[str]:
    """Return who is stored from a later request; not from a time that our clock has since left again."""
    found: set[str] = set()
    for some in chunks(guids):
        wanted = select(table.c.guid).where(
            table.c.account_id == account_id,
            table.c.guid.in_(some),
            table.c.synced_at > at,
            table.c.synced_at <= at + OVERTAKING,
        )
        found |= set(conn.execute(wanted.with_for_update()).scalars())
    return found


def by_code(conn: Connection, account_id: int, code: str) -> list[Customer]:
    """Return the customers with this code, equal after trimming."""
    wanted = select(table).where(table.c.account_id == account_id, table.c.code_key == code.strip())
    return [_customer(row) for row in conn.execute(wanted.order_by(table.c.guid))]


def by_email(conn: Connection, account_id: int, emails: Sequence[str]) -> list[Customer]:
    """Return the customers that have one of these whole addresses (see `core.customer_match.fold`)."""
    keys = sorted({fold(email) for email in emails} - {""})
    guids = select(email_table.c.guid).where(
        email_table.c.account_id == account_id, email_table.c.email.in_(keys)
    )
    wanted = select(table).where(table.c.account_id == account_id, table.c.guid.in_(guids))
    return [_customer(row) for row in conn.execute(wanted.order_by(table.c.guid))] if keys else []


def by_guid(conn: Connection, account_id: int, guids: Sequence[str]) -> dict[str, Customer]:
    """Return the customers that the mirror knows, by guid."""
    found: dict[str, Customer] = {}
    for some in chunks(list(guids)):
        wanted = select(table).where(table.c.account_id == account_id, table.c.guid.in_(some))
        found |= {row.guid: _customer(row) for row in conn.execute(wanted)}
    return found


def count_customers(conn: Connection, account_id: int) -> int:
    """Count the mirror's customers, obsolete ones included."""
    wanted = select(func.count()).select_from(table).where(table.c.account_id == account_id)
    return int(conn.execute(wanted).scalar_one())


def claim(conn: Connection, account_id: int, wanted: Claim, stale_before: datetime) -> tuple[Claim, bool]:
    """Return the claim under this key, and whether it is now the caller's to carry out.

    The first caller gets it; so does a later one when it was claimed before `stale_before` and never
    settled: whoever had it died. A settled claim is nobody's: its guid and code say who the customer is.
    """
    values = {
        "account_id": account_id,
        "claim": wanted.claim,
        "guid": wanted.guid,
        "code": wanted.code,
        "state": "open",
        "claimed_at": wanted.claimed_at,
        "settled_at": None,
    }
    mine = claim_table.c.account_id == account_id, claim_table.c.claim == wanted.claim
    first = conn.execute(_CLAIM.on(conn), values).first() is not None
    stale = or_(claim_table.c.claimed_at < stale_before, claim_table.c.claimed_at > wanted.claimed_at)
    again = (
        update(claim_table)
        .where(*mine, claim_table.c.state == "open", stale)
        .values(claimed_at=wanted.claimed_at)
    )
    taken = first or conn.execute(again).rowcount == 1
    return _claim(conn.execute(select(claim_table).where(*mine)).one()), taken


def settle_claim(
    conn: Connection, account_id: int, key: str, guid: str, code: str, state: ClaimState, at: datetime
) -> None:
    """Note who the customer of this claim is: the one created, or one that was there (adopted)."""
    mine = claim_table.c.account_id == account_id, claim_table.c.claim == key
    conn.execute(update(claim_table).where(*mine).values(guid=guid, code=code, state=state, settled_at=at))


def _values(account_id: int, one: Customer, at: datetime) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "guid": one.guid,
        "code": one.code,
        "code_key": one.code.strip(),
        "name": one.name,
        "emails": list(one.emails),
        "obsolete": one.obsolete,
        "currency": one.currency,
        "tax_code": one.tax_code,
        "taxable": one.taxable,
        "stop_credit": one.stop_credit,
        "source_id": one.source_id,
        "modified": one.modified,
        "synced_at": at,
    }


def _customer(row: Row[Any]) -> Customer:
    return Customer(
        guid=row.guid,
        code=row.code,
        name=row.name,
        emails=tuple(row.emails),
        obsolete=row.obsolete,
        currency=row.currency,
        tax_code=row.tax_code,
        taxable=row.taxable,
        stop_credit=row.stop_credit,
        source_id=row.source_id,
        modified=row.modified,
    )


def _claim(row: Row[Any]) -> Claim:
    return Claim(row.claim, row.guid, row.code, row.state, row.claimed_at, row.settled_at)

"""What was learned about an account's answers, each with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from syncd.state.schema import calibration as table
from syncd.state.upsert import Upsert

PRODUCT_FILTER = "product_filter"
"""Whether lists of guids work: "works", "suspicious" (one left out what is there) or "ignored"."""

_SAVE = Upsert(table, update=("value", "evidence", "at"))
_ALL = select(table).where(table.c.account_id == bindparam("account"))


@dataclass(frozen=True, slots=True)
class Calibrated:
    """One thing that was learned, from which evidence (plain numbers and texts), and when."""

    value: str
    evidence: Mapping[str, Any]
    at: datetime


def calibrations(conn: Connection, account_id: int) -> dict[str, Calibrated]:
    """Return everything that was learned about the account, by name."""
    rows = conn.execute(_ALL, {"account": account_id})
    return {row.name: Calibrated(row.value, row.evidence, row.at) for row in rows}


def lists_ignored(conn: Connection, account_id: int) -> datetime | None:
    """Return when the account was last seen to ignore lists of guids; None if they have an effect."""
    known = calibrations(conn, account_id).get(PRODUCT_FILTER)
    return known.at if known is not None and known.value == "ignored" else None


def save_calibration(
    conn: Connection, account_id: int, name: str, value: str, evidence: Mapping[str, Any], at: datetime
) -> None:
    """Keep one thing that was learned, in place of what was known of it."""
    row = {"account_id": account_id, "name": name, "value": value, "evidence": dict(evidence), "at": at}
    conn.execute(_SAVE.on(conn), row)

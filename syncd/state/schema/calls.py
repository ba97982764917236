"""Calls: how many were made in which window, by whom, and who may make the next."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from syncd.state.columns import UtcDateTime
from syncd.state.schema.pieces import count, metadata, prose

ledger = Table(
    "ledger",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("per", Text, primary_key=True),
    Column("window_start", UtcDateTime, primary_key=True),
    count("attempts"),
    count("billed"),
    count("failed"),
)

purse_use = Table(
    "purse_use",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("day", UtcDateTime, primary_key=True),
    count("attempts"),
    count("billed"),
    count("failed"),
)

slot = Table(
    "slot",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

purse = Table(
    "purse",
    metadata,
    Column("subject", Text, primary_key=True),
    # Microseconds since 1970 instead of an instant: SQL adds the spacing to it in the same statement.
    Column("next_free_at", BigInteger, nullable=False),
    Column("asleep_until", UtcDateTime),
    prose("asleep_why"),
)

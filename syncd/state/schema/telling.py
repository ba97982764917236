"""Telling people: what is wrong, and the mail that says so."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text, text

from syncd.state.columns import BigId, Prose, UtcDateTime
from syncd.state.schema.pieces import count, metadata, prose

alert = Table(
    "alert",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("cause", Text, nullable=False),
    # What it is about: "account:1", "store:2" or "".
    Column("subject", Text, nullable=False),
    prose("what"),
    prose("do"),
    prose("example"),
    count("times"),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("told_at", UtcDateTime),
    Column("told_times", Integer, nullable=False, server_default=text("0")),
    Column("cleared_at", UtcDateTime),
    Index(None, "cleared_at", "told_at"),
    Index(None, "subject", "cause"),
)

mail = Table(
    "mail",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("subject", Prose, nullable=False),
    Column("body", Prose, nullable=False),
    Column("html", Prose, nullable=False),
    count("attempts"),
    Column("due_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    prose("error"),
)

"""Work: leases, what is due, runs, what was changed, what is held, and the daemon."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text

from syncd.state.columns import BigId, Json, Key, Prose, UtcDateTime
from syncd.state.schema.pieces import count, metadata, prose, store_key

lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("token", Integer, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("wanted_until", UtcDateTime),
)

due = Table(
    "due",
    metadata,
    Column("job", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("last_started", UtcDateTime),
    Column("asked_at", UtcDateTime),
)

run = Table(
    "run",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("job", Text, nullable=False),
    Column("account_id", Integer, ForeignKey("account.id"), nullable=False),
    Column("store_id", Integer, ForeignKey("store.id")),
    Column("outcome", Text),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("counts", Json, nullable=False),
    count("calls_unleashed"),
    count("calls_store"),
    Column("error", Prose),
    Column("do", Prose),
    Column("holder", Text, nullable=False),
    Index(None, "job", "account_id", "store_id", "id"),
    Index(None, "ended_at"),
)

change = Table(
    "change",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("store_id", Integer, ForeignKey("store.id"), nullable=False),
    Column("run_id", BigId, ForeignKey("run.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("guid", Key, nullable=False),
    prose("code"),
    Column("ref", Prose),
    Column("field", Text, nullable=False),
    Column("before", Prose),
    Column("after", Prose),
    prose("rule"),
    Column("outcome", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default=text("''")),
    Index(None, "store_id", "guid", "id"),
)

held = Table(
    "held",
    metadata,
    store_key(),
    Column("guid", Key, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    prose("code"),
    Column("before", Prose),
    Column("after", Prose),
    prose("rule"),
    Column("since", UtcDateTime, nullable=False),
    Column("judged_at", UtcDateTime, nullable=False),
)

approval = Table(
    "approval",
    metadata,
    store_key(),
    Column("guid", Key, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("after", Prose, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

daemon = Table(
    "daemon",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("holder", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("version", Text, nullable=False),
    Column("state", Text, nullable=False),
    CheckConstraint("id = 1", name="only_one"),
)

"""Customers and orders: who they are on both sides, and every order on its way."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, text

from syncd.state.columns import BigId, Exact, Json, Key, Prose, UtcDateTime
from syncd.state.schema.pieces import account_key, count, flag, metadata, prose, store_key

mirror_customer = Table(
    "mirror_customer",
    metadata,
    account_key(),
    Column("guid", Key, primary_key=True),
    Column("code", Text, nullable=False),
    Column("code_key", Key, nullable=False),
    prose("name"),
    Column("emails", Json, nullable=False),
    flag("obsolete"),
    prose("currency"),
    prose("tax_code"),
    Column("taxable", Boolean),
    flag("stop_credit"),
    prose("source_id"),
    Column("modified", UtcDateTime),
    Column("synced_at", UtcDateTime, nullable=False),
    count("pass_no"),
    Index(None, "account_id", "code_key", "guid"),
)

mirror_customer_email = Table(
    "mirror_customer_email",
    metadata,
    account_key(),
    # Case-folded and trimmed, as addresses are compared.
    Column("email", Key, primary_key=True),
    Column("guid", Key, primary_key=True),
)

store_customer = Table(
    "store_customer",
    metadata,
    store_key(),
    Column("ref", Key, primary_key=True),
    Column("emails", Json, nullable=False),
    prose("code"),
    prose("name"),
    Column("seen_at", UtcDateTime, nullable=False),
)

customer_link = Table(
    "customer_link",
    metadata,
    store_key(),
    # The store's customer id, or "guest:" and the folded address.
    Column("ref", Key, primary_key=True),
    Column("guid", Key),
    Column("how", Text, nullable=False),
    prose("ambiguous"),
    Column("candidates", Json, nullable=False, server_default=text("'[]'")),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "store_id", "guid"),
)

customer_claim = Table(
    "customer_claim",
    metadata,
    account_key(),
    Column("claim", Key, primary_key=True),
    Column("guid", Key, nullable=False),
    Column("code", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
)

store_cursor = Table(
    "store_cursor",
    metadata,
    store_key(),
    Column("feed", Text, primary_key=True),
    Column("cursor", Prose),
    Column("since", UtcDateTime),
    Column("started_at", UtcDateTime),
    Column("completed_at", UtcDateTime),
)

outbox = Table(
    "outbox",
    metadata,
    store_key(),
    Column("kind", Text, primary_key=True),
    Column("doc", Key, primary_key=True),
    prose("parent"),
    prose("number"),
    Column("state", Text, nullable=False),
    Column("state_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    count("attempts"),
    Column("first_try_at", UtcDateTime),
    Column("created", UtcDateTime, nullable=False),
    Column("modified", UtcDateTime),
    Column("received_at", UtcDateTime, nullable=False),
    # Whether the document came to be while this process was watching: only then may it go out unlooked.
    prose("seen_by"),
    Column("content_hash", Text, nullable=False),
    Column("raw", Prose, nullable=False),
    # What was made of the raw document: our own record of it, and whether the configuration wants it.
    prose("content"),
    prose("judged"),
    Column("total", Exact),
    prose("currency"),
    Column("guid", Key),
    prose("order_number"),
    Column("payload", Prose),
    prose("payload_hash"),
    Column("posted_at", UtcDateTime),
    Column("found", Json, nullable=False, server_default=text("'{}'")),
    prose("cause"),
    prose("reason"),
    prose("do"),
    Column("changed_at", UtcDateTime),
    Column("told_store", Text, nullable=False, server_default=text("''")),
    Index(None, "store_id", "state", "due_at"),
    Index(None, "store_id", "created"),
    Index(None, "guid"),
)

outbox_event = Table(
    "outbox_event",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("store_id", Integer, ForeignKey("store.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("doc", Key, nullable=False),
    Column("run_id", BigId, ForeignKey("run.id")),
    Column("at", UtcDateTime, nullable=False),
    Column("event", Text, nullable=False),
    prose("detail"),
    Index(None, "store_id", "kind", "doc", "id"),
)

demand = Table(
    "demand",
    metadata,
    store_key(),
    Column("doc", Key, primary_key=True),
    Column("line", Key, primary_key=True),
    Column("account_id", Integer, ForeignKey("account.id"), nullable=False),
    Column("ref", Prose),
    prose("code"),
    Column("guid", Key),
    Column("quantity", Exact, nullable=False),
    flag("open"),
    Column("posted_at", UtcDateTime),
    # The warehouse that ships: its stock row shows the order.
    prose("warehouse"),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "account_id", "guid"),
)

demand_revision = Table(
    "demand_revision",
    metadata,
    account_key(),
    Column("guid", Key, primary_key=True),
    Column("revision", Integer, nullable=False),
)

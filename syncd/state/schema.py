"""The tables. Held equal to the migrations by a test; every row of state belongs to an account or a store."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)

from syncd.state.columns import BigId, Exact, Json, Key, Prose, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _account() -> Column[int]:
    return Column("account_id", Integer, ForeignKey("account.id"), primary_key=True)


def _store() -> Column[int]:
    return Column("store_id", Integer, ForeignKey("store.id"), primary_key=True)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text("0"))


def _prose(name: str) -> Column[str]:
    return Column(name, Prose, nullable=False, server_default=text("''"))


account = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("identity", Text, unique=True),
    Column("facts_json", Text),
    Column("facts_at", UtcDateTime),
)

store = Table(
    "store",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", Integer, ForeignKey("account.id"), nullable=False, index=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("identity", Text, index=True),
    Column("rules_hash", Text, nullable=False, server_default=text("''")),
    Column("facts_json", Text),
    Column("facts_at", UtcDateTime),
)

mirror_product = Table(
    "mirror_product",
    metadata,
    _account(),
    Column("guid", Key, primary_key=True),
    Column("code", Text, nullable=False),
    Column("code_key", Key, nullable=False),
    Column("name", Text, nullable=False),
    Column("price", Exact),
    Column("tiers", Json, nullable=False),
    _flag("obsolete"),
    _flag("sellable"),
    _flag("component"),
    _flag("assembled"),
    _flag("never_diminishing"),
    Column("modified", UtcDateTime),
    Column("content_hash", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("synced_at", UtcDateTime, nullable=False),
    Index(None, "account_id", "code_key", "guid"),
    Index(None, "account_id", "synced_at", "guid"),
    Index(None, "account_id", "first_seen"),
)

mirror_stock = Table(
    "mirror_stock",
    metadata,
    _account(),
    # No foreign key to the product: the stock feed may bring a row before the product feed does.
    Column("guid", Key, primary_key=True),
    Column("warehouse", Text, primary_key=True),
    Column("available", Exact, nullable=False),
    Column("on_hand", Exact, nullable=False),
    Column("allocated", Exact, nullable=False),
    Column("modified", UtcDateTime),
    Column("synced_at", UtcDateTime, nullable=False),
)

product_link = Table(
    "product_link",
    metadata,
    _store(),
    Column("guid", Key, primary_key=True),
    Column("ref", Text),
    _prose("code"),
    _prose("tax_class"),
    _flag("created"),
    _flag("creating"),
    _flag("gone"),
    Column("owned", Json, nullable=False),
    Column("hidden_from", Text),
    Column("wrote", Json, nullable=False),
    _count("pushed_mirror"),
    _count("pushed_demand"),
    Column("pushed_rules", Text, nullable=False, server_default=text("''")),
    _prose("parked"),
    _prose("parked_do"),
    _prose("ambiguous"),
    _count("doubts"),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("planned", Json, nullable=False, server_default=text("'[]'")),
    Index(
        None,
        "store_id",
        "ref",
        unique=True,
        sqlite_where=text("ref IS NOT NULL"),
        postgresql_where=text("ref IS NOT NULL"),
    ),
)

progress = Table(
    "progress",
    metadata,
    _account(),
    Column("feed", Text, primary_key=True),
    Column("warehouse", Text, primary_key=True),
    Column("watermark", UtcDateTime),
    Column("started_at", UtcDateTime),
    Column("completed_at", UtcDateTime),
    Column("certified_at", UtcDateTime),
    _count("certified_rows"),
    _flag("absence"),
)

parked = Table(
    "parked",
    metadata,
    _account(),
    Column("feed", Text, primary_key=True),
    Column("key", Prose, primary_key=True),
    _prose("reason"),
    _prose("excerpt"),
    Column("since", UtcDateTime, nullable=False),
)

ledger = Table(
    "ledger",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("per", Text, primary_key=True),
    Column("window_start", UtcDateTime, primary_key=True),
    _count("attempts"),
    _count("billed"),
    _count("failed"),
)

purse = Table(
    "purse",
    metadata,
    Column("subject", Text, primary_key=True),
    # Microseconds since 1970 instead of an instant: SQL adds the spacing to it in the same statement.
    Column("next_free_at", BigInteger, nullable=False),
    Column("asleep_until", UtcDateTime),
    _prose("asleep_why"),
)

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
    _count("calls_unleashed"),
    _count("calls_store"),
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
    _prose("code"),
    Column("ref", Prose),
    Column("field", Text, nullable=False),
    Column("before", Prose),
    Column("after", Prose),
    _prose("rule"),
    Column("outcome", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default=text("''")),
    Index(None, "store_id", "guid", "id"),
)

held = Table(
    "held",
    metadata,
    _store(),
    Column("guid", Key, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    _prose("code"),
    Column("before", Prose),
    Column("after", Prose),
    _prose("rule"),
    Column("since", UtcDateTime, nullable=False),
    Column("judged_at", UtcDateTime, nullable=False),
)

approval = Table(
    "approval",
    metadata,
    _store(),
    Column("guid", Key, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("after", Prose, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

store_product = Table(
    "store_product",
    metadata,
    _store(),
    Column("ref", Key, primary_key=True),
    Column("code", Key, nullable=False),
    Column("shown", Json, nullable=False),
    Column("scan", Integer, nullable=False),
    Index(None, "store_id", "code"),
)

scan = Table(
    "scan",
    metadata,
    _store(),
    Column("number", Integer, nullable=False),
    Column("cursor", Text),
    Column("started_at", UtcDateTime, nullable=False),
    Column("completed_at", UtcDateTime),
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

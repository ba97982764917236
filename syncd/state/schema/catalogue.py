"""Products and stock: who is served, what Unleashed last said, what the stores have, how far it was read."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, false, text

from syncd.state.columns import BigId, Exact, Json, Key, Prose, UtcDateTime
from syncd.state.schema.pieces import account_key, count, flag, metadata, prose, store_key

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
    account_key(),
    Column("guid", Key, primary_key=True),
    Column("code", Text, nullable=False),
    Column("code_key", Key, nullable=False),
    Column("name", Text, nullable=False),
    Column("price", Exact),
    Column("tiers", Json, nullable=False),
    flag("obsolete"),
    flag("sellable"),
    flag("component"),
    flag("assembled"),
    flag("never_diminishing"),
    Column("modified", UtcDateTime),
    Column("content_hash", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("synced_at", UtcDateTime, nullable=False),
    # The last pass over the feed whose list held the row; 0 = none.
    count("pass_no"),
    # When the product and its stock in every warehouse were last read together; rotation takes the oldest.
    Column("verified_at", UtcDateTime),
    Column("gone", Boolean, nullable=False, server_default=false()),
    Index(None, "account_id", "verified_at", "guid"),
    Index(None, "account_id", "code_key", "guid"),
    Index(None, "account_id", "synced_at", "guid"),
    Index(None, "account_id", "first_seen"),
)

mirror_stock = Table(
    "mirror_stock",
    metadata,
    account_key(),
    # No foreign key to the product: the stock feed may bring a row before the product feed does.
    Column("guid", Key, primary_key=True),
    Column("warehouse", Text, primary_key=True),
    Column("available", Exact, nullable=False),
    Column("on_hand", Exact, nullable=False),
    Column("allocated", Exact, nullable=False),
    Column("modified", UtcDateTime),
    Column("synced_at", UtcDateTime, nullable=False),
    count("pass_no"),
)

product_link = Table(
    "product_link",
    metadata,
    store_key(),
    Column("guid", Key, primary_key=True),
    Column("ref", Text),
    prose("code"),
    prose("tax_class"),
    flag("created"),
    flag("creating"),
    flag("gone"),
    Column("owned", Json, nullable=False),
    Column("hidden_from", Text),
    Column("wrote", Json, nullable=False),
    count("pushed_mirror"),
    count("pushed_demand"),
    Column("pushed_rules", Text, nullable=False, server_default=text("''")),
    prose("parked"),
    prose("parked_do"),
    prose("ambiguous"),
    count("doubts"),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("planned", Json, nullable=False, server_default=text("'[]'")),
    Column("looked_at", UtcDateTime),
    # A rise of stock that waits for a second read to agree: [what may be sold, when that was asked for].
    Column("risen", Json),
    Index(None, "store_id", "looked_at", "guid"),
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
    account_key(),
    Column("feed", Text, primary_key=True),
    Column("warehouse", Text, primary_key=True),
    Column("watermark", UtcDateTime),
    Column("started_at", UtcDateTime),
    Column("completed_at", UtcDateTime),
    Column("certified_at", UtcDateTime),
    count("certified_rows"),
    flag("absence"),
    # The number of the last pass that was begun, and how many pages the last complete one had.
    count("pass_no"),
    count("pages"),
    # The greatest believable stamp received, and when the pass that first brought it ended.
    Column("newest", UtcDateTime),
    Column("newest_at", UtcDateTime),
)

half_read = Table(
    "half_read",
    metadata,
    account_key(),
    Column("kind", Text, primary_key=True),
    Column("feed", Text, primary_key=True),
    Column("warehouse", Text, primary_key=True),
    Column("pass_no", Integer, nullable=False),
    Column("since", UtcDateTime),
    Column("started_at", UtcDateTime, nullable=False),
    Column("window_at", UtcDateTime, nullable=False),
    Column("next_page", Integer, nullable=False),
    count("window_pages"),
    count("pages"),
    count("page_size"),
    count("first_total"),
    count("total"),
    Column("newest", UtcDateTime),
    Column("notes", Json, nullable=False, server_default=text("'{}'")),
)

certificate = Table(
    "certificate",
    metadata,
    account_key(),
    Column("feed", Text, primary_key=True),
    Column("warehouse", Text, primary_key=True),
    Column("started_at", UtcDateTime, primary_key=True),
    Column("ended_at", UtcDateTime, nullable=False),
    count("rows"),
    count("pages"),
    count("calls"),
)

calibration = Table(
    "calibration",
    metadata,
    account_key(),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("evidence", Json, nullable=False, server_default=text("'{}'")),
    Column("at", UtcDateTime, nullable=False),
)

ghost = Table(
    "ghost",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account_id", Integer, ForeignKey("account.id"), nullable=False),
    Column("store_id", Integer, ForeignKey("store.id")),
    Column("run_id", BigId, ForeignKey("run.id")),
    Column("at", UtcDateTime, nullable=False),
    Column("found_by", Text, nullable=False),
    Column("guid", Key, nullable=False),
    prose("code"),
    Column("field", Text, nullable=False),
    Column("believed", Prose),
    Column("found", Prose),
    Column("cause", Text, nullable=False),
    Column("age_s", BigInteger),
    Index(None, "account_id", "at"),
)

parked = Table(
    "parked",
    metadata,
    account_key(),
    Column("feed", Text, primary_key=True),
    Column("key", Prose, primary_key=True),
    prose("reason"),
    prose("excerpt"),
    Column("since", UtcDateTime, nullable=False),
)

store_product = Table(
    "store_product",
    metadata,
    store_key(),
    Column("ref", Key, primary_key=True),
    Column("code", Key, nullable=False),
    Column("shown", Json, nullable=False),
    Column("scan", Integer, nullable=False),
    Index(None, "store_id", "code"),
)

scan = Table(
    "scan",
    metadata,
    store_key(),
    Column("number", Integer, nullable=False),
    Column("cursor", Text),
    Column("started_at", UtcDateTime, nullable=False),
    Column("completed_at", UtcDateTime),
)

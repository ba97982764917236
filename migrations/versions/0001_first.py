"""The first tables: accounts, stores, the mirror, links, purses, runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syncd.state.columns import Exact, Json, Prose, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text()),
        sa.Column("facts_json", sa.Text()),
        sa.Column("facts_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("identity", name="uq_account_identity"),
        sa.UniqueConstraint("name", name="uq_account_name"),
    )
    op.create_table(
        "daemon",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_daemon_only_one")),
        sa.PrimaryKeyConstraint("id", name="pk_daemon"),
    )
    op.create_table(
        "due",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("last_started", UtcDateTime()),
        sa.Column("asked_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("job", "subject", name="pk_due"),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("wanted_until", UtcDateTime()),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )
    op.create_table(
        "ledger",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("per", sa.Text(), nullable=False),
        sa.Column("window_start", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("billed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("subject", "per", "window_start", name="pk_ledger"),
    )
    op.create_table(
        "purse",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("next_free_at", sa.BigInteger(), nullable=False),
        sa.Column("asleep_until", UtcDateTime()),
        sa.Column("asleep_why", Prose(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_purse"),
    )
    op.create_table(
        "mirror_product",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("guid", KEY, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("code_key", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("price", Exact()),
        sa.Column("tiers", Json(), nullable=False),
        sa.Column("obsolete", sa.Boolean(), nullable=False),
        sa.Column("sellable", sa.Boolean(), nullable=False),
        sa.Column("component", sa.Boolean(), nullable=False),
        sa.Column("assembled", sa.Boolean(), nullable=False),
        sa.Column("never_diminishing", sa.Boolean(), nullable=False),
        sa.Column("modified", UtcDateTime()),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("synced_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_mirror_product_account_id_account"),
        sa.PrimaryKeyConstraint("account_id", "guid", name="pk_mirror_product"),
    )
    op.create_index(
        "ix_mirror_product_account_id_code_key_guid", "mirror_product", ["account_id", "code_key", "guid"]
    )
    op.create_index("ix_mirror_product_account_id_first_seen", "mirror_product", ["account_id", "first_seen"])
    op.create_index(
        "ix_mirror_product_account_id_synced_at_guid", "mirror_product", ["account_id", "synced_at", "guid"]
    )

    op.create_table(
        "mirror_stock",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("guid", KEY, nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("available", Exact(), nullable=False),
        sa.Column("on_hand", Exact(), nullable=False),
        sa.Column("allocated", Exact(), nullable=False),
        sa.Column("modified", UtcDateTime()),
        sa.Column("synced_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_mirror_stock_account_id_account"),
        sa.PrimaryKeyConstraint("account_id", "guid", "warehouse", name="pk_mirror_stock"),
    )
    op.create_table(
        "parked",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("key", Prose(), nullable=False),
        sa.Column("reason", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("excerpt", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_parked_account_id_account"),
        sa.PrimaryKeyConstraint("account_id", "feed", "key", name="pk_parked"),
    )
    op.create_table(
        "progress",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("watermark", UtcDateTime()),
        sa.Column("started_at", UtcDateTime()),
        sa.Column("completed_at", UtcDateTime()),
        sa.Column("certified_at", UtcDateTime()),
        sa.Column("certified_rows", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("absence", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_progress_account_id_account"),
        sa.PrimaryKeyConstraint("account_id", "feed", "warehouse", name="pk_progress"),
    )
    op.create_table(
        "store",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text()),
        sa.Column("rules_hash", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("facts_json", sa.Text()),
        sa.Column("facts_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_store_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_store"),
        sa.UniqueConstraint("name", name="uq_store_name"),
    )
    op.create_index("ix_store_account_id", "store", ["account_id"])
    op.create_index("ix_store_identity", "store", ["identity"])

    op.create_table(
        "product_link",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("guid", KEY, nullable=False),
        sa.Column("ref", sa.Text()),
        sa.Column("code", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("tax_class", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("created", sa.Boolean(), nullable=False),
        sa.Column("creating", sa.Boolean(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("owned", Json(), nullable=False),
        sa.Column("hidden_from", sa.Text()),
        sa.Column("wrote", Json(), nullable=False),
        sa.Column("pushed_mirror", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("pushed_demand", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("pushed_rules", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("parked", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("parked_do", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("ambiguous", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("doubts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name="fk_product_link_store_id_store"),
        sa.PrimaryKeyConstraint("store_id", "guid", name="pk_product_link"),
    )
    op.create_index(
        "ix_product_link_store_id_ref",
        "product_link",
        ["store_id", "ref"],
        unique=True,
        sqlite_where=sa.text("ref IS NOT NULL"),
        postgresql_where=sa.text("ref IS NOT NULL"),
    )

    op.create_table(
        "run",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.Integer()),
        sa.Column("outcome", sa.Text()),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.Column("counts", Json(), nullable=False),
        sa.Column("calls_unleashed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("calls_store", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", Prose()),
        sa.Column("do", Prose()),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_run_account_id_account"),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name="fk_run_store_id_store"),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_index("ix_run_ended_at", "run", ["ended_at"])
    op.create_index("ix_run_job_account_id_store_id_id", "run", ["job", "account_id", "store_id", "id"])

    op.create_table(
        "change",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("guid", KEY, nullable=False),
        sa.Column("code", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("ref", Prose()),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("before", Prose()),
        sa.Column("after", Prose()),
        sa.Column("rule", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_change_run_id_run"),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name="fk_change_store_id_store"),
        sa.PrimaryKeyConstraint("id", name="pk_change"),
    )
    op.create_index("ix_change_at", "change", ["at"])
    op.create_index("ix_change_run_id", "change", ["run_id"])
    op.create_index("ix_change_store_id_guid_id", "change", ["store_id", "guid", "id"])


def downgrade() -> None:
    for table in (
        "change",
        "run",
        "product_link",
        "store",
        "progress",
        "parked",
        "mirror_stock",
        "mirror_product",
        "purse",
        "ledger",
        "lease",
        "due",
        "daemon",
        "account",
    ):
        op.drop_table(table)

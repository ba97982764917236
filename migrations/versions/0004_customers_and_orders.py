"""Customers and orders: Unleashed's customers, the outbox, demand, cursors, claims, alerts and mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syncd.state.columns import BigId, Exact, Json, Prose, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

TABLES = (
    "mirror_customer",
    "mirror_customer_email",
    "store_customer",
    "customer_link",
    "customer_claim",
    "store_cursor",
    "outbox",
    "outbox_event",
    "demand",
    "demand_revision",
    "alert",
    "mail",
)


def upgrade() -> None:
    _customers()
    _orders()
    _alerts()
    with op.batch_alter_table("product_link") as batch:
        batch.add_column(sa.Column("risen", Json()))


def _customers() -> None:
    op.create_table(
        "mirror_customer",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("guid", KEY, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("code_key", KEY, nullable=False),
        sa.Column("name", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("emails", Json(), nullable=False),
        sa.Column("obsolete", sa.Boolean(), nullable=False),
        sa.Column("currency", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("tax_code", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("taxable", sa.Boolean()),
        sa.Column("stop_credit", sa.Boolean(), nullable=False),
        sa.Column("source_id", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("modified", UtcDateTime()),
        sa.Column("synced_at", UtcDateTime(), nullable=False),
        sa.Column("pass_no", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_mirror_customer_account_id_account"),
        sa.PrimaryKeyConstraint("account_id", "guid", name="pk_mirror_customer"),
    )
    op.create_index(
        "ix_mirror_customer_account_id_code_key_guid", "mirror_customer", ["account_id", "code_key", "guid"]
    )
    op.create_table(
        "mirror_customer_email",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("email", KEY, nullable=False),
        sa.Column("guid", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_mirror_customer_email_account_id_account"
        ),
        sa.PrimaryKeyConstraint("account_id", "email", "guid", name="pk_mirror_customer_email"),
    )
    op.create_table(
        "store_customer",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("ref", KEY, nullable=False),
        sa.Column("emails", Json(), nullable=False),
        sa.Column("code", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("name", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name="fk_store_customer_store_id_store"),
        sa.PrimaryKeyConstraint("store_id", "ref", name="pk_store_customer"),
    )
    op.create_table(
        "customer_link",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("ref", KEY, nullable=False),
        sa.Column("guid", KEY),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("ambiguous", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("candidates", Json(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name="fk_customer_link_store_id_store"),
        sa.PrimaryKeyConstraint("store_id", "ref", name="pk_customer_link"),
    )
    op.create_index("ix_customer_link_store_id_guid", "customer_link", ["store_id", "guid"])
    op.create_table(
        "customer_claim",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("claim", KEY, nullable=False),
        sa.Column("guid", KEY, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_customer_claim_account_id_account"),
        sa.PrimaryKeyConstraint("account_id", "claim", name="pk_customer_claim"),
    )


def _orders() -> None:
    op.create_table(
        "store_cursor",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("cursor", Prose()),
        sa.Column("since", UtcDateTime()),
        sa.Column("started_at", UtcDateTime()),
        sa.Column("completed_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name="fk_store_cursor_store_id_store"),
        sa.PrimaryKeyConstraint("store_id", "feed", name="pk_store_cursor"),
    )
    op.create_table(
        "outbox",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("doc", KEY, nullable=False),
        sa.Column("parent", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("number", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime()),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("first_try_at", UtcDateTime()),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("modified", UtcDateTime()),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("seen_by", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("raw", Prose(), nullable=False),
        sa.Column("content", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("judged", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("total", Exact()),
        sa.Column("currency", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("guid", KEY),
        sa.Column("order_number", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("payload", Prose()),
        sa.Column("payload_hash", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("posted_at", UtcDateTime()),
        sa.Column("found", Json(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("cause", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("reason", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("do", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("changed_at", UtcDateTime()),
        sa.Column("told_store", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name="fk_outbox_store_id_store"),
        sa.PrimaryKeyConstraint("store_id", "kind", "doc", name="pk_outbox"),
    )
    op.create_index("ix_outbox_guid", "outbox", ["guid"])
    op.create_index("ix_outbox_store_id_created", "outbox", ["store_id", "created"])
    op.create_index("ix_outbox_store_id_state_due_at", "outbox", ["store_id", "state", "due_at"])
    op.create_table(
        "outbox_event",
        sa.Column("id", BigId, nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("doc", KEY, nullable=False),
        sa.Column("run_id", BigId),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("detail", Prose(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_outbox_event_run_id_run"),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name="fk_outbox_event_store_id_store"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox_event"),
    )
    op.create_index("ix_outbox_event_store_id_kind_doc_id", "outbox_event", ["store_id", "kind", "doc", "id"])
    op.create_table(
        "demand",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("doc", KEY, nullable=False),
        sa.Column("line", KEY, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("ref", Prose()),
        sa.Column("code", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("guid", KEY),
        sa.Column("quantity", Exact(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("posted_at", UtcDateTime()),
        sa.Column("warehouse", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_demand_account_id_account"),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name="fk_demand_store_id_store"),
        sa.PrimaryKeyConstraint("store_id", "doc", "line", name="pk_demand"),
    )
    op.create_index("ix_demand_account_id_guid", "demand", ["account_id", "guid"])
    op.create_table(
        "demand_revision",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("guid", KEY, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_demand_revision_account_id_account"),
        sa.PrimaryKeyConstraint("account_id", "guid", name="pk_demand_revision"),
    )


def _alerts() -> None:
    op.create_table(
        "alert",
        sa.Column("id", BigId, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("what", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("do", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("example", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("times", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime()),
        sa.Column("told_times", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cleared_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
    )
    op.create_index("ix_alert_cleared_at_told_at", "alert", ["cleared_at", "told_at"])
    op.create_index("ix_alert_subject_cause", "alert", ["subject", "cause"])
    op.create_table(
        "mail",
        sa.Column("id", BigId, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("subject", Prose(), nullable=False),
        sa.Column("body", Prose(), nullable=False),
        sa.Column("html", Prose(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime()),
        sa.Column("error", Prose(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mail"),
    )


def downgrade() -> None:
    with op.batch_alter_table("product_link") as batch:
        batch.drop_column("risen")
    for table in reversed(TABLES):
        op.drop_table(table)

"""Going live: held changes and approvals, what a scan of a store saw, and what shadow mode would write."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syncd.state.columns import Json, Prose, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "held",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("guid", KEY, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("before", Prose()),
        sa.Column("after", Prose()),
        sa.Column("rule", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("judged_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name="fk_held_store_id_store"),
        sa.PrimaryKeyConstraint("store_id", "guid", "field", name="pk_held"),
    )
    op.create_table(
        "approval",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("guid", KEY, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("after", Prose(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name="fk_approval_store_id_store"),
        sa.PrimaryKeyConstraint("store_id", "guid", "field", name="pk_approval"),
    )
    op.create_table(
        "store_product",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("ref", KEY, nullable=False),
        sa.Column("code", KEY, nullable=False),
        sa.Column("shown", Json(), nullable=False),
        sa.Column("scan", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name="fk_store_product_store_id_store"),
        sa.PrimaryKeyConstraint("store_id", "ref", name="pk_store_product"),
    )
    op.create_index("ix_store_product_store_id_code", "store_product", ["store_id", "code"])
    op.create_table(
        "scan",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.Text()),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("completed_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name="fk_scan_store_id_store"),
        sa.PrimaryKeyConstraint("store_id", name="pk_scan"),
    )
    with op.batch_alter_table("change") as batch:
        batch.add_column(sa.Column("kind", sa.Text(), server_default=sa.text("''"), nullable=False))
    with op.batch_alter_table("product_link") as batch:
        batch.add_column(sa.Column("planned", Json(), server_default=sa.text("'[]'"), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("product_link") as batch:
        batch.drop_column("planned")
    with op.batch_alter_table("change") as batch:
        batch.drop_column("kind")
    for table in ("scan", "store_product", "approval", "held"):
        op.drop_table(table)

"""Few calls, no ghosts: who spent what, half-read feeds, certificates, calibration, ghosts, rotation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syncd.state.columns import BigId, Json, Prose, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)


def _account(table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    key = sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=f"fk_{table}_account_id_account")
    return sa.Column("account_id", sa.Integer(), nullable=False), key


def upgrade() -> None:
    column, key = _account("half_read")
    op.create_table(
        "half_read",
        column,
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("pass_no", sa.Integer(), nullable=False),
        sa.Column("since", UtcDateTime()),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("window_at", UtcDateTime(), nullable=False),
        sa.Column("next_page", sa.Integer(), nullable=False),
        _count("window_pages"),
        _count("pages"),
        _count("page_size"),
        _count("first_total"),
        _count("total"),
        sa.Column("newest", UtcDateTime()),
        sa.Column("notes", Json(), server_default=sa.text("'{}'"), nullable=False),
        key,
        sa.PrimaryKeyConstraint("account_id", "kind", "feed", "warehouse", name="pk_half_read"),
    )
    column, key = _account("certificate")
    op.create_table(
        "certificate",
        column,
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=False),
        _count("rows"),
        _count("pages"),
        _count("calls"),
        key,
        sa.PrimaryKeyConstraint("account_id", "feed", "warehouse", "started_at", name="pk_certificate"),
    )
    column, key = _account("calibration")
    op.create_table(
        "calibration",
        column,
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("evidence", Json(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        key,
        sa.PrimaryKeyConstraint("account_id", "name", name="pk_calibration"),
    )
    column, key = _account("ghost")
    op.create_table(
        "ghost",
        sa.Column("id", BigId, nullable=False),
        column,
        sa.Column("store_id", sa.Integer()),
        sa.Column("run_id", BigId),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("found_by", sa.Text(), nullable=False),
        sa.Column("guid", KEY, nullable=False),
        sa.Column("code", Prose(), server_default=sa.text("''"), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("believed", Prose()),
        sa.Column("found", Prose()),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("age_s", sa.BigInteger()),
        key,
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name="fk_ghost_store_id_store"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_ghost_run_id_run"),
        sa.PrimaryKeyConstraint("id", name="pk_ghost"),
    )
    op.create_index("ix_ghost_account_id_at", "ghost", ["account_id", "at"])
    op.create_table(
        "purse_use",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("day", UtcDateTime(), nullable=False),
        _count("attempts"),
        _count("billed"),
        _count("failed"),
        sa.PrimaryKeyConstraint("subject", "purpose", "day", name="pk_purse_use"),
    )
    op.create_table(
        "slot",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "number", name="pk_slot"),
    )
    with op.batch_alter_table("mirror_product") as batch:
        batch.add_column(_count("pass_no"))
        batch.add_column(sa.Column("verified_at", UtcDateTime()))
        batch.add_column(sa.Column("gone", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        "ix_mirror_product_account_id_verified_at_guid",
        "mirror_product",
        ["account_id", "verified_at", "guid"],
    )
    with op.batch_alter_table("mirror_stock") as batch:
        batch.add_column(_count("pass_no"))
    with op.batch_alter_table("product_link") as batch:
        batch.add_column(sa.Column("looked_at", UtcDateTime()))
    op.create_index(
        "ix_product_link_store_id_looked_at_guid", "product_link", ["store_id", "looked_at", "guid"]
    )
    with op.batch_alter_table("progress") as batch:
        batch.add_column(_count("pass_no"))
        batch.add_column(_count("pages"))
        batch.add_column(sa.Column("newest", UtcDateTime()))
        batch.add_column(sa.Column("newest_at", UtcDateTime()))


def downgrade() -> None:
    with op.batch_alter_table("progress") as batch:
        batch.drop_column("newest_at")
        batch.drop_column("newest")
        batch.drop_column("pages")
        batch.drop_column("pass_no")
    op.drop_index("ix_product_link_store_id_looked_at_guid", "product_link")
    with op.batch_alter_table("product_link") as batch:
        batch.drop_column("looked_at")
    with op.batch_alter_table("mirror_stock") as batch:
        batch.drop_column("pass_no")
    op.drop_index("ix_mirror_product_account_id_verified_at_guid", "mirror_product")
    with op.batch_alter_table("mirror_product") as batch:
        batch.drop_column("gone")
        batch.drop_column("verified_at")
        batch.drop_column("pass_no")
    for table in ("slot", "purse_use", "ghost", "calibration", "certificate", "half_read"):
        op.drop_table(table)

"""What the tables have in common: names of their constraints, and columns that many of them have."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, MetaData, text

from syncd.state.columns import Prose

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def account_key() -> Column[int]:
    return Column("account_id", Integer, ForeignKey("account.id"), primary_key=True)


def store_key() -> Column[int]:
    return Column("store_id", Integer, ForeignKey("store.id"), primary_key=True)


def flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text("0"))


def prose(name: str) -> Column[str]:
    return Column(name, Prose, nullable=False, server_default=text("''"))

"""Who is served: accounts and stores, what they said about themselves, which shop a store really is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Text,
    Update,
    bindparam,
    cast,
    exists,
    select,
    update,
)

from syncd.core.model import AccountFacts, StoreFacts
from syncd.core.sale import TaxCode
from syncd.errors import UsageError
from syncd.state.records import AccountRow, StoreRow
from syncd.state.schema import account as account_table
from syncd.state.schema import mirror_product as mirror_table
from syncd.state.schema import product_link as link_table
from syncd.state.schema import store as store_table
from syncd.state.upsert import Upsert


def _by_name(table: Any) -> Upsert:
    return Upsert(table, key=("name",))


_NEW_ACCOUNT = _by_name(account_table)
_NEW_STORE = _by_name(store_table)
_ACCOUNTS = select(account_table)
_NAMED = _ACCOUNTS.where(account_table.c.name == bindparam("name_", type_=Text))
_STORES = select(store_table)
_BY_NAME = _STORES.order_by(store_table.c.name)


def purse_of(row: AccountRow | StoreRow) -> str:
    """Return the name under which the calls of an account or a store are counted, whatever it is called."""
    return f"{'store' if isinstance(row, StoreRow) else 'account'}:{row.id}"


def ensure_account(conn: Connection, name: str, identity: str | None = None) -> AccountRow:
    """Return the account, made or renamed as needed. `identity` tells one company from another.

    The identity decides: an account that the configuration calls otherwise than before keeps its mirror.
    One that never answered is bound to nothing: its id was a typing mistake. Raises UsageError if this name
    belongs to another company in the database.
    """
    known = (
        conn.execute(_ACCOUNTS.where(account_table.c.identity == identity)).one_or_none()
        if identity
        else None
    )
    if known is not None and known.name != name:
        _set_aside(conn, name)
        conn.execute(update(account_table).where(account_table.c.id == known.id).values(name=name))
    conn.execute(_NEW_ACCOUNT.on(conn), {"name": name})
    row = conn.execute(_ACCOUNTS.where(account_table.c.name == name)).one()
    if identity and (row.identity is None or not _ever_answered(conn, row)):
        conn.execute(update(account_table).where(account_table.c.id == row.id).values(identity=identity))
    elif identity and row.identity != identity:
        raise UsageError(
            f"The account {name} has another API id than before: it is another company in Unleashed.",
            "Give its section a new name, and its stores with it; what is known of the old one stays.",
        )
    return _account(conn.execute(_ACCOUNTS.where(account_table.c.id == row.id)).one())


def _set_aside(conn: Connection, name: str) -> None:
    """Free a name that moves to another account; whoever had it is found by its identity, or no more."""
    aside = account_table.c.name + "~" + cast(account_table.c.id, Text)
    conn.execute(update(account_table).where(account_table.c.name == name).values(name=aside))


def _ever_answered(conn: Connection, row: Row[Any]) -> bool:
    mirrored = exists().where(mirror_table.c.account_id == row.id)
    return row.facts_at is not None or bool(conn.execute(select(mirrored)).scalar_one())


def account(conn: Connection, name: str) -> AccountRow | None:
    """Return the account of this name, or None."""
    row = conn.execute(_NAMED, {"name_": name}).one_or_none()
    return None if row is None else _account(row)


def ensure_store(conn: Connection, name: str, account_id: int, kind: str) -> StoreRow:
    """Return the store of this name; it is created if the database does not know it.

    Raises UsageError if it is known under another account: its links mean that account's products.
    """
    conn.execute(_NEW_STORE.on(conn), {"name": name, "account_id": account_id, "kind": kind})
    row = conn.execute(_STORES.where(store_table.c.name == name)).one()
    if row.account_id != account_id:
        raise UsageError(
            f"Store {name} belongs to another account in the database than in the configuration.",
            "Give the store another name, or set its `account` back.",
        )
    if row.kind != kind:
        conn.execute(update(store_table).where(store_table.c.id == row.id).values(kind=kind))
        row = conn.execute(_STORES.where(store_table.c.id == row.id)).one()
    return _store(row)


def find_store_by_identity(conn: Connection, identity: str) -> StoreRow | None:
    """Return the store that has this identity, whatever it is called; the oldest if there are several."""
    found = conn.execute(_STORES.where(store_table.c.identity == identity).order_by(store_table.c.id)).first()
    return None if found is None else _store(found)


def rename_store(conn: Connection, store_id: int, name: str) -> None:
    """Follow a renamed section of the configuration: links, cursors and history stay with the store."""
    conn.execute(update(store_table).where(store_table.c.id == store_id).values(name=name))


def stores(conn: Connection) -> list[StoreRow]:
    """Return all stores by name."""
    return [_store(row) for row in conn.execute(_BY_NAME)]


def set_identity(conn: Connection, store_id: int, identity: str) -> None:
    """Keep which shop this store is."""
    conn.execute(update(store_table).where(store_table.c.id == store_id).values(identity=identity))


def set_rules_hash(conn: Connection, store_id: int, rules_hash: str) -> None:
    """Keep the configuration's fingerprint: every listing pushed under another one is behind from now on."""
    conn.execute(update(store_table).where(store_table.c.id == store_id).values(rules_hash=rules_hash))


def save_account_facts(conn: Connection, account_id: int, facts: AccountFacts, at: datetime) -> None:
    """Keep what Unleashed said about the account; a new currency puts its stores' listings behind.

    Tax codes that were not read this time stay as they were.
    """
    kept = account_facts(_account(conn.execute(_ACCOUNTS.where(account_table.c.id == account_id)).one()))
    if kept is not None and facts.taxes is None:
        facts = replace(facts, taxes=kept.taxes)
    if kept is not None and facts.currency not in (None, kept.currency):
        stores = select(store_table.c.id).where(store_table.c.account_id == account_id)
        conn.execute(_put_behind(link_table.c.store_id.in_(stores)))
    values = {"facts_json": msgspec.json.encode(facts).decode(), "facts_at": at}
    conn.execute(update(account_table).where(account_table.c.id == account_id).values(values))


def save_store_facts(conn: Connection, store_id: int, facts: StoreFacts, at: datetime) -> None:
    """Keep what the shop said about itself at `at`. Its identity is set apart (see `set_identity`).

    Where it says something new that prices depend on, all its listings are behind: some may be held for
    the reason that has just gone.
    """
    kept = store_facts(_store(conn.execute(_STORES.where(store_table.c.id == store_id)).one()))
    if kept is not None and _prices_differ(kept, facts):
        conn.execute(_put_behind(link_table.c.store_id == store_id))
    values = {"facts_json": msgspec.json.encode(facts).decode(), "facts_at": at}
    conn.execute(update(store_table).where(store_table.c.id == store_id).values(values))


def _prices_differ(kept: StoreFacts, facts: StoreFacts) -> bool:
    """Tell whether prices may differ from before. What the shop did not say this time changes nothing."""
    return (
        facts.currency not in (None, kept.currency)
        or facts.prices_include_tax not in (None, kept.prices_include_tax)
        or facts.price_decimals not in (None, kept.price_decimals)
    )


def _put_behind(which: ColumnElement[bool]) -> Update:
    return update(link_table).where(which).values(pushed_rules="")


def save_taxes(conn: Connection, account_id: int, taxes: tuple[TaxCode, ...] | None) -> None:
    """Keep the account's tax codes; None: they are doubted, and read again when next needed."""
    row = _account(conn.execute(_ACCOUNTS.where(account_table.c.id == account_id)).one())
    facts = replace(account_facts(row) or AccountFacts(), taxes=taxes)
    values = {"facts_json": msgspec.json.encode(facts).decode()}
    conn.execute(update(account_table).where(account_table.c.id == account_id).values(values))


def doubt_store_facts(conn: Connection, store_id: int) -> None:
    """Believe what the shop said of itself no more, so that it is asked again before anything is written."""
    conn.execute(update(store_table).where(store_table.c.id == store_id).values(facts_at=None))


def account_facts(row: AccountRow) -> AccountFacts | None:
    """Return what Unleashed last said about the account, None before it was first asked."""
    return None if row.facts_json is None else msgspec.json.decode(row.facts_json, type=AccountFacts)


def store_facts(row: StoreRow) -> StoreFacts | None:
    """Return what the shop last said about itself, None before it was first asked."""
    return None if row.facts_json is None else msgspec.json.decode(row.facts_json, type=StoreFacts)


def _account(row: Row[Any]) -> AccountRow:
    return AccountRow(row.id, row.name, row.identity, row.facts_json, row.facts_at)


def _store(row: Row[Any]) -> StoreRow:
    return StoreRow(
        row.id, row.name, row.account_id, row.kind, row.identity, row.rules_hash, row.facts_json, row.facts_at
    )

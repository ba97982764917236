"""Accounts, stores, feeds and what is parked belong to each other as the configuration says."""

from __future__ import annotations

import pytest

from syncd.core.model import AccountFacts, Poison, StoreFacts, Warehouse
from syncd.errors import UsageError
from syncd.state import accounts, links, mirror, parked, progress
from syncd.state.db import Database
from syncd.state.records import Progress
from tests.databases import NOON
from tests.state.samples import MINUTE, TEA, opened


def test_names_are_created_once(db: Database) -> None:
    """Asking for the same account or store again gives the same one."""
    first = opened(db)
    assert opened(db) == first
    with db.read() as conn:
        assert accounts.account(conn, "main") == first[0]
        assert accounts.account(conn, "other") is None
        assert accounts.stores(conn) == [first[1]]


def test_renamed_account_is_found_by_its_identity(db: Database) -> None:
    """An account whose section was renamed keeps its number and its mirror under the new name."""
    with db.write() as conn:
        first = accounts.ensure_account(conn, "main", "api-id-1")
        mirror.store_products(conn, first.id, [TEA], NOON)
        renamed = accounts.ensure_account(conn, "head_office", "api-id-1")
        assert (renamed.id, renamed.name, renamed.identity) == (first.id, "head_office", "api-id-1")
        assert accounts.account(conn, "main") is None
        assert mirror.count_products(conn, renamed.id) == 1
        assert accounts.ensure_account(conn, "head_office", "api-id-1") == renamed


def test_account_gets_its_identity_when_first_told(db: Database) -> None:
    """An account known by name alone takes on the identity, and keeps it when none is told."""
    with db.write() as conn:
        nameless = accounts.ensure_account(conn, "main")
        told = accounts.ensure_account(conn, "main", "api-id-1")
        assert (nameless.identity, told.id, told.identity) == (None, nameless.id, "api-id-1")
        assert accounts.ensure_account(conn, "main") == told


def test_another_company_is_not_taken_for_the_account(db: Database) -> None:
    """A known name with another company's identity is refused with what to do, and nothing is changed."""
    with db.write() as conn:
        first = accounts.ensure_account(conn, "main", "api-id-1")
        mirror.store_products(conn, first.id, [TEA], NOON)
        with pytest.raises(UsageError, match="account main has another API id than before") as caught:
            accounts.ensure_account(conn, "main", "api-id-2")
        assert caught.value.do.startswith("Give its section a new name")
        assert accounts.account(conn, "main") == first
        assert accounts.ensure_account(conn, "second", "api-id-2").id != first.id


def test_store_is_not_moved_to_another_account(db: Database) -> None:
    """A store whose section names another account is refused: its links mean other products."""
    opened(db)
    with db.write() as conn:
        other = accounts.ensure_account(conn, "other")
        with pytest.raises(UsageError, match="Store shop belongs to another account"):
            accounts.ensure_store(conn, "shop", other.id, "memory")


def test_changed_kind_is_followed(db: Database) -> None:
    """A store may change its kind; whether it is still the same shop is for its identity to say."""
    account, store = opened(db)
    with db.write() as conn:
        changed = accounts.ensure_store(conn, "shop", account.id, "woocommerce")
    assert (changed.id, changed.kind) == (store.id, "woocommerce")


def test_renamed_store_is_found_by_its_identity(db: Database) -> None:
    """A store whose section was renamed is found by its identity and keeps its number under the new name."""
    _, store = opened(db)
    with db.write() as conn:
        accounts.set_identity(conn, store.id, "memory:shop.example.test")
        found = accounts.find_store_by_identity(conn, "memory:shop.example.test")
        assert accounts.find_store_by_identity(conn, "memory:other.example.test") is None
        assert found is not None
        accounts.rename_store(conn, found.id, "boutique")
        assert [(one.id, one.name) for one in accounts.stores(conn)] == [(store.id, "boutique")]
        assert links.count_behind(conn, found) == 0


def test_facts_are_kept(db: Database) -> None:
    """What both sides say about themselves is kept with its time; before that there is nothing."""
    account, store = opened(db)
    assert accounts.account_facts(account) is None
    assert accounts.store_facts(store) is None
    told = AccountFacts("Tea & Co", None, (Warehouse("W1", "Main", default=True),))
    shown = StoreFacts("memory:x", "EUR", True, 2, None, "9.1", ("It would not say.",))
    with db.write() as conn:
        accounts.save_account_facts(conn, account.id, told, NOON)
        accounts.save_store_facts(conn, store.id, shown, NOON)
        found, (store,) = accounts.account(conn, "main"), accounts.stores(conn)
    assert found is not None
    assert (accounts.account_facts(found), found.facts_at) == (told, NOON)
    assert (accounts.store_facts(store), store.facts_at) == (shown, NOON)


def test_feed_is_kept_per_warehouse(db: Database) -> None:
    """Every feed and warehouse has its own progress; one never read has only its name."""
    opened(db)
    full = Progress("stock", "W1", NOON, NOON + MINUTE, NOON + 2 * MINUTE, NOON, 17, True)
    with db.write() as conn:
        assert progress.progress(conn, 1, "stock", "W1") == Progress("stock", "W1")
        progress.save_progress(conn, 1, full)
        progress.save_progress(conn, 1, Progress("products"))
        progress.save_progress(conn, 1, Progress("products", watermark=NOON))
        assert progress.progress(conn, 1, "stock", "W1") == full
        assert progress.progress(conn, 1, "stock") == Progress("stock")
        assert progress.all_progress(conn, 1) == [Progress("products", watermark=NOON), full]


def test_parked_row_keeps_its_first_time(db: Database) -> None:
    """A row parked again keeps since when it waits and gets its latest reason; a good version frees it."""
    opened(db)
    with db.write() as conn:
        parked.park(
            conn, 1, "products", [Poison("a", "first"), Poison("a", "second"), Poison("b", "x")], NOON
        )
        parked.park(conn, 1, "products", [Poison("a", "third", "{…}")], NOON + MINUTE)
        parked.park(conn, 1, "stock", [Poison("a", "other feed")], NOON + MINUTE)
        parked.park(conn, 1, "stock", [], NOON)
        told = [(row.feed, row.key, row.reason, row.since) for row in parked.parked_rows(conn, 1)]
        assert told == [
            ("products", "a", "third", NOON),
            ("products", "b", "x", NOON),
            ("stock", "a", "other feed", NOON + MINUTE),
        ]
        parked.unpark(conn, 1, "products", ["a", "never parked"])
        assert [(row.feed, row.key) for row in parked.parked_rows(conn, 1)] == [
            ("products", "b"),
            ("stock", "a"),
        ]

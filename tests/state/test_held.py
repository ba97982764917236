"""What is held and what is approved, by store, product and field."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.core.model import Link
from syncd.state import accounts, audit, held, links, mirror, runs
from syncd.state.db import Database
from syncd.state.records import Change, HeldChange, StoreRow
from tests.databases import NOON
from tests.state.samples import CUP, MINUTE, TEA, opened

STOCK = HeldChange(TEA.guid, "TEA-100", "stock", "zero", "5", "0", "available 0", NOON, NOON)
PRICE = HeldChange(TEA.guid, "TEA-100", "price", "price", "7.5", "750", "default sell price", NOON, NOON)
OTHER = HeldChange(CUP.guid, "CUP-1", "stock", "zero", "3", "0", "available 0", NOON, NOON)
LATER = NOON + 60 * MINUTE


@pytest.fixture
def store(db: Database) -> StoreRow:
    """The store, with tea and a cup in its account's mirror."""
    _, store = opened(db)
    with db.write() as conn:
        mirror.store_products(conn, store.account_id, [TEA, CUP], NOON)
    return store


def test_what_is_held_comes_back_by_class_and_code(db: Database, store: StoreRow) -> None:
    """Every value of a held change is kept as it was, also what no database takes as text."""
    odd = replace(OTHER, rule="a\0b", before=None)
    with db.write() as conn:
        held.hold(conn, store.id, [STOCK, odd, PRICE])
        assert held.held_changes(conn, store.id) == [PRICE, replace(odd, rule="a\\x00b"), STOCK]
        assert held.count(conn, store.id) == 3


def test_a_field_is_held_once(db: Database, store: StoreRow) -> None:
    """Held again with another value, a field has the later one."""
    again = replace(STOCK, after="-1", judged_at=LATER)
    with db.write() as conn:
        held.hold(conn, store.id, [STOCK])
        held.hold(conn, store.id, [again])
        held.hold(conn, store.id, [])
        assert held.held_changes(conn, store.id) == [again]


def test_what_is_held_belongs_to_its_store(db: Database, store: StoreRow) -> None:
    """Releasing and approving in one store leaves another's alone."""
    with db.write() as conn:
        other = accounts.ensure_store(conn, "other", store.account_id, "memory")
        held.hold(conn, store.id, [STOCK])
        held.hold(conn, other.id, [STOCK])
        held.release(conn, store.id, [TEA.guid])
        held.approve(conn, store.id, "abc", [STOCK], LATER)
        assert held.held_changes(conn, store.id) == []
        assert held.held_changes(conn, other.id) == [STOCK]
        assert held.approved(conn, other.id, NOON) == set()


def test_approving_releases_exactly_what_was_approved(db: Database, store: StoreRow) -> None:
    """The other field of the same product stays held."""
    with db.write() as conn:
        held.hold(conn, store.id, [STOCK, PRICE, OTHER])
        held.approve(conn, store.id, "abc", [STOCK, OTHER], LATER)
        held.approve(conn, store.id, "none", [], LATER)
        assert held.held_changes(conn, store.id) == [PRICE]
        assert held.approved(conn, store.id, NOON) == {(TEA.guid, "stock", "0"), (CUP.guid, "stock", "0")}


def test_an_approval_is_over_at_its_time(db: Database, store: StoreRow) -> None:
    """What has expired is approved no more, and is pruned."""
    with db.write() as conn:
        held.approve(conn, store.id, "abc", [STOCK], LATER)
        assert held.approved(conn, store.id, LATER - MINUTE) == {(TEA.guid, "stock", "0")}
        assert held.approved(conn, store.id, LATER) == set()
        assert (held.prune(conn, LATER - MINUTE), held.prune(conn, LATER), held.prune(conn, LATER)) == (
            0,
            1,
            0,
        )


def test_a_later_approval_takes_the_place_of_the_first(db: Database, store: StoreRow) -> None:
    """A field is approved for one value at a time; one that is used up is approved for none."""
    with db.write() as conn:
        held.approve(conn, store.id, "abc", [PRICE], LATER)
        held.approve(conn, store.id, "def", [replace(PRICE, after="75")], LATER)
        assert held.approved(conn, store.id, NOON) == {(TEA.guid, "price", "75")}
        held.use_up(conn, store.id, [CUP.guid])
        assert len(held.approved(conn, store.id, NOON)) == 1
        held.use_up(conn, store.id, [TEA.guid])
        assert held.approved(conn, store.id, NOON) == set()


def test_the_share_is_counted_by_product(db: Database, store: StoreRow) -> None:
    """Each class counts a product once, whatever run wrote it; refused writes and older ones do not count."""
    zero = Change(TEA.guid, "TEA-100", "17", "stock", "5", "0", "available 0", "sent", "zero")
    with db.write() as conn:
        run = runs.start(conn, "recent", store.account_id, store.id, "me", NOON)
        old = replace(zero, guid=CUP.guid)
        audit.record(conn, store.id, run, [old], NOON - MINUTE)
        audit.record(conn, store.id, run, [zero, replace(zero, field="price", kind="price")], NOON)
        audit.record(conn, store.id, run, [replace(zero, outcome="done")], LATER)
        audit.record(conn, store.id, run, [replace(old, outcome="refused"), replace(old, kind="")], LATER)
        assert audit.affected(conn, store.id, NOON) == {"zero": {TEA.guid}, "price": {TEA.guid}}
        assert audit.affected(conn, store.id + 1, NOON) == {}


def test_settled_listings_are_not_behind(db: Database, store: StoreRow) -> None:
    """A listing of which everything waits for a person is as far as it can come at its revision."""
    with db.write() as conn:
        planned = (("stock", "5", "0", "available 0"),)
        links.save_links(conn, store.id, [Link(TEA.guid, "17", planned=planned), Link(CUP.guid, "18")], NOON)
        assert links.count_behind(conn, store) == 2
        links.settle(conn, store, {TEA.guid: 1, CUP.guid: 1}, NOON)
        links.settle(conn, store, {}, NOON)
        assert (links.count_behind(conn, store), links.planned(conn, store.id)) == (0, [])
        links.reset(conn, store.id, [TEA.guid])
        assert [row.product.guid for row in links.behind(conn, store, 10)] == [TEA.guid]

"""The mirror takes over what Unleashed last said, and its revision moves only when that changed."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from syncd.core.model import Product, Tier
from syncd.state import accounts, mirror
from syncd.state.db import Connection, Database
from syncd.state.records import AccountRow
from tests.databases import NOON
from tests.state.samples import CUP, MINUTE, TEA, numbered, opened, stock

LATER = NOON + MINUTE


@pytest.fixture
def shop(db: Database) -> AccountRow:
    """The account, with tea and a cup in its mirror."""
    account, _ = opened(db)
    with db.write() as conn:
        mirror.store_products(conn, account.id, [TEA, CUP], NOON)
    return account


def revision(conn: Connection, guid: str = TEA.guid) -> int:
    """Return the revision that the mirror has of a product."""
    return mirror.by_guid(conn, 1, [guid])[guid].revision


def test_first_sight_of_a_product(db: Database, shop: AccountRow) -> None:
    """A new product starts at revision 1, seen and synced when its request was made."""
    with db.read() as conn:
        one = mirror.by_guid(conn, shop.id, [TEA.guid])[TEA.guid]
    assert (one.revision, one.first_seen, one.synced_at, one.stock, one.link) == (1, NOON, NOON, (), None)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Green tea"},
        {"code": "TEA-100 "},
        {"price": Decimal("1774.93449333333334")},
        {"price": None},
        {"tiers": (Tier(1, "Wholesale", Decimal("7.6")), Tier(2, "VIP", None))},
        {"obsolete": True},
        {"sellable": False},
        {"component": True},
        {"assembled": True},
        {"never_diminishing": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_changed_content_moves_the_revision(db: Database, shop: AccountRow, change: dict[str, Any]) -> None:
    """A change of any field that matters moves the revision by one and keeps the first sight."""
    changed = dataclasses.replace(TEA, **change)
    with db.write() as conn:
        seen = mirror.store_products(conn, shop.id, [changed, CUP], LATER)
        one = mirror.by_guid(conn, shop.id, [TEA.guid])[TEA.guid]
        assert revision(conn, CUP.guid) == 1
    assert (seen.rows, seen.changed) == (2, 1)
    assert (one.product, one.revision, one.first_seen, one.synced_at) == (changed, 2, NOON, LATER)


@pytest.mark.parametrize(
    "same",
    [
        dataclasses.replace(TEA, modified=NOON + timedelta(days=1)),
        dataclasses.replace(TEA, tiers=(Tier(1, "Wholesale", Decimal("7.500")), Tier(2, "VIP", None))),
        dataclasses.replace(TEA, price=Decimal("1774.934493333333330")),
    ],
    ids=["modified", "tier", "price"],
)
def test_same_content_leaves_the_revision(db: Database, shop: AccountRow, same: Product) -> None:
    """A new stamp or more zeros behind the point are kept, but nothing has changed."""
    with db.write() as conn:
        seen = mirror.store_products(conn, shop.id, [same], LATER)
        one = mirror.by_guid(conn, shop.id, [TEA.guid])[TEA.guid]
    assert (seen.rows, seen.changed) == (1, 0)
    assert (one.revision, one.synced_at, one.product.modified) == (1, LATER, same.modified)


def test_answer_requested_earlier_does_not_overwrite(db: Database, shop: AccountRow) -> None:
    """An old answer that arrives late leaves what a later request has said, and counts as nothing."""
    old = dataclasses.replace(TEA, name="Old name")
    with db.write() as conn:
        mirror.store_stock(conn, shop.id, [stock(TEA.guid, 5)], NOON)
        before = mirror.by_guid(conn, shop.id, [TEA.guid])
        seen = mirror.store_products(conn, shop.id, [old], NOON - MINUTE)
        rows = mirror.store_stock(conn, shop.id, [stock(TEA.guid, 7)], NOON - MINUTE)
        assert mirror.by_guid(conn, shop.id, [TEA.guid]) == before
    assert (seen.rows, seen.changed, rows.rows, rows.changed) == (0, 0, 0, 0)


def test_last_of_two_rows_wins(db: Database, shop: AccountRow) -> None:
    """A page with the same product or stock row twice counts once, the last one."""
    with db.write() as conn:
        rows = [dataclasses.replace(TEA, name=name) for name in ("a", "b")]
        assert mirror.store_products(conn, shop.id, rows, LATER).rows == 1
        assert mirror.store_stock(conn, shop.id, [stock(TEA.guid, 1), stock(TEA.guid, 2)], LATER).rows == 1
        one = mirror.by_guid(conn, shop.id, [TEA.guid])[TEA.guid]
    assert one.product.name == "b"
    assert [row.available for row in one.stock] == [2]


def test_changed_stock_moves_the_products_revision(db: Database, shop: AccountRow) -> None:
    """New or different stock moves its product's revision once a batch; equal stock does not."""
    with db.write() as conn:
        both = [stock(TEA.guid, 3), stock(TEA.guid, 1, "W2")]
        assert mirror.store_stock(conn, shop.id, both, NOON).changed == 2
        assert revision(conn) == 2
        assert mirror.store_stock(conn, shop.id, [stock(TEA.guid, "3.00", modified=NOON)], LATER).changed == 0
        assert revision(conn) == 2
        assert mirror.store_stock(conn, shop.id, [stock(TEA.guid, "2.5")], LATER).changed == 1
        assert (revision(conn), revision(conn, CUP.guid)) == (3, 1)


def test_stock_may_come_before_its_product(db: Database) -> None:
    """A stock row of a product not yet known is kept and there when the product comes."""
    opened(db)
    with db.write() as conn:
        assert mirror.store_stock(conn, 1, [stock(TEA.guid, 4)], NOON).changed == 1
        mirror.store_products(conn, 1, [TEA], LATER)
        one = mirror.by_guid(conn, 1, [TEA.guid])[TEA.guid]
    assert (one.revision, one.stock) == (1, (stock(TEA.guid, 4),))


def test_absent_stock_is_an_explicit_zero(db: Database, shop: AccountRow) -> None:
    """A product left out of a complete read has zero stock there; other warehouses keep theirs."""
    with db.write() as conn:
        mirror.store_stock(conn, shop.id, [stock(TEA.guid, 3), stock(TEA.guid, 1, "W2")], NOON)
        mirror.set_absent_stock(conn, shop.id, "W1", [TEA.guid, CUP.guid], LATER)
        found = mirror.by_guid(conn, shop.id, [TEA.guid, CUP.guid])
    assert [row.available for row in found[TEA.guid].stock] == [0, 1]
    assert [row.available for row in found[CUP.guid].stock] == [0]


def test_stamps_are_those_received(db: Database, shop: AccountRow) -> None:
    """The stamps of every row received are handed back, also of rows that were not taken over."""
    rows = [numbered(1, modified=NOON), numbered(2), numbered(3, modified=LATER)]
    with db.write() as conn:
        assert mirror.store_products(conn, shop.id, rows, NOON).stamps == (NOON, LATER)
        assert mirror.store_products(conn, shop.id, rows, NOON - MINUTE).stamps == (NOON, LATER)


def test_code_is_found_trimmed_and_exact(db: Database, shop: AccountRow) -> None:
    """A code finds every product that has it, spaces around it aside; case and inner spaces count."""
    rows = [
        numbered(1, code=" A 1 "),
        numbered(2, code="A 1"),
        numbered(3, code="a 1"),
        numbered(4, code="A  1"),
    ]
    with db.write() as conn:
        mirror.store_products(conn, shop.id, rows, NOON)
        assert [one.product.guid for one in mirror.by_code(conn, shop.id, "A 1 ")] == [
            rows[0].guid,
            rows[1].guid,
        ]
        assert [one.product.guid for one in mirror.by_code(conn, shop.id, "a 1")] == [rows[2].guid]
        assert mirror.by_code(conn, shop.id, "A") == []


def test_shared_codes_name_their_products(db: Database, shop: AccountRow) -> None:
    """For each code asked for, all its products are named with whether they are obsolete."""
    rows = [numbered(1, code="X"), numbered(2, code=" X", obsolete=True), numbered(3, code="Y")]
    with db.write() as conn:
        mirror.store_products(conn, shop.id, rows, NOON)
        found = mirror.guids_sharing_code(conn, shop.id, ["X ", "nothing"])
    assert found == {"X": [(rows[0].guid, False), (rows[1].guid, True)]}


def test_accounts_do_not_mix(db: Database, shop: AccountRow) -> None:
    """The same guid in two accounts is two products."""
    with db.write() as conn:
        other = accounts.ensure_account(conn, "other")
        mirror.store_products(conn, other.id, [dataclasses.replace(TEA, name="Other")], LATER)
        mirror.store_stock(conn, other.id, [stock(TEA.guid, 9)], LATER)
        one = mirror.by_guid(conn, shop.id, [TEA.guid])[TEA.guid]
        assert mirror.count_products(conn, other.id) == 1
    assert (one.product.name, one.revision, one.stock) == (TEA.name, 1, ())


def test_products_without_stock_are_named(db: Database, shop: AccountRow) -> None:
    """Products without a row in a warehouse are named, all or those first seen after a time."""
    with db.write() as conn:
        mirror.store_products(conn, shop.id, [numbered(1), numbered(2)], LATER)
        mirror.store_stock(conn, shop.id, [stock(TEA.guid, 1), stock(numbered(1).guid, 0, "W2")], LATER)
        every = mirror.stockless(conn, shop.id, "W1", None, 10)
        newer = mirror.stockless(conn, shop.id, "W1", NOON, 10)
        assert every == [CUP.guid, numbered(1).guid, numbered(2).guid]
        assert newer == every[1:]
        assert mirror.stockless(conn, shop.id, "W1", None, 1) == every[:1]
        assert mirror.stockless(conn, shop.id, "W2", LATER, 10) == []


def test_products_are_counted(db: Database, shop: AccountRow) -> None:
    """All products count; the coverage is about those not obsolete, and which of them have a stock row."""
    with db.write() as conn:
        mirror.store_products(conn, shop.id, [numbered(1, obsolete=True)], NOON)
        rows = [stock(TEA.guid, 0), stock(TEA.guid, 0, "W2"), stock(numbered(1).guid, 4), stock("unknown", 1)]
        mirror.store_stock(conn, shop.id, rows, NOON)
        assert mirror.count_products(conn, shop.id) == 3
        assert mirror.stock_coverage(conn, shop.id) == (2, 1)


def test_a_changed_meaning_of_absence_puts_products_without_stock_behind(
    db: Database, shop: AccountRow
) -> None:
    """When a missing row begins or ceases to mean zero, the products without one are looked at again."""
    with db.write() as conn:
        mirror.store_stock(conn, shop.id, [stock(TEA.guid, 4, "W1")], NOON)
        before = mirror.by_guid(conn, shop.id, [TEA.guid, CUP.guid])
        mirror.touch_stockless(conn, shop.id, "W1", LATER)
        after = mirror.by_guid(conn, shop.id, [TEA.guid, CUP.guid])
    assert after[TEA.guid].revision == before[TEA.guid].revision
    assert after[CUP.guid].revision == before[CUP.guid].revision + 1


def test_a_product_that_is_gone_keeps_what_was_said_of_it(db: Database, shop: AccountRow) -> None:
    """It is marked once, its revision moves, and it no longer counts; its rivals see it as obsolete."""
    with db.write() as conn:
        assert mirror.mark_gone(conn, shop.id, TEA.guid, LATER)
        assert not mirror.mark_gone(conn, shop.id, TEA.guid, LATER + MINUTE)
        assert not mirror.mark_gone(conn, shop.id, numbered(1).guid, LATER)
        one = mirror.by_guid(conn, shop.id, [TEA.guid])[TEA.guid]
        assert one.product == dataclasses.replace(TEA, gone=True)
        assert (one.revision, one.synced_at) == (2, LATER)
        assert mirror.count_products(conn, shop.id) == 1
        assert mirror.guids_sharing_code(conn, shop.id, [TEA.code]) == {TEA.code: [(TEA.guid, True)]}
        assert mirror.stockless(conn, shop.id, "W1", None, 10) == [CUP.guid]


def test_a_product_that_is_read_again_is_back(db: Database, shop: AccountRow) -> None:
    """Any later read brings it back with the same content, and moves the revision; a reread does not."""
    with db.write() as conn:
        mirror.mark_gone(conn, shop.id, TEA.guid, LATER)
        assert mirror.store_products(conn, shop.id, [TEA], NOON).changed == 0
        assert mirror.by_guid(conn, shop.id, [TEA.guid])[TEA.guid].product.gone
        assert mirror.store_products(conn, shop.id, [TEA], LATER + MINUTE).changed == 1
        one = mirror.by_guid(conn, shop.id, [TEA.guid])[TEA.guid]
        assert (one.product, one.revision) == (TEA, 3)
        assert mirror.store_products(conn, shop.id, [TEA], LATER + 2 * MINUTE).changed == 0
        assert revision(conn) == 3


def test_a_read_that_came_later_is_not_undone(db: Database, shop: AccountRow) -> None:
    """A 404 that was asked for before the product was read does not mark it; a clock set back may."""
    with db.write() as conn:
        mirror.store_products(conn, shop.id, [TEA], LATER)
        assert not mirror.mark_gone(conn, shop.id, TEA.guid, NOON)
        assert mirror.mark_gone(conn, shop.id, TEA.guid, LATER - timedelta(days=1))


def test_more_rows_than_a_statement_takes(db: Database, shop: AccountRow) -> None:
    """A list longer than one statement's parameters is stored and read whole."""
    many = [numbered(number) for number in range(2500)]
    with db.write() as conn:
        assert mirror.store_products(conn, shop.id, many, NOON).changed == 2500
        assert mirror.store_stock(conn, shop.id, [stock(one.guid, 1) for one in many], NOON).changed == 2500
        assert len(mirror.by_guid(conn, shop.id, [one.guid for one in many])) == 2500
        assert len(mirror.guids_sharing_code(conn, shop.id, [one.code for one in many])) == 2500

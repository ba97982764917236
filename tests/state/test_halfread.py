"""What is kept of a feed that is half read: how far, what its lists held, and what was proven at the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from syncd.core.model import StockRow
from syncd.core.passes import HalfRead, Notes
from syncd.state import certificates, halfread, listed, mirror
from syncd.state.calibration import calibrations, save_calibration
from syncd.state.certificates import Certificate
from syncd.state.db import Database
from syncd.state.records import AccountRow
from syncd.state.schema import mirror_product
from tests.databases import NOON
from tests.state.samples import MINUTE, numbered, opened, stock

DAY = timedelta(days=1)
FIVE = [numbered(number) for number in range(5)]
GUIDS = [product.guid for product in FIVE]


@pytest.fixture
def main(db: Database) -> AccountRow:
    """Return the account "main", whose mirror has five products read at noon."""
    account, _ = opened(db)
    with db.write() as conn:
        mirror.store_products(conn, account.id, FIVE, NOON)
        mirror.store_stock(conn, account.id, [stock(guid, 1, modified=NOON) for guid in GUIDS], NOON)
    return account


def test_how_far_a_read_has_come_is_kept(db: Database, main: AccountRow) -> None:
    """Everything that the next run needs comes back as it was, until the read is forgotten."""
    notes = Notes("it shrank", 7, NOON, 1, ("row 3 of page 2", GUIDS[0]))
    whole = HalfRead("recent", "stock", "W1", 4, NOON - DAY, NOON, NOON, 3, 2, 9, 1000, 10, 11, NOON, notes)
    other = HalfRead("sweep", "stock", "W1", 5, None, NOON, NOON)
    with db.write() as conn:
        halfread.save_half_read(conn, main.id, replace(whole, next_page=2, newest=None))
        halfread.save_half_read(conn, main.id, other)
        halfread.save_half_read(conn, main.id, whole)
    with db.write() as conn:
        assert halfread.half_reads(conn, main.id) == [whole, other]
        assert halfread.half_read(conn, main.id, "sweep", "stock", "W1") == other
        assert halfread.half_read(conn, main.id, "sweep", "stock", "") is None
        halfread.drop_half_read(conn, main.id, whole)
        assert halfread.half_reads(conn, main.id) == [other]


@pytest.mark.parametrize(("feed", "warehouse"), [("products", ""), ("stock", "W1")])
def test_different_rows_are_counted(db: Database, main: AccountRow, feed: str, warehouse: str) -> None:
    """A row listed twice counts once, and poison counts once whether or not the mirror has its row."""
    with db.write() as conn:
        listed.mark(conn, main.id, feed, warehouse, GUIDS[:3], 4)
        listed.mark(conn, main.id, feed, warehouse, [*GUIDS[2:4], "unknown"], 4)
        assert listed.distinct(conn, main.id, feed, warehouse, 4, [], later=False) == 4
        poison = [GUIDS[3], "unknown", "row 3 of page 2"]
        assert listed.distinct(conn, main.id, feed, warehouse, 4, poison, later=False) == 6


def test_what_a_later_pass_listed_counts_for_a_full_read(db: Database, main: AccountRow) -> None:
    """A poll that lists rows again takes them from no full read that is under way."""
    with db.write() as conn:
        listed.mark(conn, main.id, "products", "", GUIDS[:3], 4)
        listed.mark(conn, main.id, "products", "", GUIDS[2:], 5)
        assert listed.distinct(conn, main.id, "products", "", 4, [], later=True) == 5
        assert listed.distinct(conn, main.id, "products", "", 4, [], later=False) == 2


def test_unknown_rows_are_counted(db: Database, main: AccountRow) -> None:
    """A product counts as unknown if the mirror first saw it since; a stock row if there is none."""
    asked = [*GUIDS[:2], "new"]
    with db.write() as conn:
        assert listed.unknown(conn, main.id, "products", "", asked, NOON + MINUTE) == 1
        assert listed.unknown(conn, main.id, "products", "", asked, NOON) == 3
        assert listed.unknown(conn, main.id, "stock", "W1", asked, NOON) == 1
        assert listed.unknown(conn, main.id, "stock", "W2", asked, NOON) == 3


def test_what_a_full_read_left_out_is_found(db: Database, main: AccountRow) -> None:
    """Rows not read since a full read began are named, but no zero of a product that never moved."""
    with db.write() as conn:
        mirror.set_absent_stock(conn, main.id, "W1", [GUIDS[4]], NOON + MINUTE)
        mirror.store_products(conn, main.id, FIVE[:3], NOON + DAY)
        mirror.store_stock(conn, main.id, [stock(GUIDS[0], 1, modified=NOON)], NOON + DAY)
        mirror.mark_gone(conn, main.id, GUIDS[3], NOON + MINUTE)
        assert listed.unlisted_products(conn, main.id, NOON + DAY) == [GUIDS[4]]
        assert listed.unlisted_stock(conn, main.id, "W1", NOON + DAY) == GUIDS[1:3]


def test_listed_products_are_verified(db: Database, main: AccountRow) -> None:
    """Only what was read since the full read began is noted as verified, and never earlier than it was."""
    with db.write() as conn:
        mirror.store_products(conn, main.id, FIVE[:3], NOON + DAY)
        last = listed.set_verified(conn, main.id, NOON + DAY, NOON, "")
        assert listed.set_verified(conn, main.id, NOON + DAY, NOON, last) == ""
        listed.set_verified(conn, main.id, NOON, NOON - DAY, "")
        rows = conn.execute(select(mirror_product.c.verified_at).order_by(mirror_product.c.guid))
        assert list(rows.scalars()) == [NOON, NOON, NOON, NOON - DAY, NOON - DAY]


def test_stamps_are_held_against_the_question(db: Database, main: AccountRow) -> None:
    """Of a day's rows before the moment asked for: listed and left out; of those after it: left out."""
    rows = [
        StockRow(guid, "W1", Decimal(2), modified=NOON.replace(hour=hour))
        for guid, hour in zip(GUIDS, (1, 2, 3, 20, 21), strict=True)
    ]
    with db.write() as conn:
        mirror.store_stock(conn, main.id, rows, NOON + MINUTE)
        listed.mark(conn, main.id, "stock", "W1", [GUIDS[0], GUIDS[3]], 9)
        assert listed.around(conn, main.id, "stock", "W1", NOON, 9) == (1, 2, 1)
        assert listed.around(conn, main.id, "stock", "W1", NOON + DAY, 9) == (0, 0, 0)
        moments = [NOON - DAY, NOON, NOON + DAY]
        assert listed.stamped_since(conn, main.id, "stock", "W1", moments) == [5, 2, 0]
        assert listed.stamped_since(conn, main.id, "stock", "W2", moments) == [0, 0, 0]


def test_certificates_are_kept_for_a_year_and_a_bit(db: Database, main: AccountRow) -> None:
    """The latest come first; those of other feeds stay, old ones of this feed go."""
    first = Certificate("products", "", NOON, NOON + MINUTE, 5, 1, 1)
    other = Certificate("stock", "W1", NOON, NOON + MINUTE, 5, 1, 1)
    second = replace(first, started_at=NOON + DAY, ended_at=NOON + DAY)
    third = replace(first, started_at=NOON + 402 * DAY, ended_at=NOON + 402 * DAY)
    with db.write() as conn:
        for each in (first, other, second):
            certificates.save_certificate(conn, main.id, each)
        assert certificates.certificates(conn, main.id, "products", "", 9) == [second, first]
        assert certificates.certificates(conn, main.id, "products") == [second]
        certificates.save_certificate(conn, main.id, third)
        assert certificates.certificates(conn, main.id, "products", "", 9) == [third]
        assert certificates.certificates(conn, main.id, "stock", "W1", 9) == [other]
    assert str(replace(other, rows=8119)) == "stock:W1: complete: 8,119 of 8,119"


def test_what_was_learned_is_kept_with_its_evidence(db: Database, main: AccountRow) -> None:
    """A later finding takes the place of an earlier one of the same name."""
    with db.write() as conn:
        save_calibration(conn, main.id, "stamp_utc", "unknown", {"products": {"2026-11-21": 3.5}}, NOON)
        save_calibration(conn, main.id, "stamp_utc", "utc", {"products": {"2026-11-22": 1}}, NOON + DAY)
        (found,) = calibrations(conn, main.id).values()
    assert (found.value, found.evidence, found.at) == ("utc", {"products": {"2026-11-22": 1}}, NOON + DAY)

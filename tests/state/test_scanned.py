"""What a scan saw is kept page by page, gone on with, and given back as it was."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from syncd.core.model import Content, ListingStatus, Shown
from syncd.state import links, mirror, scanned
from syncd.state.db import Database
from syncd.state.records import Scan, StoreRow
from tests.databases import NOON
from tests.state.samples import numbered, opened

HOUR = timedelta(hours=1)
TRASH = ListingStatus.TRASH
ODD = Shown(
    "12/13",
    'it\'s "odd" \ufffd 茶',
    Content("null", Decimal("9.50"), None, ListingStatus.LIVE),
    "reduced-rate",
    {"stock": "the shop does not track it", "name": "from its parent"},
    ("14", "15"),
)


def shown(ref: str, code: str, status: ListingStatus = ListingStatus.LIVE) -> Shown:
    """Return a record as a scan saw it."""
    return Shown(ref, code, Content(f"Name {ref}", Decimal(1), Decimal(2), status))


def kept(db: Database, store: StoreRow, state: Scan, *items: Shown) -> None:
    """Keep one page."""
    with db.write() as conn:
        scanned.save_page(conn, store.id, state, items)


def everything(db: Database, store: StoreRow) -> list[str]:
    """Return the refs of everything the scan holds."""
    with db.read() as conn:
        return [each.ref for each in scanned.everything(conn, store.id)]


def test_a_record_comes_back_as_it_was(db: Database) -> None:
    """Every value of a record survives, however odd, by ref and among everything."""
    _, store = opened(db)
    kept(db, store, Scan(1, None, NOON, NOON), ODD)
    with db.read() as conn:
        assert scanned.by_refs(conn, store.id, ["12/13", "99"]) == {"12/13": ODD}
        assert scanned.everything(conn, store.id) == [ODD]


def test_a_completed_scan_forgets_what_it_did_not_see(db: Database) -> None:
    """Until a scan is complete nothing is forgotten; then only what it saw remains, as it saw it last."""
    _, store = opened(db)
    kept(db, store, Scan(1, None, NOON, NOON), shown("1", "A"), shown("2", "B"))
    kept(db, store, Scan(2, "next", NOON, None), shown("2", "B2"), shown("2", "B3"))
    assert everything(db, store) == ["1", "2"]
    kept(db, store, Scan(2, None, NOON, NOON), shown("3", "C"))
    with db.read() as conn:
        assert [(each.ref, each.code) for each in scanned.everything(conn, store.id)] == [
            ("2", "B3"),
            ("3", "C"),
        ]


def test_codes_are_found_as_a_look_finds_them(db: Database) -> None:
    """By code: exact, never from the bin, the smallest ref first with the others named."""
    _, store = opened(db)
    items = (shown("100", "TEA"), shown("12", "TEA"), shown("9", "TEA", TRASH), shown("7", "tea"))
    kept(db, store, Scan(1, None, NOON, NOON), *items)
    with db.read() as conn:
        found = scanned.by_codes(conn, store.id, ["TEA", "POT"])
    assert {code: (each.ref, each.duplicates) for code, each in found.items()} == {"TEA": ("12", ("100",))}


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (None, Scan(1, None, NOON, None)),
        (Scan(4, None, NOON - HOUR, NOON - HOUR), Scan(5, None, NOON, None)),
        (Scan(4, "page 3", NOON - 23 * HOUR, None), Scan(4, "page 3", NOON - 23 * HOUR, None)),
        (Scan(4, "page 3", NOON - 25 * HOUR, None), Scan(5, None, NOON, None)),
        (Scan(4, "page 3", NOON + 25 * HOUR, None), Scan(5, None, NOON, None)),
    ],
)
def test_which_scan_to_go_on_with(before: Scan | None, expected: Scan) -> None:
    """One that broke off less than a day ago is gone on with; any other is begun anew."""
    assert scanned.next_scan(before, NOON) == expected


def test_how_far_a_scan_has_come_is_kept(db: Database) -> None:
    """The scan's position is that of the last page kept; a store never scanned has none."""
    _, store = opened(db)
    with db.read() as conn:
        assert scanned.scan(conn, store.id) is None
    kept(db, store, Scan(1, "page 2", NOON, None), shown("1", "A"))
    with db.read() as conn:
        assert scanned.scan(conn, store.id) == Scan(1, "page 2", NOON, None)


def test_the_mirror_is_paged_by_code(db: Database) -> None:
    """Page by page every product comes once, in the order of codes, whatever they were stored as."""
    account, store = opened(db)
    codes = ["b", "A", "a", "Ä", "0", "b"]
    products = [numbered(place, code=code) for place, code in enumerate(codes)]
    with db.write() as conn:
        mirror.store_products(conn, account.id, products, NOON)
    after: tuple[str, str] | None = None
    found: list[str] = []
    for _ in range(10):
        with db.read() as conn:
            rows = links.everything(conn, store, 2, after)
        found += [row.product.code for row in rows]
        after = (rows[-1].product.code.strip(), rows[-1].product.guid) if rows else after
    assert found == ["0", "A", "a", "b", "b", "Ä"]

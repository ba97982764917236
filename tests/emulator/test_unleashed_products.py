"""The emulated Products list filters, orders and tells of changes as the real one may."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from syncd.emulator.unleashed import UnleashedEmulator
from syncd.emulator.unleashed_books import Books
from tests.emulator.unleashed_caller import (
    NOWHERE,
    START,
    Clock,
    ask,
    codes,
    numbered,
    read,
    setting,
)

# Products


def test_products_come_by_code(company: UnleashedEmulator, books: Books) -> None:
    """The order is by code without regard to case, also after a code was changed."""
    for code in ("b", "A", "c"):
        books.add_product(code)
    books.change_product(books.by_code("c")[0].guid, code="AA")
    assert codes(company, "/Products") == ["A", "AA", "b"]


def test_order_by_stamp(company: UnleashedEmulator, books: Books, clock: Clock) -> None:
    """orderBy=LastModifiedOn sorts nulls first, sort=desc turns it round, a setting ignores both."""
    guids = numbered(books, 3)
    clock.pass_by(minutes=1)
    books.change_product(guids[0], name="changed last")
    books.change_product(guids[2], LastModifiedOn=None)
    assert codes(company, "/Products", "orderBy=LastModifiedOn") == ["P-002", "P-001", "P-000"]
    assert codes(company, "/Products", "orderBy=LastModifiedOn&sort=desc") == ["P-000", "P-001", "P-002"]
    assert ask(company, "/Products", "orderBy=Colour").status == 400
    setting(company, order_by_honoured=False)
    assert codes(company, "/Products", "orderBy=LastModifiedOn") == ["P-000", "P-001", "P-002"]


def test_text_filters(company: UnleashedEmulator, books: Books) -> None:
    """productCode matches the start, product matches anywhere in code or name; case does not matter."""
    books.add_product("TEA-1", "Green tea", barcode="123", group={"GroupName": "Tea"})
    books.add_product("TEA-10", "Black tea")
    books.add_product("POT-1", "Pot for tea-1")
    assert codes(company, "/Products", "productCode=tea-1") == ["TEA-1", "TEA-10"]
    assert codes(company, "/Products", "product=tea-1") == ["POT-1", "TEA-1", "TEA-10"]
    assert codes(company, "/Products", "productDescription=black") == ["TEA-10"]
    assert codes(company, "/Products", "productBarcode=123") == ["TEA-1"]
    assert codes(company, "/Products", "productGroup=Tea") == ["TEA-1"]
    setting(company, case_matters=True)
    assert codes(company, "/Products", "productCode=tea-1") == []


def test_obsolete_products_hide(company: UnleashedEmulator, books: Books) -> None:
    """Obsolete products are listed only when asked for, but answer by guid always."""
    books.add_product("OLD", obsolete=True)
    guid = books.by_code("OLD")[0].guid
    assert codes(company, "/Products", f"productId={guid}") == []
    assert codes(company, "/Products", f"productId={guid}&includeObsolete=true") == ["OLD"]
    assert read(company, f"/Products/{guid.upper()}")["Obsolete"] is True


def test_components_and_assemblies_are_left_out_on_request(company: UnleashedEmulator, books: Books) -> None:
    """excludeComponents and excludeAssembled leave those products out."""
    books.add_product("LEAF", component=True)
    books.add_product("BOX", assembled=True)
    assert codes(company, "/Products", "excludeComponents=true") == ["BOX"]
    assert codes(company, "/Products", "excludeAssembled=true") == ["LEAF"]


def test_product_id_filter(company: UnleashedEmulator, books: Books) -> None:
    """productId takes a list and ignores unknown guids; settings ignore it or lose one row."""
    guids = numbered(books, 4)
    query = f"productId={guids[2]},{guids[0]},{NOWHERE}"
    assert codes(company, "/Products", query) == ["P-000", "P-002"]
    assert ask(company, "/Products", "productId=P-000").status == 400
    setting(company, product_id_filter="misses_one")
    assert codes(company, "/Products", query) == ["P-000"]
    assert codes(company, "/Products", f"productId={guids[2]}") == ["P-002"]
    setting(company, product_id_filter="ignored")
    assert len(codes(company, "/Products", query)) == 4


def test_filter_that_is_not_emulated_says_so(company: UnleashedEmulator) -> None:
    """A documented parameter the emulator lacks is answered 501 rather than silently ignored."""
    assert ask(company, "/Products", "brief=true").status == 501


def test_numbers_and_dates_are_written_as_stored(company: UnleashedEmulator, books: Books) -> None:
    """Decimals keep all their places, tiers are text or null, dates are escaped milliseconds."""
    guid = books.add_product("A", "Café", "1774.93449333333333", tiers={1: Decimal("15"), 2: None})
    body = ask(company, "/Products").body()
    assert b'"DefaultSellPrice":1774.93449333333333,' in body
    assert rb'"LastModifiedOn":"\/Date(1795262400000)\/"' in body
    assert "Café".encode() in body
    row = read(company, f"/Products/{guid}")
    assert (row["SellPriceTier1"]["Value"], row["SellPriceTier2"]["Value"]) == ("15.0000", None)


def test_renamed_tier_shows_everywhere_unstamped(company: UnleashedEmulator, books: Books) -> None:
    """A tier's label is part of every product's row and changes without a stamp."""
    guid = books.add_product("A")
    before = read(company, f"/Products/{guid}")
    books.tier_names[0] = "Retail"
    after = read(company, f"/Products/{guid}")
    assert (before["SellPriceTier1"]["Name"], after["SellPriceTier1"]["Name"]) == ("", "Retail")
    assert before["LastModifiedOn"] == after["LastModifiedOn"]


# Changed since


def test_modified_since_is_inclusive_or_not(company: UnleashedEmulator, books: Books) -> None:
    """A row stamped exactly then matches unless the setting says otherwise; a null stamp never does."""
    books.add_product("A")
    books.add_product("NULL", bump=False)
    query = f"modifiedSince={START:%Y-%m-%dT%H:%M:%S}"
    assert codes(company, "/Products", query) == ["A"]
    setting(company, since_inclusive=False)
    assert codes(company, "/Products", query) == []


def test_modified_since_may_be_cut_to_the_day(company: UnleashedEmulator, books: Books) -> None:
    """With the setting, the time part counts for nothing."""
    books.add_product("A")
    query = f"modifiedSince={START + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}"
    assert codes(company, "/Products", query) == []
    setting(company, since_time_honoured=False)
    assert codes(company, "/Products", query) == ["A"]


def test_modified_since_may_be_local_time(company: UnleashedEmulator, books: Books) -> None:
    """With a zone 13 h ahead, the time asked for lies 13 h earlier in UTC."""
    books.add_product("A")
    query = f"modifiedSince={START + timedelta(hours=13):%Y-%m-%dT%H:%M:%S}"
    assert codes(company, "/Products", query) == []
    setting(company, since_shift_hours=13)
    assert codes(company, "/Products", query) == ["A"]


@pytest.mark.parametrize("value", ["2026-11-21T00:00:00Z", "yesterday", "2026-13-01", "2026-11-21T00:00"])
def test_other_forms_of_modified_since_are_refused(company: UnleashedEmulator, value: str) -> None:
    """Only the documented date and time forms are taken."""
    assert ask(company, "/Products", f"modifiedSince={value}").status == 400


def test_dates_may_be_hours_off(company: UnleashedEmulator, books: Books) -> None:
    """With the setting of 2014, every epoch is 13 h early while modifiedSince still works in UTC."""
    guid = books.add_product("A")
    read(company, f"/Products/{guid}")
    setting(company, epoch_shift_hours=-13, date_header_ahead=timedelta(seconds=314))
    assert read(company, f"/Products/{guid}")["LastModifiedOn"] == f"/Date({1795262400000 - 13 * 3_600_000})/"
    assert ask(company, "/Products").headers["date"] == "Sat, 21 Nov 2026 12:05:14 GMT"


def test_unbumped_change_is_a_ghost(company: UnleashedEmulator, books: Books, clock: Clock) -> None:
    """A change with bump=False is seen by who looks, and by no feed."""
    guid = books.add_product("A", price=1)
    clock.pass_by(hours=1)
    books.change_product(guid, bump=False, price=Decimal("2.5"))
    assert codes(company, "/Products", "modifiedSince=2026-11-21T12:30:00") == []
    assert read(company, f"/Products/{guid}")["DefaultSellPrice"] == 2.5


def test_late_change_appears_with_its_old_stamp(
    company: UnleashedEmulator, books: Books, clock: Clock
) -> None:
    """A late commit is invisible at first and then shows up with the stamp of when it was made."""
    guid = books.add_product("A", "old")
    made = clock.pass_by(minutes=10)
    books.change_product(guid, name="new", late=timedelta(minutes=5))
    books.add_product("B", late=timedelta(minutes=5))
    clock.pass_by(minutes=4)
    assert [row["ProductDescription"] for row in read(company, "/Products")["Items"]] == ["old"]
    clock.pass_by(minutes=1)
    rows = read(company, "/Products", f"modifiedSince={made:%Y-%m-%dT%H:%M:%S}")["Items"]
    assert [row["ProductCode"] for row in rows] == ["A", "B"]


def test_change_waits_for_an_earlier_late_one(books: Books) -> None:
    """Two changes to one product are committed in the order they were made, as under a row lock."""
    guid = books.add_product("A", "first")
    books.change_product(guid, name="second", price=2, late=timedelta(minutes=5))
    books.change_product(guid, name="third")
    product = books.product(guid)
    assert product is not None
    assert (product.name, product.value("DefaultSellPrice")) == ("third", 2)

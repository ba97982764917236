"""What is stored comes back as it was, and what cannot be stored truly is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from syncd.core.model import Poison, Product, StockRow
from syncd.state import mirror, parked, progress
from syncd.state.columns import canonical, storable
from syncd.state.db import Database
from syncd.state.records import Progress
from syncd.state.schema import mirror_stock
from syncd.state.schema import progress as progress_table
from tests.databases import NOON
from tests.state.samples import TEA, opened

SHARED = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
DECIMALS = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=14
) | (st.decimals(allow_nan=False, allow_infinity=False).filter(lambda d: not d or -60 < d.adjusted() < 60))
INSTANTS = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.timezones(),
)


@SHARED
@given(values=st.lists(DECIMALS, min_size=3, max_size=3))
def test_decimals_come_back_exactly(db: Database, values: list[Decimal]) -> None:
    """A decimal of any number of places is read back as the same value."""
    opened(db)
    available, on_hand, allocated = values
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with db.write() as conn:
        conn.execute(mirror_stock.delete())
        mirror.store_stock(conn, 1, [StockRow("g", "W", available, on_hand, allocated)], at)
        (row,) = mirror.stock_of(conn, 1, ["g"])["g"]
    assert [row.available, row.on_hand, row.allocated] == values


@given(value=DECIMALS, zeros=st.integers(0, 5))
def test_equal_decimals_have_equal_text(value: Decimal, zeros: int) -> None:
    """Trailing zeros, exponents and the sign of zero make no difference to the text."""
    padded = Decimal(f"{value:f}" + ("0" * zeros if "." in f"{value:f}" else "." + "0" * zeros))
    assert canonical(padded) == canonical(value)
    assert Decimal(canonical(value)) == value
    assert "E" not in canonical(value)


@pytest.mark.parametrize(
    ("given", "text"),
    [("1E+2", "100"), ("-0.00", "0"), ("1774.93449333333333", "1774.93449333333333"), ("0.10", "0.1")],
)
def test_canonical_text(given: str, text: str) -> None:
    """The text has no exponent, no trailing zeros and no negative zero."""
    assert canonical(Decimal(given)) == text


@pytest.mark.parametrize(
    "bad", [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("1E400"), Decimal("1E-400"), 1.5, 3]
)
def test_what_is_no_exact_decimal_is_refused(db: Database, bad: Any) -> None:
    """NaN, Infinity, absurd exponents and binary fractions never reach the database."""
    opened(db)
    with pytest.raises((StatementError, ValueError, TypeError)), db.write() as conn:
        mirror.store_stock(conn, 1, [StockRow("g", "W", bad)], NOON)
    with db.read() as conn:
        assert conn.execute(select(mirror_stock)).all() == []


@SHARED
@given(instant=INSTANTS)
def test_instants_come_back_in_utc(db: Database, instant: datetime) -> None:
    """A time of any zone is read back as the same instant, aware and in UTC."""
    opened(db)
    with db.write() as conn:
        progress.save_progress(conn, 1, Progress("products", watermark=instant))
        back = progress.progress(conn, 1, "products").watermark
    assert back == instant.astimezone(UTC)
    assert back.utcoffset() == timedelta(0)


def test_times_sort_as_time(db: Database) -> None:
    """The database puts times in order whatever zone and precision they came in."""
    opened(db)
    east = timezone(timedelta(hours=13))
    times = [NOON + timedelta(microseconds=1), NOON.astimezone(east), NOON + timedelta(seconds=1)]
    with db.write() as conn:
        for number, time in enumerate(times):
            progress.save_progress(conn, 1, Progress("products", str(number), watermark=time))
        ordered = conn.execute(select(progress_table.c.watermark).order_by(progress_table.c.watermark))
        assert list(ordered.scalars()) == sorted(times)


def test_naive_time_is_refused(db: Database) -> None:
    """A time without a zone is a mistake in the program and is not stored."""
    opened(db)
    with pytest.raises(StatementError, match="without a zone"), db.write() as conn:
        progress.save_progress(conn, 1, Progress("products", watermark=datetime(2026, 1, 1)))  # noqa: DTZ001


POISON = ["NUL \0 inside", "half a pair \ud800", "\udfff", "kiwi 🥝 ok", "x" * 10_000, ""]


@pytest.mark.parametrize("text", POISON)
def test_poison_text_can_be_kept(db: Database, text: str) -> None:
    """Text that PostgreSQL or UTF-8 cannot hold is kept readable, and its key finds it again."""
    opened(db)
    with db.write() as conn:
        parked.park(conn, 1, "products", [Poison(text, text, text)], NOON)
        (row,) = parked.parked_rows(conn, 1)
        assert (row.key, row.reason, row.excerpt) == (storable(text),) * 3
        parked.unpark(conn, 1, "products", [text])
        assert parked.parked_rows(conn, 1) == []


@given(text=st.text(st.characters(exclude_categories=())))
def test_storable_text_is_utf8_without_nul(text: str) -> None:
    """Whatever the text, its stored form is valid UTF-8 without NUL, and sound text is untouched."""
    stored = storable(text)
    assert "\0" not in stored
    assert stored.encode().decode() == stored
    if "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text):
        assert stored == text


def test_product_comes_back_as_it_was(db: Database) -> None:
    """Every field of a product survives, tiers and fourteen places included."""
    opened(db)
    full = Product("g", " x ", "Náme 🥝", TEA.price, TEA.tiers, True, False, True, True, True, NOON)
    with db.write() as conn:
        mirror.store_products(conn, 1, [TEA, full], NOON)
        found = mirror.by_guid(conn, 1, [TEA.guid, "g", "unknown"])
    assert {guid: one.product for guid, one in found.items()} == {TEA.guid: TEA, "g": full}

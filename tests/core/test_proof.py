"""What counts as having seen every row, and when a missing row counts as zero."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.proof import absence_means_zero, incomplete


@pytest.mark.parametrize(
    ("totals", "distinct", "reason"),
    [
        ([], 0, "no page came"),
        ([0], 0, ""),
        ([1200, 1200], 1200, ""),
        ([1200, 1200], 1199, "1,200 rows were announced, 1,199 different ones came"),
        ([1200, 1200], 1201, "1,200 rows were announced, 1,201 different ones came"),
        ([1200, 1201], 1201, "the number of rows changed from 1,200 to 1,201 while they were read"),
        ([1200, 1199], 1199, "the number of rows changed from 1,200 to 1,199 while they were read"),
        ([5, 6, 5], 5, "the number of rows changed from 5 to 6 while they were read"),
        ([3], 0, "3 rows were announced, 0 different ones came"),
    ],
)
def test_full_read(totals: list[int], distinct: int, reason: str) -> None:
    """A full read is proved by as many different rows as every page announced, and by nothing less."""
    assert incomplete(totals, distinct, full=True) == reason


@pytest.mark.parametrize(
    ("totals", "distinct", "reason"),
    [
        ([], 0, "no page came"),
        ([0], 0, ""),
        ([7], 7, ""),
        ([7], 6, "7 rows were announced, only 6 different ones came"),
        ([7, 8, 9], 7, ""),
        ([7, 8, 9], 9, ""),
        ([7, 8], 6, "7 rows were announced, only 6 different ones came"),
        ([7, 6], 7, "the number of rows fell from 7 to 6 while they were read"),
        ([3, 5, 4], 5, "the number of rows fell from 5 to 4 while they were read"),
    ],
)
def test_read_of_changes(totals: list[int], distinct: int, reason: str) -> None:
    """A read of changes may grow while it runs, never shrink, and never miss what was there at its start."""
    assert incomplete(totals, distinct, full=False) == reason


@given(st.lists(st.integers(0, 9), max_size=5), st.integers(0, 12))
def test_a_full_read_proves_more(totals: list[int], distinct: int) -> None:
    """What proves a full read proves a read of changes too."""
    if not incomplete(totals, distinct, full=True):
        assert incomplete(totals, distinct, full=False) == ""


@pytest.mark.parametrize(
    ("products", "with_stock", "expected"),
    [
        (0, 0, False),
        (10, 0, False),
        (10, 4, False),
        (10, 5, True),
        (9, 5, True),
        (10, 10, True),
        (0, 3, True),
    ],
)
def test_absence_means_zero(products: int, with_stock: int, expected: bool) -> None:
    """A missing row means no stock only in a list that covers at least half of the products."""
    assert absence_means_zero(products, with_stock) is expected

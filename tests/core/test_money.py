"""Money is exact: the laws of texts, rounding and tax."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.money import balance, plain, rounded, with_tax

AMOUNTS = st.decimals(min_value=-(10**15), max_value=10**15, places=14)
NUMBERS = st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent),
    st.integers(-(10**12), 10**12),
    st.integers(-14, 12),
)
RATES = st.decimals(min_value=0, max_value=1, places=6)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("9.50", "9.5"),
        ("9.5000", "9.5"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("1E-7", "0.0000001"),
        ("0.000", "0"),
        ("0E+3", "0"),
        ("0E-9", "0"),
        ("-0", "0"),
        ("-0.00", "0"),
        ("-1.10", "-1.1"),
        ("1774.93449333333333", "1774.93449333333333"),
    ],
)
def test_plain_text(number: str, expected: str) -> None:
    """A number is written without exponent, without trailing zeros and without minus zero."""
    assert plain(Decimal(number)) == expected


@given(NUMBERS, NUMBERS)
def test_equal_numbers_are_equal_texts(left: Decimal, right: Decimal) -> None:
    """Two numbers have the same text exactly if they are the same number."""
    assert (plain(left) == plain(right)) == (left == right)


@given(NUMBERS, st.integers(0, 6))
def test_trailing_zeros_do_not_show(number: Decimal, zeros: int) -> None:
    """However many zeros a number was sent with, its text is the same and reads back as the same number."""
    padded = number + Decimal(0).scaleb(-14 - zeros)
    assert plain(padded) == plain(number)
    assert Decimal(plain(padded)) == number


@pytest.mark.parametrize(
    ("number", "places", "expected"),
    [
        ("2.345", 2, "2.35"),
        ("2.344999", 2, "2.34"),
        ("-2.345", 2, "-2.35"),
        ("10.925", 2, "10.93"),
        ("0.5", 0, "1"),
        ("1E+2", 2, "100.00"),
        ("1774.93449333333333", 3, "1774.934"),
    ],
)
def test_halves_go_away_from_zero(number: str, places: int, expected: str) -> None:
    """A price is rounded half up, as a shop does, and carries exactly the places asked for."""
    assert str(rounded(Decimal(number), places)) == expected


@given(AMOUNTS, st.integers(0, 6))
def test_rounding_is_the_nearest_number(amount: Decimal, places: int) -> None:
    """A rounded amount is at most half a unit away, and rounding it again changes nothing."""
    once = rounded(amount, places)
    assert abs(Fraction(once) - Fraction(amount)) <= Fraction(1, 2 * 10**places)
    assert rounded(once, places) == once


@given(AMOUNTS, RATES)
def test_tax_is_exact(price: Decimal, rate: Decimal) -> None:
    """A price with tax is the exact product, whatever number of places came."""
    assert Fraction(with_tax(price, rate)) == Fraction(price) * (1 + Fraction(rate))


@given(st.lists(AMOUNTS, max_size=20), AMOUNTS)
def test_balance_is_exact(quantities: list[Decimal], less: Decimal) -> None:
    """A sum of quantities loses no place, whatever their number and size."""
    assert Fraction(balance(quantities, less)) == sum(map(Fraction, quantities)) - Fraction(less)

"""Codes that were surely meant to be one are named with the reason; neighbours in a series are not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.core.near_miss import Named, NearMiss, near_misses


def why(code: str, sku: str, name: str = "", sku_name: str = "") -> str:
    """Return the reason for which the two codes are a near miss, "" if they are none."""
    found = near_misses([Named(code, name)], [Named(sku, sku_name)])
    assert all((each.code, each.sku) == (code, sku) for each in found)
    return found[0].why if found else ""


@pytest.mark.parametrize(
    ("code", "sku", "reason"),
    [
        ("TEA-100", "tea-100", "case"),
        ("STRASSE", "straße", "case"),
        ("TEA 100", "TEA100", "spaces"),
        ("TEA 100", "tea\u00a0100", "spaces"),
        ("TEA  100", "TEA 100", "spaces"),
        ("TEA-100", "TEA100", "dashes"),
        ("TEA-100", "TEA\u2013100", "dashes"),
        ("TEA-100", "TEA_100", "dashes"),
        ("TEA-100", "tea 100", "dashes"),
        ("TEA/100", "TEA.100", "dashes"),
        ("0042", "42", "leading zeros"),
        ("TEA-0100", "TEA-100", "leading zeros"),
        ("TEA-0100", "tea100", "leading zeros"),
        ("A-1-05", "A-1-5", "leading zeros"),
        ("TEA-O1", "TEA-01", "one character"),
        ("TEA-1l", "TEA-11", "one character"),
        ("TEA-GREEN", "TEA-GREAN", "one character"),
        ("TEA-GREN", "TEA-GREEN", "one character"),
        ("TEA-100", "TEA-100G", "one character"),
        ("TEA-GREEN", "tea greean", "one character"),
    ],
)
def test_meant_to_be_one(code: str, sku: str, reason: str) -> None:
    """Case, spaces, dashes, leading zeros or one character: the surest reason is given, either way round."""
    assert why(code, sku) == why(sku, code) == reason


@pytest.mark.parametrize(
    ("code", "sku"),
    [
        ("TEA-100", "TEA-101"),
        ("TEA-10", "TEA-100"),
        ("TEA-100", "TEA-200"),
        ("TEE-S", "TEE-M"),
        ("TEE-L", "TEE-XL"),
        ("TEE-XL", "TEE-XXL"),
        ("PART-A", "PART-B"),
        ("CABLE-1.05", "CABLE-1.5"),
    ],
)
def test_neighbours_in_a_series(code: str, sku: str) -> None:
    """The next number, letter or size is another product, unless both sides call it the same."""
    assert why(code, sku, "Red", "Blue") == ""
    assert why(code, sku) == ""
    assert why(code, sku, "Green tea", " green TEA ") == "one character"


@pytest.mark.parametrize(
    ("code", "sku"),
    [("AB", "A1"), ("TEA-100", "POT-100"), ("TEA-GREEN", "TEA-BREAN"), ("", "-"), ("", " "), ("--", "-")],
)
def test_unlike_codes(code: str, sku: str) -> None:
    """Two characters apart, or too short to tell, is no near miss, whatever the names."""
    assert why(code, sku, "Tea", "Tea") == ""


def test_a_code_belongs_to_one_pair_at_most() -> None:
    """The surest pair takes both codes; what two codes resemble equally is nobody's."""
    found = near_misses(
        [Named("TEA-100"), Named("TEA 100"), Named("POT-1"), Named("POT_1")],
        [Named("tea-100"), Named("TEA_100"), Named("POT1")],
    )
    assert found == [NearMiss("TEA-100", "tea-100", "case"), NearMiss("TEA 100", "TEA_100", "dashes")]


def test_one_character_from_two_codes_is_nobodys() -> None:
    """Where two of the store's codes are as near as each other, a person is not told a guess."""
    assert near_misses([Named("TEA-GREEN")], [Named("TEA-GREAN"), Named("TEA-GREEM")]) == []


codes = st.text("aAbB01-_ .oOlL", max_size=8)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(ours=st.lists(codes, unique=True, max_size=8), theirs=st.lists(codes, unique=True, max_size=8))
def test_every_pair_is_of_codes_that_were_given(ours: list[str], theirs: list[str]) -> None:
    """Whatever the codes, a pair takes one from each side, and none twice."""
    found = near_misses([Named(code) for code in ours], [Named(code) for code in theirs])
    assert {each.code for each in found} <= set(ours)
    assert {each.sku for each in found} <= set(theirs)
    assert len({each.code for each in found}) == len({each.sku for each in found}) == len(found)

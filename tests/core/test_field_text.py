"""A text fits its field, and shows where it was cut."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.field_text import one_line, several_lines, size


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("Gia Hart", 100, "Gia Hart"),
        ("  Gia\r\n Hart\t", 100, "Gia Hart"),
        ("Gia\x00 Hart\ud800", 100, "Gia Hart"),
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("abcd efg", 6, "abcd…"),
        ("🫖🫖🫖", 5, "🫖🫖…"),
        ("🫖🫖🫖", 4, "🫖…"),
    ],
)
def test_one_line(text: str, limit: int, expected: str) -> None:
    """White space becomes one blank, what JSON cannot carry goes, a cut is marked, no sign is halved."""
    assert one_line(text, limit) == expected


def test_several_lines() -> None:
    """A note keeps its lines, with one kind of break."""
    assert several_lines(" Ring twice.\r\nThank you.\r", 100) == "Ring twice.\nThank you."


@given(st.text(), st.integers(1, 40))
def test_it_always_fits(text: str, limit: int) -> None:
    """Whatever the text, the result has room, can be sent as JSON, and fits as it is the second time."""
    for fit in (one_line, several_lines):
        once = fit(text, limit)
        assert size(once) <= limit
        assert json.loads(json.dumps(once).encode()) == once
        assert fit(once, limit) == once


@given(st.text(st.characters(codec="utf-16")))
def test_size_counts_as_unleashed_does(text: str) -> None:
    """A sign outside the basic plane counts twice."""
    assert size(text) == len(text.encode("utf-16-le")) // 2

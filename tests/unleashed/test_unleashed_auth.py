"""What is signed is what is sent, and the key is never shown."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.unleashed.auth import Credentials, build_query, is_sent_as_signed
from tests.unleashed.unleashed_world import CREDENTIALS, KEY

VECTORS = [
    ([], "sphuCXmxoy93avZU3I7ojg1EGXXK5bPM8Wu3/XtTd+A="),
    ([("pageSize", "200")], "I6Euhxx44CBky28TUSOHU+xApbk1GrQxsUK3SpQTBgI="),
    (
        [("modifiedSince", "2026-01-01T00:00:00"), ("pageSize", "1000")],
        "z76zbiOp0i2d2Tr+D2SlGQW3D5QiF1ZL+rEVNAgDm8E=",
    ),
    ([("contactEmail", "jane+shop@example.com")], "atEiAg331JDAC/0cdg0bAtb4RTZGwN/aneDxT1GQ2iA="),
    ([("customerName", "Smith & Sons")], "vplkkb5ivAZM7g+76han+Z7OyLxSVHUIS30RvWmeiQ4="),
]
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(("pairs", "signature"), VECTORS)
def test_signature_vectors(pairs: list[tuple[str, str]], signature: str) -> None:
    """The signature is that of the decoded query under the key as text."""
    credentials = Credentials("id", "not-a-real-key==")
    wire = build_query(pairs)[1]
    url, headers = credentials.sign("GET", f"https://api.example.test/Products{'?' if wire else ''}{wire}")
    assert headers["api-auth-signature"] == signature
    assert url.endswith(f"/Products{'?' if wire else ''}{wire}")


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        ("2026-01-01T00:00:00", "2026-01-01T00:00:00"),
        ("jane@example.test", "jane@example.test"),
        ("a,b/c", "a,b/c"),
        ("A B", "A%20B"),
        ("1+1", "1%2B1"),
        ("50%", "50%25"),
        ("A&B#'", "A%26B%23%27"),
        ("é", "%C3%A9"),
    ],
)
def test_wire_encoding(value: str, wire: str) -> None:
    """Everyday values are sent raw, everything else percent-encoded, a space never as a plus."""
    assert build_query([("q", value)]) == (f"q={value}", f"q={wire}")
    assert is_sent_as_signed(value) == (value == wire)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=4))
def test_signed_text_is_the_decoded_wire_text(pairs: list[tuple[str, str]]) -> None:
    """Whatever the values are, decoding what was sent gives what was signed."""
    signed, wire = build_query(pairs)
    assert unquote(wire) == signed


def test_order_of_parameters_is_kept() -> None:
    """The signed text follows the order in which the parameters are sent."""
    assert build_query([("b", "2"), ("a", "1")]) == ("b=2&a=1", "b=2&a=1")


def test_headers_are_complete() -> None:
    """Every request carries id, signature, client type and JSON as both types."""
    _, headers = CREDENTIALS.sign("GET", "https://api.example.test/Companies")
    assert headers["api-auth-id"] == CREDENTIALS.api_id
    assert headers["client-type"] == "syncd/tests"
    assert headers["accept"] == headers["content-type"] == "application/json"
    assert KEY not in str(headers)


def test_key_is_never_shown() -> None:
    """Neither repr nor str of the credentials has the key."""
    assert KEY not in f"{CREDENTIALS!r} {CREDENTIALS}"
    assert CREDENTIALS.api_id in repr(CREDENTIALS)

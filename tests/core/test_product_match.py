"""Which record is which product: what links, and what is left for a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.core.model import Content, Link, Product, Shown
from syncd.core.product_match import CREATED_OWNS, Rivals, doubt, linked, rival
from tests.core.examples import (
    ADOPTED,
    CREATE,
    CREATED,
    GUID,
    LIVE,
    OBSOLETE_TEA,
    OTHER,
    TEA,
    UNLINKED,
    plan,
    shown,
)

CURRENT, RETIRED = (OTHER, False), (OTHER, True)
SEVERAL = "Unleashed has several products with the code TEA-100"


@pytest.mark.parametrize(
    ("product", "same_code", "reason"),
    [
        (TEA, [], ""),
        (TEA, [(GUID, False)], ""),
        (TEA, [(GUID, False), RETIRED], ""),
        (TEA, [(GUID, False), CURRENT], SEVERAL),
        (TEA, [CURRENT], SEVERAL),
        (OBSOLETE_TEA, [(GUID, True)], ""),
        (OBSOLETE_TEA, [RETIRED, (GUID, True)], SEVERAL),
        (OBSOLETE_TEA, [CURRENT], "another product that is not obsolete has the code TEA-100 too"),
        (OBSOLETE_TEA, [RETIRED, CURRENT], "another product that is not obsolete has the code TEA-100 too"),
    ],
)
def test_several_products_with_one_code(
    product: Product, same_code: list[tuple[str, bool]], reason: str
) -> None:
    """Of several products with one code only the single one in use may have the record."""
    assert rival(product, Rivals(same_code)) == reason


@pytest.mark.parametrize(
    ("code", "sku", "links"),
    [
        ("TEA-100", "TEA-100", True),
        (" TEA-100 ", "TEA-100", True),
        ("TEA-100", " TEA-100 ", True),
        ("TEA-100", "tea-100", False),
        ("TEA-100", "TEA 100", False),
        ("TEA-100", "TEA-1000", False),
        ("TEA-100", "", False),
    ],
)
def test_only_equal_codes_link(code: str, sku: str, links: bool) -> None:
    """A code and a SKU link if they are equal after trimming, whatever the store takes for the same."""
    reason = doubt(replace(TEA, code=code), shown(code=sku), Rivals())
    assert reason == ("" if links else f"the store's record 12 has the code {sku}, not TEA-100")


@pytest.mark.parametrize(
    ("record", "rivals", "reason"),
    [
        (
            shown(duplicates=("15", "19")),
            Rivals(),
            "the store has several records with the code TEA-100: ids 12, 15, 19",
        ),
        (shown(), Rivals(holder=OTHER), "the store's record 12 is already linked to another product"),
        (
            shown(),
            Rivals([(GUID, False), RETIRED], OTHER),
            "the store's record 12 is already linked to another product",
        ),
        (shown(), Rivals([CURRENT]), SEVERAL),
        (shown(), Rivals(holder=GUID), ""),
    ],
)
def test_a_record_in_doubt(record: Shown, rivals: Rivals, reason: str) -> None:
    """A record that another record or another product competes for is ambiguous, and nothing is written."""
    planned = plan(record, rivals=rivals)
    assert (planned.link.ambiguous, planned.reason) == (reason, reason)
    assert (planned.action == "ambiguous") is bool(reason)
    if reason:
        assert (planned.content, planned.changes, planned.link.ref) == (Content(), (), None)
        assert planned.do == "Make the code unique on both sides, then run `syncd resync` for it."


def test_a_doubt_that_is_gone_is_forgotten() -> None:
    """Once the code is unique again the record is linked and the doubt no longer shows."""
    planned = plan(shown(), replace(UNLINKED, ambiguous=SEVERAL))
    assert (planned.link.ref, planned.link.ambiguous) == ("12", "")


def test_a_linked_record_needs_no_code() -> None:
    """A linked record stays linked by its id, although its code or the number of its doubles changed."""
    record = shown(code="OLD-CODE", duplicates=("15",))
    planned = plan(record, CREATED, rivals=Rivals([CURRENT], GUID))
    assert (planned.action, planned.link.ref) == ("write", "12")


@pytest.mark.parametrize(
    ("link", "created", "owned"),
    [
        (UNLINKED, False, frozenset()),
        (replace(UNLINKED, creating=True, created=True), True, CREATED_OWNS),
        (replace(UNLINKED, created=True, owned=CREATED_OWNS), False, frozenset()),
        (replace(UNLINKED, gone=True), False, frozenset()),
    ],
    ids=["found", "creating, answer lost", "created once, refused", "gone, put there again"],
)
def test_whose_the_record_is(link: Link, created: bool, owned: frozenset[str]) -> None:
    """A record found by code is adopted, unless we were about to create it: then it is ours."""
    now = linked(replace(link, parked="refused", ambiguous=SEVERAL), shown())
    assert now == replace(UNLINKED, ref="12", code="TEA-100", created=created, owned=owned)


def test_another_record_inherits_nothing() -> None:
    """What we wrote or hid in a record that is gone says nothing about the one found in its place."""
    before = replace(CREATED, ref=None, gone=True, hidden_from=LIVE, wrote=Content("Green tea 100 g"))
    assert linked(before, shown(ref="77")) == replace(ADOPTED, ref="77")


def test_no_record_is_created_beside_a_rival() -> None:
    """Two products in use with one code create nothing: a person decides which of them the store sells."""
    planned = plan(
        None, replace(UNLINKED, creating=True, created=True), rules=CREATE, rivals=Rivals([CURRENT])
    )
    assert planned.action == "ambiguous"
    assert planned.link == replace(UNLINKED, ambiguous=SEVERAL)

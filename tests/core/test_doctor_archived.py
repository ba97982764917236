"""Archived records that are still in use are named, one line for each reason, with what to do about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.core.doctor_catalogue import ArchivedCheck, why_left
from syncd.core.listing import ListingRules
from syncd.core.model import Link, ListingStatus, Product
from tests.core.examples import ADOPTED, CREATED, HIDDEN, LIVE, OBSOLETE_TEA, TEA, TRASH, UNLINKED

ABOUT = "store shop"
DRAFT, EMPTY, LEAVE = (
    ListingRules(obsolete="draft"),
    ListingRules(obsolete="out_of_stock"),
    ListingRules(obsolete="leave"),
)
NO_STOCK = replace(EMPTY, fields=frozenset({"price"}))
ENDLESS = replace(OBSOLETE_TEA, never_diminishing=True)


def told(check: ArchivedCheck) -> list[tuple[str, str, str]]:
    """Return level, text and remedy of what was collected."""
    return [(each.level, each.what, each.do) for each in check.findings(ABOUT)]


def looked(
    product: Product, link: Link | None, shows: ListingStatus | None, rules: ListingRules = DRAFT
) -> list[tuple[str, str, str]]:
    """Return what is found where there is but one product."""
    check = ArchivedCheck(rules)
    check.look(product, link, shows)
    return told(check)


@pytest.mark.parametrize(
    ("product", "link", "rules", "held", "why"),
    [
        (OBSOLETE_TEA, CREATED, DRAFT, False, None),
        (OBSOLETE_TEA, CREATED, DRAFT, True, "held"),
        (OBSOLETE_TEA, ADOPTED, DRAFT, False, "adopted"),
        (OBSOLETE_TEA, replace(ADOPTED, owned=frozenset({"price"})), DRAFT, False, None),
        (OBSOLETE_TEA, CREATED, LEAVE, False, "left"),
        (OBSOLETE_TEA, ADOPTED, EMPTY, False, None),
        (OBSOLETE_TEA, ADOPTED, EMPTY, True, "held"),
        (OBSOLETE_TEA, CREATED, NO_STOCK, False, "unmanaged"),
        (ENDLESS, CREATED, EMPTY, False, "unmanaged"),
    ],
)
def test_why_an_obsolete_product_stays_on_sale(
    product: Product, link: Link, rules: ListingRules, held: bool, why: str | None
) -> None:
    """It stays where the rule leaves it, the brake holds it, the listing is adopted or keeps no stock."""
    assert why_left(product, link, rules, held=held) == why


def test_a_product_that_is_gone_is_told_apart_from_an_obsolete_one() -> None:
    """A listing that stays on sale is said to be no longer in Unleashed; one that syncd hides is not told."""
    ((_, what, _),) = looked(replace(TEA, gone=True), ADOPTED, LIVE)
    assert what == "TEA-100: still linked, but no longer in Unleashed"
    assert looked(replace(TEA, gone=True), CREATED, LIVE) == []


@pytest.mark.parametrize(
    ("link", "rules", "what", "do"),
    [
        (ADOPTED, DRAFT, "as syncd did not create these listings", "syncd adopt --fields price"),
        (CREATED, LEAVE, 'as listing.obsolete is "leave"', 'listing.obsolete to "draft"'),
        (CREATED, NO_STOCK, "as their stock is never written", 'listing.obsolete to "draft"'),
    ],
)
def test_a_listing_seen_on_sale(link: Link, rules: ListingRules, what: str, do: str) -> None:
    """A listing that the store was seen to sell although its product is obsolete is a warning."""
    [(level, said, remedy)] = looked(OBSOLETE_TEA, link, LIVE, rules)
    assert (level, said) == ("warning", f"TEA-100: obsolete in Unleashed and still on sale, {what}")
    assert do in remedy


@pytest.mark.parametrize(
    ("product", "link", "shows"),
    [
        (TEA, ADOPTED, LIVE),
        (OBSOLETE_TEA, None, LIVE),
        (OBSOLETE_TEA, UNLINKED, LIVE),
        (OBSOLETE_TEA, replace(ADOPTED, gone=True), LIVE),
        (OBSOLETE_TEA, replace(ADOPTED, hidden_from=LIVE), LIVE),
        (OBSOLETE_TEA, ADOPTED, HIDDEN),
        (OBSOLETE_TEA, ADOPTED, TRASH),
        (OBSOLETE_TEA, CREATED, LIVE),
    ],
)
def test_what_is_not_worth_a_word(product: Product, link: Link | None, shows: ListingStatus | None) -> None:
    """What is not obsolete, not linked, not on sale, or about to be hidden is left alone."""
    assert looked(product, link, shows) == []


def test_a_listing_that_was_never_read() -> None:
    """Without a scan nobody knows whether it is on sale: no warning, but how to find out."""
    [(level, what, do)] = looked(OBSOLETE_TEA, ADOPTED, None)
    assert (level, do) == ("ok", "")
    assert what.startswith("TEA-100: obsolete in Unleashed; whether the store still sells them")
    assert "syncd match" in what


@pytest.mark.parametrize("shows", [LIVE, None])
def test_what_the_brake_holds_was_seen_on_sale(shows: ListingStatus | None) -> None:
    """The brake holds only what was on sale, so its word is enough; the remedy is to look at it."""
    check = ArchivedCheck(DRAFT)
    check.look(OBSOLETE_TEA, CREATED, shows, held=True)
    [(level, what, do)] = told(check)
    assert (level, "as the brake holds the change" in what, "syncd approve" in do) == ("warning", True, True)


@pytest.mark.parametrize(
    ("link", "shows", "named"),
    [
        (ADOPTED, LIVE, True),
        (ADOPTED, None, True),
        (ADOPTED, HIDDEN, False),
        (replace(ADOPTED, gone=True), LIVE, False),
        (UNLINKED, LIVE, False),
    ],
)
def test_a_product_that_is_gone(link: Link, shows: ListingStatus | None, named: bool) -> None:
    """A link whose product Unleashed no longer has is a warning unless the store hides its listing."""
    check = ArchivedCheck(DRAFT)
    check.look_gone(link, shows)
    assert [(level, what) for level, what, _ in told(check)] == (
        [("warning", "TEA-100: still linked, but no longer in Unleashed")] if named else []
    )


def test_five_are_named_and_the_rest_is_counted() -> None:
    """One line a reason, in the order of the codes: five are named, the others counted."""
    check = ArchivedCheck(DRAFT)
    for place in (7, 3, 1, 5, 2, 6, 4):
        check.look(replace(OBSOLETE_TEA, code=f" T{place} "), ADOPTED, LIVE)
    check.look(replace(OBSOLETE_TEA, code="HELD"), CREATED, LIVE, held=True)
    held, adopted = told(check)
    assert held[1].startswith("HELD: ")
    assert adopted[1].startswith("T1, T2, T3, T4, T5 and 2 more: ")

"""Listings that go and come back: binned, deleted, made again, hidden while obsolete."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from syncd.core.listing import ListingRules
from syncd.core.model import Content, Link, ListingStatus, Product, Shown
from syncd.core.product_match import Rivals
from tests.core.examples import (
    ADOPTED,
    CREATED,
    GUID,
    HIDDEN,
    IN_STEP,
    LIVE,
    OBSOLETE_TEA,
    OLD,
    OTHER,
    PUBLISH,
    RULES,
    TEA,
    TRASH,
    UNLINKED,
    Shelf,
    plan,
    shown,
)

GONE_TEA = replace(TEA, gone=True)


@pytest.mark.parametrize("link", [CREATED, ADOPTED], ids=["created", "adopted"])
def test_a_listing_that_is_gone(link: Link) -> None:
    """A listing that somebody deleted is not made again; its link says that it is gone."""
    planned = plan(None, replace(link, parked="x", ambiguous="y"), rules=PUBLISH)
    assert (planned.action, planned.link) == ("gone", replace(link, gone=True))
    assert planned.reason == "its listing is no longer in the store"
    assert plan(None, planned.link, rules=PUBLISH).action == "gone"


def test_a_lost_id_is_gone_too() -> None:
    """A link that is gone stays gone without its id."""
    assert plan(None, replace(UNLINKED, gone=True), rules=PUBLISH).action == "gone"


def test_a_listing_in_the_bin() -> None:
    """A listing in the store's bin is neither written nor made again, and a person is told where it is."""
    planned = plan(shown(replace(OLD, status=TRASH)), CREATED, rules=PUBLISH)
    assert (planned.action, planned.content, planned.link.gone) == ("gone", Content(), True)
    assert planned.reason == "its listing (id 12) is in the store's bin"
    assert planned.do == "If it should be sold, restore it there."


def test_a_listing_that_comes_back() -> None:
    """A listing that is restored from the bin is the one it was: what we owned we own."""
    gone = plan(shown(replace(OLD, status=TRASH)), CREATED).link
    planned = plan(shown(OLD), gone)
    assert (planned.action, planned.link) == ("write", CREATED)
    assert planned.content.set_fields() == ("name", "price", "stock")


def test_a_listing_that_was_made_again() -> None:
    """A record that a person made under the code of one that is gone is adopted under its own id."""
    gone = plan(None, replace(CREATED, hidden_from=LIVE)).link
    planned = plan(shown(OLD, ref="77"), gone)
    assert planned.link == replace(ADOPTED, ref="77")
    assert planned.content == Content(stock=Decimal(19))


@pytest.mark.parametrize(
    ("record", "rivals"),
    [(shown(OLD, "77", code="COFFEE"), Rivals()), (shown(OLD, "77"), Rivals(holder=OTHER))],
    ids=["another code", "another product's"],
)
def test_a_strange_record_under_a_known_id(record: Shown, rivals: Rivals) -> None:
    """A record that is neither the linked one nor clearly the product's is not written; the link stays."""
    planned = plan(record, CREATED, rivals=rivals)
    assert (planned.action, planned.content) == ("ambiguous", Content())
    assert planned.link == replace(CREATED, ambiguous=planned.reason)


def sale(shelf: Shelf, product: Product, rules: ListingRules = RULES) -> ListingStatus | None:
    """Bring the shelf up to date with the product, and return the status that it then shows."""
    shelf.carry_out(plan(shelf.record, shelf.link, product=product, rules=rules))
    again = plan(shelf.record, shelf.link, product=product, rules=rules)
    assert again.action == "in_step"
    shelf.carry_out(again)
    assert shelf.record is not None
    return shelf.record.content.status


@pytest.mark.parametrize("before", [LIVE, HIDDEN])
def test_obsolete_and_back(before: ListingStatus) -> None:
    """A product that was obsolete for a while is afterwards what it was before, as often as that happens."""
    shelf = Shelf(shown(replace(IN_STEP, status=before)), CREATED)
    for _ in range(2):
        assert sale(shelf, OBSOLETE_TEA) is HIDDEN
        assert sale(shelf, TEA) is before
        assert shelf.link == CREATED


def test_a_product_that_is_gone_is_treated_as_an_obsolete_one() -> None:
    """Its listing is hidden and comes back with it, and the reason says which of the two it is."""
    shelf = Shelf(shown(IN_STEP), CREATED)
    assert (sale(shelf, GONE_TEA), sale(shelf, TEA)) == (HIDDEN, LIVE)
    (change,) = plan(shown(IN_STEP), CREATED, product=GONE_TEA).changes
    assert (change.field, change.rule) == ("status", "gone in Unleashed: hidden")
    both = replace(GONE_TEA, obsolete=True)
    assert plan(shown(IN_STEP), CREATED, product=both).changes == (change,)


def test_what_is_gone_is_sold_out_or_left_by_the_rule_for_obsolete_products() -> None:
    """`out_of_stock` and `leave` mean the same for both; nothing is created for either."""
    sold_out = plan(shown(IN_STEP), CREATED, product=GONE_TEA, rules=ListingRules(obsolete="out_of_stock"))
    assert [(each.field, each.after, each.rule) for each in sold_out.changes] == [
        ("stock", "0", "gone in Unleashed: out of stock")
    ]
    left = plan(shown(IN_STEP), CREATED, product=GONE_TEA, rules=ListingRules(obsolete="leave"))
    assert left.action == "in_step"
    assert plan(None, product=GONE_TEA, rules=PUBLISH).reason == "gone, and the store does not have it"


@pytest.mark.parametrize("rival", [False, True])
def test_a_product_in_use_goes_before_one_that_is_gone(rival: bool) -> None:
    """The code of a product that is gone belongs to the other product that has it, if that is in use."""
    rivals = Rivals(((GUID, True), (OTHER, rival)))
    assert (plan(shown(OLD), product=GONE_TEA, rivals=rivals).action) == "ambiguous"
    assert plan(shown(OLD), rivals=Rivals(((GUID, False), (OTHER, True)))).action == "write"


def test_a_person_hides_it_again() -> None:
    """What a person hides after the product came back stays hidden."""
    shelf = Shelf(shown(IN_STEP), CREATED)
    assert (sale(shelf, OBSOLETE_TEA), sale(shelf, TEA)) == (HIDDEN, LIVE)
    shelf.edit(status=HIDDEN)
    assert sale(shelf, TEA) is HIDDEN


def test_a_person_publishes_it_before_unleashed_does() -> None:
    """A listing put on sale by a person before its product came back is in step, and all is forgotten."""
    shelf = Shelf(shown(IN_STEP), CREATED)
    sale(shelf, OBSOLETE_TEA)
    shelf.edit(status=LIVE)
    assert sale(shelf, TEA) is LIVE
    assert shelf.link == CREATED
    shelf.edit(status=HIDDEN)
    assert sale(shelf, TEA) is HIDDEN


def test_a_person_publishes_what_is_obsolete() -> None:
    """A listing that a person puts on sale while its product is obsolete is hidden again, and comes back."""
    shelf = Shelf(shown(IN_STEP), CREATED)
    sale(shelf, OBSOLETE_TEA)
    shelf.edit(status=LIVE)
    assert (sale(shelf, OBSOLETE_TEA), sale(shelf, TEA)) == (HIDDEN, LIVE)


@pytest.mark.parametrize("obsolete", ["leave", "out_of_stock"])
def test_another_rule_while_obsolete(obsolete: Any) -> None:
    """A changed rule for obsolete products leaves a hidden listing as it is, and forgets nothing."""
    shelf, rules = Shelf(shown(IN_STEP), CREATED), ListingRules(obsolete=obsolete)
    sale(shelf, OBSOLETE_TEA)
    assert sale(shelf, OBSOLETE_TEA, rules) is HIDDEN
    assert sale(shelf, TEA, rules) is LIVE


def test_a_status_that_cannot_be_given_back_yet() -> None:
    """While a record cannot take its status back, what it was is not forgotten."""
    hidden = replace(CREATED, hidden_from=LIVE)
    record = shown(replace(IN_STEP, status=HIDDEN), locked={"status": "waits for review"})
    planned = plan(record, hidden)
    assert (planned.action, planned.link) == ("in_step", hidden)

"""What is created in the store, how, and what is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.core.listing import ListingRules
from syncd.core.model import Content, ListingStatus, Product
from syncd.core.product_plan import FieldChange, Note
from tests.core.examples import (
    ADOPTED,
    CREATE,
    CREATED,
    HIDDEN,
    IN_STEP,
    LIVE,
    OBSOLETE_TEA,
    OLD,
    PUBLISH,
    RULES,
    SHOP,
    TEA,
    UNKNOWN,
    UNLINKED,
    plan,
    shown,
)


@pytest.mark.parametrize(
    ("rules", "creates", "product", "reason"),
    [
        (RULES, True, TEA, "the store has no record with this code, and creating is off (listing.create)"),
        (
            CREATE,
            False,
            TEA,
            "the store has no record with this code, and this kind of store cannot create one",
        ),
        (CREATE, True, OBSOLETE_TEA, "obsolete, and the store does not have it"),
        (
            CREATE,
            True,
            replace(TEA, sellable=False),
            "not sold by itself in Unleashed, and the store does not have it",
        ),
        (
            CREATE,
            True,
            replace(TEA, component=True),
            "not sold by itself in Unleashed, and the store does not have it",
        ),
    ],
)
def test_what_is_not_created(rules: ListingRules, creates: bool, product: Product, reason: str) -> None:
    """A product that the store lacks is created only if the rules, the store and the product allow it."""
    before = replace(UNLINKED, creating=True, created=True, parked="refused", ambiguous="doubt")
    planned = plan(None, before, product=product, rules=rules, creates=creates)
    assert (planned.action, planned.reason, planned.link) == ("absent", reason, UNLINKED)


def test_a_new_listing_is_hidden() -> None:
    """A listing is created with everything that is known, and hidden unless the rules publish it."""
    planned = plan(None, rules=CREATE)
    assert planned.action == "create"
    assert planned.content == replace(IN_STEP, status=HIDDEN)
    assert [change.field for change in planned.changes] == ["name", "price", "stock", "status"]
    assert planned.changes[-1].rule == "created hidden: publishing is off (listing.publish)"
    assert planned.link == replace(UNLINKED, code="TEA-100", creating=True, created=True)


def test_a_published_listing_is_on_sale() -> None:
    """Where the rules say so, a new listing is on sale at once."""
    planned = plan(None, rules=PUBLISH)
    assert planned.content == IN_STEP
    assert planned.changes[-1] == FieldChange("status", None, "live", "created on sale")


@pytest.mark.parametrize(
    ("product", "fields", "status", "rule"),
    [
        (replace(TEA, price=None), "name price stock", HIDDEN, "created hidden: it has no price"),
        (TEA, "name stock", HIDDEN, "created hidden: it has no price"),
        (
            replace(TEA, assembled=True),
            "name price stock",
            HIDDEN,
            "created hidden: it has no stock quantity, so the store would sell it without limit",
        ),
        (replace(TEA, never_diminishing=True), "name price stock", LIVE, "created on sale"),
        (TEA, "name price", LIVE, "created on sale"),
    ],
)
def test_what_is_put_on_sale(product: Product, fields: str, status: ListingStatus, rule: str) -> None:
    """A new listing without a price, or without the quantity that should limit it, is not put on sale."""
    rules = replace(PUBLISH, fields=frozenset(fields.split()))
    planned = plan(None, product=product, rules=rules)
    assert (planned.content.status, planned.changes[-1].rule) == (status, rule)


@pytest.mark.parametrize("rules", [CREATE, PUBLISH], ids=["hidden", "published"])
def test_creation_waits_for_the_stock(rules: ListingRules) -> None:
    """A product whose stock is not known yet is not created: uncounted, it would sell without limit."""
    planned = plan(None, rules=rules, known=UNKNOWN)
    assert (planned.action, planned.content) == ("absent", Content())
    assert planned.reason == "not created yet: the stock in all warehouses is not known yet"
    assert planned.do == "It is created once its stock is known; `syncd resync` for it asks at once."
    assert plan(None, planned.link, rules=rules).action == "create"


@pytest.mark.parametrize(
    ("product", "rules", "why"),
    [
        (replace(TEA, name=" "), CREATE, "the product has no name in Unleashed"),
        (TEA, replace(CREATE, fields=frozenset({"price", "stock"})), "name is not among this store's fields"),
    ],
)
def test_a_new_listing_needs_a_name(product: Product, rules: ListingRules, why: str) -> None:
    """A new listing whose name is not ours to give is named after its code."""
    planned = plan(None, product=product, rules=rules)
    rule = f"the product's code, as a new record needs a name ({why})"
    assert planned.changes[0] == FieldChange("name", None, "TEA-100", rule)


def test_a_new_listing_tells_what_is_held() -> None:
    """A listing whose price is held is created without it and hidden, and the reason is told."""
    planned = plan(None, rules=PUBLISH, store=replace(SHOP, prices_include_tax=None))
    assert planned.content == replace(IN_STEP, price=None, status=HIDDEN)
    assert planned.notes == (Note("price", "the store does not say whether its prices include tax", True),)


def test_a_lost_create_is_sent_again() -> None:
    """If the answer to a create was lost and the store has no such record, it is created again."""
    first = plan(None, rules=CREATE)
    assert replace(plan(None, first.link, rules=CREATE), link=first.link) == first


def test_a_lost_create_that_arrived_is_ours() -> None:
    """If the answer to a create was lost but the record is there, it is ours and brought in step."""
    first = plan(None, rules=CREATE)
    planned = plan(shown(replace(first.content, name="Half")), first.link, rules=CREATE)
    assert planned.content == Content(name="Green tea 100 g")
    assert planned.link == CREATED


def test_a_create_that_never_arrived_claims_nothing() -> None:
    """Once creating was given up, a record that a person makes under the code is adopted."""
    given_up = plan(None, plan(None, rules=CREATE).link, rules=RULES)
    assert plan(shown(OLD), given_up.link).link == ADOPTED

"""What is written into one listing, what is left alone, and that doing it once is enough."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.listing import ListingRules, Stock
from syncd.core.model import Content, Link, Product
from syncd.core.product_plan import FieldChange, Note, text
from tests.core.examples import (
    ADOPTED,
    CREATED,
    HIDDEN,
    IN_STEP,
    LIVE,
    OBSOLETE_TEA,
    OLD,
    PUBLISH,
    SHOP,
    TEA,
    UNKNOWN,
    UNLINKED,
    Shelf,
    note,
    plan,
    shown,
    stock,
)

ADOPTED_RULE = "a listing that syncd did not create: kept as it is"


def test_what_differs_is_written() -> None:
    """On a listing that we created every field that differs is written, with what was before and why."""
    planned = plan(shown(OLD), CREATED)
    assert planned.action == "write"
    assert planned.content == Content("Green tea 100 g", Decimal("9.50"), Decimal(19))
    assert planned.changes == (
        FieldChange("name", "Old tea", "Green tea 100 g", "the product's description in Unleashed"),
        FieldChange("price", "8", "9.5", "default sell price, ex tax"),
        FieldChange("stock", "3", "19", "available 19"),
    )


def test_what_is_equal_is_not_written() -> None:
    """A listing that shows what it should is in step: numbers count, not their spelling."""
    planned = plan(shown(replace(IN_STEP, price=Decimal("9.5"), stock=Decimal("19.000"))), CREATED)
    assert (planned.action, planned.content, planned.changes) == ("in_step", Content(), ())


def test_one_field_differs() -> None:
    """Of a listing that differs in one field only that field is written."""
    planned = plan(shown(replace(IN_STEP, stock=Decimal(18))), CREATED)
    assert planned.content == Content(stock=Decimal(19))


def test_an_empty_field_is_filled() -> None:
    """A field that the store shows empty is written."""
    planned = plan(shown(replace(IN_STEP, price=None)), CREATED)
    assert planned.changes == (FieldChange("price", None, "9.5", "default sell price, ex tax"),)


def test_an_edit_in_the_store_is_told() -> None:
    """A value that is not the one we last wrote is overwritten, and the rule says that it was changed."""
    link = replace(CREATED, wrote=replace(OLD, price=Decimal("9.00"), stock=None))
    rules = {change.field: change.rule for change in plan(shown(OLD), link).changes}
    assert rules["price"] == "default sell price, ex tax; changed in the store since we wrote 9"
    assert "since we wrote" not in rules["name"] + rules["stock"]


@pytest.mark.parametrize("link", [UNLINKED, ADOPTED], ids=["found by code", "linked"])
def test_an_adopted_listing_gets_its_stock(link: Link) -> None:
    """On a listing that we did not create stock flows; name and price are held and shown as a difference."""
    planned = plan(shown(OLD), link)
    assert planned.content == Content(stock=Decimal(19))
    assert note(planned, "name") == Note("name", ADOPTED_RULE, True, "Old tea", "Green tea 100 g")
    assert note(planned, "price") == Note("price", ADOPTED_RULE, True, "8", "9.5")
    assert planned.link == ADOPTED


@pytest.mark.parametrize(
    ("owned", "written"),
    [
        (set(), ("stock",)),
        ({"price"}, ("price", "stock", "status")),
        ({"name"}, ("name", "stock", "status")),
        ({"price", "name"}, ("name", "price", "stock", "status")),
    ],
)
def test_adopted_fields(owned: set[str], written: tuple[str, ...]) -> None:
    """A field that a person adopted flows, and with it the hiding of an obsolete product."""
    planned = plan(shown(OLD), replace(ADOPTED, owned=frozenset(owned)), product=OBSOLETE_TEA)
    assert planned.content.set_fields() == written


def test_an_adopted_listing_stays_on_sale() -> None:
    """An adopted listing of an obsolete product is not hidden: the difference is held for a person."""
    planned = plan(shown(OLD), ADOPTED, product=OBSOLETE_TEA)
    assert note(planned, "status") == Note("status", ADOPTED_RULE, True, "live", "hidden")
    assert planned.link.hidden_from is None


def test_an_adopted_listing_goes_out_of_stock() -> None:
    """An obsolete product that shall be out of stock becomes so on an adopted listing too: stock flows."""
    rules = ListingRules(obsolete="out_of_stock")
    planned = plan(shown(OLD), ADOPTED, product=OBSOLETE_TEA, known=UNKNOWN, rules=rules)
    assert planned.content == Content(stock=Decimal(0))


def test_unknown_stock_is_left_alone() -> None:
    """A quantity in the store is not touched while Unleashed's is not known."""
    planned = plan(shown(OLD), ADOPTED, known=UNKNOWN)
    assert planned.action == "in_step"
    assert note(planned, "stock") == Note("stock", "the stock in all warehouses is not known yet", shows="3")


@pytest.mark.parametrize("stock_shown", [None, Decimal(3)])
def test_a_locked_field(stock_shown: Decimal | None) -> None:
    """A field that the record cannot take is left alone, with the record's own reason, and the rest flows."""
    record = shown(replace(OLD, stock=stock_shown), locked={"stock": "the shop does not track its stock"})
    planned = plan(record, CREATED)
    assert planned.content.set_fields() == ("name", "price")
    assert note(planned, "stock") == Note(
        "stock", "the shop does not track its stock", shows=text(stock_shown), wanted="19"
    )


def test_a_locked_field_that_is_in_step() -> None:
    """A locked field that shows what it should is no difference."""
    planned = plan(shown(IN_STEP, locked={"stock": "comes from the parent"}), CREATED)
    assert planned.action == "in_step"
    assert "stock" not in [each.field for each in planned.notes]


def test_a_held_price() -> None:
    """A price in a tax mode that does not fit is held for a person; name and stock are written."""
    planned = plan(shown(OLD), CREATED, store=replace(SHOP, prices_include_tax=True))
    assert planned.content.set_fields() == ("name", "stock")
    assert note(planned, "price") == Note(
        "price", "the store's prices include tax, but listing.tax names no rate", True, shows="8"
    )


def test_the_tax_class_is_the_records_own() -> None:
    """The tax that is added is the one of the class that the store's record shows."""
    rules = ListingRules(tax={"standard": Decimal("0.15"), "reduced-rate": Decimal("0.05")})
    planned = plan(
        shown(OLD, tax_class="reduced-rate"),
        CREATED,
        rules=rules,
        store=replace(SHOP, prices_include_tax=True),
    )
    assert planned.content.price == Decimal("9.98")


@pytest.mark.parametrize("price", ["0.004", "0.0049999"])
def test_a_price_that_rounds_to_zero(price: str) -> None:
    """A price that the store could only show as zero is pushed to no listing, old or new."""
    product = replace(TEA, price=Decimal(price))
    planned = plan(shown(OLD), CREATED, product=product)
    assert planned.content.price is None
    assert note(planned, "price") == Note(
        "price", f"the store cannot hold {price} (default sell price, ex tax)", shows="8"
    )
    created = plan(None, product=product, rules=PUBLISH)
    assert (created.content.price, created.content.status) == (None, HIDDEN)


def test_a_parked_listing_is_tried_again() -> None:
    """A write that was refused before is planned like any other, and no longer counts as parked."""
    planned = plan(shown(OLD), replace(CREATED, parked="invalid price"))
    assert (planned.action, planned.link.parked) == ("write", "")


PRICES = st.none() | st.decimals(-1, 100, places=4)
STOCKS = st.none() | st.decimals(-5, 50, places=3)
CONTENTS = st.builds(
    Content,
    st.none() | st.text(max_size=30),
    PRICES,
    STOCKS,
    st.sampled_from([None, LIVE, HIDDEN]),
)
PRODUCTS = st.builds(
    lambda name, price, **flags: replace(TEA, name=name, price=price, **flags),
    st.text(max_size=30),
    PRICES,
    obsolete=st.booleans(),
    sellable=st.booleans(),
    assembled=st.booleans(),
    never_diminishing=st.booleans(),
)
RULE_SETS = st.builds(
    ListingRules,
    fields=st.frozensets(st.sampled_from(["name", "price", "stock"])),
    create=st.booleans(),
    publish=st.booleans(),
    buffer=st.sampled_from([Decimal(0), Decimal("1.5")]),
    obsolete=st.sampled_from(["draft", "out_of_stock", "leave"]),
)
LINKS = st.sampled_from([UNLINKED, ADOPTED, CREATED, replace(ADOPTED, owned=frozenset({"price"}))])
KNOWN = STOCKS.map(lambda number: UNKNOWN if number is None else stock(total=str(number)))
LOCKS = st.sampled_from([{}, {"stock": "the shop does not track its stock"}])


@given(PRODUCTS, KNOWN, RULE_SETS, LINKS, st.none() | CONTENTS, LOCKS)
def test_once_is_enough(
    product: Product,
    known: Stock,
    rules: ListingRules,
    link: Link,
    content: Content | None,
    locked: dict[str, str],
) -> None:
    """A plan that was carried out leaves nothing to write, also in a store that rounds."""
    shelf = Shelf(None if content is None else shown(content, locked=locked), link)
    first = plan(shelf.record, shelf.link, product=product, known=known, rules=rules)
    shelf.carry_out(first)
    second = plan(shelf.record, shelf.link, product=product, known=known, rules=rules)
    assert second.action == ("in_step" if first.action in ("write", "create") else first.action)
    assert second.content == Content()


@given(PRODUCTS, KNOWN, RULE_SETS, LINKS, st.none() | CONTENTS, LOCKS)
def test_what_is_never_written(
    product: Product,
    known: Stock,
    rules: ListingRules,
    link: Link,
    content: Content | None,
    locked: dict[str, str],
) -> None:
    """No plan writes a zero price, an empty name, a negative or unknown stock, or what is not ours."""
    record = None if content is None else shown(content, locked=locked)
    planned = plan(record, link, product=product, known=known, rules=rules)
    written = planned.content
    assert written.price is None or written.price > 0
    assert written.name != ""
    assert written.stock is None or written.stock >= 0
    if known is UNKNOWN:
        assert written.stock is None or (product.obsolete and rules.obsolete == "out_of_stock")
    assert not set(written.set_fields()) & set(locked) or record is None
    assert {change.field for change in planned.changes} == set(written.set_fields())
    assert all(change.rule and change.before != change.after for change in planned.changes)
    if record is not None and not planned.link.owned:
        assert set(written.set_fields()) <= {"stock"}
    if written.status is LIVE and planned.action == "create":
        assert rules.publish
        assert written.price is not None


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, None), (Decimal("9.50"), "9.5"), (LIVE, "live"), ("Green tea", "Green tea")],
)
def test_a_value_as_a_person_reads_it(value: object, expected: str | None) -> None:
    """Numbers are shown without trailing zeros, a status by its word, and nothing as nothing."""
    assert text(value) == expected

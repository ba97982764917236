"""What a store should show for a product: each field, and the rule that decides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.listing import ListingRules, Stock, base_price, sellable, stock_of, untracked
from syncd.core.model import ALL_WAREHOUSES, ListingStatus, Product, StockRow, StoreFacts, Tier, Value
from tests.core.examples import (
    ACCOUNT,
    GUID,
    HIDDEN,
    LIVE,
    NINETEEN,
    OBSOLETE_TEA,
    RULES,
    SHOP,
    TEA,
    TIERS,
    UNKNOWN,
    UNLINKED,
    listing_of,
    stock,
)

QUANTITIES = st.decimals(min_value=-(10**12), max_value=10**12, places=14)
TWO = ListingRules(warehouses=("W1", "W2"))
INCLUSIVE = replace(SHOP, prices_include_tax=True)


def test_the_listing_of_an_ordinary_product() -> None:
    """An ordinary product shows its trimmed code and name, its price and stock; status is left alone."""
    listing = listing_of(replace(TEA, code=" TEA-100 ", name="  Green tea 100 g "))
    assert listing.code == "TEA-100"
    assert listing.name.value == "Green tea 100 g"
    assert listing.price == Value(Decimal("9.50"), "default sell price, ex tax")
    assert listing.stock == Value(Decimal(19), "available 19")
    assert listing.status.value is None


@pytest.mark.parametrize("field", ["name", "price", "stock"])
def test_a_field_that_was_not_asked_for(field: str) -> None:
    """A field that is not among the store's fields is left alone, and the others are not."""
    listing = listing_of(rules=ListingRules(fields=RULES.fields - {field}))
    assert getattr(listing, field) == Value(None, f"{field} is not among this store's fields")
    assert all(getattr(listing, other).value is not None for other in RULES.fields - {field})


@pytest.mark.parametrize("name", ["", "  "])
def test_a_product_without_a_name(name: str) -> None:
    """A product without a name empties no name in the store."""
    assert listing_of(replace(TEA, name=name)).name == Value(None, "the product has no name in Unleashed")


@pytest.mark.parametrize(
    ("tier", "expected"),
    [
        ("default", "9.50"),
        (1, "12.50"),
        ("1", "12.50"),
        ("Retail", "12.50"),
        (" Retail ", "12.50"),
        (3, "7"),
        ("3", "7"),
        (2, None),
        ("Trade", None),
        (9, None),
        ("", None),
        ("retail", None),
        ("Wholesale", None),
    ],
)
def test_price_tier(tier: str | int, expected: str | None) -> None:
    """A tier is given as its number, as the number in quotes, or as its name; an unset tier is no price."""
    assert base_price(TEA, tier).value == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("tier", "price"), [(3, None), ("3", None), (1, "5"), ("1", "5"), ("Three", None)], ids=repr
)
def test_a_number_is_never_a_name(tier: str | int, price: str | None) -> None:
    """A tier whose name looks like another tier's number is found by its own number only."""
    product = replace(TEA, tiers=(Tier(1, "3", Decimal(5)), Tier(3, "Three", None)))
    assert base_price(product, tier).value == (None if price is None else Decimal(price))


@pytest.mark.parametrize(
    ("tiers", "tier", "held", "rule"),
    [
        (TIERS, "Trade", False, "sell price tier Trade is not set in Unleashed"),
        (TIERS, 9, False, "sell price tier 9 is not set in Unleashed"),
        ((), "Retail", False, "sell price tier Retail is not set in Unleashed"),
        (TIERS, "Retial", True, "Unleashed has no sell price tiers named 'Retial'"),
        (TIERS, "", True, "Unleashed has no sell price tiers named ''"),
        (
            (*TIERS, Tier(4, "Retail", None)),
            "Retail",
            True,
            "Unleashed has several sell price tiers named 'Retail'",
        ),
    ],
)
def test_a_tier_that_cannot_be_meant(tiers: tuple[Tier, ...], tier: str | int, held: bool, rule: str) -> None:
    """A name that no tier has, or two have, is held for a person; a tier without a value is not."""
    assert base_price(replace(TEA, tiers=tiers), tier) == Value(None, rule, held)


@pytest.mark.parametrize("price", [None, "0", "0.00", "-0", "-0.01", "-9.50"])
@pytest.mark.parametrize("tier", ["default", 1])
def test_no_price_is_never_pushed(price: str | None, tier: str | int) -> None:
    """A price that is null, zero or below is never pushed, from any tier and into any tax mode."""
    number = None if price is None else Decimal(price)
    product = replace(TEA, price=number, tiers=(Tier(1, "Retail", number),))
    rules = ListingRules(price_tier=tier, tax=Decimal("0.15"))
    assert listing_of(product, rules=rules).price.value is None
    assert listing_of(product, rules=rules, store=INCLUSIVE).price.value is None
    assert not listing_of(product, rules=rules).price.held


FIFTEEN = Decimal("0.15")
CLASSES = {"standard": FIFTEEN, "reduced-rate": Decimal("0.05"), "zero-rate": Decimal(0)}


@pytest.mark.parametrize(
    ("include_tax", "tax", "tax_class", "expected"),
    [
        (False, "exclusive", "", "9.50"),
        (False, FIFTEEN, "", "9.50"),
        (False, CLASSES, "unheard-of", "9.50"),
        (True, FIFTEEN, "", "10.925"),
        (True, FIFTEEN, "reduced-rate", "10.925"),
        (True, Decimal(0), "", "9.50"),
        (True, CLASSES, "", "10.925"),
        (True, CLASSES, "standard", "10.925"),
        (True, CLASSES, "reduced-rate", "9.975"),
        (True, CLASSES, "zero-rate", "9.50"),
    ],
)
def test_tax(include_tax: bool, tax: Any, tax_class: str, expected: str) -> None:
    """Tax is added where the store's prices include it, by the one rate or by that of the record's class."""
    facts = replace(SHOP, prices_include_tax=include_tax)
    price = listing_of(rules=ListingRules(tax=tax), store=facts, tax_class=tax_class).price
    assert price.value == Decimal(expected)


@pytest.mark.parametrize(
    ("include_tax", "tax", "tax_class", "rule"),
    [
        (None, "exclusive", "", "the store does not say whether its prices include tax"),
        (None, FIFTEEN, "", "the store does not say whether its prices include tax"),
        (True, "exclusive", "", "the store's prices include tax, but listing.tax names no rate"),
        (True, CLASSES, "luxury", "listing.tax names no rate for the store's tax class 'luxury'"),
        (True, {}, "", "listing.tax names no rate for the store's tax class 'standard'"),
    ],
)
def test_a_tax_mode_that_does_not_fit(include_tax: bool | None, tax: Any, tax_class: str, rule: str) -> None:
    """A price whose tax cannot be told is held with one sentence, and the rest goes on."""
    facts = replace(SHOP, prices_include_tax=include_tax)
    listing = listing_of(rules=ListingRules(tax=tax), store=facts, tax_class=tax_class)
    assert listing.price == Value(None, rule, held=True)
    assert (listing.name.value, listing.stock.value) == ("Green tea 100 g", Decimal(19))


def test_the_rule_of_a_price_with_tax() -> None:
    """The rule of a price names its tier and the rate that was added."""
    rules = ListingRules(price_tier=1, tax=Decimal("0.125"))
    assert listing_of(rules=rules, store=INCLUSIVE).price.rule == "sell price tier 1 + 12.5 % tax"


@pytest.mark.parametrize(
    ("ours", "theirs", "held"),
    [
        ("NZD", "NZD", False),
        ("NZD", "AUD", True),
        (None, "AUD", False),
        ("NZD", None, False),
        (None, None, False),
    ],
)
def test_another_currency(ours: str | None, theirs: str | None, held: bool) -> None:
    """A price in another currency is held and the rest goes on; an untold currency holds nothing."""
    listing = listing_of(account=replace(ACCOUNT, currency=ours), store=replace(SHOP, currency=theirs))
    assert listing.price.held is held
    assert (listing.price.value is None) is held
    assert listing.stock.value == 19


@pytest.mark.parametrize(
    ("known", "rules", "expected"),
    [
        (stock(total="19"), RULES, "19"),
        (stock(total="-3"), RULES, "0"),
        (stock(total="2.75"), RULES, "2.75"),
        (stock(total="0"), RULES, "0"),
        (stock(total="19"), ListingRules(buffer=Decimal(4)), "15"),
        (stock(total="3"), ListingRules(buffer=Decimal(4)), "0"),
        (stock(W1="3", W2="4"), TWO, "7"),
        (stock(W1="-3", W2="4"), TWO, "1"),
        (stock(W1="-5", W2="4"), TWO, "0"),
        (stock(W1="3", W2="4", W3="50", total="57"), TWO, "7"),
        (stock(W1="3"), ListingRules(warehouses=("W1", "W1")), "3"),
        (stock(frozenset({"W2"}), W1="3"), TWO, "3"),
        (stock(frozenset({"W1", "W2"})), TWO, "0"),
        (stock(frozenset({"W1"}), W1="3", W2="1"), TWO, "4"),
        (stock(frozenset({ALL_WAREHOUSES})), RULES, "0"),
    ],
)
def test_sellable(known: Stock, rules: ListingRules, expected: str) -> None:
    """What may be sold is the sum over the configured warehouses less the buffer, and never below zero."""
    assert sellable(known, rules).value == Decimal(expected)


@pytest.mark.parametrize(
    ("known", "rules", "rule"),
    [
        (UNKNOWN, RULES, "the stock in all warehouses is not known yet"),
        (stock(W1="3"), RULES, "the stock in all warehouses is not known yet"),
        (stock(W1="3"), TWO, "the stock in W2 is not known yet"),
        (stock(total="19"), TWO, "the stock in W1, W2 is not known yet"),
        (stock(frozenset({"W1"})), TWO, "the stock in W2 is not known yet"),
    ],
)
def test_unknown_stock_is_never_pushed(known: Stock, rules: ListingRules, rule: str) -> None:
    """Stock that is unknown in one configured warehouse is unknown, and is not zero."""
    assert listing_of(known=known, rules=rules).stock == Value(None, rule)


@given(st.dictionaries(st.sampled_from(["W1", "W2", "W3"]), QUANTITIES), st.decimals(0, 100, places=2))
def test_never_more_than_there_is(rows: Mapping[str, Decimal], buffer: Decimal) -> None:
    """What is pushed is never negative, and with the buffer never more than Unleashed says is available."""
    rules = replace(TWO, buffer=buffer)
    value = sellable(
        Stock({name: StockRow(GUID, name, number) for name, number in rows.items()}), rules
    ).value
    if value is None:
        assert not {"W1", "W2"} <= set(rows)
    else:
        assert value == 0 or value + buffer <= rows["W1"] + rows["W2"] + Decimal("1e-12")
        assert value >= 0


def test_a_large_sum_is_exact() -> None:
    """The sum of a large and a tiny quantity keeps both to the last place."""
    known = stock(W1="100000000000000000000", W2="0.00000000000001")
    assert sellable(known, TWO).value == Decimal("100000000000000000000.00000000000001")


def test_the_rule_of_a_stock() -> None:
    """The rule of a stock shows each warehouse and the buffer as numbers a person can add up."""
    known = stock(W1="12.0000", W2="-1")
    assert sellable(known, replace(TWO, buffer=Decimal(2))).rule == "available W1 12 + W2 -1 - buffer 2"


def test_stock_of_mirrored_rows() -> None:
    """The mirror's rows are seen by warehouse; having none is zero only where that may be believed."""
    known = stock_of([StockRow(GUID, "W1", Decimal(3))], frozenset({"W2"}))
    assert [known.available(name) for name in ("W1", "W2", "W3")] == [3, 0, None]


UNTRACKED = [
    ({"never_diminishing": True}, "never diminishing in Unleashed: its stock is not a quantity"),
    ({"sellable": False}, "not sellable in Unleashed"),
    ({"component": True}, "a component in Unleashed: sold only as part of something else"),
    ({"assembled": True}, "assembled in Unleashed, and no policy for assembled products is configured"),
]


@pytest.mark.parametrize(("flags", "rule"), UNTRACKED, ids=lambda each: str(each)[:20])
@pytest.mark.parametrize("obsolete", ["draft", "out_of_stock", "leave"])
def test_stock_that_is_not_a_quantity(flags: dict[str, Any], rule: str, obsolete: Any) -> None:
    """The stock of what is not sold by the piece is never pushed, not even as zero once it is obsolete."""
    product = replace(TEA, obsolete=True, **flags)
    assert untracked(product) == rule
    assert listing_of(product, rules=ListingRules(obsolete=obsolete)).stock == Value(None, rule)


def test_ordinary_stock_is_tracked() -> None:
    """An ordinary product has no reason not to be tracked."""
    assert untracked(TEA) == ""


@pytest.mark.parametrize(
    ("product", "obsolete", "status", "quantity"),
    [
        (TEA, "draft", None, 19),
        (TEA, "out_of_stock", None, 19),
        (TEA, "leave", None, 19),
        (OBSOLETE_TEA, "draft", HIDDEN, 19),
        (OBSOLETE_TEA, "out_of_stock", None, 0),
        (OBSOLETE_TEA, "leave", None, 19),
    ],
)
def test_obsolete(product: Product, obsolete: Any, status: ListingStatus | None, quantity: int) -> None:
    """An obsolete product is hidden, out of stock, or left as it is; the configuration says which."""
    listing = listing_of(product, rules=ListingRules(obsolete=obsolete))
    assert (listing.status.value, listing.stock.value) == (status, Decimal(quantity))


def test_out_of_stock_needs_no_stock_row() -> None:
    """An obsolete product is out of stock whatever its quantity is, known or not."""
    rules = ListingRules(obsolete="out_of_stock")
    assert listing_of(OBSOLETE_TEA, UNKNOWN, rules).stock == Value(
        Decimal(0), "obsolete in Unleashed: out of stock"
    )


@pytest.mark.parametrize("before", [LIVE, HIDDEN])
def test_no_longer_obsolete(before: ListingStatus) -> None:
    """A product that is sold again gets back the status that it had before we hid it."""
    link = replace(UNLINKED, hidden_from=before)
    assert listing_of(link=link).status.value is before
    assert listing_of(OBSOLETE_TEA, link=link).status.value is HIDDEN


def test_feeds() -> None:
    """Without warehouses in the configuration the stock is Unleashed's own sum."""
    assert RULES.feeds() == (ALL_WAREHOUSES,)
    assert TWO.feeds() == ("W1", "W2")


@given(
    price=st.none() | st.decimals(-10, 1000, places=4),
    include_tax=st.sampled_from([True, False, None]),
    tax=st.sampled_from(["exclusive", FIFTEEN, CLASSES]),
    tax_class=st.sampled_from(["", "reduced-rate", "luxury"]),
    currency=st.sampled_from(["NZD", "AUD", None]),
)
def test_every_field_has_its_rule(
    price: Decimal | None, include_tax: bool | None, tax: Any, tax_class: str, currency: str | None
) -> None:
    """Whatever is decided, a sentence says why; a price is above zero and at least the one ex tax."""
    facts = StoreFacts("woocommerce:shop.example.test", currency, include_tax)
    listing = listing_of(
        replace(TEA, price=price), NINETEEN, ListingRules(tax=tax), store=facts, tax_class=tax_class
    )
    assert all(value.rule for value in (listing.name, listing.price, listing.stock, listing.status))
    assert listing.price.value is None or (price is not None and listing.price.value >= price > 0)

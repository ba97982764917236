"""Identifiers are the same for ever: a changed test vector would post every order a second time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.sale_identity import (
    Names,
    customer_guid,
    line_guid,
    order_guid,
    order_number,
    product_guid,
    source_id,
)
from tests.core.order_examples import NAMES


def test_identifiers_never_change() -> None:
    """The guids of an order, a line, a product and a customer, once published."""
    assert order_guid(NAMES, "33") == "2e80c6fe-5fda-5bfb-87fd-97e7371ffdbd"
    assert line_guid(NAMES, "33", "26", "product") == "a116681f-915f-53cf-b458-33a25866d469"
    assert product_guid(NAMES, " TEA-100 ") == "76ed6d11-9426-5d25-9b66-9135ce600bf8"
    assert customer_guid(NAMES, "gia@example.test") == "4bbde911-63be-5da4-abd3-d46810627bae"


def test_two_stores_of_one_account_create_one_product_and_one_customer() -> None:
    """Orders differ between stores; what both would create does not."""
    other = Names("woocommerce:other.example.test", NAMES.account)
    assert order_guid(NAMES, "33") != order_guid(other, "33")
    assert product_guid(NAMES, "TEA-100") == product_guid(other, "TEA-100")
    assert customer_guid(NAMES, "a@example.test") == customer_guid(other, "a@example.test")


TEXTS = st.text(max_size=12)


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_no_two_orders_share_an_identifier(store: str, ident: str, other_store: str, other: str) -> None:
    """Different stores or ids, however alike their texts run together, have different guids."""
    same = (store, ident) == (other_store, other)
    assert (order_guid(Names(store, ""), ident) == order_guid(Names(other_store, ""), other)) == same


@pytest.mark.parametrize(
    ("prefix", "ident", "expected"),
    [
        ("WEB-", "88210", "WEB-88210"),
        ("WEB-", "5123456789012", "WEB-5123456789012"),
        ("WEB-", "0b7f0c52-6f0e-4f0a-9d3b-2a5f7a1c9e01", "WEB-SI4FWICYTOTCY"),
        ("", "1", "1"),
    ],
)
def test_order_numbers(prefix: str, ident: str, expected: str) -> None:
    """Prefix and id, or a hash of the id where that is longer than 17 characters: never a cut id."""
    number = order_number(prefix, ident)
    assert number == expected
    assert len(number) <= 17


def test_a_prefix_that_leaves_no_room() -> None:
    """A long prefix with a long id cannot be told apart from others, and is refused."""
    with pytest.raises(ValueError, match="leaves no room"):
        order_number("SHOP-OF-US-", "0b7f0c52-6f0e-4f0a-9d3b-2a5f7a1c9e01")


def test_the_source_id_is_store_and_order() -> None:
    """An order is looked up by identity and id; an absurd identity is hashed, the id never cut."""
    assert source_id(NAMES, "33") == "woocommerce:shop.example.test:33"
    long = source_id(Names("woocommerce:" + "x" * 600, "a"), "33")
    assert long.endswith(":33")
    assert len(long) < 100

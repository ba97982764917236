"""The emulated WooCommerce keeps names and SKUs as WordPress does, and finds equal what its database does."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.emulator.woocommerce_caller import Caller


@pytest.fixture
def caller() -> Caller:
    return Caller()


def put(caller: Caller, item_id: int, **fields: Any) -> Any:
    return caller.put(f"/products/{item_id}", **fields)


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("A & B", "A &amp; B"),
        ("A &amp; B", "A &amp; B"),
        ("Crème brûlée &eacute;", "Crème brûlée &eacute;"),
        ("AT&T;", "AT&amp;T;"),
        ("Bad <script>alert(1)</script> idea", "Bad alert(1) idea"),
        ("<b>Bold</b> & <i>thin</i>", "<b>Bold</b> &amp; <i>thin</i>"),
        ("5 < 6 > 4", "5  4"),
        ("less < more", "less &lt; more"),
        ('5\\" pipe', '5" pipe'),
        ("a\\b", "ab"),
        ("one &#92; two &#39;", "one &#092; two &#039;"),
        ("&#0;&#x41;&#1;", "&#x41;&amp;#1;"),
        ('I <3 "tea"', "I &lt;3 &quot;tea&quot;"),
        ("<h2>Tea</h2><form>", "<h2>Tea</h2>"),
        ("bell\x07, nbsp\u00a0", "bell, nbsp\u00a0"),
    ],
)
def test_names_are_html(caller: Caller, sent: str, stored: str) -> None:
    """Names come back escaped, without scripts, and with backslashes eaten."""
    item = caller.shelf.add_simple("MUG", "Mug")
    assert put(caller, item.id, name=sent)["name"] == stored


@pytest.mark.parametrize("sent", ["", "0", " ", "<script></script>"])
def test_what_comes_to_no_name_changes_nothing(caller: Caller, sent: str) -> None:
    """The name stays as it was."""
    item = caller.shelf.add_simple("MUG", "Mug")
    assert put(caller, item.id, name=sent)["name"] == "Mug"


def test_a_product_without_a_name_is_called_product(caller: Caller) -> None:
    """A new product without a name gets one."""
    for fields in ({}, {"name": ""}, {"name": "0"}):
        assert caller.post("/products", **fields)["name"] == "Product"


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (" A  B\t", "A B"),
        ("A%%2020B", "AB"),
        ("<b>A</b>", "A"),
        ("FUNNEL<5&6", "FUNNEL&lt;5&amp;6"),
        ("A < B > C", "A < B > C"),
        ("A\u00a0", "A\u00a0"),
    ],
)
def test_skus_are_cleaned(caller: Caller, sent: str, stored: str) -> None:
    """Tags, octets and double spaces go; what only begins like a tag is escaped."""
    assert caller.post("/products", sku=sent)["sku"] == stored


@pytest.mark.parametrize(
    "alike", ["the-vert", "THÉ-VERT", "ＴＨÉ-ＶＥＲＴ", "the\u0301-vert", "thé\u200b-vert"]
)
def test_the_database_takes_similar_skus_for_equal(caller: Caller, alike: str) -> None:
    """Case, accents, width and invisible characters do not count, when looking and when creating."""
    item = caller.shelf.add_simple("Thé-vert", "Green tea")
    assert caller.skus(f"sku={quote(alike)}") == ["Thé-vert"]
    answer = json.loads(caller.send("POST", "/products", body={"sku": alike}).body())
    assert (answer["code"], answer["data"]["resource_id"]) == ("product_invalid_sku", item.id)


@pytest.mark.parametrize("sku", ["it's", '3" pipe', "back\\slash"])
def test_a_quoted_sku_escapes_the_uniqueness_check(caller: Caller, sku: str) -> None:
    """A new product with a taken SKU is told that it is held, as from the trash; a changed one gets it."""
    caller.shelf.add_simple(sku, "First")
    held = (400, "woocommerce_rest_product_not_created")
    assert caller.refusal("POST", "/products", body={"sku": sku}) == held
    other = caller.shelf.add_simple("OTHER", "Second")
    assert put(caller, other.id, sku=sku)["sku"] == sku


def test_the_sku_0_is_never_taken(caller: Caller) -> None:
    """PHP takes "0" for no SKU, so that two products may carry it."""
    for name in ("First", "Second"):
        assert caller.post("/products", name=name, sku="0")["sku"] == "0"

"""Writes to the emulated WooCommerce are taken, bent or dropped as by the real one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from syncd.emulator.wire import AnswerLost
from tests.emulator.woocommerce_caller import Caller


@pytest.fixture
def caller() -> Caller:
    return Caller()


def put(caller: Caller, item_id: int, **fields: Any) -> Any:
    return caller.put(f"/products/{item_id}", **fields)


def one(caller: Caller, action: str, item: Any) -> Any:
    """Send a batch of one item and return its answer."""
    (row,) = caller.post("/products/batch", **{action: [item]})[action]
    return row


def test_stock_follows_the_write(caller: Caller) -> None:
    """An absolute quantity is stored, the stock status follows it, below zero too."""
    item = caller.shelf.add_simple("MUG", "Mug", "5", 12)
    for quantity, status in ((7, "instock"), (0, "outofstock"), (-3, "outofstock")):
        row = put(caller, item.id, stock_quantity=quantity)
        assert (row["stock_quantity"], row["stock_status"]) == (quantity, status)
    assert put(caller, item.id, backorders="notify")["stock_status"] == "onbackorder"


def test_an_unmanaged_quantity_is_dropped(caller: Caller) -> None:
    """A quantity for a product that is not managed is ignored with 200."""
    item = caller.shelf.add_simple("MUG", "Mug", "5")
    row = put(caller, item.id, stock_quantity=7)
    assert (row["manage_stock"], row["stock_quantity"]) == (False, None)
    row = put(caller, item.id, manage_stock=True, stock_quantity=7)
    assert (row["manage_stock"], row["stock_quantity"]) == (True, 7)


def test_the_quantity_is_gone_once_unmanaged(caller: Caller) -> None:
    """Management switched off and on again leaves no quantity and nothing in stock."""
    item = caller.shelf.add_simple("MUG", "Mug", "5", 12)
    assert put(caller, item.id, manage_stock=False)["stock_quantity"] is None
    row = put(caller, item.id, manage_stock=True)
    assert (row["stock_quantity"], row["stock_status"]) == (None, "outofstock")


def test_null_is_zero_alone_and_nothing_in_a_batch(caller: Caller) -> None:
    """stock_quantity null sets 0 in a single write and is skipped in a batch."""
    item = caller.shelf.add_simple("MUG", "Mug", "5", 12)
    assert one(caller, "update", {"id": item.id, "stock_quantity": None})["stock_quantity"] == 12
    assert put(caller, item.id, stock_quantity=None)["stock_quantity"] == 0


def test_a_variation_that_shares_the_stock_cannot_be_set(caller: Caller) -> None:
    """A quantity for a variation with "parent" is dropped: the parent's is shown."""
    parent = caller.shelf.add_variable("TEE", "T-shirt", stock=40)
    variation = caller.shelf.add_variation(parent, "TEE-S", "25", option="S")
    row = caller.put(f"/products/{parent.id}/variations/{variation.id}", stock_quantity=3)
    assert (row["manage_stock"], row["stock_quantity"]) == ("parent", 40)


def test_a_shop_without_stock_management_ignores_quantities(caller: Caller) -> None:
    """With the shop-wide switch off nothing about quantities is taken."""
    item = caller.shelf.add_simple("MUG", "Mug", "5", 12)
    caller.settings.manage_stock = False
    row = put(caller, item.id, manage_stock=True, stock_quantity=7)
    assert (row["manage_stock"], row["stock_quantity"]) == (False, 12)


def test_inventory_delta_adds(caller: Caller) -> None:
    """The undocumented inventory_delta is added to what is there."""
    item = caller.shelf.add_simple("MUG", "Mug", "5", 12)
    assert put(caller, item.id, inventory_delta=5)["stock_quantity"] == 17


def test_decimal_stock(caller: Caller) -> None:
    """A shop that sells by weight takes parts of a unit and answers a JSON number."""
    item = caller.shelf.add_simple("TEA", "Loose tea", "5", 12)
    assert caller.refusal("PUT", f"/products/{item.id}", body={"stock_quantity": 2.5})[0] == 400
    caller.settings.integer_stock = False
    assert put(caller, item.id, stock_quantity=2.5)["stock_quantity"] == 2.5


@pytest.mark.parametrize(
    "fields",
    [
        {"regular_price": 9.5},
        {"stock_quantity": "11.5"},
        {"stock_quantity": "abc"},
        {"stock_quantity": True},
        {"status": "archived"},
        {"manage_stock": "parent"},
        {"name": 7},
        {"meta_data": "x"},
        {"backorders": "perhaps"},
    ],
    ids=str,
)
def test_single_writes_are_checked(caller: Caller, fields: dict[str, Any]) -> None:
    """A single write of the wrong type or word is refused, names the field and changes nothing."""
    item = caller.shelf.add_simple("MUG", "Mug", "5", 12)
    answer = caller.send("PUT", f"/products/{item.id}", body=fields)
    error = json.loads(answer.body())
    assert (answer.status, error["code"]) == (400, "rest_invalid_param")
    assert set(error["data"]["params"]) == set(fields)
    assert caller.shop.writes() == []


@pytest.mark.parametrize(
    ("field", "sent", "stored"),
    [
        ("stock_quantity", "abc", 0),
        ("stock_quantity", "11.5", 11),
        ("stock_quantity", "1e3", 1000),
        ("stock_quantity", "٣", 0),
        ("status", "archived", "draft"),
        ("regular_price", "12,50", "1250"),
        ("regular_price", 9.5, "9.5"),
        ("colour", "green", None),
    ],
)
def test_a_batch_checks_nothing(caller: Caller, field: str, sent: object, stored: object) -> None:
    """What a single write refuses a batch bends, with HTTP 200."""
    item = caller.shelf.add_simple("MUG", "Mug", "5", 12)
    assert one(caller, "update", {"id": item.id, field: sent}).get(field) == stored


def test_prices(caller: Caller) -> None:
    """A decimal comma is thrown away, more decimals are kept, null and "" clear the price."""
    item = caller.shelf.add_simple("MUG", "Mug", "5", 1)
    for sent, stored in (("12,50", "1250"), ("15.999", "15.999"), ("1 200.00", "1200.00"), ("", "")):
        assert put(caller, item.id, regular_price=sent)["regular_price"] == stored
    caller.settings.decimal_separator = ","
    assert put(caller, item.id, regular_price="12,50")["regular_price"] == "12.50"


def test_a_sale_price_that_is_no_lower_is_cleared(caller: Caller) -> None:
    """A sale price at or above the regular price disappears; a lower one is the price; "" ends it."""
    item = caller.shelf.add_simple("MUG", "Mug", "9.50", 1)
    for sent in ("9.50", "11.00"):
        assert put(caller, item.id, sale_price=sent)["sale_price"] == ""
    row = put(caller, item.id, sale_price="8")
    assert (row["sale_price"], row["price"], row["on_sale"]) == ("8", "8", True)
    assert put(caller, item.id, regular_price="7.00")["sale_price"] == ""


def test_a_parent_takes_no_price(caller: Caller) -> None:
    """regular_price of a parent stays empty, with 200."""
    parent = caller.shelf.add_variable("TEE", "T-shirt")
    assert put(caller, parent.id, regular_price="10")["regular_price"] == ""


def test_every_save_moves_the_stamp(caller: Caller) -> None:
    """Even an empty write moves date_modified of a product."""
    item = caller.shelf.add_simple("MUG", "Mug", "5", 1)
    caller.clock.pass_by(60)
    assert put(caller, item.id)["date_modified_gmt"] == "2026-11-21T10:01:00"


def test_a_variation_moves_its_parent_and_not_the_other_way(caller: Caller) -> None:
    """Saving a variation moves both; saving the parent leaves the variation's stamp."""
    parent = caller.shelf.add_variable("TEE", "T-shirt")
    variation = caller.shelf.add_variation(parent, "TEE-S", "25", 3, "S")
    caller.clock.pass_by(60)
    caller.put(f"/products/{parent.id}/variations/{variation.id}", stock_quantity=2)
    assert (parent.modified, variation.modified) == (variation.modified, int(caller.clock().timestamp()))
    caller.clock.pass_by(60)
    put(caller, parent.id, name="Shirt")
    assert parent.modified == variation.modified + 60


def test_ghosts_sales_and_people(caller: Caller) -> None:
    """A direct write changes the answer but not the stamp; a sale and a person move it."""
    item = caller.shelf.add_simple("MUG", "Mug", "5", 10)
    stamp = item.modified
    caller.clock.pass_by(60)
    caller.shelf.edit_meta(item.id, 3)
    row = caller.get(f"/products/{item.id}")
    assert (row["stock_quantity"], item.modified) == (3, stamp)
    caller.shelf.sell(item.id, 2)
    assert (item.stock_quantity, item.modified) == (1, stamp + 60)
    caller.clock.pass_by(60)
    caller.shelf.edit(item.id, name="Cup", regular_price="6")
    assert (item.name, item.modified) == ("Cup", stamp + 120)


def test_a_sale_of_shared_stock_takes_from_the_parent(caller: Caller) -> None:
    """A variation without stock of its own sells from its parent's, and both move."""
    parent = caller.shelf.add_variable("TEE", "T-shirt", stock=40)
    variation = caller.shelf.add_variation(parent, "TEE-S", "25", option="S")
    caller.clock.pass_by(60)
    caller.shelf.sell(variation.id, 5)
    assert parent.stock_quantity == 35
    assert parent.modified == variation.modified == int(caller.clock().timestamp())


def test_a_new_product_is_on_sale_at_once(caller: Caller) -> None:
    """A create answers 201 with its place; without a status it is published."""
    answer = caller.send("POST", "/products", body={"name": "Mug", "sku": " MUG  1 "})
    row = json.loads(answer.body())
    assert (answer.status, row["status"], row["type"], row["sku"]) == (201, "publish", "simple", "MUG 1")
    assert answer.headers["Location"].endswith(f"/products/{row['id']}")
    assert caller.post("/products", name="Cup", status="draft")["status"] == "draft"


def test_a_variable_product_is_made_in_two_steps(caller: Caller) -> None:
    """Parent with an attribute first, then variations; an attribute the parent lacks is dropped."""
    size = {"name": "Size", "variation": True, "visible": True, "options": ["S", "M"]}
    parent = caller.post("/products", name="T-shirt", type="variable", attributes=[size])
    where = f"/products/{parent['id']}/variations"
    options = [{"name": "Size", "option": "S"}, {"name": "Colour", "option": "Red"}]
    row = caller.post(where, sku="TEE-S", regular_price="25", attributes=options)
    assert [each["option"] for each in row["attributes"]] == ["S"]
    assert (row["manage_stock"], row["type"], row["parent_id"]) == (False, "variation", parent["id"])
    put(caller, parent["id"], manage_stock=True, stock_quantity=9)
    assert caller.post(where, sku="TEE-M")["manage_stock"] == "parent"


def test_a_taken_sku_names_its_owner(caller: Caller) -> None:
    """A SKU of a live product, in any case, is refused with the owner's id; one's own is fine."""
    item = caller.shelf.add_simple("MUG", "Mug")
    answer = caller.send("POST", "/products", body={"name": "Twin", "sku": "mug"})
    error = json.loads(answer.body())
    assert (answer.status, error["code"]) == (400, "product_invalid_sku")
    assert error["data"] == {"status": 400, "resource_id": item.id, "unique_sku": "mug-1"}
    assert put(caller, item.id, sku="mug")["sku"] == "mug"


def test_a_trashed_sku_is_held_hostage(caller: Caller) -> None:
    """The SKU of a trashed product is found nowhere and cannot be used; the product can be revived."""
    item = caller.shelf.add_simple("MUG", "Mug")
    assert caller.send("DELETE", f"/products/{item.id}").status == 200
    assert caller.skus("sku=MUG") == []
    refused = (400, "woocommerce_rest_product_not_created")
    assert caller.refusal("POST", "/products", body={"name": "Again", "sku": "MUG"}) == refused
    assert caller.skus("sku=MUG&status=trash") == ["MUG"]
    assert put(caller, item.id, status="draft")["status"] == "draft"
    assert caller.skus("sku=MUG") == ["MUG"]


def test_translation_plugins_allow_twins(caller: Caller) -> None:
    """With SKU uniqueness off a product takes another's SKU and both are found; a new one still may not."""
    caller.settings.unique_skus = False
    caller.shelf.add_simple("MUG", "Mug")
    twin = caller.shelf.add_simple("BECHER", "Becher")
    assert put(caller, twin.id, sku="MUG")["sku"] == "MUG"
    assert caller.skus("sku=MUG") == ["MUG", "MUG"]
    held = (400, "woocommerce_rest_product_not_created")
    assert caller.refusal("POST", "/products", body={"sku": "MUG"}) == held


def test_trash_and_delete(caller: Caller) -> None:
    """Trashing twice is 410; force=true leaves nothing; a variation can be trashed alone, too."""
    parent = caller.shelf.add_variable("TEE", "T-shirt")
    variation = caller.shelf.add_variation(parent, "TEE-S", "25", 3, "S")
    where = f"/products/{parent.id}/variations/{variation.id}"
    assert caller.send("DELETE", where).status == 200
    assert caller.refusal("DELETE", where) == (410, "woocommerce_rest_already_trashed")
    assert caller.skus("status=trash", "/variations") == ["TEE-S"]
    assert caller.skus("", "/variations") == []
    assert caller.send("DELETE", where, "force=true").status == 200
    assert caller.send("DELETE", f"/products/{parent.id}").status == 200
    assert caller.refusal("DELETE", f"/products/{parent.id}") == (410, "woocommerce_rest_already_trashed")
    assert caller.send("DELETE", f"/products/{parent.id}", "force=true").status == 200
    assert caller.refusal("DELETE", f"/products/{parent.id}")[0] == 404
    assert len(caller.shelf) == 0


def test_a_missing_id_is_400_in_a_write(caller: Caller) -> None:
    """Where a GET says 404 a PUT says 400, but for variations."""
    assert caller.refusal("PUT", "/products/999", body={}) == (400, "woocommerce_rest_product_invalid_id")
    missing = (404, "woocommerce_rest_product_variation_invalid_id")
    assert caller.refusal("PUT", "/products/1/variations/999", body={}) == missing


def test_variations_are_written_under_their_parent_only(caller: Caller) -> None:
    """A variation id under /products or under another parent is refused, alone and in a batch."""
    parent, other = (caller.shelf.add_variable(code, code) for code in ("TEE", "CAP"))
    variation = caller.shelf.add_variation(parent, "TEE-S", "25", 3, "S")
    refused = (404, "woocommerce_rest_invalid_product_id")
    assert caller.refusal("PUT", f"/products/{variation.id}", body={"stock_quantity": 1}) == refused
    assert one(caller, "update", {"id": variation.id})["error"]["code"] == refused[1]
    wrong = f"/products/{other.id}/variations/{variation.id}"
    assert caller.refusal("PUT", wrong, body={}) == (404, "woocommerce_rest_product_variation_invalid_id")


def test_a_batch_answers_in_order_each_for_itself(caller: Caller) -> None:
    """HTTP 200 with an error in place of each item that failed, in the order of the request."""
    item = caller.shelf.add_simple("MUG", "Mug", "5", 1)
    answer = caller.post(
        "/products/batch",
        create=[{"name": "New", "sku": "NEW"}, {"name": "Twin", "sku": "MUG"}],
        update=[{"id": 424242, "stock_quantity": 1}, {"id": item.id, "stock_quantity": 20}],
        delete=[777],
    )
    assert list(answer) == ["create", "update", "delete"]
    assert answer["create"][0]["sku"] == "NEW"
    assert (answer["create"][1]["id"], answer["create"][1]["error"]["data"]["resource_id"]) == (0, item.id)
    invalid = "woocommerce_rest_product_invalid_id"
    assert answer["update"][0] == {
        "id": 424242,
        "error": {"code": invalid, "message": "Invalid ID.", "data": {"status": 400}},
    }
    assert answer["update"][1]["stock_quantity"] == 20
    assert answer["delete"][0]["error"]["data"] == {"status": 404}


def test_a_batch_of_one_parents_variations(caller: Caller) -> None:
    """Variations are batched per parent; a product's id there is a missing variation."""
    parent = caller.shelf.add_variable("TEE", "T-shirt")
    variation = caller.shelf.add_variation(parent, "TEE-S", "25", 3, "S")
    rows = caller.post(
        f"/products/{parent.id}/variations/batch",
        update=[{"id": variation.id, "stock_quantity": 9}, {"id": parent.id, "stock_quantity": 9}],
    )["update"]
    assert rows[0]["stock_quantity"] == 9
    assert rows[1]["error"]["code"] == "woocommerce_rest_product_variation_invalid_id"


def test_batch_limits(caller: Caller) -> None:
    """101 items are refused as a whole; nothing at all answers an empty list; _fields=id leaves nothing."""
    item = caller.shelf.add_simple("MUG", "Mug", "5", 1)
    body = {"update": [{"id": item.id, "stock_quantity": 2}] * 101}
    refused = (413, "woocommerce_rest_request_entity_too_large")
    assert caller.refusal("POST", "/products/batch", body=body) == refused
    assert caller.shop.writes() == []
    assert caller.post("/products/batch") == []
    one_item = {"update": [{"id": item.id}]}
    assert caller.send("POST", "/products/batch", "_fields=id", one_item).body() == b"{}"


def test_a_batch_delete_is_for_good(caller: Caller) -> None:
    """delete in a batch leaves no trash."""
    item = caller.shelf.add_simple("MUG", "Mug")
    caller.post("/products/batch", delete=[item.id])
    assert caller.shelf.get(item.id) is None


def test_a_batch_can_break_off_half_way(caller: Caller) -> None:
    """A dropped connection leaves the first items saved; the next batch goes through."""
    ids = [caller.shelf.add_simple(f"P-{at}", "P", "5", 1).id for at in range(4)]
    body = {"update": [{"id": each, "stock_quantity": 9} for each in ids]}
    caller.shop.cut_batch(after=2)
    with pytest.raises(AnswerLost):
        caller.send("POST", "/products/batch", body=body)
    assert [caller.shelf[each].stock_quantity for each in ids] == [9, 9, 1, 1]
    assert (caller.shop.calls[-1].status, caller.shop.calls[-1].changed) == (0, 2)
    caller.shop.cut_batch(after=3, status=502)
    assert caller.send("POST", "/products/batch", body=body).status == 502
    assert caller.send("POST", "/products/batch", body=body).status == 200


def test_meta_data_is_merged_by_key(caller: Caller) -> None:
    """Meta is added, changed by key, and taken away with null; ids stay."""
    item = caller.shelf.add_simple("MUG", "Mug")
    (first,) = put(caller, item.id, meta_data=[{"key": "_guid", "value": "a"}])["meta_data"]
    (second,) = put(caller, item.id, meta_data=[{"key": "_guid", "value": "b"}])["meta_data"]
    assert second == {"id": first["id"], "key": "_guid", "value": "b"}
    assert put(caller, item.id, meta_data=[{"key": "_guid", "value": None}])["meta_data"] == []


def test_only_declared_json_is_read(caller: Caller) -> None:
    """A body without its content type does nothing, and broken JSON is refused."""
    item = caller.shelf.add_simple("MUG", "Mug", "5", 1)
    where = f"/products/{item.id}"
    answer = caller.send("PUT", where, body={"stock_quantity": 9}, content_type="text/plain")
    assert json.loads(answer.body())["stock_quantity"] == 1
    for broken in (b"{", b'{"stock_quantity": NaN}'):
        assert caller.refusal("PUT", where, body=broken) == (400, "rest_invalid_json")

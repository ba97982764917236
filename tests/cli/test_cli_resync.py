"""`syncd resync`: one product put right while a person watches, before and after."""

from __future__ import annotations

from typing import Any

from tests.system.stage import Stage

ITEM_KEYS = {"code", "store", "guid", "outcome", "before", "after", "changes", "reason", "do"}
CONTENT_KEYS = {"name", "price", "stock", "status"}


def items(stage: Stage, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage.run("resync", *words, "--json").json["items"]
    return found


def test_resync_prints_before_and_after_and_the_rule(stage: Stage) -> None:
    """One line per change says what the shop showed, what it shows now, and why, in two Unleashed calls."""
    stage.put_on_sale("TEA-1", stock=5, listed=2)
    stage.run("once", "recent")
    stage.shelf.edit(stage.shelf.with_sku("TEA-1")[0].id, stock=3)
    done = stage.run("resync", "TEA-1")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "TEA-1 in shop (id 11): written",
        "  stock: 3 → 5 (available 5; changed in the store since we wrote 5)",
        "2 Unleashed calls, 2 store calls",
    ]
    assert stage.stock() == 5


def test_resync_json_has_the_shape_of_the_contract(stage: Stage) -> None:
    """--json prints one object with exactly the promised keys, decimals as texts."""
    guid = stage.put_on_sale("TEA-1", price="9.50", stock=5, listed=2)
    body = stage.run("resync", "TEA-1", "--json").json
    [item] = body["items"]
    assert {"schema", "dry_run", "items", "calls"} <= set(body)
    assert set(item) == ITEM_KEYS
    assert set(item["before"]) == set(item["after"]) == CONTENT_KEYS
    assert (item["code"], item["store"], item["guid"], item["outcome"]) == ("TEA-1", "shop", guid, "written")
    assert item["before"] == {"name": "Product TEA-1", "price": "9.5", "stock": "2", "status": "live"}
    assert item["after"]["stock"] == "5"
    assert item["changes"] == [{"field": "stock", "before": "2", "after": "5", "rule": "available 5"}]
    assert (item["reason"], item["do"]) == (None, None)
    assert body["calls"] == {"unleashed": len(stage.unleashed.calls), "store": len(stage.shop.calls)}


def test_resync_says_what_the_shop_shows_when_nothing_is_to_be_done(stage: Stage) -> None:
    """An unchanged product is told with what the shop shows, so that a person can compare."""
    stage.put_on_sale("TEA-1", stock=5, listed=5)
    done = stage.run("resync", "TEA-1")
    assert done.code == 0
    assert "TEA-1 in shop (id 11): unchanged" in done.out
    assert "the store shows name Product TEA-1, price 10, stock 5, status live" in done.out


def test_resync_tells_a_difference_that_stays(stage: Stage) -> None:
    """A price that syncd may not touch is shown with what Unleashed says and why it stays."""
    guid = stage.put_on_sale("TEA-1", price="10", stock=5, listed=5)
    stage.books.change_product(guid, price="12")
    done = stage.run("resync", "TEA-1")
    assert "  price: 10 stays; Unleashed says 12 (a listing that syncd did not create" in done.out


def test_resync_dry_run_tells_but_writes_nothing(stage: Stage) -> None:
    """--dry-run ends well, tells what it would write, and leaves shop and links as they are."""
    stage.put_on_sale("TEA-1", stock=5, listed=2)
    done = stage.run("resync", "TEA-1", "--dry-run", "--json")
    [item] = done.json["items"]
    assert (done.code, done.json["dry_run"], item["outcome"]) == (0, True, "would_write")
    assert (item["before"]["stock"], item["after"]["stock"]) == ("2", "5")
    assert stage.shop.writes() == []
    assert stage.run("status", "--json").json["stores"][0]["linked"] == 0
    assert "nothing was written (dry run)" in stage.run("resync", "TEA-1", "--dry-run").out


def test_resync_creates_where_that_is_allowed(stage: Stage) -> None:
    """With listing.create a product that the shop lacks is created hidden."""
    stage.listing["create"] = "true"
    stage.put_on_sale("TEA-1", stock=5, listed=None)
    [item] = items(stage, "TEA-1")
    assert item["outcome"] == "created"
    assert item["before"] == dict.fromkeys(CONTENT_KEYS)
    assert (item["after"]["stock"], item["after"]["status"]) == ("5", "hidden")
    assert {change["field"] for change in item["changes"]} == CONTENT_KEYS


def test_resync_of_an_unknown_code_is_not_found(stage: Stage) -> None:
    """A code that Unleashed does not have is exit code 1, with what to do."""
    done = stage.run("resync", "NOPE", "--json")
    [item] = done.json["items"]
    assert (done.code, item["outcome"], item["guid"]) == (1, "not_found", None)
    assert item["reason"] == "Unleashed has no product with the code NOPE."
    assert item["do"]


def test_resync_of_a_product_that_the_shop_lacks_is_not_found(stage: Stage) -> None:
    """A product that the shop does not sell is exit code 1, and says how it could be there."""
    stage.put_on_sale("TEA-1", listed=None)
    done = stage.run("resync", "TEA-1")
    assert done.code == 1
    assert "the store has no record with this code" in done.out
    assert "Create it in the store" in done.out


def test_resync_of_a_code_twice_in_the_shop_is_ambiguous(stage: Stage) -> None:
    """Two records with the same SKU are a person's decision: exit code 1, nothing written."""
    stage.shop.settings.unique_skus = False
    stage.put_on_sale("TEA-1", stock=5, listed=2)
    stage.shelf.add_simple("TEA-1", "The other", "10", 2)
    done = stage.run("resync", "TEA-1", "--json")
    [item] = done.json["items"]
    assert (done.code, item["outcome"]) == (1, "ambiguous")
    assert item["do"]
    assert stage.shop.writes() == []


def test_resync_of_a_record_that_the_shop_refuses(stage: Stage) -> None:
    """A refusal by the shop is exit code 1 with the shop's reason, and shows in status afterwards."""
    stage.listing["create"] = "true"
    stage.put_on_sale("TEA-1", listed=0)
    stage.shelf.trash(stage.shelf.with_sku("TEA-1")[0].id)
    done = stage.run("resync", "TEA-1", "--json")
    [item] = done.json["items"]
    assert (done.code, item["outcome"]) == (1, "refused")
    assert item["reason"]
    assert item["do"]
    assert stage.run("status", "--json").json["stores"][0]["parked"] == 1


def test_resync_takes_several_codes_in_their_order(stage: Stage) -> None:
    """Several codes are told in the order in which they were asked for; one twice is read once."""
    for code in ("TEA-1", "TEA-2", "TEA-3"):
        stage.put_on_sale(code, stock=5, listed=2)
    done = stage.run("resync", "TEA-3", "NOPE", "TEA-1", "TEA-3", "--json")
    assert done.code == 1
    assert [each["code"] for each in done.json["items"]] == ["TEA-3", "TEA-1", "NOPE"]
    assert done.json["calls"]["unleashed"] == 5


def test_resync_can_be_kept_to_one_store(stage: Stage) -> None:
    """--store leaves the other stores alone; one that is not configured is a usage error."""
    stage.more = stage.second_store("corner")
    stage.put_on_sale("TEA-1", stock=5, listed=2)
    assert {each["store"] for each in items(stage, "TEA-1", "--store", "corner")} == {"corner"}
    assert {each["store"] for each in items(stage, "TEA-1")} == {"shop", "corner"}
    assert stage.run("resync", "TEA-1", "--store", "shap").code == 2


def test_resync_with_a_wrong_key_says_so(stage: Stage) -> None:
    """A wrong Unleashed key is exit code 3, in the object and as one sentence on stderr."""
    stage.account["api_key"] = '"a-wrong-key"'
    done = stage.run("resync", "TEA-1", "--json")
    [error] = done.json["errors"]
    assert (done.code, done.json["items"], error["about"]) == (3, [], "account main")
    assert done.err.count("the API id or the API key is wrong") == 1


def test_resync_with_a_shop_that_is_down(stage: Stage) -> None:
    """A shop that cannot be reached is exit code 3; what was read of Unleashed is kept for the next run."""
    stage.put_on_sale("TEA-1", stock=5, listed=2)
    stage.store["base_url"] = '"http://127.0.0.1:1"'
    done = stage.run("resync", "TEA-1")
    assert done.code == 3
    assert "store shop cannot be reached" in done.err
    assert stage.run("status", "--json").json["accounts"][0]["products"] == 1


def test_resync_without_a_code_is_a_usage_error(stage: Stage) -> None:
    """Without a code there is nothing to do: exit code 2 before any call."""
    assert stage.run("resync").code == 2
    assert stage.unleashed.calls == []

"""`syncd match`: both sides against each other, as a list, as CSV and as the contract's JSON."""

from __future__ import annotations

import csv
import io

from tests.system.stage import Stage

CONTRACT = {
    *("schema", "store", "matched", "adopted_differences", "only_unleashed", "only_store"),
    *("duplicates", "near_misses"),
}
MORE = {"would_write", "unsettled", "differing", "wrong", "kept", "without_code", "calls"}


def two_sides(stage: Stage) -> None:
    """One product in step, one that differs, one on each side alone, a near miss and a code used twice."""
    stage.shop.settings.unique_skus = False
    stage.put_on_sale("SAME", price="10", stock=5, listed=5)
    guid = stage.put_on_sale("DIFFERENT", price="10", stock=5, listed=2)
    stage.books.change_product(guid, price="12.50")
    stage.put_on_sale("ONLY-BOOKS", listed=None)
    stage.put_on_sale("TEA 100", listed=None)
    stage.shelf.add_simple("TEA-100", "Tea", "1", 1)
    for name in ("One", "Two"):
        stage.shelf.add_simple("TWIN", name, "1", 1)
    stage.store["mode"] = '"shadow"'
    stage.run("once", "recent")


def test_match_json_has_the_shape_of_the_contract(stage: Stage) -> None:
    """--json prints the promised keys with the promised shapes, and what was added beside them."""
    two_sides(stage)
    done = stage.run("match", "--json")
    body = done.json
    assert (done.code, done.err) == (0, "")
    assert set(body) == CONTRACT | MORE
    assert (body["schema"], body["store"], body["matched"]) == (1, "shop", 2)
    assert body["adopted_differences"] == [
        {"code": "DIFFERENT", "field": "price", "store": "10", "unleashed": "12.5"}
    ]
    assert body["would_write"] == [{"code": "DIFFERENT", "field": "stock", "store": "2", "unleashed": "5"}]
    assert body["only_unleashed"] == ["ONLY-BOOKS", "TEA 100"]
    assert body["only_store"] == ["TEA-100", "TWIN", "TWIN"]
    [twins] = body["duplicates"]
    assert (twins["code"], sorted(twins)) == ("TWIN", ["code", "ids"])
    assert twins["ids"] == [str(item.id) for item in stage.shelf.with_sku("TWIN")]
    assert body["near_misses"] == [{"code": "TEA 100", "sku": "TEA-100", "why": "dashes"}]
    assert (body["differing"], body["wrong"]) == (1, {"stock": 1, "price": 1})
    assert body["calls"] == {"unleashed": 0, "store": 3}


def test_match_reads_like_a_list(stage: Stage) -> None:
    """For a person: how many fit and how often the shop is wrong, then each kind, the calls last."""
    two_sides(stage)
    calls = len(stage.shop.calls)
    lines = stage.run("match").out.splitlines()
    assert (
        lines[0]
        == "2 products of Unleashed found in shop; 1 (50.0 %) show something else than Unleashed says"
    )
    assert "  stock: 1 (50.0 %) show something else than Unleashed says" in lines
    assert "  DIFFERENT: stock: 2 → 5" in lines
    assert "  DIFFERENT: price: 10 → 12.5 (kept until adopted)" in lines
    assert "  TEA 100 in Unleashed, TEA-100 in the store (dashes)" in lines
    assert any(line.startswith("  TWIN (id ") for line in lines)
    assert "only in Unleashed: 2" in lines
    assert any("syncd adopt --store shop --fields price" in line for line in lines)
    assert lines[-1] == f"0 Unleashed calls, {len(stage.shop.calls) - calls} store calls"


def test_match_csv_has_a_line_for_everything(stage: Stage) -> None:
    """--csv prints one table with the same columns throughout, nothing left out and nothing else."""
    two_sides(stage)
    for number in range(30):
        stage.shelf.add_simple(f"EXTRA-{number}", 'With "quotes", commas', "1", 1)
    header, *rows = csv.reader(io.StringIO(stage.run("match", "--csv").out))
    assert header == ["kind", "code", "field", "store", "unleashed", "note"]
    assert {len(row) for row in rows} == {6}
    assert ["would write", "DIFFERENT", "stock", "2", "5", ""] in rows
    assert ["near miss", "TEA 100", "code", "TEA-100", "TEA 100", "dashes"] in rows
    assert sum(row[0] == "only in the store" for row in rows) == 33


def test_match_prints_some_of_many(stage: Stage) -> None:
    """For a person long lists are cut, and where to find all of them is said."""
    stage.put_on_sale("SAME")
    for number in range(30):
        stage.shelf.add_simple(f"EXTRA-{number}", "Extra", "1", 1)
    stage.run("once", "recent")
    out = stage.run("match").out
    assert "only in the store: 30" in out
    assert "… and 10 more: --csv prints all" in out


def test_match_writes_nothing(stage: Stage) -> None:
    """A match sends the shop nothing but questions, and changes no figure of `status`."""
    two_sides(stage)
    before = stage.run("status", "--json").json["stores"]
    stage.run("match")
    assert stage.shop.writes() == []
    assert stage.run("status", "--json").json["stores"] == before


def test_match_with_a_shop_that_is_down(stage: Stage) -> None:
    """A shop that cannot be reached is exit code 3 with its sentence, and nothing on stdout."""
    two_sides(stage)
    stage.store["base_url"] = '"http://127.0.0.1:1"'
    done = stage.run("match")
    assert (done.code, done.out) == (3, "")
    assert "store shop cannot be reached" in done.err


def test_match_before_anything_was_read(stage: Stage) -> None:
    """Without a pull before it, match is exit code 1, says what to run, and spends no call."""
    stage.put_on_sale("TEA")
    done = stage.run("match")
    assert (done.code, done.out) == (1, "")
    assert "syncd once recent" in done.err
    assert stage.shop.calls == []


def test_match_of_several_stores_needs_a_name(stage: Stage) -> None:
    """With two stores one must be named; a name that is not configured is exit code 2."""
    stage.more = stage.second_store("corner")
    stage.put_on_sale("TEA", stock=5, listed=5)
    stage.run("once", "recent")
    done = stage.run("match")
    assert done.code == 2
    assert "--store: shop, corner" in done.err
    assert stage.run("match", "--store", "corner", "--json").json["matched"] == 1
    assert stage.run("match", "--store", "shap").code == 2

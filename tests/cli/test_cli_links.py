"""`syncd links`: which record is which product, and a person's word on it."""

from __future__ import annotations

from tests.system.stage import Stage


def test_links_list_says_what_may_change(stage: Stage) -> None:
    """Each link comes with the record's id, where it is from, and which fields follow Unleashed."""
    stage.listing["create"] = "true"
    stage.put_on_sale("FOUND", listed=5)
    stage.put_on_sale("MADE", listed=None)
    stage.run("once", "recent")
    stage.run("adopt", "--fields", "price", "FOUND")
    found, made = (str(stage.shelf.with_sku(code)[0].id) for code in ("FOUND", "MADE"))
    lines = stage.run("links", "list").out.splitlines()
    assert lines == [
        f"FOUND  id {found}  adopted; follows Unleashed: stock, price",
        f"MADE  id {made}  created; follows Unleashed: stock, name, price",
        "2 links",
    ]
    assert stage.run("links", "list", "--json").json == {
        "schema": 1,
        "store": "shop",
        "links": [
            {"code": "FOUND", "ref": found, "origin": "adopted", "follows": "stock, price", "gone": False},
            {
                "code": "MADE",
                "ref": made,
                "origin": "created",
                "follows": "stock, name, price",
                "gone": False,
            },
        ],
    }


def test_links_list_tells_what_has_vanished(stage: Stage) -> None:
    """A listing that the shop no longer has is still listed, and said to be gone."""
    guid = stage.put_on_sale("TEA", listed=5)
    stage.run("once", "recent")
    stage.shelf.delete(stage.shelf.with_sku("TEA")[0].id)
    stage.books.set_stock(guid, "W1", 6)
    stage.run("once", "recent")
    assert "no longer in the store" in stage.run("links", "list").out


def test_links_set_by_hand(stage: Stage) -> None:
    """A product is linked to a record with another code, and its stock flows there."""
    stage.put_on_sale("TEA-100", stock=7, listed=None)
    ref = str(stage.shelf.add_simple("tea_100", "Tea", "1", 1).id)
    stage.run("once", "recent")
    done = stage.run("links", "set", "TEA-100", ref)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"TEA-100 is linked to id {ref} of shop. The next run writes its stock.\n"
    stage.run("once", "recent")
    assert stage.stock("tea_100") == 7


def test_links_set_to_what_is_not_there(stage: Stage) -> None:
    """A record that the shop does not have, or a product that is not known, is exit code 1 with a remedy."""
    stage.put_on_sale("TEA", listed=5)
    stage.run("once", "recent")
    done = stage.run("links", "set", "TEA", "99999")
    assert (done.code, done.out) == (1, "")
    assert "no record with the id 99999" in done.err
    done = stage.run("links", "set", "NO SUCH CODE", str(stage.shelf.with_sku("TEA")[0].id))
    assert done.code == 1
    assert "syncd resync 'NO SUCH CODE'" in done.err


def test_links_set_to_another_products_record(stage: Stage) -> None:
    """A record that is another product's is refused, with the command that would free it."""
    stage.put_on_sale("TEA", listed=5)
    stage.put_on_sale("POT", listed=None)
    stage.run("once", "recent")
    done = stage.run("links", "set", "POT", str(stage.shelf.with_sku("TEA")[0].id))
    assert done.code == 1
    assert "linked to another product" in done.err
    assert "syncd links unset" in done.err


def test_links_unset(stage: Stage) -> None:
    """A link is taken away without a call; the next run finds the record by its code again."""
    stage.put_on_sale("TEA", listed=5)
    stage.run("once", "recent")
    ref = str(stage.shelf.with_sku("TEA")[0].id)
    calls = len(stage.shop.calls)
    done = stage.run("links", "unset", "TEA")
    assert (done.code, done.out) == (0, f"TEA was linked to id {ref} of shop.\n")
    assert len(stage.shop.calls) == calls
    assert stage.run("links", "list", "--json").json["links"] == []
    done = stage.run("links", "unset", "TEA")
    assert (done.code, done.out) == (0, "TEA had no link in shop.\n")
    stage.run("once", "recent")
    assert [each["ref"] for each in stage.run("links", "list", "--json").json["links"]] == [ref]


def test_links_with_a_shop_that_is_down(stage: Stage) -> None:
    """A link is only set to a record that was seen: a shop that does not answer is exit code 3."""
    stage.put_on_sale("TEA", listed=5)
    stage.run("once", "recent")
    stage.store["base_url"] = '"http://127.0.0.1:1"'
    done = stage.run("links", "set", "TEA", "11")
    assert done.code == 3
    assert "cannot be reached" in done.err

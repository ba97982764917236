"""`syncd ghosts` and `syncd audit`: what went unseen, and how much may still be wrong."""

from __future__ import annotations

from datetime import timedelta

from tests.system.stage import CLOCK, Stage


def on_sale(stage: Stage, *codes: str) -> None:
    """Products that changed long ago, in step with the shop; one that changed now."""
    stage.books.add_warehouse("W1", default=True)
    for code in codes:
        guid = stage.books.add_product(code, code, 10, modified=CLOCK.now() - timedelta(days=9))
        stage.books.set_stock(guid, "W1", 5)
        stage.shelf.add_simple(code, code, "10.00", 5)
    stage.books.add_product("NEWS", "News", 1)
    assert stage.run("once", "recent").code == 0


def renamed(stage: Stage, code: str, name: str) -> None:
    """Change a product's name without a new stamp."""
    (product,) = stage.books.by_code(code)
    stage.books.change_product(product.guid, name=name, bump=False)


def test_no_ghosts(stage: Stage) -> None:
    """Where nothing went unseen, that is what is said, with exit code 0 and without a call."""
    on_sale(stage, "TEA")
    before = len(stage.unleashed.calls)
    done = stage.run("ghosts")
    assert (done.code, done.out) == (0, "No ghosts in 30 days: every difference was reported by a feed.\n")
    body = stage.run("ghosts", "--days", "7", "--json").json
    assert (body["schema"], body["days"], body["counts"], body["last"]) == (1, 7, [], [])
    assert (body["oldest_s"], len(body["weeks"])) == (None, 1)
    assert len(stage.unleashed.calls) == before


def test_ghosts_are_counted_and_shown(stage: Stage) -> None:
    """Counts by cause and side, the trend by week, and the last ones with both values."""
    on_sale(stage, "TEA", "CUP")
    renamed(stage, "TEA", "Quietly")
    stage.shelf.with_sku("CUP")[0].stock_quantity = 1
    assert stage.run("audit").code == 1
    done = stage.run("ghosts")
    lines = done.out.splitlines()
    assert (done.code, lines[0][:19]) == (0, "2 ghosts in 30 days")
    assert "      1  uncovered change (account main)" in lines
    assert "      1  store-side edit (store shop)" in lines
    assert len([line for line in lines if line.startswith("  20")]) == 5
    assert lines[-6].startswith("  20") or "Week from" in done.out
    assert any("TEA name: TEA → Quietly (uncovered change, stood " in line for line in lines)
    assert any("CUP in shop stock: 5 → 1 (store-side edit" in line for line in lines)


def test_ghosts_json_has_its_shape(stage: Stage) -> None:
    """--json gives counts, weeks, the oldest age and the last ones."""
    on_sale(stage, "TEA")
    renamed(stage, "TEA", "Quietly")
    stage.run("resync", "TEA")
    body = stage.run("ghosts", "--json").json
    assert set(body) == {"schema", "days", "counts", "weeks", "oldest_s", "last"}
    assert body["counts"] == [{"account": "main", "store": None, "cause": "uncovered change", "number": 1}]
    assert [(week["unleashed"], week["store"]) for week in body["weeks"]] == [(0, 0)] * 4 + [(1, 0)]
    (last,) = body["last"]
    assert (last["code"], last["field"], last["believed"], last["found"]) == ("TEA", "name", "TEA", "Quietly")
    assert (last["found_by"], last["store"], last["age_s"]) == ("resync", None, body["oldest_s"])


def test_an_audit_that_finds_nothing(stage: Stage) -> None:
    """Exit code 0, the bound, the seed and the calls."""
    on_sale(stage, *(f"P{number}" for number in range(12)))
    done = stage.run("audit", "--sample", "10", "--seed", "4")
    assert done.code == 0
    assert done.out.splitlines() == [
        "store shop: 10 of 12 linked listings drawn",
        "  0 of 10 differ (in 0 syncd had missed a change in Unleashed, 0 are shown wrongly by the store)",
        "  with 95 % confidence at most 25.887 % of all linked listings differ",
        "Seed 4; 2 Unleashed calls, 1 store call.",
    ]


def test_an_audit_that_finds_something(stage: Stage) -> None:
    """Exit code 1, and each difference with both values; the next run puts it right."""
    on_sale(stage, "TEA", "CUP")
    renamed(stage, "TEA", "Quietly")
    stage.shelf.with_sku("CUP")[0].stock_quantity = 1
    done = stage.run("audit", "--json")
    assert done.code == 1
    (store,) = done.json["stores"]
    assert (store["store"], store["linked"], store["sampled"], store["complete"]) == ("shop", 2, 2, True)
    assert (store["differing"], store["differing_unleashed"], store["differing_store"]) == (2, 1, 1)
    assert (store["bound"], store["confidence"], store["pending"]) == (1.0, 0.95, 0)
    assert store["differences"] == [
        {"side": "unleashed", "code": "TEA", "field": "name", "is": "TEA", "should": "Quietly"},
        {"side": "store", "code": "CUP", "field": "stock", "is": "1", "should": "5"},
    ]
    assert store["calls"] == {"unleashed": 2, "store": 1}
    assert isinstance(done.json["seed"], int)
    stage.run("once", "recent")
    assert stage.run("audit", "--seed", "1").code == 0
    assert stage.stock("CUP") == 5


def test_an_audit_says_what_differs(stage: Stage) -> None:
    """A person sees which side is wrong in which field."""
    on_sale(stage, "TEA", "CUP")
    renamed(stage, "TEA", "Quietly")
    stage.shelf.with_sku("CUP")[0].stock_quantity = 1
    out = stage.run("audit").out
    assert "  TEA: name: TEA → Quietly (what syncd believed → what Unleashed says)" in out
    assert "  CUP: stock: 1 → 5 (what the store shows → what it should)" in out


def test_an_audit_without_a_side_is_exit_code_3(stage: Stage) -> None:
    """A side that cannot be reached leaves no bound."""
    on_sale(stage, "TEA")
    stage.shop.faults.add("status", times=20)
    done = stage.run("audit", "--json")
    assert (done.code, done.json["stores"][0]["bound"], done.json["stores"][0]["complete"]) == (
        3,
        None,
        False,
    )
    assert done.json["stores"][0]["errors"]


def test_an_audit_of_a_store_that_is_not_configured(stage: Stage) -> None:
    """Exit code 2 with the names of those that are."""
    done = stage.run("audit", "--store", "other")
    assert done.code == 2
    assert "Configured: shop." in done.err


def test_an_audit_without_links(stage: Stage) -> None:
    """Before anything is linked there is nothing to draw from."""
    done = stage.run("audit")
    assert (done.code, done.out.splitlines()[0]) == (
        0,
        "store shop: no listing is linked yet: nothing to audit.",
    )
    assert stage.unleashed.calls == []

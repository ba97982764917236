"""`syncd adopt`: a person lets prices or names flow to listings that the shop had before."""

from __future__ import annotations

import pytest

from tests.system.stage import Stage


def linked(stage: Stage, *codes: str) -> None:
    """Listings with names and prices of the shop's own, linked by a first run."""
    for code in codes:
        guid = stage.put_on_sale(code, price="10", stock=5, listed=5)
        stage.books.change_product(guid, price="12", name=f"Ours {code}")
    stage.run("once", "recent")


def price(stage: Stage, code: str) -> str:
    """Return the price that the shop has."""
    return stage.shelf.with_sku(code)[0].regular_price


def test_adopt_lets_prices_flow(stage: Stage) -> None:
    """All listings are adopted, what comes next is said, and the next run writes the prices alone."""
    linked(stage, "TEA", "POT")
    done = stage.run("adopt", "--fields", "price")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "2 listings of shop adopted: price from Unleashed.",
        "The next run writes them; `syncd once recent` does it now.",
    ]
    assert (price(stage, "TEA"), price(stage, "POT")) == ("10", "10")
    stage.run("once", "recent")
    assert (price(stage, "TEA"), price(stage, "POT")) == ("12.00", "12.00")
    assert stage.shelf.with_sku("TEA")[0].name == "Product TEA"


def test_adopt_of_some_codes(stage: Stage) -> None:
    """With codes only those are adopted; one that leads nowhere is exit code 1 and the others are done."""
    linked(stage, "TEA", "POT")
    done = stage.run("adopt", "--fields", "price,name", "TEA", "NOPE", "--json")
    assert done.code == 1
    assert done.json == {
        "schema": 1,
        "store": "shop",
        "fields": ["name", "price"],
        "dry_run": False,
        "adopted": ["TEA"],
        "already": [],
        "unknown": ["NOPE"],
    }
    stage.run("once", "recent")
    assert (price(stage, "TEA"), price(stage, "POT")) == ("12.00", "10")
    assert stage.shelf.with_sku("TEA")[0].name == "Ours TEA"


def test_adopt_again(stage: Stage) -> None:
    """What is adopted already is told apart, and is no mistake."""
    linked(stage, "TEA")
    stage.run("adopt", "--fields", "price")
    done = stage.run("adopt", "--fields", "price", "--json")
    assert (done.code, done.json["adopted"], done.json["already"]) == (0, [], ["TEA"])


def test_adopt_dry_run(stage: Stage) -> None:
    """--dry-run says what would be adopted, and the next run writes no price."""
    linked(stage, "TEA")
    done = stage.run("adopt", "--fields", "price", "--dry-run")
    assert (done.code, done.out) == (0, "1 listing of shop would be adopted: price from Unleashed.\n")
    stage.run("once", "recent")
    assert price(stage, "TEA") == "10"


@pytest.mark.parametrize("fields", ["stock", "price,colour", "", "status"])
def test_adopt_of_what_cannot_be_adopted(stage: Stage, fields: str) -> None:
    """Only price and name wait for a person; anything else is exit code 2 with the words that count."""
    done = stage.run("adopt", "--fields", fields)
    assert (done.code, done.out) == (2, "")
    assert "Use price, name, or price,name." in done.err


def test_adopt_without_fields(stage: Stage) -> None:
    """Which fields must be said."""
    assert stage.run("adopt").code == 2


def test_adopt_spends_no_call(stage: Stage) -> None:
    """Adopting is a decision: neither side is called."""
    linked(stage, "TEA")
    before = len(stage.unleashed.calls), len(stage.shop.calls)
    stage.run("adopt", "--fields", "price")
    assert (len(stage.unleashed.calls), len(stage.shop.calls)) == before

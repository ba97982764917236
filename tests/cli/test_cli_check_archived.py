"""`syncd check` names archived records that the store still sells, from what the database knows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.core.model import Link
from syncd.state import links
from syncd.state.db import open_database
from tests.system.stage import CLOCK, Stage

CODES = [f"TEA-{number}" for number in range(1, 8)]


@pytest.fixture
def archived(stage: Stage) -> Stage:
    """A shop with eight linked listings, seven of which are obsolete in Unleashed."""
    for code in (*CODES, "POT"):
        stage.put_on_sale(code, stock=5, listed=5)
    stage.run("once", "recent")
    for code in CODES:
        stage.books.change_product(stage.books.by_code(code)[0].guid, obsolete=True)
    stage.run("once", "recent")
    return stage


def lines(stage: Stage, level: str = "warning") -> list[tuple[str, str]]:
    """Return text and remedy of the store's findings of a level; the exit code is 0, and no call is added."""
    before = len(stage.unleashed.calls), len(stage.shop.calls)
    done = stage.run("check", "--json")
    assert done.code == 0
    assert (len(stage.unleashed.calls) - before[0], len(stage.shop.calls) - before[1]) == (2, 4)
    return [
        (each["what"], each["do"])
        for each in done.json["findings"]
        if (each["level"], each["about"]) == (level, "store shop")
    ]


def test_adopted_listings_of_obsolete_products(archived: Stage) -> None:
    """What `match` saw on sale is one warning: five codes, the count of the rest, and the remedy."""
    archived.run("match")
    [(what, do)] = lines(archived)
    assert what == (
        "TEA-1, TEA-2, TEA-3, TEA-4, TEA-5 and 2 more: obsolete in Unleashed and still on sale, "
        "as syncd did not create these listings"
    )
    assert "syncd adopt --fields price" in do
    archived.run("adopt", "--fields", "price")
    archived.run("once", "recent")
    assert lines(archived) == []


def test_listings_that_the_shop_has_hidden(archived: Stage) -> None:
    """What `match` saw hidden or binned is not worth a word."""
    for code in CODES[:6]:
        archived.shelf.edit(archived.shelf.with_sku(code)[0].id, status="draft")
    archived.shelf.trash(archived.shelf.with_sku(CODES[6])[0].id)
    archived.run("match")
    assert lines(archived) == []


def test_listings_that_nobody_has_read(archived: Stage) -> None:
    """Before the first `match` nobody knows what is on sale: no warning, but a line that says so."""
    assert lines(archived) == []
    told = [what for what, _ in lines(archived, "ok") if "obsolete" in what]
    assert len(told) == 1
    assert "`syncd match` does that" in told[0]


def test_the_rule_that_leaves_them(archived: Stage) -> None:
    """With obsolete = "leave" they are named, and the key that would change it."""
    archived.listing["obsolete"] = '"leave"'
    archived.run("match")
    [(what, do)] = lines(archived)
    assert 'as listing.obsolete is "leave"' in what
    assert "listing.obsolete" in do


def test_what_the_brake_holds(stage: Stage) -> None:
    """A hiding that the brake holds leaves the listing on sale: that is known without a scan."""
    stage.listing["brake"] = "{ minimum = 2 }"
    for code in CODES:
        stage.put_on_sale(code, stock=5, listed=5)
    stage.run("once", "recent")
    stage.run("adopt", "--fields", "price")
    for code in CODES:
        stage.books.change_product(stage.books.by_code(code)[0].guid, obsolete=True)
    assert stage.run("once", "recent").code == 1
    [(what, do)] = lines(stage)
    assert "as the brake holds the change" in what
    assert "syncd approve" in do


def test_a_link_whose_product_is_gone(archived: Stage) -> None:
    """A link to a product that Unleashed no longer has is named with how to take it away."""
    db = open_database(archived.database)
    with db.write() as conn:
        stranger = Link("99999999-0000-4000-8000-000000000009", ref="4711", code="GONE-1")
        links.save_links(conn, 1, [stranger], CLOCK.now() - timedelta(days=1))
    db.close()
    [(what, do)] = lines(archived)
    assert what == "GONE-1: still linked, but no longer in Unleashed"
    assert "syncd links unset" in do

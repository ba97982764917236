"""`syncd resync` of a listing of which the brake holds a part: what it says, and with which exit code."""

from __future__ import annotations

import pytest

from tests.system.stage import Stage

CODES = [f"TEA-{number}" for number in range(4)]


@pytest.fixture
def braked(stage: Stage) -> Stage:
    """A shop whose names are adopted, and of which the brake holds that three listings would be emptied."""
    stage.listing["brake"] = "{ minimum = 2 }"
    for code in CODES:
        stage.put_on_sale(code, stock=5, listed=5)
    stage.run("once", "recent")
    stage.run("adopt", "--fields", "name")
    for code in CODES[:3]:
        change(stage, code, stock=0)
    assert stage.run("once", "recent").code == 1
    return stage


def change(stage: Stage, code: str, *, stock: int | None = None, name: str = "") -> None:
    """Change a product in Unleashed."""
    guid = stage.books.by_code(code)[0].guid
    if stock is not None:
        stage.books.set_stock(guid, "W1", stock)
    if name:
        stage.books.change_product(guid, name=name)


def told(stage: Stage, code: str) -> tuple[int, str, str]:
    """Return exit code, outcome and reason of a resync; nothing of the stock is written."""
    done = stage.run("resync", code, "--json")
    [item] = done.json["items"]
    assert stage.stock(code) == 5
    return done.code, item["outcome"], item["reason"] or ""


def test_a_part_that_is_newly_held(braked: Stage) -> None:
    """The name is written, the stock is held from now on: exit code 1, once."""
    change(braked, CODES[3], stock=0, name="Renamed")
    code, outcome, reason = told(braked, CODES[3])
    assert (code, outcome) == (1, "written")
    assert "held by the brake" in reason
    change(braked, CODES[3], name="Renamed again")
    assert told(braked, CODES[3])[:2] == (0, "written")


def test_a_part_that_was_held_before(braked: Stage) -> None:
    """The name is written; the stock that waits from before is told, but shows in `status`: exit code 0."""
    change(braked, CODES[0], name="Renamed")
    code, outcome, reason = told(braked, CODES[0])
    assert (code, outcome) == (0, "written")
    assert "held by the brake" in reason
    assert braked.shelf.with_sku(CODES[0])[0].name == "Renamed"
    assert braked.run("status", "--json").json["stores"][0]["held"] == 3


def test_nothing_that_can_be_written(braked: Stage) -> None:
    """Where all that was asked for is held, nothing of it is done: exit code 1 however often it is asked."""
    assert [told(braked, CODES[0])[:2] for _ in range(2)] == [(1, "held")] * 2

"""A canary that lies in the store's bin: `check` says so beforehand, and no run writes anything."""

from __future__ import annotations

import pytest

from tests.system.stage import Stage


@pytest.fixture
def binned(stage: Stage) -> Stage:
    """A shop with something to write, and its canary in the bin, still linked."""
    stage.store["canary"] = '"CANARY"'
    for code in ("CANARY", "TEA"):
        stage.put_on_sale(code, stock=5, listed=5)
    assert stage.run("once", "recent").code == 0
    stage.books.set_stock(stage.books.by_code("TEA")[0].guid, "W1", 3)
    stage.shelf.trash(stage.shelf.with_sku("CANARY")[0].id)
    return stage


@pytest.mark.parametrize("words", [("once", "recent"), ("resync", "TEA"), ("resync", "CANARY")])
def test_a_canary_in_the_bin_stops_the_run(binned: Stage, words: tuple[str, ...]) -> None:
    """In the bin is not on sale: the run stops before any write, with exit code 1 and what to do."""
    writes = len(binned.shop.writes())
    done = binned.run(*words)
    assert done.code == 1
    assert "The canary CANARY of store shop is not found in the store: nothing was written." in done.err
    assert "name another product with `canary`" in done.err
    assert (binned.stock("TEA"), len(binned.shop.writes())) == (5, writes)


def test_check_says_it_as_the_run_does(binned: Stage) -> None:
    """`check` calls a canary in the bin missing too: a problem, before any run stops at it."""
    done = binned.run("check", "--json")
    what = [each["what"] for each in done.json["findings"] if each["level"] == "problem"]
    assert (done.code, what) == (1, ["the canary CANARY is not found in the store: nothing is written"])


def test_a_canary_that_is_taken_out_of_the_bin(binned: Stage) -> None:
    """Once it is restored the next run writes what waited, and `check` is content."""
    binned.run("once", "recent")
    binned.shelf.edit(binned.shelf.with_sku("CANARY")[0].id, status="publish")
    assert binned.run("once", "recent").code == 0
    assert binned.stock("TEA") == 3
    assert binned.run("check").code == 0

"""`syncd check` once products are known: warehouses, codes, tax classes, canary and clock, with remedies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.system.stage import Stage


def findings(stage: Stage) -> list[tuple[str, str, str]]:
    """Return level, text and remedy of everything that `check` warns of, mail and limits left out."""
    done = stage.run("check", "--json")
    assert {call.method for call in stage.shop.calls} <= {"GET"}
    return [
        (each["level"], each["what"], each["do"])
        for each in done.json["findings"]
        if each["level"] != "ok" and each["about"] not in ("mail", "account main")
    ]


def connected(stage: Stage, *codes: str, stock: int = 5) -> None:
    """Products on both sides, read once and linked."""
    stage.books.add_warehouse("W1", "Main", default=True)
    stage.books.add_warehouse("W2", "Second")
    for code in codes or ("TEA",):
        stage.put_on_sale(code, stock=stock, listed=stock)
    stage.run("once", "recent")


def test_a_good_set_up_stays_good(stage: Stage) -> None:
    """Once everything is read and linked, there is nothing to say, and no call more than before."""
    connected(stage, "TEA", "POT")
    before = len(stage.unleashed.calls), len(stage.shop.calls)
    assert findings(stage) == []
    assert len(stage.unleashed.calls) - before[0] == 2
    assert len(stage.shop.calls) - before[1] <= 5


def test_a_warehouse_added_since_the_last_pull(stage: Stage) -> None:
    """A warehouse that was configured later is read in full first; that stock waits until then is said."""
    stage.listing["warehouses"] = '["W1"]'
    connected(stage)
    stage.listing["warehouses"] = '["W1", "W2"]'
    [(level, what, do)] = findings(stage)
    assert level == "warning"
    assert what == (
        "the stock of the warehouse W2 was not read yet: its full read comes first, stock waits until then"
    )
    assert "syncd once recent" in do
    stage.run("once", "recent")
    assert findings(stage) == []


def test_a_warehouse_before_the_first_pull(stage: Stage) -> None:
    """As long as nothing was read at all, no warehouse is told apart."""
    stage.listing["warehouses"] = '["W1"]'
    stage.put_on_sale("TEA")
    assert findings(stage) == []


def test_an_obsolete_warehouse_in_use(stage: Stage) -> None:
    """A warehouse that was made obsolete in Unleashed and still counts is a warning."""
    stage.listing["warehouses"] = '["W1", "W2"]'
    connected(stage)
    stage.books.warehouses["W2"].obsolete = True
    [(level, what, _)] = findings(stage)
    assert (level, what) == ("warning", "the warehouse W2 is obsolete in Unleashed")


@pytest.mark.parametrize(
    ("codes", "level", "what"),
    [
        (("TEA", "FUNNEL<5"), "problem", "FUNNEL<5 (would become 'FUNNEL&lt;5' in WooCommerce)"),
        (("TEA", "L" * 101), "problem", "is longer than the 100 characters of a WooCommerce SKU"),
        (("TEA", "TEA"), "problem", "several products with the code TEA"),
        (("TEA", "tea"), "warning", "differ only by case: TEA and tea"),
    ],
)
def test_codes_that_lead_to_trouble(stage: Stage, codes: tuple[str, ...], level: str, what: str) -> None:
    """Codes that the shop cannot hold, that are used twice, or differ by case are named once known."""
    stage.books.code_limit = None
    for code in codes:
        stage.put_on_sale(code, listed=None)
    assert findings(stage) == []
    stage.run("once", "recent")
    [(found, said, do)] = findings(stage)
    assert (found, bool(do)) == (level, True)
    assert what in said
    assert stage.run("check").code == (1 if level == "problem" else 0)


def test_a_tax_class_without_a_rate(stage: Stage) -> None:
    """A linked listing in a tax class that has no rate keeps its price: the class is named."""
    stage.shop.settings.calc_taxes = stage.shop.settings.prices_include_tax = True
    stage.listing["tax"] = "{ standard = 0.15 }"
    stage.put_on_sale("TEA", listed=5)
    stage.shelf.edit(stage.shelf.with_sku("TEA")[0].id, tax_class="reduced-rate")
    stage.run("once", "recent")
    [(level, what, do)] = findings(stage)
    assert level == "problem"
    assert "no rate for the tax class reduced-rate (listings: 1)" in what
    assert "listing.tax" in do


@pytest.mark.parametrize("known", [True, False])
def test_a_canary_that_is_found(stage: Stage, known: bool) -> None:
    """The canary is looked for on both sides, whether or not Unleashed was read before: a call each."""
    stage.store["canary"] = '"TEA"'
    stage.put_on_sale("TEA", listed=5)
    if known:
        stage.run("once", "recent")
    before = len(stage.unleashed.calls)
    done = stage.run("check", "--json")
    assert "the canary TEA is found on both sides" in [each["what"] for each in done.json["findings"]]
    assert done.json["calls"]["unleashed"] == len(stage.unleashed.calls) - before == (2 if known else 3)


@pytest.mark.parametrize(
    ("listed", "canary", "missing"),
    [(None, "TEA", "the store"), (5, "NOPE", "Unleashed nor in the store")],
)
def test_a_canary_that_is_missing(stage: Stage, listed: int | None, canary: str, missing: str) -> None:
    """A canary that one side lacks would stop every run: check says so beforehand, and which side."""
    stage.store["canary"] = f'"{canary}"'
    stage.put_on_sale("TEA", listed=listed)
    [(level, what, do)] = findings(stage)
    assert (level, what) == (
        "problem",
        f"the canary {canary} is not found in {missing}: nothing is written",
    )
    assert "canary" in do


@pytest.mark.parametrize(("minutes", "side"), [(45, "behind"), (-45, "ahead of"), (6, "")])
def test_a_clock_that_is_off(stage: Stage, minutes: int, side: str) -> None:
    """This machine's clock is held against the date that Unleashed's answers carry."""
    stage.put_on_sale("TEA")
    ahead = timedelta(minutes=minutes, seconds=30 if minutes > 0 else -30)
    stage.unleashed.settings = replace(stage.unleashed.settings, date_header_ahead=ahead)
    told = findings(stage)
    assert [what for _, what, _ in told] == (
        [f"this machine's clock is {abs(minutes)} minutes {side} Unleashed's"] if side else []
    )
    assert all("NTP" in do for _, _, do in told)

"""`syncd check` and Unleashed's tax codes: read with one call where they matter, and judged by the keys."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.system.stage import Stage

KEY = "[store.shop.orders]\n"


def taxes_asked(stage: Stage) -> int:
    """Run check and return how many calls of /Taxes it made; every call is counted and printed."""
    before = len(stage.unleashed.calls), len(stage.shop.calls), stage.unleashed.count("Taxes")
    last = stage.run("check").out.splitlines()[-1]
    calls = len(stage.unleashed.calls) - before[0], len(stage.shop.calls) - before[1]
    assert last == f"{calls[0]} Unleashed calls, {calls[1]} store calls"
    return stage.unleashed.count("Taxes") - before[2]


def found(stage: Stage, level: str) -> list[tuple[str, str]]:
    """Return text and remedy of the store's findings of a level."""
    findings = stage.run("check", "--json").json["findings"]
    return [
        (each["what"], each["do"])
        for each in findings
        if (each["level"], each["about"]) == (level, "store shop")
    ]


def taxed(stage: Stage, tax: str) -> None:
    """Have the shop's prices include tax at a rate."""
    stage.shop.settings.calc_taxes = stage.shop.settings.prices_include_tax = True
    stage.listing["tax"] = tax


@pytest.mark.parametrize(
    ("tax", "orders", "calls"),
    [
        ("", "", 0),
        ("", KEY, 1),
        ("", KEY + 'tax_codes = { standard = "GST" }', 1),
        ("0.15", "", 1),
        ("{ standard = 0.15 }", KEY, 1),
    ],
)
def test_tax_codes_are_read_where_they_matter(stage: Stage, tax: str, orders: str, calls: int) -> None:
    """One call an account, and only if one of its stores names a rate or sets up orders."""
    taxed(stage, tax)
    stage.more = orders
    stage.put_on_sale()
    assert taxes_asked(stage) == calls


def test_two_stores_share_one_call(stage: Stage) -> None:
    """The codes are read once for the account; a store that needs none has no line about them."""
    taxed(stage, "0.15")
    stage.more = stage.second_store("corner")
    assert taxes_asked(stage) == 1
    findings = stage.run("check", "--json").json["findings"]
    assert [each["about"] for each in findings if "tax code" in each["what"]] == ["store shop"]


@pytest.mark.parametrize(
    ("code", "what", "do"),
    [
        ("gst", "Unleashed has no tax code gst", "Set orders.tax_codes.standard to GST"),
        ("OLD", "the tax code OLD, which orders.tax_codes gives to standard, is obsolete", "bring it back"),
    ],
)
@pytest.mark.parametrize("rates", ["fraction", "percent"])
def test_a_configured_code_that_is_of_no_use(stage: Stage, rates: str, code: str, what: str, do: str) -> None:
    """A code that Unleashed lacks or has made obsolete is a problem, and exit code 1."""
    stage.unleashed.settings = replace(stage.unleashed.settings, tax_rates=rates)  # type: ignore[arg-type]
    stage.books.add_tax_code("OLD", "0.125", obsolete=True)
    stage.more = f'{KEY}tax_codes = {{ standard = "{code}" }}'
    stage.put_on_sale()
    [(said, remedy)] = found(stage, "problem")
    assert what in said
    assert do in remedy
    assert stage.run("check").code == 1


@pytest.mark.parametrize(
    ("tax", "what"),
    [
        ("0.2", "no active tax code of Unleashed has the rate 20 %"),
        ("{ standard = 0.125 }", "no active tax code of Unleashed has the rate 12.5 % of listing.tax (OLD:"),
        ("0.15", "several tax codes of Unleashed have the rate 15 % (GST, IMPORT)"),
    ],
)
def test_a_rate_that_orders_cannot_find(stage: Stage, tax: str, what: str) -> None:
    """A rate without one active code is a warning that names orders.tax_codes; a code there settles it."""
    stage.books.add_tax_code("OLD", "0.125", obsolete=True)
    stage.books.add_tax_code("IMPORT", "0.15")
    taxed(stage, tax)
    stage.put_on_sale()
    [(said, remedy)] = found(stage, "warning")
    assert what in said
    assert "orders.tax_codes" in remedy
    assert stage.run("check").code == 0
    stage.listing["tax"] = "0.15"
    stage.more = f'{KEY}tax_codes = {{ standard = "GST" }}'
    assert found(stage, "warning") == []


def test_an_account_without_a_list_of_tax_codes(stage: Stage) -> None:
    """Where Unleashed has no /Taxes the keys are unproven, which is a warning."""
    stage.unleashed.settings = replace(stage.unleashed.settings, taxes=False)
    taxed(stage, "0.15")
    [(said, _)] = found(stage, "warning")
    assert "does not list its tax codes" in said


def test_tax_codes_that_cannot_be_read(stage: Stage) -> None:
    """An account whose /Taxes fails is told with exit code 3, and all else is judged as ever."""
    stage.unleashed.faults.add("status", times=4, match=lambda request: "/Taxes" in request.path)
    taxed(stage, "0.15")
    done = stage.run("check", "--json")
    assert done.code == 3
    assert any("/Taxes" in each["what"] for each in done.json["findings"] if each["level"] == "unreachable")
    assert any("prices include tax" in each["what"] for each in done.json["findings"])
    assert not any("tax code" in each["what"] for each in done.json["findings"])


@pytest.mark.parametrize(
    ("code", "level", "what"),
    [
        ("W9", "problem", "Unleashed has no warehouse with the code W9 (orders.warehouse)"),
        ("W2", "warning", "the warehouse W2 (orders.warehouse) is obsolete in Unleashed"),
    ],
)
def test_the_warehouse_that_ships_orders(stage: Stage, code: str, level: str, what: str) -> None:
    """orders.warehouse must name a warehouse that is there and in use."""
    stage.put_on_sale()
    stage.books.add_warehouse("W2", "Second", obsolete=True)
    stage.more = f'{KEY}warehouse = "{code}"'
    assert [said for said, _ in found(stage, level)] == [what]

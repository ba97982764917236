"""The emulated Unleashed adds up and rounds by its own rules, checked against figures worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from syncd.emulator.unleashed import UnleashedEmulator
from syncd.emulator.unleashed_orders_money import line_tax, line_total, rounded
from syncd.emulator.unleashed_orders_settings import SalesSettings
from tests.emulator.unleashed_caller import setting
from tests.emulator.unleashed_clerk import ORDER, done, of_one, order, refusal, shop

PATH = f"/SalesOrders/{ORDER}"
UP, EVEN = SalesSettings(), SalesSettings(rounding="half_even")


@pytest.mark.parametrize(
    ("amount", "up", "even"),
    [
        ("0.125", "0.13", "0.12"),
        ("0.135", "0.14", "0.14"),
        ("-0.125", "-0.13", "-0.12"),
        ("0.12499999999999", "0.12", "0.12"),
        ("0.12500000000001", "0.13", "0.13"),
        ("1774.93449333333333", "1774.93", "1774.93"),
        ("0", "0.00", "0.00"),
        ("-0.004", "0.00", "0.00"),
    ],
)
def test_rounding_by_hand(amount: str, up: str, even: str) -> None:
    """Halves go away from zero, or to the even neighbour; everything else to the nearer one."""
    assert rounded(Fraction(amount), UP) == Decimal(up)
    assert rounded(Fraction(amount), EVEN) == Decimal(even)


def test_line_by_hand() -> None:
    """Three at 3.335 with a tenth off come to 9.00, whose tax of 15 % is 1.35; yen have no places."""
    assert line_total(Decimal(3), Decimal("3.335"), Decimal("0.1"), UP) == Decimal("9.00")
    assert line_tax(Decimal("9.00"), Decimal("0.15"), UP) == Decimal("1.35")
    assert line_tax(Decimal(105), Decimal("0.1"), SalesSettings(money_places=0)) == Decimal(11)


@hypothesis_settings(max_examples=200, deadline=None, database=None)
@given(st.decimals(-10_000, 10_000, places=6), st.sampled_from([UP, EVEN]))
def test_rounding_stays_within_half_a_cent(amount: Decimal, settings: SalesSettings) -> None:
    """What is rounded has two places and is never further off than half a cent."""
    found = rounded(Fraction(amount), settings)
    assert found == found.quantize(Decimal("0.01"))
    assert abs(Fraction(found) - Fraction(amount)) <= Fraction(1, 200)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SubTotal", 24.01, "SubTotal is 24.01 but the lines come to 24.0"),
        ("TaxTotal", 3.61, "TaxTotal is 3.61 but the lines come to 3.60"),
        ("Total", 27.59, "Total is 27.59 but the lines come to 27.60"),
    ],
)
def test_totals_off_by_a_cent_are_refused(
    company: UnleashedEmulator, name: str, value: float, told: str
) -> None:
    """The three totals must be the sums of the lines' own figures, to the cent."""
    shop(company)
    assert told in refusal(company, PATH, order(**{name: value}))  # type: ignore[arg-type]


def test_cent_pushed_into_a_line(company: UnleashedEmulator) -> None:
    """A line's tax may be a cent off if the sums agree, unless the settings check lines, too."""
    shop(company)
    pushed = of_one(2, 9.5, 19.0, 2.86)
    assert done(company, PATH, pushed)["TaxTotal"] == 2.86
    setting(company, order_totals="lines")
    assert "LineTax of line 1 is 2.86 but should be 2.85" in refusal(company, PATH, pushed)
    assert "LineTotal of line 1" in refusal(company, PATH, of_one(2, 9.5, 18.0, 2.7))
    assert done(company, PATH, of_one(2, 9.5, 19.0, 2.85))["Total"] == 21.85


def test_server_may_recompute_and_still_answer_201(company: UnleashedEmulator) -> None:
    """As in 2014, wrong figures are replaced without a word, whatever was sent."""
    shop(company)
    setting(company, order_totals="recompute")
    row = done(company, PATH, of_one(2, 9.5, 380, 10))
    assert (row["SubTotal"], row["TaxTotal"], row["Total"]) == (19.0, 2.85, 21.85)


@pytest.mark.parametrize(("rounding", "tax"), [("half_up", 0.13), ("half_even", 0.12)])
def test_recomputing_rounds_as_set(company: UnleashedEmulator, rounding: str, tax: float) -> None:
    """A tax of an eighth of a unit is rounded either way."""
    shop(company)
    company.books.taxes.append({**company.books.taxes[0], "TaxCode": "EIGHTH", "TaxRate": Decimal("0.125")})
    setting(company, order_totals="recompute", rounding=rounding)
    posted = of_one(1, 1, 1, 0)
    posted["SalesOrderLines"] = [{**posted["SalesOrderLines"][0], "LineTaxCode": "EIGHTH"}]  # type: ignore[index]
    assert done(company, PATH, posted)["TaxTotal"] == tax


def test_amounts_keep_every_digit(company: UnleashedEmulator) -> None:
    """A unit price of many places is stored and shown as it was sent."""
    shop(company)
    exact = '{"OrderStatus":"Parked","Customer":{"CustomerCode":"WEB-1"},"Tax":{"TaxCode":"GST"},'
    exact += '"SalesOrderLines":[{"Product":{"ProductCode":"TEA-100"},"OrderQuantity":3,'
    exact += '"UnitPrice":3.33333333333333,"LineTotal":10.00,"LineTax":1.50,"LineTaxCode":"GST"}],'
    exact += '"SubTotal":10.00,"TaxTotal":1.50,"Total":11.50}'
    row = done(company, PATH, exact)
    assert row["SalesOrderLines"][0]["UnitPrice"] == 3.33333333333333
    assert company.sales.orders.get(ORDER).lines[0].price == Decimal("3.33333333333333")

"""Which tax codes orders would carry, and what is wrong with them, is said with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from syncd.core.doctor_tax import judge_tax_codes
from syncd.core.listing import TaxRule
from syncd.core.tax_codes import UNTAXED, TaxCode, as_fractions, with_name, with_rate

ABOUT = "store shop"
GST = TaxCode("GST", Decimal("0.15"))
ZERO = TaxCode("ZERO", Decimal(0))
OLD = TaxCode("GST125", Decimal("0.125"), obsolete=True)
IMPORT = TaxCode("GST-IMP", Decimal("0.150"))
BUYING = TaxCode("BUY", Decimal("0.2"), for_sales=False)
BROKEN = TaxCode("ODD", None)
ALL = (GST, ZERO, OLD)
BACK, UNFIT = "or bring it back in Unleashed", ": obsolete or not for sales"
NONE = "no active tax code of Unleashed"


def judged(
    configured: Mapping[str, str], tax: TaxRule = "exclusive", codes: tuple[TaxCode, ...] = ALL
) -> list[tuple[str, str, str]]:
    """Return level, text and remedy of what is found."""
    found = judge_tax_codes(ABOUT, tax, configured, codes)
    assert {each.about for each in found} <= {ABOUT}
    assert all(bool(each.do) == (each.level != "ok") for each in found)
    return [(each.level, each.what, each.do) for each in found]


@pytest.mark.parametrize(
    ("code", "codes", "level", "what", "do"),
    [
        ("GST", ALL, "ok", "the tax code GST of standard exists (15 %)", ""),
        (" GST ", ALL, "ok", "the tax code  GST  of standard exists (15 %)", ""),
        ("None", ALL, "ok", "the tax code None of standard exists (0 %)", ""),
        ("ODD", (BROKEN,), "ok", "the tax code ODD of standard exists (an unreadable rate)", ""),
        (
            "gst",
            ALL,
            "problem",
            "Unleashed has no tax code gst, which orders.tax_codes gives to standard",
            "Set orders.tax_codes.standard to GST, or to another that exists: ZERO.",
        ),
        (
            "GTS",
            (GST, OLD),
            "problem",
            "Unleashed has no tax code GTS, which orders.tax_codes gives to standard",
            "Set orders.tax_codes.standard to GST.",
        ),
        (
            "VAT20",
            ALL,
            "problem",
            "Unleashed has no tax code VAT20, which orders.tax_codes gives to standard",
            "Set orders.tax_codes.standard to one that exists: GST, ZERO.",
        ),
        (
            "GST125",
            ALL,
            "problem",
            "the tax code GST125, which orders.tax_codes gives to standard, is obsolete in Unleashed",
            f"Set orders.tax_codes.standard to GST, or to another that exists: ZERO, {BACK}.",
        ),
        (
            "GST125",
            (OLD,),
            "problem",
            "the tax code GST125, which orders.tax_codes gives to standard, is obsolete in Unleashed",
            f"Set orders.tax_codes.standard to a code for sales, once Unleashed has one, {BACK}.",
        ),
        (
            "BUY",
            (GST, BUYING),
            "warning",
            "the tax code BUY, which orders.tax_codes gives to standard, is not for sales in Unleashed",
            "Set orders.tax_codes.standard to one that exists: GST.",
        ),
    ],
)
def test_a_configured_code(code: str, codes: tuple[TaxCode, ...], level: str, what: str, do: str) -> None:
    """A code that is configured must be there under exactly this name, in use, and for sales."""
    assert judged({"standard": code}, codes=codes) == [(level, what, do)]


def test_each_configured_code_has_its_line() -> None:
    """Every class is judged by itself, and its key is in the remedy."""
    found = judged({"standard": "GST", "zero-rate": "ZER0", "books": "ZERO"})
    assert [(level, "zero-rate" in do) for level, _, do in found] == [
        ("ok", False),
        ("ok", False),
        ("problem", True),
    ]


@pytest.mark.parametrize(
    ("tax", "codes", "level", "what", "do"),
    [
        (Decimal("0.15"), ALL, "ok", "the tax code for 15 % is GST (standard)", ""),
        (Decimal("0.1500"), ALL, "ok", "the tax code for 15 % is GST (standard)", ""),
        ({"standard": Decimal("0.15")}, ALL, "ok", "the tax code for 15 % is GST (standard)", ""),
        (
            Decimal("0.2"),
            (*ALL, BUYING),
            "warning",
            f"{NONE} has the rate 20 % of listing.tax (BUY{UNFIT}): orders need it",
            "Add one in Unleashed, or name another for standard with orders.tax_codes.",
        ),
        (
            {"books": Decimal("0.1"), "food": Decimal("0.10")},
            (*ALL, BROKEN),
            "warning",
            f"{NONE} has the rate 10 % of listing.tax: orders need it",
            "Add one in Unleashed, or name another for books, food with orders.tax_codes.",
        ),
        (
            {"standard": Decimal("0.125")},
            ALL,
            "warning",
            f"{NONE} has the rate 12.5 % of listing.tax (GST125{UNFIT}): orders need it",
            "Add one in Unleashed, or name another for standard with orders.tax_codes.",
        ),
        (
            Decimal("0.15"),
            (GST, IMPORT, ZERO),
            "warning",
            "several tax codes of Unleashed have the rate 15 % (GST, GST-IMP): orders need one",
            'Name the one for standard with orders.tax_codes: { standard = "GST" }.',
        ),
    ],
)
def test_a_rate_of_the_listing(
    tax: TaxRule, codes: tuple[TaxCode, ...], level: str, what: str, do: str
) -> None:
    """A rate that no active tax code has, or several have, is a warning that names orders.tax_codes."""
    assert judged({}, tax, codes) == [(level, what, do)]


@pytest.mark.parametrize(
    ("configured", "tax"),
    [
        ({"standard": "GST"}, Decimal("0.15")),
        ({"reduced-rate": "GST"}, Decimal("0.15")),
        ({"standard": "GST"}, {"standard": Decimal("0.15")}),
    ],
)
def test_a_configured_code_settles_its_rate(configured: dict[str, str], tax: TaxRule) -> None:
    """Where orders.tax_codes names the code, it does not matter how many have the rate."""
    assert [level for level, _, _ in judged(configured, tax, (GST, IMPORT))] == ["ok"]


@pytest.mark.parametrize("tax", [Decimal("0.15"), {"standard": Decimal("0.15")}])
def test_a_code_of_another_rate(tax: TaxRule) -> None:
    """A code whose rate is not the one that prices are taxed with makes orders that do not add up."""
    [(level, what, do)] = judged({"standard": "ZERO"}, tax)
    assert (level, what) == ("warning", "the tax code ZERO of standard is 0 %, but listing.tax says 15 %")
    assert "orders.tax_codes.standard" in do
    assert judged({"books": "ZERO"}, {"books": Decimal(0)})[0][0] == "ok"
    assert judged({"standard": "ODD"}, tax, (GST, BROKEN))[0][0] == "ok"


def test_nothing_configured_tells_what_there_is() -> None:
    """With orders but neither rate nor code the usable codes are told, or that there is none."""
    assert judged({}) == [("ok", "Unleashed's tax codes for sales: GST (15 %), ZERO (0 %)", "")]
    assert [each[:2] for each in judged({}, codes=(OLD, BUYING))] == [
        ("warning", "Unleashed has no active tax code for sales")
    ]


@pytest.mark.parametrize("configured", [{}, {"standard": "GST"}])
def test_no_list_of_tax_codes(configured: dict[str, str]) -> None:
    """An account that does not list its tax codes proves nothing: one warning, no problem."""
    [(level, what, do)] = judged(configured, Decimal("0.15"), ())
    assert level == "warning"
    assert "does not list its tax codes" in what
    assert "orders.tax_codes" in do


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (("0.15", "0"), ("0.15", "0")),
        (("15", "0", "12.5"), ("0.15", "0", "0.125")),
        (("1", "0.5"), ("0.01", "0.005")),
        (("0",), ("0",)),
        ((), ()),
    ],
)
def test_rates_are_exact_fractions(given: tuple[str, ...], meant: tuple[str, ...]) -> None:
    """Rates are fractions; a list with a rate of 1 or more is in percents, and is brought to fractions."""
    codes = [*(TaxCode(rate, Decimal(rate)) for rate in given), BROKEN]
    assert [each.rate for each in as_fractions(codes)] == [*map(Decimal, meant), None]


def test_which_codes_are_meant() -> None:
    """A rate means codes in use and for sales alone; a name means the one in use before a namesake."""
    codes = (TaxCode("GST", Decimal("0.1"), obsolete=True), GST, IMPORT, BUYING, BROKEN)
    assert with_rate(codes, Decimal("0.15")) == [GST, IMPORT]
    assert with_rate(codes, Decimal("0.2")) == with_rate(codes, Decimal("0.1")) == []
    assert with_name(codes, "GST") == GST
    assert (with_name(codes, "none"), with_name(codes, "None")) == (None, UNTAXED)

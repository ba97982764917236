"""A line gets the tax code whose rate is its own, or the order is parked with the key that settles it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from syncd.core.order import OrderLine, TaxPart
from syncd.core.order_tax_code import tax_code
from syncd.core.sale import Parked, TaxCode
from tests.core.order_examples import GST, ZERO, line, order, untaxed

OLD = TaxCode("OLD", Decimal("0.15"), obsolete=True)
IMPORTS = TaxCode("IMP", Decimal("0.15"), for_sales=False)
REDUCED = TaxCode("RED", Decimal("0.07"))
EXPORT = TaxCode("EXPORT", Decimal(0))
PART = TaxPart("NZ-GST-1", Decimal("0.15"), Decimal("1.50"))
TAXED = line("1", "1", "10.00", "1.50")
EXEMPT = untaxed("1", "1", "10.00")


def choose(of: OrderLine, codes: tuple[TaxCode, ...], configured: Mapping[str, str] | None = None) -> str:
    """Return the code chosen for a line, or the sentences with which its order is parked."""
    found = tax_code(order(of), of, codes, configured or {})
    return f"{found.reason} {found.do}" if isinstance(found, Parked) else found.code


def taxed_by(*parts: TaxPart, total: str = "10.00") -> OrderLine:
    """Return a line with these taxes."""
    amount = sum((each.amount for each in parts), Decimal(0))
    return replace(TAXED, total=Decimal(total), tax=amount, taxes=parts)


@pytest.mark.parametrize(
    ("of", "codes", "configured", "expected"),
    [
        (TAXED, (GST, ZERO), {}, "GST"),
        (EXEMPT, (GST, ZERO), {}, "ZERO"),
        (TAXED, (GST, OLD, IMPORTS), {}, "GST"),
        (TAXED, (GST, replace(GST, code="GST2")), {"standard": "GST2"}, "GST2"),
        (replace(TAXED, tax_class="reduced"), (GST, replace(GST, code="G2")), {"reduced": "G2"}, "G2"),
        # goods of the standard class that leave the country untaxed
        (EXEMPT, (GST, ZERO, EXPORT), {"standard": "GST", "0%": "EXPORT"}, "EXPORT"),
        (EXEMPT, (GST, ZERO), {"standard": "GST"}, "ZERO"),
        (EXEMPT, (GST,), {"0%": "None"}, "None"),
        # two taxes that are not compound add up; one that was not charged does not count
        (
            taxed_by(replace(PART, rate=Decimal("0.1")), replace(PART, rate=Decimal("0.05"))),
            (GST,),
            {},
            "GST",
        ),
        (taxed_by(PART, replace(PART, code="PST", amount=Decimal(0))), (GST,), {}, "GST"),
        # a coupon of 100 % leaves the rate; a store without rates leaves the amount
        (taxed_by(replace(PART, amount=Decimal(0)), total="0.00"), (GST, ZERO), {}, "GST"),
        (taxed_by(replace(PART, rate=None)), (GST, ZERO, REDUCED), {}, "GST"),
        (replace(TAXED, taxes=()), (GST, ZERO, REDUCED), {}, "GST"),
    ],
)
def test_the_code_of_a_line(
    of: OrderLine, codes: tuple[TaxCode, ...], configured: dict[str, str], expected: str
) -> None:
    """The class's code if its rate is the line's, else the rate's, else the account's only one."""
    assert choose(of, codes, configured) == expected


@pytest.mark.parametrize(
    ("of", "codes", "configured", "says"),
    [
        (TAXED, (ZERO,), {}, ("no tax code in use", '"standard" = "…"', "15 %")),
        (TAXED, (GST, replace(GST, code="GST2")), {}, ("GST, GST2", '"standard" = "…"')),
        (replace(TAXED, tax_class="books"), (ZERO,), {}, ('"books" = "…"',)),
        (EXEMPT, (GST, ZERO, EXPORT), {"standard": "GST"}, ("EXPORT, ZERO", '"0%" = "…"')),
        (TAXED, (GST,), {"standard": "GTS"}, ("names GTS for standard", "no such tax code")),
        (TAXED, (GST, OLD), {"standard": "OLD"}, ("names OLD for standard", "no such tax code")),
        (taxed_by(replace(PART, compound=True)), (GST,), {}, ("compound", "orders skip 33")),
        (taxed_by(replace(PART, rate=None, amount=Decimal(9))), (GST,), {}, ("9 NZD tax",)),
    ],
)
def test_a_line_without_one_code(
    of: OrderLine, codes: tuple[TaxCode, ...], configured: dict[str, str], says: tuple[str, ...]
) -> None:
    """No code, several, a wrong one or a tax on a tax: the sentences name the line and the key to set."""
    said = choose(of, codes, configured)
    assert [each for each in says if each not in said] == []
    assert "syncd orders" in said

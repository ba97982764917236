"""What is wrong with the tax codes that a store's orders will carry, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches

from syncd.core.doctor import Finding, some_of
from syncd.core.listing import TaxRule
from syncd.core.money import plain
from syncd.core.tax_codes import TaxCode, with_name, with_rate


def judge_tax_codes(
    about: str, tax: TaxRule, configured: Mapping[str, str], codes: Sequence[TaxCode]
) -> list[Finding]:
    """Judge the codes named in orders.tax_codes, and whether the rates of listing.tax have one code each.

    `configured` is code by the store's tax class; `codes` are all of Unleashed's, obsolete ones included,
    empty if it does not list them.
    """
    if not codes:
        what = "Unleashed does not list its tax codes, so those that orders will need are unproven"
        do = "Look at the tax codes in Unleashed yourself, and name them with orders.tax_codes."
        return [Finding("warning", about, what, do)]
    named = [_judge_named(about, name, code, tax, codes) for name, code in sorted(configured.items())]
    rates = [
        _judge_rate(about, rate, classes, codes) for rate, classes in _open_rates(tax, configured, codes)
    ]
    return [*named, *rates] or [_listed(about, codes)]


def _judge_named(about: str, name: str, code: str, tax: TaxRule, codes: Sequence[TaxCode]) -> Finding:
    found = with_name(codes, code)
    if found is None:
        what = f"Unleashed has no tax code {code}, which orders.tax_codes gives to {name}"
        return Finding("problem", about, what, f"Set orders.tax_codes.{name} to {_instead(code, codes)}.")
    if found.obsolete:
        what = f"the tax code {code}, which orders.tax_codes gives to {name}, is obsolete in Unleashed"
        do = f"Set orders.tax_codes.{name} to {_instead(code, codes)}, or bring it back in Unleashed."
        return Finding("problem", about, what, do)
    if not found.for_sales:
        what = f"the tax code {code}, which orders.tax_codes gives to {name}, is not for sales in Unleashed"
        return Finding("warning", about, what, f"Set orders.tax_codes.{name} to {_instead(code, codes)}.")
    expected = _rate_of(tax, name)
    if None not in (expected, found.rate) and expected != found.rate:
        what = f"the tax code {code} of {name} is {_told(found.rate)}, but listing.tax says {_told(expected)}"
        do = f"Make listing.tax and orders.tax_codes.{name} agree, or orders will not add up."
        return Finding("warning", about, what, do)
    return Finding("ok", about, f"the tax code {code} of {name} exists ({_told(found.rate)})")


def _instead(code: str, codes: Sequence[TaxCode]) -> str:
    """Return which codes there are to choose from, the most similar one first."""
    usable = sorted({each.code for each in codes if each.usable()})
    if not usable:
        return "a code for sales, once Unleashed has one"
    folded = {each.casefold(): each for each in usable}
    close = [folded[each] for each in get_close_matches(code.strip().casefold(), folded, 1, 0.6)]
    others = [each for each in usable if each not in close]
    if not close:
        return f"one that exists: {some_of(others)}"
    return f"{close[0]}, or to another that exists: {some_of(others)}" if others else close[0]


def _rate_of(tax: TaxRule, name: str) -> Decimal | None:
    if isinstance(tax, Mapping):
        return tax.get(name)
    return tax if isinstance(tax, Decimal) and name == "standard" else None


def _open_rates(
    tax: TaxRule, configured: Mapping[str, str], codes: Sequence[TaxCode]
) -> list[tuple[Decimal, list[str]]]:
    """Return the rates of listing.tax whose code orders.tax_codes does not settle, each with its classes."""
    if isinstance(tax, str):
        return []
    if isinstance(tax, Decimal):
        named = [with_name(codes, code) for code in configured.values()]
        settled = "standard" in configured or any(each and each.rate == tax for each in named)
        return [] if settled else [(tax, ["standard"])]
    found: dict[Decimal, list[str]] = {}
    for name, rate in sorted(tax.items()):
        if name not in configured:
            found.setdefault(rate, []).append(name)
    return sorted(found.items())


def _judge_rate(about: str, rate: Decimal, classes: Sequence[str], codes: Sequence[TaxCode]) -> Finding:
    found, which = with_rate(codes, rate), ", ".join(classes)
    if len(found) == 1:
        return Finding("ok", about, f"the tax code for {_told(rate)} is {found[0].code} ({which})")
    if found:
        names = some_of(sorted(each.code for each in found))
        what = f"several tax codes of Unleashed have the rate {_told(rate)} ({names}): orders need one"
        do = f"Name the one for {which} with orders.tax_codes: {_example(classes, found[0].code)}."
        return Finding("warning", about, what, do)
    old = sorted(each.code for each in codes if each.rate == rate)
    unfit = f" ({some_of(old)}: obsolete or not for sales)" if old else ""
    what = f"no active tax code of Unleashed has the rate {_told(rate)} of listing.tax{unfit}: orders need it"
    do = f"Add one in Unleashed, or name another for {which} with orders.tax_codes."
    return Finding("warning", about, what, do)


def _example(classes: Sequence[str], code: str) -> str:
    return "{ " + ", ".join(f'{name} = "{code}"' for name in classes) + " }"


def _listed(about: str, codes: Sequence[TaxCode]) -> Finding:
    usable = [f"{each.code} ({_told(each.rate)})" for each in codes if each.usable()]
    if usable:
        return Finding("ok", about, f"Unleashed's tax codes for sales: {some_of(usable)}")
    do = "Add one in Unleashed; orders need it."
    return Finding("warning", about, "Unleashed has no active tax code for sales", do)


def _told(rate: Decimal | None) -> str:
    return "an unreadable rate" if rate is None else f"{plain(rate.scaleb(2))} %"

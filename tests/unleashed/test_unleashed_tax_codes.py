"""Which tax codes an account has, whatever its list is wrapped in and however it writes a rate."""

from __future__ import annotations

from decimal import Decimal

import pytest

from syncd.core.tax_codes import TaxCode
from syncd.emulator.wire import Response
from syncd.errors import AuthRejected, BadAnswer
from syncd.unleashed.account import tax_codes
from tests.unleashed.unleashed_world import Canned, World, answer, client_of, page

GST = TaxCode("GST", Decimal("0.15"))
NIL = "00000000-0000-0000-0000-000000000000"
ROWS = [
    {"TaxCode": " GST ", "TaxRate": 0.15, "CanApplyToRevenue": True, "Obsolete": False},
    {"Guid": NIL, "TaxCode": "None", "TaxRate": 0},
    {"TaxCode": None, "TaxRate": 0.2},
    {"TaxCode": "ODD", "TaxRate": "much", "CanApplyToRevenue": False, "Obsolete": True},
]
READ = (GST, TaxCode("None", Decimal(0)), TaxCode("ODD", None, obsolete=True, for_sales=False))


@pytest.mark.parametrize("listed", ["asked_for", "always"])
@pytest.mark.parametrize("rates", ["fraction", "percent"])
def test_tax_codes_of_an_account(listed: str, rates: str) -> None:
    """One call reads all codes, obsolete ones too, with exact fractions whichever way they are written."""
    world = World(obsolete_taxes=listed, tax_rates=rates)
    world.books.add_tax_code("OLD", "0.125", obsolete=True)
    world.books.add_tax_code("BUY", "0.15", for_sales=False)
    assert tax_codes(world.client()) == (
        GST,
        TaxCode("ZERO", Decimal(0)),
        TaxCode("OLD", Decimal("0.125"), obsolete=True),
        TaxCode("BUY", Decimal("0.15"), for_sales=False),
    )
    assert world.emulator.count("Taxes") == world.emulator.count() == 1


@pytest.mark.parametrize(("listed", "seen"), [("asked_for", False), ("always", True)])
def test_obsolete_codes_may_hide(listed: str, seen: bool) -> None:
    """The emulator hides obsolete codes from whoever does not ask for them, unless set to list them."""
    world = World(obsolete_taxes=listed)
    world.books.add_tax_code("OLD", "0.125", obsolete=True)
    assert (b"OLD" in world.client().get("/Taxes")) is seen


def test_an_account_without_a_list_of_tax_codes() -> None:
    """An account that has no /Taxes has no codes to tell, in one call."""
    world = World(taxes=False)
    assert (tax_codes(world.client()), world.emulator.count()) == ((), 1)


@pytest.mark.parametrize("body", [answer(ROWS), answer({"Items": ROWS}), page(ROWS)])
def test_tax_codes_in_every_wrapping(body: Response) -> None:
    """Codes are read with or without paging; one without a name is left out, a strange rate left open."""
    assert tax_codes(client_of(Canned(body))) == READ


def test_many_tax_codes_are_read_page_by_page() -> None:
    """Codes on several pages are all read, and an endless list is given up."""
    world = World()
    for number in range(6):
        world.books.add_tax_code(f"T{number}", "0.1")
    assert len(tax_codes(world.client(2))) == 8
    assert world.emulator.count() == 5
    world.books.add_tax_code("T9", "0.1")
    with pytest.raises(BadAnswer, match="/Taxes goes on after 4 pages"):
        tax_codes(world.client(2))


@pytest.mark.parametrize("body", [answer("17"), answer({"Items": None}), page(ROWS, NumberOfItems=9)])
def test_tax_codes_that_cannot_be_believed(body: Response) -> None:
    """Half a list of tax codes is not taken for all of them."""
    with pytest.raises(BadAnswer, match="/Taxes"):
        tax_codes(client_of(Canned(body)))


def test_tax_codes_that_may_not_be_read() -> None:
    """A refusal reaches the caller."""
    with pytest.raises(AuthRejected):
        tax_codes(client_of(Canned(answer("", status=403))))

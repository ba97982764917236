"""What the account says about itself, and whether the credentials work."""

from __future__ import annotations

import pytest

from syncd.core.model import AccountFacts, Warehouse
from syncd.emulator.wire import Response
from syncd.errors import AuthRejected, BadAnswer, RemoteError
from syncd.unleashed.account import account_facts, check_credentials
from syncd.unleashed.auth import Credentials
from tests.unleashed.unleashed_world import CREDENTIALS, Canned, World, answer, client_of, page

W1, W2 = Warehouse("W1", "Main", default=True), Warehouse("W2", "Second", obsolete=True)
COMPANY = {"CompanyName": "Example Tea Ltd", "BaseCurrencyCode": "NZD", "DefaultTaxRate": 0.15}
HOUSES = [
    {"WarehouseCode": "W1", "WarehouseName": "Main", "IsDefault": True, "Obsolete": False},
    {"WarehouseCode": " W2 ", "WarehouseName": "Second", "Obsolete": True},
    {"WarehouseCode": None, "WarehouseName": "Nameless"},
]


@pytest.mark.parametrize("paged", [True, False])
@pytest.mark.parametrize("companies", [True, False])
def test_facts_of_an_account(paged: bool, companies: bool) -> None:
    """Name, currency and warehouses are read in two calls; an account without /Companies says less."""
    world = World(small_lists_paged=paged, companies=companies)
    facts = account_facts(world.client())
    company, currency = ("Example Tea Ltd", "NZD") if companies else ("", None)
    assert facts == AccountFacts(company, currency, (W1, W2))
    assert world.emulator.count() == 2


@pytest.mark.parametrize(
    "body", [answer(COMPANY), answer([COMPANY]), answer({"Items": [COMPANY]}), page([COMPANY])]
)
def test_company_in_every_wrapping(body: Response) -> None:
    """The company is read as an object, a list or an envelope."""
    facts = account_facts(client_of(Canned(body, page(HOUSES))))
    assert (facts.company, facts.currency) == ("Example Tea Ltd", "NZD")


@pytest.mark.parametrize("body", [answer({}), answer([]), page([]), answer([{"BaseCurrencyCode": " "}])])
def test_company_that_says_nothing(body: Response) -> None:
    """A company without name and currency leaves both open."""
    facts = account_facts(client_of(Canned(body, page(HOUSES))))
    assert (facts.company, facts.currency) == ("", None)


@pytest.mark.parametrize("body", [answer(HOUSES), answer({"Items": HOUSES}), page(HOUSES)])
def test_warehouses_in_every_wrapping(body: Response) -> None:
    """Warehouses are read with or without paging; one without code is left out."""
    assert account_facts(client_of(Canned(answer(COMPANY), body))).warehouses == (W1, W2)


def test_many_warehouses_take_at_most_six_calls() -> None:
    """Warehouses on several pages are read page by page, and an endless list is given up."""
    world = World()
    for number in range(3, 9):
        world.books.add_warehouse(f"W{number}")
    assert len(account_facts(world.client(2)).warehouses) == 8
    assert world.emulator.count() == 6
    world.books.add_warehouse("W9")
    with pytest.raises(BadAnswer, match="goes on after 4 pages"):
        account_facts(world.client(2))
    assert world.emulator.count() == 12


@pytest.mark.parametrize("body", [answer("17"), answer({"Items": None}), page(HOUSES, NumberOfItems=9)])
def test_warehouses_that_cannot_be_believed(body: Response) -> None:
    """Half a list of warehouses is not taken for all of them."""
    with pytest.raises(BadAnswer, match="/Warehouses"):
        account_facts(client_of(Canned(answer(COMPANY), body)))


@pytest.mark.parametrize(("companies", "calls"), [(True, 1), (False, 2)])
def test_credentials_are_proved_in_the_fewest_calls(companies: bool, calls: int) -> None:
    """One call without a query proves the credentials; without /Companies it takes a second one."""
    world = World(companies=companies)
    check_credentials(world.client())
    assert world.emulator.count() == calls
    assert world.queries == [""] * calls


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("credentials", [Credentials("other", "x"), Credentials(CREDENTIALS.api_id, "x")])
def test_wrong_credentials_are_rejected(status: int, credentials: Credentials) -> None:
    """A wrong id and a wrong key are rejected whichever status Unleashed gives them."""
    world = World(bad_key_status=status)
    with pytest.raises(AuthRejected):
        check_credentials(client_of(world.emulator, credentials=credentials))


def test_account_that_cannot_be_reached() -> None:
    """An error on the way reaches the caller."""
    world = World()
    world.emulator.faults.add("refuse", times=2)
    with pytest.raises(RemoteError):
        account_facts(world.client())

"""The emulated Customers list and posts behave as the documents say, and blank as the vendor does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.emulator.unleashed import UnleashedEmulator
from tests.emulator.unleashed_caller import NOWHERE, START, Clock, ask, read, setting
from tests.emulator.unleashed_clerk import JANE, done, refusal, send


def listed(company: UnleashedEmulator, query: str = "") -> list[str]:
    """Return the customer codes of the first page."""
    return [row["CustomerCode"] for row in read(company, "/Customers", query)["Items"]]


def wanted(**fields: object) -> dict[str, object]:
    return {"Guid": JANE, "CustomerCode": "WEB-1", "CustomerName": "Jane Doe", **fields}


def test_customer_is_created_and_filled_up(company: UnleashedEmulator) -> None:
    """Code and name are enough: the account's currency is filled in, and 201 shows what is stored."""
    row = done(company, f"/Customers/{JANE}", wanted(Email="jane@example.test"))
    assert (row["Guid"], row["CustomerCode"], row["Email"]) == (JANE, "WEB-1", "jane@example.test")
    assert row["Currency"]["CurrencyCode"] == "NZD"
    assert row["LastModifiedOn"] == "/Date(1795262400000)/"
    assert read(company, f"/Customers/{JANE}") == row
    assert send(company, "/Customers", {"CustomerCode": "X", "CustomerName": "x"}).status == 201


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"CustomerName": "Jane"}, "CustomerCode is required"),
        ({"CustomerCode": "WEB-1"}, "CustomerName is required"),
        (wanted(Email="jane"), "Email is not an e-mail address"),
        (wanted(PhoneNumber="1"), "is required for the primary contact"),
        (wanted(TaxCode="VAT"), "TaxCode VAT does not exist"),
        (wanted(PaymentTerm="never"), "PaymentTerm never does not exist"),
        (wanted(CustomerType="Robot"), "CustomerType Robot does not exist"),
        (wanted(SellPriceTier="Gold"), "SellPriceTier Gold does not exist"),
        (wanted(Currency={"CurrencyCode": "EUR"}), "is not a currency of this company"),
        (wanted(Taxable="yes"), "Taxable is neither true nor false"),
        (wanted(CreditLimit="9"), "CreditLimit is not a number"),
        (wanted(Addresses=[{"AddressType": "Home"}]), "AddressType is none of"),
        (wanted(Addresses=[1]), "Addresses is not a list of objects"),
        (wanted(Guid=NOWHERE), "is not that of the address"),
        (wanted(Guid="jane"), "Guid is not a GUID"),
        (wanted(CustomerName=7), "CustomerName is not a text"),
        ("[]", "The request body is not an object"),
        ("{", "The request body is not JSON"),
        ('{"CreditLimit":NaN}', "The request body is not JSON"),
    ],
)
def test_customers_that_are_refused(company: UnleashedEmulator, body: object, told: str) -> None:
    """What the vendor takes no customer with is refused, and nothing is stored."""
    assert told in refusal(company, f"/Customers/{JANE}", body)
    assert company.sales.customers.register.all() == []


def test_misspelt_fields_are_told(company: UnleashedEmulator) -> None:
    """A field that no document names is answered 501: the vendor would lose it without a word."""
    assert send(company, f"/Customers/{JANE}", wanted(EMail="jane@example.test")).status == 501
    assert send(company, f"/Customers/{JANE}", wanted(Addresses=[{"Postcode": "1"}])).status == 501


@pytest.mark.parametrize("status", [400, 409, 422])
def test_code_that_is_taken(company: UnleashedEmulator, status: int) -> None:
    """A second customer with a code is refused, in whichever status; case may count or not."""
    setting(company, validation_status=status)
    company.sales.customers.add("WEB-1")
    assert send(company, f"/Customers/{JANE}", wanted()).status == status
    assert send(company, f"/Customers/{JANE}", wanted(CustomerCode="web-1")).status == status
    setting(company, same_code="exact")
    assert send(company, f"/Customers/{JANE}", wanted(CustomerCode="web-1")).status == 201


@pytest.mark.parametrize("upsert", ["blanks", "keeps"])
def test_post_to_a_known_guid_overwrites(company: UnleashedEmulator, clock: Clock, upsert: str) -> None:
    """A second post blanks what it leaves out, unless set otherwise, and moves the stamp."""
    setting(company, upsert=upsert)
    company.sales.customers.add("WEB-1", "Jane", "jane@example.test", guid=JANE, Notes="old", obsolete=True)
    clock.pass_by(hours=1)
    row = done(company, f"/Customers/{JANE}", wanted())
    kept = upsert == "keeps"
    assert (row["Email"], row["Notes"]) == (("jane@example.test", "old") if kept else (None, None))
    assert (row["Obsolete"], row["CustomerName"]) == (kept, "Jane Doe")
    assert row["LastModifiedOn"] == "/Date(1795266000000)/"
    assert row["CreatedOn"] == "/Date(1795262400000)/"


def test_code_is_permanent(company: UnleashedEmulator) -> None:
    """A post with another code is refused, or the code ignored."""
    company.sales.customers.add("OLD", guid=JANE)
    assert "cannot be changed" in refusal(company, f"/Customers/{JANE}", wanted())
    setting(company, customer_code_change="ignore")
    assert done(company, f"/Customers/{JANE}", wanted())["CustomerCode"] == "OLD"


def test_contacts_of_a_customer_differ(company: UnleashedEmulator) -> None:
    """A contact needs a name or an address, and no two of a customer may have the same three."""
    done(company, f"/Customers/{JANE}", wanted(ContactFirstName="Jane", Email="jane@example.test"))
    path = f"/Customers/{JANE}/Contacts"
    assert "needs a first name" in refusal(company, path, {"OfficePhone": "1"})
    same = {"FirstName": "jane", "EmailAddress": "JANE@example.test"}
    assert "exists already" in refusal(company, path, same)
    assert done(company, path, {"EmailAddress": "max@example.test"})["EmailAddress"] == "max@example.test"
    assert send(company, f"/Customers/{NOWHERE}/Contacts", same).status == 404
    found = [row["EmailAddress"] for row in read(company, path)["Items"]]
    assert found == ["jane@example.test", "max@example.test"]


def test_prefix_filters(company: UnleashedEmulator) -> None:
    """Code, name and e-mail match beginnings, customer matches anywhere and tells upper from lower case."""
    add = company.sales.customers.add
    add("WEB-1", "Jane Doe", "jane@x.co")
    add("WEB-10", "Jane Roe", "jane@x.com")
    add("ACME", "Acme for WEB", "office@acme.test")
    assert listed(company, "contactEmail=jane@x.co") == ["WEB-1", "WEB-10"]
    assert listed(company, "customerCode=web-1") == ["WEB-1", "WEB-10"]
    assert listed(company, "customerName=Jane%20R") == ["WEB-10"]
    assert listed(company, "customer=WEB") == ["ACME", "WEB-1", "WEB-10"]
    assert listed(company, "customer=web") == []
    setting(company, case_matters=True)
    assert listed(company, "contactEmail=Jane@x.co") == []


def test_contacts_and_copies_in_the_filter(company: UnleashedEmulator) -> None:
    """Any contact is found by address, or the first only; addresses of copies may count or not."""
    company.sales.customers.add("A", email="a@x.test", contacts=("b@x.test",), EmailCC="c@x.test")
    assert listed(company, "contactEmail=b@x.test") == ["A"]
    assert listed(company, "contactEmail=c@x.test") == []
    setting(company, contact_email_reaches="primary", email_copy_in_filter=True)
    assert listed(company, "contactEmail=b@x.test") == []
    assert listed(company, "contactEmail=c@x.test") == ["A"]


def test_all_contacts_on_request(company: UnleashedEmulator) -> None:
    """Lists show the primary contact alone unless asked, and never more than a hundred."""
    many = tuple(f"{place}@x.test" for place in range(150))
    company.sales.customers.add("A", email="a@x.test", contacts=many, guid=JANE)
    assert read(company, "/Customers")["Items"][0]["Contacts"] is None
    assert len(read(company, "/Customers", "includeAllContacts=true")["Items"][0]["Contacts"]) == 100
    assert len(read(company, f"/Customers/{JANE}")["Contacts"]) == 100
    setting(company, contacts_by_guid=False)
    assert read(company, f"/Customers/{JANE}")["Contacts"] is None
    assert read(company, f"/Customers/{JANE}", "includeAllContacts=true")["Contacts"]


def test_obsolete_hide_and_order(company: UnleashedEmulator, clock: Clock) -> None:
    """Obsolete customers hide unless asked for; the order is by code, or by stamp on request."""
    add = company.sales.customers.add
    add("B")
    clock.pass_by(minutes=1)
    add("A", obsolete=True, guid=JANE)
    assert listed(company) == ["B"]
    assert listed(company, "includeObsolete=true") == ["A", "B"]
    assert listed(company, "includeObsolete=true&orderBy=LastModifiedOn") == ["B", "A"]
    assert listed(company, "includeObsolete=true&sort=desc") == ["B", "A"]
    assert ask(company, "/Customers", "orderBy=Colour").status == 400
    assert read(company, f"/Customers/{JANE}")["Obsolete"] is True


def test_words_are_filtered_whole(company: UnleashedEmulator) -> None:
    """Type, tier and currency match whole words; what is not emulated says so."""
    company.sales.customers.add("A", CustomerType="Web")
    assert listed(company, "customerType=Web&currency=NZD") == ["A"]
    assert listed(company, "customerType=We") == listed(company, "sellPriceTier=Gold") == []
    assert ask(company, "/Customers", "xeroContactId=1").status == 501


def test_changed_customers(company: UnleashedEmulator, clock: Clock) -> None:
    """modifiedSince finds what changed, a ghost is seen by who looks only, a removed one is gone."""
    guid = company.sales.customers.add("A", "old")
    clock.pass_by(hours=1)
    since = f"modifiedSince={START + timedelta(minutes=30):%Y-%m-%dT%H:%M:%S}"
    company.sales.customers.change(guid, bump=False, CustomerName="ghost")
    assert listed(company, since) == []
    assert read(company, f"/Customers/{guid}")["CustomerName"] == "ghost"
    company.sales.customers.change(guid, CustomerName="new")
    assert listed(company, since) == ["A"]
    company.sales.customers.remove(guid)
    assert ask(company, f"/Customers/{guid}").status == 404
    with pytest.raises(KeyError):
        company.sales.customers.change(guid, CustomerName="x")
    with pytest.raises(KeyError, match="Nmae"):
        company.sales.customers.add("B", Nmae="x")


def test_new_customer_may_be_seen_late(company: UnleashedEmulator, clock: Clock) -> None:
    """A created customer may answer 404 for a while, though its code is taken at once."""
    setting(company, seen_after=timedelta(seconds=5))
    done(company, f"/Customers/{JANE}", wanted())
    assert (ask(company, f"/Customers/{JANE}").status, listed(company)) == (404, [])
    assert "already in use" in refusal(company, f"/Customers/{NOWHERE}", wanted(Guid=NOWHERE))
    clock.pass_by(seconds=5)
    assert (ask(company, f"/Customers/{JANE}").status, listed(company)) == (200, ["WEB-1"])


def test_late_changes_keep_their_order(company: UnleashedEmulator, clock: Clock) -> None:
    """A late change shows up with its old stamp, and a later one at once overtakes nothing."""
    guid = company.sales.customers.add("A", "first")
    company.sales.customers.change(guid, CustomerName="second", late=timedelta(minutes=5))
    assert read(company, f"/Customers/{guid}")["CustomerName"] == "first"
    company.sales.customers.change(guid, CustomerName="third", late=timedelta(minutes=1))
    clock.pass_by(minutes=4)
    assert read(company, f"/Customers/{guid}")["CustomerName"] == "first"
    clock.pass_by(minutes=1)
    row = read(company, f"/Customers/{guid}")
    assert (row["CustomerName"], row["LastModifiedOn"]) == ("third", "/Date(1795262400000)/")


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_no_other_verbs(company: UnleashedEmulator, method: str) -> None:
    """There is no PUT and no DELETE of a customer."""
    assert send(company, f"/Customers/{JANE}", wanted(), method=method).status == 405

"""Who is not known yet is created once, under a code that never changes, or is the house customer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.core.customer_match import CustomerRules
from syncd.core.customer_new import customer_code, new_customer, plan_customer
from syncd.core.order import Address, Buyer
from syncd.core.sale import Customer, NewCustomer, Parked
from syncd.core.sale_identity import customer_guid
from tests.core.order_examples import GIA, NAMES, WORKED

RULES = CustomerRules()
HOUSE = Customer("h", "CASH", "Cash sales")
HOUSED = replace(RULES, house="CASH")
MEMBER = replace(WORKED, buyer=replace(WORKED.buyer, id="7"))
SILENT = replace(WORKED, buyer=replace(WORKED.buyer, email=""))


@pytest.mark.parametrize(
    ("prefix", "email", "code"),
    [
        ("WEB-", "jane@example.test", "WEB-P3TGIEUIEI"),
        ("WEB-", "gia@example.test", "WEB-RMVWWKPUPW"),
        ("", "jos\u00e9+tea@example.test", "ICYC3SJTR3"),
    ],
)
def test_codes_never_change(prefix: str, email: str, code: str) -> None:
    """The code of an address, once published: another one would create everybody a second time."""
    assert customer_code(prefix, email) == code


def test_a_customer_as_created() -> None:
    """Everything the order says about its buyer, under the code and guid of the address."""
    made = plan_customer(WORKED, [], None, RULES, NAMES)
    assert isinstance(made, NewCustomer)
    assert made.guid == customer_guid(NAMES, "gia@example.test")
    assert (made.code, made.name, made.email) == (
        customer_code("WEB-", "gia@example.test"), "Gia Hart", "Gia@Example.test"
    )  # fmt: skip
    assert (made.first_name, made.last_name, made.phone) == ("Gia", "Hart", "+64 9 555 0100")
    assert (made.address.street, made.claim, made.currency) == ("1 High St", "gia@example.test", None)


def test_guest_and_member_are_one_person() -> None:
    """Two orders with one address, however written, ask for the same customer: code, guid and claim."""
    guest = plan_customer(WORKED, [], None, RULES, NAMES)
    again = replace(MEMBER, id="34", buyer=replace(MEMBER.buyer, email=" GIA@example.test "))
    member = plan_customer(again, [], None, RULES, NAMES)
    assert isinstance(guest, NewCustomer)
    assert isinstance(member, NewCustomer)
    assert (guest.guid, guest.code, guest.claim) == (member.guid, member.code, member.claim)


@pytest.mark.parametrize(
    ("buyer", "name"),
    [
        (Buyer(company="Hart Ltd", first_name="Gia"), "Hart Ltd"),
        (Buyer(billing=Address(company="Hart Ltd"), first_name="Gia"), "Hart Ltd"),
        (Buyer(first_name="Gia"), "Gia"),
        (Buyer(billing=Address(name="G. Hart")), "G. Hart"),
        (Buyer(), "gia@example.test"),
        (Buyer(company="H" * 120), "H" * 99 + "…"),
    ],
)
def test_the_name(buyer: Buyer, name: str) -> None:
    """The company, else the person, else the address: a customer is never without a name."""
    made = new_customer(replace(buyer, email="gia@example.test"), "gia@example.test", "WEB-", NAMES)
    assert made.name == name


def test_existing_customers_come_first() -> None:
    """Who is linked is not looked for; who matches is not created."""
    other = replace(GIA, guid="x", code="X", emails=())
    assert plan_customer(WORKED, [GIA], other, RULES, NAMES) is other
    assert plan_customer(WORKED, [other, GIA], None, RULES, NAMES) is GIA


def test_the_house_customer() -> None:
    """Guests go to the house customer where there is one, and members who left no address."""
    assert plan_customer(WORKED, [GIA, HOUSE], None, HOUSED, NAMES) is HOUSE
    assert plan_customer(MEMBER, [GIA, HOUSE], None, HOUSED, NAMES) is GIA
    silent = replace(MEMBER, buyer=replace(MEMBER.buyer, email="nobody"))
    assert plan_customer(silent, [HOUSE], None, HOUSED, NAMES) is HOUSE


def parked(found: Customer | NewCustomer | Parked) -> str:
    """Return the sentences of a parked order; fails if it is not parked."""
    assert isinstance(found, Parked), found
    return f"{found.reason} {found.do}"


def test_what_a_person_must_settle() -> None:
    """No address, no house, no leave to create, or a doubt: parked, without naming the buyer."""
    twin = replace(GIA, guid="x", code="GIA2")
    said = [
        parked(plan_customer(SILENT, [], None, RULES, NAMES)),
        parked(plan_customer(WORKED, [], None, replace(RULES, create=False), NAMES)),
        parked(plan_customer(WORKED, [GIA, twin], None, RULES, NAMES)),
        parked(plan_customer(WORKED, [GIA], None, HOUSED, NAMES)),
        parked(plan_customer(WORKED, [replace(HOUSE, obsolete=True)], None, HOUSED, NAMES)),
    ]
    parts = ("no usable e-mail", "does not know", "GIA and GIA2", "no customer with that code", "obsolete")
    assert [part for part, text in zip(parts, said, strict=True) if part not in text] == []
    assert all("syncd orders retry 33" in text and "@" not in text for text in said)

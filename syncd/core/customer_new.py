"""What a customer looks like who is created in Unleashed because an order needs one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from syncd.core.customer_match import (
    Ambiguous,
    CustomerRules,
    Match,
    NoMatch,
    find_customer,
    fold,
)
from syncd.core.field_text import one_line
from syncd.core.order import Address, Buyer, StoreOrder
from syncd.core.sale import Customer, NewCustomer, Parked
from syncd.core.sale_identity import Names, customer_guid, short_hash, source_id

HASH_LENGTH = 10
NAME_LIMIT = 100
PART_LIMIT = 100
PHONE_LIMIT = 50
TAX_NUMBER_LIMIT = 50
"""No document gives these limits but that of an address's parts, "from 100 to 500" (article 11581801)."""


def customer_code(prefix: str, folded_email: str) -> str:
    """Return the code of a customer who is created for an address: the same for ever.

    The prefix, and the first 10 characters (50 bits) of the SHA-256 of the folded address in base32: upper
    case A to Z and 2 to 7, as whether Unleashed tells cases apart is not known. For jane@example.test and
    "WEB-" it is WEB-P3TGIEUIEI; the customer code cannot be changed later (reference, 6.3).
    """
    return f"{prefix}{short_hash(folded_email, HASH_LENGTH)}"


def plan_customer(
    order: StoreOrder,
    customers: Iterable[Customer],
    linked: Customer | None,
    rules: CustomerRules,
    names: Names,
) -> Customer | NewCustomer | Parked:
    """Decide who buys: the linked customer, else a match, else the house customer, else a new one.

    `customers` are the candidates that the mirror and the look-ups know, `linked` is whom a person or an
    earlier order settled on. Only a buyer without an account goes to the house customer, or one without an
    e-mail address.
    """
    if linked is not None:
        return linked
    candidates, buyer = tuple(customers), order.buyer
    email = fold(buyer.email)
    if rules.house and (buyer.id is None or not (email or buyer.code.strip())):
        return _house(order, candidates, rules.house)
    derived = customer_code(rules.prefix, email) if email else ""
    found = find_customer(buyer.code, (buyer.email,), derived, candidates, rules)
    match found:
        case Match():
            return found.customer
        case Ambiguous():
            reason = f"Order {order.number}: {found.reason}"
            return Parked(reason, _retry(found.do, order), "ambiguous customer")
        case NoMatch():
            return _created(order, email, rules, names)


def _created(order: StoreOrder, email: str, rules: CustomerRules, names: Names) -> NewCustomer | Parked:
    if not email:
        return Parked(
            f"Order {order.number} has no usable e-mail address, so no customer can be found or created.",
            _retry('Name a customer for such orders: customers.guests = "house:CODE".', order),
            "no e-mail address",
        )
    if not rules.create:
        return Parked(
            f"Order {order.number} is of a customer whom Unleashed does not know.",
            _retry("Create the customer in Unleashed with this e-mail address.", order),
            "unknown customer",
        )
    return new_customer(order.buyer, email, rules.prefix, names)


def new_customer(buyer: Buyer, folded_email: str, prefix: str, names: Names) -> NewCustomer:
    """Return the customer to create for a buyer with an e-mail address. Texts that are too long are cut.

    The name is the company's, else the person's, else the address: Unleashed wants one. The address also
    makes the primary contact complete (reference, 6.4). The currency is left to the account.
    """
    code = customer_code(prefix, folded_email)
    person = f"{buyer.first_name} {buyer.last_name}".strip()
    name = buyer.company or buyer.billing.company or person or buyer.billing.name or buyer.email
    return NewCustomer(
        guid=customer_guid(names, folded_email),
        code=code,
        name=one_line(name, NAME_LIMIT),
        first_name=one_line(buyer.first_name, NAME_LIMIT),
        last_name=one_line(buyer.last_name, NAME_LIMIT),
        email=buyer.email.strip(),
        phone=one_line(buyer.phone, PHONE_LIMIT),
        address=fitted(buyer.billing),
        shipping=fitted(buyer.shipping),
        tax_number=one_line(buyer.tax_number, TAX_NUMBER_LIMIT),
        source_id=source_id(names, f"customer:{buyer.id}") if buyer.id is not None else "",
        claim=folded_email,
    )


def fitted(address: Address) -> Address:
    """Return an address, each part on one line and within Unleashed's limits."""
    return Address(
        **{each.name: one_line(getattr(address, each.name), PART_LIMIT) for each in fields(address)}
    )


def _house(order: StoreOrder, customers: Iterable[Customer], code: str) -> Customer | Parked:
    found = [each for each in customers if each.code.strip() == code.strip()]
    usable = [each for each in found if not each.obsolete]
    if len(usable) == 1:
        return usable[0]
    what = "no customer with that code" if not found else "it only as obsolete"
    return Parked(
        f"customers.guests names the house customer {code}, but Unleashed has {what}.",
        _retry("Create it in Unleashed, or correct customers.guests.", order),
        "house customer",
    )


def _retry(do: str, order: StoreOrder) -> str:
    return f"{do} Then run `syncd orders retry {order.id}`."

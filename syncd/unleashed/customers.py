"""Read Unleashed's customers, and create one that is proven not to be there; none is ever changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import msgspec

from syncd.core.order import Address
from syncd.core.sale import Customer, NewCustomer
from syncd.unleashed import fields
from syncd.unleashed.auth import Pairs, is_sent_as_signed
from syncd.unleashed.client import Unleashed
from syncd.unleashed.outgoing import Creation, addressee, filled, json_bytes, street_fields
from syncd.unleashed.paging import Resource, RowPage, read_pages, read_single, since_filter
from syncd.unleashed.products import safe_prefix
from syncd.unleashed.wire import Reader, Row, Undecodable, parse_loose

PATH = "/Customers"
_ALL: Pairs = (("includeObsolete", "true"), ("includeAllContacts", "true"))
_BETWEEN_ADDRESSES = re.compile(r"[;,\s]+")


class CustomerRow(Row):
    """A customer as the Customers page of the documentation names its fields."""

    customer_code: object = None
    customer_name: object = None
    email: object = None
    email_cc: object = msgspec.field(default=None, name="EmailCC")
    contacts: object = None
    obsolete: object = None
    currency: object = None
    tax_code: object = None
    taxable: object = None
    stop_credit: object = None
    source_id: object = None
    last_modified_on: object = None

    def label(self) -> object:
        return self.customer_code


def _customer(row: CustomerRow) -> Customer:
    return Customer(
        guid=fields.guid(row.guid, "Guid"),
        code=fields.filled_text(row.customer_code, "CustomerCode"),
        name=fields.text(row.customer_name, "CustomerName"),
        emails=_emails(row),
        obsolete=fields.flag(row.obsolete, "Obsolete", default=False),
        currency=_currency(row.currency),
        tax_code=fields.text(row.tax_code, "TaxCode"),
        taxable=None if row.taxable is None else fields.flag(row.taxable, "Taxable", default=False),
        stop_credit=fields.flag(row.stop_credit, "StopCredit", default=False),
        source_id=fields.text(row.source_id, "SourceId"),
        modified=fields.moment(row.last_modified_on),
    )


def _emails(row: CustomerRow) -> tuple[str, ...]:
    """Return every address once: the customer's own, those of its copy field, every contact's (6.2, 6.3)."""
    own = fields.text(row.email, "Email").strip()
    copies = _BETWEEN_ADDRESSES.split(fields.text(row.email_cc, "EmailCC"))
    found = [own, *copies, *_contact_emails(row.contacts)]
    return tuple(dict.fromkeys(address for address in found if address))


def _contact_emails(contacts: object) -> Iterator[str]:
    if contacts is None:
        return
    if not isinstance(contacts, list):
        raise fields.Unreadable("Contacts", f"is not a list ({fields.excerpt(contacts)})")
    for contact in contacts:
        if not isinstance(contact, dict):
            raise fields.Unreadable("Contacts", f"holds something else ({fields.excerpt(contact)})")
        yield fields.text(contact.get("EmailAddress"), "Contacts.EmailAddress").strip()


def _currency(currency: object) -> str:
    code = currency.get("CurrencyCode") if isinstance(currency, dict) else currency
    return fields.text(code, "Currency.CurrencyCode").strip().upper()


CUSTOMERS = Resource(PATH, Reader(CustomerRow, _customer, "customer"))


def changed_customers(
    client: Unleashed, since: datetime | None, first: int = 1
) -> Iterator[RowPage[Customer]]:
    """Yield page after page of the customers created or changed since then, obsolete ones and all contacts
    included.

    `since` is aware; None reads all. `first` is the page to begin with. A customer with more than
    a hundred contacts shows the first hundred.
    Raises what `paging.read_pages` raises. Filters: Customers, the reference 6.2.
    """
    return read_pages(client, CUSTOMERS, [*_ALL, *since_filter(since)], first)


def customer_by_guid(client: Unleashed, guid: str) -> Customer | None:
    """Return one customer with all contacts, obsolete or not, or None if Unleashed says there is none (404).

    Raises BadAnswer if the answer cannot be read or is about another customer.
    """
    wanted = fields.guid(guid, "guid")
    path = f"{PATH}/{wanted}"
    found = read_single(client, path, CUSTOMERS.reader, _ALL[1:])
    if any(customer.guid != wanted for customer in found) or len(found) > 1:
        raise client.bad(path, "is about another customer")
    return found[0] if found else None


def customers_by_code(client: Unleashed, code: str) -> list[Customer]:
    """Return every customer with exactly this code after trimming, obsolete ones included.

    Upper and lower case differ. The filter matches beginnings, so all its pages are read (6.2). Raises
    BadAnswer if such a customer is there but cannot be read, and what `paging.read_pages` raises.
    """
    wanted = code.strip()
    return _found(client, ("customerCode", safe_prefix(wanted)), lambda row: _has_code(row, wanted))


def customers_by_email(client: Unleashed, address: str) -> list[Customer] | None:
    """Return the customers who have this whole address, in any case, on any contact; None: cannot be asked.

    An address with `+` or another character whose signing is not documented cannot be asked for; the mirror
    must decide then (6.2). The filter matches beginnings: jane@x.co also finds jane@x.com, who is left out
    here. Unleashed may tell cases apart and may not look at every contact, so an empty list proves nothing
    that the mirror does not. Raises BadAnswer as `customers_by_code` does.
    """
    wanted = address.strip()
    if not wanted or not is_sent_as_signed(wanted):
        return None
    folded = wanted.casefold()
    found = _found(client, ("contactEmail", wanted), lambda _row: True)
    return [each for each in found if folded in {email.casefold() for email in each.emails}]


def _found(client: Unleashed, asked: tuple[str, str], wants: Callable[[CustomerRow], bool]) -> list[Customer]:
    reader = Reader(CustomerRow, lambda row: _customer(row) if wants(row) else None, "customer")
    found: dict[str, Customer] = {}
    for page in read_pages(client, Resource(PATH, reader), [asked, *_ALL]) if asked[1] else ():
        if page.poison:
            raise client.bad(PATH, f"cannot be used. {page.poison[0].reason.rstrip('.')}")
        found.update((customer.guid, customer) for customer in page.rows)
    return list(found.values())


def _has_code(row: CustomerRow, wanted: str) -> bool:
    return isinstance(row.customer_code, str) and row.customer_code.strip() == wanted


def create_customer(client: Unleashed, new: NewCustomer, *, code_is_free: bool = False) -> Creation[Customer]:
    """Create a customer into a void: 3 calls, or 1 to 2 and no write if guid or code are there already.

    `code_is_free`: a complete mirror and what changed since say so just now, which saves a call.

    A POST to a known guid would overwrite that customer and blank what it leaves out (the reference, 4.4 and
    6.4). So in this one step the guid is seen absent by guid, which shows obsolete customers too, and the
    code free among all; else the one that is there is returned and nothing is sent. Raises RequestRefused for
    a refusal, OutcomeUnknown if the answer was lost or is not about this customer, BadAnswer if two
    customers have the code, and what the look-ups raise. After OutcomeUnknown the next attempt looks again.
    """
    there = _already_there(client, new, code_is_free=code_is_free)
    if there is not None:
        return Creation(there, created=False)
    path = f"{PATH}/{fields.guid(new.guid, 'guid')}"
    return Creation(_answered(client, path, client.post(path, payload(new)), new), created=True)


def _already_there(client: Unleashed, new: NewCustomer, *, code_is_free: bool) -> Customer | None:
    by_guid = customer_by_guid(client, new.guid)
    if by_guid is not None or code_is_free:
        return by_guid
    by_code = customers_by_code(client, new.code)
    if len(by_code) > 1:
        raise client.bad(PATH, f"holds {len(by_code)} customers with the code {fields.excerpt(new.code)}")
    return by_code[0] if by_code else None


def _answered(client: Unleashed, path: str, body: bytes, new: NewCustomer) -> Customer:
    try:
        found: Sequence[Customer] = CUSTOMERS.reader.read(parse_loose(body)).rows
    except Undecodable as error:
        raise client.in_doubt(path, str(error)) from error
    if len(found) != 1 or found[0].guid != fields.guid(new.guid, "guid"):
        raise client.in_doubt(path, "is not about this customer")
    return found[0]


def payload(new: NewCustomer) -> bytes:
    """Return the customer as it is posted (documents: Customers). Blank fields are left out.

    A telephone number alone makes no contact: since December 2023 it needs a name or an address (6.4).
    """
    contact = filled(ContactFirstName=new.first_name, ContactLastName=new.last_name, Email=new.email)
    return json_bytes(
        {
            "Guid": fields.guid(new.guid, "guid"),
            "CustomerCode": new.code,
            "CustomerName": new.name,
            **contact,
            **(filled(PhoneNumber=new.phone) if contact else {}),
            **filled(
                GSTVATNumber=new.tax_number,
                Currency=filled(CurrencyCode=new.currency),
                SourceId=new.source_id,
                Addresses=_addresses(new),
            ),
        }
    )


def _addresses(new: NewCustomer) -> list[dict[str, object]]:
    """Return the addresses that hold anything, each under its type (6.3)."""
    typed = (("Physical", new.address), ("Postal", new.address), ("Shipping", new.shipping))
    return [
        {
            "AddressType": kind,
            **filled(AddressName=addressee(address)),
            **street_fields(address, "", "PostalCode"),
        }
        for kind, address in typed
        if address != Address()
    ]

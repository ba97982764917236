"""Answer which customers a list holds, in which order, and how a customer is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from syncd.emulator.unleashed_books import Books
from syncd.emulator.unleashed_customers_records import FLAGS, NUMBERS, TEXTS, Customer
from syncd.emulator.unleashed_lists import Filters
from syncd.emulator.unleashed_wire import EPOCH, Refused

CONTACTS_SHOWN = 100
NOT_EMULATED = {"xerocontactid"}

_COLUMNS: Mapping[str, Callable[[Customer], datetime | str]] = {
    "lastmodifiedon": lambda row: row.modified or EPOCH,
    "createdon": lambda row: row.created or EPOCH,
    "customercode": lambda row: row.code.upper(),
}


def customers(rows: Sequence[Customer], filters: Filters) -> list[Customer]:
    """Return the customers a list holds, by code unless asked otherwise (documents: Customers)."""
    passes = filters.is_since()
    found = [
        row
        for row in sorted(rows, key=lambda row: (row.code.upper(), row.code, row.guid))
        if (filters.flag("includeobsolete") or not row.obsolete)
        and (passes is None or passes(row.modified))
        and _matches(row, filters)
    ]
    return _in_order(found, filters)


def customer_fields(customer: Customer, books: Books, *, every_contact: bool) -> dict[str, object]:
    """Return a customer as Customers shows it; contacts beyond the first hundred are left out."""
    currency = next((row for row in books.currencies if row["CurrencyCode"] == customer.currency), None)
    contacts = [_primary(customer), *customer.contacts] if every_contact else []
    blanks = dict.fromkeys((*TEXTS, *NUMBERS))
    return {
        "Guid": customer.guid,
        "CustomerCode": customer.code,
        **blanks,
        **FLAGS,
        **{name: value for name, value in customer.fields.items() if value is not None},
        "Currency": currency,
        "Obsolete": customer.obsolete,
        "Addresses": list(customer.addresses),
        "Contacts": [contact for contact in contacts if contact][:CONTACTS_SHOWN] or None,
        "CustomerTypeGuid": None,
        "SellPriceTierReference": None,
        "SalesPerson": None,
        "DefaultWarehouse": None,
        "XeroContactId": None,
        "CreatedBy": "keeper@example.test",
        "CreatedOn": customer.created,
        "LastModifiedBy": "keeper@example.test",
        "LastModifiedOn": customer.modified,
    }


def thin(customer: Customer) -> dict[str, object]:
    """Return the customer as orders and credit notes show it: without any address (reference 6.4)."""
    return {
        "Guid": customer.guid,
        "CustomerCode": customer.code,
        "CustomerName": customer.text("CustomerName"),
        "CurrencyId": 110,
        "LastModifiedOn": customer.modified,
    }


def _primary(customer: Customer) -> dict[str, object]:
    """Return the primary contact, empty if there is none."""
    names = ("ContactFirstName", "ContactLastName", "Email")
    first, last, email = (customer.text(name) for name in names)
    if not (first or last or email):
        return {}
    return {
        "Guid": customer.guid,
        "FirstName": first or None,
        "LastName": last or None,
        "EmailAddress": email or None,
        "IsDefault": True,
    }


def _matches(row: Customer, filters: Filters) -> bool:
    fold = filters.fold
    starts = {
        "customercode": [row.code],
        "customername": [row.text("CustomerName")],
        "contactemail": _addresses(row, filters),
    }
    for name, texts in starts.items():
        wanted = filters.text(name)
        if wanted is not None and not any(fold(text).startswith(wanted) for text in texts):
            return False
    part = filters.given.get("customer", "")
    if part and part not in row.code and part not in row.text("CustomerName"):
        return False
    return _has_words(row, filters)


def _addresses(row: Customer, filters: Filters) -> list[str]:
    found = [row.text("Email")]
    if filters.settings.email_copy_in_filter:
        found.append(row.text("EmailCC"))
    if filters.settings.contact_email_reaches == "every":
        found += [str(contact.get("EmailAddress") or "") for contact in row.contacts]
    return found


def _has_words(row: Customer, filters: Filters) -> bool:
    """Tell whether the customer has the type, tier and currency asked for, each as a whole."""
    exact = {
        "customertype": row.text("CustomerType"),
        "sellpricetier": row.text("SellPriceTier"),
        "currency": row.currency,
    }
    return all(filters.text(name) in (None, filters.fold(text)) for name, text in exact.items())


def _in_order(rows: list[Customer], filters: Filters) -> list[Customer]:
    asked = filters.given.get("orderby", "").lower()
    descending = filters.given.get("sort", "").lower() == "desc"
    if not filters.settings.order_by_honoured or not (asked or descending):
        return rows
    if asked and asked not in _COLUMNS:
        raise Refused(400, "orderBy names no column of this list.")
    return sorted(rows, key=_COLUMNS[asked or "customercode"], reverse=descending)

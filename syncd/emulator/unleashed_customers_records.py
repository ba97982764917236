"""What an emulated Unleashed company keeps about one customer, by the vendor's names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from syncd.emulator.unleashed_orders_settings import SalesSettings

TEXTS = (
    "CustomerName",
    "CustomerType",
    "ContactFirstName",
    "ContactLastName",
    "Email",
    "EmailCC",
    "PhoneNumber",
    "MobileNumber",
    "DDINumber",
    "TollFreeNumber",
    "FaxNumber",
    "Website",
    "Notes",
    "Reminder",
    "SourceId",
    "TaxCode",
    "PaymentTerm",
    "SellPriceTier",
    "GSTVATNumber",
    "EORINumber",
    "BankName",
    "BankBranch",
    "BankAccount",
    "DeliveryMethod",
    "SalesOrderGroup",
    "DeliveryInstruction",
)
"""Fields that are texts, or null (reference 6.3)."""

FLAGS = {"Taxable": True, "HasCreditLimit": False, "StopCredit": False, "PrintInvoice": False}
NUMBERS = ("TaxRate", "DiscountRate", "CreditLimit")
PRIMARY = ("ContactFirstName", "ContactLastName", "Email")
OF_CONTACT = (*PRIMARY, "PhoneNumber", "MobileNumber", "DDINumber", "TollFreeNumber", "FaxNumber", "Website")
ADDRESS = (
    "AddressType",
    "AddressName",
    "StreetAddress",
    "StreetAddress2",
    "Suburb",
    "City",
    "Region",
    "Country",
    "PostalCode",
    "DeliveryInstruction",
)
ADDRESS_TYPES = ("Postal", "Physical", "Shipping")
CONTACT_TEXTS = (
    "FirstName",
    "LastName",
    "EmailAddress",
    "PhoneNumber",
    "OfficePhone",
    "MobilePhone",
    "DDINumber",
    "FaxNumber",
    "TollFreeNumber",
    "Website",
    "Notes",
)
Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer as the company holds it. `contacts` are those beside the primary one, who is in `fields`.

    `fields` go by the vendor's names; what is missing there is blank.
    """

    guid: str
    code: str
    fields: Values = field(default_factory=dict)
    addresses: tuple[Values, ...] = ()
    contacts: tuple[Values, ...] = ()
    currency: str = ""
    obsolete: bool = False
    created: datetime | None = None
    modified: datetime | None = None

    def text(self, name: str) -> str:
        """Return a field as text, "" when blank."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def triples(self) -> list[tuple[str, str, str]]:
        """Return first name, last name and e-mail of every contact, the primary one first."""
        primary = tuple(self.text(name).lower() for name in PRIMARY)
        others = [
            tuple(str(contact.get(name) or "").lower() for name in CONTACT_TEXTS[:3])
            for contact in self.contacts
        ]
        return [(first, last, email) for first, last, email in (primary, *others)]


def same(code: str, settings: SalesSettings) -> str:
    """Return what two codes share if the company takes them for the same."""
    return code.lower() if settings.same_code == "any_case" else code

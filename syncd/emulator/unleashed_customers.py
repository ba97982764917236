"""The customers of an emulated Unleashed company: how they are posted, and how people change them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from syncd.emulator.unleashed_books import Books
from syncd.emulator.unleashed_customers_records import (
    ADDRESS,
    ADDRESS_TYPES,
    CONTACT_TEXTS,
    FLAGS,
    NUMBERS,
    OF_CONTACT,
    PRIMARY,
    TEXTS,
    Customer,
    Values,
    same,
)
from syncd.emulator.unleashed_orders_body import Body, invalid
from syncd.emulator.unleashed_orders_register import AT_ONCE, Register, stamp
from syncd.emulator.unleashed_orders_settings import SalesSettings
from syncd.emulator.unleashed_wire import Refused

_KNOWN = {"Guid", "CustomerCode", "Currency", "Obsolete", "Addresses", *TEXTS, *FLAGS, *NUMBERS}


class Customers:
    """All customers of one company. `payment_terms` and `types` are the words that an account has set up."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.register: Register[Customer] = Register(books.clock)
        self.payment_terms = {"Same Day", "7 days", "20th Month following"}
        self.types = {"Web", "Trade"}
        self._made = 0

    def get(self, guid: str) -> Customer:
        """Return a customer as it is. Raise KeyError for an unknown guid."""
        found = self.register.get(guid)
        if found is None:
            raise KeyError(f"there is no customer {guid}")
        return found

    def by_code(self, code: str) -> list[Customer]:
        """Return the customers with exactly this code."""
        return [customer for customer in self.register.all() if customer.code == code]

    def add(
        self,
        code: str,
        name: str = "",
        email: str | None = None,
        *,
        guid: str | None = None,
        contacts: tuple[str, ...] = (),
        obsolete: bool = False,
        bump: bool = True,
        late: timedelta = AT_ONCE,
        **fields: object,
    ) -> str:
        """Add a customer as a person would in the web pages and return its guid.

        `contacts` are e-mail addresses of further contacts; `fields` go by the vendor's names.
        """
        self._made += 1
        guid = (guid or self.books.guid("customer", self._made)).lower()
        now = stamp(self.books.clock)
        everything = {"CustomerName": name or code, "Email": email, **_known(fields)}
        others = tuple(self._contact(guid, place, address) for place, address in enumerate(contacts))
        base = str(self.books.company["BaseCurrencyCode"])
        customer = Customer(guid, code, everything, (), others, base, obsolete, now, now if bump else None)
        self.register.put(guid, customer, late)
        return guid

    def change(
        self,
        guid: str,
        *,
        bump: bool = True,
        late: timedelta = AT_ONCE,
        code: str | None = None,
        obsolete: bool | None = None,
        **fields: object,
    ) -> None:
        """Change fields of a customer, by the vendor's names, as a person would. Raise KeyError."""
        before = self.get(guid)
        self.register.put(
            guid,
            replace(
                before,
                code=before.code if code is None else code,
                obsolete=before.obsolete if obsolete is None else obsolete,
                fields={**before.fields, **_known(fields)},
                modified=stamp(self.books.clock) if bump else before.modified,
            ),
            late,
        )

    def remove(self, guid: str) -> None:
        """Remove a customer for good; no list says so."""
        self.get(guid)
        self.register.drop(guid)

    def posted(self, path_guid: str | None, body: Body, settings: SalesSettings) -> Customer:
        """Create a customer, or put the posted one in the place of the one there is (documents: Customers).

        Raise Refused for whatever the vendor takes no customer with.
        """
        body.only(_KNOWN)
        guid = self._guid_for(path_guid, body)
        before = self.register.get(guid)
        self._refuse_code(guid, before, body, settings)
        after = self._read(guid, before, body, settings)
        _check_contacts(after, body)
        self.register.put(guid, after, settings.seen_after)
        return after

    def contact_posted(self, guid: str, body: Body, settings: SalesSettings) -> Values:
        """Add a contact to a customer, which leaves the main record alone. Raise Refused."""
        body.only({"Guid", "IsDefault", *CONTACT_TEXTS})
        before = self.register.get(guid)
        if before is None:
            raise Refused(404, "There is no such customer.")
        texts = {name: body.text(name) for name in CONTACT_TEXTS}
        fresh = {"Guid": self.books.guid("contact", f"{guid}/{len(before.contacts)}"), "IsDefault": False}
        after = replace(before, contacts=(*before.contacts, {**fresh, **texts}))
        if not any(texts[name] for name in CONTACT_TEXTS[:3]):
            raise invalid("A contact needs a first name, a last name or an e-mail address.")
        _refuse_twin_contacts(after)
        self.register.put(guid, after, settings.seen_after)
        return after.contacts[-1]

    def _guid_for(self, path_guid: str | None, body: Body) -> str:
        given = body.guid("Guid")
        if path_guid and given and path_guid.lower() != given:
            raise invalid("The Guid of the body is not that of the address.")
        if found := path_guid or given:
            return found.lower()
        self._made += 1
        return self.books.guid("customer", self._made)

    def _refuse_code(self, guid: str, before: Customer | None, body: Body, settings: SalesSettings) -> None:
        code = body.needed_text("CustomerCode") if before is None else body.text("CustomerCode")
        if code is None:
            return
        if before is not None and code != before.code and settings.customer_code_change == "refuse":
            raise invalid("The customer code cannot be changed.")
        taken = {same(other.code, settings) for other in self.register.all() if other.guid != guid}
        if same(code, settings) in taken:
            raise invalid("Customer code is already in use.")

    def _read(self, guid: str, before: Customer | None, body: Body, settings: SalesSettings) -> Customer:
        """Return the customer as posted; what is left out is blank, or kept as the settings have it."""
        now = stamp(self.books.clock)
        body.needed_text("CustomerName")
        fields = {name: body.text(name) for name in TEXTS}
        more = {name: body.flag(name) for name in FLAGS} | {name: body.number(name) for name in NUMBERS}
        posted: dict[str, object] = {**fields, **more}
        keeps = before is not None and settings.upsert == "keeps"
        if keeps and before is not None:
            posted = {**before.fields, **{name: posted[name] for name in posted if body.has(name)}}
        self._check_words(posted)
        addresses = tuple(_address(part) for part in body.parts("Addresses"))
        after = Customer(
            guid=guid,
            code=before.code if before else body.needed_text("CustomerCode"),
            fields=posted,
            addresses=addresses,
            contacts=before.contacts if before else (),
            currency=self._currency(body),
            obsolete=body.flag("Obsolete") or False,
            created=before.created if before else now,
            modified=now,
        )
        if keeps and before is not None:
            return _kept(before, after, body)
        return after

    def _currency(self, body: Body) -> str:
        part = body.part("Currency")
        if part is None:
            return str(self.books.company["BaseCurrencyCode"])
        code = part.needed_text("CurrencyCode")
        if code not in {row["CurrencyCode"] for row in self.books.currencies}:
            raise invalid("Currency.CurrencyCode is not a currency of this company.")
        return code

    def _check_words(self, fields: Values) -> None:
        """Refuse a word the account has not set up: these are matched by text (reference 6.4)."""
        there: dict[str, set[object]] = {
            "TaxCode": {row["TaxCode"] for row in self.books.taxes},
            "PaymentTerm": {*self.payment_terms},
            "CustomerType": {*self.types},
            "SellPriceTier": {*self.books.tier_names},
        }
        for name, words in there.items():
            if fields.get(name) and fields[name] not in words:
                raise invalid(f"{name} {fields[name]} does not exist.")
        for name in ("Email", "EmailCC"):
            if "@" not in str(fields.get(name) or "@"):
                raise invalid(f"{name} is not an e-mail address.")

    def _contact(self, guid: str, place: int, address: str) -> Values:
        fresh = {"Guid": self.books.guid("contact", f"{guid}/{place}"), "IsDefault": False}
        return {**fresh, **dict.fromkeys(CONTACT_TEXTS), "EmailAddress": address}


def find(customers: Customers, part: Body | None) -> Customer:
    """Return the customer an order or credit note names by guid, code or both. Raise Refused for none."""
    if part is None:
        raise invalid("Customer is required.")
    guid, code = part.guid("Guid"), part.text("CustomerCode")
    found = [
        customer
        for customer in customers.register.all()
        if (guid is None or customer.guid == guid) and (code is None or customer.code == code)
    ]
    if len(found) != 1 or (guid is None and code is None):
        raise invalid("There is no such customer.")
    return found[0]


def _known(fields: Values) -> Values:
    """Return the fields. Raise KeyError for a name no customer has: a typing mistake in a test."""
    strange = set(fields) - {*TEXTS, *FLAGS, *NUMBERS}
    if strange:
        raise KeyError(f"a customer has no field {min(strange)!r}")
    return fields


def _kept(before: Customer, after: Customer, body: Body) -> Customer:
    return replace(
        after,
        addresses=after.addresses if body.has("Addresses") else before.addresses,
        currency=after.currency if body.has("Currency") else before.currency,
        obsolete=after.obsolete if body.has("Obsolete") else before.obsolete,
    )


def _address(part: Body) -> Values:
    part.only({*ADDRESS, "IsDefault"})
    if part.text("AddressType") not in ADDRESS_TYPES:
        raise invalid(f"{part.where}AddressType is none of {', '.join(ADDRESS_TYPES)}.")
    return {**{name: part.text(name) for name in ADDRESS}, "IsDefault": part.flag("IsDefault") or False}


def _check_contacts(customer: Customer, body: Body) -> None:
    """Refuse a primary contact without name and address, or one that is there twice (December 2023)."""
    touched = any(body.text(name) for name in OF_CONTACT)
    if touched and not any(customer.text(name) for name in PRIMARY):
        raise invalid("ContactFirstName, ContactLastName or Email is required for the primary contact.")
    _refuse_twin_contacts(customer)


def _refuse_twin_contacts(customer: Customer) -> None:
    named = [triple for triple in customer.triples() if any(triple)]
    if len(named) != len(set(named)):
        raise invalid("A contact with the same names and e-mail address exists already.")

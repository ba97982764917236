"""Which Unleashed customer somebody is: by account code, then by e-mail, or a question for a person."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from syncd.core.sale import Customer

EMAIL_LIMIT = 254
"""No e-mail address that mail can be sent to is longer."""

_UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
"""Marks without width that are copied along with an address."""


@dataclass(frozen=True, slots=True)
class CustomerRules:
    """The `[store.x.customers]` section as decisions need it. `house` is the code of "house:CODE", or ""."""

    match: tuple[Literal["code", "email"], ...] = ("code", "email")
    create: bool = True
    house: str = ""
    prefix: str = "WEB-"


@dataclass(frozen=True, slots=True)
class Match:
    """The one customer it is, and the rule that says so."""

    customer: Customer
    rule: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Nobody but a person can say which customer it is. `codes` are those in question."""

    codes: tuple[str, ...]
    reason: str
    do: str


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Unleashed has nobody with this code or address."""


def fold(email: str) -> str:
    """Return an address as it is compared: trimmed, composed, case-folded; "" for what is no address.

    Everything before the @ counts, a part behind a plus too: two such addresses are two people.
    """
    bare = unicodedata.normalize("NFC", email).strip().strip(_UNSEEN).strip()
    text = unicodedata.normalize("NFC", bare.casefold())
    name, at, place = text.rpartition("@")
    broken = not (name and at and place) or any(each.isspace() or not each.isprintable() for each in text)
    return "" if broken or len(text) > EMAIL_LIMIT else text


def find_customer(
    code: str,
    emails: Sequence[str],
    derived: str,
    customers: Iterable[Customer],
    rules: CustomerRules,
) -> Match | Ambiguous | NoMatch:
    """Decide which of the customers, obsolete ones among them, has this account code or e-mail.

    `code` and `emails` are as the store has them; of several addresses the first that anybody has counts.
    `derived` is the code that a customer created for the first address gets, "" if none: who has it was
    created for it, even if the address was changed in Unleashed since. Customers who have nothing to do with
    it may be among them: codes are compared whole (trimmed), addresses whole (see `fold`).
    """
    everybody = tuple({each.guid: each for each in customers}.values())
    code = code.strip() if "code" in rules.match else ""
    by_code = _in_use(each for each in everybody if code and each.code.strip() == code)
    by_email = _with_email(everybody, emails) if "email" in rules.match else ()
    if code:
        return _by_code(code, by_code, by_email)
    found = by_email or _in_use(each for each in everybody if derived and each.code.strip() == derived)
    rule = "e-mail" if by_email else "code made for this e-mail"
    return _one(found, rule) if found else NoMatch()


def _with_email(everybody: Sequence[Customer], emails: Sequence[str]) -> tuple[Customer, ...]:
    for address in filter(None, map(fold, emails)):
        found = _in_use(each for each in everybody if address in map(fold, each.emails))
        if found:
            return found
    return ()


def _in_use(customers: Iterable[Customer]) -> tuple[Customer, ...]:
    """Return the customers in use, or the obsolete ones if there are no others."""
    found = tuple(customers)
    return tuple(each for each in found if not each.obsolete) or found


def _by_code(
    code: str, by_code: Sequence[Customer], by_email: Sequence[Customer]
) -> Match | Ambiguous | NoMatch:
    if not by_code:
        whose = f"; the e-mail belongs to {_codes(by_email)}" if by_email else ""
        return _ambiguous(
            by_email, f"The store gives the account code {code}, which no Unleashed customer has{whose}", code
        )
    if len(by_code) == 1 and by_email and by_code[0] not in by_email:
        return _ambiguous(
            (*by_code, *by_email),
            f"The account code is that of {code}, the e-mail belongs to {_codes(by_email)}",
        )
    return _one(by_code, "account code")


def _one(found: Sequence[Customer], rule: str) -> Match | Ambiguous:
    if len(found) > 1:
        return _ambiguous(found, f"Several Unleashed customers have this {rule}: {_codes(found)}")
    if found[0].obsolete:
        return _ambiguous(
            found, f"The only Unleashed customer with this {rule}, {_codes(found)}, is obsolete"
        )
    return Match(found[0], rule)


def _codes(customers: Sequence[Customer]) -> str:
    return " and ".join(sorted(each.code for each in customers))


def _ambiguous(customers: Sequence[Customer], reason: str, code: str = "") -> Ambiguous:
    codes = tuple(sorted({each.code for each in customers} | ({code} if code else set())))
    return Ambiguous(
        codes,
        f"{reason}.",
        "Decide which one it is with `syncd links set`, or correct the customer on either side.",
    )

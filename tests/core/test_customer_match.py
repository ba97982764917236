"""A customer is linked by account code, then by e-mail, and only when these do not contradict each other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.customer_match import Ambiguous, CustomerRules, Match, NoMatch, find_customer, fold
from syncd.core.sale import Customer

JO, ANN = "jo@example.test", "ann@example.test"
ACME = Customer("a", "ACME", "Acme Ltd", (JO,))
ACME_EU = Customer("b", "ACME-EU", "Acme Europe", ("office@example.test", "JO@Example.Test "))
OTHER = Customer("c", "OTHER", "Other Ltd", (ANN,))
OLD = Customer("d", "OLD", "Old Ltd", (JO,), obsolete=True)
BLANK = Customer("e", "ACME ", "Acme again")
MADE = Customer("f", "WEB-P3TGIEUIEI", "Jo", ("new@example.test",))
RULES = CustomerRules()


@pytest.mark.parametrize(
    ("code", "email", "customers", "expected"),
    [
        ("", JO, [], NoMatch()),
        ("", JO, [OTHER], NoMatch()),
        ("", "jo@example.testing", [ACME], NoMatch()),  # a prefix is not the address
        ("", JO, [ACME, OTHER], "ACME"),
        ("", " Jo@EXAMPLE.test", [ACME], "ACME"),
        ("", JO, [ACME_EU], "ACME-EU"),  # a contact's address
        ("ACME", "", [ACME, OTHER], "ACME"),
        (" ACME ", ANN, [ACME], "ACME"),
        ("ACME", JO, [ACME, OTHER], "ACME"),
        ("ACME", JO, [ACME, ACME_EU], "ACME"),
        ("ACME", ANN, [ACME, OTHER], ("ACME", "OTHER")),
        ("", JO, [ACME, ACME_EU], ("ACME", "ACME-EU")),
        ("ACME", "", [ACME, BLANK], ("ACME", "ACME ")),
        ("NONE", JO, [ACME], ("ACME", "NONE")),
        ("NONE", "", [ACME], ("NONE",)),
        ("", JO, [OLD, ACME], "ACME"),  # one in use goes before an obsolete one
        ("", JO, [OLD], ("OLD",)),
        ("OLD", "", [OLD], ("OLD",)),
        ("", JO, [MADE], "WEB-P3TGIEUIEI"),  # its address was changed in Unleashed since
        ("", JO, [MADE, ACME], "ACME"),
        ("", JO, [ACME, ACME], "ACME"),
    ],
)
def test_who_it_is(
    code: str, email: str, customers: list[Customer], expected: str | tuple[str, ...] | NoMatch
) -> None:
    """One candidate is a link, none is nobody, two or a contradiction are a question that names them."""
    found = find_customer(code, (email,), MADE.code, customers, RULES)
    if isinstance(found, Match):
        assert found.customer.code == expected
    elif isinstance(found, Ambiguous):
        assert found.codes == expected
        assert [each for each in found.codes if each.strip() not in found.reason] == []
        assert "@" not in found.reason + found.do
    else:
        assert found == expected


def test_the_order_of_the_candidates_does_not_matter() -> None:
    """Whoever is listed first, the answer is the same."""
    for customers in ([ACME, ACME_EU, OTHER, OLD], [OLD, OTHER, ACME_EU, ACME]):
        assert find_customer("ACME", (JO,), "", customers, RULES) == Match(ACME, "account code")


def test_only_what_is_configured_is_matched() -> None:
    """Without "code" the account code says nothing, without "email" the address does not."""
    by_email, by_code = replace(RULES, match=("email",)), replace(RULES, match=("code",))
    assert find_customer("NONE", (JO,), "", [ACME], by_email) == Match(ACME, "e-mail")
    assert find_customer("", (JO,), "", [ACME], by_code) == NoMatch()


def test_the_first_address_that_anybody_has_counts() -> None:
    """A store's customer with two addresses is who has the first of them that is known."""
    assert find_customer("", (ANN, JO), "", [ACME, OTHER], RULES) == Match(OTHER, "e-mail")
    assert find_customer("", ("no@example.test", JO), "", [ACME, OTHER], RULES) == Match(ACME, "e-mail")


@pytest.mark.parametrize(
    ("entered", "folded"),
    [
        ("Jane@Example.Test", "jane@example.test"),
        ("  jane@example.test\n", "jane@example.test"),
        ("\ufeffjane@example.test\u200b", "jane@example.test"),
        ("jane+tea@example.test", "jane+tea@example.test"),
        ("STRASSE@example.test", "strasse@example.test"),
        ("straße@example.test", "strasse@example.test"),
        ("Jose\u0301@example.test", "jos\u00e9@example.test"),
        ("\u0130@example.test", "i\u0307@example.test"),
        ('"odd@name"@example.test', '"odd@name"@example.test'),
        ("", ""),
        ("jane", ""),
        ("@example.test", ""),
        ("jane@", ""),
        ("jane doe@example.test", ""),
        ("jane\x00@example.test", ""),
        ("j" * 250 + "@example.test", ""),
    ],
)
def test_addresses_are_folded(entered: str, folded: str) -> None:
    """Case, spaces around and ways of writing an accent do not count; what is no address is none."""
    assert fold(entered) == folded


@given(st.text() | st.emails())
def test_folding_is_final(text: str) -> None:
    """A folded address folds to itself, whatever the case and spaces it came with."""
    once = fold(text)
    assert fold(once) == once
    assert not once or fold(f" {once.upper()} ") == fold(once.upper())

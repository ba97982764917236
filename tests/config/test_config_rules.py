"""A store's listings are behind when the configuration changes what it shows, and only then."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from syncd.config import Settings

Read = Callable[..., Settings]


def hash_with(read: Read, listing: str) -> str:
    """Return the rules hash of the shop with this listing section."""
    return read(f"[store.shop.listing]\n{listing}\n").rules_hash("shop")


def test_the_hash_of_the_defaults_is_fixed(read: Read) -> None:
    """The hash of a store that says nothing is the same in every release, until RULES is raised."""
    assert read().rules_hash("shop") == "b7da465233f0ab98a6d289bdd04d20b7"


@pytest.mark.parametrize(
    "listing",
    [
        "",
        'fields = ["stock", "price", "name"]',
        'price_tier = "default"\ntax = "exclusive"\nwarehouses = []\nbuffer = 0.0\ncreate = false',
        "brake = { zero = 1.0 }",
    ],
)
def test_what_shows_the_same_has_the_same_hash(read: Read, listing: str) -> None:
    """Writing a default out, another order, or the brake makes nothing behind."""
    assert hash_with(read, listing) == read().rules_hash("shop")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tax = 0.150", "tax = 0.15"),
        ("tax = { a = 0.10, b = 0.2 }", "tax = { b = 0.20, a = 0.1 }"),
        ('warehouses = ["A", "B"]', 'warehouses = ["B", "A"]'),
        ("buffer = 10", "buffer = 10.00"),
    ],
)
def test_two_spellings_of_one_rule_have_one_hash(read: Read, one: str, other: str) -> None:
    """Values count, not their spelling."""
    assert hash_with(read, one) == hash_with(read, other)


def test_every_rule_has_its_own_hash(read: Read) -> None:
    """Each key that changes what is shown changes the hash."""
    rules = (
        "",
        'fields = ["price"]',
        "price_tier = 3",
        'price_tier = "Three"',
        "tax = 0.15",
        "tax = 0.1",
        "tax = { standard = 0.15 }",
        'warehouses = ["A"]',
        "buffer = 1",
        "create = true",
        "publish = true",
        'obsolete = "leave"',
        'manage_stock = "enable"',
    )
    assert len({hash_with(read, rule) for rule in rules}) == len(rules)


def test_what_is_beside_the_listing_does_not_matter(read: Read) -> None:
    """Schedule, mode and addresses make nothing behind."""
    more = 'mode = "shadow"\ncanary = "TEA-100"\n[store.shop.schedule]\nrecent = "1h"\n'
    assert read(more).rules_hash("shop") == read().rules_hash("shop")

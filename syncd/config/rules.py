"""Judge what single keys cannot tell: names, references between sections, and which rules a store follows."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from syncd.config.model import Account
from syncd.config.problems import sentence, unknown_key
from syncd.config.store import Listing, Store

RULES = 1
"""To be raised when a default of the listing section changes, or comes to mean something else."""

_UNORDERED = ("fields", "warehouses")


def bad_name(name: str) -> str | None:
    """Return what is wrong with the name of an account or a store, or None."""
    if re.fullmatch(r"[a-z][a-z0-9_]*", name) and "__" not in name:
        return None
    return "a name is lower-case letters, digits and single underscores, and begins with a letter"


def across(
    accounts: Mapping[str, Account], stores: Mapping[str, Store], known: Iterable[str]
) -> Iterator[str]:
    """Yield what does not fit together. `known` are all accounts that were written, sound or not."""
    names = sorted(known)
    for store in stores.values():
        if store.account and store.account not in names:
            yield sentence(
                f"store.{store.name}.account",
                f"the account {store.account!r} {unknown_key(store.account, names)}",
            )
    yield from _same_prefix(stores)


def _same_prefix(stores: Mapping[str, Store]) -> Iterator[str]:
    """Two stores may share the default prefix as long as they have no orders section."""
    taken: dict[tuple[str, str], str] = {}
    for store in stores.values():
        if "orders" not in store.model_fields_set:
            continue
        first = taken.setdefault((store.account, store.orders.prefix), store.name)
        if first != store.name:
            yield (
                f"store.{store.name}.orders.prefix: {store.orders.prefix!r} is also the prefix of "
                f"store.{first} of the same account; their order numbers could meet."
            )


def rules_hash(listing: Listing) -> str:
    """Return a short text that changes exactly when the configuration changes what the store should show.

    Only values that differ from their default count, in one canonical spelling: 0.150 is 0.15, and the order
    of fields and warehouses means nothing. So a release that adds a key leaves every hash as it was, and
    one that changes a default raises RULES. The brake decides when to stop, not what to show: it is left out.
    """
    default = Listing()
    chosen = {
        name: value
        for name in Listing.model_fields
        if name != "brake"
        and (value := _canonical(name, getattr(listing, name))) != _canonical(name, getattr(default, name))
    }
    text = json.dumps({"rules": RULES, **chosen}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _canonical(name: str, value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, Mapping):
        return {str(word): _canonical(name, each) for word, each in value.items()}
    if isinstance(value, tuple):
        items = [_canonical(name, each) for each in value]
        return sorted(items) if name in _UNORDERED else items
    return value

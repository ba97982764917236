"""What must be known of the account before an order can be planned: currency, warehouses, tax codes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from syncd.core.model import AccountFacts
from syncd.core.order_plan import Books
from syncd.core.sale import TaxCode
from syncd.core.sale_identity import Names
from syncd.errors import UsageError
from syncd.flows.post.records import Post
from syncd.state import accounts
from syncd.state.records import AccountRow
from syncd.unleashed.account import account_facts
from syncd.unleashed.taxes import tax_codes

KEPT = timedelta(days=3)
"""How long the account's own facts are believed where no tidy job asks again every day."""


def books(post: Post, names: Names) -> Books:
    """Return what is known of the account, from the database if it is fresh: else up to 3 calls, once."""
    facts = known_facts(post)
    return Books(facts, facts.taxes or (), names)


def known_facts(post: Post) -> AccountFacts:
    """Return the account's facts, tax codes included."""
    row = _row(post)
    facts, at = accounts.account_facts(row), row.facts_at
    if facts is None or at is None or abs(post.clock.now() - at) >= KEPT:
        facts = replace(account_facts(post.client), taxes=facts.taxes if facts is not None else None)
        with post.db.write() as conn:
            accounts.save_account_facts(conn, row.id, facts, post.clock.now())
    return facts if facts.taxes is not None else replace(facts, taxes=read_taxes(post))


def read_taxes(post: Post) -> tuple[TaxCode, ...]:
    """Read the tax codes (1 call) and keep them."""
    found = tax_codes(post.client)
    with post.db.write() as conn:
        accounts.save_taxes(conn, post.account.id, found)
    post.taxes_read = True
    return found


def doubt_taxes(post: Post) -> None:
    """Have the tax codes read again when next needed: what Unleashed refused may be due to one."""
    with post.db.write() as conn:
        accounts.save_taxes(conn, post.account.id, None)


def _row(post: Post) -> AccountRow:
    with post.db.read() as conn:
        row = accounts.account(conn, post.account.name)
    if row is None:
        raise UsageError(f"The account {post.account.name} is not in the database.", "Run `syncd check`.")
    return row

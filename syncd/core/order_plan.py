"""What becomes of a store's order: a sale ready to be posted, what it waits for, or why it is not posted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from syncd.core.model import AccountFacts, Product
from syncd.core.order import OrderLine, StoreOrder
from syncd.core.order_products import Shelf, product_of
from syncd.core.order_refusals import refusal
from syncd.core.order_rules import OrderRules, Verdict, judge
from syncd.core.order_sale import sale_of
from syncd.core.order_sums import posted_lines
from syncd.core.order_tax_code import tax_code
from syncd.core.order_totals import Proof, prove
from syncd.core.sale import Customer, NewCustomer, NewProduct, Parked, Sale, TaxCode
from syncd.core.sale_identity import Names

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Books:
    """What must be known of the account: its facts, its tax codes, and the stable words of both sides."""

    account: AccountFacts
    taxes: tuple[TaxCode, ...]
    names: Names


@dataclass(frozen=True, slots=True)
class Ready:
    """A sale that can be posted, and the proof of its totals."""

    sale: Sale
    proof: Proof


@dataclass(frozen=True, slots=True)
class WaitingFor:
    """What must be created before the order can be posted; all else about it is settled.

    Each has its guid already; whether it is there after all is looked up first (design rule 8).
    """

    products: tuple[NewProduct, ...]
    customer: NewCustomer | None


def plan_order(
    order: StoreOrder,
    customer: Customer | NewCustomer | Parked,
    shelf: Shelf,
    books: Books,
    rules: OrderRules,
    imported: bool = False,
) -> Ready | WaitingFor | Parked | Verdict:
    """Decide everything about an order. The same input always gives the same sale, guids and all.

    Nothing is created for an order that is then parked: the plan waits for products and customer only when
    figures, tax codes, warehouse and currency are settled. A Verdict says that the order is not to be posted
    (not yet paid, too old, cancelled). `imported`: a person asked for it, however old it is.
    """
    verdict = judge(order, rules)
    if verdict.judgement != "wanted" and not (imported and verdict.judgement == "too old"):
        return verdict
    figures = _figures(order, books, rules)
    if isinstance(figures, Parked):
        return figures
    codes, proof = figures
    no = refusal(order, customer, books.account, rules)
    if no is not None:
        return no
    products = _products(order, codes, shelf, books, rules)
    if isinstance(products, Parked):
        return products
    return _waiting_or_ready(order, customer, products, codes, proof, shelf, books, rules)


def _figures(order: StoreOrder, books: Books, rules: OrderRules) -> tuple[list[TaxCode], Proof] | Parked:
    codes = _all([tax_code(order, line, books.taxes, rules.tax_codes) for line in posted_lines(order)])
    if isinstance(codes, Parked):
        return codes
    proof = prove(order, [each.rate for each in codes])
    return proof if isinstance(proof, Parked) else (codes, proof)


def _products(
    order: StoreOrder, codes: Sequence[TaxCode], shelf: Shelf, books: Books, rules: OrderRules
) -> list[Product | NewProduct] | Parked:
    pairs: Sequence[tuple[OrderLine, TaxCode]] = list(zip(posted_lines(order), codes, strict=True))
    return _all([product_of(order, line, code.rate, shelf, rules, books.names) for line, code in pairs])


def _all(found: Sequence[T | Parked]) -> list[T] | Parked:
    """Return all that was found, or the first reason not to go on."""
    reason = next((each for each in found if isinstance(each, Parked)), None)
    return reason or [each for each in found if not isinstance(each, Parked)]


def _waiting_or_ready(
    order: StoreOrder,
    customer: Customer | NewCustomer | Parked,
    products: Sequence[Product | NewProduct],
    codes: Sequence[TaxCode],
    proof: Proof,
    shelf: Shelf,
    books: Books,
    rules: OrderRules,
) -> Ready | WaitingFor | Parked:
    if isinstance(customer, Parked):
        return customer
    there = [each for each in products if isinstance(each, Product)]
    missing = {each.guid: each for each in products if isinstance(each, NewProduct)}
    if missing or isinstance(customer, NewCustomer):
        stranger = customer if isinstance(customer, NewCustomer) else None
        return WaitingFor(tuple(missing.values()), stranger)
    tracked = any(each.guid in shelf.tracked for each in there)
    sale = sale_of(order, customer, there, codes, proof, books.account, books.names, rules, tracked)
    return Ready(sale, proof)

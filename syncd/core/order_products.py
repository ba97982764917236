"""Which Unleashed product a line of an order is posted as."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from syncd.core.field_text import one_line, size
from syncd.core.model import Product
from syncd.core.money import rounded
from syncd.core.order import OrderLine, StoreOrder
from syncd.core.order_price import SHORT
from syncd.core.order_rules import OrderRules
from syncd.core.sale import NewProduct, Parked
from syncd.core.sale_identity import Names, product_guid, source_id

FREIGHT = "FREIGHT"
CODE_LIMIT = 100
NAME_LIMIT = 500
"""What a product's code and name may have (reference, 4.3)."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The products an order may be about. `linked`: store ids of listings → guids; `products`: by guid.

    Among the products are those that are linked, all with a code of the order's lines, obsolete ones
    included, and those created for such codes before. `tracked` are the guids of those with serial or batch
    numbers.
    """

    linked: Mapping[str, str] = field(default_factory=dict)
    products: Mapping[str, Product] = field(default_factory=dict)
    tracked: frozenset[str] = frozenset()

    def find(self, wanted: Callable[[Product], bool]) -> list[Product]:
        """Return the products, not gone, that are wanted: those in use, else the obsolete ones."""
        found = [each for each in self.products.values() if not each.gone and wanted(each)]
        return [each for each in found if not each.obsolete] or found


def product_of(
    order: StoreOrder, line: OrderLine, rate: Decimal, shelf: Shelf, rules: OrderRules, names: Names
) -> Product | NewProduct | Parked:
    """Return the product a line is posted as, the one to create for it, or why a person must decide.

    By the link of the store's id, then by the code, then by what was created for the code before (design
    rule 9). `rate` is the line's tax rate. A product in use goes before obsolete ones with its code; an
    obsolete one goes before a second one with its code.
    """
    if line.kind != "product":
        return _charge(order, shelf, rules, names)
    linked = shelf.products.get(shelf.linked.get(line.ref or "", ""))
    if linked is not None and not linked.gone:
        return linked
    code = line.code.strip()
    if not code:
        return _nameless(order, line)
    return _by_code(order, code, shelf, names) or _missing(order, line, rate, rules, names)


def _by_code(order: StoreOrder, code: str, shelf: Shelf, names: Names) -> Product | Parked | None:
    found = shelf.find(lambda each: each.code.strip() == code)
    if len(found) > 1:
        return Parked(
            f"Order {order.number} has {code}, and Unleashed has several products with that code.",
            f"Link the right one with `syncd links set`, then run `syncd orders retry {order.id}`.",
            f"product {code}",
        )
    if found:
        return found[0]
    made = shelf.products.get(product_guid(names, code))
    return made if made is not None and not made.gone else None


def _missing(
    order: StoreOrder, line: OrderLine, rate: Decimal, rules: OrderRules, names: Names
) -> NewProduct | Parked:
    code = line.code.strip()
    if not rules.create_products:
        return _parked(order, code, "Unleashed does not have it and orders.create_products is off")
    if size(code) > CODE_LIMIT:
        return _parked(order, code, f"its code is longer than the {CODE_LIMIT} characters Unleashed takes")
    return NewProduct(
        guid=product_guid(names, code),
        code=code,
        name=one_line(line.name, NAME_LIMIT) or code,
        price=rounded(line.subtotal / line.quantity, SHORT),
        taxable=rate != 0,
        source_id=source_id(names, f"product:{line.ref}") if line.ref else "",
    )


def _charge(
    order: StoreOrder, shelf: Shelf, rules: OrderRules, names: Names
) -> Product | NewProduct | Parked:
    """Return the product that shipping and fees are posted as: the configured one, else our own."""
    code = (rules.shipping_product or FREIGHT).strip()
    found = _by_code(order, code, shelf, names)
    if found is not None:
        return found
    if rules.shipping_product:
        return _parked(order, code, "orders.shipping_product names it and Unleashed does not have it")
    return NewProduct(
        product_guid(names, FREIGHT), FREIGHT, "Freight and fees", Decimal(0), True, never_diminishing=True
    )


def _nameless(order: StoreOrder, line: OrderLine) -> Parked:
    return Parked(
        f"Order {order.number} has {line.name or 'a line'} without a code, linked to no Unleashed product.",
        f"Link it with `syncd links set`, or give it a code; then run `syncd orders retry {order.id}`.",
        "product without a code",
    )


def _parked(order: StoreOrder, code: str, why: str) -> Parked:
    return Parked(
        f"Order {order.number} needs the product {code}: {why}.",
        f"Create it in Unleashed or link another; then run `syncd orders retry {order.id}`.",
        f"product {code}",
    )

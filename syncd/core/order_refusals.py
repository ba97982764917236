"""Why an order whose figures are right still cannot be posted to this account."""

from __future__ import annotations

from syncd.core.model import AccountFacts, Warehouse
from syncd.core.order import StoreOrder
from syncd.core.order_rules import OrderRules
from syncd.core.sale import Customer, NewCustomer, Parked
from syncd.core.sale_identity import order_number


def refusal(
    order: StoreOrder, customer: Customer | NewCustomer | Parked, account: AccountFacts, rules: OrderRules
) -> Parked | None:
    """Return why this order cannot be posted for this customer, or None if nothing is in its way."""
    if isinstance(customer, Parked):
        return customer
    return (
        _other_currency(order, customer, account)
        or _no_warehouse(order, account, rules)
        or _negative(order, rules)
        or _no_number(order, rules)
    )


def warehouse_of(account: AccountFacts, rules: OrderRules) -> Warehouse | None:
    """Return the warehouse that ships: the configured one, else the account's default, else its only one.

    Unleashed is said to need one (reference, 7.3). None where that cannot be told: it may know one itself.
    """
    in_use = [each for each in account.warehouses if not each.obsolete]
    if rules.warehouse is not None:
        return next((each for each in in_use if each.code.strip() == rules.warehouse.strip()), None)
    default = [each for each in in_use if each.default]
    return default[0] if default else in_use[0] if len(in_use) == 1 else None


def _other_currency(
    order: StoreOrder, customer: Customer | NewCustomer, account: AccountFacts
) -> Parked | None:
    ours = order.currency.strip().upper()
    if account.currency and account.currency != ours:
        return Parked(
            f"Order {order.number} is in {ours}, the Unleashed account in {account.currency}.",
            f"Post it by hand in Unleashed, then run `syncd orders skip {order.id}`.",
            f"currency {ours}",
        )
    theirs = (customer.currency or "").strip().upper()
    if theirs and theirs != ours:
        return Parked(
            f"Order {order.number} is in {ours}, its Unleashed customer {customer.code} is kept in {theirs}.",
            f"Link another customer with `syncd links set`, then run `syncd orders retry {order.id}`.",
            "currency of the customer",
        )
    return None


def _no_warehouse(order: StoreOrder, account: AccountFacts, rules: OrderRules) -> Parked | None:
    if rules.warehouse is None or not account.warehouses or warehouse_of(account, rules) is not None:
        return None
    return Parked(
        f"orders.warehouse names {rules.warehouse}, but Unleashed has no such warehouse in use.",
        f"Correct orders.warehouse, then run `syncd orders retry {order.id}`.",
        "warehouse",
    )


def _negative(order: StoreOrder, rules: OrderRules) -> Parked | None:
    line = next((each for each in order.lines if each.total < 0), None)
    if line is None or (rules.negative_fees == "line" and line.kind != "product"):
        return None
    how = (
        'set orders.negative_fees = "line" to try such lines' if line.kind != "product" else "post it by hand"
    )
    return Parked(
        f"Order {order.number} takes {-line.total:f} {order.currency} off as {line.name or 'a line'}, and "
        "whether Unleashed takes a line with a negative price is not known.",
        f"Post it by hand and run `syncd orders skip {order.id}`, or {how}.",
        "negative line",
    )


def _no_number(order: StoreOrder, rules: OrderRules) -> Parked | None:
    try:
        order_number(rules.prefix, order.id)
    except ValueError as error:
        return Parked(
            f"Order {order.number} gets no number in Unleashed: {error}.",
            f"Shorten orders.prefix, then run `syncd orders retry {order.id}`.",
            "prefix",
        )
    return None

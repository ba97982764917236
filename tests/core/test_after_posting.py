"""Certificates, credit notes and causes: what is proven, given back, and cured together."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.aftersale import Credit
from syncd.core.certificate import Sums, difference
from syncd.core.credit_plan import PostedLine, PostedOrder, plan_credit
from syncd.core.order import RefundLine, StoreRefund
from syncd.core.order_causes import cause_of
from syncd.core.sale import Parked
from syncd.core.sale_identity import line_guid
from tests.core.order_examples import CREATED, D1, NAMES, line, order

SUMS = Sums(Decimal("10.00"), Decimal("1.50"), Decimal("11.50"), 2)
ORDER = order(line("1", "2", "20", "3"))
POSTED = PostedOrder(
    "WEB-7",
    "customer-guid",
    "GIA",
    "GST",
    {line_guid(NAMES, ORDER.id, "1", "product"): PostedLine(D1.guid, "GST", Decimal("0.15"))},
)
BACK = RefundLine("1", "product", "D1", Decimal(1), Decimal(10), Decimal("1.5"), code="D1")
REFUND = StoreRefund("9", ORDER.id, Decimal("11.5"), CREATED, lines=(BACK,))


def test_equal_totals_differ_in_nothing() -> None:
    """Trailing zeros make no difference, nor does a number of lines that the answer does not carry."""
    found = Sums(Decimal(10), Decimal("1.5"), Decimal("11.5000"), None)
    assert difference(SUMS, found) == ""


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (replace(SUMS, total=Decimal("11.51")), "total 11.51 instead of 11.5"),
        (replace(SUMS, tax_total=Decimal(0)), "tax 0 instead of 1.5"),
        (replace(SUMS, lines=1), "1 lines instead of 2"),
    ],
)
def test_every_difference_is_named(found: Sums, said: str) -> None:
    """A cent, a tax and a line that are missing are each said."""
    assert difference(SUMS, found) == said


def test_a_refund_of_lines_becomes_a_credit_note_of_the_same_amount() -> None:
    """The lines keep the posted order's products and tax codes, and their sums are the refund's."""
    credit = plan_credit(REFUND, ORDER, POSTED, NAMES)
    assert isinstance(credit, Credit)
    assert (credit.sub_total, credit.tax_total, credit.total) == (
        Decimal(10),
        Decimal("1.5"),
        Decimal("11.5"),
    )
    (row,) = credit.lines
    assert (row.product_guid, row.tax_code) == (D1.guid, "GST")
    assert (row.quantity, row.price) == (Decimal(1), Decimal(10))
    assert not row.returns


@pytest.mark.parametrize(
    "refund",
    [
        replace(REFUND, lines=()),
        replace(REFUND, amount=Decimal("11.49")),
        replace(REFUND, lines=(replace(BACK, line="8"),)),
        replace(REFUND, lines=(replace(BACK, line=None),)),
    ],
)
def test_what_does_not_add_up_is_a_persons_task(refund: StoreRefund) -> None:
    """An amount alone, another amount than the lines', or a line that was never posted."""
    parked = plan_credit(refund, ORDER, POSTED, NAMES)
    assert isinstance(parked, Parked)
    assert parked.cause == "refund"
    assert "WEB-7" in parked.do


@given(
    quantity=st.integers(1, 20),
    cents=st.integers(1, 100_000),
)
def test_a_credit_note_never_gives_back_another_amount(quantity: int, cents: int) -> None:
    """Whatever came back, a credit note that is planned has exactly the refund's amount."""
    net = Decimal(cents) / 100
    tax = (net * Decimal("0.15")).quantize(Decimal("0.01"))
    back = replace(BACK, quantity=Decimal(quantity), total=net, tax=tax)
    planned = plan_credit(replace(REFUND, amount=net + tax, lines=(back,)), ORDER, POSTED, NAMES)
    assert isinstance(planned, Parked) or planned.total == net + tax


def test_one_remedy_is_one_cause() -> None:
    """Two orders that the same act cures share a cause; a word of the plan's own goes before."""
    first = Parked("Order 7 lacks it.", "Create it in Unleashed. Then run `syncd orders retry 7`.")
    second = Parked("Order 8 lacks it.", "Create it in Unleashed. Then run `syncd orders retry 8`.")
    assert cause_of(first, "7") == cause_of(second, "8") == "Create it in Unleashed"
    assert cause_of(Parked("a", "b", "tax code"), "7") == "tax code"

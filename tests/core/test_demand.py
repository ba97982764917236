"""Demand: what orders have taken that Unleashed's stock does not show yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.demand import Reading, Taken, demand, less_demand, may_push, takes
from syncd.core.model import Value
from syncd.core.order_state import State

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TEA = "0b7f0c52-6f0e-4f0a-9d3b-2a5f7a1c9e01"
OPEN = Taken("33", State.WAITING, {TEA: Decimal(2)}, took_stock=True)
POSTED = replace(OPEN, state=State.POSTED, settled=NOW)


@pytest.mark.parametrize(
    ("order", "counts"),
    [
        (OPEN, True),
        (replace(OPEN, state=State.PARKED), True),
        (replace(OPEN, state=State.GIVEN_UP), True),
        (replace(OPEN, state=State.FILTERED), True),  # on hold: the store has taken it
        (replace(OPEN, took_stock=False), False),
        (replace(OPEN, took_stock=None, paid=True), True),
        (replace(OPEN, took_stock=None), False),
        (replace(OPEN, cancelled=True, state=State.SKIPPED), False),
        (replace(OPEN, too_old=True, state=State.FILTERED), False),
    ],
)
def test_which_orders_take(order: Taken, counts: bool) -> None:
    """Every order that has reduced its store's stock, unless it was called off or is from before us."""
    assert takes(order) == counts
    assert (TEA in demand([order], {TEA: NOW + SECOND})) == counts


@pytest.mark.parametrize(
    ("order", "read", "open_demand"),
    [
        (POSTED, NOW + SECOND, False),
        (POSTED, NOW, True),  # asked for at the very instant of the 201: may be from before it
        (POSTED, NOW - SECOND, True),
        (POSTED, None, True),
        (replace(POSTED, state=State.SKIPPED), NOW + SECOND, False),  # posted by hand
        (replace(POSTED, state=State.SENT), NOW + SECOND, True),
    ],
)
def test_when_demand_is_released(order: Taken, read: datetime | None, open_demand: bool) -> None:
    """Demand stays until a stock row is stored that was requested after the 201."""
    reads = {TEA: read} if read is not None else {}
    assert (TEA in demand([order], reads)) == open_demand


def test_demand_is_summed_over_all_stores() -> None:
    """Orders of several stores and several lines add up by product."""
    other = Taken("shop2-9", State.PARKED, {TEA: Decimal("0.5"), "other": Decimal(1)}, took_stock=True)
    assert demand([OPEN, other, POSTED], {TEA: NOW + SECOND}) == {TEA: Decimal("2.5"), "other": Decimal(1)}


def test_sellable_less_demand() -> None:
    """Demand comes off what may be sold, never below zero; unknown stays unknown."""
    nine = Value(Decimal(9), "available 9")
    assert less_demand(nine, Decimal(2)) == Value(Decimal(7), "available 9 - demand 2")
    assert less_demand(nine, Decimal(20)).value == 0
    assert less_demand(nine, Decimal(0)) is nine
    assert less_demand(Value(None, "not known yet"), Decimal(2)).value is None


@pytest.mark.parametrize(
    ("shown", "latest", "earlier", "taken", "pushed"),
    [
        ("5", "3", None, "2", True),  # a fall
        ("5", "5", None, "2", True),
        ("5", "9", None, "0", True),  # nothing is open
        ("5", "9", None, "2", False),
        ("5", "9", ("9", -1), "2", True),
        ("5", "9", ("8", -1), "2", False),
        ("5", "9", ("9", 0), "2", False),  # the same read twice
        (None, "9", None, "2", False),
    ],
)
def test_a_rise_needs_two_reads(
    shown: str | None, latest: str, earlier: tuple[str, int] | None, taken: str, pushed: bool
) -> None:
    """While demand is open, more is shown only when two reads, one after the other, agree on it."""
    before = Reading(Decimal(earlier[0]), NOW + earlier[1] * SECOND) if earlier else None
    now = Reading(Decimal(latest), NOW)
    assert may_push(Decimal(shown) if shown else None, now, before, Decimal(taken)) == pushed


TAKEN = st.builds(
    Taken,
    st.text(max_size=3),
    st.sampled_from(State),
    st.dictionaries(st.sampled_from("ab"), st.decimals(0, 99, places=2)),
    st.sampled_from([True, False, None]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, NOW, NOW + SECOND]),
)


@given(st.lists(TAKEN, max_size=6), TAKEN, st.sampled_from([NOW, NOW + SECOND]))
def test_another_order_never_lowers_demand(orders: list[Taken], one: Taken, read: datetime) -> None:
    """Demand only grows with orders and is never negative, and a later read never raises it."""
    without, with_it = demand(orders, {"a": read}), demand([*orders, one], {"a": read})
    assert all(with_it[guid] >= quantity > 0 for guid, quantity in without.items())
    later = demand(orders, {"a": read + 9 * SECOND})
    assert all(without[guid] >= quantity for guid, quantity in later.items())

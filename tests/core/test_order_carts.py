"""Random carts of every kind of shop: what is posted is what was charged (in bulk: bench.carts)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.cart_shop import KINDS, Manner, order
from bench.carts import JO, NEVER_PARKED, RULES, SHELF, Tally, books, judge_cart, line, manners
from syncd.core.order_plan import plan_order
from syncd.core.sale import Parked

SEEDS = st.integers(0, 2**64 - 1)


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(manners()), SEEDS)
def test_posted_totals_are_the_stores(manner: Manner, seed: int) -> None:
    """Whatever the tax mode and the rounding, no posted total differs; carts of one rate are never parked."""
    tally = Tally(manner)
    judge_cart(tally, seed)
    assert tally.kept, line(tally)


@settings(deadline=None, max_examples=30)
@given(SEEDS, st.booleans())
def test_a_gift_card_outside_the_lines_is_always_parked(seed: int, inclusive: bool) -> None:
    """A total that no line explains is never made to fit."""
    cart = order(seed, Manner("gift card outside the lines", inclusive, "at the end"))
    assert isinstance(plan_order(cart, JO, SHELF, books("NZD"), RULES), Parked)


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_is_a_cart(kind: str) -> None:
    """The same seed is the same cart, so that a failing one can be looked at."""
    manner = Manner(kind, True, "per line")
    assert order(7, manner) == order(7, manner)
    assert order(7, manner) != order(8, manner)
    assert set(KINDS) > NEVER_PARKED

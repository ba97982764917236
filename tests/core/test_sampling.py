"""What a sample says of the whole is exact, and which one is drawn follows from the seed."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.sampling import draw, upper_bound


@pytest.mark.parametrize(
    ("wrong", "sample", "percent"),
    [
        (0, 300, 0.993608),
        (1, 300, 1.571455),
        (0, 10, 25.886555),
        (5, 10, 77.755890),
        (1, 2, 97.467943),
        (0, 1, 95.0),
        (3, 3, 100.0),
        (0, 0, 100.0),
    ],
)
def test_the_bound_is_that_of_clopper_and_pearson(wrong: int, sample: int, percent: float) -> None:
    """Values of the beta distribution's 95th percentile, and of (1 - 0.05 ** (1 / n)) for none."""
    assert 100 * upper_bound(wrong, sample) == pytest.approx(percent, abs=2e-6)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_the_bound_leaves_five_percent(case: tuple[int, int]) -> None:
    """At the bound a sample shows as few with a probability of exactly 5 %."""
    wrong, sample = case
    share = upper_bound(wrong, sample)
    assert wrong / sample < share <= 1
    chance = sum(comb(sample, k) * share**k * (1 - share) ** (sample - k) for k in range(wrong + 1))
    assert chance == pytest.approx(0.05, rel=1e-6)


def test_more_wrong_is_a_higher_bound_and_more_sampled_a_lower_one() -> None:
    """The bound moves as it should with both figures."""
    assert sorted(upper_bound(wrong, 50) for wrong in range(51)) == [upper_bound(w, 50) for w in range(51)]
    assert upper_bound(0, 400) < upper_bound(0, 300) < upper_bound(0, 200)


@pytest.mark.parametrize(("wrong", "sample"), [(2, 1), (-1, 5), (1, 0)])
def test_what_cannot_be_counted_is_refused(wrong: int, sample: int) -> None:
    """More wrong than sampled is a mistake of the caller."""
    with pytest.raises(ValueError, match="cannot be wrong"):
        upper_bound(wrong, sample)


def test_the_same_seed_draws_the_same() -> None:
    """A draw can be repeated, in whatever order the guids come; another seed draws others."""
    guids = [f"guid {number}" for number in range(1000)]
    drawn = draw(guids, 300, "7 shop")
    assert len(set(drawn)) == 300
    assert draw(guids[::-1], 300, "7 shop") == drawn
    assert draw(guids, 300, "8 shop") != drawn
    assert sorted(draw(guids, 5000, "7 shop")) == sorted(guids)


def test_every_pair_is_as_likely_as_any_other() -> None:
    """Over many seeds each pair of five is drawn about a tenth of the times."""
    five = ["a", "b", "c", "d", "e"]
    seen = Counter(tuple(sorted(draw(five, 2, str(seed)))) for seed in range(5000))
    assert set(seen) == set(combinations(five, 2))
    assert all(400 < number < 600 for number in seen.values())

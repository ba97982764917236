"""Draw a random sample, and say what it tells about the whole: the most that may be wrong in it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from math import exp, lgamma, log, log1p

STEPS = 80


def draw(guids: Sequence[str], number: int, seed: str) -> list[str]:
    """Return `number` of the guids as the seed shuffles them, all of them if there are fewer.

    Every set of so many is equally likely over all seeds; the same seed draws the same.
    """
    return sorted(guids, key=lambda guid: blake2b(guid.encode(), key=_key(seed)).digest())[:number]


def _key(seed: str) -> bytes:
    return blake2b(seed.encode(), digest_size=16).digest()


def upper_bound(wrong: int, sample: int, confidence: float = 0.95) -> float:
    """Return the exact one-sided Clopper-Pearson bound: a share between 0 and 1.

    If more than this share of the whole were wrong, a random sample of this size would show as few as
    `wrong` with a probability below 1 - confidence. Nothing sampled says nothing: 1. Raises ValueError for
    what cannot be counted.
    """
    if not 0 <= wrong <= sample:
        raise ValueError(f"{wrong} of {sample} cannot be wrong")
    if wrong == sample:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        if _at_most(wrong, sample, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(wrong: int, sample: int, share: float) -> float:
    """Return the probability that at most so many of the sample are wrong if this share of all is."""
    if share <= 0.0:
        return 1.0
    if share >= 1.0:
        return 0.0
    return sum(exp(_log_of_exactly(each, sample, share)) for each in range(wrong + 1))


def _log_of_exactly(wrong: int, sample: int, share: float) -> float:
    ways = lgamma(sample + 1) - lgamma(wrong + 1) - lgamma(sample - wrong + 1)
    return ways + wrong * log(share) + (sample - wrong) * log1p(-share)

"""Codes that were surely meant to be the same: shown to a person, never linked by themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """A code without a partner, and the name that stands beside it on its side."""

    code: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A code in Unleashed, the store's that it resembles, and in what they differ."""

    code: str
    sku: str
    why: str


def near_misses(unleashed: Iterable[Named], store: Iterable[Named]) -> list[NearMiss]:
    """Return the likely pairs among codes that have no partner, each code in one pair at most.

    Tried from the surest to the least sure: case, spaces, dashes, leading zeros, one character.
    """
    ours, theirs = {each.code: each for each in unleashed}, {each.code: each for each in store}
    found: list[NearMiss] = []
    for why, key in _KEYS:
        found += _paired(ours, theirs, key, why)
    return found + _one_off(ours, theirs)


_DASHES = re.compile(r"[\s\-_./\\\u2010-\u2015\u2212]+")
_LEADING = re.compile(r"(?<![\d.,])0+(?=\d)")


def _no_spaces(code: str) -> str:
    return re.sub(r"\s+", "", code).casefold()


def _no_dashes(code: str) -> str:
    return _DASHES.sub("", code).casefold()


def _no_zeros(code: str) -> str:
    return _no_dashes(_LEADING.sub("", code))


_KEYS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("case", str.casefold),
    ("spaces", _no_spaces),
    ("dashes", _no_dashes),
    ("leading zeros", _no_zeros),
)


def _paired(
    ours: dict[str, Named], theirs: dict[str, Named], key: Callable[[str], str], why: str
) -> list[NearMiss]:
    """Take the pairs with the same key out of both sides; a key that several codes share is nobody's."""
    mine, yours = _unique(ours, key), _unique(theirs, key)
    pairs = [NearMiss(code, yours[same], why) for same, code in mine.items() if same and same in yours]
    for pair in pairs:
        del ours[pair.code], theirs[pair.sku]
    return pairs


def _unique(side: Mapping[str, Named], key: Callable[[str], str]) -> dict[str, str]:
    groups: dict[str, list[str]] = {}
    for code in side:
        groups.setdefault(key(code), []).append(code)
    return {same: codes[0] for same, codes in groups.items() if len(codes) == 1}


def _one_off(ours: dict[str, Named], theirs: dict[str, Named]) -> list[NearMiss]:
    index: dict[str, list[str]] = {}
    for sku in theirs:
        for form in _shortened(_no_dashes(sku)):
            index.setdefault(form, []).append(sku)
    found = []
    for code, named in ours.items():
        candidates = {sku for form in _shortened(_no_dashes(code)) for sku in index.get(form, ())}
        likely = [sku for sku in sorted(candidates) if sku in theirs and _likely(named, theirs[sku])]
        if len(likely) == 1:
            found.append(NearMiss(code, likely[0], "one character"))
            del theirs[likely[0]]
    return found


def _shortened(code: str) -> Iterator[str]:
    """Yield the code and every form of it with one character left out: two codes one apart share a form."""
    yield code
    for place in range(len(code)):
        yield code[:place] + code[place + 1 :]


SHORTEST = 3
"""Codes shorter than this are one character apart from too many others."""

WORD = 4
"""From so many letters on a word with one other letter is misspelled, and not the next of a series."""

_LOOK_ALIKE = (frozenset("0o"), frozenset("1i"), frozenset("1l"), frozenset("5s"), frozenset("8b"))
_SIZES = frozenset({"xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl"})


def _likely(ours: Named, theirs: Named) -> bool:
    """Tell whether two codes that may be one character apart are one product. Neighbours in a series of
    numbers, letters or sizes are not, unless both sides call it the same."""
    left, right = _no_dashes(ours.code), _no_dashes(theirs.code)
    if min(len(left), len(right)) < SHORTEST or not _one_apart(left, right):
        return False
    if ours.name and ours.name.casefold().strip() == theirs.name.casefold().strip():
        return True
    different = _difference(left, right)
    if different in _LOOK_ALIKE:
        return True
    return not any(map(str.isdigit, different)) and not _series(ours.code, theirs.code)


def _series(left: str, right: str) -> bool:
    """Tell whether the parts in which two codes differ look like neighbours: S and M, L and XL, A and B."""
    one, other = _parts(left), _parts(right)
    pairs = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    a, b = pairs[0] if len(one) == len(other) and len(pairs) == 1 else ("".join(one), "".join(other))
    if {a, b} <= _SIZES:
        return True
    return len(a) == len(b) and not (len(a) >= WORD and a.isalpha() and b.isalpha())


def _parts(code: str) -> list[str]:
    return _DASHES.split(code.casefold())


def _one_apart(left: str, right: str) -> bool:
    if len(left) == len(right):
        return sum(1 for a, b in zip(left, right, strict=True) if a != b) == 1
    shorter, longer = sorted((left, right), key=len)
    return len(longer) == len(shorter) + 1 and shorter in _shortened(longer)


def _difference(left: str, right: str) -> frozenset[str]:
    """Return the two characters in which codes of one length differ, or the one that the longer has more."""
    at = next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), None)
    if len(left) == len(right):
        return frozenset() if at is None else frozenset((left[at], right[at]))
    longer = max(left, right, key=len)
    return frozenset(longer[-1] if at is None else longer[at])

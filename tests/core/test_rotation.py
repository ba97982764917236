"""What an answer left out is asked for again in shorter lists before anything is suspected."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.rotation import ask_again


def names(number: int) -> list[str]:
    return [f"g{each}" for each in range(number)]


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_one_or_two_are_suspected_at_once(missing: int) -> None:
    """So few are no sign of a list that was cut short."""
    assert ask_again(names(missing)) == []


@pytest.mark.parametrize(("missing", "lists"), [(3, [2, 1]), (4, [2, 2]), (39, [20, 19])])
def test_more_are_asked_for_in_halves(missing: int, lists: list[int]) -> None:
    """None is left out and none is asked for twice."""
    found = ask_again(names(missing))
    assert [len(each) for each in found] == lists
    assert [guid for each in found for guid in each] == names(missing)


def test_halves_that_bring_none_are_not_halved_again() -> None:
    """If shorter lists bring nothing, their length is not the reason."""
    assert ask_again(names(10), names(10)) == []
    assert len(ask_again(names(9), names(10))) == 2


@given(st.integers(0, 60), st.integers(1, 60), st.sets(st.integers(0, 59)))
def test_a_list_that_is_cut_short_hides_nothing(asked: int, limit: int, gone: set[int]) -> None:
    """Where only the first so many of a list are answered, all that are there come, in few questions."""
    guids, calls = names(asked), 0

    def take(some: Sequence[str]) -> list[str]:
        nonlocal calls
        calls += 1
        return [guid for place, guid in enumerate(some) if place >= limit or int(guid[1:]) in gone]

    missing = take(guids)
    lists = ask_again(missing)
    while lists:
        before, missing = missing, [guid for some in lists for guid in take(some)]
        lists = ask_again(missing, before)
    there = [guid for guid in missing if int(guid[1:]) not in gone]
    assert not there or len(there) <= 2 or all(take(half) == half for half in ask_again(missing))
    assert calls <= 1 + 2 * len(guids)

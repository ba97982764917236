"""Higher ranks find what they need, what servers say of their limits is understood, and forecasts hold."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syncd.core import budget
from syncd.core.budget import NO_NEEDS, Heard, Left, Needs

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
LENGTHS = {"minute": MINUTE, "hour": HOUR, "day": DAY, "month": timedelta(days=31)}

PURPOSES = st.sampled_from([*budget.RANKS, "something new"])
NEEDS = st.builds(
    Needs,
    st.dictionaries(
        PURPOSES, st.floats(0, 100_000) | st.sampled_from([float("nan"), float("inf"), -1.0]), max_size=6
    ),
)
PERS = st.sampled_from(list(LENGTHS))
LIMITS = st.integers(1, 100_000)


def needed(purpose: str, needs: Needs, left: timedelta) -> Fraction:
    """Return the calls that purposes of a higher rank need in the time left."""
    own = budget.RANKS.get(purpose, 1)
    calls = [
        Fraction(each)
        for name, each in needs.per_day.items()
        if budget.RANKS.get(name, 1) < own and 0 < each < float("inf")
    ]
    return sum(calls, Fraction(0)) * Fraction(left // timedelta(microseconds=1), 86_400_000_000)


@st.composite
def windows(draw: st.DrawFn) -> tuple[int, str, timedelta]:
    """Draw a limit, its window, and how much of that is left."""
    per = draw(PERS)
    return draw(LIMITS), per, draw(st.timedeltas(timedelta(0), LENGTHS[per]))


@given(one=PURPOSES, other=PURPOSES, needs=NEEDS, window=windows())
def test_a_higher_rank_never_has_less_room(
    one: str, other: str, needs: Needs, window: tuple[int, str, timedelta]
) -> None:
    """What a purpose must leave never falls as its rank falls, and the highest leaves nothing."""
    higher, lower = sorted((one, other), key=budget.rank)
    assert budget.reserve(higher, needs, *window) <= budget.reserve(lower, needs, *window)
    assert budget.reserve("orders", needs, *window) == 0


@given(purpose=PURPOSES, needs=NEEDS, window=windows())
@example("rotation", Needs({"orders": 0.1}), (4, "hour", HOUR))
def test_the_reserve_is_what_higher_ranks_need(
    purpose: str, needs: Needs, window: tuple[int, str, timedelta]
) -> None:
    """It is their calls until the window ends, to the call, unless that is more than a window can give up."""
    limit, per, left = window
    kept = budget.reserve(purpose, needs, *window)
    most = limit // 2 if per in ("minute", "hour") else limit - 1
    assert 0 <= kept <= most
    if not needs.per_day:
        assert kept <= limit * Fraction(20, 100)
    elif per in ("minute", "hour") and limit < 5:
        assert kept == 0
    else:
        assert kept < needed(purpose, needs, left) + 1
        assert kept == most or kept >= needed(purpose, needs, left)


@given(purpose=PURPOSES, needs=NEEDS, window=windows(), room=st.integers(0, 1000))
def test_it_goes_on_when_the_reserve_has_shrunk(
    purpose: str, needs: Needs, window: tuple[int, str, timedelta], room: int
) -> None:
    """At the time told, the reserve leaves the room that there is; it is the earliest but for a moment."""
    limit, per, left = window
    at = budget.left_when(purpose, needs, limit, per, room)
    kept = budget.reserve(purpose, needs, limit, per, min(left, at))
    most = limit // 2 if per in ("minute", "hour") else limit - 1
    assert kept <= max(room, 0)
    if needs.per_day and room < most and not (per in ("minute", "hour") and limit < 5):
        later = at + timedelta(microseconds=1)
        assert at >= timedelta(days=366) or budget.reserve(purpose, needs, limit, per, later) > room


@pytest.mark.parametrize(
    ("purpose", "per", "limit", "left", "kept"),
    [
        ("orders", "month", 5000, timedelta(days=28), 0),
        ("resync", "month", 5000, timedelta(days=28), 0),
        ("a new one", "month", 5000, timedelta(days=28), 0),
        ("recent", "month", 5000, timedelta(days=28), 250),
        ("customers", "month", 5000, timedelta(days=28), 500),
        ("rotation", "month", 5000, timedelta(days=30), 1000),
        ("sweep", "month", 5000, timedelta(days=14), 500),
        ("rotation", "day", 100, 6 * HOUR, 5),
        ("rotation", "hour", 10, HOUR, 2),
        ("recent", "hour", 7, HOUR, 0),
        ("rotation", "minute", 4, MINUTE, 0),
    ],
)
def test_shares_while_nothing_is_known(
    purpose: str, per: str, limit: int, left: timedelta, kept: int
) -> None:
    """With no needs known a rank leaves 5, 10 or 20 %, less and less as the window passes."""
    assert budget.reserve(purpose, NO_NEEDS, limit, per, left) == kept


@pytest.mark.parametrize(
    ("purpose", "per", "limit", "left", "kept"),
    [
        ("recent", "month", 5000, timedelta(days=10), 124),
        ("customers", "month", 5000, timedelta(days=10), 724),
        ("rotation", "month", 5000, timedelta(days=10), 764),
        ("resync", "month", 5000, timedelta(days=10), 100),
        ("rotation", "month", 700, timedelta(days=10), 699),
        ("rotation", "hour", 10, HOUR, 4),
        ("rotation", "hour", 4, HOUR, 0),
        ("rotation", "minute", 30, MINUTE, 1),
    ],
)
def test_needs_until_the_window_ends(purpose: str, per: str, limit: int, left: timedelta, kept: int) -> None:
    """With needs known, each rank leaves what all higher ranks need until the window is over."""
    needs = Needs({"orders": 10, "resync": 2.4, "recent": 60, "customers": 4, "rotation": 500})
    assert budget.reserve(purpose, needs, limit, per, left) == kept


def test_whom_calls_are_kept_for() -> None:
    """The purposes of higher ranks are named, the highest first: those that need any, if known."""
    assert budget.higher("rotation", NO_NEEDS) == ("orders", "resync", "recent", "customers")
    assert budget.higher("recent", NO_NEEDS) == ("orders", "resync")
    assert budget.higher("sweep", Needs({"recent": 60, "orders": 3, "customers": 0, "rotation": 9})) == (
        "orders",
        "recent",
    )


UPGATES = {
    "X-Rate-Limit-Hour": "10",
    "X-Rate-Limit-Day": "100",
    "X-Rate-Limit-Hour-Remaining": "0",
    "X-Rate-Limit-Day-Remaining": "7",
    "X-Rate-Limit-Total-Remaining": "7",
    "X-Rate-Limit-Reset": "1700000000",
}


@pytest.mark.parametrize(
    ("headers", "pools"),
    [
        (UPGATES, {"hour": Left(0, 10), "day": Left(7, 100), "total": Left(7)}),
        (
            {name.lower(): f" {text} " for name, text in UPGATES.items()},
            {"hour": Left(0, 10), "day": Left(7, 100), "total": Left(7)},
        ),
        (
            {"x-ratelimit-limit-minute": "40", "x-ratelimit-remaining-minute": "39"},
            {"minute": Left(39, 40)},
        ),
        ({"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "59"}, {"": Left(59, 60)}),
        ({"RateLimit-Limit": "100, 100;w=60", "RateLimit-Remaining": "5"}, {"": Left(5, 100)}),
        ({"RateLimit": "limit=100, remaining=50, reset=5"}, {"": Left(50, 100)}),
        (
            {"RateLimit": '"burst";r=3;w=60, "daily";q=1000;r=900;w=86400'},
            {"minute": Left(3), "day": Left(900, 1000)},
        ),
        ({"X-RateLimit-Remaining-Month": "12.0"}, {"month": Left(12)}),
        ({"X-RateLimit-Remaining": "-1"}, {}),
        ({"X-RateLimit-Remaining": "unlimited", "RateLimit-Limit": "5"}, {}),
        ({"X-RateLimit-Remaining": "9" * 40}, {}),
        ({"X-RateLimit-Remaining-Hour-Day": "4", "X-RateLimit-Used": "4", "X-RateLimit": "4"}, {}),
        ({"RateLimit": "nonsense"}, {}),
        ({}, {}),
    ],
)
def test_headers_are_understood(headers: dict[str, str], pools: dict[str, Left]) -> None:
    """Every spelling of a limit and what remains of it is read; anything else says nothing."""
    assert dict(budget.heard(headers).pools) == pools


@given(
    name=st.sampled_from([*UPGATES, "RateLimit", "RateLimit-Remaining"]),
    text=st.text() | st.from_regex(r'"?\w*"?;r=\d*;w=\d+', fullmatch=True),
)
def test_no_header_is_too_strange(name: str, text: str) -> None:
    """Whatever a header holds, reading it ends, and says nothing or a number that is not negative."""
    assert all(left.remaining >= 0 for left in budget.heard({name: text}).pools.values())


@given(
    ours=st.integers(1, 10_000), limit=st.none() | st.integers(0, 10_000), remaining=st.integers(0, 10_000)
)
def test_what_is_left_is_only_ever_corrected_downwards(ours: int, limit: int | None, remaining: int) -> None:
    """After a correction our own limit leaves no more room than the other side says, nor than it had."""
    used = Left(remaining, limit).used(ours)
    assert used >= 0
    assert max(0, ours - used) <= remaining


SECONDS = [
    ({"hour": 0, "day": 0, "total": 0}, None, True, 900.0),
    ({"hour": 0, "day": 0, "total": 0}, 77, True, 77.0),
    ({"hour": 0, "day": 40, "total": 40}, None, True, 2.0),
    ({"hour": 0, "day": 40, "total": 40}, 900, True, 2.0),
    ({"hour": 0, "day": 40}, None, True, 2.0),
    ({"hour": 0, "day": 0}, None, True, 900.0),
    ({"hour": 0, "day": 40}, None, False, 900.0),
    ({"minute": 0}, None, False, 60.0),
    ({"minute": 12}, None, False, 2.0),
    ({"minute": 12}, 3600, False, 3600.0),
    ({}, None, False, 60.0),
    ({}, 0, False, 0.0),
]


@pytest.mark.parametrize(("left", "asked", "overflow", "seconds"), SECONDS)
def test_how_long_a_429_puts_to_sleep(
    left: dict[str, int], asked: int | None, overflow: bool, seconds: float
) -> None:
    """Calls left: a moment. Else what was asked for, the rest of an hour that has none, or a minute."""
    said = Heard({name: Left(calls) for name, calls in left.items()})
    told = None if asked is None else timedelta(seconds=asked)
    nap = budget.nap(said, told, 15 * MINUTE, 0.5, overflow=overflow)
    assert nap.total_seconds() == seconds


@given(jitter=st.floats(allow_nan=False))
def test_the_moment_lies_between_one_and_three_seconds(jitter: float) -> None:
    """Whatever the jitter, calls at the same time are spread over one to three seconds."""
    nap = budget.nap(Heard({"total": Left(1)}), None, HOUR, jitter)
    assert timedelta(seconds=1) <= nap <= timedelta(seconds=3)


@pytest.mark.parametrize(
    ("room", "per_day", "left", "time"),
    [
        (100, 10.0, timedelta(days=9), None),
        (100, 10.0, timedelta(days=10), None),
        (100, 10.0, timedelta(days=11), timedelta(days=10)),
        (0, 10.0, DAY, timedelta(0)),
        (-3, 0.0, DAY, timedelta(0)),
        (5, 0.0, timedelta(days=31), None),
        (1, 48.0, HOUR, 30 * MINUTE),
    ],
)
def test_when_it_will_be_spent(room: int, per_day: float, left: timedelta, time: timedelta | None) -> None:
    """The rest lasts until the window ends, or is gone after a known time at the present rate."""
    assert budget.lasts(room, per_day, left) == time


@pytest.mark.parametrize(
    ("hour", "day", "total"),
    [(10, 100, 340), (15, 300, 660), (50, 600, 1800), (100, 1500, 3900), (25, 400, 1000)],
)
@pytest.mark.parametrize("packages", [0, 1, 2, 60])
def test_calls_of_a_day(hour: int, day: int, total: int, packages: int) -> None:
    """The tariffs of a vendor with an hour's and a day's pool; each package adds 25 an hour and 400 a day."""
    found = budget.calls_a_day(hour + 25 * packages, "hour", day + 400 * packages)
    assert found == total + 1000 * packages

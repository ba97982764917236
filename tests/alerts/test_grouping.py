"""What is told now, and what stands together in one mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.alerts.grouping import SHOWN, grouped, to_tell
from syncd.core.alert import Alert

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PARKED = Alert(
    1, "parked: tax", "store:1", "12 orders are parked.", "Set the tax code.", "1, 2", 12, NOON, NOON
)


@pytest.mark.parametrize(
    ("told_at", "told_times", "times", "expected"),
    [
        (None, 0, 1, True),
        (NOON, 12, 12, False),
        (NOON, 12, 119, False),
        (NOON, 12, 120, True),
        (NOON, 12, 5, False),
        (NOON - timedelta(hours=23, minutes=59), 12, 12, False),
        (NOON - timedelta(days=1), 12, 12, True),
        (NOON, 0, 9, False),
        (NOON, 0, 10, True),
    ],
)
def test_when_a_cause_is_told(told_at: datetime | None, told_times: int, times: int, expected: bool) -> None:
    """Once when it is new, again when it grew tenfold, and once a day while it lasts."""
    alert = replace(PARKED, told_at=told_at, told_times=told_times, times=times)
    assert bool(to_tell([alert], NOON)) is expected


def test_one_cause_of_two_stores_is_one_group() -> None:
    """What one remedy cures stands together, with both sentences and the sum."""
    other = replace(PARKED, id=2, subject="store:2", what="3 orders are parked.", times=3, example="9")
    [group] = grouped([PARKED, other])
    assert group.what == ("12 orders are parked.", "3 orders are parked.")
    assert (group.times, group.do, group.examples) == (15, ("Set the tax code.",), ("1, 2", "9"))


def test_what_stops_most_comes_first() -> None:
    """A refused sign-in stands before orders that failed once, whichever is older."""
    login = replace(PARKED, id=2, cause="login", first_at=NOON)
    failing = replace(PARKED, id=3, cause="failing: busy", first_at=NOON - timedelta(days=1))
    assert [group.cause for group in grouped([failing, PARKED, login])] == [
        "login",
        "parked: tax",
        "failing: busy",
    ]


ALERTS = st.lists(
    st.builds(
        lambda number, cause, what, hours: replace(
            PARKED,
            id=number,
            cause=cause,
            subject=f"store:{number}",
            what=f"{what} things",
            times=number,
            first_at=NOON - timedelta(hours=hours),
        ),
        st.integers(1, 500),
        st.sampled_from(["login", "parked: tax", "parked: name", "brake: zero", "odd"]),
        st.integers(1, 60),
        st.integers(0, 50),
    ),
    max_size=80,
)


@given(ALERTS)
def test_grouping_loses_nothing(alerts: list[Alert]) -> None:
    """Every cause is one group, every alert is counted in it, and every sentence is shown or counted."""
    groups = grouped(alerts)
    assert sorted(group.cause for group in groups) == sorted({alert.cause for alert in alerts})
    assert sum(group.times for group in groups) == sum(alert.times for alert in alerts)
    for group in groups:
        mine = {alert.what for alert in alerts if alert.cause == group.cause}
        assert len(group.what) + group.more == len(mine)
        assert set(group.what) <= mine
        assert len(group.what) <= SHOWN


@given(ALERTS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(alerts: list[Alert], dice: object) -> None:
    """The same alerts in another order make the same groups."""
    unique = list({alert.id: alert for alert in alerts}.values())
    shuffled = sorted(unique, key=lambda each: (each.id * 7919) % 503)
    del dice
    assert grouped(unique) == grouped(shuffled)

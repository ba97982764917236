"""The states of an order: every event leads somewhere known, and nothing leads out of Posted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.order_rules import Judgement, Verdict
from syncd.core.order_state import (
    OPEN,
    STANDING,
    TABLE,
    Event,
    IllegalStep,
    State,
    after,
    fingerprint,
    look_first,
    seen,
    settled,
)
from tests.core.order_examples import CREATED, WORKED

EVENTS: tuple[Event, ...] = get_args(Event)
FROM_STORE: tuple[Event, ...] = ("wanted", "not yet", "too old", "cancelled", "edited", "refunded")
WANTED, NOT_YET = Verdict("wanted"), Verdict("not yet", "on-hold")
TOO_OLD, CANCELLED = Verdict("too old", "old"), Verdict("cancelled", "cancelled")


@pytest.mark.parametrize(
    ("path", "end"),
    [
        (("sending", "confirmed"), State.POSTED),
        (("sending", "failed", "failed", "absent", "sending", "confirmed"), State.POSTED),
        (("failed", "failed", "out of time", "retry", "sending", "confirmed"), State.POSTED),
        (("confirmed",), State.POSTED),  # found by the look before the first attempt
        (("sending", "differs"), State.POSTED),
        (("refused", "retry", "sending", "confirmed"), State.POSTED),
        (("refused", "edited"), State.DUE_AGAIN),
        (("refused", "skip"), State.SKIPPED),
        (("sending", "refused"), State.PARKED),
        (("sending", "found deleted"), State.PARKED),
        (("sending", "out of time"), State.GIVEN_UP),
        (("cancelled",), State.SKIPPED),
        (("sending", "cancelled", "absent", "cancelled"), State.SKIPPED),
        (("sending", "cancelled", "confirmed", "cancelled"), State.POSTED),
        (("not yet", "wanted"), State.WAITING),
        (("not yet", "cancelled", "import"), State.WAITING),
        (("not yet", "import", "sending"), State.SENT),
    ],
)
def test_paths(path: tuple[Event, ...], end: State) -> None:
    """The ways an order goes, step by step, from Waiting to where it ends."""
    state = State.WAITING
    for event in path:
        state = after(state, event).state
    assert state is end


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", FROM_STORE)
def test_the_store_may_say_anything_at_any_time(state: State, event: Event) -> None:
    """Whatever the store reports, in whatever state, has its answer."""
    assert after(state, event).state in State


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (State.POSTED, "sending"),
        (State.POSTED, "retry"),
        (State.POSTED, "skip"),
        (State.POSTED, "import"),
        (State.SENT, "sending"),  # the answer is unknown: look first
        (State.SENT, "skip"),
        (State.SKIPPED, "sending"),
        (State.FILTERED, "sending"),
        (State.PARKED, "sending"),
        (State.GIVEN_UP, "sending"),
        (State.SKIPPED, "confirmed"),
    ],
)
def test_what_cannot_happen(state: State, event: Event) -> None:
    """A second posting, or one that nobody wanted, is refused by the table itself."""
    with pytest.raises(IllegalStep, match=f"{state} cannot be {event}"):
        after(state, event)


def test_posted_is_final() -> None:
    """No event takes an order out of Posted."""
    assert {step.state for (state, _), step in TABLE.items() if state is State.POSTED} == {State.POSTED}


def test_only_an_answer_or_a_look_ends_sent() -> None:
    """While an attempt is without an answer, neither the store nor a person moves the order."""
    moves = {event for (state, event), step in TABLE.items() if state is State.SENT and step.state != state}
    assert moves == {"confirmed", "differs", "found deleted", "refused", "absent", "out of time"}


def test_a_person_is_told() -> None:
    """Parking, giving up, other totals, and what happens in the store after posting are alerts."""
    loud = {(state, event) for (state, event), step in TABLE.items() if step.alert}
    assert {event for state, event in loud if state is State.POSTED} == {"edited", "cancelled", "not yet"}
    assert {event for state, event in loud if state in OPEN} == {
        "refused", "out of time", "differs", "found deleted",
    }  # fmt: skip
    assert {state for state, _ in loud} & STANDING == set()


def test_every_state_has_a_way_out_or_is_an_end() -> None:
    """Nothing is stuck: an order that is not Posted can still be moved by somebody."""
    leads = {state: {step.state for (at, _), step in TABLE.items() if at is state} for state in State}
    assert [state for state in State if leads[state] == {state}] == [State.POSTED]


@given(st.lists(st.sampled_from(EVENTS), max_size=40))
def test_an_order_is_never_sent_twice_without_a_look(events: list[Event]) -> None:
    """Between two sendings lies a look that found nothing, whatever else happens."""
    state, looked = State.WAITING, True
    for event in events:
        if (state, event) not in TABLE:
            continue
        if event == "sending":
            assert looked
            looked = False
        looked = looked or event in ("absent", "refused", "found deleted", "out of time")
        state = after(state, event).state


@pytest.mark.parametrize(
    ("state", "by_cancelling", "last", "verdict", "changed", "event"),
    [
        (State.WAITING, False, "wanted", WANTED, False, None),
        (State.WAITING, False, "wanted", WANTED, True, "edited"),
        (State.WAITING, False, "wanted", NOT_YET, False, "not yet"),
        (State.FILTERED, False, "not yet", NOT_YET, True, None),
        (State.FILTERED, False, "not yet", WANTED, False, "wanted"),
        (State.POSTED, False, "wanted", CANCELLED, False, "cancelled"),
        (State.POSTED, False, "cancelled", CANCELLED, False, None),  # told once
        (State.SKIPPED, True, "cancelled", WANTED, False, "import"),
        (State.SKIPPED, False, "cancelled", WANTED, False, None),  # skipped by a person
        (State.FILTERED, False, "too old", TOO_OLD, True, None),
        (State.WAITING, False, "wanted", TOO_OLD, False, "too old"),
    ],
)
def test_what_an_order_seen_again_means(
    state: State, by_cancelling: bool, last: Judgement, verdict: Verdict, changed: bool, event: Event | None
) -> None:
    """Only what is new since it was last seen is an event, and each is told once."""
    assert seen(state, by_cancelling, last, verdict, changed) == event


@pytest.mark.parametrize(
    ("found", "verdict", "changed", "events", "end"),
    [
        (True, WANTED, False, ("confirmed",), State.POSTED),
        (False, WANTED, False, ("absent",), State.DUE_AGAIN),
        (True, CANCELLED, False, ("confirmed", "cancelled"), State.POSTED),
        (False, CANCELLED, False, ("absent", "cancelled"), State.SKIPPED),
        (False, NOT_YET, True, ("absent", "not yet"), State.FILTERED),
        (True, WANTED, True, ("confirmed", "edited"), State.POSTED),
        (False, WANTED, True, ("absent", "edited"), State.DUE_AGAIN),
    ],
)
def test_what_happened_while_an_attempt_was_under_way(
    found: bool, verdict: Verdict, changed: bool, events: tuple[Event, ...], end: State
) -> None:
    """A cancellation or an edit during an attempt takes effect once it is known whether it got through."""
    assert settled(found, verdict, changed) == events
    state = State.SENT
    for event in events:
        state = after(state, event).state
    assert state is end


@pytest.mark.parametrize(
    ("sent_before", "age", "looks"),
    [(False, -1, False), (False, 0, True), (False, 60, True), (True, -1, True)],
)
def test_when_unleashed_is_asked_first(sent_before: bool, age: int, looks: bool) -> None:
    """Only an order younger than this process and never sent before goes out unlooked."""
    started = CREATED + timedelta(seconds=age)
    assert look_first(sent_before, CREATED, started) == looks


def test_the_fingerprint_is_of_the_content() -> None:
    """Status, stamps, zeros and codes looked up anew do not change it; an address or a quantity does."""
    first, second = WORKED.lines
    same = replace(
        WORKED,
        status="completed",
        modified=CREATED + timedelta(days=1),
        raw="{}",
        total=Decimal("67.850000"),
        lines=(replace(first, code="RENAMED"), second),
    )
    assert fingerprint(same) == fingerprint(WORKED)
    others = [
        replace(WORKED, note="Ring twice."),
        replace(WORKED, lines=(replace(first, quantity=Decimal(4)), second)),
        replace(WORKED, buyer=replace(WORKED.buyer, billing=replace(WORKED.buyer.billing, city="Napier"))),
    ]
    assert len({fingerprint(each) for each in (WORKED, *others)}) == 4

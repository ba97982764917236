"""Where an order stands on its way to Unleashed, and where each event takes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from syncd.core.money import plain
from syncd.core.order import StoreOrder
from syncd.core.order_rules import Judgement, Verdict


class State(StrEnum):
    """The states of an outbox row."""

    WAITING = "Waiting"
    SENT = "Sent"
    POSTED = "Posted"
    PARKED = "Parked"
    DUE_AGAIN = "Due again"
    GIVEN_UP = "Given up"
    SKIPPED = "Skipped"
    FILTERED = "Filtered"


OPEN = frozenset({State.WAITING, State.SENT, State.DUE_AGAIN})
"""Orders that are on their way without anybody's help."""

STANDING = frozenset({State.PARKED, State.GIVEN_UP})
"""Orders that wait for a person."""

Event = Literal[
    "sending", "confirmed", "differs", "found deleted", "refused", "failed", "absent", "out of time",
    "retry", "skip", "import", "wanted", "not yet", "too old", "cancelled", "edited", "refunded",
]  # fmt: skip
"""What can happen to an order.

Posting: `sending` (the payload is stored, an attempt begins), `confirmed` (the 201, or found by look, with
equal totals), `differs` (there, with other totals), `found deleted`, `refused` (a clear no, or the plan is
Parked), `failed` (no answer, or "not now"), `absent` (looked for after a lost answer, and not there),
`out of time` (failed, and `retry.next_attempt` says None). A person: `retry`, `skip`, `import`. The store:
`wanted`, `not yet`, `too old`, `cancelled` (see `order_rules.judge`), `edited` (wanted before and now, with
other content), `refunded`.
"""


@dataclass(frozen=True, slots=True)
class Step:
    """Where an event leads. `note` is for the order's time line, `alert` tells a person at once.

    `replan`: whatever was planned or stored as payload is made anew before the next attempt.
    """

    state: State
    note: str = ""
    alert: bool = False
    replan: bool = False


class IllegalStep(ValueError):
    """An event that cannot happen to an order in this state."""


W, SENT, POSTED, PARKED = State.WAITING, State.SENT, State.POSTED, State.PARKED
DUE, GAVE_UP, SKIPPED, FILTERED = State.DUE_AGAIN, State.GIVEN_UP, State.SKIPPED, State.FILTERED

_AFTER_POSTING = "posted before; the sales order in Unleashed is left as it is"
_UNKNOWN = "an attempt is under way; looked at when its answer is known"


def _each(states: Iterable[State], event: Event, step: Step) -> dict[tuple[State, Event], Step]:
    return {(state, event): step for state in states}


def _stays(states: Iterable[State], event: Event, note: str, **more: bool) -> dict[tuple[State, Event], Step]:
    return {(state, event): Step(state, note, **more) for state in states}


TABLE: Mapping[tuple[State, Event], Step] = {
    **_each((W, DUE), "sending", Step(SENT)),
    **_each((W, SENT, DUE), "confirmed", Step(POSTED)),
    **_each((W, SENT, DUE), "differs", Step(POSTED, "its totals in Unleashed are others", alert=True)),
    **_each((W, SENT, DUE), "found deleted", Step(PARKED, "deleted in Unleashed", alert=True)),
    **_each((W, SENT, DUE), "refused", Step(PARKED, alert=True)),
    **_each((W, DUE), "failed", Step(DUE)),
    (SENT, "failed"): Step(SENT, "still no answer"),
    (SENT, "absent"): Step(DUE, "Unleashed does not have it"),
    **_each((W, SENT, DUE), "out of time", Step(GAVE_UP, alert=True)),
    **_each((W, DUE, PARKED, GAVE_UP), "retry", Step(DUE, "tried again by a person", replan=True)),
    (SENT, "retry"): Step(SENT, "looked at again by a person"),
    **_each((W, DUE, PARKED, GAVE_UP, FILTERED), "skip", Step(SKIPPED, "skipped by a person")),
    **_each((SKIPPED, FILTERED), "import", Step(W, "imported by a person", replan=True)),
    **_stays((W, DUE, PARKED, GAVE_UP), "wanted", ""),
    **_stays((SENT, POSTED, SKIPPED), "wanted", ""),
    (FILTERED, "wanted"): Step(W, "now wanted", replan=True),
    **_each((W, DUE, PARKED, GAVE_UP, FILTERED), "not yet", Step(FILTERED, "not wanted yet")),
    (SENT, "not yet"): Step(SENT, _UNKNOWN),
    (POSTED, "not yet"): Step(POSTED, f"no longer counts in the store; {_AFTER_POSTING}", alert=True),
    (SKIPPED, "not yet"): Step(SKIPPED),
    **_stays((W, SENT, POSTED, DUE, PARKED, GAVE_UP, SKIPPED, FILTERED), "too old", ""),
    **_each((W, DUE, PARKED, GAVE_UP, FILTERED), "cancelled", Step(SKIPPED, "cancelled")),
    (SENT, "cancelled"): Step(SENT, _UNKNOWN),
    (POSTED, "cancelled"): Step(POSTED, f"cancelled in the store; {_AFTER_POSTING}", alert=True),
    (SKIPPED, "cancelled"): Step(SKIPPED),
    **_each((W,), "edited", Step(W, "edited in the store", replan=True)),
    **_each((DUE, PARKED), "edited", Step(DUE, "edited in the store", replan=True)),
    (SENT, "edited"): Step(SENT, _UNKNOWN),
    (POSTED, "edited"): Step(POSTED, f"edited in the store; {_AFTER_POSTING}", alert=True),
    **_stays((GAVE_UP, SKIPPED, FILTERED), "edited", "edited in the store", replan=True),
    **_stays((W, SENT, POSTED, DUE, PARKED, GAVE_UP, SKIPPED, FILTERED), "refunded", "refunded in the store"),
}
"""Every step there is. What is missing cannot happen."""


def after(state: State, event: Event) -> Step:
    """Return where an event leads from a state. Raises IllegalStep where it cannot happen.

    Posted is final: only notes are added. An order whose attempt is without an answer (Sent) stays so until a
    look has told, whatever the store or a person wants meanwhile: `settled` says what is to be done then.
    """
    step = TABLE.get((state, event))
    if step is None:
        raise IllegalStep(f"an order that is {state} cannot be {event}")
    return step


def seen(
    state: State, skipped_as_cancelled: bool, last: Judgement, verdict: Verdict, changed: bool
) -> Event | None:
    """Return what a store's order, shown again, means for one that is in this state; None: nothing new.

    `last` is what was made of it when it was seen before, `changed` that its `fingerprint` is another one.
    A cancelled order that was skipped for it and now counts again is `import`ed; one that was skipped by a
    person stays skipped.
    """
    now = verdict.judgement
    if now == last:
        return "edited" if changed and now == "wanted" else None
    if now == "wanted" and state is SKIPPED:
        return "import" if skipped_as_cancelled else None
    return now


def settled(found: bool, verdict: Verdict, changed: bool) -> tuple[Event, ...]:
    """Return the events that follow the answer, or the look, for an order whose attempt was under way.

    `found`: Unleashed has it, with the totals sent. What the store made of the order meanwhile (`verdict`,
    and whether its content is `changed`) comes after it.
    """
    first: Event = "confirmed" if found else "absent"
    if verdict.judgement in ("cancelled", "not yet"):
        return (first, verdict.judgement)
    return (first, "edited") if changed else (first,)


def look_first(sent_before: bool, created: datetime, started: datetime) -> bool:
    """Tell whether Unleashed is asked for an order, by guid and SourceId, before it is sent (design rule 9).

    Only an order that was never sent, and that the store created after this process started, goes out
    unlooked. `sent_before` is of the outbox: also an attempt whose answer was lost before it was given up.
    """
    return sent_before or created <= started


def fingerprint(order: StoreOrder) -> str:
    """Return a hash of the content of an order: status, stamps and the JSON received are not in it.

    Nor are codes that a store looks up anew each time it shows an old order (WooCommerce reference, 7.4).
    Two decimals that are equal count as one, however many zeros they came with.
    """
    lines = tuple(replace(line, code="" if line.ref else line.code) for line in order.lines)
    content = replace(
        order,
        lines=lines,
        buyer=replace(order.buyer, code=""),
        raw="",
        modified=None,
        status="",
        paid=False,
        cancelled=False,
        took_stock=None,
    )
    text = json.dumps(asdict(content), default=_text, sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _text(value: object) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)

"""Whatever is called, heard, killed or done to the clock, no window is overspent by the count of a model."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from syncd.core.budget import NO_NEEDS, Needs
from syncd.errors import Busy, PurseSpent
from syncd.http import Permit
from syncd.state.db import Database
from syncd.state.ledger import Ledger
from syncd.state.records import PoolLimit
from tests.databases import NOON, ManualClock

NUMBERS = itertools.count(1)
PRAGUE, AUCKLAND = "Europe/Prague", "Pacific/Auckland"
LIMITS = [
    [PoolLimit(6, "hour")],
    [PoolLimit(2, "minute"), PoolLimit(9, "day", AUCKLAND)],
    [PoolLimit(12, "month"), PoolLimit(8, "day", "Asia/Kathmandu")],
    [PoolLimit(3, "hour", overflow=PoolLimit(6, "day", PRAGUE))],
    [PoolLimit(1, "minute", "UTC", PoolLimit(4, "hour")), PoolLimit(20, "month")],
    [PoolLimit(5, "hour", AUCKLAND, PoolLimit(10, "month", AUCKLAND)), PoolLimit(12, "day")],
]
NEEDS = [NO_NEEDS, Needs({"orders": 48.0, "recent": 30.0}), Needs({"resync": 0.5})]
RANK = {"orders": 0, "resync": 1, "unheard of": 1, "recent": 2, "customers": 3, "rotation": 4, "sweep": 4}
SHARE = {2: 5, 3: 10, 4: 20}
SPAN = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(1),
    "month": timedelta(28),
}
BEGUN = {"minute": 2, "hour": 60, "day": 900, "month": 93_600}
"""Seconds for which a new window may still be the old one by the other side's clock."""
SLOT = timedelta(seconds=100)

Window = tuple[str, str, datetime, datetime]


def window_of(per: str, zone: str, now: datetime) -> Window:
    """Return the kind of window, its zone, and when it begins and ends."""
    local = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    shift = now.replace(tzinfo=None) - local
    if per in ("minute", "hour"):
        begin = local.replace(second=0, microsecond=0, minute=0 if per == "hour" else local.minute)
        return per, zone, (begin + shift).replace(tzinfo=UTC), (begin + SPAN[per] + shift).replace(tzinfo=UTC)
    first = 1 if per == "month" else local.day
    begin = local.replace(day=first, hour=0, minute=0, second=0, microsecond=0)
    after = begin + timedelta(days=1) if per == "day" else (begin + timedelta(days=32)).replace(day=1)
    ends = [each.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for each in (begin, after)]
    return per, zone, ends[0], ends[1]


@dataclass
class Model:
    """What was let through, counted without a database, and the least that must have been kept."""

    limits: list[PoolLimit]
    needs: Needs
    calls: Counter[Window] = field(default_factory=Counter)
    above: Counter[tuple[int, Window]] = field(default_factory=Counter)
    ceilings: dict[Window, int] = field(default_factory=dict)

    def kept(self, purpose: str, limit: PoolLimit, window: Window, now: datetime) -> int:
        """Return what a purpose must leave of a window, worked out from the definition."""
        rank, left = RANK[purpose], window[3] - now
        short = limit.per in ("minute", "hour")
        if short and limit.calls < 5:
            return 0
        if not self.needs.per_day:
            share = limit.calls * SHARE.get(rank, 0) / 100
            return math.floor(share * min(1.0, left / SPAN[limit.per]) + 1e-9)
        needed = sum(calls for name, calls in self.needs.per_day.items() if RANK[name] < rank)
        wanted = math.ceil(needed * (left / timedelta(days=1)) - 1e-9)
        return min(wanted, limit.calls // 2 if short else limit.calls - 1)

    def refusing(self, purpose: str, now: datetime) -> list[PoolLimit]:
        """Return the limits that have no room for one more call of this purpose."""
        return [limit for limit in self.limits if not self._room(purpose, limit, now)]

    def _room(self, purpose: str, limit: PoolLimit, now: datetime) -> bool:
        window = window_of(limit.per, limit.zone, now)
        if self.calls[window] < limit.calls - self.kept(purpose, limit, window, now):
            return True
        extra = limit.overflow
        if extra is None:
            return False
        over = window_of(extra.per, extra.zone, now)
        return self.above[id(limit), over] < extra.calls - self.kept(purpose, extra, over, now)

    def made(self, now: datetime) -> None:
        """Count a call that was let through."""
        for limit in self.limits:
            window = window_of(limit.per, limit.zone, now)
            if limit.overflow is not None and self.calls[window] >= limit.calls:
                self.above[id(limit), window_of(limit.overflow.per, limit.overflow.zone, now)] += 1
        for window in {window_of(limit.per, limit.zone, now) for limit in self.limits}:
            self.calls[window] += 1

    def check(self, now: datetime) -> None:
        """Fail if a window is overspent, or holds more than the other side said it may."""
        for limit in self.limits:
            window = window_of(limit.per, limit.zone, now)
            if limit.overflow is None:
                assert self.calls[window] <= limit.calls
                assert self.calls[window] <= self.ceilings.get(window, limit.calls)
            else:
                over = window_of(limit.overflow.per, limit.overflow.zone, now)
                assert self.above[id(limit), over] <= limit.overflow.calls


def asked(meter: Ledger) -> Permit | PurseSpent | Busy:
    """Ask for a call and return what came of it."""
    try:
        return meter.ask()
    except (PurseSpent, Busy) as refusal:
        return refusal


class Spending(RuleBasedStateMachine):
    """Any number of processes on one purse."""

    db: Database

    @initialize(
        limits=st.sampled_from(LIMITS), needs=st.sampled_from(NEEDS), concurrency=st.sampled_from([0, 1, 2])
    )
    def begin(self, limits: list[PoolLimit], needs: Needs, concurrency: int) -> None:
        self.clock = ManualClock(NOON)
        self.subject, self.concurrency = f"account {next(NUMBERS)}", concurrency
        self.model = Model(limits, needs)
        self.under_way: list[tuple[Ledger, Permit, datetime, datetime]] = []
        self.slots: list[datetime] = []
        self.awake = NOON - timedelta(days=9)
        self.straight = True

    def process(self, purpose: str) -> Ledger:
        return Ledger(
            self.db,
            self.clock,
            self.subject,
            self.model.limits,
            purpose=purpose,
            needs=self.model.needs,
            concurrency=self.concurrency,
            slot_time=SLOT,
        )

    @rule(purpose=st.sampled_from(sorted(RANK)), times=st.integers(1, 5), killed=st.booleans())
    def call(self, purpose: str, times: int, killed: bool) -> None:
        """Ask as often; the process is killed before it can settle, or the call is answered later."""
        meter = self.process(purpose)
        for _ in range(times):
            now, refusing = self.clock.now(), self.model.refusing(purpose, self.clock.now())
            busy = self.concurrency and len([end for end in self.slots if end > now]) >= self.concurrency
            permit = asked(meter)
            if isinstance(permit, PurseSpent):
                assert permit.until > now
                assert refusing or now < self.awake or not self.straight, permit.what
                return
            if isinstance(permit, Busy):
                assert busy or not self.straight
                return
            assert not refusing, f"{purpose} was let through although {refusing} has no room"
            assert not (busy and self.straight)
            assert now >= self.awake
            self.model.made(now)
            self.model.check(now)
            self.slots += [now + SLOT] if self.concurrency else []
            if not killed:
                self.under_way.append((meter, permit, now, now + SLOT))

    @precondition(lambda self: self.under_way)
    @rule(
        data=st.data(), remaining=st.none() | st.integers(0, 12), status=st.sampled_from([200, 200, 404, 429])
    )
    def answer(self, data: st.DataObject, remaining: int | None, status: int) -> None:
        """Answer a call, with what is left of one of the windows, or a 429 with a time."""
        place = data.draw(st.integers(0, len(self.under_way) - 1))
        meter, permit, began, slot = self.under_way.pop(place)
        now, headers = self.clock.now(), {}
        limit = data.draw(st.sampled_from(self.model.limits))
        if remaining is not None and limit.overflow is None and not self._overflown(limit.per):
            headers[f"x-rate-limit-{limit.per}-remaining"] = str(remaining)
            self._hear(limit, remaining, began, now)
        if status == 429:
            headers["retry-after"] = "90"
            self.awake = max(self.awake, now + timedelta(seconds=90))
        meter.settle(permit, "answered", status, headers)
        if slot in self.slots:
            self.slots.remove(slot)

    def _overflown(self, per: str) -> bool:
        return any(limit.overflow is not None and limit.overflow.per == per for limit in self.model.limits)

    def _hear(self, limit: PoolLimit, remaining: int, began: datetime, now: datetime) -> None:
        window = window_of(limit.per, limit.zone, now)
        self.straight = False
        if began >= window[2] and (now - window[2]).total_seconds() >= BEGUN[limit.per]:
            ceiling = self.model.calls[window] + remaining
            self.model.ceilings[window] = min(ceiling, self.model.ceilings.get(window, ceiling))

    @rule(
        time=st.sampled_from(["seconds", "minutes", "hours"]).flatmap(
            lambda unit: st.tuples(st.just(unit), st.integers(1, 90))
        )
    )
    def later(self, time: tuple[str, int]) -> None:
        """Time passes."""
        self.clock.move(**{time[0]: time[1]})

    @rule(minutes=st.integers(1, 600))
    def clock_put_back(self, minutes: int) -> None:
        """Somebody corrects the clock."""
        self.straight = False
        self.clock.move(minutes=-minutes)
        # The model knows no ceilings by another clock.
        self.model.ceilings.clear()


def test_no_window_is_ever_overspent_by_anybody(db: Database) -> None:
    """Calls of any purpose, deaths, answers, sleep and clocks put back: each window keeps its limit.

    What higher ranks need stays theirs, and as long as the clock is right and nobody says otherwise, no
    call is refused that has room.
    """

    class OnThisDatabase(Spending):
        pass

    OnThisDatabase.db = db
    run_state_machine_as_test(
        OnThisDatabase,
        settings=settings(
            deadline=None,
            max_examples=40 if db.kind == "sqlite" else 15,
            stateful_step_count=40,
            suppress_health_check=list(HealthCheck),
        ),
    )

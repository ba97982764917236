"""No more calls are under way at once than may be, over all processes; a dead one does not block for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.emulator.transport import EmulatorTransport
from syncd.emulator.wire import Request, Response
from syncd.errors import Busy
from syncd.http import MARGIN, Http, Limits, open_http
from syncd.state import slots
from syncd.state.db import Database
from syncd.state.ledger import Ledger
from syncd.unleashed.auth import Credentials
from tests.databases import NOON, ManualClock

SUBJECT = "account main"
TIME = timedelta(seconds=100)


def meter(db: Database, clock: ManualClock, concurrency: int = 1) -> Ledger:
    """Return the purse as one more process has it."""
    return Ledger(db, clock, SUBJECT, purpose="recent", concurrency=concurrency, slot_time=TIME)


def held(db: Database, clock: ManualClock) -> int:
    with db.read() as conn:
        return slots.held(conn, SUBJECT, clock.now())


@pytest.mark.parametrize("concurrency", [1, 2, 5])
def test_so_many_calls_may_be_under_way(db: Database, manual_clock: ManualClock, concurrency: int) -> None:
    """One more is refused without being counted; when any has ended, one more may begin."""
    processes = [meter(db, manual_clock, concurrency) for _ in range(concurrency + 1)]
    permits = [each.ask() for each in processes[:-1]]
    with pytest.raises(Busy, match="account main takes"):
        processes[-1].ask()
    assert (held(db, manual_clock), processes[-1].asked) == (concurrency, 0)
    processes[0].settle(permits[0], "answered", 200, {})
    processes[-1].ask()
    assert held(db, manual_clock) == concurrency


@pytest.mark.parametrize(("ending", "status"), [("answered", 429), ("lost", None), ("unreachable", None)])
def test_a_slot_is_free_however_the_call_ended(
    db: Database, manual_clock: ManualClock, ending: str, status: int | None
) -> None:
    """Refused, lost or never sent: the place is free as soon as the call is settled."""
    process = meter(db, manual_clock)
    process.settle(process.ask(), ending, status, {})  # type: ignore[arg-type]
    assert held(db, manual_clock) == 0


def test_a_killed_process_frees_its_slot_in_time(db: Database, manual_clock: ManualClock) -> None:
    """A call that was never settled holds its place only as long as a call may take."""
    meter(db, manual_clock).ask()
    manual_clock.move(seconds=99)
    with pytest.raises(Busy):
        meter(db, manual_clock).ask()
    manual_clock.move(seconds=1)
    meter(db, manual_clock).ask()
    assert held(db, manual_clock) == 1


def test_who_comes_late_frees_only_its_own_slot(db: Database, manual_clock: ManualClock) -> None:
    """A call that took so long that another has its place does not give away that place when it ends."""
    slow, next_one = meter(db, manual_clock), meter(db, manual_clock)
    permit = slow.ask()
    manual_clock.move(seconds=100)
    next_one.ask()
    slow.settle(permit, "answered", 200, {})
    assert held(db, manual_clock) == 1


def test_a_slot_from_a_wrong_clock_is_nobodys(db: Database, manual_clock: ManualClock) -> None:
    """A place taken while the clock was a day ahead is not waited for once it is right again."""
    meter(db, manual_clock).ask()
    manual_clock.move(hours=-20)
    process = meter(db, manual_clock)
    process.ask()
    assert process.asked == 1


class Site:
    """A server that has something happen while it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def handle(self, request: Request) -> Response:
        self.asked += 1
        return Response(200, {"content-type": "application/json"}, [b"{}"])


def door(db: Database, clock: ManualClock, site: Site, read: float = 60.0) -> Http:
    """Return a client as one more process has it."""
    limits = Limits(read=read)
    purse = meter(db, clock)
    purse.slot_time = timedelta(seconds=limits.longest)
    signer = Credentials("1f0c7a52-0000-4000-8000-00000000a915", "not-a-real-key==", "syncd/tests")
    transport = EmulatorTransport(site)
    return open_http(SUBJECT, signer, purse, clock, limits, user_agent="syncd/tests", transport=transport)


def test_the_door_waits_for_a_call_of_another_process(db: Database, manual_clock: ManualClock) -> None:
    """While another process has a call under way the next waits on the clock, and goes when it has ended."""
    other, site = meter(db, manual_clock), Site()
    permit = other.ask()
    manual_clock.on_sleep = lambda: other.settle(permit, "answered", 200, {})
    assert door(db, manual_clock, site).get("https://api.example.test/Products").status == 200
    assert (site.asked, len(manual_clock.slept)) == (1, 1)


def test_the_door_outwaits_a_killed_process(db: Database, manual_clock: ManualClock) -> None:
    """A process that was killed within its call costs the next one the time of a call, and not its run."""
    site = Site()
    door(db, manual_clock, site).meter.ask()
    assert door(db, manual_clock, site).get("https://api.example.test/Products").status == 200
    assert NOON + timedelta(seconds=90) <= manual_clock.now() <= NOON + timedelta(seconds=91)


def test_the_door_gives_up_with_a_sentence(db: Database, manual_clock: ManualClock) -> None:
    """Where others keep calling all the time, the call is given up unsent after the time of a call."""
    site = Site()
    Ledger(db, manual_clock, SUBJECT, concurrency=1, slot_time=timedelta(hours=1)).ask()
    with pytest.raises(Busy, match="takes one call at a time") as caught:
        door(db, manual_clock, site).get("https://api.example.test/Products")
    assert (site.asked, caught.value.exit_code, caught.value.who) == (0, 3, SUBJECT)
    waited = (manual_clock.now() - NOON).total_seconds()
    assert waited == pytest.approx(Limits(read=60).longest + MARGIN, abs=1)


class Stopping(ManualClock):
    """The clock of a program that is being stopped: every sleep ends at once."""

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def test_nobody_waits_while_stopping(db: Database) -> None:
    """Once the program is asked to stop, a call that would have to wait is given up at once."""
    clock = Stopping()
    meter(db, clock).ask()
    with pytest.raises(Busy):
        door(db, clock, Site()).get("https://api.example.test/Products")
    assert len(clock.slept) == 1

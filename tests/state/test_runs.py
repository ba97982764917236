"""What was done can be told afterwards, run by run and field by field."""

from __future__ import annotations

import dataclasses

import pytest

from syncd.state import accounts, audit, leases, runs
from syncd.state.columns import storable
from syncd.state.db import Database
from syncd.state.records import AccountRow, Change, ChangeOutcome, Counts, DaemonRow, StoreRow
from tests.databases import NOON
from tests.state.samples import CUP, MINUTE, TEA, opened

Merchant = tuple[AccountRow, StoreRow]
PRICE = Change(TEA.guid, "TEA-100", "17", "price", "7", "7.5", "tier 1")


@pytest.fixture
def shop(db: Database) -> Merchant:
    """The account and the store."""
    return opened(db)


def test_run_is_told_as_it_was(db: Database, shop: Merchant) -> None:
    """A run has names, times, figures, outcome and what to do, poison in its error included."""
    account, store = shop
    counts = Counts(1, 2, 3, 4, 5, 6)
    with db.write() as conn:
        number = runs.start(conn, "recent", account.id, store.id, "me", NOON)
        begun = runs.run(conn, number)
        runs.finish(conn, number, "partial", counts, "It said \0 \ud800.", "Look.", NOON + MINUTE)
        row = runs.run(conn, number)
        assert runs.run(conn, number + 1) is None
    assert begun is not None
    assert (begun.outcome, begun.ended_at, begun.counts, begun.error) == (None, None, Counts(), None)
    assert row is not None
    assert (row.job, row.account, row.store, row.outcome) == ("recent", "main", "shop", "partial")
    assert (row.started_at, row.ended_at, row.counts) == (NOON, NOON + MINUTE, counts)
    assert (row.error, row.do) == (storable("It said \0 \ud800."), "Look.")


def test_last_runs_are_the_latest_of_each(db: Database, shop: Merchant) -> None:
    """Each job, account and store shows its latest run only, runs without a store apart."""
    account, store = shop
    with db.write() as conn:
        wanted = [
            ("recent", store.id),
            ("recent", None),
            ("recent", store.id),
            ("sweep", None),
            ("recent", None),
        ]
        numbers = [runs.start(conn, job, account.id, store_id, "me", NOON) for job, store_id in wanted]
        assert [row.id for row in runs.last_runs(conn)] == numbers[2:]
        assert [row.store for row in runs.last_runs(conn)] == ["shop", None, None]


def test_runs_of_the_dead_are_marked_killed(db: Database, shop: Merchant) -> None:
    """A run that never ended and whose holder has no lease was killed; ended and living ones stay."""
    account, _ = shop
    with db.write() as conn:
        dead, living, ended = (
            runs.start(conn, job, account.id, None, holder, NOON)
            for job, holder in [("recent", "dead"), ("sweep", "alive"), ("orders", "dead")]
        )
        runs.finish(conn, ended, "done", Counts(), None, None, NOON)
        leases.acquire(conn, "pull:main", "alive", NOON, MINUTE)
        assert runs.mark_killed(conn, leases.live_holders(conn, NOON), NOON + MINUTE) == 1
        told = {row.id: (row.outcome, row.ended_at) for row in runs.last_runs(conn)}
        assert told == {dead: ("killed", NOON + MINUTE), living: (None, None), ended: ("done", NOON)}
        assert runs.mark_killed(conn, [], NOON) == 1


def test_old_runs_are_forgotten_a_chunk_at_a_time(db: Database, shop: Merchant) -> None:
    """Old runs go, but not the last of a job, not one still open, not one that explains a change."""
    account, store = shop
    with db.write() as conn:
        numbers = [runs.start(conn, "recent", account.id, store.id, "me", NOON) for _ in range(7)]
        for number in numbers[1:]:
            runs.finish(conn, number, "done", Counts(), None, None, NOON)
        audit.record(conn, store.id, numbers[1], [PRICE], NOON)
        assert [runs.prune(conn, NOON + MINUTE, 3) for _ in range(3)] == [3, 1, 0]
        left = [number for number in numbers if runs.run(conn, number)]
        assert left == [numbers[0], numbers[1], numbers[6]]
        assert runs.prune(conn, NOON, 3) == 0


def test_daemon_is_named_until_it_leaves(db: Database) -> None:
    """There is one daemon's row: the one who wrote last, and only it can clear it."""
    first = DaemonRow("a", NOON, NOON, "0.1.0", "running")
    second = DaemonRow("b", NOON, NOON + MINUTE, "0.1.0", "draining")
    with db.write() as conn:
        assert runs.get_daemon(conn) is None
        runs.set_daemon(conn, first)
        runs.set_daemon(conn, second)
        runs.clear_daemon(conn, "a")
        assert runs.get_daemon(conn) == second
        runs.clear_daemon(conn, "b")
        assert runs.get_daemon(conn) is None


def test_changes_say_why(db: Database, shop: Merchant) -> None:
    """The last change of a field, and the latest changes of a product, with their time and run."""
    account, store = shop
    stock = Change(TEA.guid, "TEA-100", None, "stock", None, "3 \0", "sellable")
    again = Change(TEA.guid, "TEA-100", "17", "price", "7.5", "8", "tier 1")
    with db.write() as conn:
        run = runs.start(conn, "recent", account.id, store.id, "me", NOON)
        audit.record(conn, store.id, run, [PRICE, stock], NOON)
        audit.record(conn, store.id, run, [again], NOON + MINUTE)
        audit.record(conn, store.id, run, [], NOON + MINUTE)
        assert audit.last_change(conn, store.id, TEA.guid, "price") == (again, NOON + MINUTE, run)
        assert audit.last_change(conn, store.id, TEA.guid, "name") is None
        told = audit.changes(conn, store.id, TEA.guid, 2)
    assert [one.field for one, _, _ in told] == ["price", "stock"]
    assert told[1][0].after == storable("3 \0")


@pytest.mark.parametrize("outcome", ["done", "refused"])
@pytest.mark.parametrize("ref", ["17", None])
def test_sent_changes_are_settled(
    db: Database, shop: Merchant, outcome: ChangeOutcome, ref: str | None
) -> None:
    """What a run noted as sent for a product gets outcome, record and time, all its fields at once."""
    account, store = shop
    sent = [dataclasses.replace(PRICE, ref=None, field=field, outcome="sent") for field in ("name", "price")]
    with db.write() as conn:
        run = runs.start(conn, "recent", account.id, store.id, "me", NOON)
        audit.record(conn, store.id, run, sent, NOON)
        audit.settle(conn, store.id, run, TEA.guid, outcome, ref, NOON + MINUTE)
        told = audit.changes(conn, store.id, TEA.guid, 9)
    ended = [dataclasses.replace(one, ref=ref, outcome=outcome) for one in reversed(sent)]
    assert told == [(one, NOON + MINUTE, run) for one in ended]


def test_settling_leaves_other_changes_alone(db: Database, shop: Merchant) -> None:
    """Another run's, another product's, another store's changes and those settled before stay as they are."""
    account, store = shop
    sent = dataclasses.replace(PRICE, ref=None, outcome="sent")
    elsewhere = dataclasses.replace(sent, guid=CUP.guid)
    with db.write() as conn:
        other = accounts.ensure_store(conn, "other", account.id, "memory")
        earlier, run = (runs.start(conn, "recent", account.id, store.id, "me", NOON) for _ in range(2))
        audit.record(conn, store.id, earlier, [sent], NOON)
        audit.record(conn, store.id, run, [PRICE, elsewhere], NOON)
        audit.record(conn, other.id, run, [sent], NOON)
        audit.settle(conn, store.id, run, TEA.guid, "refused", "99", NOON + MINUTE)
        assert audit.changes(conn, store.id, TEA.guid, 9) == [(PRICE, NOON, run), (sent, NOON, earlier)]
        assert audit.changes(conn, store.id, CUP.guid, 9) == [(elsewhere, NOON, run)]
        assert audit.changes(conn, other.id, TEA.guid, 9) == [(sent, NOON, run)]


@pytest.mark.parametrize(("outcome", "counts"), [("sent", True), ("done", True), ("refused", False)])
def test_last_change_is_what_may_stand(
    db: Database, shop: Merchant, outcome: ChangeOutcome, counts: bool
) -> None:
    """A write whose answer never came counts as the last change; one that the store refused does not."""
    account, store = shop
    latest = dataclasses.replace(PRICE, before="7.5", after="8", outcome=outcome)
    with db.write() as conn:
        run = runs.start(conn, "recent", account.id, store.id, "me", NOON)
        audit.record(conn, store.id, run, [PRICE], NOON)
        audit.record(conn, store.id, run, [latest], NOON + MINUTE)
        expected = (latest, NOON + MINUTE, run) if counts else (PRICE, NOON, run)
        assert audit.last_change(conn, store.id, TEA.guid, "price") == expected


def test_old_changes_are_forgotten_a_chunk_at_a_time(db: Database, shop: Merchant) -> None:
    """Changes from before a time are deleted, at most so many at once."""
    account, store = shop
    with db.write() as conn:
        run = runs.start(conn, "recent", account.id, store.id, "me", NOON)
        audit.record(conn, store.id, run, [PRICE] * 4, NOON)
        audit.record(conn, store.id, run, [PRICE], NOON + MINUTE)
        assert [audit.prune(conn, NOON + MINUTE, 3) for _ in range(3)] == [3, 1, 0]
        assert len(audit.changes(conn, store.id, TEA.guid, 9)) == 1

"""Ghosts are kept with everything that explains them, counted, and forgotten after a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from syncd.core.ghost import Ghost
from syncd.core.model import Link
from syncd.state import ghosts, links, mirror, runs
from syncd.state.db import Database
from syncd.state.records import Counts, Mirrored
from tests.databases import NOON
from tests.state.samples import CUP, MINUTE, TEA, opened, stock

DAY = timedelta(days=1)
LATE = Ghost(TEA.guid, "TEA-100", "price", "9", None, "late commit", timedelta(hours=30))
EDIT = Ghost(CUP.guid, "CUP-1", "name", None, "Cup \0", "store-side edit", None)


def test_what_was_recorded_comes_back(db: Database) -> None:
    """Every word of it, with the names of account and store, the last one first."""
    account, store = opened(db)
    with db.write() as conn:
        run = runs.start(conn, "rotation", account.id, store.id, "me", NOON)
        ghosts.record(conn, account.id, [LATE], "sweep", NOON)
        ghosts.record(conn, account.id, [EDIT], "rotation", NOON + MINUTE, run, store.id)
        ghosts.record(conn, account.id, [], "rotation", NOON)
        edited, late = ghosts.latest(conn, NOON, 10)
        assert (late.ghost, late.account, late.store, late.at) == (LATE, "main", None, NOON)
        assert (late.found_by, late.run_id) == ("sweep", None)
        assert edited.ghost == replace(EDIT, found="Cup \\x00")
        assert (edited.store, edited.run_id, edited.found_by) == ("shop", run, "rotation")
        assert ghosts.latest(conn, NOON, 1) == [edited]
        assert ghosts.latest(conn, NOON + MINUTE, 9) == [edited]
        assert ghosts.of_run(conn, run) == [edited]


def test_they_are_counted_by_side_and_cause(db: Database) -> None:
    """Counts and times tell the mirror's from each store's."""
    account, store = opened(db)
    with db.write() as conn:
        ghosts.record(conn, account.id, [LATE, LATE, EDIT], "sweep", NOON)
        ghosts.record(conn, account.id, [EDIT], "rotation", NOON + DAY, None, store.id)
        assert ghosts.counts(conn, NOON) == {
            ("main", None, "late commit"): 2,
            ("main", None, "store-side edit"): 1,
            ("main", "shop", "store-side edit"): 1,
        }
        assert ghosts.counts(conn, NOON + MINUTE) == {("main", "shop", "store-side edit"): 1}
        assert ghosts.times(conn, NOON)[0] == (NOON, None, timedelta(hours=30))
        assert ghosts.times(conn, NOON)[-1] == (NOON + DAY, "shop", None)


def test_old_ones_are_forgotten_and_their_runs_stay_until_then(db: Database) -> None:
    """A run is kept as long as a ghost points to it."""
    account, _ = opened(db)
    with db.write() as conn:
        run = runs.start(conn, "rotation", account.id, None, "me", NOON)
        runs.finish(conn, run, "done", Counts(), None, None, NOON)
        runs.start(conn, "rotation", account.id, None, "me", NOON)
        ghosts.record(conn, account.id, [LATE, EDIT], "rotation", NOON, run)
        assert runs.prune(conn, NOON + DAY) == 0
        assert ghosts.prune(conn, NOON) == 0
        assert [ghosts.prune(conn, NOON + DAY, limit=1) for _ in range(3)] == [1, 1, 0]
        assert runs.prune(conn, NOON + DAY) == 1


def test_what_is_noted_counts_until_the_listing_is_looked_at(db: Database) -> None:
    """A process that died between noting an edit and writing over it does not note it twice."""
    account, store = opened(db)
    with db.write() as conn:
        links.save_links(conn, store.id, [Link(CUP.guid, "1")], NOON, looked_at=True)
        ghosts.record(conn, account.id, [EDIT], "rotation", NOON + MINUTE, None, store.id)
        assert ghosts.noted(conn, store.id, [CUP.guid, TEA.guid]) == {(CUP.guid, "name", "Cup \\x00")}
        links.save_links(conn, store.id, [Link(CUP.guid, "1")], NOON + MINUTE, looked_at=True)
        assert ghosts.noted(conn, store.id, [CUP.guid, TEA.guid]) == set()


def test_what_the_mirror_believes_is_told_with_its_time(db: Database) -> None:
    """Products and stock come as they are stored, with when they were last read."""
    account, _ = opened(db)
    with db.write() as conn:
        mirror.store_products(conn, account.id, [TEA], NOON)
        mirror.store_stock(conn, account.id, [stock(TEA.guid, "3.5", modified=NOON)], NOON + MINUTE)
        products = ghosts.believed_products(conn, account.id, [TEA.guid, CUP.guid])
        assert products == {TEA.guid: Mirrored(TEA, 2, NOON, NOON)}
        found = ghosts.believed_stock(conn, account.id, "W1", [TEA.guid, CUP.guid])
        assert {guid: (row.available, row.modified, at) for guid, (row, at) in found.items()} == {
            TEA.guid: (Decimal("3.5"), NOON, NOON + MINUTE)
        }
        assert ghosts.believed_stock(conn, account.id, "W2", [TEA.guid]) == {}

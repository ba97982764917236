"""A rotation or a sweep that a person asked for: one share now, or everything until it is complete."""

from __future__ import annotations

from syncd.app.agenda import is_half_read
from syncd.app.planning import planned
from syncd.app.rotation import rotation
from syncd.app.sweep import sweep
from syncd.app.wiring import App
from syncd.jobs import Report

RUNS = 5
"""How often a full read of a list that does not hold still is gone on with, then it is left to the daemon."""


def rotate_share(app: App, account: str, *, store: str | None = None, dry_run: bool = False) -> list[Report]:
    """Do one share of the rotation as planned on both sides; one list of 40 where sweeps do its work."""
    plan = planned(app, account)
    sides = [side for name, side in plan.stores.items() if store in (None, name)]
    lists = 1 if plan.plan.rotation is None else plan.plan.rotation.lists
    looks = max((side.looks.calls for side in sides if side.looks is not None), default=1)
    return rotation(app, account, store=store, dry_run=dry_run, lists=lists, looks=looks)


def sweep_all(app: App, account: str, *, store: str | None = None, dry_run: bool = False) -> list[Report]:
    """Go on with the account's full read, or begin one, until it is complete, paused or fails.

    What differed is pushed to each of its stores, or to the one named.
    """
    reports = latest = sweep(app, account, store=store, dry_run=dry_run)
    for _ in range(RUNS - 1):
        stopped = app.bench.stop.is_set() or latest[0].outcome != "partial"
        if stopped or not is_half_read(app, account):
            break
        latest = sweep(app, account, store=store, dry_run=dry_run)
        reports = [*reports, *latest]
    return reports

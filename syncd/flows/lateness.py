"""Gather which jobs have not gone well in time, and why as far as they said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncd.core.alert import Trouble
from syncd.core.promise import Promise, is_missed
from syncd.state import leases, runs
from syncd.state.db import Connection
from syncd.state.records import RunRow
from syncd.state.successes import Key, Success, successes


def late(conn: Connection, promises: Sequence[Promise], now: datetime) -> list[Trouble]:
    """Return the jobs that have missed their promise. One that was never tried is not missed yet."""
    tried = successes(conn)
    watching = _watching_since(conn, now)
    latest = {_key(run): run for run in runs.last_runs(conn)}
    found = []
    for promise in promises:
        success = tried.get((promise.job, promise.account_id, promise.store_id))
        if success is not None and is_missed(promise, success.since, watching, now):
            found.append(_trouble(promise, success, latest.get(_named(promise))))
    return found


def newest_success(conn: Connection, promises: Sequence[Promise]) -> datetime | None:
    """Return when any of these jobs went well last."""
    tried = successes(conn)
    wanted: list[Key] = [(each.job, each.account_id, each.store_id) for each in promises]
    return max(
        (tried[key].last or tried[key].first for key in wanted if key in tried and tried[key].last),
        default=None,
    )


def _watching_since(conn: Connection, now: datetime) -> datetime | None:
    daemon, leader = runs.get_daemon(conn), leases.holder(conn, "daemon", now)
    return daemon.since if daemon is not None and leader is not None else None


def _trouble(promise: Promise, success: Success, run: RunRow | None) -> Trouble:
    spent = run is not None and run.outcome == "paused"
    said = (
        (run.error or "its process ended before it did") if run is not None and run.outcome != "done" else ""
    )
    hours = promise.within.total_seconds() / 3600
    span = f"{hours:g} hours" if hours >= 1 else f"{hours * 60:g} minutes"
    when = f"since {success.last:%Y-%m-%d %H:%M} UTC" if success.last else "yet"
    what = f"{promise.who}: {promise.job} has not gone well {when}; promised is once in {span}."
    return Trouble(
        cause="purse" if spent else f"late: {promise.job}",
        subject=f"{promise.subject}/{promise.job}",
        what=f"{what} {said}".strip(),
        do=_remedy(run, spent),
        passing=True,
    )


def _remedy(run: RunRow | None, spent: bool) -> str:
    if spent:
        return "Nothing to do but wait, or raise `limits` to what the plan allows."
    if run is None or run.outcome == "done":
        return "See whether the daemon runs: `syncd status`."
    return run.do or "See the log and `syncd status`."


def _key(run: RunRow) -> tuple[str, str, str | None]:
    return (run.job, run.account, run.store)


def _named(promise: Promise) -> tuple[str, str, str | None]:
    return (promise.job, promise.account, promise.store)

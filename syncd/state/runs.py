"""What was done: one row for each run of a job, and one for the daemon that does them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, exists, func, insert, select, update

from syncd.state.records import Counts, DaemonRow, RunOutcome, RunRow
from syncd.state.schema import account as account_table
from syncd.state.schema import change as change_table
from syncd.state.schema import daemon as daemon_table
from syncd.state.schema import ghost as ghost_table
from syncd.state.schema import run as table
from syncd.state.schema import store as store_table
from syncd.state.upsert import Upsert

_SET_DAEMON = Upsert(daemon_table, update=("holder", "since", "seen_at", "version", "state"))
_LATEST = select(func.max(table.c.id)).group_by(table.c.job, table.c.account_id, table.c.store_id)
_NAMED = (
    select(table, account_table.c.name.label("account"), store_table.c.name.label("store"))
    .join(account_table, account_table.c.id == table.c.account_id)
    .outerjoin(store_table, store_table.c.id == table.c.store_id)
)

_ONE = _NAMED.where(table.c.id == bindparam("id_"))
_DONE = (
    _NAMED.where(table.c.job == bindparam("job_"), table.c.account_id == bindparam("account_"))
    .where(table.c.store_id.is_not_distinct_from(bindparam("store_", type_=table.c.store_id.type)))
    .where(table.c.outcome == "done", table.c.started_at >= bindparam("since", type_=table.c.started_at.type))
    .order_by(table.c.id)
)
_START = insert(table).returning(table.c.id)
_FINISH = update(table).where(table.c.id == bindparam("id_"))
_KILLED = (
    update(table)
    .where(table.c.ended_at.is_(None))
    .where(table.c.holder.not_in(bindparam("alive", expanding=True)))
)


def start(
    conn: Connection, job: str, account_id: int, store_id: int | None, holder: str, now: datetime
) -> int:
    """Note that a run has begun and return its number. `store_id` None: it concerns the account only."""
    values = {
        "job": job,
        "account_id": account_id,
        "store_id": store_id,
        "holder": holder,
        "started_at": now,
        "counts": Counts(),
    }
    return int(conn.execute(_START, values).scalar_one())


def finish(
    conn: Connection,
    run_id: int,
    outcome: RunOutcome,
    counts: Counts,
    error: str | None,
    do: str | None,
    now: datetime,
) -> None:
    """Note how a run ended. `error` and `do` are sentences for a person, None if nothing is wrong."""
    values = {"outcome": outcome, "counts": counts, "error": error, "do": do, "ended_at": now}
    conn.execute(_FINISH, {"id_": run_id, **values})


def last_runs(conn: Connection) -> list[RunRow]:
    """Return the latest run of each job, account and store, ended or not, in the order they began."""
    rows = conn.execute(_NAMED.where(table.c.id.in_(_LATEST)).order_by(table.c.id))
    return [_run(row) for row in rows]


def done_since(
    conn: Connection, job: str, account_id: int, store_id: int | None, since: datetime
) -> list[RunRow]:
    """Return the runs of a job that began since then and were done, the oldest first."""
    mine = {"job_": job, "account_": account_id, "store_": store_id, "since": since}
    return [_run(row) for row in conn.execute(_DONE, mine)]


def run(conn: Connection, run_id: int) -> RunRow | None:
    """Return one run, or None."""
    row = conn.execute(_ONE, {"id_": run_id}).one_or_none()
    return None if row is None else _run(row)


def mark_killed(conn: Connection, alive: Collection[str], now: datetime) -> int:
    """End the runs whose process died before it could: of holders not in `alive` (`leases.live_holders`).

    Returns how many there were.
    """
    values = {"alive": sorted(alive), "outcome": "killed", "ended_at": now}
    return conn.execute(_KILLED, values).rowcount


def prune(conn: Connection, before: datetime, limit: int = 1000) -> int:
    """Forget runs that ended before `before`, at most `limit`; return how many. Call until 0.

    The last run of each job stays, and so do runs that a recorded change or ghost points to.
    """
    changed = exists().where(change_table.c.run_id == table.c.id)
    found = exists().where(ghost_table.c.run_id == table.c.id)
    old = select(table.c.id).where(table.c.ended_at < before, ~changed, ~found, table.c.id.not_in(_LATEST))
    return conn.execute(delete(table).where(table.c.id.in_(old.limit(limit)))).rowcount


def set_daemon(conn: Connection, row: DaemonRow) -> None:
    """Note which daemon works on this database, or that it is still there."""
    conn.execute(_SET_DAEMON.on(conn), {"id": 1, **asdict(row)})


def get_daemon(conn: Connection) -> DaemonRow | None:
    """Return the daemon that last said it works on this database, or None."""
    row = conn.execute(select(daemon_table)).one_or_none()
    return None if row is None else DaemonRow(row.holder, row.since, row.seen_at, row.version, row.state)


def clear_daemon(conn: Connection, holder: str) -> None:
    """Note that this daemon has left; another one's row stays."""
    conn.execute(delete(daemon_table).where(daemon_table.c.holder == holder))


def _run(row: Row[Any]) -> RunRow:
    return RunRow(
        id=row.id,
        job=row.job,
        account=row.account,
        store=row.store,
        outcome=row.outcome,
        started_at=row.started_at,
        ended_at=row.ended_at,
        counts=msgspec.convert(row.counts, Counts),
        calls_unleashed=row.calls_unleashed,
        calls_store=row.calls_store,
        error=row.error,
        do=row.do,
    )

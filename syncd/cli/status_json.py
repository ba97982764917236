"""The state of everything as the JSON that `syncd status --json` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from syncd import __version__
from syncd.app.agenda import Duty
from syncd.app.planned import Planned
from syncd.app.wiring import App
from syncd.cli.frame import stamp
from syncd.core.passes import outstanding
from syncd.flows.status import AccountStatus, Status, StoreStatus
from syncd.state import migrate
from syncd.state.records import RunRow

Plans = Mapping[str, Planned]


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job of one account or store: its last run, None if it never ran, and when it is due next."""

    job: str
    account: str
    store: str | None
    next_at: datetime | None
    run: RunRow | None


def job_lines(runs: Sequence[RunRow], duties: Sequence[Duty]) -> list[JobLine]:
    """Return the last run of each job with its next time, then what never ran yet."""
    times = {(each.job, each.account, each.store): each.at for each in duties}
    ran = {(run.job, run.account, run.store) for run in runs}

    def next_at(run: RunRow) -> datetime | None:
        own = times.get((run.job, run.account, run.store))
        return own or times.get((run.job, run.account, None))

    lines = [JobLine(run.job, run.account, run.store, next_at(run), run) for run in runs]
    return lines + [
        JobLine(job, account, store, at, None)
        for (job, account, store), at in times.items()
        if (job, account, store) not in ran
    ]


def status_json(
    app: App, found: Status, plans: Plans, jobs: Sequence[JobLine], now: datetime
) -> dict[str, Any]:
    """Return what `syncd status --json` prints (the contract with users); keys are only ever added."""
    leader = found.leader
    return {
        "version": __version__,
        "database": {"kind": app.db.kind, "revision": migrate.current(app.db), "head": migrate.head()},
        "daemon": {
            "state": "running" if leader else "stopped",
            "holder": leader.holder if leader else None,
            "since": stamp(found.since),
        },
        "accounts": [
            {**_account_json(each), **_proofs_json(each), **_plan_json(plans[each.row.name])}
            for each in found.accounts
        ],
        "stores": [_store_json(each, now) for each in found.stores],
        "jobs": [_job_json(line) for line in jobs],
        "problems": [{"what": each.what, "do": each.do} for each in found.problems],
    }


def _account_json(each: AccountStatus) -> dict[str, Any]:
    return {
        "name": each.row.name,
        "products": each.products,
        "parked": len(each.parked),
        "feeds": [
            {
                "feed": feed.feed,
                "warehouse": feed.warehouse or None,
                "watermark": stamp(feed.watermark),
                "completed_at": stamp(feed.completed_at),
            }
            for feed in each.feeds
        ],
        "purse": [
            {"per": pool.per, "limit": pool.limit, "spent": pool.spent, "resets_at": stamp(pool.resets_at)}
            for pool in each.purse
        ],
    }


def _store_json(each: StoreStatus, now: datetime) -> dict[str, Any]:
    counts, oldest, waiting = each.counts, each.counts.oldest_behind, each.sales.oldest_open
    return {
        "name": each.row.name,
        "kind": each.row.kind,
        "account": each.account,
        "mode": each.mode,
        "linked": counts.linked,
        "adopted": counts.adopted,
        "behind": counts.behind,
        "oldest_behind_s": None if oldest is None else max(0, int((now - oldest).total_seconds())),
        "parked": counts.parked,
        "held": counts.held,
        "ambiguous": counts.ambiguous,
        "would_write": dict(each.would_write),
        "would_hold": dict(each.would_hold),
        "orders": dict(each.sales.orders),
        "oldest_order_s": None if waiting is None else max(0, int((now - waiting).total_seconds())),
        "ambiguous_customers": each.sales.ambiguous_customers,
    }


def _job_json(line: JobLine) -> dict[str, Any]:
    run = line.run
    last = None
    if run is not None:
        last = {
            "run": run.id,
            "outcome": run.outcome,
            "started_at": stamp(run.started_at),
            "ended_at": stamp(run.ended_at),
            "calls": {"unleashed": run.calls_unleashed, "store": run.calls_store},
            "error": run.error,
        }
    return {
        "job": line.job,
        "account": line.account,
        "store": line.store,
        "next_at": stamp(line.next_at),
        "last": last,
    }


def _plan_json(planned: Planned) -> dict[str, Any]:
    plan = planned.plan
    return {
        "freshness_s": _seconds(plan.freshness),
        "ghost_bound_s": {
            "unleashed": _seconds(plan.ghost_bound.unleashed),
            "store": _seconds(plan.ghost_bound.store),
        },
    }


def _proofs_json(each: AccountStatus) -> dict[str, Any]:
    return {
        "certificates": [
            {
                "feed": one.feed,
                "warehouse": one.warehouse or None,
                "rows": one.rows,
                "started_at": stamp(one.started_at),
                "ended_at": stamp(one.ended_at),
            }
            for one in each.certificates
        ],
        "full_read": [
            {
                "feed": one.feed,
                "warehouse": one.warehouse or None,
                "pages_read": one.window_pages,
                "pages": one.pages,
                "outstanding": outstanding(one),
            }
            for one in each.under_way
        ],
    }


def _seconds(time: timedelta | None) -> int | None:
    return None if time is None else int(time.total_seconds())

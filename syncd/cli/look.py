"""`syncd status`: how far, how fresh, and what waits for a person, without a single call."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from syncd import __version__
from syncd.app.recent import JOB, next_at
from syncd.app.wiring import App
from syncd.cli.frame import SWITCH, AsJson, Config, command, opened, print_json, stamp
from syncd.flows.status import AccountStatus, Status, StoreStatus, status
from syncd.state import due, migrate
from syncd.state.records import RunRow


@command
def status_command(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", metavar=SWITCH, help="Print problems only: for cron and monitoring.")
    ] = False,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Show how far, how fresh, what is parked and what comes next. Exit code 1 if there are problems."""
    with opened(context, config, asking=False) as app:
        found, times, now = gather(app), _next(app), app.bench.clock.now()
        body = _json(app, found, times, now) if as_json else {}
    if as_json:
        print_json(body)
    else:
        _print(found, times, now, only_problems=check)
    return 1 if found.problems else 0


def gather(app: App) -> Status:
    """Return the state of everything that is configured."""
    limits = {name: app.limits(account) for name, account in app.settings.accounts.items()}
    modes = {name: str(store.mode) for name, store in app.settings.stores.items()}
    brakes = {name: app.brake(name) for name in app.settings.stores}
    return status(app.db, limits, modes, app.bench.clock.now(), brakes)


def _next(app: App) -> dict[str, datetime | None]:
    with app.db.read() as conn:
        rows = due.due_rows(conn)
    now = app.bench.clock.now()
    return {account: next_at(app, account, rows, now) for account in app.settings.accounts}


def _json(app: App, found: Status, times: dict[str, datetime | None], now: datetime) -> dict[str, Any]:
    leader = found.leader
    return {
        "version": __version__,
        "database": {"kind": app.db.kind, "revision": migrate.current(app.db), "head": migrate.head()},
        "daemon": {
            "state": "running" if leader else "stopped",
            "holder": leader.holder if leader else None,
            "since": stamp(found.since),
        },
        "accounts": [_account_json(each) for each in found.accounts],
        "stores": [_store_json(each, now) for each in found.stores],
        "jobs": [_job_json(run, times) for run in found.runs],
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
    counts, oldest = each.counts, each.counts.oldest_behind
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
    }


def _job_json(run: RunRow, times: dict[str, datetime | None]) -> dict[str, Any]:
    return {
        "job": run.job,
        "account": run.account,
        "store": run.store,
        "next_at": stamp(times.get(run.account)) if run.job == JOB else None,
        "last": {
            "run": run.id,
            "outcome": run.outcome,
            "started_at": stamp(run.started_at),
            "ended_at": stamp(run.ended_at),
            "calls": {"unleashed": run.calls_unleashed, "store": run.calls_store},
            "error": run.error,
        },
    }


def _print(found: Status, times: dict[str, datetime | None], now: datetime, *, only_problems: bool) -> None:
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    if not only_problems:
        who = f"runs as {found.leader.holder}" if found.leader else "is not running"
        console.print(f"The daemon {who}.", markup=False)
        for table in (_accounts(found), _stores(found, now), _runs(found, times)):
            console.print(table)
            console.print()
        for each in found.stores:
            if each.would_write:
                console.print(_shadow(each), markup=False)
    for problem in found.problems:
        console.print(f"[bold]Problem:[/] {escape(problem.what)}\n  {escape(problem.do)}")
    if not found.problems:
        console.print("No problems.")


def _shadow(each: StoreStatus) -> str:
    """Return what shadow mode kept back, and what of it the brake would hold if the store went live now."""
    said = ", ".join(f"{number} {name}" for name, number in sorted(each.would_write.items()))
    held = ", ".join(f"{number} {name}" for name, number in sorted(each.would_hold.items()))
    more = f"; the brake would hold {held} of it until `syncd approve`" if held else ""
    return f"Shadow: in {each.row.name} syncd would write {said}{more}."


def _accounts(found: Status) -> Table:
    table = _table("account", "products", "parked", "read until (UTC)", "calls")
    for each in found.accounts:
        feeds = [feed.watermark for feed in each.feeds if feed.watermark is not None]
        calls = ", ".join(f"{pool.spent} of {pool.limit} a {pool.per}" for pool in each.purse) or "no limit"
        table.add_row(
            each.row.name, str(each.products), str(len(each.parked)), _short(min(feeds, default=None)), calls
        )
    return table


def _stores(found: Status, now: datetime) -> Table:
    table = _table("store", "mode", "linked", "adopted", "behind", "oldest", "parked", "ambiguous")
    for each in found.stores:
        counts, oldest = each.counts, each.counts.oldest_behind
        age = "-" if oldest is None else f"{max(0, int((now - oldest).total_seconds() // 60))} min"
        figures = (counts.linked, counts.adopted, counts.behind, age, counts.parked, counts.ambiguous)
        table.add_row(each.row.name, each.mode, *(str(figure) for figure in figures))
    return table


def _runs(found: Status, times: dict[str, datetime | None]) -> Table:
    table = _table("job", "for", "last (UTC)", "outcome", "read", "written", "calls", "next (UTC)")
    for run in found.runs:
        who = f"store {run.store}" if run.store else f"account {run.account}"
        counts = run.counts
        after = _short(times.get(run.account)) if run.job == JOB else "-"
        figures = (counts.read, counts.written + counts.created, run.calls_unleashed + run.calls_store)
        outcome = run.outcome or "at work"
        table.add_row(run.job, who, _short(run.started_at), outcome, *(str(each) for each in figures), after)
    return table


def _table(*headings: str) -> Table:
    """Return an empty table that fits into the 80 columns of a pipe or a mail."""
    return Table(*(Column(heading, no_wrap=True) for heading in headings), box=None, pad_edge=False)


def _short(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%d %b %H:%M}"

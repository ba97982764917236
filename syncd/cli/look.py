"""`syncd status`: how far, how fresh, and what waits for a person, without a single call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from syncd.app import planning
from syncd.app.agenda import every_duty
from syncd.app.planned import Planned
from syncd.app.promises import promises
from syncd.app.wiring import App
from syncd.cli.frame import SWITCH, AsJson, Config, command, opened, print_json
from syncd.cli.status_json import JobLine, Plans, job_lines, status_json
from syncd.core.passes import outstanding
from syncd.core.plan_text import duration
from syncd.flows.status import AccountStatus, Problem, Status, StoreStatus, status

MINUTE = timedelta(minutes=1)


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
        found, duties, now = gather(app), every_duty(app), app.bench.clock.now()
        plans = {name: planning.planned(app, name) for name in app.settings.accounts}
        jobs = job_lines(found.runs, duties)
        body = status_json(app, found, plans, jobs, now) if as_json else {}
    if as_json:
        print_json(body)
    else:
        _print(found, plans, jobs, now, only_problems=check)
    return 1 if found.problems else 0


def gather(app: App) -> Status:
    """Return the state of everything that is configured."""
    limits = {name: app.limits(account) for name, account in app.settings.accounts.items()}
    modes = {name: str(store.mode) for name, store in app.settings.stores.items()}
    brakes = {name: app.brake(name) for name in app.settings.stores}
    found = status(app.db, limits, modes, app.bench.clock.now(), brakes, promises(app))
    plans = [planning.planned(app, name) for name in limits]
    unfit = [Problem(what, do) for each in plans for what, do in planning.problems(each)]
    return replace(found, problems=(*found.problems, *unfit))


def _print(
    found: Status, plans: Plans, jobs: Sequence[JobLine], now: datetime, *, only_problems: bool
) -> None:
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    if not only_problems:
        who = f"runs as {found.leader.holder}" if found.leader else "is not running"
        console.print(f"The daemon {who}.", markup=False)
        for table in (_accounts(found), _stores(found, now), _jobs(jobs)):
            console.print(table)
            console.print()
        for account in found.accounts:
            for line in _verified(account, plans[account.row.name], now):
                console.print(line, markup=False)
            console.print()
        for each in found.stores:
            console.print(_sales(each, now), markup=False)
            if each.would_write:
                console.print(_shadow(each), markup=False)
    for problem in found.problems:
        console.print(f"[bold]Problem:[/] {escape(problem.what)}\n  {escape(problem.do)}")
    if not found.problems:
        console.print("No problems.")


def _sales(each: StoreStatus, now: datetime) -> str:
    """Return how a store's orders stand: how many are in each state, and how old the oldest open one is."""
    there = [f"{number} {state.replace('_', ' ')}" for state, number in each.sales.orders.items() if number]
    waiting = each.sales.oldest_open
    age = (
        "" if waiting is None else f"; the oldest open one waits for {max(0, (now - waiting) // MINUTE)} min"
    )
    return f"Orders of {each.row.name}: {', '.join(there) or 'none yet'}{age}."


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


def _jobs(jobs: Sequence[JobLine]) -> Table:
    table = _table("job", "for", "last (UTC)", "outcome", "read", "written", "calls", "next (UTC)")
    for line in jobs:
        who, run = f"store {line.store}" if line.store else f"account {line.account}", line.run
        if run is None:
            table.add_row(line.job, who, "-", "-", "-", "-", "-", _short(line.next_at))
            continue
        counts = run.counts
        figures = (counts.read, counts.written + counts.created, run.calls_unleashed + run.calls_store)
        outcome = run.outcome or "at work"
        texts = [str(each) for each in figures]
        table.add_row(run.job, who, _short(run.started_at), outcome, *texts, _short(line.next_at))
    return table


def _verified(account: AccountStatus, planned: Planned, now: datetime) -> list[str]:
    """Return what was proven to be complete, what is still being read, and what is promised about ghosts."""
    name = account.row.name
    said = [f"{name}: {each}, {_ago(now - each.started_at)}" for each in account.certificates]
    said += [f"{name}: full read of {outstanding(each)}" for each in account.under_way]
    bound = planned.plan.ghost_bound
    found = [(bound.unleashed, "in Unleashed"), (bound.store, "in the store")]
    times = [f"{duration(time)} {where}" for time, where in found if time is not None]
    if times:
        said.append(f"{name}: ghost bound: {', '.join(times)}")
    return said


def _ago(time: timedelta) -> str:
    return f"{duration(max(time, timedelta(0)))} ago"


def _table(*headings: str) -> Table:
    """Return an empty table that fits into the 80 columns of a pipe or a mail."""
    return Table(*(Column(heading, no_wrap=True) for heading in headings), box=None, pad_edge=False)


def _short(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%d %b %H:%M}"

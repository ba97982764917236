"""`syncd budget`: what is spent of each limit, by whom, and how long the rest will last. No call is made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from syncd.app.budget import Pool, Purse, purses, take_used
from syncd.cli.frame import AsJson, Config, command, opened, print_json, stamp
from syncd.core import budget
from syncd.state.records import Used


@command
def budget_command(
    context: typer.Context,
    used: Annotated[
        int | None,
        typer.Option(
            "--used",
            metavar="N",
            min=0,
            help="This month's calls as Unleashed's own page shows them; the larger count wins.",
        ),
    ] = None,
    account: Annotated[
        str | None, typer.Option("--account", metavar="ACCOUNT", help="Only this account and its stores.")
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Show what is spent of each limit, who spent it, and whether the rest lasts until it resets."""
    with opened(context, config, asking=False) as app:
        said = None if used is None else take_used(app, used, account)
        found = purses(app, account)
    if said is not None:
        typer.echo(said, err=as_json)
    if as_json:
        print_json({"purses": [_json(purse) for purse in found]})
    else:
        _print(found)
    return 0


def _json(purse: Purse) -> dict[str, Any]:
    return {
        "kind": purse.kind,
        "name": purse.name,
        "asleep_until": stamp(purse.asleep),
        "pools": [_pool_json(pool) for pool in purse.pools],
        "month": {"counted": purse.counted, "others": purse.others},
        "purposes": [
            {
                "purpose": name,
                "rank": budget.rank(name),
                "month": _used_json(purse.month.get(name, Used())),
                "today": _used_json(purse.today.get(name, Used())),
                "per_day": f"{purse.per_day.get(name, 0.0):.1f}",
            }
            for name in _purposes(purse)
        ],
    }


def _pool_json(pool: Pool) -> dict[str, Any]:
    spent = pool.spent
    return {
        "per": spent.per,
        "overflow": spent.extra,
        "limit": spent.limit,
        "spent": spent.spent,
        "billed": spent.billed,
        "failed": spent.failed,
        "resets_at": stamp(spent.resets_at),
        "runs_out_at": stamp(pool.runs_out),
        "reserves": dict(pool.reserves),
    }


def _used_json(used: Used) -> dict[str, int]:
    return {"attempts": used.attempts, "billed": used.billed, "failed": used.failed}


def _purposes(purse: Purse) -> list[str]:
    """Return every purpose that has spent something, in order of rank."""
    names = {*purse.month, *purse.today, *purse.per_day}
    return sorted(names, key=lambda name: (budget.rank(name), name))


def _print(found: list[Purse]) -> None:
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    for purse in found:
        asleep = f", told to wait until {_short(purse.asleep)} UTC" if purse.asleep else ""
        console.print(f"{purse.kind} {purse.name}{asleep}", markup=False)
        if purse.pools:
            console.print(_pool_table(purse.pools))
        for pool in purse.pools:
            if any(pool.reserves.values()):
                console.print(_reserve_line(pool), markup=False)
        console.print(_purpose_table(purse))
        console.print()


def _pool_table(pools: tuple[Pool, ...]) -> Table:
    table = _table("pool", "limit", "spent", "billed", "failed", "resets (UTC)", "at this rate")
    for pool in pools:
        spent = pool.spent
        figures = (spent.limit, spent.spent, spent.billed, spent.failed)
        per = f"+ {spent.per}" if spent.extra else spent.per
        ends = f"spent {_short(pool.runs_out)}" if pool.runs_out else "lasts until it resets"
        ends = f"then from the {pool.into}" if pool.into else ends
        table.add_row(per, *(str(figure) for figure in figures), _short(spent.resets_at), ends)
    return table


def _reserve_line(pool: Pool) -> str:
    """Return what the lower ranks leave in a pool for the higher ones."""
    left = [f"{purpose} {calls}" for purpose, calls in pool.reserves.items() if calls]
    return f"Calls of the {pool.spent.per} left to higher ranks: {', '.join(left)}."


def _purpose_table(purse: Purse) -> Table:
    table = _table("purpose", "this month", "billed", "failed", "today", "a day")
    for name in _purposes(purse):
        month, today = purse.month.get(name, Used()), purse.today.get(name, Used())
        figures = (month.attempts, month.billed, month.failed, today.attempts)
        table.add_row(
            name or "-", *(str(figure) for figure in figures), f"{purse.per_day.get(name, 0.0):.1f}"
        )
    if purse.others:
        table.add_row("other programs", str(purse.others), "-", "-", "-", "-")
    table.add_row("in all", str(purse.counted), *_sums(purse.month), str(_attempts(purse.today)), "")
    return table


def _sums(used: Mapping[str, Used]) -> tuple[str, str]:
    return str(sum(each.billed for each in used.values())), str(sum(each.failed for each in used.values()))


def _attempts(used: Mapping[str, Used]) -> int:
    return sum(each.attempts for each in used.values())


def _table(*headings: str) -> Table:
    """Return an empty table that fits into the 80 columns of a pipe or a mail."""
    return Table(*(Column(heading, no_wrap=True) for heading in headings), box=None, pad_edge=False)


def _short(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%d %b %H:%M}"

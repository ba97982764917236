"""`syncd plan`: how often each job runs under the limits, what that promises, and what it costs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from syncd.app.planning import plan_account, profile
from syncd.cli.frame import AsJson, Config, command, opened, print_json
from syncd.cli.plan_json import view_json
from syncd.core import plan_text as say
from syncd.core.planner import Allowed, Plan, Profile, Refusal, plan
from syncd.errors import UsageError

A_DAY = {"hour": 24.0, "day": 1.0, "week": 1 / 7, "month": 1 / 30}


@dataclass(frozen=True, slots=True)
class View:
    """One plan to be shown: an account's with those of its stores, or (`account` None) one for figures."""

    account: str | None
    profile: Profile
    plan: Plan
    stores: Mapping[str, Plan]
    refusals: Mapping[str, Refusal]


@command
def plan_command(
    context: typer.Context,
    skus: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Products. Without it: what is configured.")
    ] = None,
    orders: Annotated[
        str | None, typer.Option(metavar="N/day", help="Orders a day (or N/week, N/month).")
    ] = None,
    calls: Annotated[
        list[str] | None,
        typer.Option(metavar="N/month", help="Calls allowed a minute, hour, day or month; repeatable."),
    ] = None,
    warehouses: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Warehouses whose stock is read.")
    ] = None,
    page_size: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=1000, help="Rows a page (1000).")
    ] = None,
    changes: Annotated[
        str | None, typer.Option(metavar="N/day", help="Products that change a day (2 % of them).")
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Show how often each job runs, what that promises, and what it costs. Asks nobody.

    With --skus for any figures, without a configuration; else for the configured accounts from what was
    measured, with what the other options say in its place. Exit code 1 if no plan fits.
    """
    said = _said(orders, calls, warehouses, page_size, changes)
    if skus is not None:
        views = [_for_figures(Profile(skus, **said))]
    else:
        with opened(context, config, asking=False) as app:
            now = app.bench.clock.now()
            views = []
            for name in app.settings.accounts:
                of = replace(profile(app, name, now), **said)
                found = plan_account(app, name, of, now)
                views.append(View(name, of, found.plan, found.stores, found.refusals))
    if as_json:
        print_json({"plans": [view_json(v.account, v.profile, v.plan, v.stores, v.refusals) for v in views]})
    else:
        for view in views:
            _print(view)
    return 1 if any(view.refusals for view in views) else 0


def _for_figures(of: Profile) -> View:
    answer = plan(of)
    if isinstance(answer, Refusal):
        return View(None, of, answer.slowest, {"store": answer.slowest}, {"": answer})
    return View(None, of, answer, {"store": answer}, {})


def _said(
    orders: str | None,
    calls: Sequence[str] | None,
    warehouses: int | None,
    page_size: int | None,
    changes: str | None,
) -> dict[str, Any]:
    """Return what the options say of the profile."""
    found = {
        "orders_per_day": None if orders is None else _rate("--orders", orders),
        "changes_per_day": None if changes is None else _rate("--changes", changes),
        "warehouses": warehouses,
        "page_size": page_size,
        "limits": _limits(calls) if calls else None,
    }
    said = {name: value for name, value in found.items() if value is not None}
    measured_otherwise = said.keys() & {"changes_per_day", "warehouses", "page_size"}
    return {**said, "recent_calls": None} if measured_otherwise else said


def _rate(option: str, text: str) -> float:
    """Read "60/day" as a number a day."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)(?:/(hour|day|week|month))?", text.strip())
    if not found:
        raise UsageError(f"{option} {text} is not a rate.", f"Write {option} 60/day, for example.")
    return float(found[1]) * A_DAY[found[2] or "day"]


def _limits(texts: Sequence[str]) -> tuple[Allowed, ...]:
    """Read each "5000/month" as a limit."""
    found: dict[str, Allowed] = {}
    for text in texts:
        parts = re.fullmatch(r"([1-9]\d{0,8})/(minute|hour|day|month)", text.strip().replace(",", ""))
        if not parts or parts[2] in found:
            what = f"--calls {text} is not a limit" if not parts else f"There are two limits a {parts[2]}"
            raise UsageError(
                f"{what}.", "Write --calls 5000/month, once for each of minute, hour, day, month."
            )
        found[parts[2]] = Allowed(int(parts[1]), parts[2])
    return tuple(found.values())


def _print(view: View) -> None:
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    console.print(_about(view), markup=False)
    for who, refusal in view.refusals.items():
        console.print(f"\nNo plan fits{f' for {who}' if who else ''}.\n{refusal.why}", markup=False)
        console.print(refusal.remedy(), markup=False)
    if view.refusals and view.account is None:
        return
    if view.refusals:
        console.print("\nUntil then the slowest schedule that keeps the promise is gone by:", markup=False)
    console.print()
    console.print(_table(view))
    console.print()
    for line in (*_promises(view), *view.plan.notes):
        console.print(line, markup=False)


def _about(view: View) -> str:
    of = view.profile
    who = f"account {view.account}: " if view.account else ""
    places = f"{of.warehouses} stock {'feed' if of.warehouses == 1 else 'feeds'}"
    parts = [f"{of.skus:,} products", places, f"{of.orders_per_day:,.0f} orders a day", say.limits(of.limits)]
    return who + ", ".join(parts)


def _table(view: View) -> Table:
    names = list(view.stores)
    columns = ["calls in 30 days", "how often", "Unleashed", *names]
    table = Table(
        *(Column(name, no_wrap=True, justify="left" if n < 2 else "right") for n, name in enumerate(columns)),
        box=None,
        pad_edge=False,
    )
    sides = [view.plan.calls, *(view.stores[name].store_calls for name in names)]
    for purpose, name in say.NAMES.items():
        if any(purpose in side for side in sides):
            table.add_row(name, _often(view, purpose), *(_figure(side.get(purpose)) for side in sides))
    table.add_row("in all", "", *(say.number(sum(side.values(), Fraction(0))) for side in sides))
    spare = [view.plan.spare, *(view.stores[name].store_spare for name in names)]
    table.add_row("spare", "", *("no limit" if each is None else f"{int(each):,}" for each in spare))
    return table


def _figure(calls: Fraction | None) -> str:
    return "-" if calls is None else say.number(calls)


def _often(view: View, purpose: str) -> str:
    plan = view.plan
    looks = [side.looks.interval for side in view.stores.values() if side.looks is not None]
    polls = [side.orders for side in view.stores.values() if side.orders is not None]
    every = {
        "orders": min(polls, default=None),
        "recent": plan.recent,
        "customers": plan.customers,
        "sweep": plan.sweep,
        "rotation": plan.rotation.interval if plan.rotation else min(looks, default=None),
    }.get(purpose)
    if purpose == "tidy":
        return "every day"
    return "when asked" if every is None else f"every {say.duration(every)}"


def _promises(view: View) -> list[str]:
    bound, said = view.plan.ghost_bound, []
    if view.plan.freshness is not None:
        fresh = say.duration(view.plan.freshness)
        said.append(f"A change reaches the store within {fresh}, also when one poll fails.")
    found = [(bound.unleashed, "in Unleashed"), (bound.store, "in the store")]
    times = [f"{say.duration(time)} {where}" for time, where in found if time is not None]
    if times:
        said.append(f"Ghost bound: what no feed reported is found within {', '.join(times)}.")
    if view.plan.spare is not None:
        said.append("A tenth of each limit is kept free for failures, bursts and commands.")
    return said

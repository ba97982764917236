"""`syncd orders reconcile`: whether both sides have the same orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from syncd.app.reconcile import reconcile
from syncd.cli.frame import AsJson, Config, OneStore, command, many, opened, print_json, stamp, worst
from syncd.cli.sync import known, tell_errors
from syncd.core.money import plain
from syncd.flows.reconcile import Compared


@command
def reconcile_command(
    context: typer.Context,
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, max=366, help="So many days back.")] = 7,
    store: OneStore = None,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Compare the orders of the last days with Unleashed's, by count and value, and list what differs."""
    with opened(context, config) as app:
        names = [app.account_of(known(app, store))] if store else list(app.settings.accounts)
        done = [reconcile(app, name, days=days) for name in names]
    found = [each for compared, _ in done for each in compared if store in (None, each.store)]
    reports = [report for _, report in done]
    if as_json:
        print_json({"days": days, "stores": [compared_json(each) for each in found]})
    else:
        print_compared(found)
    tell_errors(reports)
    different = [1 for each in found if each.result.differences]
    return worst([*(report.exit_code for report in reports), *different])


def compared_json(each: Compared) -> dict[str, Any]:
    """Return one store's reconciliation as `orders reconcile --json` has it."""
    result = each.result
    return {
        "store": each.store,
        "since": stamp(each.since),
        "until": stamp(each.until),
        "open": each.open,
        "left_out": each.out,
        "posted": {"orders": result.store_orders, "total": plain(result.store_total)},
        "unleashed": {"orders": result.unleashed_orders, "total": plain(result.unleashed_total)},
        "differences": [{"order": one.number, "what": one.what} for one in result.differences],
    }


def print_compared(found: Sequence[Compared]) -> None:
    """Print both sides' counts and values, and each difference."""
    for each in found:
        result = each.result
        typer.echo(
            f"{each.store}: {many(result.store_orders, 'order')} posted since {stamp(each.since)}, "
            f"{plain(result.store_total)} in the store; "
            f"{result.unleashed_orders} in Unleashed, {plain(result.unleashed_total)}; "
            f"{each.open} open, {each.out} left out"
        )
        for one in result.differences:
            typer.echo(f"  {one.what}")
        if not result.differences:
            typer.echo("  No differences.")

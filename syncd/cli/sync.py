"""`syncd once` and `syncd resync`: do it now, and say what was done."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from syncd.app.recent import recent
from syncd.app.resync import Resynced, resync
from syncd.app.tidy import tidy
from syncd.app.wiring import App
from syncd.cli.frame import AsJson, Config, DryRun, OneStore, command, opened, print_json, worst
from syncd.core.model import Content
from syncd.core.product_plan import text
from syncd.errors import UsageError
from syncd.flows.push import Item
from syncd.jobs import Report

JOBS = ("recent", "tidy")
ASKED_FOR = {"not_found", "ambiguous", "parked", "refused", "held"}


@command
def once(
    context: typer.Context,
    job: Annotated[str, typer.Argument(help="recent or tidy.", metavar="JOB")],
    store: OneStore = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Do one job now for every account and store, and return when nothing is behind."""
    if job not in JOBS:
        raise UsageError(f"There is no job {job}.", f"Jobs of this version: {', '.join(JOBS)}.")
    with opened(context, config) as app:
        reports = tidy(app) if job == "tidy" else _recent(app, store, dry_run=dry_run)
    runs = [run_json(report) for report in reports]
    if as_json:
        print_json({"job": job, "dry_run": dry_run, "runs": runs})
    else:
        for report in reports:
            typer.echo(run_text(report))
    return worst(report.exit_code for report in reports)


def _recent(app: App, store: str | None, *, dry_run: bool) -> list[Report]:
    names = [app.account_of(known(app, store))] if store else list(app.settings.accounts)
    return [report for name in names for report in recent(app, name, store=store, dry_run=dry_run)]


def known(app: App, store: str) -> str:
    """Return the store's name, or raise UsageError with those that there are."""
    if store not in app.settings.stores:
        names = ", ".join(app.settings.stores) or "none"
        raise UsageError(f"There is no store {store} in the configuration.", f"Configured: {names}.")
    return store


def run_json(report: Report) -> dict[str, Any]:
    """Return one run as the contract's JSON has it."""
    counts = report.counts
    return {
        "account": report.step.account,
        "store": report.step.store,
        "outcome": report.outcome,
        "read": counts.read,
        "written": counts.written,
        "created": counts.created,
        "unchanged": counts.unchanged,
        "held": counts.held,
        "parked": counts.parked,
        "calls": {"unleashed": report.calls_unleashed, "store": report.calls_store},
        "error": report.error,
        "do": report.do,
    }


def run_text(report: Report) -> str:
    """Return one run as a line for people, with its error below."""
    counts, step = report.counts, report.step
    figures = f"{counts.read} read"
    if step.store:
        figures += f", {counts.written} written, {counts.created} created, {counts.unchanged} in step"
        figures += f", {counts.held} kept back" if counts.held else ""
    figures += f", {counts.parked} parked" if counts.parked else ""
    calls = report.calls_unleashed + report.calls_store
    line = f"{step.subject}: {report.outcome}: {figures} ({calls} calls)"
    return "\n  ".join(part for part in (line, report.error, report.do) if part)


@command
def resync_command(
    context: typer.Context,
    codes: Annotated[list[str], typer.Argument(help="Product codes as Unleashed has them.", metavar="CODE...")],
    store: OneStore = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Read one product from Unleashed and put every store right, now. Two Unleashed calls a code."""
    with opened(context, config) as app:
        stores = [known(app, store)] if store else list(app.settings.stores)
        done = resync(app, codes, store=store, dry_run=dry_run)
    items = [_item_json(name, item) for name, item in done.items] + _missing_json(done, stores)
    if as_json:
        print_json({"dry_run": dry_run, "items": items, "calls": _calls(done)})
    else:
        _print_items(done, stores, dry_run=dry_run)
    failed = [1 for item in items if item["outcome"] in ASKED_FOR]
    return worst([*(report.exit_code for report in done.reports), *failed])


def _calls(done: Resynced) -> dict[str, int]:
    return {
        "unleashed": sum(report.calls_unleashed for report in done.reports),
        "store": sum(report.calls_store for report in done.reports),
    }


def _item_json(store: str, item: Item) -> dict[str, Any]:
    return {
        "code": item.code,
        "store": store,
        "guid": item.guid,
        "outcome": item.outcome,
        "before": _content_json(item.before),
        "after": _content_json(item.after),
        "changes": [
            {"field": each.field, "before": each.before, "after": each.after, "rule": each.rule}
            for each in item.plan.changes
        ],
        "reason": item.reason or None,
        "do": item.do or None,
    }


def _content_json(content: Content) -> dict[str, Any]:
    return {name: text(content.get(name)) for name in ("name", "price", "stock", "status")}


def _missing_json(done: Resynced, stores: list[str]) -> list[dict[str, Any]]:
    nothing = _content_json(Content())
    return [
        {
            "code": code,
            "store": store,
            "guid": None,
            "outcome": "not_found",
            "before": nothing,
            "after": nothing,
            "changes": [],
            "reason": one.reason,
            "do": one.do,
        }
        for code, one in done.missing
        for store in stores
    ]


def _print_items(done: Resynced, stores: list[str], *, dry_run: bool) -> None:
    for name, item in done.items:
        ref = f" (id {item.ref})" if item.ref else ""
        typer.echo(f"{item.code} in {name}{ref}: {item.outcome.replace('_', ' ')}")
        _print_fields(item)
        for sentence in (item.reason, item.do):
            if sentence:
                typer.echo(f"  {sentence}")
    for code, one in done.missing:
        typer.echo(f"{code}: not found\n  {one.reason}\n  {one.do}")
    for report in done.reports:
        if report.error:
            typer.echo(f"{report.step.subject}: {report.outcome}\n  {report.error}\n  {report.do or ''}", err=True)
    calls = _calls(done)
    dry = "; nothing was written (dry run)" if dry_run else ""
    typer.echo(f"{calls['unleashed']} Unleashed calls, {calls['store']} store calls{dry}")


def _print_fields(item: Item) -> None:
    changed = {change.field for change in item.plan.changes}
    for change in item.plan.changes:
        typer.echo(f"  {change.field}: {change.before or '-'} → {change.after or '-'} ({change.rule})")
    for note in item.plan.notes:
        if note.field not in changed and item.plan.action in ("write", "in_step"):
            wanted = f"; Unleashed says {note.wanted}" if note.wanted is not None else ""
            typer.echo(f"  {note.field}: {note.shows or '-'} stays{wanted} ({note.rule})")

"""`syncd once` and `syncd resync`: do it now, and say what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer

from syncd.app import notify
from syncd.app.by_hand import rotate_share, sweep_all
from syncd.app.customers import customers
from syncd.app.orders import orders
from syncd.app.recent import recent
from syncd.app.resync import Resynced, resync
from syncd.app.tidy import tidy
from syncd.app.wiring import App
from syncd.app.write_back import write_back
from syncd.cli.frame import (
    AsJson,
    Config,
    DryRun,
    OneStore,
    calls_text,
    command,
    many,
    opened,
    print_json,
    worst,
)
from syncd.cli.telling import tell_people
from syncd.core.model import Content
from syncd.core.product_plan import text
from syncd.errors import UsageError
from syncd.flows.pull import One
from syncd.flows.push import Item
from syncd.jobs import Report

JOBS = ("recent", "rotation", "sweep", "orders", "customers", "write_back", "tidy", "notify")
ASKED_FOR = {"not_found", "ambiguous", "parked", "refused", "held"}


@command
def once(
    context: typer.Context,
    job: Annotated[str, typer.Argument(help=f"{', '.join(JOBS[:-1])} or {JOBS[-1]}.", metavar="JOB")],
    store: OneStore = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Do one job now for every account and store, and return when nothing is behind."""
    if job not in JOBS:
        raise UsageError(f"There is no job {job}.", f"Jobs of this version: {', '.join(JOBS)}.")
    if job == notify.JOB:
        return tell_people(context, config, as_json=as_json, dry_run=dry_run)
    with opened(context, config) as app:
        reports = _done(app, job, store, dry_run=dry_run)
        held = {name: HELD[app.mode(name, dry_run=dry_run)] for name in app.settings.stores} | {"": ""}
    runs = [run_json(report) for report in reports]
    if as_json:
        print_json({"job": job, "dry_run": dry_run, "runs": runs})
    else:
        for report in reports:
            typer.echo(run_text(report, held[report.step.store or ""]))
            for line in report.told:
                typer.echo(f"  {line}")
    tell_errors(reports)
    return worst(report.exit_code for report in reports)


def _done(app: App, job: str, store: str | None, *, dry_run: bool) -> list[Report]:
    """Do the job for the account of the store, or for every account."""
    if job == "tidy":
        return tidy(app)
    reports = []
    for name in [app.account_of(known(app, store))] if store else list(app.settings.accounts):
        if job == "customers":
            reports += customers(app, name, store=store)
        else:
            reports += WORK[job](app, name, store=store, dry_run=dry_run)
    return reports


WORK: Mapping[str, Callable[..., list[Report]]] = {
    "recent": recent,
    "rotation": rotate_share,
    "sweep": sweep_all,
    "orders": orders,
    "write_back": write_back,
}
"""What is done for an account, by the job's name."""


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


HELD = {
    "live": "held by the brake: see `syncd approve`",
    "shadow": "not written (shadow mode)",
    "dry_run": "to be written (dry run: nothing was)",
}
"""What a run says of the listings that it kept back, by the store's mode."""


def run_text(report: Report, held: str) -> str:
    """Return one run as a line for people; `held` says why listings were kept back, if any were."""
    counts, step = report.counts, report.step
    figures = _figures(report, held)
    figures += f", {counts.parked} parked: see `syncd status`" if counts.parked else ""
    calls = (
        many(report.calls_store, "store call")
        if step.store
        else many(report.calls_unleashed, "Unleashed call")
    )
    return f"{step.subject}: {report.outcome}: {figures} ({calls})"


def _figures(report: Report, held: str) -> str:
    counts, step = report.counts, report.step
    if step.half == "post":
        found = f", {counts.unchanged} found there" if counts.unchanged else ""
        return f"{counts.created} posted{found}"
    if step.half == "push":
        figures = f"{counts.read} looked at, {counts.written} written, {counts.created} created"
        figures += f", {counts.unchanged} already right"
        return figures + (f", {counts.held} {held}" if counts.held else "")
    linked = f", {counts.written} linked" if counts.written else ""
    unclear = f", {counts.held} for a person to decide" if counts.held and step.half == "intake" else ""
    return f"{counts.read} read{linked}{unclear}"


def tell_errors(reports: Sequence[Report]) -> None:
    """Print on stderr what went wrong and what to do about it, whatever stdout is for."""
    for report in reports:
        if report.error:
            subject = report.step.subject
            lines = (report.error if subject in report.error else f"{subject}: {report.error}", report.do)
            typer.echo("\n  ".join(line for line in lines if line), err=True)


@command
def resync_command(
    context: typer.Context,
    codes: Annotated[
        list[str], typer.Argument(help="Product codes as Unleashed has them.", metavar="CODE...")
    ],
    store: OneStore = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Read one product from Unleashed and put every store right, now. Two Unleashed calls a code."""
    with opened(context, config) as app:
        stores = [known(app, store)] if store else list(app.settings.stores)
        done = resync(app, codes, store=store, dry_run=dry_run)
        missing = [
            (name, each) for each in done.missing for name in stores if app.account_of(name) == each[0]
        ]
    _as_asked(done, codes)
    items = [_item_json(name, item) for name, item in done.items]
    items += [_missing_json(name, code, one) for name, (_, code, one) in missing]
    if as_json:
        print_json({"dry_run": dry_run, "items": items, "calls": _calls(done), "errors": _errors(done)})
    else:
        _print_items(done, dry_run=dry_run)
    tell_errors(done.reports)
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


def _as_asked(done: Resynced, codes: Sequence[str]) -> None:
    """Put the items in the order of the codes on the command line."""
    places = {code.strip(): place for place, code in reversed(list(enumerate(codes)))}
    done.items.sort(key=lambda each: places.get(each[1].code.strip(), len(places)))


def _errors(done: Resynced) -> list[dict[str, str | None]]:
    return [
        {"about": report.step.subject, "what": report.error, "do": report.do}
        for report in done.reports
        if report.error
    ]


def _missing_json(store: str, code: str, one: One) -> dict[str, Any]:
    nothing = _content_json(Content())
    return {
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


def _print_items(done: Resynced, *, dry_run: bool) -> None:
    for name, item in done.items:
        ref = f" (id {item.ref})" if item.ref else ""
        typer.echo(f"{item.code} in {name}{ref}: {item.outcome.replace('_', ' ')}")
        _print_fields(item)
        for sentence in (item.reason, item.do):
            if sentence:
                typer.echo(f"  {sentence}")
    for account, code, one in done.missing:
        typer.echo(f"{code} in account {account}: not found\n  {one.reason}\n  {one.do}")
    dry = "; nothing was written (dry run)" if dry_run else ""
    typer.echo(calls_text(**_calls(done)) + dry)


def _print_fields(item: Item) -> None:
    changed = {change.field for change in item.plan.changes}
    if item.outcome == "unchanged" and item.before.set_fields():
        shows = ", ".join(f"{name} {text(item.before.get(name))}" for name in item.before.set_fields())
        typer.echo(f"  nothing to write; the store shows {shows}")
    for change in item.plan.changes:
        typer.echo(f"  {change.field}: {change.before or '-'} → {change.after or '-'} ({change.rule})")
    for note in item.plan.notes:
        as_it_should_be = note.field == "status" and note.wanted is None and not note.held
        if (
            note.field not in changed
            and item.plan.action in ("write", "in_step", "held")
            and not as_it_should_be
        ):
            wanted = f"; Unleashed says {note.wanted}" if note.wanted is not None else ""
            typer.echo(f"  {note.field}: {note.shows or '-'} stays{wanted} ({note.rule})")

"""`syncd ghosts` and `syncd audit`: what went unseen, and how much may still be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

import typer

from syncd.app.audit_sample import Audited, audit
from syncd.app.ghosts import Ghosts, gathered
from syncd.app.wiring import App
from syncd.cli.frame import (
    AsJson,
    Config,
    OneStore,
    calls_text,
    command,
    many,
    opened,
    print_json,
    stamp,
    worst,
)
from syncd.cli.sync import known, tell_errors
from syncd.state.ghosts import Sighting

SHOWN = 20
SEEDS = 1_000_000


@command
def ghosts_command(
    context: typer.Context,
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=1, max=400, help="Of the last so many days.")
    ] = 30,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Show the differences that no feed reported: how many, on which side, why, and the trend. No call."""
    with opened(context, config, asking=False) as app:
        found = gathered(app, days)
    if as_json:
        print_json(_ghosts_json(found))
    else:
        _print_ghosts(found)
    return 0


def _ghosts_json(found: Ghosts) -> dict[str, Any]:
    return {
        "days": found.days,
        "counts": [
            {"account": each.account, "store": each.store, "cause": each.cause, "number": each.number}
            for each in found.counts
        ],
        "weeks": [
            {"began": stamp(each.began), "unleashed": each.unleashed, "store": each.store}
            for each in found.weeks
        ],
        "oldest_s": None if found.oldest is None else int(found.oldest.total_seconds()),
        "last": [_sighting_json(each) for each in found.last],
    }


def _sighting_json(each: Sighting) -> dict[str, Any]:
    one = each.ghost
    return {
        "at": stamp(each.at),
        "account": each.account,
        "store": each.store,
        "guid": one.guid,
        "code": one.code,
        "field": one.field,
        "believed": one.believed,
        "found": one.found,
        "cause": one.cause,
        "age_s": None if one.age is None else int(one.age.total_seconds()),
        "found_by": each.found_by,
        "run": each.run_id,
    }


def _print_ghosts(found: Ghosts) -> None:
    if not found.number:
        typer.echo(f"No ghosts in {many(found.days, 'day')}: every difference was reported by a feed.")
        return
    oldest = "" if found.oldest is None else f"; the oldest had stood for {_long(found.oldest)} at most"
    typer.echo(f"{many(found.number, 'ghost')} in {many(found.days, 'day')}{oldest}")
    for each in found.counts:
        where = f"store {each.store}" if each.store else f"account {each.account}"
        typer.echo(f"  {each.number:>5}  {each.cause} ({where})")
    typer.echo("Week from    Unleashed  store")
    for week in found.weeks:
        typer.echo(f"  {week.began:%Y-%m-%d} {week.unleashed:>9} {week.store:>6}")
    typer.echo("The last ones:")
    for seen in found.last:
        typer.echo(f"  {_line(seen)}")


def _line(seen: Sighting) -> str:
    one, where = seen.ghost, f"in {seen.store} " if seen.store else ""
    stood = "" if one.age is None else f", stood {_long(one.age)} at most"
    change = f"{one.believed or '-'} → {one.found or '-'}"
    return (
        f"{seen.at:%d %b %H:%M} {one.code} {where}{one.field}: {change} ({one.cause}{stood}; {seen.found_by})"
    )


def _long(time: timedelta) -> str:
    """Return a length of time in the unit that a person would name."""
    minutes = int(time.total_seconds() // 60)
    if minutes < 120:
        return many(minutes, "minute")
    return many(minutes // 60, "hour") if minutes < 2880 else many(minutes // 1440, "day")


@command
def audit_command(
    context: typer.Context,
    sample: Annotated[
        int, typer.Option("--sample", metavar="N", min=1, help="So many listings of each store.")
    ] = 300,
    store: OneStore = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", help="Draw what a run with this seed drew."),
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Hold a random sample of listings against both sides; exit code 1 if anything is wrong.

    Says how many differ, and how many of all may with 95 % confidence. 300 listings cost 8 x (1 + warehouses)
    Unleashed calls.
    """
    with opened(context, config) as app:
        drawn = _seed(app) if seed is None else seed
        names = [known(app, store)] if store else list(app.settings.stores)
        found = [audit(app, name, sample, drawn) for name in names]
    reports = [report for each in found for report in each.reports]
    if as_json:
        print_json({"seed": drawn, "stores": [_audited_json(each) for each in found]})
    else:
        for each in found:
            _print_audited(each)
        typer.echo(f"Seed {drawn}; {calls_text(*_calls(found))}.")
    tell_errors(reports)
    differs = [1 for each in found if each.wrong]
    return worst([*(report.exit_code for report in reports), *differs])


def _seed(app: App) -> int:
    return int(app.bench.clock.now().timestamp() * 1000) % SEEDS


def _calls(found: Sequence[Audited]) -> tuple[int, int]:
    reports = [report for each in found for report in each.reports]
    return sum(each.calls_unleashed for each in reports), sum(each.calls_store for each in reports)


def _audited_json(each: Audited) -> dict[str, Any]:
    unleashed, store = _calls([each])
    return {
        "store": each.store,
        "linked": each.linked,
        "sampled": each.sampled,
        "complete": each.complete,
        "differing": each.differing(),
        "differing_unleashed": each.differing("unleashed"),
        "differing_store": each.differing("store"),
        "pending": each.pending,
        "bound": round(each.bound(), 6) if each.complete else None,
        "confidence": 0.95,
        "differences": [
            {"side": one.side, "code": one.code, "field": one.field, "is": one.before, "should": one.after}
            for one in each.wrong
        ],
        "calls": {"unleashed": unleashed, "store": store},
        "errors": [{"what": report.error, "do": report.do} for report in each.reports if report.error],
    }


def _print_audited(each: Audited) -> None:
    if not each.sampled:
        typer.echo(f"store {each.store}: no listing is linked yet: nothing to audit.")
        return
    typer.echo(f"store {each.store}: {each.sampled} of {many(each.linked, 'linked listing')} drawn")
    if not each.complete:
        typer.echo("  A side could not be read to the end, so there is no bound.")
    else:
        _print_bound(each)
    for one in each.wrong[:SHOWN]:
        typer.echo(
            f"  {one.code}: {one.field}: {one.before or '-'} → {one.after or '-'} ({_SIDES[one.side]})"
        )
    if len(each.wrong) > SHOWN:
        typer.echo(f"  … and {len(each.wrong) - SHOWN} more (--json has all)")


_SIDES = {
    "unleashed": "what syncd believed → what Unleashed says",
    "store": "what the store shows → what it should",
}


def _print_bound(each: Audited) -> None:
    share = 100 * each.bound()
    missed, edited = each.differing("unleashed"), each.differing("store")
    typer.echo(
        f"  {each.differing()} of {each.sampled} differ (in {missed} syncd had missed a change in Unleashed, "
        f"{edited} are shown wrongly by the store)"
    )
    typer.echo(f"  with 95 % confidence at most {share:.3f} % of all linked listings differ")
    if each.pending:
        typer.echo(f"  {each.pending} more are about to be written anyway and do not count")

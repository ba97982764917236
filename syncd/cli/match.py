"""`syncd match`: what both sides have, what only one has, and what differs, before anything is written."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from syncd.app import decide
from syncd.app.wiring import App
from syncd.cli.frame import (
    SWITCH,
    AsJson,
    Config,
    OneStore,
    calls_text,
    command,
    many,
    opened,
    print_json,
)
from syncd.cli.sync import known, tell_errors
from syncd.errors import UsageError
from syncd.flows.match import Difference, Match
from syncd.jobs import Report

SHOWN = 20
"""Lines of each kind that are printed for people; --csv and --json print all."""

Row = tuple[str, str, str, str, str, str]
HEADER: Row = ("kind", "code", "field", "store", "unleashed", "note")


@command
def match(
    context: typer.Context,
    store: OneStore = None,
    as_csv: Annotated[bool, typer.Option("--csv", metavar=SWITCH, help="Print every line as CSV.")] = False,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Read everything a store holds and compare it with what is known of Unleashed. Writes nothing there."""
    with opened(context, config) as app:
        name = only_store(app, store)
        found, report = decide.match(app, name)
    if found is None:
        tell_errors([report])
        return report.exit_code
    if as_json:
        print_json(_json(name, found, report))
    elif as_csv:
        writer = csv.writer(sys.stdout)
        writer.writerows([HEADER, *rows(found)])
    else:
        _print(name, found, report)
    return 0


def only_store(app: App, store: str | None) -> str:
    """Return the store that is named, or the only one there is. Raises UsageError otherwise."""
    if store:
        return known(app, store)
    names = list(app.settings.stores)
    if len(names) == 1:
        return names[0]
    raise UsageError("There are several stores, or none.", f"Name one with --store: {', '.join(names)}.")


def _json(name: str, found: Match, report: Report) -> dict[str, Any]:
    return {
        "store": name,
        "matched": found.matched,
        "adopted_differences": [_difference(each) for each in found.adopted_differences],
        "would_write": [_difference(each) for each in found.would_write],
        "only_unleashed": [each.code for each in found.only_unleashed],
        "only_store": [named.code for _, named in found.only_store],
        "duplicates": [{"code": code, "ids": list(ids)} for code, ids in found.duplicates],
        "near_misses": [{"code": each.code, "sku": each.sku, "why": each.why} for each in found.near_misses],
        "unsettled": [{"code": code, "reason": reason} for code, reason in found.unsettled],
        "differing": found.differing,
        "wrong": dict(found.wrong),
        "kept": [
            {"field": field, "reason": reason, "listings": number}
            for (field, reason), number in found.kept.most_common()
        ],
        "without_code": found.uncoded,
        "calls": {"unleashed": report.calls_unleashed, "store": report.calls_store},
    }


def _difference(each: Difference) -> dict[str, Any]:
    return {"code": each.code, "field": each.field, "store": each.store, "unleashed": each.unleashed}


def rows(found: Match) -> Iterator[Row]:
    """Return everything that was found, as the lines of a table."""
    for each in found.would_write:
        yield ("would write", each.code, each.field, each.store or "", each.unleashed or "", "")
    for each in found.adopted_differences:
        yield ("adopted", each.code, each.field, each.store or "", each.unleashed or "", "kept until adopted")
    for code, ids in found.duplicates:
        yield ("duplicate", code, "", " ".join(ids), "", "several records with one code")
    for near in found.near_misses:
        yield ("near miss", near.code, "code", near.sku, near.code, near.why)
    for code, reason in found.unsettled:
        yield ("unsettled", code, "", "", "", reason)
    for named in found.only_unleashed:
        yield ("only in Unleashed", named.code, "", "", named.name, "")
    for ref, named in found.only_store:
        yield ("only in the store", named.code, "", ref, named.name, "")
    for (name, reason), number in found.kept.most_common():
        yield ("left alone", "", name, "", "", f"{many(number, 'listing')}: {reason}")
    if found.uncoded:
        note = f"{many(found.uncoded, 'record')} of the store can be no product's"
        yield ("without a code", "", "", "", "", note)


def _print(name: str, found: Match, report: Report) -> None:
    typer.echo(
        f"{many(found.matched, 'product')} of Unleashed found in {name}; {_share(found.differing, found)}"
    )
    for field, number in sorted(found.wrong.items()):
        typer.echo(f"  {field}: {_share(number, found)}")
    kinds: dict[str, list[Row]] = {}
    for row in rows(found):
        kinds.setdefault(row[0], []).append(row)
    for kind, lines in kinds.items():
        typer.echo(f"\n{kind}: {len(lines)}")
        for row in lines[:SHOWN]:
            typer.echo("  " + _line(row))
        if len(lines) > SHOWN:
            typer.echo(f"  … and {len(lines) - SHOWN} more: --csv prints all")
    if "adopted" in kinds:
        typer.echo(
            f"\nTo let prices flow: syncd adopt --store {name} --fields price  (add codes for some only)"
        )
    typer.echo(f"\n{calls_text(report.calls_unleashed, report.calls_store)}")


def _share(number: int, found: Match) -> str:
    share = 100 * number / max(1, found.matched)
    return f"{number} ({share:.1f} %) show something else than Unleashed says"


def _line(row: Row) -> str:
    kind, code, field, store, unleashed, note = row
    if kind in ("would write", "adopted"):
        return f"{code}: {field}: {store or '-'} → {unleashed or '-'}{f' ({note})' if note else ''}"
    if kind == "near miss":
        return f"{code} in Unleashed, {store} in the store ({note})"
    where = f"(id {store})" if store else ""
    return " ".join(part for part in (code, field and f"{field}:", where, unleashed, note) if part)

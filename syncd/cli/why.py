"""`syncd why`: what one product shows in a store, and why, now or in the past, without a single call."""

from __future__ import annotations

from datetime import UTC, datetime
from shlex import quote
from typing import Annotated, Any

import typer

from syncd.app.wiring import App
from syncd.cli.frame import AsJson, Config, OneStore, command, opened, print_json, stamp
from syncd.cli.sync import known
from syncd.core.model import AccountFacts
from syncd.core.money import plain
from syncd.errors import UsageError
from syncd.flows.why import Asked, FieldReason, Why, explain
from syncd.state import accounts

SOME_TIME = "at an unknown time"


@command
def why(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="A product code as Unleashed has it.")],
    store: OneStore = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="Tell what had been written by then: 2026-03-01T12:00Z."),
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Explain what a store shows for a product: each field, its rule, and what was last written."""
    moment = _moment(at) if at else None
    with opened(context, config, asking=False) as app:
        names = [known(app, store)] if store else list(app.settings.stores)
        found = [each for name in names for each in _explain(app, name, code, moment)]
    if as_json:
        print_json({"code": code, "at": stamp(moment), "items": [_why_json(each) for each in found]})
    elif not found:
        typer.echo(f"Nothing is known of {code} yet.", err=True)
        typer.echo(f"Run `syncd resync {quote(code)}` to read it from Unleashed.", err=True)
    else:
        for each in found:
            _print_why(each)
    return 0 if found else 1


def _moment(text: str) -> datetime:
    """Read a time; without a zone it is UTC. Raises UsageError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--at {text} is not a time.", "Write it as 2026-03-01T12:00Z.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _explain(app: App, name: str, code: str, at: datetime | None) -> list[Why]:
    account = accounts.account_facts(app.account_row(app.account_of(name))) or AccountFacts()
    fit = app.store(name, app.store_meter(name, "why")).fit
    return explain(Asked(app.db, app.store_row(name), app.rules(name), account, fit), code, at=at)


def _why_json(each: Why) -> dict[str, Any]:
    return {
        "store": each.store,
        "guid": each.mirrored.product.guid,
        "ref": each.link.ref,
        "behind": each.behind,
        "modified": stamp(each.mirrored.product.modified),
        "stock": [
            {"warehouse": row.warehouse or None, "available": row.available, "modified": stamp(row.modified)}
            for row in each.mirrored.stock
        ],
        "fields": [_field_json(field) for field in each.fields],
        "reason": each.link.parked or each.link.ambiguous or None,
    }


def _field_json(field: FieldReason) -> dict[str, Any]:
    return {
        "field": field.field,
        "value": field.value,
        "rule": field.rule,
        "held": field.held,
        "flows": field.flows,
        "last_written": None if field.last is None else field.last.after,
        "written_at": stamp(field.last_at),
        "run": field.last_run,
    }


def _print_why(each: Why) -> None:
    if each.at is not None:
        typer.echo(
            f"{each.mirrored.product.code} in {each.store}, as syncd had last written it by {stamp(each.at)}:"
        )
    else:
        _print_present(each)
    for field in each.fields:
        line = f"  {field.field}: {'-' if each.at and field.last is None else _value(field)} ({field.rule})"
        if field.last is not None:
            line += f"; written {field.last.after} at {stamp(field.last_at)} in run {field.last_run}"
            line += "" if field.last.outcome == "done" else ", not confirmed by the store"
        typer.echo(line)
    for reason in (each.link.parked, each.link.ambiguous):
        if reason and each.at is None:
            typer.echo(f"  waits for a person: {reason}")


def _print_present(each: Why) -> None:
    product = each.mirrored.product
    typer.echo(f"{product.code} in {each.store}: {_linked(each)}")
    changed = stamp(product.modified) or SOME_TIME
    typer.echo(f"  Unleashed: {product.name} (guid {product.guid}, changed {changed})")
    for row in each.mirrored.stock:
        place, moved = row.warehouse or "all warehouses", stamp(row.modified) or SOME_TIME
        typer.echo(f"  stock in {place}: {plain(row.available)} available, changed {moved}")
    for sentence in each.believed:
        typer.echo(f"  {sentence}")


def _value(field: FieldReason) -> str:
    if field.value is None:
        return "left alone"
    return field.value if field.flows else f"the store's own until adopted; Unleashed says {field.value}"


def _linked(each: Why) -> str:
    link = each.link
    if link.ref is None:
        return "not linked to a record of the store"
    if link.gone:
        return f"was linked to id {link.ref}, which the store no longer has"
    own = sorted(link.owned - {"status"})
    adopted = f"adopted: stock, {', '.join(own)} follow" if own else "adopted: only stock is written"
    origin = "created by syncd" if link.created else adopted
    return f"linked to id {link.ref} ({origin}){', behind' if each.behind else ''}"

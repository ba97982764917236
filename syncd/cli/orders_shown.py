"""How an order reads: in a list, in full with its time line, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import typer

from syncd.cli.frame import many, stamp
from syncd.core.money import plain
from syncd.flows.order_decided import Decided
from syncd.jobs import Report
from syncd.state.outbox import Document, Event

PRIVATE = ("Delivery", "Comments")
"""Fields of a payload whose names begin so tell who the buyer is, and are not shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A document of a store, with its time line, and the codes of products that it names by guid."""

    store: str
    document: Document
    events: tuple[Event, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)


def row_json(store: str, one: Document) -> dict[str, Any]:
    """Return a document as `orders list --json` has it."""
    return {
        "store": store,
        "kind": one.kind,
        "id": one.doc,
        "number": one.number or None,
        "state": one.state,
        "state_at": stamp(one.state_at),
        "created": stamp(one.created),
        "due_at": stamp(one.due_at),
        "attempts": one.attempts,
        "total": None if one.total is None else plain(one.total),
        "currency": one.currency or None,
        "order_number": one.order_number or None,
        "cause": one.cause or None,
        "reason": one.reason or None,
        "do": one.do or None,
    }


def full_json(shown: Shown) -> dict[str, Any]:
    """Return a document as `orders show --json` has it: what was sent without the buyer's address."""
    one = shown.document
    return {
        **row_json(shown.store, one),
        "received_at": stamp(one.received_at),
        "posted_at": stamp(one.posted_at),
        "changed_at": stamp(one.changed_at),
        "guid": one.guid,
        "payload_hash": one.payload_hash or None,
        "sent": sent(one),
        "found": dict(one.found),
        "told_store": one.told_store or None,
        "events": [
            {"at": stamp(each.at), "event": each.event, "detail": each.detail, "run": each.run_id}
            for each in shown.events
        ],
    }


def sent(one: Document) -> dict[str, Any] | None:
    """Return what was or will be sent, without who the buyer is; None if nothing was made ready yet."""
    if one.payload is None:
        return None
    body = json.loads(one.payload, parse_float=str, parse_int=str)
    return {name: value for name, value in body.items() if not name.startswith(PRIVATE)}


def decided_json(store: str, done: Decided) -> dict[str, Any]:
    """Return what became of a person's wish."""
    return {
        "store": store,
        "asked": done.word,
        "outcome": done.outcome,
        "id": None if done.document is None else done.document.doc,
        "state": None if done.document is None else done.document.state,
        "reason": done.reason or None,
        "do": done.do or None,
    }


def products(one: Document) -> list[str]:
    """Return the guids of the products that were or will be sent."""
    guids = (str((line.get("Product") or {}).get("Guid") or "") for line in _lines(sent(one)))
    return sorted(set(filter(None, guids)))


def _lines(body: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    found = {} if body is None else body
    return list(found.get("SalesOrderLines") or found.get("CreditLines") or ())


def print_rows(rows: Sequence[tuple[str, Document]]) -> None:
    """Print one line a document, and below it why it stands and what to do."""
    for store, one in rows:
        amount = f"{plain(one.total)} {one.currency}" if one.total is not None else "-"
        posted = f" as {one.order_number}" if one.order_number and one.state == "posted" else ""
        number = f"{one.number} " if one.number and one.number != one.doc else ""
        state = one.state.replace("_", " ")
        what = f"{one.kind} {number}(id {one.doc})"
        typer.echo(f"{one.created:%Y-%m-%d %H:%M}Z  {store}  {what}  {amount}  {state}{posted}")
        for sentence in (one.reason, one.do):
            if sentence and one.state not in ("filtered", "skipped"):
                typer.echo(f"  {sentence}")


def print_full(shown: Shown) -> None:
    """Print everything that is known of a document but who the buyer is."""
    one = shown.document
    print_rows([(shown.store, one)])
    for name, moment in (
        ("due", one.due_at),
        ("posted", one.posted_at),
        ("changed in the store", one.changed_at),
    ):
        if moment is not None:
            typer.echo(f"  {name}: {stamp(moment)}")
    if one.attempts:
        typer.echo(f"  attempts: {one.attempts}")
    _print_sent(shown)
    if one.found:
        typer.echo(f"  Unleashed says: {_words(one.found)}")
    if one.told_store:
        typer.echo(f"  the store was told: {one.told_store}")
    for event in shown.events:
        typer.echo(f"  {stamp(event.at)}  {event.event}{f': {event.detail}' if event.detail else ''}")


def _print_sent(shown: Shown) -> None:
    body = sent(shown.document)
    if body is None:
        return
    simple = {name: value for name, value in body.items() if not isinstance(value, (dict, list))}
    typer.echo(f"  sent: {_words(simple)}")
    for line in _lines(body):
        product = line.get("Product") or {}
        guid = str(product.get("Guid") or "")
        code = product.get("ProductCode") or shown.codes.get(guid) or guid or "-"
        price = line.get("UnitPrice", line.get("CreditPrice", "-"))
        number = line.get("OrderQuantity", line.get("CreditQuantity", "-"))
        total = f": {line['LineTotal']}" if "LineTotal" in line else ""
        typer.echo(f"    {number} × {code} at {price}{total}")


def _words(values: Mapping[str, Any]) -> str:
    parts = []
    for name, value in values.items():
        text = f"({_words(value)})" if isinstance(value, Mapping) else value
        parts.append(f"{name} {text}")
    return ", ".join(parts)


def print_decided(items: Sequence[tuple[str, Decided]], reports: Sequence[Report], after: str) -> None:
    """Print what became of each wish: one line each, or their number where there are many."""
    for name, each in items:
        if each.reason:
            typer.echo(
                f"{each.word} of {name}: {each.outcome.replace('_', ' ')}: {each.reason} {each.do}".rstrip()
            )
        elif each.document is not None and len(items) <= 20:
            typer.echo(f"{each.document.kind} {each.document.number or each.word} of {name}: {each.outcome}")
    well = [each for _, each in items if not each.reason]
    read = sum(report.counts.read for report in reports)
    if read and not items:
        typer.echo(f"{many(read, 'document')} read from the store.")
    if len(items) != 1:
        typer.echo(many(len(well), "order"))
    if after and (well or read):
        typer.echo(after)

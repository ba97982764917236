"""Customers that wait for a person: which of Unleashed's they may be, and which one it is."""

from __future__ import annotations

from typing import Any

import typer

from syncd.app import order_decisions
from syncd.app.wiring import App
from syncd.cli.frame import many, print_json, stamp
from syncd.cli.sync import tell_errors
from syncd.state import customer_links as table

SHOWN = 1000


def show(app: App, store: str, *, as_json: bool) -> int:
    """Print the store's customers of whom nobody but a person can say who they are."""
    row = app.store_row(store)
    with app.db.read() as conn:
        found = table.ambiguous(conn, row.id, SHOWN)
    if as_json:
        print_json({"store": store, "customers": [_json(each) for each in found]})
        return 0
    for each in found:
        typer.echo(f"{each.ref}: {each.ambiguous}")
        if each.candidates:
            typer.echo(f"  in question: {', '.join(each.candidates)}")
        typer.echo(f"  To decide: syncd links set --store {store} --customer {each.ref} CODE")
    typer.echo(f"{many(len(found), 'customer')} to decide.")
    return 0


def _json(each: table.CustomerLink) -> dict[str, Any]:
    return {
        "ref": each.ref,
        "reason": each.ambiguous,
        "candidates": list(each.candidates),
        "since": stamp(each.at),
    }


def set_by_hand(app: App, store: str, ref: str, code: str) -> int:
    """Decide who a customer is; the code must be known and in use."""
    done, report = order_decisions.set_customer(app, store, ref, code)
    tell_errors([report])
    if done:
        typer.echo(
            f"{ref} of {store} is {code} from now on. "
            f"Orders that waited for it: `syncd orders retry --store {store} ID`."
        )
    return report.exit_code


def unset_by_hand(app: App, store: str, ref: str) -> int:
    """Forget who a customer is, so that it is decided anew."""
    done, report = order_decisions.unset_customer(app, store, ref)
    tell_errors([report])
    if done:
        typer.echo(f"{ref} of {store} is decided anew." if done[0] else f"{ref} of {store} was not linked.")
    return report.exit_code

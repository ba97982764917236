"""`syncd orders`: what is on its way to Unleashed, and what only a person can decide about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, get_args

import typer

from syncd.app import order_decisions
from syncd.app.wiring import App
from syncd.cli import orders_shown
from syncd.cli.frame import SWITCH, AsJson, Config, OneStore, command, opened, print_json, worst
from syncd.cli.match import only_store
from syncd.cli.orders_shown import Shown
from syncd.cli.sync import known, tell_errors
from syncd.config.values import read_instant
from syncd.errors import Stopped, UsageError
from syncd.flows.order_decided import Decided, find
from syncd.jobs import Report
from syncd.state import mirror, outbox
from syncd.state.outbox import Document, State

orders = typer.Typer(
    help="Look at orders on their way to Unleashed, or decide about them.", no_args_is_help=True
)

Words = Annotated[
    list[str], typer.Argument(metavar="ID...", help="The order's id or number, or Unleashed's order number.")
]
MaybeWords = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID...", help="The order's id or number, or Unleashed's order number."),
]

STATES: tuple[State, ...] = get_args(State)


@orders.command("list")
@command
def orders_list(
    context: typer.Context,
    state: Annotated[
        str | None, typer.Option("--state", metavar="STATE", help=f"Only these: {', '.join(STATES)}.")
    ] = None,
    store: OneStore = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="At most so many a store.")] = 50,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Show orders and refunds, the newest first, and how many are in each state."""
    wanted = _states(state)
    with opened(context, config, asking=False) as app:
        names, rows, counts = _stores(app, store), list[tuple[str, Document]](), dict[str, dict[str, int]]()
        for name in names:
            row = app.store_row(name)
            with app.db.read() as conn:
                rows += [(name, each) for each in outbox.in_states(conn, row.id, wanted, limit)]
                counts[name] = {str(key): number for key, number in outbox.counts(conn, row.id).items()}
    if as_json:
        print_json({"orders": [orders_shown.row_json(name, one) for name, one in rows], "counts": counts})
        return 0
    orders_shown.print_rows(rows)
    for name in names:
        there = ", ".join(
            f"{number} {key.replace('_', ' ')}" for key, number in counts[name].items() if number
        )
        typer.echo(f"{name}: {there or 'no orders yet'}")
    return 0


@orders.command("show")
@command
def orders_show(
    context: typer.Context,
    word: Annotated[str, typer.Argument(metavar="ID", help="The order's id or number.")],
    store: OneStore = None,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Show one order: its time line, what was sent, what Unleashed answered, and what to do."""
    with opened(context, config, asking=False) as app:
        shown = _shown(app, store, word)
    if as_json:
        print_json(orders_shown.full_json(shown))
    else:
        orders_shown.print_full(shown)
    return 0


@orders.command("retry")
@command
def orders_retry(
    context: typer.Context,
    words: MaybeWords = None,
    everything: Annotated[
        bool,
        typer.Option("--all", metavar=SWITCH, help="All that is parked, given up or waits for its next try."),
    ] = False,
    cause: Annotated[
        str | None, typer.Option("--cause", help="With --all: only what has this cause.")
    ] = None,
    store: OneStore = None,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Put orders back into the queue, due now; the next run of `orders` tries them."""
    if bool(words) == everything or (cause is not None and not everything):
        raise UsageError("What to retry is not clear.", "Name orders, or give --all, perhaps with --cause.")

    def work(app: App, name: str) -> tuple[list[Decided], Report]:
        if words:
            return order_decisions.retry(app, name, words)
        return order_decisions.retry_all(app, name, cause)

    after = "The next run tries them; `syncd once orders` does it now."
    return _decide(context, config, store, work, all_stores=everything, as_json=as_json, after=after)


@orders.command("skip")
@command
def orders_skip(
    context: typer.Context,
    word: Annotated[str, typer.Argument(metavar="ID", help="The order's or refund's id or number.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the order.")],
    store: OneStore = None,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Leave an order alone for good; of a posted one, note that what was wrong with it is settled."""
    if not reason.strip():
        raise UsageError("--reason is empty.", "Say why in a few words; it is kept with the order.")
    return _decide(
        context,
        config,
        store,
        lambda app, name: order_decisions.skip(app, name, word, reason.strip()),
        as_json=as_json,
    )


@orders.command("import")
@command
def orders_import(
    context: typer.Context,
    words: MaybeWords = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="TIME",
            help="All that were created since then, for example 2026-11-01T00:00:00Z.",
        ),
    ] = None,
    store: OneStore = None,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Read orders from the store and take them in, also those created before `orders.since`."""
    if bool(words) == (since is not None):
        raise UsageError(
            "What to import is not clear.", "Name orders by the store's id, or give --since TIME."
        )
    moment = None if since is None else _moment(since)

    def work(app: App, name: str) -> tuple[list[Decided], Report]:
        if moment is None:
            return order_decisions.import_ids(app, name, words or [])
        return [], order_decisions.import_since(app, name, moment)

    after = "The next run posts them; `syncd once orders` does it now."
    return _decide(context, config, store, work, as_json=as_json, after=after)


def _decide(
    context: typer.Context,
    config: Path | None,
    store: str | None,
    work: Callable[[App, str], tuple[list[Decided], Report]],
    *,
    as_json: bool,
    all_stores: bool = False,
    after: str = "",
) -> int:
    with opened(context, config) as app:
        names = _stores(app, store) if all_stores else [only_store(app, store)]
        done = [(name, *work(app, name)) for name in names]
    items = [(name, each) for name, found, _ in done for each in found]
    reports = [report for _, _, report in done]
    if as_json:
        print_json({"items": [orders_shown.decided_json(name, each) for name, each in items]})
    else:
        orders_shown.print_decided(items, reports, after)
    tell_errors(reports)
    failed = [1 for _, each in items if each.outcome in ("refused", "not_found")]
    return worst([*(report.exit_code for report in reports), *failed])


def _shown(app: App, store: str | None, word: str) -> Shown:
    """Return the one order that is meant, in the store that is named or in any. Raises Stopped."""
    error = Stopped("No store is configured.", "Add one to the configuration.")
    for name in _stores(app, store):
        row = app.store_row(name)
        with app.db.read() as conn:
            try:
                document = find(conn, row, word)
            except Stopped as nothing:
                error = nothing
                continue
            events = tuple(outbox.events(conn, document))
            there = mirror.by_guid(conn, row.account_id, orders_shown.products(document))
        codes = {guid: each.product.code for guid, each in there.items()}
        return Shown(name, document, events, codes)
    raise error


def _stores(app: App, store: str | None) -> list[str]:
    return [known(app, store)] if store else list(app.settings.stores)


def _states(state: str | None) -> tuple[State, ...]:
    if state is None:
        return STATES
    word = state.strip().lower().replace(" ", "_").replace("-", "_")
    found = tuple(each for each in STATES if each == word)
    if not found:
        raise UsageError(f"There is no state {state}.", f"Use one of: {', '.join(STATES)}.")
    return found


def _moment(text: str) -> datetime:
    try:
        return read_instant(text)
    except ValueError as error:
        raise UsageError(f"--since {text} {error}.", "Write it as 2026-11-21T00:00:00Z.") from error

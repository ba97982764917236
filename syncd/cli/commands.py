"""The command line as a whole: which commands there are, and in which order they are shown."""

from __future__ import annotations

from typing import Annotated

import typer

from syncd import __version__
from syncd.cli import (
    budget,
    decide,
    ghosts,
    look,
    match,
    orders,
    plan,
    reconcile,
    service,
    setup,
    sync,
    why,
)
from syncd.cli.demo import demo
from syncd.cli.emulate import emulate
from syncd.cli.frame import SWITCH, Config

EXIT_CODES = (
    "Exit codes: 0 done or nothing to do; 1 something was refused, parked, ambiguous or not found; "
    "2 the command or the configuration must be changed; 3 a remote system cannot be reached, refuses the "
    "credentials, or the calls are spent."
)

app = typer.Typer(
    name="syncd",
    help="Keeps Unleashed and a web shop or POS in step: products, prices and stock.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog=EXIT_CODES,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"syncd {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    config: Config = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", metavar=SWITCH, callback=_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Keeps Unleashed and a web shop or POS in step: products, prices and stock."""
    del version
    context.obj = config


app.command("demo")(demo)
app.command("init")(setup.init)
app.command("check")(setup.check_command)
app.command("run")(service.run)
app.command("once")(sync.once)
app.command("resync")(sync.resync_command)
app.command("status")(look.status_command)
app.command("budget")(budget.budget_command)
app.command("plan")(plan.plan_command)
app.command("why")(why.why)
app.command("ghosts")(ghosts.ghosts_command)
app.command("audit")(ghosts.audit_command)
app.command("match")(match.match)
app.command("adopt")(decide.adopt)
app.command("approve")(decide.approve)
orders.orders.command("reconcile")(reconcile.reconcile_command)
app.add_typer(orders.orders, name="orders")
app.add_typer(decide.links, name="links")
app.add_typer(setup.database, name="db")
app.command("emulate")(emulate)


def run() -> None:
    """Run the command on the command line; never returns."""
    app()

"""`syncd once notify`: tell people now what is wrong, and say what was told."""

from __future__ import annotations

from pathlib import Path

import typer

from syncd.app import notify
from syncd.cli.frame import many, opened, print_json
from syncd.errors import UsageError


def tell_people(context: typer.Context, config: Path | None, *, as_json: bool, dry_run: bool) -> int:
    """Tell people what is wrong now. A mail server that is down keeps the mail: exit code 3."""
    if dry_run:
        raise UsageError("once notify has no --dry-run.", "Run `syncd status` to see what would be told.")
    with opened(context, config, asking=False) as app:
        configured, told = app.settings.mail is not None, notify.notify(app)
    if as_json:
        figures = {"told": told.told, "sent": told.sent, "failed": told.failed, "heartbeat": told.beat}
        print_json({"job": notify.JOB, "dry_run": False, "runs": [], "notify": figures})
    elif configured:
        typer.echo(
            f"{many(told.told, 'alert')} told, {many(told.sent, 'mail')} sent, {told.failed} kept for later."
        )
    else:
        typer.echo("No mail server is configured: nobody is told. `syncd status` shows what is wrong.")
    for error in told.errors:
        typer.echo(error, err=True)
    return 3 if told.errors else 0

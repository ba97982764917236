"""`syncd init`, `syncd check` and `syncd db`: what comes before anything is written anywhere."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from syncd import log
from syncd.app.check import Checked, check
from syncd.cli.frame import AsJson, Config, calls_text, command, opened, print_json, settings
from syncd.clock import SystemClock
from syncd.config import KINDS
from syncd.core.doctor import Finding
from syncd.errors import DatabaseMismatch, UsageError
from syncd.state import migrate
from syncd.state.db import Database, open_database

TEMPLATE = """\
# syncd: what Unleashed and your shop need to know of each other. Every key: docs/configuration.md
# This file holds secrets. Keep its mode at 0600, or name files instead: api_key_file, consumer_secret_file.

[unleashed.main]
api_id = "{api_id}"
api_key = "{api_key}"
# limits = [{{ calls = 5000, per = "month" }}]   # what your Unleashed plan allows

[store.shop]
kind = "{kind}"
base_url = "{base_url}"
consumer_key = "{consumer_key}"
consumer_secret = "{consumer_secret}"
mode = "shadow"   # decides and reports, writes nothing; take this line out to go live

[store.shop.listing]
fields = ["name", "price", "stock"]
# warehouses = ["W1"]   # empty: the sum over all warehouses
# tax = 0.15            # only if the shop's prices include tax
"""

QUESTIONS = (
    ("api_id", "Unleashed API id", "put-the-api-id-here", False),
    ("api_key", "Unleashed API key", "put-the-api-key-here", True),
    ("base_url", "Address of the shop", "https://shop.example", False),
    ("consumer_key", "WooCommerce consumer key", "ck_put-the-key-here", False),
    ("consumer_secret", "WooCommerce consumer secret", "cs_put-the-secret-here", True),
)


@command
def init(
    store: Annotated[str, typer.Option("--store", help="The kind of store.", metavar="KIND")] = "woocommerce",
) -> int:
    """Write ./syncd.toml to start from, in shadow mode. Never overwrites; asks only on a terminal."""
    if store not in KINDS:
        raise UsageError(f"There is no kind of store {store}.", f"Use one of: {', '.join(KINDS)}.")
    path = Path("syncd.toml")
    if path.exists():
        raise UsageError(
            f"{path} exists already, and is never overwritten.", "Edit it, or move it away first."
        )
    _create(path, TEMPLATE.format(kind=store, **_answers()))
    typer.echo(f"{path} is written (mode 0600), in shadow mode: nothing is changed in the shop.")
    typer.echo("Next: fill in what is missing, then run  syncd check")
    return 0


def _answers() -> dict[str, str]:
    ask = sys.stdin.isatty() and sys.stdout.isatty()
    return {
        name: _quoted(typer.prompt(question, default=default, hide_input=hidden, show_default=not hidden))
        if ask
        else default
        for name, question, default, hidden in QUESTIONS
    }


def _quoted(answer: str) -> str:
    return answer.strip().replace("\\", "\\\\").replace('"', '\\"')


def _create(path: Path, text: str) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.", "Choose another folder.") from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


@command
def check_command(
    context: typer.Context,
    accept_identity: Annotated[
        str | None,
        typer.Option(
            "--accept-identity", help="This store has moved: keep what its address answers.", metavar="STORE"
        ),
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Sign in to every side and say what is wrong, each with its remedy. Writes nothing to any of them."""
    with opened(context, config) as app:
        done = check(app, accept_identity=accept_identity)
    if as_json:
        print_json(_json(done))
    else:
        for finding in done.findings:
            _print(finding)
        typer.echo(calls_text(done.calls_unleashed, done.calls_store))
    return done.exit_code()


def _json(done: Checked) -> dict[str, Any]:
    return {
        "findings": [
            {"level": each.level, "about": each.about, "what": each.what, "do": each.do or None}
            for each in done.findings
        ],
        "calls": {"unleashed": done.calls_unleashed, "store": done.calls_store},
    }


def _print(finding: Finding) -> None:
    mark = {"ok": "ok      ", "warning": "warning ", "problem": "PROBLEM ", "unreachable": "PROBLEM "}[
        finding.level
    ]
    typer.echo(f"{mark}{finding.about}: {finding.what}")
    if finding.do:
        typer.echo(f"        {finding.do}")


database = typer.Typer(help="Look at the database, or bring it up to date.", no_args_is_help=True)


@database.command("check")
@command
def db_check(context: typer.Context, as_json: AsJson = False, config: Config = None) -> int:
    """Say which revision the database has and which one this program needs.

    Exit code 1 if it is behind (run `syncd db upgrade`), 2 if it is newer than the program.
    """
    found = settings(context, config)
    db = open_database(found.database.address())
    try:
        revision, head, kind = migrate.current(db), migrate.head(), db.kind
        wrong = _mismatch(db)
    finally:
        db.close()
    if as_json:
        print_json({"database": {"kind": kind, "revision": revision, "head": head}})
    elif wrong is None:
        typer.echo(f"The database ({kind}) is at revision {head}, as it should be.")
    if wrong is not None:
        typer.echo(str(wrong), err=as_json)
    return 0 if wrong is None else 2 if revision is not None and revision > head else 1


def _mismatch(db: Database) -> DatabaseMismatch | None:
    """Return why the database does not fit the program, as every other command would say it."""
    try:
        migrate.ensure(db, SystemClock(), auto=False)
    except DatabaseMismatch as mismatch:
        return mismatch
    return None


@database.command("upgrade")
@command
def db_upgrade(context: typer.Context, config: Config = None) -> int:
    """Bring the database to this program's revision; an SQLite file is copied first."""
    found = settings(context, config)
    log.configure("info", found.log.format, sys.stderr)
    db = open_database(found.database.address())
    try:
        done = migrate.upgrade(db, SystemClock())
    finally:
        db.close()
    applied = (
        f"The database is now at revision {done[-1]}."
        if done
        else "Nothing to do: the database is up to date."
    )
    typer.echo(applied)
    return 0

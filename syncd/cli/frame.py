"""What every command shares: the configuration, the open application, exit codes, printing."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ParamSpec

import typer

from syncd import log
from syncd.app import App, open_app
from syncd.clock import Clock, SystemClock
from syncd.config import Settings, load
from syncd.core.money import plain
from syncd.errors import SyncdError

P = ParamSpec("P")

SCHEMA = 1

SWITCH = ""
"""The metavar of an option without a value: typer would show `<bool>`, as if one were to be given."""

Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="The configuration; else SYNCD_CONFIG, else ./syncd.toml."),
]
AsJson = Annotated[bool, typer.Option("--json", metavar=SWITCH, help="Print one JSON object on stdout.")]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", metavar=SWITCH, help="Read and decide (calls count), but write nothing."),
]
OneStore = Annotated[str | None, typer.Option("--store", metavar="STORE", help="Only this store.")]


def worst(codes: Iterable[int]) -> int:
    """Return the exit code that counts: the highest of 2 > 3 > 1 > 0."""
    found = set(codes)
    return next((code for code in (2, 3, 1) if code in found), 0)


def command(work: Callable[P, int | None]) -> Callable[P, None]:
    """Turn a function that returns an exit code into a command that leaves with it.

    An error of ours is printed as its sentences on stderr; its kind decides the exit code.
    """

    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = work(*args, **kwargs) or 0
        except SyncdError as error:
            typer.echo(str(error), err=True)
            code = error.exit_code
        raise typer.Exit(code)

    return run


def settings(context: typer.Context, config: Path | None) -> Settings:
    """Return the configuration; `--config` may stand before the command or after it."""
    found = load(config or context.obj, os.environ)
    for secret in found.confidential():
        log.register_secret(secret)
    return found


@contextmanager
def opened(context: typer.Context, config: Path | None, *, asking: bool = True) -> Iterator[App]:
    """Yield the application for a command a person typed: what went wrong is in its answer, not in its log.

    `asking` False is for commands that only look: they never ask a store which shop it is.
    """
    found = settings(context, config)
    log.configure("debug" if found.log.level == "debug" else "error", found.log.format, sys.stderr)
    for notice in found.notices:
        typer.echo(notice, err=True)
    clock = SystemClock()
    app = open_app(found, clock, holder("command", clock), asking=asking)
    try:
        yield app
    finally:
        app.close()


def holder(role: str, clock: Clock) -> str:
    """Return how this process names itself in leases.

    The time tells it from an earlier process with the same number: in a container every one is number 1.
    """
    return f"{role} {os.getpid()} on {socket.gethostname()} since {clock.now():%Y-%m-%dT%H:%M:%S.%fZ}"


def calls_text(unleashed: int, store: int) -> str:
    """Return what was spent, as a person reads it."""
    return f"{many(unleashed, 'Unleashed call')}, {many(store, 'store call')}"


def many(number: int, what: str) -> str:
    """Return "1 store call", "2 store calls"."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def print_json(body: Mapping[str, Any]) -> None:
    """Print one object on stdout: decimals as texts, times in RFC 3339 with Z."""
    typer.echo(json.dumps({"schema": SCHEMA, **body}, default=_json, ensure_ascii=False, indent=2))


def stamp(moment: datetime | None) -> str | None:
    """Return a time as the contract has it: RFC 3339, UTC, seconds, Z."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _json(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return stamp(value) or ""
    raise TypeError(f"{type(value).__name__} has no place in JSON")

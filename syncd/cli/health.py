"""`syncd health`: ask the running daemon how it is. Standard library only, so that it starts at once."""

from __future__ import annotations

import json
import os
import sys
import tomllib
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path

DEFAULT = "127.0.0.1:8642"
USAGE = """usage: syncd health [--config FILE] [--json]

Asks the daemon on this machine's loopback address. Exit code 0: running or standby. 1: draining.
2: the configuration cannot be read, or [web] listen is "off". 3: nobody answers."""


def is_meant(arguments: Sequence[str]) -> bool:
    """Tell whether the command line is about `health`, wherever --config stands."""
    words = [word for word in _without_config(arguments) if not word.startswith("-")]
    return words[:1] == ["health"]


def main(arguments: Sequence[str], env: Mapping[str, str] = os.environ) -> int:
    """Print one line (or the answer itself with --json) and return the exit code."""
    if "--help" in arguments:
        print(USAGE)
        return 0
    try:
        address = listen_address(arguments, env)
    except (OSError, ValueError) as error:
        return _say(
            2, f"The configuration cannot be read: {error}. Give it with --config FILE or SYNCD_CONFIG."
        )
    if address == "off":
        return _say(2, 'The daemon answers nowhere: [web] listen is "off". Set it to "127.0.0.1:8642".')
    if not address.rpartition(":")[2].isdigit():
        return _say(
            2, f'[web] listen is {address!r}, which is no address with a port. Write "127.0.0.1:8642".'
        )
    return _ask(address, as_json="--json" in arguments)


def listen_address(arguments: Sequence[str], env: Mapping[str, str]) -> str:
    """Return host:port as configured: environment first, then the file, then the default."""
    for name, value in env.items():
        if name.upper() == "SYNCD_WEB__LISTEN":
            return value
    path = _config_path(arguments, env)
    if path is None:
        return DEFAULT
    with path.open("rb") as file:
        section = tomllib.load(file).get("web", {})
    return str(section.get("listen", DEFAULT)) if isinstance(section, dict) else DEFAULT


def _config_path(arguments: Sequence[str], env: Mapping[str, str]) -> Path | None:
    for place, word in enumerate(arguments):
        if word.startswith("--config="):
            return Path(word.partition("=")[2])
        if word == "--config" and place + 1 < len(arguments):
            return Path(arguments[place + 1])
    if env.get("SYNCD_CONFIG"):
        return Path(env["SYNCD_CONFIG"])
    here = Path("syncd.toml")
    return here if here.exists() else None


def _without_config(arguments: Sequence[str]) -> list[str]:
    kept, skip = [], False
    for word in arguments:
        if skip:
            skip = False
        elif word == "--config":
            skip = True
        else:
            kept.append(word)
    return kept


def _ask(address: str, *, as_json: bool) -> int:
    host, _, port = address.rpartition(":")
    # A daemon that listens on every address is asked on loopback.
    target = {"0.0.0.0": "127.0.0.1", "[::]": "::1", "::": "::1"}.get(host, host.strip("[]"))
    connection = HTTPConnection(target, int(port), timeout=5)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        state = str(json.loads(answer.read()).get("state", "unknown"))
    except (OSError, HTTPException, ValueError) as error:
        return _say(3, f"Nobody answers on {address}: {error}. Start the daemon with `syncd run`.")
    finally:
        connection.close()
    print(json.dumps({"schema": 1, "state": state}) if as_json else state)
    return 0 if answer.status == 200 else 1


def _say(code: int, sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return code

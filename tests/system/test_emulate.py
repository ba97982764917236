"""`syncd emulate` serves one system over a real socket, says how to reach it, and ends when asked to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from syncd.cli.demo_stage import surroundings

SYNCD = [sys.executable, "-m", "syncd"]
ENV = surroundings(os.environ)


@dataclass(frozen=True, slots=True)
class Running:
    """An emulator at work, and the configuration it printed."""

    process: subprocess.Popen[str]
    text: str

    @property
    def config(self) -> dict[str, Any]:
        return tomllib.loads(self.text)


@contextmanager
def emulating(*arguments: str) -> Iterator[Running]:
    """Start `syncd emulate`, and end it with SIGTERM."""
    command = [*SYNCD, "emulate", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENV) as process:
        try:
            assert process.stdout is not None
            lines = list(takewhile(str.strip, process.stdout))
            yield Running(process, "".join(lines))
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            if process.poll() is None:
                process.kill()


def syncd(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of syncd to its end."""
    return subprocess.run(
        [*SYNCD, *arguments], capture_output=True, text=True, timeout=60, env=ENV, check=False
    )


def asked(account: dict[str, Any], query: str, key: str) -> tuple[int, bytes]:
    """Ask an emulated Unleashed for products, signed with this key by the documents' rule."""
    signature = base64.b64encode(hmac.new(key.encode(), query.encode(), hashlib.sha256).digest()).decode()
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "api-auth-id": account["api_id"],
        "api-auth-signature": signature,
        "client-type": "syncd/tests",
    }
    connection = HTTPConnection(urlsplit(account["base_url"]).netloc, timeout=10)
    try:
        connection.request("GET", f"/Products/1?{query}", headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_emulated_unleashed_answers_who_signs() -> None:
    """A call signed with the printed id and key is answered, one signed otherwise is refused."""
    with emulating("unleashed", "--products", "60") as it:
        account = it.config["unleashed"]["main"]
        status, body = asked(account, "includeObsolete=true", account["api_key"])
        assert status == 200
        assert json.loads(body)["Pagination"]["NumberOfItems"] == 60
        assert asked(account, "pageSize=10", "another key")[0] == 403


def test_printed_lines_point_syncd_at_both(tmp_path: Path) -> None:
    """What both emulators print is a configuration with which syncd finds every product in step or behind."""
    with (
        emulating("unleashed", "--products", "60", "--warehouses") as unleashed,
        emulating("woocommerce", "--products", "60", "--warehouses") as shop,
    ):
        listing = '[store.shop.listing]\nwarehouses = ["W1", "W2"]\n'
        database = f"[database]\nurl = {json.dumps(f'sqlite:///{tmp_path}/syncd.db')}\n"
        assert 'warehouses = ["W1", "W2"]' in unleashed.text
        config = tmp_path / "syncd.toml"
        config.touch(mode=0o600)
        config.write_text(database + unleashed.text + shop.text + listing)
        done = syncd("--config", str(config), "once", "recent", "--json")
        pull, push = json.loads(done.stdout)["runs"]
    assert (pull["outcome"], push["outcome"]) == ("done", "done")
    assert push["read"] == 60
    assert push["written"] > 0


def test_faults_are_acted_out_at_every_nth_call() -> None:
    """With --faults 503=2 every second call is refused with 503."""
    with emulating("unleashed", "--products", "10", "--faults", "503=2") as it:
        account = it.config["unleashed"]["main"]
        codes = [asked(account, "pageSize=10", account["api_key"])[0] for _ in range(4)]
    assert codes == [200, 503, 200, 503]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["bakery"], "There is no emulator of bakery. Use one of: unleashed, woocommerce."),
        (["unleashed", "--faults", "sulk"], "There is no fault sulk. Use one of refuse, lose,"),
        (["unleashed", "--faults", "lose=0"], "There is no fault lose=0."),
        (["unleashed", "--faults", "200"], "There is no fault 200."),
    ],
)
def test_what_cannot_be_emulated_is_refused(arguments: list[str], sentence: str) -> None:
    """An unknown kind or fault ends with 2 and a sentence that lists what there is."""
    done = syncd("emulate", "--products", "10", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr


def test_taken_port_is_a_sentence() -> None:
    """A port that somebody else listens on ends with 2 and says which one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = syncd("emulate", "woocommerce", "--products", "10", "--port", str(port))
    assert done.returncode == 2
    assert f"Port {port} of 127.0.0.1 cannot be listened on: " in done.stderr
    assert "Traceback" not in done.stderr

"""`syncd init`: a first configuration that is private, sound, and never in anybody's way."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from syncd.cli.commands import app
from syncd.config import load
from tests.system.stage import clean_environment


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_init_writes_a_private_file_that_loads(folder: Path) -> None:
    """The file has mode 0600, is accepted as it is, and changes nothing in the shop until told to."""
    done = CliRunner().invoke(app, ["init"])
    file = folder / "syncd.toml"
    settings = load(file, {})
    assert done.exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert settings.stores["shop"].mode == "shadow"
    assert "syncd check" in done.stdout


def test_init_never_overwrites(folder: Path) -> None:
    """A file that is there stays as it is, and the command says so with exit code 2."""
    (folder / "syncd.toml").write_text("mine")
    done = CliRunner().invoke(app, ["init"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "never overwritten" in done.stderr
    assert (folder / "syncd.toml").read_text() == "mine"


def test_init_follows_no_link_to_nowhere(folder: Path) -> None:
    """A link that points to a missing file is not written through."""
    (folder / "syncd.toml").symlink_to(folder / "elsewhere")
    assert CliRunner().invoke(app, ["init"]).exit_code == 2
    assert not (folder / "elsewhere").exists()


def test_init_knows_the_kinds_of_store() -> None:
    """An unknown kind is named together with those that there are."""
    done = CliRunner().invoke(app, ["init", "--store", "magento"])
    assert done.exit_code == 2
    assert "woocommerce" in done.stderr


def test_init_says_when_the_folder_cannot_be_written(folder: Path) -> None:
    """A folder that takes no file is a sentence, not a traceback."""
    gone = folder / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    done = CliRunner().invoke(app, ["init"])
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr


def test_init_asks_on_a_terminal(folder: Path) -> None:
    """On a terminal the answers go into the file, quotes and backslashes included; secrets are not shown."""
    master, terminal = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "syncd", "init"],
        cwd=folder,
        env=clean_environment() | {"TERM": "dumb"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    shown = b""
    for prompt, answer in [
        (b"API id", "id-1"),
        (b"API key", 'key"with\\signs'),
        (b"Address", "https://tea.example.test"),
        (b"consumer key", "ck_1"),
        (b"consumer secret", "cs_marked"),
    ]:
        while not (prompt in (line := shown.rpartition(b"\n")[2]) and line.endswith(b": ")):
            shown += os.read(master, 1024)
        os.write(master, answer.encode() + b"\n")
        shown += b"\n"
    assert child.wait(20) == 0
    while b"syncd check" not in shown:
        shown += os.read(master, 1024)
    os.close(master)
    written = tomllib.loads((folder / "syncd.toml").read_text())
    assert written["unleashed"]["main"] == {"api_id": "id-1", "api_key": 'key"with\\signs'}
    assert written["store"]["shop"]["consumer_secret"] == "cs_marked"
    assert written["store"]["shop"]["base_url"] == "https://tea.example.test"
    assert b"cs_marked" not in shown

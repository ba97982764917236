"""What every command stands on: the configuration, the database, the help, `health`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from syncd.cli import health
from syncd.cli.commands import app
from syncd.clock import SystemClock
from syncd.state import migrate
from syncd.state.db import open_database
from syncd.state.migrate import head
from syncd.web.health import State, WebServer, application
from tests.databases import PostgresServer
from tests.system.stage import Stage, free_port

COMMANDS = ("init", "check", "run", "once", "resync", "status", "why", "db")


def test_the_configuration_may_be_named_before_or_after_the_command(stage: Stage) -> None:
    """--config works on both sides of the command, and so does SYNCD_CONFIG."""
    elsewhere = str(stage.configure().rename(stage.folder / "other.toml"))
    run = CliRunner()
    assert run.invoke(app, ["status"]).exit_code == 2
    assert run.invoke(app, ["--config", elsewhere, "status"]).exit_code == 0
    assert run.invoke(app, ["status", "--config", elsewhere]).exit_code == 0
    assert run.invoke(app, ["status"], env={"SYNCD_CONFIG": elsewhere}).exit_code == 0


@pytest.mark.parametrize(
    "words",
    [("check",), ("run",), ("once", "recent"), ("resync", "X"), ("status",), ("why", "X"), ("db", "check")],
)
def test_a_missing_configuration_is_exit_code_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Every command says which file is missing and how to make one."""
    done = CliRunner().invoke(app, [*words, "--config", str(tmp_path / "none.toml")])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "none.toml" in done.stderr
    assert "syncd init" in done.stderr


def test_all_mistakes_of_the_configuration_are_told_at_once(stage: Stage) -> None:
    """Each mistake is one sentence on stderr, also with --json, and nobody is asked anything."""
    stage.account["spacin"] = '"1s"'
    stage.store["mode"] = '"liv"'
    stage.listing["buffer"] = '"some"'
    done = stage.run("check", "--json")
    assert (done.code, done.out) == (2, "")
    for sentence in ("unleashed.main.spacin", "store.shop.mode", "store.shop.listing.buffer"):
        assert sentence in done.err
    assert "Traceback" not in done.err
    assert stage.unleashed.calls == []


def test_a_secret_file_that_is_missing_is_a_sentence(stage: Stage) -> None:
    """A secret file that is not there is named, with exit code 2."""
    stage.account |= {"api_key": "", "api_key_file": '"nowhere"'}
    done = stage.run("once", "recent")
    assert done.code == 2
    assert "unleashed.main.api_key_file" in done.err
    assert "nowhere does not exist" in done.err


def test_the_help_names_every_command_and_what_matters() -> None:
    """The first page shows all commands; each command's page shows its own switches."""
    run = CliRunner()
    first = run.invoke(app, ["--help"], env={"COLUMNS": "200"}).stdout
    assert all(f" {name} " in first for name in COMMANDS)
    for name, words in {
        "check": ("--accept-identity", "--json", "--config"),
        "once": ("--store", "--dry-run", "--json", "--config", "tidy or notify"),
        "resync": ("--store", "--dry-run", "--json", "CODE", "Two Unleashed calls"),
        "status": ("--check", "--json", "Exit code 1"),
        "run": ("SIGTERM", "SIGHUP", "--config"),
        "init": ("Never overwrites", "--store"),
        "why": ("--store", "--json"),
    }.items():
        page = run.invoke(app, [name, "--help"], env={"COLUMNS": "200"})
        assert page.exit_code == 0
        assert [word for word in words if word not in page.stdout] == []
    assert run.invoke(app, []).exit_code == 2
    assert run.invoke(app, ["--version"]).stdout.startswith("syncd ")


def test_a_database_without_tables_is_brought_up_to_date(stage: Stage) -> None:
    """`db check` says 1 until `db upgrade` has made the tables, then both say 0."""
    (stage.folder / "syncd.db").unlink()
    before = stage.run("db", "check")
    assert before.code == 1
    assert "Run `syncd db upgrade`." in before.out
    assert stage.run("db", "upgrade").code == 0
    after = stage.run("db", "check", "--json")
    assert after.code == 0
    assert after.json["database"] == {"kind": "sqlite", "revision": head(), "head": head()}
    assert "Nothing to do" in stage.run("db", "upgrade").out


@pytest.mark.parametrize("words", [("db", "upgrade"), ("status",), ("once", "recent"), ("run",)])
def test_a_newer_database_is_refused(stage: Stage, words: tuple[str, ...]) -> None:
    """A database of a later version is left alone with exit code 2 and a sentence."""
    db = open_database(stage.database)
    with db.write() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    db.close()
    done = stage.run(*words)
    assert (done.code, done.out) == (2, "")
    assert "The database is newer than the program: it is at revision 9999" in done.err
    assert "Install the version of syncd that last used it" in done.err


def test_db_check_says_2_for_a_newer_database(stage: Stage) -> None:
    """`db check` tells a newer database from an older one by its exit code."""
    db = open_database(stage.database)
    with db.write() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    db.close()
    done = stage.run("db", "check")
    assert done.code == 2
    assert "newer than the program" in done.text
    assert "syncd db upgrade" not in done.text


def test_a_folder_that_is_missing_is_a_sentence(stage: Stage) -> None:
    """A database in a folder that does not exist is exit code 2."""
    stage.database = f"sqlite:///{stage.folder}/nowhere/syncd.db"
    done = stage.run("status")
    assert done.code == 2
    assert "does not exist" in done.err


def test_a_file_that_is_no_database_is_a_sentence(stage: Stage) -> None:
    """A file that is something else is exit code 2 and no traceback."""
    (stage.folder / "syncd.db").write_text("this is no database " * 100)
    done = stage.run("status")
    assert done.code == 2
    assert "cannot be used" in done.err


def test_postgresql_is_upgraded_by_hand(stage: Stage, postgres_server: PostgresServer) -> None:
    """With PostgreSQL a command refuses missing tables and names the command that makes them."""
    url = postgres_server.create()
    stage.database = url.replace("postgresql://", "postgresql+psycopg://")
    try:
        done = stage.run("status")
        assert (done.code, done.out) == (2, "")
        assert "has no tables yet" in done.err
        assert "syncd db upgrade" in done.err
        assert stage.run("db", "check").code == 1
        assert stage.run("db", "upgrade").code == 0
        assert stage.run("status").code == 0
    finally:
        postgres_server.drop(url)


def test_a_database_server_that_is_down_is_a_sentence(stage: Stage) -> None:
    """A PostgreSQL that does not answer is exit code 2 with where it was looked for."""
    stage.database = f"postgresql+psycopg://syncd:marked-word@127.0.0.1:{free_port()}/syncd"
    done = stage.run("status")
    assert done.code == 2
    assert "The database syncd on 127.0.0.1 cannot be reached" in done.err
    assert "marked-word" not in done.text


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    return free_port()


def asked(capsys: pytest.CaptureFixture[str], port: int, *words: str) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of `syncd health` for a daemon on this port."""
    code = health.main(["health", *words], {"SYNCD_WEB__LISTEN": f"127.0.0.1:{port}"})
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize(("state", "code"), [("running", 0), ("standby", 0), ("draining", 1)])
def test_health_says_how_the_daemon_is(
    capsys: pytest.CaptureFixture[str], port: int, state: State, code: int
) -> None:
    """Running and standby are exit code 0, draining is 1; the state is printed."""
    web = WebServer(application(lambda: state), "127.0.0.1", port)
    web.start()
    try:
        assert asked(capsys, port) == (code, f"{state}\n", "")
        as_json = asked(capsys, port, "--json")
        assert (as_json[0], json.loads(as_json[1])) == (code, {"schema": 1, "state": state})
    finally:
        web.stop()


def test_health_says_when_nobody_answers(capsys: pytest.CaptureFixture[str], port: int) -> None:
    """Without a daemon it is exit code 3, and how to start one."""
    code, out, err = asked(capsys, port)
    assert (code, out) == (3, "")
    assert "Start the daemon with `syncd run`." in err


@pytest.mark.parametrize("written", ['[web]\nlisten = "off"', '[web]\nlisten = "nowhere"', "[web"])
def test_health_says_when_it_cannot_know_where(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, written: str
) -> None:
    """A page that is off, an address without a port, or a broken file is exit code 2 with a sentence."""
    file = tmp_path / "syncd.toml"
    file.write_text(written)
    code = health.main(["--config", str(file), "health"], {})
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.endswith((".\n", '".\n'))
    assert health.main(["health", f"--config={tmp_path}/none.toml"], {}) == 2


def test_the_tables_are_copied_before_they_change(stage: Stage) -> None:
    """The log of an upgrade says where the copy of a SQLite file is; a database at its head needs none."""
    db = open_database(stage.database)
    assert migrate.ensure(db, SystemClock(), auto=True) == []
    db.close()
    assert [path.name for path in stage.folder.iterdir() if ".db." in path.name] == []

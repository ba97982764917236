"""The way in: open SQLite or PostgreSQL, and hand out one short transaction at a time to each thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from syncd.clock import SystemClock
from syncd.errors import UsageError

__all__ = ["Connection", "Database", "chunks", "open_database"]

Kind = Literal["sqlite", "postgresql"]
T = TypeVar("T")

BUSY_MS = 10_000
MIGRATION_BUSY_MS = 600_000
MIGRATION_LOCK = 0x73796E6364  # "syncd", the key of PostgreSQL's advisory lock


class Database:
    """One open database. `kind` is "sqlite" or "postgresql"; `seam` is called just before and after a commit.

    A thread has one transaction at a time: asking for a second is a RuntimeError, because on SQLite it
    would wait for the first, and because no transaction may be open across a remote call.
    """

    def __init__(self, engine: Engine, kind: Kind) -> None:
        self.kind: Kind = kind
        self.seam: Callable[[str], None] = _nothing
        self.engine = engine
        snapshot = (
            {} if kind == "sqlite" else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        )
        self._reader = engine.execution_options(**snapshot)
        self._writer = engine.execution_options(writes=True)
        self._thread = threading.local()

    @property
    def path(self) -> Path | None:
        """The SQLite file; None on PostgreSQL."""
        return _file(self.engine.url) if self.kind == "sqlite" else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection that sees one unchanging state and writes nothing."""
        with self._alone(), closing(self._begun(self._reader)) as conn:
            yield conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection whose work is committed at the end, or undone if anything is raised.

        On SQLite it is the only writer from the first statement on.
        """
        with self._alone(), closing(self._begun(self._writer)) as conn:
            yield conn
            self.seam("before_commit")
            conn.commit()
        self.seam("after_commit")

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Yield a connection that alone may change tables, in one transaction.

        Foreign keys are not enforced inside (rebuilding a table on SQLite would delete its children) but
        checked before the commit; a broken one is a RuntimeError and undoes everything.
        """
        with self._alone(), closing(self._begun(self._writer, self._unguard)) as conn:
            if self.kind == "postgresql":
                conn.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            yield conn
            self._check_foreign_keys(conn)
            conn.commit()

    def in_transaction(self) -> bool:
        """Say whether this thread has a transaction open."""
        return bool(getattr(self._thread, "busy", False))

    def close(self) -> None:
        """Close all idle connections."""
        self.engine.dispose()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self.in_transaction():
            raise RuntimeError("this thread already has a transaction open")
        self._thread.busy = True
        try:
            yield
        finally:
            self._thread.busy = False

    def _begun(self, engine: Engine, prepare: Callable[[Connection], None] | None = None) -> Connection:
        try:
            conn = engine.connect()
            try:
                if prepare:
                    prepare(conn)
                conn.begin()
                if self.kind == "sqlite":
                    _begin(conn)
            except BaseException:
                conn.close()
                raise
        except DBAPIError as error:
            raise _unreachable(self.engine.url, error) from error
        return conn

    def _unguard(self, conn: Connection) -> None:
        driver: Any = conn.connection.driver_connection
        conn.detach()
        if self.kind == "sqlite":
            driver.execute("PRAGMA foreign_keys=OFF")
            driver.execute(f"PRAGMA busy_timeout={MIGRATION_BUSY_MS}")

    def _check_foreign_keys(self, conn: Connection) -> None:
        if self.kind == "sqlite":
            broken = conn.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise RuntimeError(f"the migration would leave rows without their parent: {broken[:3]}")


def open_database(url: str, *, readonly_ok: bool = False) -> Database:
    """Open the database and prove that it answers. Tables are not looked at (see `migrate.ensure`).

    With `readonly_ok` a SQLite file that cannot be written is opened for reading. Raises UsageError if the
    address is not one of SQLite or PostgreSQL, the folder is missing, or the server cannot be reached.
    """
    parsed = _parse(url)
    engine = _sqlite(parsed, readonly_ok) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed)
    kind: Kind = "sqlite" if engine.dialect.name == "sqlite" else "postgresql"
    database = Database(engine, kind)
    try:
        with database.read() as conn:
            conn.exec_driver_sql("SELECT 1 FROM sqlite_master" if kind == "sqlite" else "SELECT 1")
    except DBAPIError as error:
        raise _unreachable(engine.url, error) from error
    return database


def chunks(items: Sequence[T], size: int = 1000) -> Iterator[Sequence[T]]:
    """Yield the items in order, at most `size` at a time, so that no statement has too many parameters."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UsageError("The address of the database cannot be read.", _ADDRESSES) from error
    backend = parsed.drivername.partition("+")[0]
    if backend == "sqlite":
        return parsed.set(drivername="sqlite+pysqlite")
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise UsageError(f"{backend!r} is not a database that syncd can use.", _ADDRESSES)


_ADDRESSES = "Give `[database] url` as sqlite:///syncd.db or postgresql://user@host/database."


def _file(url: URL) -> Path:
    return Path((url.database or "").removeprefix("file:")).absolute()


def _sqlite(url: URL, readonly_ok: bool) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise UsageError("A SQLite database needs a file: in memory it would forget everything.", _ADDRESSES)
    folder = _file(url).parent
    if not folder.is_dir():
        raise UsageError(
            f"The folder {folder} of the database does not exist.", "Create it, or correct the address."
        )
    engine = create_engine(url, max_overflow=-1)

    @event.listens_for(engine, "connect")
    def prepare(driver: Any, _record: Any) -> None:
        driver.isolation_level = None
        driver.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        driver.execute("PRAGMA foreign_keys=ON")
        driver.execute("PRAGMA synchronous=FULL")
        _write_ahead(driver, readonly_ok)

    return engine


def _begin(conn: Connection) -> None:
    """Begin on SQLite past SQLAlchemy: an engine with a "begin" listener is slower at each statement."""
    statement = "BEGIN IMMEDIATE" if conn.get_execution_options().get("writes") else "BEGIN"
    driver: Any = conn.connection.dbapi_connection
    try:
        driver.execute(statement)
    except driver.OperationalError as error:
        raise OperationalError(statement, None, error) from error


def _write_ahead(driver: Any, readonly_ok: bool) -> None:
    """Switch to WAL. SQLite does not wait when another process switches at the same moment, so we do."""
    for attempt in range(100):
        try:
            driver.execute("PRAGMA journal_mode=WAL")
            return
        except driver.OperationalError as error:
            if readonly_ok and "readonly" in str(error):
                return
            if "locked" not in str(error) or attempt == 99:
                raise
            SystemClock().sleep(0.05)


def _postgresql(url: URL) -> Engine:
    given = {name.lower() for name in url.query}
    defaults = {"connect_timeout": 10, "application_name": "syncd"}
    arguments = {name: value for name, value in defaults.items() if name not in given}
    return create_engine(url, connect_args=arguments, pool_pre_ping=True)


def _unreachable(url: URL, error: DBAPIError) -> UsageError:
    reason = _reason(url, error)
    if url.get_backend_name() == "sqlite":
        return UsageError(
            f"The database {_file(url)} cannot be used: {reason}.", "See who else uses it, and its rights."
        )
    host = url.host or url.query.get("host") or "localhost"
    return UsageError(
        f"The database {url.database or ''} on {host} cannot be reached: {reason}.",
        "Start it, or correct `[database] url`.",
    )


def _reason(url: URL, error: DBAPIError) -> str:
    text = (str(error.orig).strip() or type(error.orig).__name__).splitlines()[0][:200].rstrip(".")
    for secret in (url.password, url.query.get("password")):
        if secret:
            text = text.replace(str(secret), "***")
    return text


def _nothing(_moment: str) -> None:
    return None

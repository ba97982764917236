"""One short transaction at a time, and a sentence for everything that keeps us from one."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from syncd.errors import UsageError
from syncd.state import accounts, progress
from syncd.state.db import Database, chunks, open_database
from syncd.state.records import Progress
from tests.state.samples import merchant, opened


def test_raising_undoes_the_transaction(db: Database) -> None:
    """What was written before an exception is not there afterwards."""

    def fail() -> None:
        with db.write() as conn:
            merchant(conn)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with db.read() as conn:
        assert accounts.stores(conn) == []
    assert not db.in_transaction()


def test_thread_has_one_transaction(db: Database) -> None:
    """A second transaction in the same thread is refused, and another thread is not concerned."""
    with db.write():
        assert db.in_transaction()
        with pytest.raises(RuntimeError, match="already has a transaction"), db.write():
            raise AssertionError
        with ThreadPoolExecutor(1) as other:
            assert other.submit(db.in_transaction).result() is False
        assert db.in_transaction()
    assert not db.in_transaction()


def test_killed_before_the_commit_nothing_is_kept(db: Database) -> None:
    """An exception at the seam before the commit undoes the work."""

    def seam(moment: str) -> None:
        if moment == "before_commit":
            raise KeyboardInterrupt

    db.seam = seam
    with pytest.raises(KeyboardInterrupt):
        opened(db)
    with db.read() as conn:
        assert accounts.stores(conn) == []


def test_killed_after_the_commit_everything_is_kept(db: Database) -> None:
    """An exception at the seam after the commit leaves the work done and no transaction open."""
    seen = []

    def seam(moment: str) -> None:
        seen.append((moment, db.in_transaction()))
        if moment == "after_commit":
            raise KeyboardInterrupt

    db.seam = seam
    with pytest.raises(KeyboardInterrupt):
        opened(db)
    assert seen == [("before_commit", True), ("after_commit", False)]
    with db.read() as conn:
        assert [store.name for store in accounts.stores(conn)] == ["shop"]


def test_eight_threads_read_then_write(db: Database) -> None:
    """Eight threads that read and then write never lock each other out, and lose no update."""
    opened(db)

    def work(_: int) -> None:
        for _ in range(15):
            with db.write() as conn:
                conn.execute(text("UPDATE account SET name = name WHERE id = 1"))
                seen = progress.progress(conn, 1, "products").certified_rows
                progress.save_progress(conn, 1, Progress("products", certified_rows=seen + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    with db.read() as conn:
        assert progress.progress(conn, 1, "products").certified_rows == 8 * 15


def test_reader_sees_one_state(db: Database) -> None:
    """A reader is not disturbed by a commit that happens while it reads, and does not hold it up."""
    opened(db)
    with db.read() as conn:
        before = progress.progress(conn, 1, "products").certified_rows

        def write() -> None:
            with db.write() as other:
                progress.save_progress(other, 1, Progress("products", certified_rows=5))

        writer = threading.Thread(target=write)
        writer.start()
        writer.join(timeout=30)
        assert not writer.is_alive()
        assert progress.progress(conn, 1, "products").certified_rows == before
    with db.read() as conn:
        assert progress.progress(conn, 1, "products").certified_rows == 5


def test_foreign_keys_hold(db: Database) -> None:
    """A row of an account that does not exist is refused."""
    with pytest.raises(IntegrityError), db.write() as conn:
        progress.save_progress(conn, 99, Progress("products"))


def test_own_errors_are_left_alone(db: Database) -> None:
    """A statement that fails is the caller's error, not a database that cannot be reached."""
    with pytest.raises(DBAPIError), db.write() as conn:
        conn.execute(text("SELECT * FROM nowhere"))


def test_sqlite_is_safe_against_power_loss(sqlite_db: Database) -> None:
    """The file is kept in WAL mode with full synchronisation and a busy time-out of ten seconds."""
    with sqlite_db.read() as conn:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [conn.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]
    assert found == ["wal", 2, 1, 10_000]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:////nowhere/at/all/syncd.db", "folder /nowhere/at/all of the database does not exist"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("mysql://user@host/db", "'mysql' is not a database"),
        ("no url", "cannot be read"),
    ],
)
def test_unusable_address_is_explained(url: str, says: str) -> None:
    """An address that cannot work is refused with a sentence and exit code 2."""
    with pytest.raises(UsageError, match=says) as caught:
        open_database(url)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "address", ["u:hush-hush@127.0.0.1:1/shopdb", "127.0.0.1:1/shopdb?password=hush-hush"]
)
def test_unreachable_server_is_named_without_its_password(address: str) -> None:
    """A server that does not answer is named with host and database, and the password is not repeated."""
    with pytest.raises(UsageError, match=r"The database shopdb on 127\.0\.0\.1 cannot be reached") as caught:
        open_database(f"postgresql://{address}")
    assert "hush" not in str(caught.value)


def test_file_that_is_no_database_is_explained(tmp_path: Path) -> None:
    """A file of something else is refused by its name and left as it is."""
    file = tmp_path / "syncd.db"
    file.write_bytes(b"dear diary, " * 100)
    with pytest.raises(UsageError, match=r"syncd\.db cannot be used: file is not a database"):
        open_database(f"sqlite:///{file}")
    assert file.read_bytes() == b"dear diary, " * 100


def test_readonly_file_can_be_looked_at(migrated_file: Path, tmp_path: Path) -> None:
    """A copy that cannot be written is opened for reading when that is enough, else refused."""
    file = shutil.copy(migrated_file, tmp_path / "copy.db")
    plain = sqlite3.connect(file)
    plain.execute("PRAGMA journal_mode=DELETE")
    plain.close()
    address = f"sqlite:///file:{file}?mode=ro&uri=true"
    database = open_database(address, readonly_ok=True)
    with database.read() as conn:
        assert accounts.stores(conn) == []
    database.close()
    with pytest.raises(UsageError, match="readonly"):
        open_database(address)


def test_busy_database_is_explained(sqlite_db: Database, tmp_path: Path) -> None:
    """Whoever cannot get the write lock in time is told so in a sentence."""
    other = open_database(f"sqlite:///{sqlite_db.path}")
    with other.engine.connect() as conn:
        driver = conn.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA busy_timeout=1")
    with sqlite_db.write(), ThreadPoolExecutor(1) as pool:
        failure = pool.submit(opened, other).exception()
    assert isinstance(failure, UsageError)
    assert "database is locked" in str(failure)
    other.close()


def test_chunks_keep_everything_in_order() -> None:
    """Cutting a list into chunks loses and moves nothing."""
    parts = list(chunks(list(range(2500)), 1000))
    assert [len(part) for part in parts] == [1000, 1000, 500]
    assert [one for part in parts for one in part] == list(range(2500))

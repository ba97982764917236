"""Which revision the database has, and how it gets to the one this program needs."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, func, inspect, select, text

import syncd
from syncd.clock import Clock
from syncd.errors import DatabaseMismatch, UsageError
from syncd.state.db import Database
from syncd.state.schema import account

log = structlog.get_logger()

_REVISION_FILE = re.compile(r"(\d{4})_\w+\.py")


def scripts() -> Path:
    """Return the folder of the migrations: beside the checkout, else packed into the wheel."""
    package = Path(syncd.__file__).parent
    checkout = package.parent / "migrations"
    return checkout if (checkout / "env.py").exists() and revisions(checkout) else package / "_migrations"


def revisions(folder: Path) -> list[str]:
    """Return the revisions in this folder, oldest first: the numbers that their files' names begin with."""
    names = (_REVISION_FILE.fullmatch(file.name) for file in (folder / "versions").glob("*.py"))
    return sorted(match.group(1) for match in names if match)


def head() -> str:
    """Return the revision that this program needs."""
    return revisions(scripts())[-1]


def current(db: Database) -> str | None:
    """Return the database's revision, None if it has no tables yet."""
    with db.read() as conn:
        return _current(conn)


def ensure(db: Database, clock: Clock, auto: bool, *, folder: Path | None = None) -> list[str]:
    """Make sure that the database has the tables this program needs; return the revisions applied.

    Raises DatabaseMismatch if it is newer than the program, or if it is behind and `auto` is off.
    """
    known = revisions(folder or scripts())
    has, needs = current(db), known[-1]
    if has == needs:
        return []
    _refuse_newer(has, known)
    if not auto:
        state = "has no tables yet" if has is None else f"is at revision {has}"
        raise DatabaseMismatch(f"The database {state}, this program needs {needs}.")
    return upgrade(db, clock, folder=folder)


def upgrade(db: Database, clock: Clock, backup: bool = True, *, folder: Path | None = None) -> list[str]:
    """Bring the database to the head in one transaction, alone; return the revisions applied.

    A SQLite file with data in it is copied beside itself first, unless `backup` is off; the log says where.
    Several processes may start this at once: one does it, the others find it done.
    Raises DatabaseMismatch if the database is newer than the program. `folder`: not our own migrations.
    """
    folder = folder or scripts()
    known = revisions(folder)
    with db.migrating() as conn:
        has = _current(conn)
        _refuse_newer(has, known)
        wanted = [revision for revision in known if has is None or revision > has]
        if not wanted:
            return []
        if backup and has is not None and _has_data(conn):
            _copy(db, clock, has)
        _alembic(conn, folder, "upgrade", "head")
    log.info("database.upgraded", before=has, after=wanted[-1])
    return wanted


def downgrade(db: Database, to: str, *, folder: Path | None = None) -> None:
    """Take the database back to a revision ("base": no tables). What is dropped is lost."""
    with db.migrating() as conn:
        _alembic(conn, folder or scripts(), "downgrade", to)


def _current(conn: Connection) -> str | None:
    if not inspect(conn).has_table("alembic_version"):
        return None
    found: str | None = conn.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


def _refuse_newer(has: str | None, known: Sequence[str]) -> None:
    if has is not None and has not in known:
        raise DatabaseMismatch(
            f"The database is newer than the program: it is at revision {has}, "
            f"the program knows {known[-1]}.",
            "Install the version of syncd that last used it, or restore an older copy.",
        )


def _has_data(conn: Connection) -> bool:
    return bool(conn.execute(select(func.count()).select_from(account)).scalar_one())


def _copy(db: Database, clock: Clock, has: str) -> None:
    """Copy the SQLite file while we hold the write lock: a reader of its own sees what was last committed."""
    if db.path is None:
        return
    stamp = clock.now().astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    copy = db.path.with_name(f"{db.path.name}.{has}.{stamp}")
    with closing(db.engine.raw_connection()) as reader:
        driver: Any = reader.driver_connection
        try:
            driver.execute("VACUUM INTO ?", (str(copy),))
        except sqlite3.Error as error:
            raise UsageError(
                f"The database cannot be copied to {copy}: {error}.", "Make room beside it."
            ) from error
    log.info("database.copied", path=str(copy), revision=has)


def _alembic(conn: Connection, folder: Path, command: str, revision: str) -> None:
    # Imported here: alembic costs a second and nine megabytes, and almost every start needs neither.
    from alembic import command as commands
    from alembic.config import Config

    config = Config(attributes={"connection": conn})
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    getattr(commands, command)(config, revision)

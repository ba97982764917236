"""The database gets to the revision the program needs, once, and never half."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, inspect, text

from syncd.errors import DatabaseMismatch, UsageError
from syncd.state import accounts, links, migrate, mirror, schema
from syncd.state.db import Database, open_database
from tests.databases import ManualClock
from tests.state.samples import TEA, filled

NextRelease = Callable[..., Path]

ROOT = Path(__file__).parents[2]
REVISIONS = migrate.revisions(migrate.scripts())
HEAD = REVISIONS[-1]
AFTER = f"{int(HEAD) + 1:04d}"


def where(index: Mapping[str, Any]) -> list[str]:
    """Return the options of an index as text, because two equal conditions are not equal objects."""
    return sorted(f"{name}={value}" for name, value in index.get("dialect_options", {}).items())


def shape(database: Database) -> dict[str, object]:
    """Return everything the database says about its tables."""
    with database.read() as conn:
        seen = inspect(conn)
        return {
            name: {
                "columns": [{**column, "type": repr(column["type"])} for column in seen.get_columns(name)],
                "key": seen.get_pk_constraint(name),
                "foreign": sorted(seen.get_foreign_keys(name), key=repr),
                "unique": sorted(seen.get_unique_constraints(name), key=repr),
                "indexes": sorted(
                    str({**index, "dialect_options": where(index)}) for index in seen.get_indexes(name)
                ),
                "checks": sorted(seen.get_check_constraints(name), key=repr),
            }
            for name in sorted(seen.get_table_names())
            if name != "alembic_version"
        }


def test_schema_equals_migrations(db: Database, empty_url: str) -> None:
    """The tables that the migrations make are those that the program believes in."""
    plain = open_database(empty_url)
    with plain.write() as conn:
        schema.metadata.create_all(conn)
    assert shape(db) == shape(plain)
    plain.close()


def test_alembic_finds_nothing_to_do(db: Database) -> None:
    """Asked for a new revision, alembic would write an empty one."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with db.read() as conn:
        context = MigrationContext.configure(
            conn, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, schema.metadata) == []


def test_revision_names_are_their_file_names() -> None:
    """The head found by file names is the head that alembic finds, in one unbroken line."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrate.scripts()))
    script = ScriptDirectory.from_config(config)
    line = [revision.revision for revision in script.walk_revisions()]
    assert list(reversed(line)) == migrate.revisions(migrate.scripts())
    assert script.get_current_head() == migrate.head()


def test_every_revision_goes_up_down_and_up_with_data(db: Database, manual_clock: ManualClock) -> None:
    """Every revision can be taken back and applied again with rows in every table."""
    for revision, before in reversed(list(zip(REVISIONS, ["base", *REVISIONS], strict=False))):
        filled(db)
        migrate.downgrade(db, before)
        assert migrate.current(db) == (None if before == "base" else before)
        assert migrate.upgrade(db, manual_clock, backup=False)[0] == revision
        assert migrate.current(db) == migrate.head()


@pytest.mark.parametrize("release", REVISIONS[:-1])
def test_an_older_release_keeps_what_it_stored(release: str, db: Database, manual_clock: ManualClock) -> None:
    """All that an older revision stored is there after the upgrade; what came since has its empty value."""
    filled(db)
    migrate.downgrade(db, release)
    before = contents(db)
    migrate.upgrade(db, manual_clock, backup=False)
    assert migrate.current(db) == HEAD
    after = contents(db)
    for name, rows in before.items():
        came = {
            column: value
            for revision in REVISIONS
            if revision > release
            for column, value in GREW.get(revision, {}).get(name, {}).items()
        }
        assert after[name] == sorted(({**row, **came} for row in rows), key=repr)
    assert [name for name, rows in after.items() if name not in before and rows] == []
    with db.read() as conn:
        store = accounts.stores(conn)[0]
        row = links.mirrored_for(conn, store, [TEA.guid])[TEA.guid]
        assert (row.link and row.link.ref, row.link and row.link.planned) == ("17", ())
        assert links.counts(conn, store).linked == 1


GREW: Mapping[str, Mapping[str, Mapping[str, object]]] = {
    "0002": {"change": {"kind": ""}, "product_link": {"planned": "[]"}},
    "0003": {
        "mirror_product": {"pass_no": 0, "verified_at": None, "gone": False},
        "mirror_stock": {"pass_no": 0},
        "product_link": {"looked_at": None},
        "progress": {"pass_no": 0, "pages": 0, "newest": None, "newest_at": None},
    },
    "0004": {"product_link": {"risen": None}},
}
"""The columns that each revision gives a table, and what old rows have there."""


def contents(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table as the database itself has it, but for alembic's."""
    tables = MetaData()
    with database.read() as conn:
        tables.reflect(conn)
        return {
            name: sorted((dict(row) for row in conn.execute(table.select()).mappings()), key=repr)
            for name, table in tables.tables.items()
            if name != "alembic_version"
        }


def test_the_sample_data_fills_every_table(db: Database) -> None:
    """The rows used for trying migrations leave no table empty."""
    filled(db)
    tables = MetaData()
    with db.read() as conn:
        tables.reflect(conn)
        empty = [
            name for name, table in tables.tables.items() if conn.execute(table.select()).first() is None
        ]
    assert empty == []


def test_new_database_is_set_up_by_ensure(empty_url: str, manual_clock: ManualClock) -> None:
    """With auto_upgrade a database without tables gets them, and is then left alone."""
    database = open_database(empty_url)
    assert migrate.current(database) is None
    assert migrate.ensure(database, manual_clock, auto=True) == REVISIONS
    assert migrate.ensure(database, manual_clock, auto=False) == []
    database.close()


def test_database_behind_is_refused_without_auto(empty_url: str, manual_clock: ManualClock) -> None:
    """Without auto_upgrade the program says which command brings the database up."""
    database = open_database(empty_url)
    with pytest.raises(DatabaseMismatch, match="Run `syncd db upgrade`") as caught:
        migrate.ensure(database, manual_clock, auto=False)
    assert caught.value.exit_code == 2
    database.close()


@pytest.mark.parametrize("auto", [True, False])
def test_newer_database_is_refused(db: Database, manual_clock: ManualClock, auto: bool) -> None:
    """A database that a later version has upgraded is not touched."""
    with db.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseMismatch, match="newer than the program: it is at revision 9999"):
        migrate.ensure(db, manual_clock, auto=auto)
    with pytest.raises(DatabaseMismatch, match="newer than the program"):
        migrate.upgrade(db, manual_clock)


START = """
import sys
from syncd.clock import SystemClock
from syncd.state.db import open_database
from syncd.state.migrate import ensure
db = open_database(sys.argv[1])
sys.stdin.readline()
print(ensure(db, SystemClock(), auto=True))
"""


def test_three_starters_at_once_all_succeed(empty_url: str) -> None:
    """Of three processes that find no tables, one makes them and two find them made."""
    command = [sys.executable, "-c", START, empty_url]
    starters = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for starter in starters:
        assert starter.stdin is not None
        starter.stdin.write("\n")
        starter.stdin.flush()
    told = [starter.communicate(timeout=60) for starter in starters]
    assert [starter.returncode for starter in starters] == [0, 0, 0], told
    assert sorted(out.strip().splitlines()[-1] for out, _ in told) == sorted([str(REVISIONS), "[]", "[]"])


def test_alembic_is_not_imported_when_there_is_nothing_to_do(url: str) -> None:
    """A start on an up-to-date database does not pay for alembic."""
    check = START + "assert not [name for name in sys.modules if name.startswith('alembic')]\n"
    done = subprocess.run(
        [sys.executable, "-c", check, url], cwd=ROOT, input="\n", text=True, capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


NEXT = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{revision}", "{before}", None, None


def upgrade():
    {up}


def downgrade():
    with op.batch_alter_table("account") as batch:
        batch.drop_column("colour")
"""
REBUILD = """with op.batch_alter_table("account") as batch:
        batch.add_column(sa.Column("colour", sa.Text()))
        batch.alter_column("name", existing_type=sa.Text(), nullable=False)"""


@pytest.fixture
def next_release(tmp_path: Path) -> NextRelease:
    """A function that makes the next release's migrations: ours, and one more that does `up`."""

    def make(up: str = REBUILD) -> Path:
        folder = tmp_path / "next"
        shutil.copytree(migrate.scripts(), folder, ignore=shutil.ignore_patterns("__pycache__"))
        text = NEXT.format(up=up, revision=AFTER, before=HEAD)
        (folder / "versions" / f"{AFTER}_next.py").write_text(text)
        return folder

    return make


def test_next_release_is_applied_and_rolled_back_with_data(
    db: Database, manual_clock: ManualClock, next_release: NextRelease
) -> None:
    """A later revision that rebuilds the account's table loses none of its rows or children, up and down."""
    folder = next_release()
    filled(db)
    assert migrate.ensure(db, manual_clock, auto=True, folder=folder) == [AFTER]
    with db.read() as conn:
        assert "colour" in {column["name"] for column in inspect(conn).get_columns("account")}
        assert mirror.by_guid(conn, 1, [TEA.guid])[TEA.guid].product == TEA
    with pytest.raises(DatabaseMismatch, match="newer than the program"):
        migrate.ensure(db, manual_clock, auto=True)
    migrate.downgrade(db, HEAD, folder=folder)
    assert migrate.ensure(db, manual_clock, auto=False) == []
    with db.read() as conn:
        assert mirror.by_guid(conn, 1, [TEA.guid])[TEA.guid].product == TEA


def test_sqlite_with_data_is_copied_first(
    sqlite_db: Database, manual_clock: ManualClock, next_release: NextRelease
) -> None:
    """Before a file with data is upgraded, a complete copy at the old revision lies beside it."""
    filled(sqlite_db)
    assert migrate.upgrade(sqlite_db, manual_clock, folder=next_release()) == [AFTER]
    assert sqlite_db.path is not None
    (copy,) = sqlite_db.path.parent.glob(f"syncd.db.{HEAD}.*")
    assert copy.name == f"syncd.db.{HEAD}.20261121T120000.000000Z"
    saved = open_database(f"sqlite:///{copy}")
    assert migrate.current(saved) == HEAD
    with saved.read() as conn:
        assert mirror.by_guid(conn, 1, [TEA.guid])[TEA.guid].product == TEA
    saved.close()


def test_no_upgrade_without_its_copy(
    sqlite_db: Database, manual_clock: ManualClock, next_release: NextRelease
) -> None:
    """If the copy cannot be written, the file stays at its revision and the reason is told."""
    filled(sqlite_db)
    assert sqlite_db.path is not None
    in_the_way = sqlite_db.path.with_name(f"syncd.db.{HEAD}.20261121T120000.000000Z")
    in_the_way.write_bytes(b"something else")
    with pytest.raises(UsageError, match="cannot be copied to"):
        migrate.upgrade(sqlite_db, manual_clock, folder=next_release())
    assert migrate.current(sqlite_db) == HEAD


@pytest.mark.parametrize(("data", "backup"), [(False, True), (True, False)])
def test_empty_file_is_not_copied(
    sqlite_db: Database, manual_clock: ManualClock, next_release: NextRelease, data: bool, backup: bool
) -> None:
    """A file without an account, or one whose owner wants no copy, is upgraded without."""
    if data:
        filled(sqlite_db)
    migrate.upgrade(sqlite_db, manual_clock, backup, folder=next_release())
    assert sqlite_db.path is not None
    assert list(sqlite_db.path.parent.glob(f"syncd.db.{HEAD}.*")) == []


def test_failed_migration_leaves_nothing_behind(
    db: Database, manual_clock: ManualClock, next_release: NextRelease
) -> None:
    """A migration that fails half-way is undone as a whole, tables included."""
    broken = next_release('op.create_table("half", sa.Column("id", sa.Integer())); raise ZeroDivisionError')
    with pytest.raises(ZeroDivisionError):
        migrate.upgrade(db, manual_clock, folder=broken)
    with db.read() as conn:
        assert not inspect(conn).has_table("half")
    assert migrate.current(db) == HEAD
    assert not db.in_transaction()


def test_migration_that_orphans_rows_is_undone(
    sqlite_db: Database, manual_clock: ManualClock, next_release: NextRelease
) -> None:
    """On SQLite, rows left without their parent stop a migration, and are not deleted with it."""
    filled(sqlite_db)
    with pytest.raises(RuntimeError, match="without their parent"):
        migrate.upgrade(sqlite_db, manual_clock, folder=next_release('op.execute("DELETE FROM account")'))
    with sqlite_db.read() as conn:
        assert accounts.account(conn, "main") is not None
        assert mirror.count_products(conn, 1) == 2


def test_foreign_keys_are_on_again_after_a_migration(sqlite_db: Database, manual_clock: ManualClock) -> None:
    """The connection on which they were off is not used for anything else."""
    migrate.downgrade(sqlite_db, "base")
    migrate.upgrade(sqlite_db, manual_clock)
    with sqlite_db.read() as conn:
        assert conn.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1

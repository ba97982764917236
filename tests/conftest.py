"""What every test may ask for."""

from __future__ import annotations

from tests.databases import (
    db,
    empty_url,
    kind,
    manual_clock,
    migrated_file,
    postgres_server,
    sqlite_db,
    url,
)

__all__ = [
    "db",
    "empty_url",
    "kind",
    "manual_clock",
    "migrated_file",
    "postgres_server",
    "sqlite_db",
    "url",
]

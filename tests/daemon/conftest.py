"""A world for each test of the daemon."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.world import World, make_world


@pytest.fixture
def world(tmp_path: Path, migrated_file: Path) -> World:
    """Two products on both sides, one of them with other stock in the shop."""
    shutil.copy(migrated_file, tmp_path / "syncd.db")
    made = make_world(tmp_path)
    made.books.add_warehouse("W1", "Main", default=True)
    for code, stock, listed in (("TEA-1", 5, 0), ("TEA-2", 7, 7)):
        guid = made.books.add_product(code, f"Product {code}", "10")
        made.books.set_stock(guid, "W1", stock)
        made.shelf.add_simple(code, f"Product {code}", "10", listed)
    return made

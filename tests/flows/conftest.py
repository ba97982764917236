"""Worlds for the tests of the flows: one on SQLite for most of them, one on each database for some."""

from __future__ import annotations

import io
import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import structlog

from syncd import log
from tests.world import World, make_world

NewWorld = Callable[..., World]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Keep the log out of the way; what it says is tested where it matters."""
    log.configure("error", "text", io.StringIO())
    yield
    structlog.reset_defaults()


@pytest.fixture
def new_world(tmp_path: Path, migrated_file: Path) -> Iterator[NewWorld]:
    """Make as many worlds as a test needs, each on a SQLite file of its own."""
    numbers, worlds = itertools.count(1), ExitStack()

    def make(**keys: Any) -> World:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        shutil.copy(migrated_file, folder / "syncd.db")
        return _lasting(make_world(folder, **keys), worlds)

    with worlds:
        yield make


@pytest.fixture
def on_either(tmp_path: Path, url: str) -> Iterator[NewWorld]:
    """Make the world of a test that runs on SQLite and on PostgreSQL."""
    worlds = ExitStack()

    def make(**keys: Any) -> World:
        return _lasting(make_world(tmp_path, url, **keys), worlds)

    with worlds:
        yield make


def _lasting(world: World, worlds: ExitStack) -> World:
    world.lasting = True
    worlds.callback(world.close)
    return world

"""What the database has to do for a first load grows with the catalogue, and no faster."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bench.ground import simple, stocked
from syncd.app import App
from syncd.app.recent import recent
from tests.bench.between import Between
from tests.world import VirtualClock

HUNDRED_STEPS = 100


def counted_steps(app: App) -> Iterator[int]:
    """Count the steps of SQLite's machine from now on, a hundred at a time: the next number is the count."""
    counter = itertools.count()

    def count(driver: Any, _record: Any) -> None:
        driver.set_progress_handler(lambda: next(counter) and 0, HUNDRED_STEPS)

    app.db.engine.dispose()
    event.listen(app.db.engine, "connect", count)
    return counter


@pytest.mark.parametrize("listed", [False, True], ids=["to be created", "already there"])
def test_three_times_the_products_take_three_times_the_work(tmp_path: Path, listed: bool) -> None:
    """Nothing asked for a page, a look or an outcome searches through everything that came before it."""
    few, many = (_steps(size, tmp_path / str(size), listed) for size in (250, 750))
    assert few < many < few * 3 * 1.1


def _steps(size: int, folder: Path, listed: bool) -> int:
    folder.mkdir()
    clock = VirtualClock()
    between = Between(stocked(simple(size), ("W1",), clock, listed=listed), clock, folder)
    with between.app() as app:
        counter = counted_steps(app)
        assert [report.outcome for report in recent(app, "main")] == ["done", "done"]
        return next(counter)

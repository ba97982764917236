"""Runs for the tests of the simulation: each with a folder and a database of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.simulation.build import prepared
from tests.simulation.run import Simulation
from tests.simulation.scenario import Scenario

NewRun = Callable[[Scenario], Simulation]


@pytest.fixture
def new_run(tmp_path: Path, migrated_file: Path) -> NewRun:
    """Prepare as many runs as a test needs."""
    numbers = itertools.count(1)

    def make(scenario: Scenario) -> Simulation:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        return prepared(scenario, folder, migrated_file)

    return make

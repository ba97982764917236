"""A stage for each test of a command, and a log that is as it was afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.stage import Stage, on_stage, quiet_log


@pytest.fixture
def stage(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Both emulators on sockets, an empty migrated database, and the folder as the working directory."""
    monkeypatch.chdir(tmp_path)
    with on_stage(tmp_path, migrated_file) as found, quiet_log():
        yield found

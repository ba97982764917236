"""A stage for each test of syncd as a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.stage import Stage, free_port, on_stage, quiet_log


@pytest.fixture
def stage(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Both emulators on sockets, a migrated database, a free port for the page, and short leases."""
    monkeypatch.chdir(tmp_path)
    with on_stage(tmp_path, migrated_file) as found, quiet_log():
        found.listen = f"127.0.0.1:{free_port()}"
        found.more = '[daemon]\nlease = "2s"\ngrace = "10s"'
        yield found

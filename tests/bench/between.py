"""syncd between the two sides of a ground, in this process: what the tests of the bench work with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench.command import configured
from bench.ground import Ground
from syncd import config
from syncd.app import App, open_app
from syncd.app.recent import recent
from syncd.emulator.transport import EmulatorTransport
from tests.world import VirtualClock


@dataclass(frozen=True)
class Between:
    """One database, opened anew for each piece of work."""

    ground: Ground
    clock: VirtualClock
    folder: Path

    @contextmanager
    def app(self) -> Iterator[App]:
        """Yield the wired application, as one process would see it."""
        file = self.folder / "syncd.toml"
        file.write_text(configured(self.ground, "https://unleashed.test", "https://shop.test", self.folder))
        file.chmod(0o600)
        settings = config.load(file, {})
        app = open_app(settings, self.clock, "test:1", transports=self.transport, heartbeats=False)
        try:
            yield app
        finally:
            app.close()

    def transport(self, subject: str) -> EmulatorTransport:
        return EmulatorTransport(self.ground.unleashed if "account" in subject else self.ground.shop)

    def once(self) -> None:
        """Let 48 minutes pass and do the recent job; no step may fail."""
        self.clock.pass_time(timedelta(minutes=48))
        with self.app() as app:
            reports = recent(app, "main")
        assert {report.outcome for report in reports} == {"done"}

"""The stage of the demo: both systems on loopback sockets in this process, and the real daemon beside it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Self

from syncd.cli.emulate import SOLD_FROM, account_lines, emulated_shop, emulated_unleashed, store_lines
from syncd.clock import Clock
from syncd.emulator.catalogue import Catalogue, believable
from syncd.emulator.server import Served
from syncd.emulator.unleashed import UnleashedEmulator
from syncd.emulator.wire import AnswerLost, ConnectionRefused, Emulator, Request, Response
from syncd.emulator.woocommerce import Shelf, WooCommerceEmulator
from syncd.errors import Stopped

RECENT = 2
"""Seconds between two runs of the daemon in the demo."""

LISTED_BEFORE = 0.3
"""The share of the catalogue that the shop sells already when syncd comes."""

GRACE = 15.0


class Watched:
    """An emulator whose calls are counted as they arrive; `lock` keeps the demo's own changes apart."""

    def __init__(self, emulator: Emulator, clock: Clock, lock: RLock) -> None:
        self.emulator, self.clock, self.lock = emulator, clock, lock
        self.calls, self.errors = 0, 0
        self.runs: list[float] = []
        """When each run of the daemon began (monotonic seconds): with a list of products, page 1."""

    def handle(self, request: Request) -> Response:
        with self.lock:
            self.calls += 1
            if _begins_a_run(request):
                self.runs.append(self.clock.monotonic())
            try:
                response = self.emulator.handle(request)
            except (AnswerLost, ConnectionRefused):
                self.errors += 1
                raise
            self.errors += response.status >= 400
            return response

    def runs_since(self, moment: float) -> int:
        """Return how many runs began after the moment."""
        return sum(1 for began in self.runs if began > moment)


def _begins_a_run(request: Request) -> bool:
    names = {name.lower() for name, _ in request.pairs()}
    return request.path.lower() in ("/products", "/products/1") and not names & {"productid", "productcode"}


class Daemon:
    """The real `syncd run` as a process of its own; `stop`, or the end of the `with` block, ends it."""

    def __init__(self, config: Path, log: Path) -> None:
        self.config, self.log = config, log
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "syncd", "--config", str(self.config), "run", "--tick", "0.2"]
        with self.log.open("wb") as log:
            # In a process group of its own: Ctrl-C is for the demo, which then ends the daemon in order.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=surroundings(os.environ),
                process_group=0,
            )
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def require_alive(self) -> None:
        """Raise Stopped with the daemon's last words if it has ended by itself."""
        code = self._process.poll() if self._process else None
        if code is not None:
            what = f"syncd ended by itself (code {code}) in the middle of the demo."
            raise Stopped(f"{what} Its last words:\n{self.last_words()}", "Please report this.")

    def stop(self) -> int:
        """Ask it to end, wait, and return its exit code; it is killed if it does not end in time."""
        process = self._process
        if process is None:
            return 0
        if process.poll() is None:
            process.terminate()
        try:
            return process.wait(GRACE)
        except subprocess.TimeoutExpired:
            return -signal.SIGKILL
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()

    def last_words(self, lines: int = 5) -> str:
        """Return the last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def surroundings(env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what would configure syncd otherwise or lead calls past loopback."""
    return {
        name: value
        for name, value in env.items()
        if not name.upper().startswith("SYNCD_") and not name.lower().endswith("_proxy")
    }


@dataclass(slots=True)
class Stage:
    """Everything the demo plays with. `lock` is held while anything of either side is read or changed."""

    catalogue: Catalogue
    unleashed: UnleashedEmulator
    shop: WooCommerceEmulator
    clock: Clock
    folder: Path
    lock: RLock = field(default_factory=RLock)
    asked: Watched = field(init=False)
    told: Watched = field(init=False)

    def __post_init__(self) -> None:
        self.asked = Watched(self.unleashed, self.clock, self.lock)
        self.told = Watched(self.shop, self.clock, self.lock)

    @property
    def shelf(self) -> Shelf:
        return self.shop.shelf

    @property
    def config(self) -> Path:
        return self.folder / "syncd.toml"


def make_stage(size: int, seed: int, clock: Clock, folder: Path) -> Stage:
    """Return both systems with one catalogue: Unleashed has all of it, the shop a part."""
    catalogue = believable(size, seed)
    shop = emulated_shop(catalogue.on_shelf(SOLD_FROM), LISTED_BEFORE, clock)
    return Stage(catalogue, emulated_unleashed(catalogue, clock), shop, clock, folder)


@dataclass(frozen=True, slots=True)
class Playing:
    """A stage with its sockets open and the daemon at work."""

    stage: Stage
    daemon: Daemon
    unleashed_url: str
    shop_url: str


@contextmanager
def playing(stage: Stage) -> Iterator[Playing]:
    """Open the sockets, write the configuration, and run the daemon for as long as the block lasts."""
    with Served({"": stage.asked}) as unleashed, Served({"": stage.told}) as shop:
        _write(stage.config, configuration(stage.folder, unleashed.url, shop.url))
        with Daemon(stage.config, stage.folder / "syncd.log") as daemon:
            yield Playing(stage, daemon, unleashed.url, shop.url)


def configuration(folder: Path, unleashed_url: str, shop_url: str) -> Sequence[str]:
    """Return the configuration as a user would write it, but for the schedule and the spacing."""
    return [
        "[database]",
        f"url = {_quoted(f'sqlite:///{folder}/syncd.db')}",
        "",
        "[web]",
        'listen = "off"',
        "",
        *account_lines(unleashed_url),
        "",
        *store_lines(shop_url),
        "",
        "[store.shop.listing]",
        f"warehouses = {json.dumps(SOLD_FROM)}",
        "create = true",
        "publish = true",
        "",
        "[store.shop.schedule]",
        f'recent = "{RECENT}s"',
    ]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _write(path: Path, lines: Sequence[str]) -> None:
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@contextmanager
def demo_folder(*, keep: bool) -> Iterator[Path]:
    """Yield a fresh folder, removed at the end unless it is to be kept."""
    folder = Path(tempfile.mkdtemp(prefix="syncd-demo-"))
    try:
        yield folder
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)

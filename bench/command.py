"""Run the real `syncd` in a process of its own against served emulators, and watch its memory."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bench.ground import CONSUMER_KEY, CONSUMER_SECRET, Ground
from syncd.clock import SystemClock
from syncd.emulator.server import Served
from syncd.emulator.unleashed import API_ID, API_KEY

LOOK_EVERY = 0.02
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Spent:
    """What one command took: wall time, the processor time of its process, and its greatest resident memory.

    `peak_mb` is in MB of a million bytes, None where the system does not tell (only Linux does).
    """

    seconds: float
    processor: float
    peak_mb: float | None
    exit_code: int
    said: str
    complained: str = ""

    def worked(self) -> bool:
        """Tell whether every run and every item that it reports ended well."""
        if self.exit_code > 1:
            return False
        answer = json.loads(self.said)
        ended = {one["outcome"] for one in [*answer.get("runs", []), *answer.get("items", [])]}
        return bool(ended) and ended <= {"done", "written", "unchanged"}


@dataclass(frozen=True, slots=True)
class Command:
    """`syncd` with one configuration."""

    config: Path

    def run(self, *words: str) -> Spent:
        """Run one command to its end."""
        clock = SystemClock()
        started, used = clock.monotonic(), _processor_time()
        command = [sys.executable, "-m", "syncd", *words, "--config", str(self.config)]
        said, complained = self.config.parent / "said", self.config.parent / "complained"
        with said.open("w") as out, complained.open("w") as err:
            code, peak = _watched(command, out, err)
        seconds, processor = clock.monotonic() - started, _processor_time() - used
        return Spent(seconds, processor, peak, code, said.read_text(), complained.read_text())


@contextmanager
def against(ground: Ground, folder: Path) -> Iterator[Command]:
    """Serve the ground on loopback and yield the command that works on it, with a new database."""
    with Served({"unleashed": ground.unleashed, "shop": ground.shop}) as served:
        config = folder / "syncd.toml"
        config.write_text(configured(ground, f"{served.url}/unleashed", f"{served.url}/shop", folder))
        config.chmod(0o600)
        yield Command(config)


def reconfigured(command: Command, ground: Ground, warehouses: tuple[str, ...]) -> None:
    """Have the next run take its stock from these warehouses instead."""
    old, ground.warehouses = ground.listing_keys(), warehouses
    command.config.write_text(command.config.read_text().replace(old, ground.listing_keys()))


def configured(ground: Ground, unleashed: str, shop: str, folder: Path) -> str:
    """Return the configuration for both addresses, with a database in the folder."""
    return f"""[database]
url = "sqlite:///{folder}/syncd.db"
[web]
listen = "off"
[unleashed.main]
base_url = "{unleashed}"
api_id = "{API_ID}"
api_key = "{API_KEY}"
spacing = "0ms"
[store.shop]
kind = "woocommerce"
base_url = "{shop}"
consumer_key = "{CONSUMER_KEY}"
consumer_secret = "{CONSUMER_SECRET}"
[store.shop.listing]
{ground.listing_keys()}"""


def _watched(words: Sequence[str], out: IO[str], err: IO[str]) -> tuple[int, float | None]:
    peak: float | None = None
    with subprocess.Popen(words, stdout=out, stderr=err) as process:
        while process.poll() is None:
            peak = _peak(process.pid) or peak
            try:
                process.wait(LOOK_EVERY)
            except subprocess.TimeoutExpired:
                continue
    return process.returncode, peak


def _processor_time() -> float:
    """Return the seconds that the processes started from here, and ended, have computed."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _peak(pid: int) -> float | None:
    """Return the high water mark of a process's resident memory; it only rises, so the last look counts."""
    try:
        found = _PEAK.search(Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return None
    return int(found[1]) * 1024 / 1_000_000 if found else None

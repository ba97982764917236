"""`python -m tests.simulation`: the long look, over many seeds, or one failing seed again."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import process_time

from syncd.clock import SystemClock
from syncd.state.db import open_database
from syncd.state.migrate import upgrade
from tests.simulation.build import prepared
from tests.simulation.profiles import compare
from tests.simulation.report import Told, line, summary, told
from tests.simulation.scenario import MIXES, Scenario, drawn

COLLECT = (50_000, 20, 20)
"""A run keeps both sides' records in memory: looking through them for cycles as often as usual is slow."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the seeds and print what became of them. Returns 1 if anything was broken."""
    given = _parser().parse_args(arguments)
    if given.profiles:
        return compare(given.profiles, given.first, migrated, sys.stdout.write)
    seeds = [given.seed] if given.seed is not None else list(range(given.first, given.first + given.seeds))
    scenarios = [_scenario(seed, given) for seed in seeds]
    runs = []
    with ProcessPoolExecutor(max_workers=min(len(seeds), os.cpu_count() or 1)) as pool:
        for run in pool.map(_simulated, scenarios, [given.trace] * len(scenarios)):
            runs.append(run)
            sys.stdout.write(line(run) + "\n")
            sys.stdout.flush()
    sys.stdout.write(summary(runs, _replay(given)) + "\n")
    return 1 if any(run.broken for run in runs) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many seeds")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, help="one seed only: replays what a failing run told")
    parser.add_argument("--days", type=float, default=7.0)
    parser.add_argument("--products", type=int, help="absent: 40 to 90, by the seed")
    parser.add_argument("--faults", choices=sorted(MIXES), help="absent: mixed, by the seed")
    parser.add_argument("--trace", action="store_true", help="print every call")
    parser.add_argument("--profiles", type=int, help="compare so many plans with what the calls then were")
    return parser


def _scenario(seed: int, given: argparse.Namespace) -> Scenario:
    scenario = drawn(seed, days=given.days)
    if given.products:
        scenario = replace(
            scenario, products=given.products, page_size=1000, account_limits=(), store_limits=()
        )
    return replace(scenario, faults=MIXES[given.faults]) if given.faults else scenario


def _replay(given: argparse.Namespace) -> str:
    words = ["python -m tests.simulation", f"--days {given.days:g}"]
    words += [f"--products {given.products}"] if given.products else []
    words += [f"--faults {given.faults}"] if given.faults else []
    return " ".join(words)


def _simulated(scenario: Scenario, lines: bool) -> Told:
    gc.set_threshold(*COLLECT)
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(prefix="syncd-simulation-", dir=memory) as name:
        folder = Path(name)
        before = process_time()
        simulation = prepared(scenario, folder, migrated(folder), lines=lines)
        outcome = simulation.run()
        if lines:
            sys.stdout.write("".join(simulation.trace.lines or ()))
        return told(outcome, process_time() - before)


def migrated(folder: Path) -> Path:
    """Return a database file with all tables and no rows."""
    file = folder / "tables.db"
    database = open_database(f"sqlite:///{file}")
    upgrade(database, SystemClock(), backup=False)
    database.close()
    return file


if __name__ == "__main__":
    sys.exit(main())

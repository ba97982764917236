"""`python -m bench`: measure, print the table, and leave with 1 if anything is not as promised."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Iterator

from bench.measures import Measured, awkward_load, first_loads, memory
from syncd.clock import SystemClock

HEADER = (
    "| situation | Unleashed: pages (least) + small | shop: looks + writes (least) + checks "
    "| seconds | of them computing | peak MB | as promised |"
)


def main() -> int:
    """Measure what was asked for; print a Markdown table. Returns the exit code."""
    wanted = _arguments()
    now = SystemClock().now()
    _say(f"{now:%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}, SQLite")
    _say(f"\n{HEADER}\n|---|---|---|---|---|---|---|")
    kept = True
    for one in _measures(wanted):
        kept = kept and one.kept
        _say(line(one))
        if not one.spent.worked():
            sys.stderr.write(f"{one.spent.said}{one.spent.complained}\n")
    return 0 if kept else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--products", type=int, default=10_000, help="simple products of the first loads")
    parser.add_argument("--believable", type=int, default=2_000, help="products of the believable catalogue")
    parser.add_argument("--memory", type=int, default=100_000, help="products of the memory runs; 0: none")
    return parser.parse_args()


def _measures(wanted: argparse.Namespace) -> Iterator[Measured]:
    if wanted.products:
        yield from first_loads(wanted.products)
    if wanted.believable:
        yield from awkward_load(wanted.believable)
    if wanted.memory:
        yield from memory(wanted.memory)


def line(one: Measured) -> str:
    """Return one row of the table."""
    calls, least = one.calls, one.least
    pages = f"{calls.pages}" + (f" ({least.pages})" if least else "") + f" + {calls.small}"
    shop = f"{calls.looks} + {calls.writes}" + (f" ({least.looks} + {least.writes})" if least else "")
    peak = "not known" if one.spent.peak_mb is None else f"{one.spent.peak_mb:.0f}"
    kept = "yes" if one.kept else "NO"
    time = f"{one.spent.seconds:.1f} | {one.spent.processor:.1f}"
    return f"| {one.what} | {pages} | {shop} + {calls.checks} | {time} | {peak} | {kept} |"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

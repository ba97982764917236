"""What a run has to say for itself: one line a seed, and a summary over all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from tests.simulation.run import Outcome


@dataclass(frozen=True, slots=True)
class Told:
    """One run as it is reported: small enough to come back from another process."""

    seed: int
    days: float
    seconds: float
    calls: dict[str, int]
    least: tuple[float, float]
    polls: int
    seen: tuple[timedelta, ...]
    caught: tuple[timedelta, ...]
    bounds: tuple[timedelta | None, timedelta | None]
    fullest: float
    strikes: int
    kills: int
    events: int
    purposes: Counter[str]
    broken: tuple[tuple[str, str], ...]
    trace: str
    what: str

    @property
    def total(self) -> int:
        return sum(self.calls.values())

    def efficiency(self) -> float:
        """Return attempts over the theoretical minimum, both sides together."""
        return self.total / max(1.0, sum(self.least))


def told(outcome: Outcome, seconds: float) -> Told:
    """Return what is reported of a run that took so many seconds of the processor."""
    s = outcome.scenario
    what = (
        f"{s.products} products, {len(s.warehouses)} warehouses, pages of {s.page_size}, "
        f"{s.instances} instance{'s' if s.instances > 1 else ''}"
    )
    limits = [*s.account_limits, *s.store_limits]
    if limits:
        what += ", " + ", ".join(f"{calls}/{per}" for calls, per in limits)
    return Told(
        s.seed,
        s.days,
        seconds,
        outcome.calls,
        (outcome.least.unleashed, outcome.least.store),
        outcome.least.polls,
        tuple(outcome.seen),
        tuple(outcome.caught),
        outcome.bounds,
        outcome.fullest,
        outcome.strikes,
        outcome.kills,
        sum(outcome.events.values()),
        outcome.purposes,
        tuple(outcome.broken),
        outcome.trace,
        what,
    )


def line(run: Told) -> str:
    """Return one run in one line, and what it broke below."""
    sides = ", ".join(
        f"{name} {run.calls.get(name, 0)}/{least:.0f}"
        for name, least in zip(("account", "store"), run.least, strict=True)
    )
    text = (
        f"seed {run.seed}: {run.what}; {run.events} events, {run.strikes} faults, {run.kills} kills; "
        f"calls/least {sides} = {run.efficiency():.2f}; {run.seconds:.1f} s; trace {run.trace}"
    )
    return "\n".join([text, *(f"    BROKEN {what}: {detail}" for what, detail in run.broken)])


def summary(runs: Sequence[Told], replay: str) -> str:
    """Return the figures over all runs. `replay` is the command to which a failing seed is added."""
    calls, seconds = sum(run.total for run in runs), sum(run.seconds for run in runs)
    seen = sorted(wait for run in runs for wait in run.seen)
    caught = sorted(wait for run in runs for wait in run.caught)
    bad = [run for run in runs if run.broken]
    rows = [
        ("runs", f"{len(runs)}, of them broken: {len(bad)}"),
        ("virtual days", f"{sum(run.days for run in runs):.0f}, {_days_per_second(runs):.1f} a second"),
        ("calls", f"{calls}, {1000 * seconds / max(1, calls):.1f} ms of the processor each"),
        ("efficiency", _spread([run.efficiency() for run in runs])),
        ("  account", _spread([run.calls.get("account", 0) / max(1.0, run.least[0]) for run in runs])),
        ("  store", _spread([run.calls.get("store", 0) / max(1.0, run.least[1]) for run in runs])),
        ("freshness", _percentiles(seen)),
        ("ghosts caught", f"{len(caught)}, {_percentiles(caught)}; {_bounds(runs)}"),
        ("fullest window", f"{max((run.fullest for run in runs), default=0):.2f} of its limit"),
        ("what calls were for", _purposes(runs)),
    ]
    told = "\n".join(f"{name:>20}  {text}" for name, text in rows)
    again = "".join(f"\nReplay with:  {replay} --seed {run.seed}" for run in bad)
    return told + again


def _days_per_second(runs: Sequence[Told]) -> float:
    return sum(run.days for run in runs) / max(0.001, sum(run.seconds for run in runs))


def _spread(values: Sequence[float]) -> str:
    """Return mean, worst and best."""
    if not values:
        return "none"
    return f"mean {sum(values) / len(values):.3f}, worst {max(values):.3f}, best {min(values):.3f}"


def _percentiles(waits: Sequence[timedelta]) -> str:
    if not waits:
        return "none"
    at = {share: waits[min(len(waits) - 1, len(waits) * share // 100)] for share in (50, 90, 99)}
    return ", ".join(
        [*(f"{share} % within {_text(wait)}" for share, wait in at.items()), f"worst {_text(waits[-1])}"]
    )


def _bounds(runs: Sequence[Told]) -> str:
    found = [bound for run in runs for bound in run.bounds if bound is not None]
    return f"printed bounds {_text(min(found))} to {_text(max(found))}" if found else "no bound is printed"


def _purposes(runs: Sequence[Told]) -> str:
    total: Counter[str] = Counter()
    for run in runs:
        total.update(run.purposes)
    return ", ".join(f"{name} {count}" for name, count in total.most_common())


def _text(time: timedelta) -> str:
    hours, minutes = divmod(int(time.total_seconds() // 60), 60)
    return f"{hours // 24} d {hours % 24} h" if hours >= 48 else f"{hours} h {minutes:02d} min"

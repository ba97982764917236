"""Weeks of virtual time in a bad world: every promise is kept, for every seed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.simulation.conftest import NewRun
from tests.simulation.scenario import NONE, STANDARD, Scenario, drawn

SEEDS = range(20)
SHORT = Scenario(
    seed=1,
    days=1,
    products=30,
    instances=2,
    faults=STANDARD,
    first_load=timedelta(hours=3),
    settling=timedelta(hours=3),
)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_promise_is_kept_for_a_week(new_run: NewRun, seed: int) -> None:
    """Nothing is overspent, late, written without a reason, doubled, lost or left different."""
    outcome = new_run(drawn(seed)).run()
    told = "\n".join(f"{what}: {detail}" for what, detail in outcome.broken)
    assert told == "", f"replay with: python -m tests.simulation --seed {seed}"
    assert outcome.least.polls > 190
    assert outcome.seen


def test_a_seed_replays_exactly(new_run: NewRun) -> None:
    """Two runs of one seed put the same bytes on the wires at the same times; another seed does not."""
    first, again = (new_run(SHORT).run().trace for _ in range(2))
    other = new_run(Scenario(seed=2, days=1, products=30, faults=STANDARD)).run().trace
    assert first == again
    assert first != other


def test_a_calm_day_costs_what_it_must(new_run: NewRun) -> None:
    """Without a fault, what is called is what had to be called, but for a tenth."""
    outcome = new_run(Scenario(seed=3, days=2, products=60, faults=NONE, page_size=1000)).run()
    assert outcome.broken == []
    assert outcome.calls["account"] <= outcome.least.unleashed * 1.1 + DAILY * 3


DAILY = 3
"""Calls a day that ask what the account itself is."""

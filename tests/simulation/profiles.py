"""Plans against what then happens: random accounts, the calls that `syncd plan` foretells, and those made."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from syncd.app.planned import Planned
from syncd.emulator.catalogue import Dice
from tests.simulation.build import prepared
from tests.simulation.run import Simulation
from tests.simulation.scenario import NONE, START, Rates, Scenario

TOLERANCE = 0.1
FROM = timedelta(days=2)
"""When a plan is taken at its word: after the first load and a day and a half of measuring."""

LIMITS = ((), (), ((8000, "month"),), ((400, "day"),), ((60, "hour"),))


@dataclass(frozen=True, slots=True)
class Compared:
    """What was foretold for the days after `FROM`, and what was called, on one side."""

    side: str
    foretold: float
    called: int

    @property
    def off(self) -> float:
        """Return by which share the plan was wrong; one call more or less is no share of anything."""
        return max(0.0, abs(self.called - self.foretold) - 1) / max(1.0, self.foretold)


def profile(seed: int) -> Scenario:
    """Return a random account: its size, its warehouses, what changes in a day, what it may call."""
    dice = Dice(seed * 104_729 + 3)
    pace = dice.one_of((0.2, 1.0, 3.0))
    rates = Rates(25 * pace, 4 * pace, 180 * pace, 2 * pace, 3 * pace, pace, 0, 0, 0, 0)
    return Scenario(
        seed=seed,
        days=5,
        products=dice.between(50, 600),
        warehouses=dice.one_of(((), ("W1",), ("W1", "W2"), ("W1", "W2", "RET"))),
        page_size=dice.one_of((200, 500, 1000)),
        listed=1000,
        account_limits=dice.one_of(LIMITS),
        rates=rates,
        faults=NONE,
        people=0,
        settling=timedelta(0),
    )


def compared(simulation: Simulation) -> list[Compared]:
    """Run it, and compare its plan with what was called."""
    before: dict[str, int] = {}
    plans: list[Planned] = []
    end = START + timedelta(days=simulation.scenario.days)
    sides = simulation.machine.sides

    def begin() -> None:
        before.update({name: side.attempts for name, side in sides.items()})
        plans.extend([simulation.bounds.latest] if simulation.bounds.latest is not None else [])

    simulation.baton.call_at(START + FROM, begin)
    simulation.run()
    share = (end - START - FROM) / timedelta(days=30)
    plan = plans[0]
    foretold = {
        "account": sum(plan.plan.calls.values()),
        "store": sum(sum(store.store_calls.values()) for store in plan.stores.values()),
    }
    return [
        Compared(name, float(foretold[name]) * share, side.attempts - before[name])
        for name, side in sides.items()
    ]


def compare(number: int, first: int, migrated: Callable[[Path], Path], say: Callable[[str], object]) -> int:
    """Compare so many profiles. Returns 1 if a plan was wrong by more than a tenth."""
    wrong = 0
    for seed in range(first, first + number):
        scenario = profile(seed)
        with tempfile.TemporaryDirectory(prefix="syncd-simulation-") as name:
            folder = Path(name)
            found = compared(prepared(scenario, folder, migrated(folder)))
        bad = [one for one in found if one.off > TOLERANCE]
        wrong += bool(bad)
        what = (
            f"{scenario.products} products, {len(scenario.warehouses)} warehouses, {scenario.account_limits}"
        )
        sides = ", ".join(f"{one.side} {one.foretold:.0f} foretold, {one.called} called" for one in found)
        say(f"profile {seed}: {what}: {sides}{'  WRONG' if bad else ''}\n")
    say(f"{number - wrong} of {number} plans were right to within a tenth.\n")
    return 1 if wrong else 0

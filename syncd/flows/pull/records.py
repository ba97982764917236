"""What a pull is given, and what it says when it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from syncd.clock import Clock
from syncd.flows.beat import Beat, no_beat
from syncd.state.db import Database
from syncd.state.records import AccountRow, Counts
from syncd.unleashed.client import Unleashed


@dataclass(frozen=True, slots=True)
class Pull:
    """What one pull needs: the account's row, its client, and the warehouses that its stores use."""

    db: Database
    account: AccountRow
    client: Unleashed
    warehouses: Sequence[str]
    clock: Clock
    beat: Beat = no_beat


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull did. `problems` are sentences about what could not be proven or believed."""

    counts: Counts = Counts()
    problems: tuple[str, ...] = ()

    def plus(self, other: Pulled) -> Pulled:
        """Return both together."""
        counts = replace(
            self.counts,
            read=self.counts.read + other.counts.read,
            parked=self.counts.parked + other.counts.parked,
        )
        return Pulled(counts, self.problems + other.problems)

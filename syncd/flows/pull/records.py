"""What a pull is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from syncd.clock import Clock
from syncd.flows.beat import Beat, Tally, no_beat
from syncd.state.db import Database
from syncd.state.records import AccountRow
from syncd.unleashed.client import Unleashed


@dataclass(frozen=True, slots=True)
class Pull:
    """What one pull needs: the account's row, its client, and the warehouses that its stores use.

    `job` and `run_id` say in whose name what it finds is recorded.
    """

    db: Database
    account: AccountRow
    client: Unleashed
    warehouses: Sequence[str]
    clock: Clock
    beat: Beat = no_beat
    tally: Tally = field(default_factory=Tally)
    job: str = ""
    run_id: int | None = None

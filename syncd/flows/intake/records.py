"""What an intake is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from syncd.clock import Clock
from syncd.core.order_rules import OrderRules
from syncd.flows.beat import Beat, Tally, no_beat
from syncd.flows.identity import Place
from syncd.state.db import Database
from syncd.state.records import StoreRow
from syncd.stores.base import Store

Watching = Callable[[datetime], str]
"""Names this process if it was surely watching when the store made a document at that time, by the store's
own clock; else ""."""


def unwatched(_created: datetime) -> str:
    """Nobody was watching: everything is looked for before it is sent."""
    return ""


@dataclass(frozen=True, slots=True)
class Intake:
    """What one intake of a store needs. `rules.since` None: settled at first contact.

    `refunds`: whether one becomes a credit note or a person's task.
    """

    db: Database
    store_row: StoreRow
    store: Store
    rules: OrderRules
    clock: Clock
    run_id: int | None = None
    refunds: Literal["task", "credit"] = "task"
    place: Place = Place()
    watching: Watching = unwatched
    beat: Beat = no_beat
    tally: Tally = field(default_factory=Tally)

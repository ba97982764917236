"""What posting is given: the account, its stores, and how each wants its orders posted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from syncd.clock import Clock
from syncd.core.customer_match import CustomerRules
from syncd.core.order_rules import OrderRules
from syncd.core.sale_identity import Names
from syncd.flows.beat import Beat, Tally, no_beat
from syncd.state.db import Database
from syncd.state.records import AccountRow, StoreRow
from syncd.unleashed.client import Unleashed

Mode = Literal["live", "shadow", "dry_run"]

Jitter = Callable[[str], float]
"""Returns a fraction from 0 up to 1 for a document, so that what failed together does not return together."""


@dataclass(frozen=True, slots=True)
class Shop:
    """One store whose orders are posted. `complete`: each is completed by a call of its own after its 201."""

    row: StoreRow
    names: Names
    orders: OrderRules
    customers: CustomerRules
    refunds: Literal["task", "credit"] = "task"
    complete: bool = False
    give_up_after: timedelta = timedelta(days=3)
    mode: Mode = "live"


@dataclass(slots=True)
class Post:
    """What one run of posting needs. `holder` names this process, as documents do that it saw being made.

    `taxes_read`: the tax codes were read in this run, so that reading them again would say the same.
    """

    db: Database
    account: AccountRow
    client: Unleashed
    shops: Sequence[Shop]
    clock: Clock
    run_id: int | None
    holder: str
    jitter: Jitter
    beat: Beat = no_beat
    tally: Tally = field(default_factory=Tally)
    taxes_read: bool = False

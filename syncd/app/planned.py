"""What was planned for one account and its stores, and until when that is believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.core.planner import Plan, Profile, Refusal

KEPT = timedelta(hours=1)
"""How long a plan is gone by before it is made anew from what was measured since."""


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan that an account goes by, and that of each of its stores for what is asked of it.

    Where nothing fits, `refusals` says so by "account main" or "store shop", and the plan is the slowest
    that keeps the promise. `profile` is what the account's was made from.
    """

    at: datetime
    profile: Profile
    plan: Plan
    stores: Mapping[str, Plan]
    refusals: Mapping[str, Refusal]

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether it is still gone by; a clock that was set back makes it anew."""
        return timedelta(0) <= now - self.at < KEPT

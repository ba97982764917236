"""By when each job must have gone well, and whether it has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LEAST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Promise:
    """A job that is to go well at each `interval`, for an account (`store` None) or for a store."""

    job: str
    account: str
    account_id: int
    interval: timedelta
    store: str | None = None
    store_id: int | None = None

    @property
    def who(self) -> str:
        """Whom it is about, in messages."""
        return f"store {self.store}" if self.store else f"account {self.account}"

    @property
    def subject(self) -> str:
        """Whom it is about, by row."""
        return f"store:{self.store_id}" if self.store_id is not None else f"account:{self.account_id}"

    @property
    def within(self) -> timedelta:
        """How long after one success the next may take: two attempts and a half, a quarter hour at least.

        48 minutes give the two hours in which a change reaches the store, also when one poll fails.
        """
        return max(self.interval * 5 / 2, LEAST)


def is_missed(
    promise: Promise, last_success: datetime, watching_since: datetime | None, now: datetime
) -> bool:
    """Tell whether the job should have gone well again since `last_success`.

    `watching_since` is when the daemon began, None without one: what it finds late at its start gets a
    quarter of an hour to be made good.
    """
    if watching_since is not None and now - watching_since < LEAST:
        return False
    return now - last_success > promise.within

"""The words that jobs are described in: a step, what it is given, what it brings, how it ended."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from syncd.clock import Clock
from syncd.errors import SyncdError
from syncd.flows.beat import Beat, Tally
from syncd.state.db import Database
from syncd.state.ledger import Ledger
from syncd.state.records import Counts, Lease, RunOutcome

Half = Literal["pull", "push", "intake", "post"]


class Draining(SyncdError):
    """The program was asked to stop; what was done until now is kept."""


@dataclass(frozen=True, slots=True)
class Step:
    """One half of one job for one subject. `store` None: it is about the account."""

    job: str
    half: Half
    account: str
    account_id: int
    store: str | None = None
    store_id: int | None = None

    @property
    def lease(self) -> str:
        """The name of the lease under which the step works."""
        about_store = self.half in ("push", "intake")
        return f"{self.half}:{self.store_id if about_store else self.account_id}"

    @property
    def subject(self) -> str:
        """Whom it is about, in messages."""
        return f"store {self.store}" if self.store else f"account {self.account}"


@dataclass(slots=True)
class Attempt:
    """What a step is given to work with: its run, what to call between two batches, where to count.

    `meters` are the purses that it opened; each is handed a new lease when the old one was let go.
    """

    step: Step
    run_id: int
    lease: Lease
    beat: Beat
    tally: Tally = field(default_factory=Tally)
    meters: list[Ledger] = field(default_factory=list)

    def under(self, lease: Lease) -> None:
        """Go on under another lease."""
        self.lease = lease
        for meter in self.meters:
            meter.lease = lease


@dataclass(frozen=True, slots=True)
class Result:
    """What a step could not prove or believe, as sentences; its figures are in the attempt's tally."""

    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """How one step ended. `error` and `do` are sentences, `told` lines; `exit_code` is the contract's.

    `cause` is "login" if the credentials were refused, "crash" for an error in syncd itself, else "".
    """

    step: Step
    outcome: RunOutcome
    counts: Counts = Counts()
    calls_unleashed: int = 0
    calls_store: int = 0
    error: str | None = None
    do: str | None = None
    exit_code: int = 0
    told: tuple[str, ...] = ()
    resumes_at: datetime | None = None
    cause: str = ""


class Work(Protocol):
    """What a step does; the application decides which flow that is."""

    def __call__(self, attempt: Attempt) -> Result: ...


@dataclass(frozen=True, slots=True)
class Bench:
    """The surroundings that every step needs. `holder` names this process in leases.

    `lines` numbers the steps that it does: two at once must not take each other's lease for their own.
    """

    db: Database
    clock: Clock
    holder: str
    ttl: timedelta = timedelta(seconds=60)
    stop: threading.Event = field(default_factory=threading.Event)
    heartbeats: bool = True
    lines: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False, compare=False)

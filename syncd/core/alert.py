"""The records of telling people: what is wrong now, and what is known of having said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong now. (`cause`, `subject`) is its identity.

    `cause` is "kind" or "kind: what one remedy cures"; `subject` names whom it is about by its row
    ("store:2", "account:1", "store:2/order 55"). `what` and `do` are sentences for a person, without a
    buyer's name or address; `example` names some documents. `times` is how many of them there are.
    `passing`: it may go away by itself, so one that was gone for a short while only is the same still.
    """

    cause: str
    subject: str
    what: str
    do: str
    example: str = ""
    times: int = 1
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """A trouble as it is kept: since when, and when it was told last, of how many. Times are aware UTC."""

    id: int
    cause: str
    subject: str
    what: str
    do: str
    example: str
    times: int
    first_at: datetime
    last_at: datetime
    told_at: datetime | None = None
    told_times: int = 0

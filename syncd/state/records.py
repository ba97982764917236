"""The records that the state hands out beside those of `core.model`: progress, runs, leases, what is due."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from syncd.core.model import Link, Product, StockRow

ChangeOutcome = Literal["sent", "done", "refused"]
"""What became of a field: "sent" is noted before it is sent, and stays if the answer never came."""

RunOutcome = Literal["done", "partial", "paused", "failed", "killed"]


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An Unleashed account as the database knows it. Facts are None until first read."""

    id: int
    name: str
    identity: str | None
    facts_json: str | None
    facts_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoreRow:
    """A store as the database knows it. `rules_hash` changes when the configuration changes what is shown."""

    id: int
    name: str
    account_id: int
    kind: str
    identity: str | None
    rules_hash: str
    facts_json: str | None
    facts_at: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one feed of one account has been read ("products", "stock"; `warehouse` "" = none or all).

    `watermark` is the greatest believable stamp received. `certified_at` is when the request for the last
    full read that proved it saw every row was made; `certified_rows` how many rows it saw. `absence`
    says whether a product missing from it may be taken as having no stock. `pass_no` is the number of the
    last pass that was begun, `pages` how many pages the last complete read of changes had. `newest` is the
    greatest believable stamp received in a complete pass (the watermark may lie behind it), `newest_at` when
    the pass that first brought it ended.
    """

    feed: str
    warehouse: str = ""
    watermark: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    certified_at: datetime | None = None
    certified_rows: int = 0
    absence: bool = False
    pass_no: int = 0
    pages: int = 0
    newest: datetime | None = None
    newest_at: datetime | None = None

    def zero_if_absent(self, first_seen: datetime) -> bool:
        """Tell whether a product first seen then, and missing from this feed, has no stock there.

        A product newer than the last proven full read may be missing from it for that reason alone.
        """
        return self.absence and self.certified_at is not None and first_seen <= self.certified_at


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A product as the mirror holds it, with its stock rows and what the store's link says, if anything.

    `first_seen` is when the first request that brought it was made; `revision` rises whenever the content
    of the product or of its stock changes. `demand` is what open orders have taken of it, `demand_revision`
    rises whenever that changes.
    """

    product: Product
    revision: int
    first_seen: datetime
    synced_at: datetime
    stock: tuple[StockRow, ...] = ()
    link: Link | None = None
    demand: Decimal = Decimal(0)
    demand_revision: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """One field written to a remote system, and why: the audit row."""

    guid: str
    code: str
    ref: str | None
    field: str
    before: str | None
    after: str | None
    rule: str
    outcome: ChangeOutcome = "done"
    kind: str = ""


@dataclass(frozen=True, slots=True)
class HeldChange:
    """A write that waits for a person: which field of which listing, and the brake's class that holds it.

    `since` is when the brake first held the field, `judged_at` when it last looked at it and held it.
    """

    guid: str
    code: str
    field: str
    kind: str
    before: str | None
    after: str | None
    rule: str
    since: datetime
    judged_at: datetime


@dataclass(frozen=True, slots=True)
class Scan:
    """How far the scan of a store has come. `number` rises with each scan; `completed_at` None: under way."""

    number: int
    cursor: str | None
    started_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run did."""

    read: int = 0
    written: int = 0
    created: int = 0
    unchanged: int = 0
    held: int = 0
    parked: int = 0

    def plus(self, other: Counts) -> Counts:
        """Return the sum of both."""
        return Counts(
            self.read + other.read,
            self.written + other.written,
            self.created + other.created,
            self.unchanged + other.unchanged,
            self.held + other.held,
            self.parked + other.parked,
        )


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of one job. `store` None: it concerns the account only."""

    id: int
    job: str
    account: str
    store: str | None
    outcome: RunOutcome | None
    started_at: datetime
    ended_at: datetime | None
    counts: Counts
    calls_unleashed: int
    calls_store: int
    error: str | None
    do: str | None


@dataclass(frozen=True, slots=True)
class Lease:
    """A held lease. `token` rises whenever the holder changes; a call with an old token is refused."""

    name: str
    holder: str
    token: int
    until: datetime


@dataclass(frozen=True, slots=True)
class DueRow:
    """When a job last started for a subject, and when it was told to start at once (None = not asked)."""

    job: str
    subject: str
    last_started: datetime | None
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PoolSpent:
    """What one pool of one subject has spent in its present window.

    `spent` are the calls attempted, or counted by others (headers, `--used`) if that is more; `began` is
    when the window began. `extra`: the pool that goes on where the one before it ends.
    """

    per: str
    limit: int
    spent: int
    resets_at: datetime
    billed: int = 0
    failed: int = 0
    began: datetime | None = None
    extra: bool = False


@dataclass(frozen=True, slots=True)
class Parked:
    """A row that could not be taken over, waiting for a person or for a better version of itself."""

    feed: str
    key: str
    reason: str
    excerpt: str
    since: datetime


@dataclass(frozen=True, slots=True)
class StoreCounts:
    """The figures of one store for `status`."""

    linked: int = 0
    adopted: int = 0
    behind: int = 0
    oldest_behind: datetime | None = None
    parked: int = 0
    held: int = 0
    ambiguous: int = 0


@dataclass(frozen=True, slots=True)
class PoolLimit:
    """A hard limit from the configuration: at most `calls` per fixed clock window, with its day in `zone`.

    With an `overflow`, calls above the limit are taken from that pool of a longer window.
    """

    calls: int
    per: Literal["minute", "hour", "day", "month"]
    zone: str = "UTC"
    overflow: PoolLimit | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """Calls made for one purpose: attempted, billed (something was sent), failed."""

    attempts: int = 0
    billed: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one of the calls at the same time, held until then; `until` tells its holders apart."""

    subject: str
    number: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """What storing one page did: rows taken over, how many of them were new or different.

    `moved` are the stamps of those among the latter whose stamp is new as well.
    """

    rows: int = 0
    changed: int = 0
    parked: int = 0
    stamps: tuple[datetime, ...] = field(default=())
    moved: tuple[datetime, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class DaemonRow:
    """The daemon that works on this database: who, since when, and when it last said so."""

    holder: str
    since: datetime
    seen_at: datetime
    version: str
    state: str

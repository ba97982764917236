"""Gather the present state for people and scripts: how far, how fresh, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from shlex import quote
from types import MappingProxyType

from syncd.core.brake import BrakeRules
from syncd.core.model import Link
from syncd.core.passes import HalfRead
from syncd.core.promise import Promise
from syncd.flows.decided import HeldDiff, diffs_in
from syncd.flows.lateness import late
from syncd.flows.sales_status import SalesStatus, sales_status
from syncd.flows.shadow import would_hold, would_write
from syncd.state import (
    accounts,
    alerts,
    calibration,
    certificates,
    halfread,
    held,
    leases,
    ledger,
    links,
    mails,
    mirror,
    parked,
    progress,
    runs,
)
from syncd.state.certificates import Certificate
from syncd.state.db import Connection, Database
from syncd.state.records import (
    AccountRow,
    Lease,
    Parked,
    PoolLimit,
    PoolSpent,
    Progress,
    RunRow,
    StoreCounts,
    StoreRow,
)

PROMISE = timedelta(hours=2)
"""A change in Unleashed reaches the store within this time."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and what a person can do about it."""

    what: str
    do: str


@dataclass(frozen=True, slots=True)
class AccountStatus:
    row: AccountRow
    products: int
    parked: tuple[Parked, ...]
    feeds: tuple[Progress, ...]
    purse: tuple[PoolSpent, ...]
    certificates: tuple[Certificate, ...] = ()
    under_way: tuple[HalfRead, ...] = ()
    lists_ignored: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoreStatus:
    row: StoreRow
    account: str
    mode: str
    counts: StoreCounts
    undecided: tuple[Link, ...]
    warnings: tuple[str, ...]
    held: tuple[HeldDiff, ...] = ()
    would_write: Mapping[str, int] = field(default_factory=dict)
    would_hold: Mapping[str, int] = field(default_factory=dict)
    sales: SalesStatus = SalesStatus()


@dataclass(frozen=True, slots=True)
class Status:
    """Everything `syncd status` says."""

    leader: Lease | None
    since: datetime | None
    accounts: tuple[AccountStatus, ...]
    stores: tuple[StoreStatus, ...]
    runs: tuple[RunRow, ...]
    problems: tuple[Problem, ...]


def status(
    db: Database,
    limits: Mapping[str, Sequence[PoolLimit]],
    modes: Mapping[str, str],
    now: datetime,
    brakes: Mapping[str, BrakeRules] = MappingProxyType({}),
    promises: Sequence[Promise] = (),
) -> Status:
    """Return the state of every configured account (keys of `limits`) and store (keys of `modes`).

    `brakes` are those of the stores, if they are not the default; `promises` are what each job must keep.
    """
    with db.read() as conn:
        rows = [row for name in limits if (row := accounts.account(conn, name)) is not None]
        names = {row.id: row.name for row in rows}
        by_account = tuple(_account(conn, row, limits[row.name], now) for row in rows)
        by_store = tuple(
            _store(
                conn,
                row,
                names.get(row.account_id, ""),
                modes[row.name],
                brakes.get(row.name, BrakeRules()),
            )
            for row in accounts.stores(conn)
            if row.name in modes
        )
        last = tuple(run for run in runs.last_runs(conn) if _configured(run, limits, modes))
        leader, daemon = leases.holder(conn, "daemon", now), runs.get_daemon(conn)
        telling = (*_late(conn, promises, now), *_differing(conn, by_store), *_unsent(conn))
    since = daemon.since if daemon is not None and leader is not None else None
    return Status(
        leader, since, by_account, by_store, last, (*_problems(by_account, by_store, last, now), *telling)
    )


def _account(conn: Connection, row: AccountRow, limits: Sequence[PoolLimit], now: datetime) -> AccountStatus:
    return AccountStatus(
        row,
        mirror.count_products(conn, row.id),
        tuple(parked.parked_rows(conn, row.id)),
        tuple(progress.all_progress(conn, row.id)),
        tuple(ledger.spent(conn, accounts.purse_of(row), limits, now)),
        tuple(_certificates(conn, row)),
        tuple(halfread.half_reads(conn, row.id, "sweep")),
        calibration.lists_ignored(conn, row.id),
    )


def _certificates(conn: Connection, row: AccountRow) -> list[Certificate]:
    """Return the latest proof of each feed that it was read in full."""
    feeds = progress.all_progress(conn, row.id)
    found = (certificates.certificates(conn, row.id, feed.feed, feed.warehouse) for feed in feeds)
    return [each for latest in found for each in latest]


def _late(conn: Connection, promises: Sequence[Promise], now: datetime) -> list[Problem]:
    return [Problem(each.what, each.do) for each in late(conn, promises, now)]


def _differing(conn: Connection, by_store: Sequence[StoreStatus]) -> list[Problem]:
    """Return what the last reconciliation found to differ."""
    subjects = {f"store:{store.row.id}" for store in by_store}
    found = [each for each in alerts.open_alerts(conn) if each.cause == "reconcile"]
    return [Problem(each.what, each.do) for each in found if each.subject in subjects]


def _unsent(conn: Connection) -> list[Problem]:
    number, error = mails.waiting(conn)
    if not number:
        return []
    what = "1 mail waits" if number == 1 else f"{number} mails wait"
    return [Problem(f"mail: {what} for the mail server: {error}", "Run `syncd check`; none is lost.")]


def _store(conn: Connection, row: StoreRow, account: str, mode: str, brake: BrakeRules) -> StoreStatus:
    facts, shadow = accounts.store_facts(row), mode == "shadow"
    return StoreStatus(
        row,
        account,
        mode,
        replace(links.counts(conn, row), held=held.count(conn, row.id)),
        _undecided(conn, row),
        facts.warnings if facts else (),
        tuple(diffs_in(conn, row)),
        would_write(conn, row) if shadow else {},
        would_hold(conn, row, brake) if shadow else {},
        sales_status(conn, row),
    )


def _undecided(conn: Connection, row: StoreRow) -> tuple[Link, ...]:
    """Return the links that wait for a person, under the codes that their products have now."""
    stuck = links.problems(conn, row.id, 20)
    known = links.mirrored_for(conn, row, [link.guid for link in stuck])
    codes = {guid: each.product.code for guid, each in known.items()}
    return tuple(replace(link, code=codes.get(link.guid, link.code)) for link in stuck)


def _problems(
    by_account: Sequence[AccountStatus],
    by_store: Sequence[StoreStatus],
    last: Sequence[RunRow],
    now: datetime,
) -> tuple[Problem, ...]:
    found: list[Problem] = []
    for account in by_account:
        found += _account_problems(account)
    for store in by_store:
        found += _store_problems(store, now)
    found += [_run_problem(run) for run in last if _still_wrong(run, last)]
    return tuple(found)


def _configured(run: RunRow, accounts_: Collection[str], stores: Collection[str]) -> bool:
    return run.account in accounts_ and (run.store is None or run.store in stores)


def _still_wrong(run: RunRow, last: Sequence[RunRow]) -> bool:
    """Tell whether a run ended badly and nothing has gone well for its account or store since."""
    unproven = run.outcome == "partial" and run.error is not None and run.do is None
    if run.outcome not in ("failed", "killed") and not unproven:
        return False
    same = [each for each in last if (each.account, each.store) == (run.account, run.store)]
    return not any(each.id > run.id and each.outcome == "done" for each in same)


def _account_problems(account: AccountStatus) -> list[Problem]:
    who, do = f"account {account.row.name}", "Correct it in Unleashed; it is taken over with the next read."
    found = [] if account.lists_ignored is None else [_lists_ignored(who, account.lists_ignored)]
    return found + [
        Problem(f"{who}: a row of {row.feed} is parked since {row.since:%Y-%m-%d %H:%M}Z: {row.reason}", do)
        for row in account.parked[:20]
    ]


def _lists_ignored(who: str, at: datetime) -> Problem:
    what = f"{who}: Unleashed ignores lists of products (productId) since {at:%Y-%m-%d %H:%M}Z"
    do = "Nothing to do: the sweep alone verifies now, and lists are tried again once a week."
    return Problem(what, do)


def _store_problems(store: StoreStatus, now: datetime) -> list[Problem]:
    found = [Problem(f"store {store.row.name}: {text}", "Run `syncd check`.") for text in store.warnings]
    for link in store.undecided:
        code = f"{link.code or link.guid}"
        found.append(
            Problem(
                f"store {store.row.name}: {code}: {link.parked or link.ambiguous}",
                link.parked_do or f"Correct it, then run `syncd resync {quote(code)}`.",
            )
        )
    for diff in store.held:
        what = f"the brake holds {len(diff.changes)} changes ({diff.kind})"
        do = f"Look at them with `syncd approve`; let them through with `syncd approve {diff.fingerprint}`."
        found.append(Problem(f"store {store.row.name}: {what}", do))
    oldest = store.counts.oldest_behind
    if oldest is not None and now - oldest > PROMISE and store.mode == "live":
        hours = int((now - oldest).total_seconds() // 3600)
        what = f"{store.counts.behind} listings are behind, the oldest for {hours} hours"
        do = "Look at the last runs above; `syncd once recent` tries at once."
        found.append(Problem(f"store {store.row.name}: {what}", do))
    return found + [Problem(each.what, each.do) for each in store.sales.troubles]


def _run_problem(run: RunRow) -> Problem:
    who = f"store {run.store}" if run.store else f"account {run.account}"
    what = run.error or "its process ended before it did"
    said = f"{run.job}: {what}" if who in what else f"{who}: {run.job}: {what}"
    return Problem(said, run.do or "The next scheduled run tries again.")

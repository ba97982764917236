"""One product, now: read it in Unleashed with two calls, and put every store right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from syncd.app.wiring import App
from syncd.errors import UsageError
from syncd.flows.pull import One, pull_one
from syncd.flows.push import Item, push_some
from syncd.jobs import Attempt, Report, Result, attempt_step

JOB = "resync"

PATIENCE = timedelta(minutes=2)
"""How long a person waits for a batch of the daemon to end."""


@dataclass(slots=True)
class Resynced:
    """What became of each code: the items by store, the codes that an account does not have, the reports."""

    items: list[tuple[str, Item]] = field(default_factory=list)
    missing: list[tuple[str, str, One]] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)


def resync(app: App, codes: Sequence[str], *, store: str | None = None, dry_run: bool = False) -> Resynced:
    """Read each code from Unleashed and bring the stores (or the one named) in step, behind or not.

    A code given twice is read once. Raises UsageError for a store that is not configured. A side that
    fails is told in its report.
    """
    if store is not None and store not in app.settings.stores:
        known = ", ".join(app.settings.stores)
        raise UsageError(f"There is no store {store} in the configuration.", f"Use one of: {known}.")
    done = Resynced()
    for account in [app.account_of(store)] if store else app.settings.accounts:
        guids = _pull(app, account, codes, done)
        for name in [store] if store else app.stores_of(account):
            if guids:
                _push(app, name, guids, done, dry_run=dry_run)
    return done


def _pull(app: App, account: str, codes: Sequence[str], done: Resynced) -> list[str]:
    guids: list[str] = []
    wanted = list(dict.fromkeys(code.strip() for code in codes))

    def work(attempt: Attempt) -> Result:
        pull = app.pull(attempt, JOB)
        for code in wanted:
            one = pull_one(pull, code)
            guids.extend(one.guids)
            if not one.guids:
                done.missing.append((account, code, one))
            attempt.beat()
        return Result()

    done.reports.append(attempt_step(app.bench, app.pull_step(JOB, account), work, PATIENCE))
    return list(dict.fromkeys(guids))


def _push(app: App, store: str, guids: Sequence[str], done: Resynced, *, dry_run: bool) -> None:
    def work(attempt: Attempt) -> Result:
        for item in push_some(app.push(attempt, JOB, dry_run=dry_run), guids):
            done.items.append((store, item))
        return Result()

    done.reports.append(attempt_step(app.bench, app.push_step(JOB, store), work, PATIENCE))

"""A person's decisions about one store, each a run of its own under the store's lease."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from syncd.app.wiring import App
from syncd.core.model import Link
from syncd.errors import Stopped
from syncd.flows import decided
from syncd.flows.decided import Adopted, Decision, HeldDiff
from syncd.flows.match import Match, match_store
from syncd.jobs import Attempt, Report, Result, attempt_step

T = TypeVar("T")

PATIENCE = timedelta(minutes=2)
"""How long a person waits for a batch of the daemon to end."""


def match(app: App, store: str) -> tuple[Match | None, Report]:
    """Scan a store and compare it with the mirror. None if it could not be read; the report says why."""
    return _run(app, store, "match", lambda attempt: match_store(app.push(attempt, "match", dry_run=True)))


def adopt(
    app: App, store: str, fields: frozenset[str], codes: Sequence[str], *, dry_run: bool
) -> tuple[Adopted | None, Report]:
    """Let fields flow to adopted listings, those named or all."""
    return _run(
        app,
        store,
        "adopt",
        lambda attempt: decided.adopt(_decision(app, attempt), fields, codes, dry_run=dry_run),
    )


def diffs(app: App, stores: Sequence[str]) -> list[HeldDiff]:
    """Return everything that the brake holds, by store and class."""
    return [diff for name in stores for diff in decided.held_diffs(app.db, app.store_row(name))]


def approve(app: App, store: str, diff: HeldDiff) -> Report:
    """Let a held diff through; the next run plans it anew and writes it."""
    return _run(app, store, "approve", lambda attempt: decided.approve(_decision(app, attempt), diff))[1]


def set_link(app: App, store: str, code: str, ref: str) -> tuple[Link | None, Report]:
    """Link a product to a record of the store, which is looked at first (one call)."""

    def work(attempt: Attempt) -> Link:
        shown = app.push(attempt, "links").store.look(refs=[ref]).get(ref)
        if shown is None:
            raise Stopped(f"Store {store} has no record with the id {ref}.", "Look the id up in the shop.")
        return decided.set_link(_decision(app, attempt), code, shown)

    return _run(app, store, "links", work)


def unset_link(app: App, store: str, code: str) -> tuple[str | None, Report]:
    """Take a product's link away. None if it had none."""
    return _run(app, store, "links", lambda attempt: decided.unset_link(_decision(app, attempt), code))


def _decision(app: App, attempt: Attempt) -> Decision:
    row = app.store_row(attempt.step.store or "")
    return Decision(app.db, row, attempt.run_id, app.bench.clock.now())


def _run(app: App, store: str, job: str, work: Callable[[Attempt], T]) -> tuple[T | None, Report]:
    found: list[T] = []

    def step(attempt: Attempt) -> Result:
        found.append(work(attempt))
        return Result()

    report = attempt_step(app.bench, app.push_step(job, store), step, PATIENCE)
    return (found[0] if found else None), report

"""The audit: hold a random sample of listings against both sides, and say how many may be wrong in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from syncd.app.wiring import App
from syncd.core.sampling import draw, upper_bound
from syncd.flows.pull import verify
from syncd.flows.push import looked_at, note_edits, store_facts, wrong_fields
from syncd.jobs import Attempt, Report, Result, attempt_step
from syncd.state import ghosts, links, rotation
from syncd.state.ghosts import Sighting

JOB = "audit"

PATIENCE = timedelta(minutes=2)
"""How long a person waits for a batch of the daemon to end."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """One field that is wrong in the sample, as texts. `side`: "unleashed" (the mirror is) or "store".

    For the mirror: what it believed and what Unleashed says; for the store: what it shows and should show.
    """

    side: str
    guid: str
    code: str
    field: str
    before: str | None
    after: str | None


@dataclass(slots=True)
class Audited:
    """What the audit of one store found among `linked` listings.

    `sampled` were held against both sides; `pending` of them show what is about to be written over anyway.
    `complete`: both sides could be read.
    """

    store: str
    linked: int = 0
    sampled: int = 0
    pending: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return all(report.outcome == "done" for report in self.reports)

    def differing(self, side: str | None = None) -> int:
        """Count the listings with anything wrong, on one side or (None) on either."""
        return len({one.guid for one in self.wrong if side in (None, one.side)})

    def bound(self) -> float:
        """Return the share of all listings that is wrong at most, with 95 % confidence."""
        return upper_bound(self.differing(), self.sampled)


def audit(app: App, store: str, sample: int, seed: int) -> Audited:
    """Draw `sample` of the store's linked listings by the seed, and hold each against both sides.

    Eight lists of 40 for 300, each a call for the products and one per warehouse; a look call a hundred. What
    was read is kept: the mirror takes it over, wrong listings are put behind, so that the next run writes
    them, and both are recorded as ghosts. Changes so fresh that no poll could bring them yet do not count.
    """
    done, row = Audited(store), app.store_row(store)
    with app.db.read() as conn:
        linked = rotation.linked(conn, row.id)
    drawn = draw(linked, sample, f"{seed} {store}")
    done.linked, done.sampled = len(linked), len(drawn)
    if not drawn:
        return done
    drifted = _read(app, done, drawn)
    done.wrong += [_of_mirror(each) for each in drifted]
    _look(app, done, drawn, {each.ghost.guid for each in drifted})
    return done


def _read(app: App, done: Audited, guids: Sequence[str]) -> list[Sighting]:
    found: list[Sighting] = []

    def step(attempt: Attempt) -> Result:
        said = verify(app.pull(attempt, JOB), guids)
        with app.db.read() as conn:
            found.extend(ghosts.of_run(conn, attempt.run_id))
        return Result(said)

    account = app.account_of(done.store)
    done.reports.append(attempt_step(app.bench, app.pull_step(JOB, account), step, PATIENCE))
    return found


def _look(app: App, done: Audited, guids: Sequence[str], drifted: set[str]) -> None:
    """Compare what the store shows with what it should; a listing whose mirror had drifted counts there."""

    def step(attempt: Attempt) -> Result:
        push = app.push(attempt, JOB)
        wrong = wrong_fields(push, looked_at(push, store_facts(push), guids))
        if push.mode == "live":
            note_edits(push, wrong, JOB)
        with app.db.write() as conn:
            links.reset(conn, push.store_row.id, sorted({one.guid for one in wrong}))
        counted = [one for one in wrong if one.edited or (not one.behind and one.guid not in drifted)]
        left = {one.guid for one in wrong} - {one.guid for one in counted} - drifted
        done.pending = len(left)
        done.wrong += [
            Wrong("store", one.guid, one.code, one.field, one.shows, one.should) for one in counted
        ]
        return Result()

    done.reports.append(attempt_step(app.bench, app.push_step(JOB, done.store), step, PATIENCE))


def _of_mirror(each: Sighting) -> Wrong:
    one = each.ghost
    return Wrong("unleashed", one.guid, one.code, one.field, one.believed, one.found)

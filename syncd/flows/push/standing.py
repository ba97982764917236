"""What the brake knows when a run begins, and which of the writes it holds have lost their reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from syncd.core.brake import CLASSES, BrakeClass, classify_noted, tripped
from syncd.flows.push.brake import Brake, Guids
from syncd.flows.push.records import Push
from syncd.state import audit, held, links
from syncd.state.db import Connection
from syncd.state.records import HeldChange

WINDOW = timedelta(hours=24)
"""Shares are summed over this time, so that many small batches brake as one large one does."""


def open_brake(push: Push) -> Brake:
    """Return the brake of one run, knowing the last 24 hours, what was approved, and what is held."""
    with push.db.read() as conn:
        past = _past(conn, push)
        linked = links.count_linked(conn, push.store_row.id)
        approved = held.approved(conn, push.store_row.id, push.clock.now())
        changes = held.held_changes(conn, push.store_row.id)
    return Brake(
        push,
        past=past,
        standing=_by_class((change.kind, change.guid) for change in changes),
        holds={(change.guid, change.field): change for change in changes},
        approved=frozenset(approved),
        known=frozenset({change.guid for change in changes} | {guid for guid, _, _ in approved}),
        linked=linked,
    )


def look_again(push: Push) -> None:
    """Put behind, to be judged anew, what is held without its reason, and everything once a day.

    The reason is gone when the last 24 hours or the brake's own rules no longer make it too many. Shadow and
    dry run leave everything as it is.
    """
    if push.mode != "live":
        return
    with push.db.read() as conn:
        changes = held.held_changes(conn, push.store_row.id)
        if not changes:
            return
        past, linked = _past(conn, push), links.count_linked(conn, push.store_row.id)
    stale = _stale(push, changes, past, linked)
    if stale:
        with push.db.write() as conn:
            links.reset(conn, push.store_row.id, sorted(stale))


def _stale(push: Push, changes: list[HeldChange], past: Guids, linked: int) -> set[str]:
    now = push.clock.now()
    if any(abs(now - change.judged_at) >= WINDOW for change in changes):
        return {change.guid for change in changes}
    kinds = [
        (kind, change.guid)
        for change in changes
        for kind in classify_noted([(change.field, change.before, change.after)], push.brake)
    ]
    standing = _by_class(kinds)
    trips = tripped({kind: len(past[kind] | standing[kind]) for kind in CLASSES}, linked, push.brake)
    with_reason = {(change_kind, guid) for change_kind, guid in kinds if change_kind in trips}
    return {change.guid for change in changes if (change.kind, change.guid) not in with_reason}


def _past(conn: Connection, push: Push) -> Guids:
    touched: Mapping[str, set[str]] = audit.affected(conn, push.store_row.id, push.clock.now() - WINDOW)
    return {kind: touched.get(kind, set()) for kind in CLASSES}


def _by_class(pairs: Iterable[tuple[str, str]]) -> dict[BrakeClass, set[str]]:
    found = list(pairs)
    return {kind: {guid for each, guid in found if each == kind} for kind in CLASSES}

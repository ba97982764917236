"""The canary: one product that must be on both sides. If it is not, something is wrong with a whole side."""

from __future__ import annotations

from syncd.errors import Stopped
from syncd.flows.push.records import Push
from syncd.state import mirror


def watch_canary(push: Push) -> None:
    """Raise Stopped if the configured code is missing from the mirror or from the store. One store call."""
    if not push.canary:
        return
    code = push.canary.strip()
    with push.db.read() as conn:
        known = mirror.by_code(conn, push.store_row.account_id, code)
    if not known:
        raise _stopped(push, "Unleashed")
    shown = push.store.look(codes=[code]).get(code)
    if shown is None or shown.status_is_trash():
        raise _stopped(push, "the store")


def _stopped(push: Push, where: str) -> Stopped:
    who = f"The canary {push.canary} of store {push.store_row.name}"
    return Stopped(
        f"{who} is not found in {where}: nothing was written.",
        "Find out why it is missing; if it is meant to be, name another product with `canary`.",
    )

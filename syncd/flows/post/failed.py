"""File an attempt that failed: when the next one is due, or that it was the last."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import structlog

from syncd.core.retry import next_attempt
from syncd.errors import RemoteError, Throttled
from syncd.flows.documents import Moved, keep, moved
from syncd.flows.post.keep import LOOK_AFTER
from syncd.flows.post.records import Post, Shop
from syncd.state import outbox
from syncd.state.outbox import Document

log = structlog.get_logger()

GIVEN_UP = "given up"
"""The cause of what did not get through for as long as the configuration has it tried."""


def note_failed(post: Post, shop: Shop, before: Document, error: RemoteError) -> None:
    """Keep that the attempt on a document, which was `before`, failed with this error.

    What was sent stays so and is looked for in a moment; all else is due again by the schedule, until
    `orders.give_up_after` has passed. What was settled meanwhile stays settled.
    """
    now = post.clock.now()
    with post.db.write() as conn:
        fresh = outbox.locked(conn, before)
        if fresh.state not in outbox.OPEN:
            return
        tries = max(fresh.attempts, before.attempts + 1)
        tried = replace(fresh, attempts=tries, first_try_at=fresh.first_try_at or now)
        step = _step(post, shop, tried, error, now)
        keep(conn, step, now, post.run_id)
    if step.document.state == "given_up":
        log.error("order.given_up", account=post.account.name, order=before.number, error=error.what)


def _step(post: Post, shop: Shop, tried: Document, error: RemoteError, now: datetime) -> Moved:
    wait = error.retry_after if isinstance(error, Throttled) else None
    not_before = None if wait is None else now + wait
    jitter = post.jitter(f"{shop.row.id}:{tried.kind}:{tried.doc}:{tried.attempts}")
    first = tried.first_try_at or now
    due_at = next_attempt(tried.attempts, first, now, shop.give_up_after, jitter, not_before)
    if due_at is None:
        step = moved(tried, "out of time", now, error.what)
        return replace(step, document=_given_up(step.document, error))
    step = moved(tried, "failed", now, error.what)
    soon = tried.state == "sent" and tried.attempts == 1
    after = replace(step.document, due_at=now + LOOK_AFTER if soon else due_at, reason=error.what)
    return replace(step, document=after)


def _given_up(document: Document, error: RemoteError) -> Document:
    return replace(
        document,
        cause=GIVEN_UP,
        reason=f"{document.kind.capitalize()} {document.number} did not get through: {error.what}",
        do=f"Look into it, then run `syncd orders retry {document.doc}`.",
    )

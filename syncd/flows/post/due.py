"""Bring everything that is due to Unleashed, in the order in which it was sold, and file what fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import structlog

from syncd.core.money import plain
from syncd.errors import (
    BadAnswer,
    LeaseLost,
    OutcomeUnknown,
    PurseSpent,
    RemoteError,
    RequestRefused,
    Throttled,
    Unavailable,
)
from syncd.flows.post.complete import complete_due
from syncd.flows.post.failed import note_failed
from syncd.flows.post.keep import Overtaken, put_off
from syncd.flows.post.orders import post_order
from syncd.flows.post.people import SomebodyElse
from syncd.flows.post.records import Post, Shop
from syncd.flows.post.refunds import post_refund
from syncd.state import outbox
from syncd.state.outbox import Document

log = structlog.get_logger()

CHUNK = 50

LOST = 3
"""So many failures in a row mean that Unleashed is not well; the rest waits for the next run."""


@dataclass(slots=True)
class _Failures:
    """The failures in a row of one run, each of which may be one order's own."""

    row: int = 0
    last: RemoteError | None = None

    def note(self, error: RemoteError) -> None:
        self.row, self.last = self.row + 1, error
        if self.row >= LOST:
            raise error


def post_due(post: Post) -> None:
    """Post every order and refund that is due, store by store; what was done is in the tally.

    One order that fails does not keep the others back; where Unleashed itself is not to be had, the run ends
    with its error. Raises RemoteError, LeaseLost; everything is kept, the next run goes on.
    """
    for shop in post.shops:
        if shop.mode != "live":
            _tell(post, shop)
            continue
        if not shop.names.store:
            continue  # Nobody knows which shop it is, so its orders have no names yet.
        failures = _Failures()
        for document in _due(post, shop):
            post.beat()
            _attempt(post, shop, document, failures)
        complete_due(post, shop)
        if failures.last is not None and failures.row:
            raise failures.last


def _due(post: Post, shop: Shop) -> Iterator[Document]:
    after = None
    while True:
        with post.db.read() as conn:
            some = outbox.due(conn, shop.row.id, post.clock.now(), CHUNK, after)
        if not some:
            return
        yield from some
        after = (some[-1].created, some[-1].kind, some[-1].doc)


def _attempt(post: Post, shop: Shop, document: Document, failures: _Failures) -> None:
    try:
        if document.kind == "order":
            post_order(post, shop, document)
        else:
            post_refund(post, shop, document)
    except (PurseSpent, LeaseLost):
        raise
    except SomebodyElse:
        put_off(post, document)
    except Overtaken:
        log.info("order.overtaken", store=shop.row.name, order=document.number)
    except RemoteError as error:
        note_failed(post, shop, document, error)
        if not isinstance(error, (OutcomeUnknown, Unavailable, BadAnswer, RequestRefused)) or isinstance(
            error, Throttled
        ):
            raise
        failures.note(error)
    else:
        failures.row = 0


def _tell(post: Post, shop: Shop) -> None:
    """Say what a store in shadow, or a dry run, would post."""
    for document in _due(post, shop):
        amount = f"{plain(document.total)} {document.currency}" if document.total is not None else ""
        post.tally.told.append(f"{document.kind} {document.number}: would post {amount}".rstrip())

"""Complete what was posted, where the configuration wants it: a step of its own after the certificate."""

from __future__ import annotations

from dataclasses import replace

from syncd.core.retry import next_attempt
from syncd.errors import LeaseLost, PurseSpent, RemoteError, RequestRefused
from syncd.flows.post.keep import COMPLETING
from syncd.flows.post.records import Post, Shop
from syncd.state import outbox
from syncd.state.outbox import Document
from syncd.unleashed.sales import complete_sale, sale_by_guid


def complete_due(post: Post, shop: Shop) -> None:
    """Complete each posted order of the store that is to be completed: 1 call each.

    One that Unleashed refuses to complete (serial- or batch-tracked products, no stock) stays as it was
    posted, and a person is told. Raises PurseSpent, LeaseLost and what keeps all of them back.
    """
    with post.db.read() as conn:
        waiting = outbox.with_cause(conn, shop.row.id, "posted", COMPLETING, post.clock.now())
    for document in waiting:
        post.beat()
        _complete(post, shop, document)


def _complete(post: Post, shop: Shop, document: Document) -> None:
    guid = document.guid or ""
    try:
        answer = complete_sale(post.client, guid)
    except RequestRefused as refused:
        there = sale_by_guid(post.client, guid)
        if there is None or there.status != "Completed":
            _refused(post, document, refused)
            return
        answer = there
    except (PurseSpent, LeaseLost):
        raise
    except RemoteError as error:
        _later(post, shop, document, error)
        raise
    status = answer.status if answer is not None else "Completed"
    done = replace(document, cause="", due_at=None, reason="", found={**document.found, "status": status})
    _keep(post, done, "completed", status)


def _refused(post: Post, document: Document, refused: RequestRefused) -> None:
    stays = replace(
        document,
        cause="not completed",
        due_at=None,
        reason=f"Order {document.number} is in Unleashed as {document.order_number} and cannot be completed: "
        f"{refused.what}",
        do=f"Complete {document.order_number} in Unleashed by hand.",
    )
    _keep(post, stays, "not completed", refused.what)


def _later(post: Post, shop: Shop, document: Document, error: RemoteError) -> None:
    now, tries = post.clock.now(), int(document.found.get("completing", 0)) + 1
    since = document.posted_at or now
    jitter = post.jitter(f"{shop.row.id}:{document.doc}:complete:{tries}")
    due_at = next_attempt(tries, since, now, shop.give_up_after, jitter)
    after = replace(document, due_at=due_at, found={**document.found, "completing": tries})
    if due_at is None:
        after = replace(
            after,
            cause="not completed",
            reason=f"Order {document.number} could not be completed: {error.what}",
            do=f"Complete {document.order_number} in Unleashed by hand.",
        )
    _keep(post, after, "not completed yet", error.what)


def _keep(post: Post, document: Document, event: str, detail: str) -> None:
    """Keep it, unless the store called the order off or edited it meanwhile: then that is what is said."""
    with post.db.write() as conn:
        fresh = outbox.locked(conn, document)
        if fresh.cause != COMPLETING:
            document = replace(fresh, found=document.found)
        outbox.save(conn, [document])
        outbox.note(conn, document, event, detail, post.clock.now(), post.run_id)

"""Tell a store what became of its orders in Unleashed: a status and tracking numbers, once each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import structlog

from syncd.clock import Clock
from syncd.core import write_back as rule
from syncd.core.model import Refused
from syncd.core.order import StoreOrder
from syncd.core.write_back import News, WriteBackRules
from syncd.errors import RequestRefused
from syncd.flows.beat import Beat, Tally, no_beat
from syncd.flows.push import Mode
from syncd.state import outbox, outcomes
from syncd.state.db import Database
from syncd.state.outbox import Document
from syncd.state.records import Counts, StoreRow
from syncd.stores.base import Store

log = structlog.get_logger()

REFUSED = "write-back"
"""The cause of an order whose store would not take what became of it."""

CHUNK = 50

ENOUGH = 3
"""So many requests refused as such mean that something is wrong with all of them: a status, say."""


@dataclass(frozen=True, slots=True)
class WriteBack:
    """What telling one store needs."""

    db: Database
    store_row: StoreRow
    store: Store
    rules: WriteBackRules
    clock: Clock
    run_id: int | None = None
    mode: Mode = "live"
    beat: Beat = no_beat
    tally: Tally = field(default_factory=Tally)


def write_back(work: WriteBack) -> None:
    """Tell the store of every order that there is news of: a look and a write each (`Store.write_order`).

    What it was told is kept after it was told. After a lost answer or a crash the order is looked at again,
    and a write that is repeated changes nothing there. An order that the store will not change any more is
    told to a person and not tried again. Raises RemoteError; the next run goes on.
    """
    refusals: list[RequestRefused] = []
    for document in _waiting(work):
        work.beat()
        news = rule.news(document.found, work.rules)
        try:
            _tell(work, document, news)
        except RequestRefused as refused:
            refusals.append(refused)
        if len(refusals) >= ENOUGH:
            break
    if refusals:
        raise refusals[-1]


def _waiting(work: WriteBack) -> Iterator[Document]:
    after = ""
    while True:
        with work.db.read() as conn:
            some = outcomes.to_tell(conn, work.store_row.id, CHUNK, after)
        yield from some
        if not some:
            return
        after = some[-1].doc


def _tell(work: WriteBack, document: Document, news: News) -> None:
    if not news:
        _keep(work, document, News())
        return
    if work.mode != "live":
        work.tally.told.append(f"order {document.number}: would tell the store: {news}")
        work.tally.add(Counts(held=1))
        return
    left = _left(work, document, news)
    answer = None
    if left:
        answer = work.store.write_order(document.doc, status=left.status, tracking=left.tracking)
    if answer is not None:
        _note_refused(work, document, news, answer)
        return
    event = "told the store" if left else "left alone in the store"
    work.tally.add(Counts(written=1) if left else Counts(unchanged=1))
    _keep(work, document, news, event, str(left or news))


def _left(work: WriteBack, document: Document, news: News) -> News:
    """Look at the order where a status is to be set: somebody may have moved it on."""
    if not news.status:
        return news
    order = work.store.order(document.doc)
    if not isinstance(order, StoreOrder):
        return news
    outcome = document.found.get(rule.OUTCOME) or {}
    return rule.still_to_set(news, str(outcome.get("before") or ""), order.status)


def _keep(work: WriteBack, document: Document, told: News, event: str = "", detail: str = "") -> None:
    """Keep that the store knows this now; what the pull has learned meanwhile is still to be told."""
    with work.db.write() as conn:
        fresh = outbox.document(conn, document.store_id, "order", document.doc) or document
        found = rule.told(fresh.found, told)
        everything = News(**{name: str(value) for name, value in found[rule.TOLD].items()})
        more = bool(rule.news(found, work.rules))
        after = replace(fresh, found=found, told_store=outcomes.TO_TELL if more else str(everything))
        outcomes.keep(conn, after)
        if event:
            outbox.note(conn, after, event, detail, work.clock.now(), work.run_id)


def _note_refused(work: WriteBack, document: Document, news: News, refused: Refused) -> None:
    with work.db.write() as conn:
        fresh = outbox.document(conn, document.store_id, "order", document.doc) or document
        found = rule.told(fresh.found, news)
        said = replace(fresh, cause=REFUSED, reason=refused.reason, do=refused.do)
        after = replace(said, found=found, told_store=f"refused: {news}")
        outcomes.keep(conn, after)
        outbox.note(conn, after, "the store refused", refused.reason, work.clock.now(), work.run_id)
    work.tally.add(Counts(parked=1))
    log.warning("write_back.refused", store=work.store_row.name, order=document.number)

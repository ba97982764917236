"""Every order and refund on its way to Unleashed: what was received, what is sent, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, func, insert, or_, select

from syncd.state.db import chunks
from syncd.state.schema import outbox as table
from syncd.state.schema import outbox_event as event_table
from syncd.state.upsert import Upsert

Kind = Literal["order", "refund"]
State = Literal["waiting", "sent", "posted", "parked", "due", "given_up", "skipped", "filtered"]

STATES: tuple[State, ...] = (
    "waiting",
    "sent",
    "posted",
    "parked",
    "due",
    "given_up",
    "skipped",
    "filtered",
)
OPEN: tuple[State, ...] = ("waiting", "due", "sent")
"""States in which the document is tried again by itself, once it is due."""


@dataclass(frozen=True, slots=True)
class Document:
    """One order or refund of a store. `doc` is its identity there, `number` what people call it.

    `raw` is the JSON received, `content` our own record of it (`state.received`), `content_hash` the
    fingerprint of what of it matters, `judged` what the configuration makes of it. `payload` is what is (or
    was) sent, kept before the first attempt and sent verbatim ever after. `attempts` counts the tries since
    it was last planned anew. `seen_by` names the process that was watching when the store made it, "" if none
    was: then it is looked for before the first attempt. `found` is what Unleashed's answer said. `cause`
    groups what one remedy cures; `reason` and `do` are sentences. `changed_at`: the store changed it after it
    was sent. `told_store`: what the store was told of it. Amounts are in `currency`; times aware UTC.
    """

    store_id: int
    kind: Kind
    doc: str
    state: State
    state_at: datetime
    created: datetime
    received_at: datetime
    content_hash: str
    raw: str = field(repr=False)
    number: str = ""
    parent: str = ""
    due_at: datetime | None = None
    attempts: int = 0
    first_try_at: datetime | None = None
    modified: datetime | None = None
    seen_by: str = ""
    total: Decimal | None = None
    currency: str = ""
    guid: str | None = None
    order_number: str = ""
    payload: str | None = field(default=None, repr=False)
    payload_hash: str = ""
    posted_at: datetime | None = None
    found: Mapping[str, Any] = field(default_factory=dict)
    cause: str = ""
    reason: str = ""
    do: str = ""
    changed_at: datetime | None = None
    told_store: str = ""
    content: str = ""
    judged: str = ""

    @property
    def key(self) -> tuple[Kind, str]:
        """What it is called within its store."""
        return self.kind, self.doc


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a document's time line."""

    at: datetime
    event: str
    detail: str = ""
    run_id: int | None = None


_KEY = ("store_id", "kind", "doc")
_SAVE = Upsert(table, update=[column.name for column in table.columns if column.name not in _KEY])


def save(conn: Connection, documents: Sequence[Document]) -> None:
    """Keep these documents as they are now."""
    latest = {(one.store_id, one.kind, one.doc): one for one in documents}
    if latest:
        conn.execute(_SAVE.on(conn), [_values(one) for one in latest.values()])


def note(
    conn: Connection, document: Document, event: str, detail: str, at: datetime, run_id: int | None = None
) -> None:
    """Add a line to the document's time line."""
    note_all(conn, [(document, event, detail)], at, run_id)


def note_all(
    conn: Connection,
    lines: Sequence[tuple[Document, str, str]],
    at: datetime,
    run_id: int | None = None,
) -> None:
    """Add lines (document, event, detail) to the time lines of several documents."""
    rows = [
        {
            "store_id": document.store_id,
            "kind": document.kind,
            "doc": document.doc,
            "run_id": run_id,
            "at": at,
            "event": event,
            "detail": detail,
        }
        for document, event, detail in lines
    ]
    if rows:
        conn.execute(insert(event_table), rows)


def events(conn: Connection, document: Document) -> list[Event]:
    """Return the document's time line, the oldest first."""
    mine = (
        event_table.c.store_id == document.store_id,
        event_table.c.kind == document.kind,
        event_table.c.doc == document.doc,
    )
    rows = conn.execute(select(event_table).where(*mine).order_by(event_table.c.id))
    return [Event(row.at, row.event, row.detail, row.run_id) for row in rows]


def known(
    conn: Connection, store_id: int, kind: Kind, docs: Sequence[str], *, lock: bool = False
) -> dict[str, Document]:
    """Return those of these documents that the outbox has, by identity.

    `lock`: nobody else changes them until this transaction ends. Whoever writes a document reads it so first.
    """
    found: dict[str, Document] = {}
    for some in chunks(sorted(set(docs))):
        wanted = _of(store_id).where(table.c.kind == kind, table.c.doc.in_(some)).order_by(table.c.doc)
        wanted = wanted.with_for_update() if lock else wanted
        found |= {row.doc: _document(row) for row in conn.execute(wanted)}
    return found


def document(conn: Connection, store_id: int, kind: Kind, doc: str) -> Document | None:
    """Return one document, None if it was never received."""
    return known(conn, store_id, kind, [doc]).get(doc)


def locked(conn: Connection, document: Document) -> Document:
    """Return a document as it is now, kept from everybody else until this transaction ends."""
    found = known(conn, document.store_id, document.kind, [document.doc], lock=True)
    return found.get(document.doc, document)


def named(conn: Connection, store_id: int, word: str) -> list[Document]:
    """Return the documents that a person may mean: by identity, number, or Unleashed's order number."""
    same = or_(table.c.doc == word, table.c.number == word, table.c.order_number == word)
    return [_document(row) for row in conn.execute(_of(store_id).where(same).order_by(table.c.kind))]


def due(
    conn: Connection,
    store_id: int,
    now: datetime,
    limit: int,
    after: tuple[datetime, str, str] | None = None,
) -> list[Document]:
    """Return what is due, in the order of creation, going on after (created, kind, doc) of the last one."""
    wanted = _of(store_id).where(table.c.state.in_(OPEN))
    wanted = wanted.where(or_(table.c.due_at.is_(None), table.c.due_at <= now))
    if after is not None:
        created, kind, doc = after
        later = or_(
            table.c.created > created,
            (table.c.created == created)
            & or_(table.c.kind > kind, (table.c.kind == kind) & (table.c.doc > doc)),
        )
        wanted = wanted.where(later)
    ordered = wanted.order_by(table.c.created, table.c.kind, table.c.doc).limit(limit)
    return [_document(row) for row in conn.execute(ordered)]


def in_states(
    conn: Connection, store_id: int, states: Sequence[State], limit: int = 1000, *, kind: Kind | None = None
) -> list[Document]:
    """Return the documents in these states, the newest first."""
    wanted = _of(store_id).where(table.c.state.in_(states))
    if kind is not None:
        wanted = wanted.where(table.c.kind == kind)
    ordered = wanted.order_by(table.c.created.desc(), table.c.doc.desc()).limit(limit)
    return [_document(row) for row in conn.execute(ordered)]


def with_cause(
    conn: Connection, store_id: int, state: State, cause: str, now: datetime, limit: int = 1000
) -> list[Document]:
    """Return the documents in a state for one cause that are due, the oldest first."""
    wanted = _of(store_id).where(table.c.state == state, table.c.cause == cause, table.c.due_at <= now)
    ordered = wanted.order_by(table.c.created, table.c.doc).limit(limit)
    return [_document(row) for row in conn.execute(ordered)]


def refunds_of(conn: Connection, store_id: int, order: str) -> list[Document]:
    """Return the refunds of an order."""
    wanted = _of(store_id).where(table.c.kind == "refund", table.c.parent == order).order_by(table.c.doc)
    return [_document(row) for row in conn.execute(wanted)]


def between(conn: Connection, store_id: int, start: datetime, end: datetime) -> list[Document]:
    """Return the orders that the store made in this time, in the order of creation."""
    wanted = _of(store_id).where(table.c.kind == "order", table.c.created >= start, table.c.created < end)
    return [_document(row) for row in conn.execute(wanted.order_by(table.c.created, table.c.doc))]


def by_sale_guid(conn: Connection, guids: Sequence[str]) -> dict[str, Document]:
    """Return the documents that became these sales orders, by Unleashed's guid."""
    found: dict[str, Document] = {}
    for some in chunks(list(guids)):
        rows = conn.execute(select(table).where(table.c.guid.in_(some)))
        found |= {row.guid: _document(row) for row in rows}
    return found


def counts(conn: Connection, store_id: int, kind: Kind = "order") -> dict[State, int]:
    """Return how many documents are in each state; every state is there."""
    wanted = select(table.c.state, func.count().label("number")).where(
        table.c.store_id == store_id, table.c.kind == kind
    )
    found = {row.state: row.number for row in conn.execute(wanted.group_by(table.c.state))}
    return {state: int(found.get(state, 0)) for state in STATES}


def oldest_open(conn: Connection, store_id: int) -> datetime | None:
    """Return when the longest-waiting open document was received."""
    wanted = select(func.min(table.c.received_at)).where(
        table.c.store_id == store_id, table.c.state.in_(OPEN)
    )
    found: datetime | None = conn.execute(wanted).scalar_one()
    return found


def causes(conn: Connection, store_id: int, states: Sequence[State]) -> list[tuple[str, str, str, int]]:
    """Return (cause, a reason, what to do, how many) of what stands in these states, the most first."""
    number = func.count().label("number")
    wanted = (
        select(table.c.cause, func.min(table.c.reason).label("why"), func.min(table.c.do).label("do"), number)
        .where(table.c.store_id == store_id, table.c.state.in_(states))
        .group_by(table.c.cause)
        .order_by(number.desc(), table.c.cause)
    )
    return [(row.cause, row.why, row.do, row.number) for row in conn.execute(wanted)]


def _of(store_id: int) -> Select[Any]:
    return select(table).where(table.c.store_id == store_id)


def _values(one: Document) -> dict[str, Any]:
    return {**asdict(one), "found": dict(one.found)}


def _document(row: Row[Any]) -> Document:
    return Document(**row._mapping)

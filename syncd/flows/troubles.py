"""Gather what of the orders, customers and listings is wrong now, from what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from shlex import quote
from typing import Any

import msgspec

from syncd.core.alert import Trouble
from syncd.flows.decided import diffs_in
from syncd.flows.write_back import REFUSED
from syncd.state import customer_links
from syncd.state.db import Connection
from syncd.state.outbox import Document
from syncd.state.records import StoreRow
from syncd.state.standing import Standing, posted_with_reason, standing

HIDDEN = "[hidden]"
SHORTEST_NAME = 3


def order_troubles(conn: Connection, store: StoreRow) -> list[Trouble]:
    """Return what is wrong with a store's orders and refunds: one trouble for each cause."""
    found = [_parked(store, each) for each in standing(conn, store.id, ("parked",))]
    found += [_given_up(store, each) for each in standing(conn, store.id, ("given_up",))]
    found += [_failing(store, each) for each in standing(conn, store.id, ("due", "sent"))]
    found += [_late_news(store, each) for each in posted_with_reason(conn, store.id)]
    return found


def customer_troubles(conn: Connection, store: StoreRow) -> list[Trouble]:
    """Return that customers of the store wait for a person to say who they are."""
    number = customer_links.count_ambiguous(conn, store.id)
    if not number:
        return []
    first = customer_links.ambiguous(conn, store.id, 1)[0]
    what = f"store {store.name}: {_many(number, 'customer')} may be several of Unleashed's: {first.ambiguous}"
    do = f"Look at them with `syncd links list --customers --store {store.name}`, then say which one it is."
    codes = f"in question: {', '.join(first.candidates)}" if first.candidates else ""
    return [Trouble("ambiguous customer", _subject(store), _sentence(what), do, codes, number)]


def brake_troubles(conn: Connection, store: StoreRow) -> list[Trouble]:
    """Return what the brake holds, one trouble for each class."""
    found = []
    for diff in diffs_in(conn, store):
        number = len(diff.changes)
        what = f"store {store.name}: the brake holds {number} changes ({diff.kind})."
        do = f"Look at them with `syncd approve`; let them through with `syncd approve {diff.fingerprint}`."
        example = "; ".join(
            f"{one.code}: {one.field}: {one.before} → {one.after}" for one in diff.changes[:3]
        )
        found.append(Trouble(f"brake: {diff.kind}", _subject(store), what, do, example, number))
    return found


def _parked(store: StoreRow, one: Standing) -> Trouble:
    kind = "refund" if one.kind == "refund" else "parked"
    noun = "refund waits for a person" if one.kind == "refund" else "order is parked"
    plural = "refunds wait for a person" if one.kind == "refund" else "orders are parked"
    return _standing(store, one, kind, noun, plural)


def _given_up(store: StoreRow, one: Standing) -> Trouble:
    return _standing(store, one, "given up", f"{one.kind} is given up", f"{one.kind}s are given up")


def _failing(store: StoreRow, one: Standing) -> Trouble:
    noun, plural = f"{one.kind} could not be posted yet", f"{one.kind}s could not be posted yet"
    return _standing(store, one, "failing", noun, plural)


def _standing(store: StoreRow, one: Standing, kind: str, noun: str, plural: str) -> Trouble:
    first = one.examples[0]
    words = f"1 {noun}" if one.number == 1 else f"{one.number} {plural}"
    what = f"store {store.name}: {words}: {without_buyer(first, first.reason)}"
    passing = kind == "failing"
    do = _next_attempt(one) if passing else _remedy(store, one)
    numbers = ", ".join(label(each) for each in one.examples)
    return Trouble(
        cause=kind if one.cause in ("", kind) else f"{kind}: {one.cause}",
        subject=_subject(store),
        what=_sentence(what),
        do=without_buyer(first, do),
        example=numbers if one.number <= len(one.examples) else f"{numbers}, …",
        times=one.number,
        passing=passing,
    )


def _remedy(store: StoreRow, one: Standing) -> str:
    first = one.examples[0].do
    if one.number == 1:
        return first
    cause = f" --cause {quote(one.cause)}" if one.cause else ""
    every = f"syncd orders retry --all --store {store.name}{cause}"
    return f"{first} For all {one.number} at once: `{every}`.".strip()


def _next_attempt(one: Standing) -> str:
    due = min((each.due_at for each in one.examples if each.due_at is not None), default=None)
    when = f" The next attempt is at {due:%Y-%m-%d %H:%M} UTC." if due is not None else ""
    return f"Nothing to do yet: it is tried again by itself.{when}"


def _late_news(store: StoreRow, one: Document) -> Trouble:
    do = without_buyer(one, one.do) or "Correct the sales order in Unleashed by hand."
    settled = f'Then say so: `syncd orders skip --store {store.name} {quote(one.doc)} --reason "…"`.'
    return Trouble(
        cause="write-back"
        if one.cause == REFUSED
        else "changed"
        if one.changed_at is not None
        else "differs",
        subject=f"{_subject(store)}/{one.kind} {one.doc}",
        what=_sentence(f"store {store.name}: {without_buyer(one, one.reason)}"),
        do=f"{do} {settled}",
    )


def label(one: Document) -> str:
    """Return what people call a document: its number, else its identity."""
    return one.number or one.doc


def without_buyer(one: Document, text: str) -> str:
    """Return a text in which no word of the buyer's name and address is left, whoever put it there."""
    for word in sorted(set(_personal(one)), key=len, reverse=True):
        text = text.replace(word, HIDDEN)
    return text


def _personal(one: Document) -> Iterator[str]:
    """Yield what the document says of its buyer. Its lists are its lines: what was bought is no secret."""
    try:
        buyer = msgspec.json.decode(one.content or one.raw)
    except msgspec.DecodeError:
        return
    if isinstance(buyer, dict):
        members = [buyer.get(name) for name in ("buyer", "billing", "shipping", "customer")]
        yield from _texts([each for each in members if isinstance(each, dict)], _is_personal)


def _texts(value: Any, wanted: Callable[[str], bool]) -> Iterator[str]:
    if isinstance(value, str) and wanted(value.strip()):
        yield value.strip()
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each, wanted)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, wanted)


def _is_personal(text: str) -> bool:
    return len(text) >= SHORTEST_NAME


def _subject(store: StoreRow) -> str:
    return f"store:{store.id}"


def _many(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def every_trouble(conn: Connection, stores: Sequence[StoreRow]) -> list[Trouble]:
    """Return all of the above for these stores."""
    found: list[Trouble] = []
    for store in stores:
        found += order_troubles(conn, store)
        found += customer_troubles(conn, store)
        found += brake_troubles(conn, store)
    return found

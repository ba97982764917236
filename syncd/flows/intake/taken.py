"""What an order has taken from the shelf, as demand keeps it: open until Unleashed's stock shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from syncd.core import demand as rule
from syncd.core.order import OrderLine, StoreOrder
from syncd.core.order_rules import Verdict
from syncd.flows.documents import STATES
from syncd.state import demand, links, mirror
from syncd.state.db import Connection
from syncd.state.demand import Taken
from syncd.state.outbox import Document
from syncd.state.records import StoreRow

_BEFORE_POSTING = frozenset({"waiting", "sent", "due", "parked", "given_up", "filtered"})

Sold = tuple[StoreOrder, Document, Verdict]
"""An order, its document as it stands now, and what the configuration makes of it."""


def note_taken(
    conn: Connection, store: StoreRow, order: StoreOrder, document: Document, verdict: Verdict
) -> None:
    """Keep what one order takes as it is now; see `note_all_taken`."""
    note_all_taken(conn, store, [(order, document, verdict)], document.received_at)


def note_all_taken(conn: Connection, store: StoreRow, sold: Sequence[Sold], at: datetime) -> None:
    """Keep what these orders take as they are now (design rule 7); one that takes nothing is released.

    Once posted, or skipped by a person who posted it by hand, what was taken stands until stock shows it.
    """
    goods = [(order.id, line) for order, _, _ in sold for line in _goods(order)]
    guids = which_products(conn, store, [line for _, line in goods])
    before = demand.of_orders(conn, store.id, sorted({order.id for order, _, _ in sold}))
    after: dict[str, list[Taken]] = {}
    for order, document, verdict in sold:
        if _takes(order, document, verdict):
            if document.state in _BEFORE_POSTING:
                after[order.id] = _lines(order, guids)
        elif document.state not in ("posted", "sent"):
            after[order.id] = [replace(line, open=False) for line in before.get(order.id, ())]
    demand.set_orders(conn, store.id, store.account_id, after, at)


def _takes(order: StoreOrder, document: Document, verdict: Verdict) -> bool:
    return rule.takes(
        rule.Taken(
            order.id,
            STATES[document.state],
            {},
            took_stock=order.took_stock,
            paid=order.paid,
            cancelled=order.cancelled,
            too_old=verdict.judgement == "too old",
        )
    )


def _goods(order: StoreOrder) -> list[OrderLine]:
    """Return the lines that take something from the shelf, each id once."""
    goods = [line for line in order.lines if line.kind == "product" and line.quantity > 0]
    return list({line.id: line for line in goods}.values())


def _lines(order: StoreOrder, guids: Mapping[Product, str]) -> list[Taken]:
    lines = (
        Taken(order.id, line.id, line.ref, line.code, guids.get((line.ref, line.code.strip())), line.quantity)
        for line in _goods(order)
    )
    return sorted(lines, key=lambda taken: taken.line)


Product = tuple[str | None, str]
"""What a line says of its product: the store's id of the listing, and the code."""


def which_products(conn: Connection, store: StoreRow, lines: Sequence[OrderLine]) -> Mapping[Product, str]:
    """Return the product's guid of each line: by link, else by a code that only it has."""
    linked = links.refs_taken(conn, store.id, sorted({line.ref for line in lines if line.ref}))
    codes = sorted({line.code.strip() for line in lines if line.code.strip()})
    coded = mirror.guids_sharing_code(conn, store.account_id, codes)
    found: dict[Product, str] = {}
    for line in lines:
        code = line.code.strip()
        in_use = [guid for guid, obsolete in coded.get(code, ()) if not obsolete]
        guid = linked.get(line.ref or "") or (in_use[0] if len(in_use) == 1 else None)
        if guid is not None:
            found[line.ref, code] = guid
    return found

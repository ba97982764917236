"""Read everything, and prove it: every feed of the account in full, over as many runs as that takes."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.core import passes
from syncd.core.passes import HalfRead
from syncd.flows.pull.facts import known_warehouses
from syncd.flows.pull.feeds import AnyFeed, feeds_of
from syncd.flows.pull.lists import LIST, lists_of, lists_work, read_stock_list
from syncd.flows.pull.passes import read_in_full
from syncd.flows.pull.records import Pull
from syncd.flows.pull.vanished import ask_for_vanished
from syncd.flows.pull.verified import note_verified
from syncd.state import halfread, listed, parked, progress
from syncd.state.db import Connection

LISTS = 10
"""So many lists of stock rows that a complete list left out are asked for after one sweep of a warehouse."""


def sweep(pull: Pull) -> tuple[str, ...]:
    """Read every feed in full, each until a certificate says "complete: n of n"; go on with a half-read one.

    What differs from the mirror although no feed reported it is recorded as a ghost and taken over. Products
    and stock rows that a complete list lacks are asked for by guid. Returns sentences on what is not proven.
    Raises RemoteError, PurseSpent among them: what was read is kept, and the next sweep goes on there.
    """
    known, said = known_warehouses(pull)
    for feed in _to_read(pull, feeds_of(known)):
        why = read_in_full(pull, feed)
        said += [why] if why else _ask_for_unlisted(pull, feed)
    note_verified(pull, known)
    return tuple(sentence for sentence in said if sentence)


def outstanding(conn: Connection, account_id: int, warehouses: Sequence[str]) -> list[str]:
    """Return what a full read under way still has to read, one sentence for each feed; empty: none is."""
    return [
        f"{passes.outstanding(state)}."
        for state in halfread.half_reads(conn, account_id, "sweep")
        if state.feed == "products" or state.warehouse in warehouses
    ]


def _to_read(pull: Pull, feeds: Sequence[AnyFeed]) -> list[AnyFeed]:
    """Return the feeds that the sweep under way has yet to read; if there is none, a new one begins with all.

    A feed that was never certified belongs to any sweep; one that is not configured any more to none.
    """
    now = pull.clock.now()
    with pull.db.write() as conn:
        begun = {(each.feed, each.warehouse): each for each in _under_way(conn, pull, feeds)}
        never = {
            (feed.name, feed.warehouse)
            for feed in feeds
            if progress.progress(conn, pull.account.id, feed.name, feed.warehouse).certified_at is None
        }
        wanted = begun.keys() | never
        left = [feed for feed in feeds if not wanted or (feed.name, feed.warehouse) in wanted]
        for feed in left:
            if (feed.name, feed.warehouse) not in begun:
                state = HalfRead("sweep", feed.name, feed.warehouse, 0, None, now, now)
                halfread.save_half_read(conn, pull.account.id, state)
    return left


def _under_way(conn: Connection, pull: Pull, feeds: Sequence[AnyFeed]) -> list[HalfRead]:
    there = {(feed.name, feed.warehouse) for feed in feeds}
    found = halfread.half_reads(conn, pull.account.id, "sweep")
    for state in found:
        if (state.feed, state.warehouse) not in there:
            halfread.drop_half_read(conn, pull.account.id, state)
    return [state for state in found if (state.feed, state.warehouse) in there]


def _ask_for_unlisted(pull: Pull, feed: AnyFeed) -> list[str]:
    """Ask by guid for what the feed's certified list left out although the mirror has it."""
    with pull.db.read() as conn:
        unread = {row.key for row in parked.parked_rows(conn, pull.account.id) if row.feed == feed.key}
        at = progress.progress(conn, pull.account.id, feed.name, feed.warehouse).certified_at
        if at is None:
            return []
        if feed.name == "products":
            found = listed.unlisted_products(conn, pull.account.id, at)
        else:
            found = listed.unlisted_stock(conn, pull.account.id, feed.warehouse, at)
    guids = [guid for guid in found if guid not in unread]
    if feed.name == "products":
        return list(ask_for_vanished(pull, guids)) if guids else []
    return _ask_for_stock(pull, feed, guids)


def _ask_for_stock(pull: Pull, feed: AnyFeed, guids: Sequence[str]) -> list[str]:
    if guids and not lists_work(pull):
        return [f"{feed.key}: what became of {len(guids)} rows that its list lacks cannot be asked for."]
    said: list[str] = []
    for some in lists_of(guids[: LISTS * LIST]):
        why, _ = read_stock_list(pull, some, feed.warehouse)
        if why:
            return [*said, why]
        pull.beat()
    return said

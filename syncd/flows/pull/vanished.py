"""Find out what became of products that a list left out: only an answer by guid says that one is gone."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.core.model import Poison
from syncd.flows.pull.ghosts import spot, spot_gone
from syncd.flows.pull.lists import (
    LIST,
    Singles,
    lists_of,
    lists_work,
    note_ignored,
    note_left_out,
    read_product_list,
)
from syncd.flows.pull.records import Pull
from syncd.state import mirror, parked
from syncd.state.records import Counts
from syncd.unleashed import products
from syncd.unleashed.client import FilterIgnored, RecordUnreadable

LISTS = 10
"""So many lists are asked for after one sweep; what is left comes with the next one."""

ASKED_SINGLY = 40


def ask_for_vanished(pull: Pull, guids: Sequence[str]) -> tuple[str, ...]:
    """Ask for products that a complete list did not hold: in lists, and one by one what no list brings.

    Who is not there by guid either is marked as gone. Returns a sentence on those that are left for the next
    time, for the number of calls is bounded. Raises RemoteError; what was found out until then is kept.
    """
    singles = Singles(ASKED_SINGLY)
    missing = list(guids[: LISTS * LIST])
    singles.waiting += guids[LISTS * LIST :]
    in_lists = lists_work(pull)
    if in_lists:
        try:
            missing = [guid for some in lists_of(missing) for guid in read_product_list(pull, some)]
        except FilterIgnored as ignored:
            note_ignored(pull, ignored)
            in_lists = False
    ask_singly(pull, missing, singles, in_lists=in_lists)
    if not singles.waiting:
        return ()
    number = len(singles.waiting)
    return (f"What became of {number} products that the list no longer holds is asked for next time.",)


def ask_singly(pull: Pull, guids: Sequence[str], singles: Singles, *, in_lists: bool = True) -> list[str]:
    """Ask for each of these products by its guid alone; return those that are there.

    One that Unleashed does not have is marked as gone; one that cannot be read is parked. `in_lists`: a list
    left them out, so one that is there casts doubt on lists.
    """
    there: list[str] = []
    for guid in guids:
        if singles.take(guid):
            there += _ask(pull, guid, in_lists=in_lists)
            pull.beat()
    return there


def _ask(pull: Pull, guid: str, *, in_lists: bool) -> list[str]:
    requested_at = pull.clock.now()
    try:
        one = products.product_by_guid(pull.client, guid)
    except RecordUnreadable as bad:
        with pull.db.write() as conn:
            parked.park(conn, pull.account.id, "products", [Poison(guid, bad.what)], requested_at)
        return []
    with pull.db.write() as conn:
        if one is None:
            spot_gone(conn, pull, guid)
            mirror.mark_gone(conn, pull.account.id, guid, requested_at)
            return []
        spot(conn, pull, products=[one])
        mirror.store_products(conn, pull.account.id, [one], requested_at)
    pull.tally.add(Counts(read=1))
    if in_lists:
        note_left_out(pull, guid, "products")
    return [guid]

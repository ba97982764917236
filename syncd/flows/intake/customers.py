"""Take in the store's registered customers, page by page, and link them to those of the mirror."""

from __future__ import annotations

from dataclasses import replace

from syncd.core.customer_match import CustomerRules
from syncd.flows.identity import known_facts
from syncd.flows.intake.records import Intake
from syncd.flows.link_customers import link_customers
from syncd.state import cursors, customer_links
from syncd.state.records import Counts

FEED = "customers"


def take_customers(intake: Intake, rules: CustomerRules) -> None:
    """Read who is registered, then link everybody who is not linked yet; nobody is created.

    A store that lists no customers is left alone: its orders say who they are. Raises RemoteError, and
    IdentityChanged if the address answers as another shop.
    """
    if intake.store.traits.lists_customers:
        known_facts(intake.db, intake.store_row, intake.store, intake.place, intake.clock)
        _read(intake)
    intake.tally.add(link_customers(intake.db, intake.store_row, rules, intake.clock, intake.beat))


def _read(intake: Intake) -> None:
    with intake.db.read() as conn:
        place = cursors.cursor(conn, intake.store_row.id, FEED)
    place = replace(place, started_at=intake.clock.now())
    more = True
    while more:
        page = intake.store.customers(place.cursor)
        more, now = page.more, intake.clock.now()
        place = replace(place, cursor=page.cursor, completed_at=place.completed_at if more else now)
        with intake.db.write() as conn:
            customer_links.save_store_customers(conn, intake.store_row.id, page.customers, now)
            cursors.save_cursor(conn, intake.store_row.id, place)
        intake.tally.add(Counts(read=len(page.customers)))
        intake.beat()

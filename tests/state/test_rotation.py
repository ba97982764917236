"""Who waits longest comes first: products to be verified, listings to be looked at."""

from __future__ import annotations

from datetime import timedelta

from syncd.core.model import Link
from syncd.state import links, mirror, rotation
from syncd.state.db import Database
from tests.databases import NOON
from tests.state.samples import CUP, MINUTE, TEA, numbered, opened

DAY = timedelta(days=1)
LATER = NOON + MINUTE


def test_the_oldest_products_come_first(db: Database) -> None:
    """Never verified before verified, those first seen first, then the oldest; gone ones only when due."""
    account, _ = opened(db)
    with db.write() as conn:
        mirror.store_products(conn, account.id, [TEA, CUP], LATER)
        mirror.store_products(conn, account.id, [numbered(1), numbered(2), numbered(3)], NOON)
        rotation.set_verified(conn, account.id, [numbered(1).guid], NOON + 2 * DAY)
        rotation.set_verified(conn, account.id, [numbered(2).guid], NOON + DAY)
        rotation.set_verified(conn, account.id, [numbered(3).guid], NOON)
        mirror.mark_gone(conn, account.id, numbered(3).guid, LATER)
        found = rotation.oldest_verified(conn, account.id, 10, NOON)
        assert found == [TEA.guid, CUP.guid, numbered(2).guid, numbered(1).guid]
        assert rotation.oldest_verified(conn, account.id, 3, LATER)[2] == numbered(3).guid
        assert rotation.oldest_verified(conn, account.id + 1, 10, NOON) == []
        assert rotation.gone(conn, account.id, [TEA.guid, numbered(3).guid]) == {numbered(3).guid}


def test_the_oldest_listings_come_first(db: Database) -> None:
    """Never looked at before looked at; what is not linked, lost or waits for a person is left out."""
    account, store = opened(db)
    people = [numbered(1, guid="a"), numbered(2, guid="b")]
    with db.write() as conn:
        mirror.store_products(conn, account.id, [TEA, CUP, *people], NOON)
        links.save_links(conn, store.id, [Link(TEA.guid, "1")], LATER, looked_at=True)
        links.save_links(conn, store.id, [Link(CUP.guid, "2")], NOON)
        waiting = [
            Link("a", "3", parked="no"),
            Link("b", "4", gone=True),
            Link("c"),
            Link("d", "5", ambiguous="?"),
        ]
        links.save_links(conn, store.id, waiting, NOON)
        assert rotation.oldest_looked_at(conn, store.id, 10) == [CUP.guid, TEA.guid]
        assert rotation.oldest_looked_at(conn, store.id, 1) == [CUP.guid]
        assert rotation.oldest_looked_at(conn, store.id, 10, before=LATER) == [CUP.guid]
        assert rotation.linked(conn, store.id) == [TEA.guid, CUP.guid]
        assert rotation.looked_at(conn, store.id, [TEA.guid, CUP.guid]) == {TEA.guid: LATER}


def test_a_link_that_is_kept_without_a_look_keeps_its_time(db: Database) -> None:
    """Only what was decided from a look moves the time of the last one."""
    _, store = opened(db)
    with db.write() as conn:
        links.save_links(conn, store.id, [Link(TEA.guid, "1")], NOON, looked_at=True)
        links.save_links(conn, store.id, [Link(TEA.guid, "1", parked="x")], LATER)
        assert rotation.looked_at(conn, store.id, [TEA.guid]) == {TEA.guid: NOON}
        links.settle(conn, store, {TEA.guid: 3}, LATER)
        assert rotation.looked_at(conn, store.id, [TEA.guid]) == {TEA.guid: LATER}

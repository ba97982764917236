"""What orders took is summed by product until stock shows it; whose sum moves gets a new revision."""

from __future__ import annotations

from decimal import Decimal

from syncd.core.model import Link
from syncd.state import accounts, demand, links, mirror
from syncd.state.db import Database
from syncd.state.demand import Taken
from syncd.state.records import AccountRow, StoreRow
from tests.databases import NOON
from tests.state.samples import CUP, MINUTE, TEA, opened, stock


def _took(doc: str = "7", quantity: int = 1, line: str = "1", guid: str | None = TEA.guid) -> Taken:
    return Taken(doc, line, "17", TEA.code, guid, Decimal(quantity))


def _sold(db: Database, *lines: Taken) -> tuple[AccountRow, StoreRow]:
    account, store = opened(db)
    with db.write() as conn:
        mirror.store_products(conn, account.id, [TEA, CUP], NOON)
        for doc in {line.doc for line in lines}:
            some = [line for line in lines if line.doc == doc]
            demand.set_lines(conn, store.id, account.id, doc, some, NOON)
    return account, store


def test_what_all_stores_took_is_summed(db: Database) -> None:
    """Lines of several orders and of two stores of the account add up by product."""
    account, _store = _sold(db, _took(quantity=2), _took("8"), _took("9", guid=None))
    with db.write() as conn:
        other = accounts.ensure_store(conn, "other", account.id, "memory")
        demand.set_lines(conn, other.id, account.id, "7", [_took(quantity=4)], NOON)
        assert demand.open_for(conn, account.id, [TEA.guid, CUP.guid]) == {TEA.guid: Decimal(7)}
        assert demand.count_open(conn, account.id) == 4


def test_setting_the_same_lines_again_moves_nothing(db: Database) -> None:
    """A revision rises only with the sum that it stands for."""
    account, store = _sold(db, _took())
    with db.write() as conn:
        assert demand.revisions(conn, account.id, [TEA.guid]) == {TEA.guid: 1}
        demand.set_lines(conn, store.id, account.id, "7", [_took()], NOON)
        assert demand.revisions(conn, account.id, [TEA.guid]) == {TEA.guid: 1}
        demand.set_lines(conn, store.id, account.id, "7", [_took(quantity=2)], NOON)
        assert demand.revisions(conn, account.id, [TEA.guid]) == {TEA.guid: 2}


def test_demand_puts_the_listing_behind(db: Database) -> None:
    """A listing that was pushed before the demand moved is behind, and is handed out with what was taken."""
    account, store = _sold(db)
    with db.write() as conn:
        done = {"pushed_mirror": 1, "pushed_rules": store.rules_hash}
        links.save_links(conn, store.id, [Link(TEA.guid, "17", **done), Link(CUP.guid, "18", **done)], NOON)  # type: ignore[arg-type]
        assert links.behind(conn, store, 9) == []
        demand.set_lines(conn, store.id, account.id, "7", [_took(quantity=3)], NOON)
        (row,) = links.behind(conn, store, 9)
        assert (row.product.guid, row.demand, row.demand_revision) == (TEA.guid, Decimal(3), 1)
        settled = Link(TEA.guid, "17", pushed_demand=1, risen=(Decimal("2.5"), NOON), **done)  # type: ignore[arg-type]
        links.save_links(conn, store.id, [settled], NOON)
        assert links.behind(conn, store, 9) == []
        assert links.mirrored_for(conn, store, [TEA.guid])[TEA.guid].link == settled
        assert links.rising(conn, account.id, 9) == [TEA.guid]


def test_only_stock_asked_for_after_the_201_releases(db: Database) -> None:
    """A row asked for before, or at the moment of, the confirmation shows nothing; one after it does."""
    account, store = _sold(db, _took())
    with db.write() as conn:
        demand.note_posted(conn, store.id, "7", NOON)
        assert demand.release_shown(conn, account.id, ["W1"]) == 0
        mirror.store_stock(conn, account.id, [stock(TEA.guid, 5)], NOON)
        assert demand.release_shown(conn, account.id, ["W1"]) == 0
        mirror.store_stock(conn, account.id, [stock(TEA.guid, 5)], NOON + MINUTE)
        assert demand.release_shown(conn, account.id, ["W1"], [CUP.guid]) == 0
        assert demand.release_shown(conn, account.id, ["W1"]) == 1
        assert demand.open_for(conn, account.id, [TEA.guid]) == {}
        assert demand.revisions(conn, account.id, [TEA.guid]) == {TEA.guid: 2}


def test_an_order_without_confirmation_is_never_released_by_stock(db: Database) -> None:
    """Parked, given up or waiting: it keeps its goods however often stock is read."""
    account, _store = _sold(db, _took())
    with db.write() as conn:
        mirror.store_stock(conn, account.id, [stock(TEA.guid, 5)], NOON + MINUTE)
        assert demand.release_shown(conn, account.id, ["W1"]) == 0


def test_the_row_of_the_warehouse_that_ships_is_enough(db: Database) -> None:
    """With the warehouse known its own row decides; not known, all of them must be new."""
    account, store = _sold(db, _took(), _took("8"))
    with db.write() as conn:
        demand.note_posted(conn, store.id, "7", NOON, "W1")
        demand.note_posted(conn, store.id, "8", NOON)
        old, new = stock(TEA.guid, 5, "W2"), stock(TEA.guid, 5, "W1")
        mirror.store_stock(conn, account.id, [old], NOON - MINUTE)
        mirror.store_stock(conn, account.id, [new], NOON + MINUTE)
        assert demand.release_shown(conn, account.id, ["W1", "W2"]) == 1
        assert [each.open for each in demand.of_order(conn, store.id, "7")] == [False]
        assert [each.open for each in demand.of_order(conn, store.id, "8")] == [True]


def test_an_order_that_is_called_off_gives_back(db: Database) -> None:
    """Its lines count no more, and the products it was about move."""
    account, store = _sold(db, _took(), _took(line="2", guid=CUP.guid))
    with db.write() as conn:
        demand.release_order(conn, store.id, account.id, "7")
        assert demand.open_for(conn, account.id, [TEA.guid, CUP.guid]) == {}
        assert demand.revisions(conn, account.id, [TEA.guid, CUP.guid]) == {TEA.guid: 2, CUP.guid: 2}
        demand.release_order(conn, store.id, account.id, "7")
        assert demand.revisions(conn, account.id, [TEA.guid]) == {TEA.guid: 2}


def test_lines_of_unknown_products_are_assigned_once_linked(db: Database) -> None:
    """When a listing is linked, what orders took of it becomes its product's."""
    account, store = _sold(db, _took(guid=None))
    with db.write() as conn:
        assert demand.unassigned(conn, store.id) == {}
        links.save_links(conn, store.id, [Link(TEA.guid, "17")], NOON)
        assert demand.unassigned(conn, store.id) == {"17": TEA.guid}
        demand.assign(conn, account.id, store.id, {"17": TEA.guid})
        assert demand.open_for(conn, account.id, [TEA.guid]) == {TEA.guid: Decimal(1)}


def test_a_line_that_is_posted_as_another_product_is_that_ones(db: Database) -> None:
    """What posting found out about a line's product is taken over, and both products move."""
    account, store = _sold(db, _took())
    with db.write() as conn:
        demand.resolve(conn, store.id, account.id, "7", {"1": CUP.guid, "2": TEA.guid})
        assert demand.open_for(conn, account.id, [TEA.guid, CUP.guid]) == {CUP.guid: Decimal(1)}
        assert demand.revisions(conn, account.id, [TEA.guid, CUP.guid]) == {TEA.guid: 2, CUP.guid: 1}

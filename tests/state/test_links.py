"""Which listings are behind is a comparison, and one pass over them ends."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from syncd.core.model import FIELDS, Content, Link, ListingStatus
from syncd.state import accounts, links, mirror
from syncd.state.db import Connection, Database
from syncd.state.records import StoreCounts, StoreRow
from syncd.state.schema import product_link
from tests.databases import NOON
from tests.state.samples import CUP, MINUTE, TEA, numbered, opened, stock

LINKED = Link(TEA.guid, "17", "TEA-100", pushed_mirror=1)


@pytest.fixture
def store(db: Database) -> StoreRow:
    """The store, with tea and a cup in its account's mirror."""
    _, store = opened(db)
    with db.write() as conn:
        mirror.store_products(conn, store.account_id, [TEA, CUP], NOON)
    return store


def behind(conn: Connection, store: StoreRow, **given: Any) -> list[str]:
    """Return the codes of what is behind."""
    return [one.product.code for one in links.behind(conn, store, **{"limit": 100, **given})]


def test_product_without_a_link_is_behind(db: Database, store: StoreRow) -> None:
    """What the store was never looked at for is behind, by code."""
    with db.read() as conn:
        assert behind(conn, store) == ["CUP-1", "TEA-100"]
        assert links.count_behind(conn, store) == 2


def test_listing_is_behind_until_the_mirrors_revision_is_pushed(db: Database, store: StoreRow) -> None:
    """A link at the mirror's revision is up to date, and behind again when product or stock change."""
    with db.write() as conn:
        links.save_links(conn, store.id, [LINKED], NOON)
        assert behind(conn, store) == ["CUP-1"]
        mirror.store_stock(conn, store.account_id, [stock(TEA.guid, 4)], NOON)
        assert behind(conn, store) == ["CUP-1", "TEA-100"]
        links.save_links(conn, store.id, [dataclasses.replace(LINKED, pushed_mirror=2)], NOON)
        assert behind(conn, store) == ["CUP-1"]


def test_changed_rules_make_every_listing_behind(db: Database, store: StoreRow) -> None:
    """A listing pushed under another configuration is behind, and counted without an age."""
    both = [LINKED, Link(CUP.guid, "18", pushed_mirror=1)]
    with db.write() as conn:
        links.save_links(conn, store.id, both, NOON)
        accounts.set_rules_hash(conn, store.id, "new")
        store = accounts.stores(conn)[0]
        assert behind(conn, store) == ["CUP-1", "TEA-100"]
        assert links.counts(conn, store).oldest_behind is None
        links.save_links(conn, store.id, [dataclasses.replace(one, pushed_rules="new") for one in both], NOON)
        assert behind(conn, store) == []


def test_links_belong_to_their_store(db: Database, store: StoreRow) -> None:
    """A link of one store does not make another store's listing up to date."""
    with db.write() as conn:
        links.save_links(conn, store.id, [LINKED, Link(CUP.guid, pushed_mirror=1)], NOON)
        other = accounts.ensure_store(conn, "other", store.account_id, "memory")
        assert behind(conn, store) == []
        assert behind(conn, other) == ["CUP-1", "TEA-100"]


@pytest.mark.parametrize("size", [1, 3, 7])
def test_a_pass_meets_every_row_once_though_none_is_done(db: Database, store: StoreRow, size: int) -> None:
    """Going on after the last pair ends after every row, also with equal codes and with nothing pushed."""
    codes = ["b", "B", "b", "é", "z", " a", "a", "A"]
    rows = [numbered(number, code=code) for number, code in enumerate(codes)]
    met = []
    with db.write() as conn:
        mirror.store_products(conn, store.account_id, rows, NOON)
        after = None
        while page := links.behind(conn, store, size, after):
            met += [one.product.guid for one in page]
            after = (page[-1].product.code.strip(), page[-1].product.guid)
        every = links.behind(conn, store, 100)
    assert met == [one.product.guid for one in every]
    assert len(set(met)) == len(met) == 10
    assert [one.product.code.strip() for one in every] == sorted(one.product.code.strip() for one in every)


def test_behind_brings_stock_and_link(db: Database, store: StoreRow) -> None:
    """What is behind comes with its stock rows and with everything the link says."""
    wrote = Content(name="Tea", price=Decimal("7.50"), stock=Decimal("1E+1"), status=ListingStatus.LIVE)
    full = Link(
        guid=TEA.guid,
        ref="17",
        code=" TEA-100",
        created=True,
        creating=True,
        gone=True,
        owned=frozenset(FIELDS[:2]),
        hidden_from=ListingStatus.HIDDEN,
        wrote=wrote,
        pushed_mirror=1,
        pushed_rules="r",
        parked="The shop refused it.",
        parked_do="Give it a price.",
        ambiguous="Two have this code.",
    )
    rows = [stock(TEA.guid, 4), stock(TEA.guid, 1, "W2")]
    with db.write() as conn:
        mirror.store_stock(conn, store.account_id, rows, NOON)
        links.save_links(conn, store.id, [full], NOON)
        tea = links.behind(conn, store, 10)[1]
        assert (tea.link, tea.stock, tea.product) == (full, tuple(rows), TEA)
        assert links.mirrored_for(conn, store, [TEA.guid, "unknown"]) == {TEA.guid: tea}
        assert links.mirrored_for(conn, store, [CUP.guid])[CUP.guid].link is None


def test_refs_may_be_exchanged(db: Database, store: StoreRow) -> None:
    """Two links of one batch can swap their refs."""
    with db.write() as conn:
        links.save_links(conn, store.id, [Link(TEA.guid, "1"), Link(CUP.guid, "2")], NOON)
        links.save_links(conn, store.id, [Link(TEA.guid, "2"), Link(CUP.guid, "1")], NOON)
        assert links.refs_taken(conn, store.id, ["1", "2", "3"]) == {"1": CUP.guid, "2": TEA.guid}


def test_ref_belongs_to_one_product(db: Database, store: StoreRow) -> None:
    """A store record cannot be linked to a second product, but any number of products may have none."""
    with db.write() as conn:
        links.save_links(conn, store.id, [Link(TEA.guid, "1"), Link(CUP.guid), Link("third")], NOON)
    with pytest.raises(IntegrityError), db.write() as conn:
        links.save_links(conn, store.id, [Link(CUP.guid, "1")], NOON)


def test_a_link_keeps_the_demand_it_was_pushed_for(db: Database, store: StoreRow) -> None:
    """The revision of what orders have taken is part of the link and saved with it."""
    with db.write() as conn:
        links.save_links(conn, store.id, [dataclasses.replace(LINKED, pushed_demand=3)], NOON)
        row = conn.execute(product_link.select()).one()
    assert row.pushed_demand == 3


def test_figures_of_a_store(db: Database, store: StoreRow) -> None:
    """Linked, adopted, parked, ambiguous and behind are counted, and how long the last of them waits."""
    many = [numbered(number) for number in range(4)]
    with db.write() as conn:
        mirror.store_products(conn, store.account_id, many, NOON - MINUTE)
        saved = [
            Link(TEA.guid, "1", pushed_mirror=1),
            Link(CUP.guid, "2", created=True, pushed_mirror=1),
            Link(many[0].guid, "3", gone=True, pushed_mirror=1),
            Link(many[1].guid, pushed_mirror=1, parked="no"),
            Link(many[2].guid, pushed_mirror=1, ambiguous="two"),
        ]
        links.save_links(conn, store.id, saved, NOON)
        found = links.counts(conn, store)
        stuck = links.problems(conn, store.id, 10)
        assert links.problems(conn, store.id, 1) == stuck[:1]
    assert found == StoreCounts(
        linked=2, adopted=1, behind=1, oldest_behind=NOON - MINUTE, parked=1, ambiguous=1
    )
    assert stuck == saved[3:]

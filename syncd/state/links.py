"""Which store record is which product, what we last wrote there, and which listings are behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    tuple_,
    update,
)

from syncd.core.model import FIELDS, Content, Link, ListingStatus
from syncd.state import demand
from syncd.state.columns import canonical
from syncd.state.db import chunks
from syncd.state.mirror import stock_of, to_mirrored
from syncd.state.records import Mirrored, StoreCounts, StoreRow
from syncd.state.schema import demand_revision as revision
from syncd.state.schema import mirror_product as product
from syncd.state.schema import product_link as link
from syncd.state.schema import store as store_table
from syncd.state.upsert import Upsert

_TAKEN_OVER = (
    "ref",
    "code",
    "tax_class",
    "created",
    "creating",
    "gone",
    "owned",
    "hidden_from",
    "wrote",
    "pushed_mirror",
    "pushed_rules",
    "parked",
    "parked_do",
    "ambiguous",
    "doubts",
    "planned",
    "pushed_demand",
    "risen",
    "updated_at",
)
_SAVE = Upsert(link, update=_TAKEN_OVER)
_SAVE_LOOKED_AT = Upsert(link, update=(*_TAKEN_OVER, "looked_at"))
_LINK_COLUMNS = [column.label(f"link_{column.name}") for column in link.c]


_COUNT_LINKED = (
    select(func.count())
    .select_from(link)
    .where(link.c.store_id == bindparam("shop"), link.c.ref.is_not(None), ~link.c.gone)
)


def behind(
    conn: Connection, store: StoreRow, limit: int, after: tuple[str, str] | None = None
) -> list[Mirrored]:
    """Return products whose listing was not yet looked at since the mirror or the rules last moved.

    In the order of (trimmed code, guid), at most `limit`, those after the pair `after`: passing the last
    one's pair on reads every row once, whether or not it could be brought up to date.
    """
    wanted = _joined(store, [_is_behind(store)])
    if after is not None:
        wanted = wanted.where(tuple_(product.c.code_key, product.c.guid) > tuple_(*after))
    ordered = wanted.order_by(product.c.code_key, product.c.guid).limit(limit)
    return _records(conn, store, conn.execute(ordered).all())


def everything(
    conn: Connection, store: StoreRow, limit: int, after: tuple[str, str] | None = None
) -> list[Mirrored]:
    """Return the mirror's products with this store's links, by (code, guid), going on after that pair."""
    conditions = [] if after is None else [tuple_(product.c.code_key, product.c.guid) > tuple_(*after)]
    ordered = _joined(store, conditions).order_by(product.c.code_key, product.c.guid).limit(limit)
    return _records(conn, store, conn.execute(ordered).all())


def listed(conn: Connection, store_id: int) -> list[Link]:
    """Return every link of the store that leads to a record, by code."""
    wanted = select(*_LINK_COLUMNS).where(link.c.store_id == store_id, link.c.ref.is_not(None))
    return [_link(row) for row in conn.execute(wanted.order_by(link.c.code, link.c.guid))]


def planned(conn: Connection, store_id: int) -> list[Link]:
    """Return the links with something that shadow mode would have written."""
    wanted = select(*_LINK_COLUMNS).where(link.c.store_id == store_id, link.c.planned != ())
    return [_link(row) for row in conn.execute(wanted.order_by(link.c.code, link.c.guid))]


def count_behind(conn: Connection, store: StoreRow) -> int:
    """Count the listings of this store that are behind."""
    return counts(conn, store).behind


def count_linked(conn: Connection, store_id: int) -> int:
    """Count the listings of this store that lead to a record."""
    return int(conn.execute(_COUNT_LINKED, {"shop": store_id}).scalar_one())


def mirrored_for(conn: Connection, store: StoreRow, guids: Sequence[str]) -> dict[str, Mirrored]:
    """Return what the mirror has of these products, with this store's links, by guid."""
    found: dict[str, Mirrored] = {}
    for some in chunks(guids):
        rows = conn.execute(_joined(store, [product.c.guid.in_(some)])).all()
        found |= {one.product.guid: one for one in _records(conn, store, rows)}
    return found


def save_links(
    conn: Connection, store_id: int, links: Sequence[Link], at: datetime, *, looked_at: bool = False
) -> None:
    """Keep these links as they are now. Two of them may have exchanged their refs.

    `looked_at`: they were decided from a look at their records just now.
    A ref that another product's link holds, outside of these, is an IntegrityError: see `refs_taken`.
    """
    latest = {one.guid: one for one in links}
    if not latest:
        return
    if len(latest) > 1:
        _let_go(conn, store_id, list(latest.values()))
    save, looked = (_SAVE_LOOKED_AT, at) if looked_at else (_SAVE, None)
    conn.execute(save.on(conn), [_values(store_id, one, at, looked) for one in latest.values()])


def settle(conn: Connection, store: StoreRow, revisions: Mapping[str, int], at: datetime) -> None:
    """Note by guid at which revision a listing, just looked at, is as far as it can come: not behind."""
    mine = update(link).where(link.c.store_id == store.id, link.c.guid == bindparam("product"))
    changed = mine.values(
        pushed_mirror=bindparam("revision"),
        pushed_rules=store.rules_hash,
        planned=(),
        updated_at=at,
        looked_at=at,
    )
    if revisions:
        conn.execute(changed, [{"product": guid, "revision": each} for guid, each in revisions.items()])


def rising(conn: Connection, account_id: int, limit: int) -> list[str]:
    """Return the products of which a store's rise in stock waits for a second read to agree."""
    wanted = (
        select(link.c.guid)
        .join(store_table, store_table.c.id == link.c.store_id)
        .where(store_table.c.account_id == account_id, link.c.risen.is_not(None))
    )
    return list(conn.execute(wanted.distinct().order_by(link.c.guid).limit(limit)).scalars())


def reset(conn: Connection, store_id: int, guids: Sequence[str]) -> None:
    """Put these listings behind, so that the next run looks at them and plans anew."""
    for some in chunks(guids):
        mine = update(link).where(link.c.store_id == store_id, link.c.guid.in_(some))
        conn.execute(mine.values(pushed_mirror=0))


def refs_taken(conn: Connection, store_id: int, refs: Sequence[str]) -> dict[str, str]:
    """Return, for those of these refs that are linked, the guid of their product."""
    taken: dict[str, str] = {}
    for some in chunks(refs):
        wanted = select(link.c.ref, link.c.guid).where(link.c.store_id == store_id, link.c.ref.in_(some))
        taken |= {row.ref: row.guid for row in conn.execute(wanted)}
    return taken


def counts(conn: Connection, store: StoreRow) -> StoreCounts:
    """Return the store's figures. `oldest_behind`: when the mirror last moved for whoever waits longest.

    A product that is behind only because the rules changed is counted but has no age. `held` stays 0 here.
    """
    linked = and_(link.c.ref.is_not(None), ~link.c.gone)
    figures = select(
        func.count().filter(linked).label("linked"),
        func.count().filter(linked, ~link.c.created).label("adopted"),
        func.count().filter(link.c.parked != "").label("parked"),
        func.count().filter(link.c.ambiguous != "").label("ambiguous"),
    ).where(link.c.store_id == store.id)
    moved = func.min(product.c.changed_at).filter(_mirror_ahead())
    waiting = select(func.count().label("behind"), moved.label("oldest")).select_from(_join(store))
    waiting = waiting.where(product.c.account_id == store.account_id, _is_behind(store))
    links, late = conn.execute(figures).one(), conn.execute(waiting).one()
    return StoreCounts(
        linked=links.linked,
        adopted=links.adopted,
        behind=late.behind,
        oldest_behind=late.oldest,
        parked=links.parked,
        ambiguous=links.ambiguous,
    )


def problems(conn: Connection, store_id: int, limit: int) -> list[Link]:
    """Return links that wait for a person, parked or ambiguous, by code."""
    stuck = or_(link.c.parked != "", link.c.ambiguous != "")
    wanted = select(*_LINK_COLUMNS).where(link.c.store_id == store_id, stuck)
    return [_link(row) for row in conn.execute(wanted.order_by(link.c.code, link.c.guid).limit(limit))]


def _join(store: StoreRow) -> Any:
    mine = product.outerjoin(link, and_(link.c.store_id == store.id, link.c.guid == product.c.guid))
    of_product = and_(revision.c.account_id == product.c.account_id, revision.c.guid == product.c.guid)
    return mine.outerjoin(revision, of_product)


def _mirror_ahead() -> ColumnElement[bool]:
    return or_(link.c.guid.is_(None), link.c.pushed_mirror < product.c.revision)


def _is_behind(store: StoreRow) -> ColumnElement[bool]:
    taken = link.c.pushed_demand < func.coalesce(revision.c.revision, 0)
    return or_(_mirror_ahead(), taken, link.c.pushed_rules != store.rules_hash)


def _joined(store: StoreRow, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    taken = func.coalesce(revision.c.revision, 0).label("demand_revision")
    wanted = select(product, taken, *_LINK_COLUMNS).select_from(_join(store))
    return wanted.where(product.c.account_id == store.account_id, *conditions)


def _records(conn: Connection, store: StoreRow, rows: Sequence[Row[Any]]) -> list[Mirrored]:
    guids = [row.guid for row in rows]
    stock = stock_of(conn, store.account_id, guids)
    taken = demand.open_for(conn, store.account_id, [row.guid for row in rows if row.demand_revision])
    return [
        replace(
            to_mirrored(row, stock.get(row.guid, ()), None if row.link_guid is None else _link(row)),
            demand=taken.get(row.guid, Decimal(0)),
            demand_revision=row.demand_revision,
        )
        for row in rows
    ]


def _let_go(conn: Connection, store_id: int, links: Sequence[Link]) -> None:
    """Free the refs that move from one of these links to another, which no order of updates could do."""
    taken = refs_taken(conn, store_id, [one.ref for one in links if one.ref is not None])
    now_of = {one.ref: one.guid for one in links}
    ours = {one.guid for one in links}
    moving = [guid for ref, guid in taken.items() if now_of[ref] != guid and guid in ours]
    if moving:
        conn.execute(
            update(link).where(link.c.store_id == store_id, link.c.guid.in_(moving)).values(ref=None)
        )


def _values(store_id: int, one: Link, at: datetime, looked_at: datetime | None) -> dict[str, Any]:
    return {
        "store_id": store_id,
        "guid": one.guid,
        "ref": one.ref,
        "code": one.code,
        "tax_class": one.tax_class,
        "created": one.created,
        "creating": one.creating,
        "gone": one.gone,
        "owned": [name for name in FIELDS if name in one.owned],
        "hidden_from": one.hidden_from and one.hidden_from.value,
        "wrote": one.wrote,
        "pushed_mirror": one.pushed_mirror,
        "pushed_rules": one.pushed_rules,
        "parked": one.parked,
        "parked_do": one.parked_do if one.parked else "",
        "ambiguous": one.ambiguous,
        "doubts": one.doubts,
        "planned": one.planned,
        "pushed_demand": one.pushed_demand,
        "risen": None if one.risen is None else [canonical(one.risen[0]), one.risen[1].isoformat()],
        "updated_at": at,
        "looked_at": looked_at,
    }


def _link(row: Row[Any]) -> Link:
    return Link(
        guid=row.link_guid,
        ref=row.link_ref,
        code=row.link_code,
        tax_class=row.link_tax_class,
        created=row.link_created,
        creating=row.link_creating,
        gone=row.link_gone,
        owned=frozenset(row.link_owned),
        hidden_from=row.link_hidden_from and ListingStatus(row.link_hidden_from),
        wrote=msgspec.convert(row.link_wrote, Content, strict=False),
        pushed_mirror=row.link_pushed_mirror,
        pushed_rules=row.link_pushed_rules,
        parked=row.link_parked,
        parked_do=row.link_parked_do,
        ambiguous=row.link_ambiguous,
        doubts=row.link_doubts,
        planned=tuple((field, before, after, rule) for field, before, after, rule in row.link_planned),
        pushed_demand=row.link_pushed_demand,
        risen=None
        if row.link_risen is None
        else (Decimal(row.link_risen[0]), datetime.fromisoformat(row.link_risen[1])),
    )

"""Read a feed to its end, over as many runs as it takes, and move its watermark only with proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from syncd.core import passes, watermark
from syncd.core.model import Poison
from syncd.core.passes import HalfRead, Kind, Sight
from syncd.flows.pull import calibrate
from syncd.flows.pull.feeds import AnyFeed, keep_page
from syncd.flows.pull.ghosts import spot
from syncd.flows.pull.records import Pull
from syncd.state import certificates, halfread, listed, parked, progress
from syncd.state.certificates import Certificate
from syncd.state.db import Connection
from syncd.state.records import Counts, Progress
from syncd.unleashed.paging import RowPage, ShorterList

log = structlog.get_logger()


@dataclass(slots=True)
class _Reading:
    """One read of a feed under way. `before` is how far the feed was; `known` are the rows parked before.

    `asked` counts the pages of this run.
    """

    feed: AnyFeed
    before: Progress
    state: HalfRead
    known: frozenset[str]
    asked: int = 0

    @property
    def swept(self) -> bool:
        """Whether this is a full read of a feed that can be read by its watermark."""
        return self.state.kind == "sweep" and self.before.watermark is not None


def read_feed(pull: Pull, feed: AnyFeed) -> str:
    """Read what changed in the feed since its watermark, or all of it where it has none.

    Goes on where an earlier run stopped. Returns "" or a sentence on what could not be proven; the watermark
    then stays where it was. Raises RemoteError; what was stored until then stays, and how far it is.
    """
    with pull.db.read() as conn:
        state = progress.progress(conn, pull.account.id, feed.name, feed.warehouse)
    return _go_on(pull, feed, "sweep" if state.watermark is None else "recent")


def read_in_full(pull: Pull, feed: AnyFeed) -> str:
    """Read every row of the feed, from where an earlier run stopped, until a certificate says it was all.

    Changes that are read half are read to their end before. Returns "" or a sentence that names what is not
    proven. Raises RemoteError, as `read_feed` does.
    """
    with pull.db.read() as conn:
        recent = halfread.half_read(conn, pull.account.id, "recent", feed.name, feed.warehouse)
    # Both mark the rows that they list: a sweep's marks would pass for those of the other.
    return (recent and _go_on(pull, feed, "recent")) or _go_on(pull, feed, "sweep")


def _go_on(pull: Pull, feed: AnyFeed, kind: Kind) -> str:
    this, allowed = _opened(pull, feed, kind), 0
    while True:
        done = _read_page(pull, this)
        pull.beat()
        if done:
            return ""
        allowed = allowed or passes.allowance(this.state.pages)
        if this.asked >= allowed:
            return _unproven(this)


def _unproven(this: _Reading) -> str:
    why = this.state.notes.why
    if this.state.kind == "recent":
        return f"The {this.feed.key} feed was read without proof that every row came: {why}."
    left = passes.outstanding(this.state)
    return f"{left}. It was read without proof that every row came; the next run goes on."


def _opened(pull: Pull, feed: AnyFeed, kind: Kind) -> _Reading:
    now = pull.clock.now()
    with pull.db.read() as conn:
        before = progress.progress(conn, pull.account.id, feed.name, feed.warehouse)
        state = halfread.half_read(conn, pull.account.id, kind, feed.name, feed.warehouse)
        rows = parked.parked_rows(conn, pull.account.id)
        if state is None or passes.too_old(state, now):
            since = _since(conn, pull, before) if kind == "recent" else None
            state = HalfRead(kind, feed.name, feed.warehouse, 0, since, now, now)
    known = frozenset(row.key for row in rows if row.feed == feed.key)
    return _Reading(feed, before, state, known)


def _since(conn: Connection, pull: Pull, before: Progress) -> datetime | None:
    overlap = calibrate.overlap_of(conn, pull, before)
    return watermark.since(before.watermark, overlap, before.started_at)


def _read_page(pull: Pull, this: _Reading) -> bool:
    """Read the page that is next and keep it; return whether the feed is read to its end now."""
    requested_at = pull.clock.now()
    this.asked += 1
    try:
        page = next(this.feed.read(pull.client, this.state.since, this.state.next_page))
    except ShorterList as shorter:
        state = passes.shorter(this.state, shorter.total, requested_at)
        with pull.db.write() as conn:
            _save(conn, pull, this, state)
        return False
    with pull.db.write() as conn:
        done, fresh = _keep(conn, pull, this, page)
    pull.tally.add(Counts(read=len(page.rows), parked=fresh))
    return done


def _keep(conn: Connection, pull: Pull, this: _Reading, page: RowPage[Any]) -> tuple[bool, int]:
    """Keep a page, and how far the read is with it; return whether it is complete, and what was parked."""
    sight = Sight(page.number, page.pages, page.total, page.page_size)
    state = passes.take(this.state, sight, this.before.pass_no + 1, page.requested_at)
    if state.window_pages > 1 and state.kind == "sweep":
        state = _with_newcomers(conn, pull, state, page)
    if this.swept:
        _spot(conn, pull, this.feed, page)
    seen, fresh = keep_page(conn, pull, this.feed, page, this.known)
    calibrate.note_page(conn, pull, state, this.before, seen, page.requested_at)
    state = _with_stamps(conn, pull, this, state, page)
    if state.window_pages:
        listed.mark(conn, pull.account.id, state.feed, state.warehouse, page.guids, state.pass_no)
    why, distinct = _proof(conn, pull, state)
    if state.all_read and not why:
        _complete(conn, pull, this, state, distinct)
        return True, fresh
    _save(conn, pull, this, passes.again(state, why) if why else state)
    return False, fresh


def _proof(conn: Connection, pull: Pull, state: HalfRead) -> tuple[str, int]:
    """Return why the pages prove nothing ("" if they do, or are not all read), and how many rows came."""
    if not state.all_read:
        return "", 0
    distinct = listed.distinct(
        conn,
        pull.account.id,
        state.feed,
        state.warehouse,
        state.pass_no,
        state.notes.poison,
        later=state.kind == "sweep",
    )
    return passes.unproven(state, distinct), distinct


def _with_newcomers(conn: Connection, pull: Pull, state: HalfRead, page: RowPage[Any]) -> HalfRead:
    """Count the page's rows that may have come into the list since the window began."""
    young = state.window_at - passes.SKEW
    guids = sorted({row.guid for row in page.rows if row.modified is not None and row.modified >= young})
    came = listed.unknown(conn, pull.account.id, state.feed, state.warehouse, guids, state.window_at)
    return replace(state, notes=replace(state.notes, fresh=state.notes.fresh + came))


def _spot(conn: Connection, pull: Pull, feed: AnyFeed, page: RowPage[Any]) -> None:
    if feed.name == "products":
        spot(conn, pull, products=page.rows)
    elif feed.name == "stock":
        spot(conn, pull, stock=page.rows)


def _with_stamps(
    conn: Connection, pull: Pull, this: _Reading, state: HalfRead, page: RowPage[Any]
) -> HalfRead:
    """Take in the page's stamps and the keys of what could not be read; report stamps too far ahead."""
    stamps: dict[datetime, str] = {}
    for row in page.rows:
        if row.modified is not None:
            stamps.setdefault(row.modified, row.guid)
    moved = watermark.advance(this.before.watermark, stamps, this.before.started_at, page.requested_at)
    _report_future(conn, pull, this.feed, [(stamp, stamps[stamp]) for stamp in moved.ahead])
    newest = max((each for each in (state.newest, moved.watermark) if each is not None), default=None)
    listed_now = page.poison if state.window_pages else ()
    poison = tuple(dict.fromkeys([*state.notes.poison, *(each.key for each in listed_now)]))
    return replace(state, newest=newest, notes=replace(state.notes, poison=poison))


def _report_future(
    conn: Connection, pull: Pull, feed: AnyFeed, ahead: Sequence[tuple[datetime, str]]
) -> None:
    """Show rows whose stamp cannot be believed; they are taken over, but move no watermark."""
    for stamp, guid in ahead:
        log.warning("pull.stamp_ahead", account=pull.account.name, feed=feed.key, guid=guid, stamp=str(stamp))
    notes = [
        Poison(
            guid, f"product {guid} is taken over, but its stamp {stamp:%Y-%m-%d %H:%M}Z lies in the future"
        )
        for stamp, guid in ahead
    ]
    if notes:
        parked.park(conn, pull.account.id, feed.key, notes, pull.clock.now())


def _save(conn: Connection, pull: Pull, this: _Reading, state: HalfRead) -> None:
    """Keep how far the read is, in the transaction that keeps the page."""
    halfread.save_half_read(conn, pull.account.id, state)
    if state.pass_no > this.before.pass_no:
        this.before = replace(this.before, pass_no=state.pass_no)
        progress.save_progress(conn, pull.account.id, this.before)
    this.state = state


def _complete(conn: Connection, pull: Pull, this: _Reading, state: HalfRead, distinct: int) -> None:
    """End the read with its last page: move the watermark, certify a full read, forget how far it was."""
    ended = pull.clock.now()
    after = replace(this.before, pass_no=max(this.before.pass_no, state.pass_no))
    if not this.swept:
        after = _moved(after, state, ended)
    if state.kind == "sweep":
        after = replace(after, certified_at=state.window_at, certified_rows=distinct)
        _certify(conn, pull, state, distinct, ended)
    progress.save_progress(conn, pull.account.id, after)
    calibrate.note_pass(conn, pull, state, state.window_at)
    halfread.drop_half_read(conn, pull.account.id, state)
    this.before, this.state = after, state


def _moved(before: Progress, state: HalfRead, ended: datetime) -> Progress:
    """Return how far the feed is after a complete pass that may move its watermark.

    Where its newest stamp had been received before, what changed during the pass is stamped later anyway.
    """
    is_new = state.newest is not None and (before.newest is None or state.newest > before.newest)
    took = ended - state.window_at if is_new and state.pages > 1 else timedelta(0)
    return replace(
        before,
        watermark=watermark.completed(before.watermark, state.newest, took),
        started_at=state.window_at,
        completed_at=ended,
        pages=state.pages,
        newest=state.newest if is_new else before.newest,
        newest_at=ended if is_new else before.newest_at,
    )


def _certify(conn: Connection, pull: Pull, state: HalfRead, distinct: int, ended: datetime) -> None:
    one = Certificate(
        feed=state.feed,
        warehouse=state.warehouse,
        started_at=state.window_at,
        ended_at=ended,
        rows=distinct,
        pages=state.pages,
        calls=state.notes.calls,
    )
    certificates.save_certificate(conn, pull.account.id, one)
    log.info("pull.certified", account=pull.account.name, feed=state.key, rows=distinct, calls=one.calls)

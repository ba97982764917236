"""Read the changes of a list of which the mirror keeps no copy: pass by pass, each whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog

from syncd.core import watermark
from syncd.core.proof import incomplete
from syncd.flows.pull.feeds import AnyFeed, keep_page
from syncd.flows.pull.records import Pull
from syncd.state import parked, progress
from syncd.state.db import Connection
from syncd.state.records import Counts, Progress
from syncd.unleashed.paging import RowPage

log = structlog.get_logger()

PASSES = 2
"""How often a list is read in one run before it is left for the next one."""


@dataclass(slots=True)
class _Pass:
    """What one pass has seen so far. `known` are the rows that were parked before it."""

    started: datetime
    before: Progress
    known: frozenset[str]
    keys: set[str] = field(default_factory=set)
    totals: list[int] = field(default_factory=list)
    newest: datetime | None = None


def read_changes(pull: Pull, feed: AnyFeed) -> str:
    """Read what changed since the feed's watermark, and once more if the first pass proved nothing.

    Every page is kept as it comes, so keeping a row twice must do no harm. A pass that is interrupted is
    begun anew by the next run: these lists are short. Returns "" or a sentence on what could not be proven;
    the watermark then stays where it was. Raises RemoteError.
    """
    why = ""
    for _ in range(PASSES):
        why = _read_once(pull, feed)
        if not why:
            return ""
    return f"The {feed.key} feed was read {PASSES} times without proof that every row came: {why}."


def _read_once(pull: Pull, feed: AnyFeed) -> str:
    with pull.db.read() as conn:
        before = progress.progress(conn, pull.account.id, feed.name, feed.warehouse)
        rows = parked.parked_rows(conn, pull.account.id)
    known = frozenset(row.key for row in rows if row.feed == feed.key)
    this, why = _Pass(pull.clock.now(), before, known), "no page came"
    for page in feed.read(pull.client, watermark.since(before.watermark), 1):
        _take_note(this, feed, page)
        with pull.db.write() as conn:
            _, fresh = keep_page(conn, pull, feed, page, this.known)
            if page.number >= page.pages:
                why = incomplete(this.totals, len(this.keys), full=False)
                if not why:
                    _complete(conn, pull, this)
        pull.tally.add(Counts(read=len(page.rows), parked=fresh))
        pull.beat()
    return why


def _take_note(this: _Pass, feed: AnyFeed, page: RowPage[Any]) -> None:
    this.keys.update([*page.guids, *(poison.key for poison in page.poison)])
    this.totals.append(page.total)
    stamps = [row.modified for row in page.rows if row.modified is not None]
    moved = watermark.advance(this.before.watermark, stamps, this.before.started_at, this.started)
    for stamp in moved.ahead:
        log.warning("pull.stamp_ahead", feed=feed.key, stamp=str(stamp))
    this.newest = max((each for each in (this.newest, moved.watermark) if each is not None), default=None)


def _complete(conn: Connection, pull: Pull, this: _Pass) -> None:
    """Move the watermark with the last page's rows."""
    ended = pull.clock.now()
    moved = watermark.completed(this.before.watermark, this.newest, ended - this.started)
    after = replace(this.before, watermark=moved, started_at=this.started, completed_at=ended)
    progress.save_progress(conn, pull.account.id, after)

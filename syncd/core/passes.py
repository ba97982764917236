"""How a list is read to its end over as many runs as that takes: which page is next, and what is proven."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from syncd.core.proof import incomplete

Kind = Literal["recent", "sweep"]
"""A read of what changed since a watermark, or a read of everything: a sweep, and the first load."""

ROUNDS = 2
"""How many rounds' worth of pages one run reads of a feed before it leaves the rest to the next run."""

TOO_OLD = timedelta(days=1)
"""A read of changes whose latest page is older than this begins again at its first page."""

SKEW = timedelta(minutes=15)
"""How far Unleashed's clock may run behind ours before a row that came in meanwhile passes for an old one."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one page says of itself and of its list. An empty list is page 0 of 0."""

    number: int
    pages: int
    total: int
    page_size: int


@dataclass(frozen=True, slots=True)
class Notes:
    """What else must outlive a run.

    `why` is why the pages are read again, "" for the first time. `calls` counts all pages asked for since
    the read began, `read_at` is when the latest was. `fresh` are rows that may have come into the list
    while the window was read, `poison` the keys of rows that could not be read.
    """

    why: str = ""
    calls: int = 0
    read_at: datetime | None = None
    fresh: int = 0
    poison: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HalfRead:
    """How far a feed has been read, between two pages; `pages` 0: not a page yet.

    `started_at` is when the first page was asked for, `window_at` when the first page of the window was.
    The window is a run of `window_pages` consecutive pages that tell of one unchanged list; its rows carry
    `pass_no` in the mirror. `newest` is the greatest believable stamp received.
    """

    kind: Kind
    feed: str
    warehouse: str
    pass_no: int
    since: datetime | None
    started_at: datetime
    window_at: datetime
    next_page: int = 1
    window_pages: int = 0
    pages: int = 0
    page_size: int = 0
    first_total: int = 0
    total: int = 0
    newest: datetime | None = None
    notes: Notes = Notes()

    @property
    def key(self) -> str:
        """The feed's name among parked rows and in messages."""
        return f"{self.feed}:{self.warehouse}" if self.warehouse else self.feed

    @property
    def all_read(self) -> bool:
        """Whether the window holds every page of the list."""
        if self.kind == "recent":
            return self.window_pages > 0 and self.next_page > self.pages
        return self.window_pages > 0 and self.window_pages >= self.pages


def too_old(state: HalfRead, now: datetime) -> bool:
    """Tell whether a half-read feed is begun anew: changes were last read more than a day ago.

    A full read never gets too old: its window proves itself whenever it is completed.
    """
    read_at = state.notes.read_at
    return state.kind == "recent" and (read_at is None or abs(now - read_at) > TOO_OLD)


def take(state: HalfRead, page: Sight, pass_no: int, at: datetime) -> HalfRead:
    """Return how far the feed is read with this page, which was asked for `at` that time.

    `pass_no` is a number that no pass over the feed has had yet, for a new window if it takes one. A full
    read begins its window anew at a page that tells of another list than the pages before it. A read of
    changes may find its list grown; one that shrank is read again from its first page, and this page is then
    not part of the window.
    """
    asked = _asked(state, at)
    if state.window_pages == 0:
        return _opened(asked, page, pass_no, at)
    differs = _difference(state, page)
    if not differs:
        return _extended(asked, page)
    if state.kind == "recent":
        return again(asked, differs)
    begun = replace(asked, notes=replace(asked.notes, why=differs))
    return _opened(begun, page, pass_no, at)


def shorter(state: HalfRead, total: int, at: datetime) -> HalfRead:
    """Return how far the feed is read when the page asked for did not exist any more: nowhere."""
    why = f"the number of rows fell from {state.total:,} to {total:,} while they were read"
    return again(_asked(state, at), why)


def unproven(state: HalfRead, distinct: int) -> str:
    """Return why a window of all pages does not prove that every row came, or "" if it does.

    `distinct` is how many different rows came. In a full read a row that left, and one that came in at the
    same time, leave the number of rows as it was, but may have moved others past the page in flight. A row
    that came in is known by its stamp; where there is one, only another round proves anything.
    """
    full = state.kind == "sweep"
    why = incomplete((state.first_total, state.total), distinct, full=full)
    if not why and full and state.notes.fresh and state.pages > 1:
        return f"{state.notes.fresh:,} rows may have come in while they were read"
    return why


def again(state: HalfRead, why: str) -> HalfRead:
    """Return the state in which every page is still to be read in a new window, and why."""
    notes = replace(state.notes, why=why, fresh=0, poison=())
    return replace(state, window_pages=0, next_page=1, notes=notes)


def allowance(pages: int) -> int:
    """Return how many pages a run may ask for of a feed that has so many."""
    return ROUNDS * max(pages, 1)


def outstanding(state: HalfRead) -> str:
    """Return what is still to be read, without a full stop: "stock:W1: pages 1-3 of 9 are read again: …"."""
    if state.pages == 0:
        return f"{state.key}: {_nothing(state)}"
    pages, several = _ranges(state)
    verb = "are" if several else "is"
    if state.notes.why:
        return f"{state.key}: {pages} {verb} read again: {state.notes.why}"
    return f"{state.key}: {pages} {verb} still to be read"


def _nothing(state: HalfRead) -> str:
    return f"all of it is read again: {state.notes.why}" if state.notes.why else "nothing is read yet"


def _ranges(state: HalfRead) -> tuple[str, bool]:
    """Return the pages that the window lacks, and whether they are several; they may go round the end."""
    left = state.pages - state.window_pages
    if left >= state.pages > 1:
        return f"all {state.pages} pages", True
    first = min(state.next_page, state.pages)
    last = first + left - 1
    parts = [(first, min(last, state.pages))]
    if last > state.pages:
        parts.append((1, last - state.pages))
    words = [str(low) if low == high else f"{low}-{high}" for low, high in parts]
    noun = "pages" if left > 1 else "page"
    return f"{noun} {' and '.join(words)} of {state.pages}", left > 1


def _asked(state: HalfRead, at: datetime) -> HalfRead:
    return replace(state, notes=replace(state.notes, calls=state.notes.calls + 1, read_at=at))


def _difference(state: HalfRead, page: Sight) -> str:
    """Return how the page contradicts the pages before it, or "" if it goes on where they ended."""
    if page.page_size != state.page_size:
        return f"the page size changed from {state.page_size:,} to {page.page_size:,}"
    return incomplete((state.total, page.total), page.total, full=state.kind == "sweep")


def _opened(state: HalfRead, page: Sight, pass_no: int, at: datetime) -> HalfRead:
    return replace(
        state,
        pass_no=pass_no,
        window_at=at,
        window_pages=1,
        next_page=_following(state.kind, page),
        pages=page.pages,
        page_size=page.page_size,
        first_total=page.total,
        total=page.total,
        notes=replace(state.notes, fresh=0, poison=()),
    )


def _extended(state: HalfRead, page: Sight) -> HalfRead:
    return replace(
        state,
        window_pages=state.window_pages + 1,
        next_page=_following(state.kind, page),
        pages=page.pages,
        total=page.total,
    )


def _following(kind: Kind, page: Sight) -> int:
    round_the_end = kind == "sweep" and page.number >= page.pages
    return 1 if round_the_end else page.number + 1

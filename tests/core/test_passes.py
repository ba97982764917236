"""A list that changes while it is read: which page is next, and what is believed of it at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.core import passes
from syncd.core.passes import HalfRead, Kind, Notes, Sight

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

Change = tuple[str, int]


def begun(kind: Kind = "sweep", **given: object) -> HalfRead:
    """Return a read of which no page has come yet."""
    fields = {"since": None, "started_at": NOON, "window_at": NOON, **given}
    return HalfRead(kind, "stock", "W1", 0, **fields)  # type: ignore[arg-type]


def read(state: HalfRead, total: int, size: int = 10, pages: int | None = None) -> HalfRead:
    """Return the state after the page that is next, of a list with so many rows."""
    last = -(-total // size) if pages is None else pages
    sight = Sight(state.next_page if total else 0, last, total, size)
    return passes.take(state, sight, state.pass_no + 1, NOON + state.notes.calls * MINUTE)


def walked(state: HalfRead, totals: Sequence[int]) -> HalfRead:
    """Return the state after one page for each of the totals."""
    for total in totals:
        state = read(state, total)
    return state


def test_an_unchanged_list_is_read_once() -> None:
    """Three pages under one total are one window, and it starts with the first request."""
    state = walked(begun(), [25, 25, 25])
    assert (state.all_read, state.window_pages, state.pass_no, state.window_at) == (True, 3, 1, NOON)
    assert passes.unproven(state, 25) == ""


def test_an_empty_list_is_read_to_its_end() -> None:
    """A list without rows is complete with its only answer."""
    state = walked(begun(), [0])
    assert state.all_read
    assert passes.unproven(state, 0) == ""


def test_only_the_unproven_pages_are_read_again() -> None:
    """A total that changes at page 4 of 9 begins the window there; pages 1 to 3 are left."""
    state = walked(begun(), [85, 85, 85, 84, 84, 84, 84, 84, 84])
    assert not state.all_read
    assert (state.next_page, state.window_pages, state.pass_no) == (1, 6, 2)
    assert passes.outstanding(state) == (
        "stock:W1: pages 1-3 of 9 are read again: "
        "the number of rows changed from 85 to 84 while they were read"
    )
    state = walked(state, [84, 84, 84])
    assert (state.all_read, state.notes.calls, state.next_page) == (True, 12, 4)


@pytest.mark.parametrize(
    ("totals", "said"),
    [
        ([], "stock:W1: nothing is read yet"),
        ([85], "stock:W1: pages 2-9 of 9 are still to be read"),
        ([25, 25], "stock:W1: page 3 of 3 is still to be read"),
        ([8120], "stock:W1: pages 2-812 of 812 are still to be read"),
    ],
)
def test_what_is_still_to_be_read_is_named(totals: list[int], said: str) -> None:
    """The pages that a window lacks are named, and nothing else."""
    assert passes.outstanding(walked(begun(), totals)) == said


def test_a_range_that_goes_round_the_end_is_named_in_two_parts() -> None:
    """A window that began in the middle lacks the pages behind it and those before it."""
    state = walked(begun(), [85, 85, 85, 84])
    assert "pages 5-9 and 1-3 of 9 are read again" in passes.outstanding(state)


def test_numbers_are_written_for_people() -> None:
    """Thousands are set apart in what people read."""
    state = passes.take(walked(begun(), [8120]), Sight(2, 812, 8119, 10), 2, NOON)
    assert "the number of rows changed from 8,120 to 8,119" in passes.outstanding(state)


def test_rows_that_do_not_add_up_begin_a_new_window() -> None:
    """All pages under one total but too few different rows: everything is read again, under a new number."""
    state = walked(begun(), [25, 25, 25])
    why = passes.unproven(state, 24)
    assert why == "25 rows were announced, 24 different ones came"
    state = passes.again(state, why)
    assert (state.window_pages, state.next_page, state.all_read) == (0, 1, False)
    assert passes.outstanding(state) == f"stock:W1: all 3 pages are read again: {why}"
    assert read(state, 25).pass_no == 2


@pytest.mark.parametrize("kind", ["recent", "sweep"])
def test_a_list_that_became_shorter_is_begun_anew(kind: Kind) -> None:
    """When the page that is next does not exist any more, reading goes on at the first one."""
    state = passes.shorter(walked(begun(kind), [25, 25]), 19, NOON)
    assert (state.next_page, state.window_pages, state.notes.calls) == (1, 0, 3)
    assert state.notes.why == "the number of rows fell from 25 to 19 while they were read"


def test_another_page_size_begins_a_new_window() -> None:
    """Pages of another size are other pages."""
    state = passes.take(walked(begun(), [25]), Sight(2, 5, 25, 5), 2, NOON)
    assert (state.window_pages, state.page_size, state.notes.why) == (
        1,
        5,
        "the page size changed from 10 to 5",
    )


def test_changes_may_grow() -> None:
    """A read of changes follows a list that grows, to pages that were not there at its start."""
    state = walked(begun("recent"), [15, 15])
    assert state.all_read
    state = walked(begun("recent"), [15, 25])
    assert not state.all_read
    state = read(state, 25)
    assert (state.all_read, state.first_total, state.pass_no) == (True, 15, 1)
    assert passes.unproven(state, 15) == ""
    assert passes.unproven(state, 14) == "15 rows were announced, only 14 different ones came"


def test_changes_never_shrink() -> None:
    """A read of changes whose list shrank begins again at its first page, and the page does not count."""
    state = walked(begun("recent", since=NOON), [15, 14])
    assert (state.window_pages, state.next_page, state.since) == (0, 1, NOON)
    assert state.notes.why == "the number of rows fell from 15 to 14 while they were read"
    assert read(state, 14).pass_no == 2


@pytest.mark.parametrize(
    ("kind", "hours", "expected"),
    [("recent", 23, False), ("recent", 25, True), ("recent", -25, True), ("sweep", 2500, False)],
)
def test_too_old(kind: Kind, hours: int, expected: bool) -> None:
    """Changes are read anew when the last page came more than a day ago; a full read goes on for ever."""
    state = replace(begun(kind), notes=Notes(read_at=NOON))
    assert passes.too_old(state, NOON + timedelta(hours=hours)) is expected


@pytest.mark.parametrize(("pages", "allowed"), [(0, 2), (1, 2), (9, 18)])
def test_two_rounds_a_run(pages: int, allowed: int) -> None:
    """A run asks for at most two rounds' worth of pages."""
    assert passes.allowance(pages) == allowed


@dataclass
class Remote:
    """A list in the order of its codes, and what happens to it between two pages; a model of Unleashed.

    Rows are numbers; a row's place is its code, which a change may alter. `always` are those present
    throughout.
    """

    places: dict[int, float]
    made: int = 1000
    always: set[int] = field(default_factory=set)
    born: dict[int, int] = field(default_factory=dict)
    step: int = 0

    def __post_init__(self) -> None:
        self.always = set(self.places)

    def change(self, change: Change) -> None:
        """Insert, delete or move one row, chosen by a number."""
        what, number = change
        rows = sorted(self.places)
        if what == "insert":
            self.made += 1
            self.places[self.made] = number + 0.5
            self.born[self.made] = self.step
        elif rows:
            row = rows[number % len(rows)]
            if what == "delete":
                del self.places[row]
                self.always.discard(row)
            else:
                self.places[row] = (self.places[row] * 7 + number) % 40 + 0.25

    def page(self, number: int, size: int) -> tuple[Sight, list[int]] | None:
        """Return a page with its rows, None if there is no such page."""
        self.step += 1
        ordered = sorted(self.places, key=lambda row: (self.places[row], row))
        last = -(-len(ordered) // size)
        if not ordered:
            return (Sight(0, 0, 0, size), []) if number == 1 else None
        if number > last:
            return None
        return Sight(number, last, len(ordered), size), ordered[(number - 1) * size : number * size]


@dataclass
class Reader:
    """Reads a list to its end as `flows.pull.passes` does, with a mirror in memory."""

    remote: Remote
    size: int
    state: HalfRead
    mirror: dict[int, int] = field(default_factory=dict)
    seen_at: dict[int, int] = field(default_factory=dict)
    opened: int = 0
    numbers: int = 0

    def next_page(self) -> bool:
        """Read the page that is next; return whether a certificate was given."""
        answer = self.remote.page(self.state.next_page, self.size)
        if answer is None:
            self.state = passes.shorter(self.state, len(self.remote.places), NOON)
            return False
        sight, rows = answer
        state = passes.take(self.state, sight, self.numbers + 1, NOON)
        self.numbers = max(self.numbers, state.pass_no)
        if state.window_pages == 1:
            self.opened = self.remote.step
        came = sum(
            1 for row in rows if self.remote.born.get(row, -1) >= self.opened and row not in self.mirror
        )
        if state.window_pages > 1:
            state = replace(state, notes=replace(state.notes, fresh=state.notes.fresh + came))
        if state.window_pages:
            self.mirror |= dict.fromkeys(rows, state.pass_no)
        self.state = state
        if not state.all_read:
            return False
        why = passes.unproven(state, self.listed())
        self.state = passes.again(state, why) if why else state
        return not why

    def listed(self) -> int:
        """Count the rows of the window."""
        return len(self.rows())

    def rows(self) -> set[int]:
        """Return the rows of the window."""
        return {row for row, number in self.mirror.items() if number >= self.state.pass_no}


CHANGES = st.lists(st.tuples(st.sampled_from(["insert", "delete", "move"]), st.integers(0, 39)), max_size=3)


@settings(max_examples=400)
@given(st.integers(0, 14), st.integers(1, 5), st.lists(CHANGES, max_size=25))
def test_a_certificate_is_never_given_too_early(rows: int, size: int, changes: list[list[Change]]) -> None:
    """Whatever is inserted, deleted or moved between any pages, all that was there throughout has come."""
    remote = Remote({row: float(row * 2) for row in range(rows)})
    reader = Reader(remote, size, begun())
    for between in [*changes, *[[]] * (3 * (rows + 80))]:
        if reader.next_page():
            break
        for change in between:
            remote.change(change)
    assert reader.state.all_read
    assert remote.always <= reader.rows()


@given(st.integers(0, 14), st.integers(1, 5), st.lists(st.integers(0, 39), max_size=25))
def test_changes_that_only_grow_miss_nothing_that_was_there(
    rows: int, size: int, inserted: list[int]
) -> None:
    """However a list of changes grows while it is read, one pass brings all that was in it at the start."""
    remote = Remote({row: float(row * 2) for row in range(rows)})
    reader, calls = Reader(remote, size, begun("recent")), 0
    while not reader.next_page():
        if calls < len(inserted):
            remote.change(("insert", inserted[calls]))
        calls += 1
    assert remote.always <= reader.rows()
    assert reader.numbers == 1


@settings(max_examples=200)
@given(st.integers(2, 14), st.integers(1, 4), st.integers(0, 39), st.integers(1, 12))
def test_a_row_skipped_by_a_shift_is_read_again(rows: int, size: int, which: int, when: int) -> None:
    """One row that leaves at any moment costs at most two rounds, and no other row is missed."""
    remote = Remote({row: float(row) for row in range(rows)})
    reader = Reader(remote, size, begun())
    pages = -(-rows // size)
    for number in range(1, 2 * pages + 2):
        if number == when:
            remote.change(("delete", which))
        if reader.next_page():
            break
    assert remote.always <= reader.rows()
    assert reader.state.notes.calls <= 2 * pages + 1


@given(st.integers(1, 14), st.integers(1, 5), st.integers(0, 13))
def test_a_full_read_without_changes_takes_one_round_from_anywhere(rows: int, size: int, start: int) -> None:
    """However often it is interrupted, an undisturbed full read asks for each page once."""
    remote = Remote({row: float(row) for row in range(rows)})
    pages = -(-rows // size)
    reader = Reader(remote, size, replace(begun(), next_page=start % pages + 1))
    assert [reader.next_page() for _ in range(pages)] == [*[False] * (pages - 1), True]
    assert reader.rows() == set(range(rows))

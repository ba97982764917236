"""Read lists page by page, and believe a page only if its envelope and its rows agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from syncd.core.model import Poison
from syncd.errors import BadAnswer
from syncd.unleashed.auth import Pairs, build_query
from syncd.unleashed.client import FilterIgnored, RecordUnreadable, Unleashed
from syncd.unleashed.fields import guid as read_guid
from syncd.unleashed.wire import Item, Pagination, Reader, Row, Undecodable, parse_loose, parse_page

T = TypeVar("T")
R = TypeVar("R", bound=Row)


class ShorterList(BadAnswer):
    """The page that was asked for does not exist (any more); `total` is how many rows the list holds."""

    total: int = 0


MAX_GUIDS = 40
MAX_QUERY = 1900
_GUID_AND_COMMA = 37


@dataclass(frozen=True, slots=True)
class RowPage(Generic[T]):
    """One complete page of a list as Unleashed answered it.

    `total` is NumberOfItems by this page's own envelope: if it moved between the pages of one pass, rows
    may have slipped through. `guids` are the distinct guids on the page, those of unreadable rows
    included where they could be made out. `requested_at` (aware UTC) was taken before the request left.
    An empty result is page 0 of 0.
    """

    rows: tuple[T, ...]
    poison: tuple[Poison, ...]
    number: int
    pages: int
    total: int
    page_size: int
    requested_at: datetime
    guids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Resource(Generic[R, T]):
    """A list of Unleashed: its path ("/Products") and how its rows are read."""

    path: str
    reader: Reader[R, T]


def read_pages(
    client: Unleashed, resource: Resource[R, T], filters: Pairs, first: int = 1
) -> Iterator[RowPage[T]]:
    """Yield the pages from `first` to what the latest one says is the last, asking for each when it is due.

    Raises ShorterList, a BadAnswer, if the list ends before the page asked for; BadAnswer for a page that
    stays unbelievable when read once more, and when the page size changes on the way; and whatever
    `Unleashed.get` raises. What was yielded before is then not the whole list.
    """
    page = _read_page(client, resource, filters, first)
    yield page
    while page.number < page.pages:
        following = _read_page(client, resource, filters, page.number + 1)
        if following.page_size != page.page_size:
            raise client.bad(resource.path, "changed its page size between two pages")
        yield following
        page = following


def _read_page(client: Unleashed, resource: Resource[R, T], filters: Pairs, number: int) -> RowPage[T]:
    page = _attempt(client, resource, filters, number)
    if isinstance(page, str):
        page = _attempt(client, resource, filters, number)
    if isinstance(page, str):
        raise client.bad(f"{resource.path}/{number}", page)
    return page


def _attempt(client: Unleashed, resource: Resource[R, T], filters: Pairs, number: int) -> RowPage[T] | str:
    """Return the page, or why it cannot be believed."""
    path = f"{resource.path}/{number}"
    requested_at = client.http.clock.now()
    body = client.get(path, [*filters, ("pageSize", str(client.page_size))])
    try:
        said, items = parse_page(body)
    except Undecodable as error:
        raise client.bad(path, str(error)) from error
    contradiction = _contradiction(said, number, len(items))
    if contradiction and _ends_before(said, number, len(items)):
        shorter = ShorterList(client.bad(path, contradiction).what, who=client.who, status=200)
        shorter.total = said.number_of_items
        raise shorter
    return contradiction or _row_page(resource.reader, said, items, requested_at)


def _row_page(
    reader: Reader[R, T], said: Pagination, items: Sequence[Item], requested_at: datetime
) -> RowPage[T]:
    found = reader.read(items, said.page_number)
    pages = said.number_of_pages if items else 0
    return RowPage(
        rows=found.rows,
        poison=found.poison,
        number=said.page_number if items else 0,
        pages=pages,
        total=said.number_of_items,
        page_size=said.page_size,
        requested_at=requested_at,
        guids=found.guids,
    )


def _contradiction(said: Pagination, asked: int, count: int) -> str:
    """Return what in an envelope contradicts the question, the rows or itself; "" if nothing.

    A page past the end is answered with the last one (the reference, 2.4), an empty list with page 0.
    """
    if said.number_of_items == 0 and count == 0:
        return "" if asked == 1 else "is empty although an earlier page said there was more"
    if said.page_number != asked:
        return f"is page {said.page_number} instead of page {asked}"
    if said.page_size < 1:
        return f"has the page size {said.page_size}"
    expected = min(said.page_size, said.number_of_items - (asked - 1) * said.page_size)
    if count != expected:
        return f"is truncated: it holds {count} rows, but by its own count it should hold {expected}"
    if said.number_of_pages != -(-said.number_of_items // said.page_size):
        return f"counts {said.number_of_pages} pages of {said.page_size} for {said.number_of_items} rows"
    return ""


def _ends_before(said: Pagination, asked: int, count: int) -> bool:
    """Tell whether the answer is the true last page of a list that has no page `asked`."""
    if said.number_of_items == 0 and count == 0:
        return True
    last = said.page_number == said.number_of_pages < asked
    return last and not _contradiction(said, said.page_number, count)


def read_by_guid(
    client: Unleashed, resource: Resource[R, T], guids: Iterable[str], filters: Pairs
) -> RowPage[T]:
    """Return the rows of these products as one page, asking for at most 40 of them per call.

    A guid without a row is absent. Raises FilterIgnored if a row comes that was not asked for, ValueError
    for a guid that is none, and what `read_pages` raises.
    """
    wanted = tuple(dict.fromkeys(read_guid(guid, "guid") for guid in guids))
    requested_at = client.http.clock.now()
    pages = [
        page
        for some in _lists(wanted, filters, client.page_size)
        for page in _asked_for(client, resource, some, filters)
    ]
    return RowPage(
        rows=tuple(row for page in pages for row in page.rows),
        poison=tuple(poison for page in pages for poison in page.poison),
        number=min(1, len(wanted)),
        pages=min(1, len(wanted)),
        total=sum(page.total for page in pages if page.number <= 1),
        page_size=client.page_size,
        requested_at=requested_at,
        guids=frozenset().union(*(page.guids for page in pages)),
    )


def _asked_for(
    client: Unleashed, resource: Resource[R, T], guids: Sequence[str], filters: Pairs
) -> Iterator[RowPage[T]]:
    for page in read_pages(client, resource, [*filters, ("productId", ",".join(guids))]):
        if strangers := page.guids.difference(guids):
            raise FilterIgnored(
                f"{client.who} ignores the filter productId of {resource.path}: it answered with "
                f"{len(strangers)} products that were not asked for.",
                who=client.who,
                status=200,
            )
        yield page


def _lists(guids: Sequence[str], filters: Pairs, page_size: int) -> Iterator[Sequence[str]]:
    rest = len(build_query([*filters, ("productId", ""), ("pageSize", str(page_size))])[1])
    length = max(1, min(MAX_GUIDS, (MAX_QUERY - rest) // _GUID_AND_COMMA))
    for start in range(0, len(guids), length):
        yield guids[start : start + length]


def read_single(client: Unleashed, path: str, reader: Reader[R, T], pairs: Pairs = ()) -> Sequence[T]:
    """Return the records of an answer with few rows and undocumented wrapping; none if there is none (404).

    Raises BadAnswer if any of its rows cannot be read, and what `Unleashed.find` raises.
    """
    body = client.find(path, pairs)
    if body is None:
        return ()
    try:
        found = reader.read(parse_loose(body))
    except Undecodable as error:
        raise client.bad(path, str(error)) from error
    if found.poison:
        why = f"cannot be used. {found.poison[0].reason.rstrip('.')}"
        raise client.bad(path, why, kind=RecordUnreadable)
    return found.rows


def since_filter(since: datetime | None) -> Pairs:
    """Return `modifiedSince` as UTC to the second, cut off, without zone; nothing for None.

    Raises ValueError for a time without zone. Format: the reference, 3.3.
    """
    if since is None:
        return ()
    if since.tzinfo is None:
        raise ValueError("since must be an aware time")
    whole = since.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return (("modifiedSince", whole.isoformat()),)

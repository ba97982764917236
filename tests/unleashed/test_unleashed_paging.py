"""A page is believed only if its envelope, its rows and the question agree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from syncd.core.model import Product
from syncd.emulator.wire import Request, Response
from syncd.errors import BadAnswer, RemoteError, RequestRefused
from syncd.unleashed.client import FilterIgnored
from syncd.unleashed.paging import RowPage, since_filter
from syncd.unleashed.products import changed_products, products_by_guid
from tests.unleashed.unleashed_world import (
    START,
    STRANGER,
    Canned,
    Clock,
    World,
    answer,
    client_of,
    page,
    product_row,
)

ROW, ROW2 = product_row(1), product_row(2)


def read(server: Canned, page_size: int = 1000) -> list[RowPage[Product]]:
    return list(changed_products(client_of(server, page_size), None))


def guids(pages: list[RowPage[Product]]) -> list[str]:
    return [product.guid for found in pages for product in found.rows]


@pytest.mark.parametrize("size", [1, 3, 7, 8, 1000])
def test_every_row_comes_once(size: int) -> None:
    """Whatever the page size, all rows come, in as few calls as there are pages."""
    world = World()
    wanted = world.stocked(7)
    pages = list(changed_products(world.client(size), None))
    assert guids(pages) == wanted
    assert world.emulator.count() == len(pages) == -(-7 // size)
    assert [found.number for found in pages] == list(range(1, len(pages) + 1))
    assert {(found.total, found.pages, found.page_size) for found in pages} == {(7, len(pages), size)}


def test_pages_are_asked_for_when_due() -> None:
    """The second page is requested only after the first one was taken, so that it can be stored first."""
    world = World()
    world.stocked(3)
    pages = changed_products(world.client(1), None)
    assert world.emulator.count() == 0
    next(pages)
    assert world.emulator.count() == 1


def test_empty_list_is_one_empty_page() -> None:
    """No rows is page 0 of 0, in one call."""
    world = World()
    (only,) = changed_products(world.client(), None)
    assert (only.rows, only.number, only.pages, only.total, only.guids) == ((), 0, 0, 0, frozenset())


@pytest.mark.parametrize("said", [{}, {"PageNumber": 0}, {"PageNumber": 0, "NumberOfPages": 0}])
def test_empty_list_in_every_spelling(said: dict[str, int]) -> None:
    """An empty list is believed whether it calls itself page 0 or page 1."""
    (only,) = read(Canned(page([], **said)))
    assert (only.number, only.pages) == (0, 0)


@pytest.mark.parametrize(
    ("rows", "said", "why"),
    [
        ([ROW], {"NumberOfItems": 2}, "truncated: it holds 1 rows"),
        ([ROW], {"NumberOfItems": 0}, "truncated"),
        ([ROW], {"NumberOfItems": 0, "PageNumber": 0, "NumberOfPages": 0}, "page 0 instead of page 1"),
        ([ROW, ROW2], {"NumberOfItems": 1}, "truncated"),
        ([], {"NumberOfItems": 1}, "truncated"),
        ([ROW], {"PageNumber": 2}, "page 2 instead of page 1"),
        ([ROW], {"PageSize": 0}, "page size 0"),
        ([ROW], {"PageSize": -1}, "page size -1"),
        ([ROW], {"NumberOfItems": -1}, "truncated"),
        ([ROW, ROW2], {"PageSize": 1}, "truncated"),
        ([ROW], {"NumberOfPages": 0}, "0 pages of 1000"),
        ([ROW], {"NumberOfPages": 2}, "2 pages of 1000"),
        ([ROW], {"PageSize": 1, "NumberOfItems": 5, "NumberOfPages": 1}, "1 pages of 1 for 5 rows"),
    ],
)
def test_contradiction_is_read_again_once(rows: list[object], said: dict[str, int], why: str) -> None:
    """A page that contradicts itself is read once more; if it stays so, it is not believed."""
    stubborn = Canned(page(rows, **said))
    with pytest.raises(BadAnswer, match=why):
        read(stubborn)
    assert len(stubborn.asked) == 2
    healed = Canned(page(rows, **said), page([ROW]))
    assert guids(read(healed)) == [ROW["Guid"]]


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        "null",
        "17",
        '"text"',
        '{"Items":[]}',
        '{"Items":null,"Pagination":{"NumberOfItems":0,"PageSize":9,"PageNumber":0,"NumberOfPages":0}}',
        '{"Pagination":{"NumberOfItems":0,"PageSize":9,"PageNumber":0,"NumberOfPages":0}}',
        '{"Items":[],"Pagination":null}',
        '{"Items":[],"Pagination":{"NumberOfItems":null,"PageSize":9,"PageNumber":0,"NumberOfPages":0}}',
        '{"Items":[],"Pagination":{"NumberOfItems":0,"PageSize":9,"PageNumber":0}}',
        '{"Items":{},"Pagination":{"NumberOfItems":0,"PageSize":9,"PageNumber":0,"NumberOfPages":0}}',
        '{"Items":[{"Guid":"0b7f',
        "Service unavailable",
        '{"Items":[]} and more',
    ],
)
def test_answer_without_envelope_is_not_believed(body: str) -> None:
    """No list, no pagination or half a body is not taken for an empty list."""
    server = Canned(answer(body))
    with pytest.raises(BadAnswer, match="account main to /Products/1"):
        read(server)
    assert len(server.asked) == 1


@pytest.mark.parametrize("times", [1, 2])
def test_withheld_row(times: int) -> None:
    """A row that is missing once is fetched by reading the page again; missing twice, nothing is believed."""
    world = World()
    wanted = world.stocked(4)
    world.emulator.mischief.withhold("Products", times=times)
    if times == 1:
        assert guids(list(changed_products(world.client(), None))) == wanted
    else:
        with pytest.raises(BadAnswer, match="truncated"):
            list(changed_products(world.client(), None))
    assert world.emulator.count() == 2


def test_half_a_body_that_ends_cleanly() -> None:
    """Half a body is not believed even if the connection ended in good order."""
    world = World()
    world.stocked(4)
    world.emulator.faults.add("truncate", times=2)
    with pytest.raises(BadAnswer, match="breaks off"):
        list(changed_products(world.client(), None))


def deleting(world: World, before_page: int, wanted: list[str]) -> Callable[[str, int], None]:
    """Return a change between two pages: these products are deleted just before that page is read."""

    def delete(_resource: str, number: int) -> None:
        for guid in wanted if number == before_page else []:
            if world.books.product(guid):
                world.books.delete_product(guid)

    return delete


def test_list_that_becomes_shorter_is_no_complete_list() -> None:
    """A page that no longer exists is answered with the last one; that is noticed, not taken for the page."""
    world = World()
    wanted = world.stocked(5)
    world.emulator.mischief.between_pages = deleting(world, 3, wanted[:1])
    pages = changed_products(world.client(2), None)
    assert len([next(pages), next(pages)]) == 2
    with pytest.raises(BadAnswer, match="page 2 instead of page 3"):
        next(pages)


def test_list_that_vanishes_is_no_complete_list() -> None:
    """A second page that is suddenly empty is not taken for the end."""
    first = page([ROW], NumberOfItems=2, PageSize=1, NumberOfPages=2)
    with pytest.raises(BadAnswer, match="is empty although an earlier page"):
        read(Canned(first, page([], PageNumber=0)))


def test_list_that_grows_is_followed() -> None:
    """Rows that arrive while the list is read are read too."""
    world = World()
    wanted = world.stocked(2)
    world.emulator.mischief.between_pages = lambda _resource, number: (
        world.books.add_product("TEA-9999") if number == 2 else None
    )
    pages = list(changed_products(world.client(1), None))
    assert guids(pages)[:2] == wanted
    assert [found.total for found in pages] == [2, 3, 3]


def test_list_that_shrinks_within_its_pages_says_so() -> None:
    """A list that ends earlier than announced stops there, and its totals differ for the caller to see."""
    world = World()
    wanted = world.stocked(5)
    world.emulator.mischief.between_pages = deleting(world, 2, wanted[3:])
    pages = list(changed_products(world.client(2), None))
    assert [(found.total, found.pages) for found in pages] == [(5, 3), (3, 2)]


def test_page_size_that_changes_on_the_way() -> None:
    """A page size that changes between two pages would skip rows, so the list is not believed."""
    first = page([ROW], NumberOfItems=4, PageSize=1, NumberOfPages=4)
    second = page(
        [product_row(3), product_row(4)], NumberOfItems=4, PageSize=2, PageNumber=2, NumberOfPages=2
    )
    with pytest.raises(BadAnswer, match="changed its page size"):
        read(Canned(first, second))


def test_smaller_page_size_is_taken() -> None:
    """If Unleashed lowers the page size, all rows come in pages of that size."""
    world = World(page_size_cap=2, page_size_above="clamp")
    wanted = world.stocked(5)
    pages = list(changed_products(world.client(1000), None))
    assert guids(pages) == wanted
    assert {found.page_size for found in pages} == {2}


def test_page_size_that_is_refused() -> None:
    """If Unleashed refuses the page size, the error quotes it."""
    world = World(page_size_cap=2, page_size_above="refuse")
    with pytest.raises(RequestRefused, match="pageSize is not between 1 and 2"):
        list(changed_products(world.client(1000), None))


@pytest.mark.parametrize(
    ("since", "written"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00"),
        (datetime(2026, 1, 1, 12, 0, 0, 999999, UTC), "2026-01-01T12:00:00"),
        (datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=13))), "2025-12-31T23:00:00"),
        (datetime(26, 1, 1, tzinfo=UTC), "0026-01-01T00:00:00"),
    ],
)
def test_since_is_written_in_utc_to_the_second(since: datetime, written: str) -> None:
    """The time of `modifiedSince` is UTC without zone, cut off to the second before."""
    assert since_filter(since) == (("modifiedSince", written),)


def test_since_without_zone_is_refused() -> None:
    """A time without zone could be any hour, so it is refused before anything is asked."""
    world = World()
    with pytest.raises(ValueError, match="aware"):
        changed_products(world.client(), datetime(2026, 1, 1))  # noqa: DTZ001
    assert world.emulator.count() == 0


def test_time_of_the_request_is_taken_before_it() -> None:
    """Each page says when it was asked for, not when the answer arrived."""
    clock = Clock()

    class Slow(Canned):
        def handle(self, request: Request) -> Response:
            clock.sleep(20)
            return super().handle(request)

    first = page([ROW], NumberOfItems=2, PageSize=1, NumberOfPages=2)
    second = page([ROW2], NumberOfItems=2, PageSize=1, PageNumber=2, NumberOfPages=2)
    pages = list(changed_products(client_of(Slow(first, second), clock=clock), None))
    assert [found.requested_at for found in pages] == [START, START + timedelta(seconds=20)]


@pytest.mark.parametrize(("asked", "calls"), [(0, 0), (1, 1), (40, 1), (41, 2), (90, 3)])
def test_guids_are_asked_for_in_lists(asked: int, calls: int) -> None:
    """At most 40 guids go into one call, each query stays short, and the answer is one page."""
    world = World(query_limit=1900)
    wanted = world.stocked(90)[:asked]
    found = products_by_guid(world.client(), [guid.upper() for guid in wanted] + wanted)
    assert [product.guid for product in found.rows] == wanted
    assert (found.guids, found.total, found.number) == (frozenset(wanted), asked, min(asked, 1))
    assert world.emulator.count() == calls
    assert all(len(query) < 1900 for query in world.queries)


@pytest.mark.parametrize("status", [404, 414])
def test_query_that_is_too_long_is_refused(status: int) -> None:
    """Whatever status a too long query gets, it is a refusal and not an empty list."""
    world = World(query_limit=100, query_limit_status=status)
    with pytest.raises(RequestRefused) as caught:
        products_by_guid(world.client(), world.stocked(5))
    assert caught.value.status == status


def test_small_pages_of_a_guid_list_are_joined() -> None:
    """A guid list that comes in several pages is still one answer."""
    world = World()
    wanted = world.stocked(5)
    found = products_by_guid(world.client(2), wanted)
    assert ([product.guid for product in found.rows], found.total) == (wanted, 5)


def test_ignored_guid_filter_is_noticed_on_the_first_page() -> None:
    """A product that was not asked for means that the filter has no effect; no further page is bought."""
    world = World(product_id_filter="ignored")
    wanted = world.stocked(9)
    with pytest.raises(FilterIgnored, match="productId of /Products"):
        products_by_guid(world.client(3), wanted[:1])
    assert world.emulator.count() == 1
    assert issubclass(FilterIgnored, BadAnswer)


def test_ignored_filter_is_noticed_in_a_row_that_cannot_be_read() -> None:
    """A poisoned row of another product shows the ignored filter as well."""
    server = Canned(page([product_row(1, Guid=STRANGER, ProductCode=None)]))
    with pytest.raises(FilterIgnored):
        products_by_guid(client_of(server), [str(ROW["Guid"])])


def test_guid_list_that_misses_one() -> None:
    """A guid without a row is simply absent."""
    world = World(product_id_filter="misses_one")
    wanted = world.stocked(3)
    assert products_by_guid(world.client(), wanted).guids == frozenset(wanted[:2])


def test_what_is_no_guid_is_not_asked_for() -> None:
    """A text that is no guid is refused before anything is asked."""
    world = World()
    with pytest.raises(ValueError, match="is not a guid"):
        products_by_guid(world.client(), ["TEA-100"])
    assert world.emulator.count() == 0


def test_error_in_a_later_page_ends_the_list() -> None:
    """What was yielded before an error stays, and the error reaches the caller."""
    world = World()
    world.stocked(3)
    world.emulator.faults.add("status", skip=1, times=2)
    pages = changed_products(world.client(1), None)
    assert next(pages).number == 1
    with pytest.raises(RemoteError):
        next(pages)

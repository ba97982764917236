"""Faults are acted out once each, and tell what was carried out from what was not."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from syncd.emulator.faults import Kind
from syncd.emulator.transport import EmulatorTransport
from syncd.emulator.unleashed import UnleashedEmulator
from syncd.emulator.unleashed_books import Books
from syncd.emulator.unleashed_mischief import POISONS
from syncd.emulator.wire import AnswerLost, ConnectionRefused
from tests.emulator.unleashed_caller import Clock, ask, codes, read, request


@pytest.fixture
def books() -> Books:
    books = Books(Clock())
    books.add_warehouse("W1")
    for number in range(6):
        books.set_stock(books.add_product(f"P-{number}", f"Thing {number}", number), "W1", number)
    return books


@pytest.fixture
def company(books: Books) -> UnleashedEmulator:
    return UnleashedEmulator(books, books.clock)


# On the way


def test_refused_connection_costs_nothing(company: UnleashedEmulator) -> None:
    """Nothing arrives, nothing is written down, and the next call works."""
    company.faults.add("refuse")
    with pytest.raises(ConnectionRefused):
        ask(company, "/Products")
    assert company.calls == []
    assert ask(company, "/Products").status == 200


def test_lost_answer_was_carried_out_and_billed(company: UnleashedEmulator) -> None:
    """The call arrives and costs, only its answer does not come."""
    company.faults.add("lose")
    with pytest.raises(AnswerLost):
        ask(company, "/Products")
    assert [(call.status, call.billed) for call in company.calls] == [(200, True)]


@pytest.mark.parametrize(("kind", "broken"), [("half", True), ("truncate", False)])
def test_body_stops_half_way(company: UnleashedEmulator, kind: Kind, broken: bool) -> None:
    """Half a body comes, with or without a promise of more; the call was carried out."""
    whole = ask(company, "/Products").body()
    company.faults.add(kind)
    answer = ask(company, "/Products")
    assert (answer.broken, answer.body()) == (broken, whole[: len(whole) // 2])
    assert answer.headers.get("content-length") == (str(len(whole)) if broken else None)
    assert company.count("Products") == 2


@pytest.mark.parametrize(
    ("kind", "status", "body"), [("html", 200, b"<html>"), ("empty", 200, b""), ("status", 503, b"<html>")]
)
def test_something_else_answers(company: UnleashedEmulator, kind: Kind, status: int, body: bytes) -> None:
    """A page or nothing comes in the vendor's place, with the headers given."""
    company.faults.add(kind, status=503, headers={"retry-after": "7"})
    answer = ask(company, "/Products")
    assert (answer.status, answer.body()[:6], answer.headers["retry-after"]) == (status, body, "7")
    assert [(call.status, call.billed) for call in company.calls] == [(status, status >= 400)]


def test_bomb_inflates(company: UnleashedEmulator) -> None:
    """A small gzip body that grows to the size asked for."""
    company.faults.add("bomb", size=5_000_000)
    answer = ask(company, "/Products")
    assert (answer.headers["content-encoding"], len(answer.body()) < 10_000) == ("gzip", True)
    assert len(gzip.decompress(answer.body())) == 5_000_000


def test_faults_choose_their_requests(company: UnleashedEmulator) -> None:
    """A fault skips, matches and repeats as it was told, and others pass it by."""
    company.faults.add("status", skip=1, times=2, match=lambda asked: asked.path.startswith("/Stock"))
    statuses = [ask(company, path).status for path in ("/StockOnHand", "/Taxes", *["/StockOnHand"] * 3)]
    assert statuses == [200, 200, 500, 500, 200]


@pytest.mark.parametrize(
    ("kind", "error"),
    [("refuse", httpx.ConnectError), ("lose", httpx.ReadError), ("half", httpx.RemoteProtocolError)],
)
def test_transport_raises_what_a_network_would(
    company: UnleashedEmulator, kind: Kind, error: type[Exception]
) -> None:
    """Over the transport each dropped connection is the error httpx has for it."""
    company.faults.add(kind)
    asked = request("/Products", "pageSize=2")
    with httpx.Client(transport=EmulatorTransport(company), base_url="https://unleashed.test") as client:
        with pytest.raises(error):
            client.get("/Products?pageSize=2", headers=asked.headers)
        assert len(client.get("/Products?pageSize=2", headers=asked.headers).json()["Items"]) == 2


# Lists that lie


def test_pages_shift_between_two_reads(company: UnleashedEmulator, books: Books) -> None:
    """A product made obsolete between two pages moves the rest left, so that one row is never seen."""

    def hide_one(*_resource_and_page: object) -> None:
        books.change_product(books.by_code("P-0")[0].guid, obsolete=True)

    company.mischief.between_pages = hide_one
    seen = [code for page in (1, 2, 3) for code in codes(company, f"/Products/{page}", "pageSize=2")]
    assert seen == ["P-0", "P-1", "P-3", "P-4", "P-5"]


def test_shrunken_answer_agrees_with_itself(company: UnleashedEmulator) -> None:
    """A list that lost rows looks complete; only its length betrays it."""
    company.mischief.shrink("Products", rows=2)
    answer = read(company, "/Products")
    assert (answer["Pagination"]["NumberOfItems"], len(answer["Items"])) == (2, 2)
    assert len(codes(company, "/Products")) == 6


def test_withheld_rows_are_counted(company: UnleashedEmulator) -> None:
    """The envelope says how many there are, and fewer come; other lists are honest."""
    company.mischief.withhold("StockOnHand", rows=2, times=2)
    for _ in range(2):
        answer = read(company, "/StockOnHand")
        assert (answer["Pagination"]["NumberOfItems"], len(answer["Items"])) == (6, 4)
    assert (len(codes(company, "/Products")), len(codes(company, "/StockOnHand"))) == (6, 6)


def test_late_commit_between_pages(company: UnleashedEmulator, books: Books) -> None:
    """A late change that falls due between two pages is on neither if its place was already read."""
    books.add_product("P", late=timedelta(seconds=1))
    clock = books.clock
    assert isinstance(clock, Clock)
    first = codes(company, "/Products", "pageSize=5")
    clock.pass_by(seconds=1)
    assert first + codes(company, "/Products/2", "pageSize=5") == [
        "P-0",
        "P-1",
        "P-2",
        "P-3",
        "P-4",
        "P-4",
        "P-5",
    ]


def test_poisoned_row_replaces_one(company: UnleashedEmulator, books: Books) -> None:
    """The raw text stands in the list in place of one row, until cured; by guid the truth is told."""
    guid = books.by_code("P-1")[0].guid
    company.mischief.poison("Products", guid, '{"Guid":')
    with pytest.raises(json.JSONDecodeError):
        read(company, "/Products")
    assert read(company, f"/Products/{guid}")["ProductCode"] == "P-1"
    company.mischief.cure("Products", guid)
    assert len(codes(company, "/Products")) == 6


SPOILT: list[tuple[str, str, Callable[[Any], bool]]] = [
    ("null code", "Products", lambda row: row["ProductCode"] is None),
    ("null stamp", "Products", lambda row: row["LastModifiedOn"] is None),
    ("strange stamp", "StockOnHand", lambda row: row["LastModifiedOn"].endswith("p.m.")),
    ("far stamp", "Products", lambda row: row["LastModifiedOn"] == "/Date(253402300799000)/"),
    ("text for a price", "Products", lambda row: row["DefaultSellPrice"] == "call us"),
    ("text for a quantity", "StockOnHand", lambda row: row["AvailableQty"] == "many"),
    ("NaN price", "Products", lambda row: row["DefaultSellPrice"] != row["DefaultSellPrice"]),
    ("NaN quantity", "StockOnHand", lambda row: row["AvailableQty"] != row["AvailableQty"]),
    ("infinite price", "Products", lambda row: row["DefaultSellPrice"] == float("inf")),
    ("absurd exponent", "Products", lambda row: row["DefaultSellPrice"] == float("inf")),
    ("lone surrogate", "Products", lambda row: row["ProductDescription"] == "tea \ud800"),
    ("NUL", "Products", lambda row: row["ProductDescription"] == "tea \0"),
    ("unknown field", "Products", lambda row: row["FieldOfNextYear"] == {"Deep": [1, None]}),
    ("500-character name", "Products", lambda row: len(row["ProductDescription"]) == 500),
    ("other case", "Products", lambda row: row["ProductCode"] == "p-1"),
    ("no guid", "StockOnHand", lambda row: not {"Guid", "ProductGuid"} & set(row)),
    ("not a record", "Products", lambda row: row == 17),
    ("null row", "Products", lambda row: row is None),
]


@pytest.mark.parametrize(("name", "resource", "shows"), SPOILT)
def test_ready_made_poisons(
    company: UnleashedEmulator, books: Books, name: str, resource: str, shows: Callable[[Any], bool]
) -> None:
    """Each ready-made poison spoils what it says in its row and leaves the others alone."""
    honest = read(company, f"/{resource}")["Items"]
    company.mischief.poison(resource, books.by_code("P-1")[0].guid, POISONS[name])
    rows = read(company, f"/{resource}")["Items"]
    assert shows(rows[1])
    assert rows[:1] + rows[2:] == honest[:1] + honest[2:]


def test_every_ready_made_poison_is_tried() -> None:
    """The table above leaves none of them out."""
    assert {name for name, _resource, _shows in SPOILT} == set(POISONS)


def test_stored_surrogate_survives_as_escape(company: UnleashedEmulator, books: Books) -> None:
    """A lone surrogate in the books is sent as its escape, in a body that is still UTF-8."""
    guid = books.add_product("Z", "tea \udc00 é")
    body = ask(company, f"/Products/{guid}").body()
    assert '"tea \\udc00 é"' in body.decode()

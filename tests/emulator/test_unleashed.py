"""The emulated Unleashed is as strict about calls and pages as the documents say."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest

from syncd.emulator.catalogue import believable
from syncd.emulator.unleashed import UnleashedEmulator
from syncd.emulator.unleashed_books import Books
from tests.emulator.unleashed_caller import (
    NOWHERE,
    Clock,
    ask,
    codes,
    numbered,
    read,
    request,
    setting,
)

# Who may call


@pytest.mark.parametrize(
    ("query", "signature"),
    [
        ("", "sphuCXmxoy93avZU3I7ojg1EGXXK5bPM8Wu3/XtTd+A="),
        ("pageSize=200", "I6Euhxx44CBky28TUSOHU+xApbk1GrQxsUK3SpQTBgI="),
        ("modifiedSince=2026-01-01T00:00:00&pageSize=1000", "z76zbiOp0i2d2Tr+D2SlGQW3D5QiF1ZL+rEVNAgDm8E="),
        (
            "modifiedSince=2026-01-01T00%3A00%3A00&pageSize=1000",
            "z76zbiOp0i2d2Tr+D2SlGQW3D5QiF1ZL+rEVNAgDm8E=",
        ),
        ("contactEmail=jane%2Bshop@example.com", "atEiAg331JDAC/0cdg0bAtb4RTZGwN/aneDxT1GQ2iA="),
        ("contactEmail=jane+shop@example.com", "atEiAg331JDAC/0cdg0bAtb4RTZGwN/aneDxT1GQ2iA="),
        ("customerName=Smith%20%26%20Sons", "vplkkb5ivAZM7g+76han+Z7OyLxSVHUIS30RvWmeiQ4="),
    ],
)
def test_signature_covers_the_decoded_query(company: UnleashedEmulator, query: str, signature: str) -> None:
    """The reference's vectors are accepted however the query was percent-encoded."""
    assert ask(company, "/Products", query, api_auth_signature=signature).status == 200


def test_signature_over_the_encoded_query_is_refused(company: UnleashedEmulator) -> None:
    """Who signs what went over the wire gets a bare 403 as soon as the two differ, or the other way round."""
    signed_decoded = request("/Products", "modifiedSince=2026-01-01T00%3A00%3A00")
    setting(company, signature_over="encoded")
    refused = company.handle(signed_decoded)
    assert (refused.status, refused.body()) == (403, b"")


def test_signature_keeps_the_order_of_the_wire(company: UnleashedEmulator) -> None:
    """The server sorts nothing: the same parameters in another order need another signature."""
    answer = ask(
        company,
        "/Products",
        "pageSize=1000&modifiedSince=2026-01-01T00:00:00",
        api_auth_signature="z76zbiOp0i2d2Tr+D2SlGQW3D5QiF1ZL+rEVNAgDm8E=",
    )
    assert answer.status == 403


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("header", ["api_auth_id", "api_auth_signature"])
def test_bad_credentials_get_an_empty_refusal(company: UnleashedEmulator, header: str, status: int) -> None:
    """A wrong or missing id or signature says nothing but its status, which is 403 unless set to 401."""
    setting(company, bad_key_status=status)
    wrong, missing = ask(company, "/Products", **{header: "é"}), ask(company, "/Products", **{header: ""})
    assert [(answer.status, answer.body()) for answer in (wrong, missing)] == [(status, b"")] * 2
    assert not any(call.billed for call in company.calls)


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("accept", "", 406),
        ("accept", "*/*", 406),
        ("content_type", "", 415),
        ("client_type", "", 400),
        ("client_type", "Syncd/syncd", 400),
        ("client_type", "syncd", 400),
        ("client_type", "sync d/syncd", 400),
    ],
)
def test_headers_are_required(company: UnleashedEmulator, header: str, value: str, status: int) -> None:
    """A call without the documented headers is refused, each with its own status."""
    assert ask(company, "/Products", **{header: value}).status == status


@pytest.mark.parametrize("status", [404, 414])
def test_long_query_is_refused(company: UnleashedEmulator, status: int) -> None:
    """A query of more than 2,048 bytes is refused unless the limit is off."""
    query = "productId=" + ",".join([NOWHERE] * 56)
    setting(company, query_limit_status=status)
    assert (len(query), ask(company, "/Products", query).status) == (2081, status)
    setting(company, query_limit=None)
    assert read(company, "/Products", query)["Items"] == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/Nonsense", 404),
        ("GET", "/", 404),
        ("GET", "/Products/2/3", 404),
        ("GET", "/Products/x", 404),
        ("GET", f"/Products/{NOWHERE}", 404),
        ("GET", f"/Warehouses/{NOWHERE}", 404),
        ("PUT", f"/Products/{NOWHERE}", 405),
        ("DELETE", "/StockOnHand", 405),
    ],
)
def test_unknown_paths_and_verbs_are_refused(
    company: UnleashedEmulator, method: str, path: str, status: int
) -> None:
    """Only documented paths answer, and only to documented verbs."""
    assert company.handle(request(path, method=method)).status == status


def test_month_is_spent(company: UnleashedEmulator, clock: Clock) -> None:
    """Once the month's calls are spent nothing is answered until the first of the next."""
    setting(company, calls_per_month=3)
    company.spend_elsewhere(1)
    statuses = [ask(company, "/Companies").status for _ in range(3)]
    assert (statuses, company.spent(), company.count("Companies")) == ([200, 200, 403], 3, 3)
    clock.now = datetime(2026, 12, 1, tzinfo=UTC)
    assert ask(company, "/Companies").status == 200


def test_spent_month_can_answer_429(company: UnleashedEmulator) -> None:
    """The other possible answer is 429 with Retry-After."""
    setting(company, calls_per_month=0, quota_status=429, retry_after=60)
    answer = ask(company, "/Companies")
    assert (answer.status, answer.headers["retry-after"]) == (429, "60")


def test_minute_limit_passes_by(company: UnleashedEmulator, clock: Clock) -> None:
    """A minute limit answers 429 until the next clock minute."""
    setting(company, calls_per_minute=1)
    assert [ask(company, "/Taxes").status for _ in range(2)] == [200, 429]
    clock.pass_by(minutes=1)
    assert ask(company, "/Taxes").status == 200


@pytest.mark.parametrize("counts", [True, False])
def test_failed_calls_may_cost(company: UnleashedEmulator, counts: bool) -> None:
    """Whether a 404 is billed is a setting, as the vendor says both."""
    setting(company, failed_calls_count=counts)
    ask(company, f"/Products/{NOWHERE}")
    assert (company.calls[0].billed, company.spent()) == (counts, int(counts))


# Paging


def test_pages_come_by_path(company: UnleashedEmulator, books: Books) -> None:
    """The page is a path segment, with or without the word Page; the page parameter is ignored."""
    numbered(books, 5)
    first, second = ["P-000", "P-001"], ["P-002", "P-003"]
    assert codes(company, "/Products", "pageSize=2") == first
    assert codes(company, "/products/2", "pageSize=2") == second
    assert codes(company, "/Products/Page/2", "pageSize=2") == second
    assert codes(company, "/Products", "pageSize=2&page=2") == first


def test_past_the_end_is_the_last_page(company: UnleashedEmulator, books: Books) -> None:
    """A page number past the end is clamped to the last page, and the envelope says so."""
    numbered(books, 5)
    answer = read(company, "/Products/9", "pageSize=2")
    assert answer["Pagination"] == {"NumberOfItems": 5, "PageSize": 2, "PageNumber": 3, "NumberOfPages": 3}
    assert [row["ProductCode"] for row in answer["Items"]] == ["P-004"]


def test_empty_list_is_page_zero(company: UnleashedEmulator) -> None:
    """An empty result is page 0 of 0."""
    assert read(company, "/Products") == {
        "Pagination": {"NumberOfItems": 0, "PageSize": 200, "PageNumber": 0, "NumberOfPages": 0},
        "Items": [],
    }


def test_page_size_is_capped(company: UnleashedEmulator, books: Books) -> None:
    """A page size above the cap is lowered to it, or refused."""
    numbered(books, 3)
    setting(company, page_size_cap=2)
    assert read(company, "/Products", "pageSize=3")["Pagination"]["PageSize"] == 2
    setting(company, page_size_above="refuse")
    assert ask(company, "/Products", "pageSize=3").status == 400


def test_page_size_zero_counts(company: UnleashedEmulator, books: Books) -> None:
    """pageSize=0 gives the count alone, or is refused; what is no number always is."""
    numbered(books, 3)
    answer = read(company, "/Products", "pageSize=0")
    assert (answer["Pagination"]["NumberOfItems"], answer["Items"]) == (3, [])
    setting(company, page_size_zero="refuse")
    assert [ask(company, "/Products", f"pageSize={size}").status for size in ("0", "ten", "-1")] == [400] * 3


# Small lists and the rest


def test_small_lists(company: UnleashedEmulator, books: Books) -> None:
    """Warehouses, taxes, currencies, tiers and the company are lists; obsolete warehouses hide."""
    books.add_warehouse("OLD", obsolete=True)
    assert [row["WarehouseCode"] for row in read(company, "/Warehouses")["Items"]] == ["W1", "W2"]
    assert len(read(company, "/Warehouses", "includeObsolete=true")["Items"]) == 3
    assert read(company, "/Warehouses", "warehouseName=sec")["Items"][0]["WarehouseName"] == "Second"
    assert read(company, "/Taxes")["Items"][0]["TaxRate"] == 0.15
    assert read(company, "/Currencies")["Items"][0]["CurrencyCode"] == "NZD"
    assert len(read(company, "/SellPriceTiers")["Items"]) == 10
    assert read(company, "/Companies")["Items"][0]["BaseCurrencyCode"] == "NZD"


def test_small_lists_may_be_absent_or_unpaged(company: UnleashedEmulator) -> None:
    """Companies and SellPriceTiers may lack the envelope's paging, or not exist."""
    setting(company, small_lists_paged=False)
    assert set(read(company, "/Companies")) == {"Items"}
    setting(company, companies=False, sell_price_tiers=False)
    assert [ask(company, path).status for path in ("/Companies", "/SellPriceTiers")] == [404, 404]


def test_body_may_be_compressed(company: UnleashedEmulator) -> None:
    """With the setting, who accepts gzip gets gzip."""
    setting(company, compress=True)
    answer = ask(company, "/Taxes", accept_encoding="gzip, deflate")
    assert answer.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.body()))["Pagination"]["NumberOfItems"] == 2


def test_books_refuse_nonsense(company: UnleashedEmulator, books: Books) -> None:
    """A typing mistake in a test is an error there, not a surprise later."""
    guid = books.add_product("A")
    for mistake in (
        lambda: books.change_product(guid, Obsolte=True),
        lambda: books.change_product(NOWHERE, name="x"),
        lambda: books.set_stock(guid, "W9", 1),
        lambda: books.add_product("B", tiers={11: 1}),
    ):
        with pytest.raises(KeyError):
            mistake()
    with pytest.raises(TypeError):
        books.set_stock(guid, "W1", 0.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="100 characters"):
        books.add_product("x" * 101)
    setting(company, code_limit=None)
    assert books.add_product("x" * 101)


def test_same_seed_same_books(clock: Clock) -> None:
    """Guids, stamps and rows follow from the seed alone."""
    answers = [
        ask(UnleashedEmulator(Books.from_catalogue(believable(60, seed=3), clock), clock), "/Products").body()
        for _ in range(2)
    ]
    assert answers[0] == answers[1]

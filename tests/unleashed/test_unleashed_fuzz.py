"""Nothing that Unleashed could answer does more than raise the errors it may raise."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.emulator.wire import Response
from syncd.errors import RemoteError
from syncd.unleashed.account import account_facts
from syncd.unleashed.client import Unleashed
from syncd.unleashed.products import changed_products, find_product, product_by_guid
from syncd.unleashed.stock import changed_stock, stock_of
from tests.unleashed.unleashed_world import Canned, answer, client_of, page, product_row

GUID = str(product_row(1)["Guid"])
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ANY = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ["Guid", "ProductGuid", "ProductCode", "ProductDescription", "DefaultSellPrice", "SellPriceTier1"]
FIELDS += [
    "Obsolete",
    "IsSellable",
    "LastModifiedOn",
    "AvailableQty",
    "QtyOnHand",
    "WarehouseCode",
    "Warehouse",
]
ENVELOPED = ["Items", "Pagination", "CompanyName", "BaseCurrencyCode", "Guid"]
READS: list[Callable[[Unleashed], object]] = [
    lambda client: list(changed_products(client, None)),
    lambda client: list(changed_stock(client, None, "W1")),
    lambda client: find_product(client, "TEA-1"),
    lambda client: product_by_guid(client, GUID),
    lambda client: stock_of(client, GUID, ["W1"]),
    account_facts,
]


@settings(max_examples=100, deadline=None, database=None)
@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), ANY) | ANY, max_size=4))
def test_every_row_is_read_or_left_out(rows: list[object]) -> None:
    """Whatever rows a page holds, each is read or left out with a reason that can be stored."""
    server = Canned(page(rows, NumberOfPages=min(1, len(rows))))
    (products,) = changed_products(client_of(server), None)
    (stock,) = changed_stock(client_of(server), None)
    assert len(products.rows) + len(products.poison) == len(rows)
    assert len(stock.rows) + len(stock.poison) == len(rows)
    for poison in products.poison + stock.poison:
        assert (poison.key + poison.reason + poison.excerpt).isprintable()


@pytest.mark.parametrize("read", READS)
@settings(max_examples=40, deadline=None, database=None)
@given(body=st.dictionaries(st.sampled_from(ENVELOPED), ANY) | ANY)
def test_any_json_is_survived(read: Callable[[Unleashed], object], body: object) -> None:
    """JSON of any shape gives a result or an error that names the account."""
    error = error_of(read, answer(json.dumps(body)))
    assert error is None or error.who == "account main"


@pytest.mark.parametrize("read", READS)
@settings(max_examples=40, deadline=None, database=None)
@given(body=st.binary(max_size=40), status=st.integers(200, 599))
def test_any_bytes_are_survived(read: Callable[[Unleashed], object], body: bytes, status: int) -> None:
    """Bytes that are anything give an error, unless the status says that there is no such record."""
    error = error_of(read, Response(status, {"content-type": "application/json"}, [body]))
    assert error is not None or status == 404 or body.strip()[:1] in (b"{", b"[")


def error_of(read: Callable[[Unleashed], object], response: Response) -> RemoteError | None:
    """Return the error this answer becomes, None if it was read. Anything but a RemoteError is raised."""
    try:
        read(client_of(Canned(response)))
    except RemoteError as error:
        return error
    return None

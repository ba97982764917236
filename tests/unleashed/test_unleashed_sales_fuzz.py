"""Nothing Unleashed could answer about customers and sales does more than raise the errors it may raise."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.emulator.wire import Response
from syncd.errors import RemoteError
from syncd.unleashed.client import Unleashed
from syncd.unleashed.credits import changed_credits, credit_by_guid, credits_like, post_credit
from syncd.unleashed.credits import payload as credit_payload
from syncd.unleashed.customers import (
    changed_customers,
    create_customer,
    customer_by_guid,
    customers_by_code,
    customers_by_email,
)
from syncd.unleashed.outgoing import json_bytes
from syncd.unleashed.products import create_product
from syncd.unleashed.sales import (
    changed_sales,
    complete_sale,
    payload,
    post_sale,
    sale_by_guid,
    sales_by_number,
)
from syncd.unleashed.shipments import changed_shipments
from tests.unleashed.unleashed_sale import CREDIT, CREDIT_NOTE, JANE, NEW_CUSTOMER, NEW_PRODUCT, ORDER, SALE
from tests.unleashed.unleashed_world import START, Canned, client_of, page

PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ANY = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
GUIDS = st.sampled_from([JANE, ORDER, CREDIT, "x", None])
NAMES = [
    "CustomerCode",
    "CustomerName",
    "Email",
    "EmailCC",
    "Contacts",
    "Obsolete",
    "Currency",
    "OrderNumber",
]
NAMES += [
    "OrderStatus",
    "SourceId",
    "SubTotal",
    "TaxTotal",
    "Total",
    "SalesOrderLines",
    "Customer",
    "Reference",
]
NAMES += ["CreditNumber", "Status", "Comments", "ShipmentStatus", "TrackingNumber", "ShippingCompany"]
NAMES += ["LastModifiedOn", "DispatchDate", "CompletedDate"]
ROWS = st.builds(
    lambda guid, fields: {"Guid": guid, **fields},
    GUIDS | ANY,
    st.dictionaries(st.sampled_from(NAMES), ANY | st.just({"CustomerCode": "WEB-1"}), max_size=6),
)
FEEDS: list[Callable[[Unleashed], object]] = [
    lambda client: list(changed_customers(client, None)),
    lambda client: list(changed_sales(client, None)),
    lambda client: list(changed_credits(client, None)),
    lambda client: list(changed_shipments(client, None)),
]
OTHERS: list[Callable[[Unleashed], object]] = [
    lambda client: customer_by_guid(client, JANE),
    lambda client: customers_by_code(client, "WEB-1"),
    lambda client: customers_by_email(client, "jane@example.test"),
    lambda client: create_customer(client, NEW_CUSTOMER),
    lambda client: create_product(client, NEW_PRODUCT),
    lambda client: sale_by_guid(client, ORDER),
    lambda client: sales_by_number(client, "WEB-88210"),
    lambda client: post_sale(client, payload(SALE)),
    lambda client: complete_sale(client, ORDER),
    lambda client: credit_by_guid(client, CREDIT),
    lambda client: credits_like(client, CREDIT, "shop:refund:1", START),
    lambda client: post_credit(client, credit_payload(CREDIT_NOTE)),
]


@settings(max_examples=60, deadline=None, database=None)
@given(st.lists(ROWS | ANY, max_size=4))
def test_every_row_is_read_or_left_out(rows: list[object]) -> None:
    """Whatever rows a page holds, each is read or left out with a reason that can be stored."""
    server = Canned(page(rows, NumberOfPages=min(1, len(rows))))
    for feed in (changed_customers, changed_sales, changed_credits, changed_shipments):
        (found,) = feed(client_of(server), None)
        assert len(found.rows) + len(found.poison) == len(rows)
        for poison in found.poison:
            assert (poison.key + poison.reason + poison.excerpt).isprintable()


@pytest.mark.parametrize("read", [*FEEDS, *OTHERS])
@settings(max_examples=25, deadline=None, database=None)
@given(
    st.one_of(
        st.binary(max_size=60),
        ANY.map(lambda value: json.dumps(value).encode()),
        ROWS.map(lambda value: json.dumps(value).encode()),
        st.lists(ROWS, max_size=2).map(lambda rows: page(rows, NumberOfPages=min(1, len(rows))).body()),
    ),
    st.sampled_from([200, 201, 204, 302, 400, 404, 408, 429, 500]),
)
def test_any_answer_is_taken_or_refused(
    read: Callable[[Unleashed], object], body: bytes, status: int
) -> None:
    """Whatever comes back, the outcome is a record, nothing, or an error that says what to do."""
    said = "record."
    try:
        read(client_of(Canned(Response(status, {"content-type": "application/json"}, [body]))))
    except RemoteError as error:
        said = error.what
    assert said.endswith(".")


@settings(max_examples=200, deadline=None, database=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12))
def test_amounts_arrive_with_every_digit(amount: Decimal) -> None:
    """A number written is read back as the very same number."""
    body = json_bytes({"Total": amount})
    assert json.loads(body, parse_float=Decimal, parse_int=Decimal)["Total"] == amount

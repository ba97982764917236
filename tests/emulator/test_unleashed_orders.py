"""The emulated SalesOrders take, refuse, complete and delete orders as the real ones may."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from syncd.emulator.unleashed import UnleashedEmulator
from syncd.emulator.wire import AnswerLost
from tests.emulator.unleashed_caller import NOWHERE, START, Clock, ask, read, setting
from tests.emulator.unleashed_clerk import (
    JANE,
    ORDER,
    OTHER,
    done,
    line,
    of_one,
    order,
    refusal,
    send,
    shop,
    stock,
)

PATH = f"/SalesOrders/{ORDER}"


def listed(company: UnleashedEmulator, query: str = "") -> list[str]:
    """Return the order numbers of the first page."""
    return [row["OrderNumber"] for row in read(company, "/SalesOrders", query)["Items"]]


# Posting


def test_order_of_the_reference_is_taken(company: UnleashedEmulator) -> None:
    """The order of the reference is stored as sent, with a thin customer and products by code."""
    tea = shop(company)
    row = done(company, PATH, order())
    assert (row["OrderNumber"], row["OrderStatus"], row["SourceId"]) == ("WEB-88210", "Parked", "shop:88210")
    assert (row["SubTotal"], row["TaxTotal"], row["Total"]) == (24.0, 3.6, 27.6)
    assert row["OrderDate"] == "/Date(1768435200000)/"
    assert set(row["Customer"]) == {"Guid", "CustomerCode", "CustomerName", "CurrencyId", "LastModifiedOn"}
    assert row["SalesOrderLines"][0]["Product"]["Guid"] == tea
    assert [row["LineTax"] for row in row["SalesOrderLines"]] == [2.85, 0.75]
    assert (row["TaxRate"], row["Tax"]["TaxCode"], row["Warehouse"]["WarehouseCode"]) == (0.15, "GST", "W1")
    assert read(company, PATH) == row


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"Customer": None}, "Customer is required"),
        ({"Customer": {}}, "There is no such customer"),
        ({"Customer": {"CustomerCode": "WEB"}}, "There is no such customer"),
        ({"Customer": {"CustomerCode": "WEB-1", "Guid": NOWHERE}}, "There is no such customer"),
        ({"Warehouse": {"WarehouseCode": "W9"}}, "There is no such warehouse"),
        ({"Warehouse": {}}, "There is no such warehouse"),
        ({"Currency": {"CurrencyCode": "EUR"}}, "There is no currency EUR"),
        ({"ExchangeRate": 0}, "ExchangeRate must be above zero"),
        ({"Tax": {"TaxCode": "VAT"}}, "There is no tax code VAT"),
        ({"TaxRate": 15}, "TaxRate is 15 but that of GST is 0.15"),
        ({"OrderStatus": None}, "OrderStatus is required"),
        ({"OrderStatus": "Sent"}, "OrderStatus Sent does not exist"),
        ({"OrderDate": "15/01/2026"}, "OrderDate is not a date"),
        ({"OrderNumber": "WEB-1234567890123456"}, "OrderNumber is longer than 17"),
        ({"SalesOrderLines": []}, "An order needs a line"),
        ({"Guid": OTHER}, "is not that of the address"),
        ({"SubTotal": None}, "SubTotal is required"),
        ({"SubTotal": "24.00"}, "SubTotal is not a number"),
    ],
)
def test_orders_that_are_refused(company: UnleashedEmulator, changed: dict[str, object], told: str) -> None:
    """What the vendor takes no order with is refused, and nothing is stored or reserved."""
    tea = shop(company)
    assert told in refusal(
        company, PATH, {name: v for name, v in (order() | changed).items() if v is not None}
    )
    assert company.sales.orders.register.all() == []
    assert stock(company, tea) == (10, 0)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"Product": None}, "A line needs a Product"),
        ({"Product": {"ProductCode": "TEA"}}, "There is no product TEA"),
        ({"Product": {"Guid": NOWHERE}}, "There is no product"),
        ({"OrderQuantity": 0}, "OrderQuantity must be above zero"),
        ({"OrderQuantity": None}, "OrderQuantity is required"),
        ({"DiscountRate": 15}, "DiscountRate is a fraction"),
        ({"LineTaxCode": "VAT"}, "There is no tax code VAT"),
        ({"TaxRate": 0.1}, "is 0.1 but that of GST is 0.15"),
        ({"LineTotal": None}, "LineTotal is required"),
    ],
)
def test_lines_that_are_refused(company: UnleashedEmulator, changed: dict[str, object], told: str) -> None:
    """A line with an unknown product, tax code or quantity costs the whole order."""
    shop(company)
    lines = [line(1, "TEA-100", 2, 9.5, 19.0, 2.85) | changed]
    assert told in refusal(company, PATH, of_one(2, 9.5, 19.0, 2.85, SalesOrderLines=lines))


def test_lines_are_told_apart(company: UnleashedEmulator) -> None:
    """Two lines with one number, or one guid, are refused."""
    shop(company)
    twice = [line(1, "TEA-100", 1, 1, 1, 0.15), line(1, "TEA-100", 1, 1, 1, 0.15)]
    sums: dict[str, Any] = {"SubTotal": 2, "TaxTotal": 0.3, "Total": 2.3}
    assert "the same number" in refusal(company, PATH, order(SalesOrderLines=twice, **sums))
    twins = [{**each, "LineNumber": place, "Guid": OTHER} for place, each in enumerate(twice, 1)]
    assert "the same guid" in refusal(company, PATH, order(SalesOrderLines=twins, **sums))


def test_misspelt_order_fields_are_told(company: UnleashedEmulator) -> None:
    """A field that no document names is answered 501, on the order and on its lines."""
    shop(company)
    assert send(company, PATH, order(SourceID="x")).status == 501
    bad = [line(1, "TEA-100", 2, 9.5, 19.0, 2.85, Quantity=2)]
    assert send(company, PATH, order(SalesOrderLines=bad)).status == 501


def test_ambiguous_product_code_is_refused(company: UnleashedEmulator) -> None:
    """A code that two products share names neither of them."""
    shop(company)
    company.books.add_product("TEA-100")
    assert "There is no product TEA-100" in refusal(company, PATH, order())


def test_what_may_be_left_out(company: UnleashedEmulator) -> None:
    """Without warehouse, number and rate the default one, the next number and 1 are taken, or refused."""
    shop(company)
    bare = order(Warehouse=None, ExchangeRate=None, Currency=None, number=None)  # type: ignore[arg-type]
    row = done(company, PATH, bare)
    assert (row["Warehouse"]["WarehouseCode"], row["ExchangeRate"]) == ("W1", 1)
    assert row["OrderNumber"] == "SO-00000001"
    setting(company, default_warehouse=False)
    assert "Warehouse is required" in refusal(company, PATH, bare)
    setting(company, default_warehouse=True, exchange_rate_needed=True)
    assert "ExchangeRate is required" in refusal(company, PATH, bare)


def test_untaxed_orders_show_a_pseudo_code(company: UnleashedEmulator) -> None:
    """The code None needs no entry in the account and comes back with a guid of zeros."""
    shop(company)
    untaxed = of_one(1, 2, 2, 0, Tax={"TaxCode": "None"}, TaxRate=0)
    untaxed["SalesOrderLines"] = [line(1, "TEA-100", 1, 2, 2, 0, LineTaxCode="None")]
    tax = done(company, PATH, untaxed)["Tax"]
    assert (tax["TaxCode"], tax["Guid"]) == ("None", "00000000-0000-0000-0000-000000000000")


def test_negative_prices(company: UnleashedEmulator) -> None:
    """A line may lower the order, unless the setting refuses it."""
    shop(company)
    lines = [line(1, "TEA-100", 2, 9.5, 19.0, 2.85), line(2, "FREIGHT", 1, -5.0, -5.0, -0.75)]
    lowered = order(SalesOrderLines=lines, SubTotal=14, TaxTotal=2.1, Total=16.1)
    assert done(company, PATH, lowered)["Total"] == 16.1
    setting(company, negative_prices=False)
    assert "must not be below zero" in refusal(company, PATH, lowered)


# Twice


def test_number_that_is_taken(company: UnleashedEmulator) -> None:
    """A second order with a number is refused, also in other letters; settings allow it."""
    shop(company)
    done(company, PATH, order())
    second = f"/SalesOrders/{OTHER}"
    assert "already in use" in refusal(company, second, order(OTHER))
    assert "already in use" in refusal(company, second, order(OTHER, "web-88210"))
    setting(company, duplicate_order_number="allow")
    assert send(company, second, order(OTHER)).status == 201
    assert len(company.sales.orders.numbered("WEB-88210")) == 2


def test_number_of_a_deleted_order(company: UnleashedEmulator) -> None:
    """A deleted order keeps its number, or frees it."""
    shop(company)
    done(company, PATH, order())
    done(company, PATH, method="DELETE")
    second = f"/SalesOrders/{OTHER}"
    assert "already in use" in refusal(company, second, order(OTHER))
    setting(company, deleted_number_is_free=True)
    assert send(company, second, order(OTHER)).status == 201


def test_repeated_post_updates_or_is_refused(company: UnleashedEmulator, clock: Clock) -> None:
    """A second post of a guid undoes what staff edited and reserves anew, or is refused."""
    tea = shop(company)
    done(company, PATH, order())
    company.sales.orders.edit(ORDER, fields={"Comments": "call first"})
    clock.pass_by(minutes=1)
    row = done(company, PATH, order())
    assert (row["Comments"], stock(company, tea)) == (None, (10, 2))
    assert row["LastModifiedOn"] != row["CreatedOn"]
    setting(company, repeated_order="refuse")
    assert "already" in refusal(company, PATH, order())


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_closed_orders_do_not_change(company: UnleashedEmulator, method: str) -> None:
    """Completed and deleted orders refuse another post, whatever the setting."""
    shop(company)
    for guid, end in ((ORDER, "Complete"), (OTHER, "")):
        done(company, f"/SalesOrders/{guid}", order(guid, f"WEB-{guid[0]}"))
        done(company, f"/SalesOrders/{guid}/{end}".rstrip("/"), method="POST" if end else "DELETE")
        told = refusal(company, f"/SalesOrders/{guid}", order(guid, f"WEB-{guid[0]}"), method=method)
        assert "cannot be changed" in told


def test_put_changes_and_needs_an_order(company: UnleashedEmulator) -> None:
    """PUT changes an open order and is 404 for an unknown one."""
    tea = shop(company)
    assert send(company, PATH, order(), method="PUT").status == 404
    done(company, PATH, order())
    row = done(company, PATH, of_one(1, 9.5, 9.5, 1.43), method="PUT")
    assert (len(row["SalesOrderLines"]), stock(company, tea)) == (1, (10, 1))


def test_lost_answer_after_the_commit(company: UnleashedEmulator) -> None:
    """An order whose answer got lost is there, and is billed."""
    shop(company)
    company.faults.add("lose", match=lambda request: request.method == "POST")
    with pytest.raises(AnswerLost):
        send(company, PATH, order())
    assert read(company, PATH)["OrderNumber"] == "WEB-88210"
    assert [call.status for call in company.calls] == [201, 200]


def test_order_is_seen_late(company: UnleashedEmulator, clock: Clock) -> None:
    """A new order may answer 404 and be in no list for a while, though its number is taken."""
    shop(company)
    setting(company, seen_after=timedelta(seconds=20))
    done(company, PATH, order())
    assert (ask(company, PATH).status, listed(company, "sourceId=shop:88210")) == (404, [])
    assert "already in use" in refusal(company, f"/SalesOrders/{OTHER}", order(OTHER))
    clock.pass_by(seconds=20)
    assert (ask(company, PATH).status, listed(company, "sourceId=shop:88210")) == (200, ["WEB-88210"])


# Stock


@pytest.mark.parametrize(("parked_allocates", "reserved"), [(True, 2), (False, 0)])
def test_parked_orders_may_reserve(company: UnleashedEmulator, parked_allocates: bool, reserved: int) -> None:
    """Placed orders reserve stock; parked ones do by the recordings and do not by a connector."""
    tea = shop(company)
    setting(company, parked_allocates=parked_allocates)
    done(company, PATH, order())
    assert stock(company, tea) == (10, reserved)
    done(company, PATH, order(OrderStatus="Placed"))
    assert stock(company, tea) == (10, 2)


@pytest.mark.parametrize(("honoured", "reserved"), [(True, 0), (False, 2)])
def test_allocate_flag(company: UnleashedEmulator, honoured: bool, reserved: int) -> None:
    """AllocateProduct false keeps an order from reserving, if it is honoured."""
    tea = shop(company)
    setting(company, allocate_flag=honoured)
    done(company, PATH, order(AllocateProduct=False))
    assert stock(company, tea) == (10, reserved)


def test_stock_is_stamped_and_the_product_is_not(company: UnleashedEmulator, clock: Clock) -> None:
    """An order bumps the stock row of its products and leaves the products' own stamps alone."""
    tea = shop(company)
    before = read(company, f"/Products/{tea}")["LastModifiedOn"]
    clock.pass_by(hours=1)
    done(company, PATH, order())
    assert read(company, f"/StockOnHand/{tea}")["LastModifiedOn"] != before
    assert read(company, f"/Products/{tea}")["LastModifiedOn"] == before


def test_recount_leaves_what_is_reserved(company: UnleashedEmulator) -> None:
    """A person who counts the shelf changes what is there, not what was promised."""
    tea = shop(company)
    done(company, PATH, order())
    company.sales.orders.recount(tea, "W1", 7)
    assert stock(company, tea) == (7, 2)


def test_completing_takes_stock_and_makes_an_invoice(company: UnleashedEmulator, clock: Clock) -> None:
    """Completing gives the reservation up, lowers what is there, and makes an invoice of the same figures."""
    tea = shop(company)
    done(company, PATH, order())
    clock.pass_by(minutes=5)
    row = done(company, f"{PATH}/Complete")
    assert (row["OrderStatus"], row["CompletedDate"]) == ("Completed", "/Date(1795262700000)/")
    assert stock(company, tea) == (8, 0)
    (invoice,) = read(company, "/Invoices", "orderNumber=WEB-88210")["Items"]
    assert (invoice["InvoiceNumber"], invoice["Total"], len(invoice["InvoiceLines"])) == (
        "SI-00000001",
        27.6,
        2,
    )
    assert read(company, f"/Invoices/{invoice['Guid']}") == invoice
    assert "cannot be changed" in refusal(company, f"{PATH}/Complete")
    assert send(company, f"/SalesOrders/{OTHER}/Complete").status == 404


def test_order_posted_as_completed(company: UnleashedEmulator) -> None:
    """An order may be posted as completed, or has to be completed by its own call."""
    tea = shop(company)
    setting(company, post_completed=False)
    assert "by its own call" in refusal(company, PATH, order(OrderStatus="Completed"))
    setting(company, post_completed=True)
    assert done(company, PATH, order(OrderStatus="Completed"))["OrderStatus"] == "Completed"
    assert stock(company, tea) == (8, 0)
    assert len(read(company, "/Invoices")["Items"]) == 1


def test_complete_may_answer_nothing(company: UnleashedEmulator) -> None:
    """The body of the answer to Complete may be empty."""
    shop(company)
    setting(company, complete_answer="empty")
    done(company, PATH, order())
    assert send(company, f"{PATH}/Complete").body() == b""
    assert read(company, PATH)["OrderStatus"] == "Completed"


@pytest.mark.parametrize("kind", ["serialized", "batch_tracked"])
def test_tracked_products_are_not_completed(company: UnleashedEmulator, kind: str) -> None:
    """An order with serial- or batch-tracked products is taken but cannot be completed through the API."""
    tea = shop(company)
    company.books.change_product(tea, **{kind: True})  # type: ignore[arg-type]
    done(company, PATH, order())
    assert "Assign serial or batch numbers to TEA-100" in refusal(company, f"{PATH}/Complete")
    assert stock(company, tea) == (10, 2)
    assert "Assign" in refusal(company, f"/SalesOrders/{OTHER}", order(OTHER, "X", OrderStatus="Completed"))


def test_completing_more_than_is_there(company: UnleashedEmulator) -> None:
    """An order for more than is there drives stock below zero, or is refused; freight never matters."""
    tea = shop(company)
    company.sales.orders.recount(tea, "W1", 1)
    done(company, PATH, order())
    setting(company, complete_short=False)
    assert "not enough stock of TEA-100" in refusal(company, f"{PATH}/Complete")
    setting(company, complete_short=True)
    done(company, f"{PATH}/Complete")
    assert stock(company, tea) == (-1, 0)


def test_deleting_gives_stock_back_and_hides(company: UnleashedEmulator) -> None:
    """A deleted order releases its stock, leaves every list, and stays or goes for who asks by guid."""
    tea = shop(company)
    done(company, PATH, order())
    done(company, PATH, method="DELETE")
    assert stock(company, tea) == (10, 0)
    assert listed(company) == listed(company, "orderNumber=WEB-88210") == []
    assert listed(company, "sourceId=shop:88210&orderStatus=Deleted") == []
    assert listed(company, "orderStatus=Deleted") == ["WEB-88210"]
    assert read(company, PATH)["OrderStatus"] == "Deleted"
    setting(company, deleted_order="missing", source_id_shows_deleted=True)
    assert ask(company, PATH).status == 404
    assert listed(company, "sourceId=shop:88210") == ["WEB-88210"]
    assert send(company, f"/SalesOrders/{OTHER}", method="DELETE").status == 404


# Lists


def test_order_number_prefix_trap(company: UnleashedEmulator) -> None:
    """490118 also returns 4901180, unless the filter is exact as documented."""
    shop(company)
    done(company, PATH, order(number="490118"))
    done(company, f"/SalesOrders/{OTHER}", order(OTHER, "4901180"))
    assert sorted(listed(company, "orderNumber=490118")) == ["490118", "4901180"]
    setting(company, order_number_filter="exact")
    assert listed(company, "orderNumber=490118") == ["490118"]


def test_source_id_overrides_all_other_filters(company: UnleashedEmulator) -> None:
    """sourceId makes the other filters void, and matches the whole or the start."""
    shop(company)
    done(company, PATH, order())
    done(company, f"/SalesOrders/{OTHER}", order(OTHER, "B", SourceId="shop:882100"))
    query = "sourceId=shop:88210&orderNumber=nothing&modifiedSince=2030-01-01"
    assert listed(company, query) == ["WEB-88210"]
    setting(company, source_id_filter="prefix")
    assert sorted(listed(company, query)) == ["B", "WEB-88210"]


def test_filters_of_orders(company: UnleashedEmulator) -> None:
    """Status, customer, warehouse and order date filter; what is not emulated says so."""
    shop(company)
    company.sales.customers.add("WEB-12")
    done(company, PATH, order())
    done(company, f"/SalesOrders/{OTHER}", order(OTHER, "B", OrderStatus="Placed", CustomOrderStatus="Gift"))
    assert listed(company, "orderStatus=placed,Backordered") == ["B"]
    assert listed(company, "orderStatus=Parked&customOrderStatus=Gift") == ["B"]
    assert len(listed(company, "customerCode=WEB-1&warehouseCode=W1")) == 2
    assert listed(company, "customerCode=WEB-12") == listed(company, "warehouseCode=W2") == []
    assert len(listed(company, f"customerId={JANE},{NOWHERE}")) == 2
    assert len(listed(company, "startDate=2026-01-15&endDate=2026-01-15")) == 2
    assert listed(company, "startDate=2026-01-16") == listed(company, "endDate=2026-01-14") == []
    for query, status in (("customerId=jane", 400), ("startDate=soon", 400), ("serialBatch=1", 501)):
        assert ask(company, "/SalesOrders", query).status == status


def test_latest_change_comes_first(company: UnleashedEmulator, clock: Clock) -> None:
    """Orders come latest change first, so an edit moves an order to the front, and the feed has it."""
    shop(company)
    done(company, PATH, order())
    clock.pass_by(hours=1)
    done(company, f"/SalesOrders/{OTHER}", order(OTHER, "B"))
    assert listed(company) == ["B", "WEB-88210"]
    clock.pass_by(hours=1)
    company.sales.orders.edit(ORDER, status="Placed")
    assert listed(company) == ["WEB-88210", "B"]
    since = START + timedelta(minutes=90)
    assert listed(company, f"modifiedSince={since:%Y-%m-%dT%H:%M:%S}") == ["WEB-88210"]
    assert len(read(company, "/SalesOrders/2", "pageSize=1")["Items"]) == 1


def test_invoices_are_only_read(company: UnleashedEmulator) -> None:
    """Invoices are listed by number, order, customer and status, and cannot be posted."""
    shop(company)
    done(company, PATH, order(OrderStatus="Completed"))

    def found(query: str) -> int:
        return len(read(company, "/Invoices", query)["Items"])

    assert [found(f"invoiceNumber={number}&orderNumber=x") for number in ("SI-00000001", "SI-0")] == [1, 0]
    assert [found(f"customerCode={code}") for code in ("WEB-1", "WEB")] == [1, 0]
    assert [found(f"invoiceStatus={status}") for status in ("Completed", "Parked")] == [1, 0]
    assert [found(f"startDate={day}") for day in ("2026-11-21", "2026-11-22")] == [1, 0]
    assert send(company, f"/Invoices/{OTHER}", {}).status == 405


def test_poisoned_order_row(company: UnleashedEmulator) -> None:
    """A list may lie about an order while the order itself is as it was."""
    shop(company)
    done(company, PATH, order())
    company.mischief.poison("SalesOrders", ORDER, "null")
    assert read(company, "/SalesOrders")["Items"] == [None]
    assert read(company, PATH)["OrderNumber"] == "WEB-88210"


def test_refused_order_costs_a_call(company: UnleashedEmulator) -> None:
    """A refused post is written down as a call of its resource."""
    shop(company)
    answer = send(company, PATH, {})
    assert json.loads(answer.body())["Description"]
    assert (company.count("SalesOrders"), company.calls[-1].method) == (1, "POST")

"""Post sales orders to Unleashed, once each, and find out what it has of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from syncd.core.sale import Sale, SaleFound, SaleLine
from syncd.unleashed import fields
from syncd.unleashed.auth import Pairs
from syncd.unleashed.client import FilterIgnored, Unleashed
from syncd.unleashed.outgoing import addressee, filled, json_bytes, named, street_fields
from syncd.unleashed.paging import Resource, RowPage, read_pages, read_single, since_filter
from syncd.unleashed.wire import Reader, Row, Undecodable, parse, parse_loose

PATH = "/SalesOrders"
DELETED: Pairs = (("orderStatus", "Deleted"),)
"""Deleted orders are in no list unless asked for by this, and then alone (the reference, 7.2)."""


class SaleRow(Row):
    """A sales order as the SalesOrders page of the documentation names its fields."""

    order_number: object = None
    order_status: object = None
    source_id: object = None
    sub_total: object = None
    tax_total: object = None
    total: object = None
    sales_order_lines: object = None
    customer: object = None
    completed_date: object = None
    last_modified_on: object = None

    def label(self) -> object:
        return self.order_number


def _sale(row: SaleRow) -> SaleFound:
    customer_guid, customer_code = thin_customer(row.customer)
    return SaleFound(
        guid=fields.guid(row.guid, "Guid"),
        order_number=fields.text(row.order_number, "OrderNumber"),
        status=fields.filled_text(row.order_status, "OrderStatus").strip(),
        source_id=fields.text(row.source_id, "SourceId"),
        sub_total=fields.quantity(row.sub_total, "SubTotal"),
        tax_total=fields.quantity(row.tax_total, "TaxTotal"),
        total=fields.quantity(row.total, "Total"),
        lines=len(row.sales_order_lines) if isinstance(row.sales_order_lines, list) else None,
        customer_guid=customer_guid,
        customer_code=customer_code,
        modified=fields.moment(row.last_modified_on),
        completed=fields.moment(row.completed_date),
    )


def thin_customer(customer: object) -> tuple[str, str]:
    """Return guid and code of the customer that an order carries, "" for what it lacks (6.4)."""
    if not isinstance(customer, dict):
        return "", ""
    code = fields.text(customer.get("CustomerCode"), "Customer.CustomerCode")
    return fields.known_guid(customer.get("Guid")) or "", code


SALES = Resource(PATH, Reader(SaleRow, _sale, "sales order"))


def payload(sale: Sale) -> bytes:
    """Return the order as it is posted (documents: SalesOrders): to be stored first, and sent as it is.

    Nothing in it depends on the time or the machine. Numbers are numbers; `OrderDate` is a day; blank fields
    are left out. Raises ValueError for an amount or a text that JSON cannot hold.
    """
    return json_bytes(
        {
            "Guid": fields.guid(sale.guid, "guid"),
            "OrderNumber": sale.order_number,
            "OrderStatus": sale.status,
            **filled(SourceId=sale.source_id, CustomerRef=sale.customer_ref),
            "OrderDate": f"{sale.order_date.isoformat()}T00:00:00",
            "Customer": named(sale.customer_guid, "CustomerCode", sale.customer_code),
            **filled(Warehouse=filled(WarehouseCode=sale.warehouse)),
            **filled(Currency=filled(CurrencyCode=sale.currency), ExchangeRate=sale.exchange_rate),
            "Tax": {"TaxCode": sale.tax_code},
            "TaxRate": sale.tax_rate,
            **filled(Comments=sale.comments, DeliveryInstruction=sale.delivery_instruction),
            **filled(DeliveryName=addressee(sale.delivery)),
            **street_fields(sale.delivery, "Delivery", "PostCode"),
            "SalesOrderLines": [_line(line) for line in sale.lines],
            "SubTotal": sale.sub_total,
            "TaxTotal": sale.tax_total,
            "Total": sale.total,
        }
    )


def _line(line: SaleLine) -> dict[str, object]:
    return {
        "Guid": fields.guid(line.guid, "guid"),
        "LineNumber": line.number,
        "Product": named(line.product_guid, "ProductCode", line.code),
        "OrderQuantity": line.quantity,
        "UnitPrice": line.unit_price,
        "DiscountRate": line.discount_rate,
        "LineTotal": line.line_total,
        "LineTax": line.line_tax,
        "LineTaxCode": line.tax_code,
        "TaxRate": line.tax_rate,
        **filled(Comments=line.comments),
    }


def post_sale(client: Unleashed, body: bytes) -> SaleFound:
    """Send a payload once, to the guid in it, and return what Unleashed says it has stored: 1 call.

    A POST to the guid of an order that is there may overwrite it, so the caller has looked first (the
    reference, 7.5). The totals in the answer may differ from those sent (7.4): the caller compares. Raises
    RequestRefused for a refusal; OutcomeUnknown if the answer was lost, cannot be read, or is about another
    order: look, then decide; ValueError for a payload without guid; and what `Unleashed.post` raises.
    """
    guid = _guid_in(body)
    path = f"{PATH}/{guid}"
    return _answered(client, path, client.post(path, body), guid)


def complete_sale(client: Unleashed, guid: str) -> SaleFound | None:
    """Complete an order, which takes the stock and makes the invoice: 1 call.

    Returns the order if the answer holds it, None if it is empty or about something else, which is not
    documented: whoever must know looks. Raises as `post_sale` does; an order that is completed already,
    and one with serial- or batch-tracked products, is refused.
    """
    wanted = fields.guid(guid, "guid")
    answer = client.post(f"{PATH}/{wanted}/Complete", b"{}")
    found = _readable(answer)
    return found[0] if len(found) == 1 and found[0].guid == wanted else None


def sale_by_guid(client: Unleashed, guid: str) -> SaleFound | None:
    """Return one order, or None if Unleashed says that there is none (404), for one call.

    A deleted one has the status Deleted, or is None: which is not documented. A new one can be None for a
    moment (7.5). Raises BadAnswer if the answer cannot be read or is about another order.
    """
    wanted = fields.guid(guid, "guid")
    path = f"{PATH}/{wanted}"
    found = read_single(client, path, SALES.reader)
    if any(sale.guid != wanted for sale in found) or len(found) > 1:
        raise client.bad(path, "is about another order")
    return found[0] if found else None


def sales_by_source_id(client: Unleashed, source_id: str) -> list[SaleFound]:
    """Return the orders with exactly this SourceId; this filter overrides all others (7.2).

    Deleted ones may be missing. Raises FilterIgnored if orders come that do not even begin with it, BadAnswer
    if one of them cannot be read, and what `paging.read_pages` raises.
    """
    return _exactly(client, ("sourceId", source_id), (), lambda sale: sale.source_id)


def sales_by_number(client: Unleashed, number: str, *, deleted: bool = False) -> list[SaleFound]:
    """Return the orders with exactly this number, or the deleted ones among them instead.

    The filter may match beginnings: 490118 also finds 4901180, which is left out (7.2). Raises as
    `sales_by_source_id` does.
    """
    return _exactly(
        client, ("orderNumber", number), DELETED if deleted else (), lambda sale: sale.order_number
    )


def changed_sales(
    client: Unleashed, since: datetime | None, *, deleted: bool = False
) -> Iterator[RowPage[SaleFound]]:
    """Yield page after page of the orders created or changed since then, or of the deleted ones among them.

    `since` is aware; None reads all. The latest change comes first, so a row that changes meanwhile moves to
    the front (2.5, 2.6). Raises what `paging.read_pages` raises. Filters: SalesOrders, 7.2.
    """
    return read_pages(client, SALES, [*(DELETED if deleted else ()), *since_filter(since)])


def _exactly(
    client: Unleashed, asked: tuple[str, str], more: Pairs, of: Callable[[SaleFound], str]
) -> list[SaleFound]:
    name, wanted = asked
    found: dict[str, SaleFound] = {}
    for page in read_pages(client, SALES, [asked, *more]) if wanted.strip() else ():
        if page.poison:
            raise client.bad(PATH, f"cannot be used. {page.poison[0].reason.rstrip('.')}")
        if not all(of(sale).casefold().startswith(wanted.casefold()) for sale in page.rows):
            raise FilterIgnored(
                f"{client.who} ignores the filter {name} of {PATH}: it answered with other orders.",
                who=client.who,
                status=200,
            )
        found.update((sale.guid, sale) for sale in page.rows if of(sale) == wanted)
    return list(found.values())


def _guid_in(body: bytes) -> str:
    try:
        values = parse(body)
    except Undecodable as error:
        raise ValueError("the payload is not JSON") from error
    return fields.guid(values.get("Guid") if isinstance(values, dict) else None, "Guid")


def _readable(body: bytes) -> Sequence[SaleFound]:
    try:
        return SALES.reader.read(parse_loose(body)).rows
    except Undecodable:
        return ()


def _answered(client: Unleashed, path: str, body: bytes, guid: str) -> SaleFound:
    found = _readable(body)
    if len(found) != 1 or found[0].guid != guid:
        raise client.in_doubt(path, "does not show this order")
    return found[0]

"""What a client would post to the emulated Unleashed, written by hand, and the calls that post it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from syncd.emulator.unleashed import UnleashedEmulator
from syncd.emulator.wire import Response
from tests.emulator.unleashed_caller import read, request

ORDER = "5e8d7a34-52c1-5b7e-8f0e-0a1b2c3d4e5f"
OTHER = "6e8d7a34-52c1-5b7e-8f0e-0a1b2c3d4e5f"
JANE = "c2c70000-0000-5000-8000-000000000001"
CREDIT = "d1000000-0000-5000-8000-000000000001"


def send(company: UnleashedEmulator, path: str, value: object = None, *, method: str = "POST") -> Response:
    """Send a JSON value; text goes as it is."""
    body = value if isinstance(value, str) else json.dumps({} if value is None else value)
    return company.handle(replace(request(path, method=method), body=body.encode()))


def done(company: UnleashedEmulator, path: str, value: object = None, *, method: str = "POST") -> Any:
    """Return the parsed answer of a call that must succeed."""
    answer = send(company, path, value, method=method)
    assert answer.status in (200, 201), answer.body()
    return json.loads(answer.body())


def refusal(company: UnleashedEmulator, path: str, value: object = None, *, method: str = "POST") -> str:
    """Return what a call that must be refused with 400 is told."""
    answer = send(company, path, value, method=method)
    assert answer.status == 400, (answer.status, answer.body())
    return str(json.loads(answer.body())["Description"])


def shop(company: UnleashedEmulator) -> str:
    """Add customer WEB-1, tea with 10 in W1, and freight that never diminishes; return the guid of tea."""
    company.sales.customers.add("WEB-1", "Jane Doe", "jane@example.test", guid=JANE)
    tea = company.books.add_product("TEA-100", "Green tea", "9.50")
    company.books.set_stock(tea, "W1", 10)
    company.books.add_product("FREIGHT", "Freight", "5.00", never_diminishing=True)
    return tea


def order(guid: str = ORDER, number: str = "WEB-88210", **fields: object) -> dict[str, object]:
    """Return the order of the reference, 7.3; keywords replace its fields, None leaves one out."""
    body: dict[str, object] = {
        "Guid": guid,
        "OrderNumber": number,
        "OrderStatus": "Parked",
        "SourceId": "shop:88210",
        "OrderDate": "2026-01-15T00:00:00",
        "Customer": {"CustomerCode": "WEB-1"},
        "Warehouse": {"WarehouseCode": "W1"},
        "Currency": {"CurrencyCode": "NZD"},
        "ExchangeRate": 1,
        "Tax": {"TaxCode": "GST"},
        "TaxRate": 0.15,
        "SalesOrderLines": [line(1, "TEA-100", 2, 9.5, 19.0, 2.85), line(2, "FREIGHT", 1, 5.0, 5.0, 0.75)],
        "SubTotal": 24.0,
        "TaxTotal": 3.6,
        "Total": 27.6,
        **fields,
    }
    return {name: value for name, value in body.items() if value is not None}


def line(
    number: int, code: str, quantity: float, price: float, total: float, tax: float, **fields: object
) -> dict[str, object]:
    """Return a line taxed with GST."""
    return {
        "LineNumber": number,
        "Product": {"ProductCode": code},
        "OrderQuantity": quantity,
        "UnitPrice": price,
        "LineTotal": total,
        "LineTax": tax,
        "LineTaxCode": "GST",
        **fields,
    }


def of_one(quantity: float, price: float, total: float, tax: float, **fields: object) -> dict[str, object]:
    """Return an order of one line of tea whose totals are the line's."""
    lines = [line(1, "TEA-100", quantity, price, total, tax)]
    sums = {"SubTotal": total, "TaxTotal": tax, "Total": round(total + tax, 2)}
    return order(**{"SalesOrderLines": lines, **sums, **fields})  # type: ignore[arg-type]


def stock(company: UnleashedEmulator, guid: str, warehouse: str = "W1") -> tuple[float, float]:
    """Return what StockOnHand says is on hand and allocated in a warehouse."""
    row = read(company, "/StockOnHand", f"productId={guid}&warehouseCode={warehouse}")["Items"][0]
    return row["QtyOnHand"], row["AllocatedQty"]

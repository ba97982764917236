"""Which path and method of the REST API goes to which endpoint, and how a request is read for it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from syncd.emulator.wire import Request
from syncd.emulator.woocommerce_auth import php_query
from syncd.emulator.woocommerce_batch import batch
from syncd.emulator.woocommerce_customers import Customers
from syncd.emulator.woocommerce_orders import Orders
from syncd.emulator.woocommerce_orders_list import OrderFinder
from syncd.emulator.woocommerce_products import Products, no_route
from syncd.emulator.woocommerce_query import Finder
from syncd.emulator.woocommerce_refunds import Refunds
from syncd.emulator.woocommerce_shop import Answer, Ask, Refused, Shop
from syncd.emulator.woocommerce_site import Site

Handler = Callable[[Ask], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One path of the API with what answers its methods. `(\\d+)` are ids, `([\\w-]+)` names."""

    path: str
    methods: Mapping[str, Handler]

    def match(self, path: str) -> re.Match[str] | None:
        return re.fullmatch(self.path, path)


def routes(shop: Shop) -> list[Route]:
    """Return the whole API of a shop. A further kind of record is added as a further list here."""
    found = [*_product_routes(shop), *_variation_routes(shop), *_order_routes(shop), *_customer_routes(shop)]
    site = Site(shop)
    about = [
        Route("/wc/v3/settings/([\\w-]+)", {"GET": site.list_settings}),
        Route("/wc/v3/settings/([\\w-]+)/([\\w-]+)", {"GET": site.read_setting}),
        Route("/wc/v3/system_status", {"GET": site.system_status}),
        Route("/", {"GET": site.index}),
        Route("/wc/v3", {"GET": site.api_index}),
    ]
    site.routes = [(each.path, tuple(each.methods)) for each in (*found, *about)]
    return [*found, *about]


def _product_routes(shop: Shop) -> list[Route]:
    products = Products(shop, Finder(shop))
    one = {"GET": products.read_product, "DELETE": products.remove_product}
    return [
        Route("/wc/v3/products", {"GET": products.list_products, "POST": products.create_product}),
        Route("/wc/v3/products/batch", _edits(lambda ask: batch(shop, products, ask))),
        Route("/wc/v3/products/(\\d+)", {**one, **_edits(products.change_product)}),
    ]


def _variation_routes(shop: Shop) -> list[Route]:
    products = Products(shop, Finder(shop))
    parent = "/wc/v3/products/(\\d+)/variations"
    many = {"GET": products.list_variations, "POST": products.create_variation}
    one = {"GET": products.read_variation, "DELETE": products.remove_variation}
    return [
        Route(parent, many),
        Route(f"{parent}/batch", _edits(lambda ask: batch(shop, products, ask))),
        Route(f"{parent}/(\\d+)", {**one, **_edits(products.change_variation)}),
        Route("/wc/v3/variations", {"GET": products.list_all_variations}),
    ]


def _order_routes(shop: Shop) -> list[Route]:
    orders, refunds = Orders(shop, OrderFinder(shop)), Refunds(shop, OrderFinder(shop))
    one = "/wc/v3/orders/(\\d+)"
    whole = {"GET": orders.read_order, "DELETE": orders.remove_order, **_edits(orders.change_order)}
    return [
        Route("/wc/v3/orders", {"GET": orders.list_orders, "POST": orders.create_order}),
        Route(one, whole),
        Route(f"{one}/notes", {"GET": orders.list_notes, "POST": orders.create_note}),
        Route(f"{one}/refunds", {"GET": refunds.list_of_order, "POST": refunds.create}),
        Route(f"{one}/refunds/(\\d+)", {"GET": refunds.read}),
        Route("/wc/v3/refunds", {"GET": refunds.list_all}),
    ]


def _customer_routes(shop: Shop) -> list[Route]:
    customers = Customers(shop)
    return [
        Route("/wc/v3/customers", {"GET": customers.list_customers, "POST": customers.create_customer}),
        Route("/wc/v3/customers/(\\d+)", {"GET": customers.read_customer}),
    ]


def _edits(handler: Handler) -> dict[str, Handler]:
    return dict.fromkeys(("POST", "PUT", "PATCH"), handler)


def endpoint(request: Request, path: str, known: bool, table: list[Route]) -> tuple[Handler, Ask]:
    """Return what answers the request, and the request as that wants it.

    Raises Refused: 404 rest_no_route for an unknown path or method, 400 rest_invalid_json for a body
    that is none. A body that is not declared as JSON is not looked at.
    """
    for route in table:
        if (match := route.match(path)) and request.method in route.methods:
            groups = match.groups()
            ids = tuple(int(each) for each in groups if each.isdigit())
            names = tuple(each for each in groups if not each.isdigit())
            ask = Ask(request.method, path, ids, names, _params(request), _body(request), request, known)
            return route.methods[request.method], ask
    raise no_route()


def allowed(path: str, table: list[Route]) -> str:
    """Return the methods of a path for the Allow header, "" for an unknown path."""
    found = {method for route in table if route.match(path) for method in route.methods}
    return ", ".join(method for method in ("GET", "POST", "PUT", "PATCH", "DELETE") if method in found)


def route_path(request: Request, *, pretty: bool) -> str | None:
    """Return the path inside the API, None for what is not the API.

    `/index.php?rest_route=/…` always answers, `/wp-json/…` where permalinks are `pretty`.
    """
    by_query = php_query(request.pairs()).get("rest_route")
    if by_query and request.path in ("/", "/index.php"):
        return _tidy(by_query)
    if pretty and (request.path == "/wp-json" or request.path.startswith("/wp-json/")):
        return _tidy(request.path.removeprefix("/wp-json"))
    return None


def _tidy(path: str) -> str:
    return f"/{path.strip('/')}"


def _params(request: Request) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in php_query(request.pairs()).items():
        base, bracket, _ = name.partition("[")
        found[base] = f"{found[base]},{value}" if bracket and base in found else value
    return found


def _body(request: Request) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not request.body or not (kind == "application/json" or kind.endswith("+json")):
        return {}
    try:
        read = json.loads(request.body, parse_constant=_refuse)
    except ValueError:
        raise Refused(400, "rest_invalid_json", "Invalid JSON body passed.") from None
    return read if isinstance(read, dict) else {}


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)

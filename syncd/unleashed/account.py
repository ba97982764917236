"""Read what Unleashed says about the account itself, and prove that the credentials work."""

from __future__ import annotations

from itertools import islice

from syncd.core.model import AccountFacts, Warehouse
from syncd.unleashed import fields
from syncd.unleashed.client import Unleashed
from syncd.unleashed.paging import Resource, read_pages, read_single
from syncd.unleashed.wire import Reader, Row, Undecodable, parse_loose, parse_page

COMPANIES = "/Companies"
WAREHOUSES = "/Warehouses"
MAX_PAGES = 4


class CompanyRow(Row):
    """The account's own company; names from a connector's description (the reference, 9)."""

    company_name: object = None
    base_currency_code: object = None


class WarehouseRow(Row):
    """A warehouse as the Warehouses page of the documentation names its fields."""

    warehouse_code: object = None
    warehouse_name: object = None
    is_default: object = None
    obsolete: object = None


def _company(row: CompanyRow) -> tuple[str, str | None]:
    currency = fields.text(row.base_currency_code, "BaseCurrencyCode").strip()
    return fields.text(row.company_name, "CompanyName"), currency.upper() or None


def _warehouse(row: WarehouseRow) -> Warehouse | None:
    """Return the warehouse, or None if it has no code: nobody can configure it then."""
    code = fields.text(row.warehouse_code, "WarehouseCode").strip()
    if not code:
        return None
    return Warehouse(
        code=code,
        name=fields.text(row.warehouse_name, "WarehouseName"),
        obsolete=fields.flag(row.obsolete, "Obsolete", default=False),
        default=fields.flag(row.is_default, "IsDefault", default=False),
    )


_COMPANY = Reader(CompanyRow, _company, "company")
_WAREHOUSE = Reader(WarehouseRow, _warehouse, "warehouse")
_ALL = ("includeObsolete", "true")


def account_facts(client: Unleashed) -> AccountFacts:
    """Return company name, base currency and all warehouses, obsolete ones included, in 2 to 6 calls.

    Name and currency are "" and None if Unleashed has no `/Companies`. Raises AuthRejected when the
    credentials are refused, and whatever else `Unleashed.get` raises. Fields: the reference, 9.
    """
    companies = read_single(client, COMPANIES, _COMPANY)
    name, currency = companies[0] if companies else ("", None)
    return AccountFacts(name, currency, _warehouses(client))


def check_credentials(client: Unleashed) -> None:
    """Prove that Unleashed accepts the credentials, in one call, or two if it has no `/Companies`.

    The first has no query, so that nothing but id and key can make its signature wrong. Raises
    AuthRejected, and whatever else `Unleashed.get` raises.
    """
    if client.find(COMPANIES) is None:
        client.get(WAREHOUSES)


def _warehouses(client: Unleashed) -> tuple[Warehouse, ...]:
    body = client.get(WAREHOUSES, [_ALL, ("pageSize", str(client.page_size))])
    try:
        if _has_more(body):
            return _paged_warehouses(client)
        return _WAREHOUSE.read(parse_loose(body)).rows
    except Undecodable as error:
        raise client.bad(WAREHOUSES, str(error)) from error


def _has_more(body: bytes) -> bool:
    """Tell whether this is the first of several pages; lists as short as this one may come without paging."""
    try:
        return parse_page(body)[0].number_of_pages > 1
    except Undecodable:
        return False


def _paged_warehouses(client: Unleashed) -> tuple[Warehouse, ...]:
    found: list[Warehouse] = []
    for page in islice(read_pages(client, Resource(WAREHOUSES, _WAREHOUSE), [_ALL]), MAX_PAGES):
        found.extend(page.rows)
        if page.number >= page.pages:
            return tuple(found)
    raise client.bad(WAREHOUSES, f"goes on after {MAX_PAGES} pages")

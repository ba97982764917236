"""Read what Unleashed says about the account itself, and prove that the credentials work."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from typing import TypeVar

from syncd.core.model import AccountFacts, Warehouse
from syncd.core.tax_codes import TaxCode, as_fractions
from syncd.unleashed import fields
from syncd.unleashed.auth import Pairs
from syncd.unleashed.client import Unleashed
from syncd.unleashed.paging import Resource, read_pages, read_single
from syncd.unleashed.wire import Reader, Row, Undecodable, parse_loose, parse_page

COMPANIES = "/Companies"
WAREHOUSES = "/Warehouses"
TAXES = "/Taxes"
MAX_PAGES = 4

T = TypeVar("T")
R = TypeVar("R", bound=Row)


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


class TaxRow(Row):
    """A tax code; names as orders show them and the reference, 9, gives them."""

    tax_code: object = None
    tax_rate: object = None
    can_apply_to_revenue: object = None
    obsolete: object = None

    def label(self) -> object:
        return self.tax_code


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


def _tax_code(row: TaxRow) -> TaxCode | None:
    """Return the tax code, or None if it has no name: nobody can configure it then."""
    code = fields.text(row.tax_code, "TaxCode").strip()
    if not code:
        return None
    return TaxCode(
        code=code,
        rate=_rate(row.tax_rate),
        obsolete=fields.flag(row.obsolete, "Obsolete", default=False),
        for_sales=fields.flag(row.can_apply_to_revenue, "CanApplyToRevenue", default=True),
    )


def _rate(value: object) -> Decimal | None:
    try:
        return fields.number(value, "TaxRate")
    except fields.Unreadable:
        return None


_COMPANY = Reader(CompanyRow, _company, "company")
_WAREHOUSE = Resource(WAREHOUSES, Reader(WarehouseRow, _warehouse, "warehouse"))
_TAX_CODE = Resource(TAXES, Reader(TaxRow, _tax_code, "tax code"))
_OBSOLETE_TOO = ("includeObsolete", "true")


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


def tax_codes(client: Unleashed) -> tuple[TaxCode, ...]:
    """Return all tax codes, obsolete ones included, their rates as fractions, in 1 to 5 calls.

    Empty if Unleashed has no `/Taxes`. Raises what `Unleashed.find` raises. Fields: the reference, 9; that
    the list hides obsolete codes unless asked is UNVERIFIED, and does no harm either way.
    """
    body = client.find(TAXES, _all(client))
    return () if body is None else as_fractions(_short_list(client, _TAX_CODE, body))


def _warehouses(client: Unleashed) -> tuple[Warehouse, ...]:
    return _short_list(client, _WAREHOUSE, client.get(WAREHOUSES, _all(client)))


def _all(client: Unleashed) -> Pairs:
    return [_OBSOLETE_TOO, ("pageSize", str(client.page_size))]


def _short_list(client: Unleashed, resource: Resource[R, T], body: bytes) -> tuple[T, ...]:
    """Return the rows of an answer that holds the whole list, or of all pages if it is but the first."""
    try:
        if _has_more(body):
            return _paged(client, resource)
        return resource.reader.read(parse_loose(body)).rows
    except Undecodable as error:
        raise client.bad(resource.path, str(error)) from error


def _has_more(body: bytes) -> bool:
    """Tell whether this is the first of several pages; lists as short as this one may come without paging."""
    try:
        return parse_page(body)[0].number_of_pages > 1
    except Undecodable:
        return False


def _paged(client: Unleashed, resource: Resource[R, T]) -> tuple[T, ...]:
    found: list[T] = []
    for page in islice(read_pages(client, resource, [_OBSOLETE_TOO]), MAX_PAGES):
        found.extend(page.rows)
        if page.number >= page.pages:
            return tuple(found)
    raise client.bad(resource.path, f"goes on after {MAX_PAGES} pages")

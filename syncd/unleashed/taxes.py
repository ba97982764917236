"""Read Unleashed's tax codes, which every line of a sales order names."""

from __future__ import annotations

from dataclasses import replace

from syncd.core.sale import TaxCode
from syncd.unleashed import fields
from syncd.unleashed.account import TAXES, TaxRow
from syncd.unleashed.client import Unleashed
from syncd.unleashed.paging import Resource, read_single
from syncd.unleashed.wire import Reader


def _tax(row: TaxRow) -> TaxCode | None:
    """Return the tax code, or None if it has no name: nobody can configure it then."""
    code = fields.text(row.tax_code, "TaxCode").strip()
    if not code:
        return None
    return TaxCode(
        code=code,
        rate=fields.quantity(row.tax_rate, "TaxRate"),
        obsolete=fields.flag(row.obsolete, "Obsolete", default=False),
        guid=fields.known_guid(row.guid) or "",
        for_sales=fields.flag(row.can_apply_to_revenue, "CanApplyToRevenue", default=True),
    )


_TAX = Resource(TAXES, Reader(TaxRow, _tax, "tax code"))


def tax_codes(client: Unleashed) -> tuple[TaxCode, ...]:
    """Return all tax codes, obsolete ones included, in 1 call; none if Unleashed has no `/Taxes`.

    Rates are fractions (the reference, 7.3); where one is 1 or more, the account gives percents. Raises
    BadAnswer if a row cannot be read, and what `Unleashed.find` raises.
    """
    pairs = (("includeObsolete", "true"), ("pageSize", str(client.page_size)))
    found = read_single(client, TAXES, _TAX.reader, pairs)
    if not any(each.rate >= 1 for each in found):
        return tuple(found)
    return tuple(replace(each, rate=each.rate.scaleb(-2)) for each in found)

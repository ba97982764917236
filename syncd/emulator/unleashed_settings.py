"""What the emulated Unleashed does where the documents are silent or disagree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from syncd.emulator.quota import Tariff
from syncd.emulator.unleashed_orders_settings import SalesSettings


@dataclass(frozen=True, slots=True)
class Settings(SalesSettings):
    """One answer per open question; every default is what the evidence favours.

    Section numbers are those of the project's Unleashed reference, where each question is marked
    UNVERIFIED. Tests of the client run with both answers.
    """

    since_inclusive: bool = True
    """`modifiedSince` also matches a row stamped exactly then (3.3)."""

    since_time_honoured: bool = True
    """`modifiedSince` is compared to the second; False: cut back to the start of its day (3.3)."""

    since_shift_hours: int = 0
    """Hours by which the zone of `modifiedSince` is ahead of UTC; 13 reads it as New Zealand's (3.3)."""

    epoch_shift_hours: int = 0
    """Hours added to every date sent; -13 is what the 2014 recordings show (3.2)."""

    date_header_ahead: timedelta = timedelta(0)
    """How far the `Date` header runs ahead of the clock; 314 s in the 2014 recordings (3.2)."""

    never_moved_stock: Literal["missing", "zero"] = "missing"
    """`/StockOnHand/{guid}` of a product without any movement: 404, or a row of zeros (5.4)."""

    all_warehouses: Literal["envelope", "list"] = "envelope"
    """How `/StockOnHand/{guid}/AllWarehouses` wraps its rows (12, test 7)."""

    rows_in_every_warehouse: bool = False
    """A product that moved anywhere has a row, of zeros if need be, in every warehouse."""

    stock_of_obsolete: bool = True
    """StockOnHand lists obsolete products too; the documents know no `includeObsolete` there."""

    product_id_filter: Literal["honoured", "ignored", "misses_one"] = "honoured"
    """`misses_one` leaves out the last row whenever several guids are asked for (4.2)."""

    order_by_honoured: bool = True
    """`orderBy` and `sort` work; False: always in order of code (2.5)."""

    case_matters: bool = False
    """Text filters tell upper from lower case. `product` contains, the others match the start (11.27)."""

    page_size_cap: int = 1000
    page_size_above: Literal["clamp", "refuse"] = "clamp"
    """A `pageSize` above the cap is lowered to it, or answered with 400 (2.3)."""

    page_size_zero: Literal["count", "refuse"] = "count"
    """`pageSize=0` gives the envelope alone, or 400; documented for invoices only (2.2)."""

    small_lists_paged: bool = True
    """Companies and SellPriceTiers carry `Pagination`; False: `Items` alone (2.1)."""

    bad_key_status: Literal[401, 403] = 403
    """What an unknown id or a wrong signature gets, always with an empty body (1.4)."""

    signature_over: Literal["decoded", "encoded"] = "decoded"
    """The query as the signature is checked over it: percent-decoded or as sent (1.3)."""

    query_limit: int | None = 2048
    """Longest query in bytes; None: no limit (4.2)."""

    query_limit_status: Literal[404, 414] = 404
    """Status for a longer one: 404 is what IIS calls 404.15."""

    calls_per_month: int | None = None
    """Billed calls in a calendar month (UTC); None: no quota (10)."""

    quota_status: Literal[403, 429] = 403
    """What a call gets once the month is spent; 403 has an empty body, as a bad key has (1.4)."""

    calls_per_minute: int | None = None
    """More in one clock minute get 429; the documents name no such limit (10)."""

    retry_after: int | None = None
    """Seconds in the `Retry-After` header of a 429; None: no such header."""

    tariff: Tariff | None = None
    """A turnstile before the quotas above, with headers; None: no such thing. The vendor names none (10)."""

    failed_calls_count: bool = True
    """Answers of 400 and above are billed; the vendor says both (10)."""

    code_limit: int | None = 100
    """Longest product code in characters; None: no bound (4.3)."""

    companies: bool = True
    """`/Companies` exists; False: 404 (9)."""

    sell_price_tiers: bool = True
    """`/SellPriceTiers` exists; False: 404 (9)."""

    taxes: bool = True
    """`/Taxes` exists; False: 404 (9)."""

    obsolete_taxes: Literal["asked_for", "always"] = "asked_for"
    """`/Taxes` lists obsolete codes with `includeObsolete=true` only, or in any case (9)."""

    tax_rates: Literal["fraction", "percent"] = "fraction"
    """How `/Taxes` writes 15 %: 0.15, or 15 as an account that stores percents would (7.3)."""

    compress: bool = False
    """Bodies come as gzip to who accepts it."""

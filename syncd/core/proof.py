"""When a read may be called complete, and when having no row may be taken for having no stock."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def incomplete(totals: Sequence[int], distinct: int, *, full: bool) -> str:
    """Return why a pass over a feed did not see every row, or "" if it proved that it did.

    `totals` are the numbers of items that the pages announced, in order; `distinct` how many different rows
    came. A full read must see exactly what was announced, unchanged from the first page to the last. A read
    of changes may grow while it runs (what is new then comes again in the next pass), but never shrink:
    a row that leaves moves the rows behind it one place forward, past the page that is being read.
    """
    if not totals:
        return "no page came"
    for earlier, later in pairwise(totals):
        if full and later != earlier:
            return f"the number of rows changed from {earlier:,} to {later:,} while they were read"
        if later < earlier:
            return f"the number of rows fell from {earlier:,} to {later:,} while they were read"
    if full and distinct != totals[-1]:
        return f"{totals[-1]:,} rows were announced, {distinct:,} different ones came"
    if distinct < totals[0]:
        return f"{totals[0]:,} rows were announced, only {distinct:,} different ones came"
    return ""


def absence_means_zero(products: int, with_stock: int) -> bool:
    """Tell whether a product without a stock row may be taken as having none, after a complete full read.

    Unleashed leaves out products that never moved. But a stock list that covers fewer than half of the
    products that are not obsolete looks like the wrong warehouse or a shrunken answer: then each missing
    product is asked for by its guid before its stock counts as zero.
    """
    return with_stock > 0 and with_stock * 2 >= products

"""Tax codes are read in one call, with rates as fractions whichever way the account gives them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from syncd.emulator.wire import Response
from syncd.errors import BadAnswer
from syncd.unleashed.taxes import tax_codes
from tests.unleashed.unleashed_world import Canned, client_of


def _answer(*rows: str, status: int = 200) -> Response:
    body = '{"Items": [' + ", ".join(rows) + "]}"
    return Response(status, {"content-type": "application/json"}, [body.encode()])


GST = '{"Guid": "6a1f2c3d-0000-4000-8000-000000000001", "TaxCode": "GST", "TaxRate": 0.15, "Obsolete": false}'
OLD = '{"TaxCode": "OLD", "TaxRate": 0.125, "Obsolete": true}'
BUYING = '{"TaxCode": "BUY", "TaxRate": 0.15, "CanApplyToRevenue": false}'


def test_codes_are_read_with_their_rates() -> None:
    """Obsolete ones and those for purchases are there, marked; one without a name is left out."""
    server = Canned(_answer(GST, OLD, BUYING, '{"TaxRate": 0.15}'))
    found = {each.code: each for each in tax_codes(client_of(server))}
    assert set(found) == {"GST", "OLD", "BUY"}
    assert (found["GST"].rate, found["GST"].obsolete, found["GST"].for_sales) == (
        Decimal("0.15"),
        False,
        True,
    )
    assert found["OLD"].obsolete
    assert not found["BUY"].for_sales
    assert len(server.asked) == 1


def test_percents_become_fractions() -> None:
    """Where a rate is 1 or more the account gives percents, and then all of them are."""
    rows = ('{"TaxCode": "A", "TaxRate": 15}', '{"TaxCode": "B", "TaxRate": 0}')
    found = tax_codes(client_of(Canned(_answer(*rows))))
    assert [each.rate for each in found] == [Decimal("0.15"), Decimal(0)]


def test_an_account_without_the_list_has_none() -> None:
    """A 404 is no error: orders then say which tax code they need."""
    assert tax_codes(client_of(Canned(_answer(status=404)))) == ()


def test_a_rate_that_cannot_be_read_is_told() -> None:
    """A code with a broken rate is not guessed at."""
    with pytest.raises(BadAnswer):
        tax_codes(client_of(Canned(_answer('{"TaxCode": "A", "TaxRate": "a lot"}'))))

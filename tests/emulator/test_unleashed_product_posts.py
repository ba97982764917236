"""Products are created through the emulated API, and overwritten with blanks as by the vendor."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.emulator.unleashed import UnleashedEmulator
from tests.emulator.unleashed_caller import NOWHERE, Clock, ask, read, setting
from tests.emulator.unleashed_clerk import done, refusal, send

GUID = "0b7f0c52-6f0e-4f0a-9d3b-2a5f7a1c9e01"
PATH = f"/Products/{GUID}"


def tea(**fields: object) -> dict[str, object]:
    return {"Guid": GUID, "ProductCode": "TEA-100", "ProductDescription": "Green tea", **fields}


def test_product_is_created(company: UnleashedEmulator) -> None:
    """Code and name are enough; what else is sent is stored, and 201 shows it."""
    row = done(company, PATH, tea(DefaultSellPrice=9.5, TaxableSales=False, SellPriceTier1={"Value": "9.00"}))
    assert (row["Guid"], row["DefaultSellPrice"], row["TaxableSales"]) == (GUID, 9.5, False)
    assert (row["SellPriceTier1"]["Value"], row["IsSellable"]) == ("9.00", True)
    assert read(company, PATH) == row
    assert send(company, "/Products", {"ProductCode": "B", "ProductDescription": "b"}).status == 201


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"ProductDescription": "x"}, "ProductCode is required"),
        ({"ProductCode": "x"}, "ProductDescription is required"),
        (tea(ProductCode="x" * 101), "ProductCode is longer than 100"),
        (tea(ProductDescription="x" * 501), "ProductDescription is longer than 500"),
        (tea(DefaultSellPrice="9.50"), "DefaultSellPrice is not a number"),
        (tea(IsSellable=1), "IsSellable is neither true nor false"),
        (tea(ProductGroup="Tea"), "ProductGroup is not an object"),
        (tea(Guid=NOWHERE), "is not that of the address"),
    ],
)
def test_products_that_are_refused(company: UnleashedEmulator, body: object, told: str) -> None:
    """What the vendor takes no product with is refused, and nothing is stored."""
    assert told in refusal(company, PATH, body)
    assert list(company.books.products()) == []
    assert send(company, PATH, tea(Price=1)).status == 501


def test_code_of_a_product_is_taken_once(company: UnleashedEmulator) -> None:
    """A second product with a code is refused, obsolete ones count, and case may count."""
    company.books.add_product("TEA-100", obsolete=True)
    assert "already in use" in refusal(company, PATH, tea())
    assert "already in use" in refusal(company, PATH, tea(ProductCode="tea-100"))
    setting(company, same_code="exact")
    assert send(company, PATH, tea(ProductCode="tea-100")).status == 201


@pytest.mark.parametrize("upsert", ["blanks", "keeps"])
def test_second_post_blanks_what_it_leaves_out(company: UnleashedEmulator, clock: Clock, upsert: str) -> None:
    """A post to a known guid wipes price, tiers and the obsolete flag it does not repeat, unless kept."""
    setting(company, upsert=upsert)
    company.books.add_product("OLD", "Old", "9.50", guid=GUID, tiers={1: "9.00"}, barcode="123")
    clock.pass_by(hours=1)
    row = done(company, PATH, tea())
    kept = upsert == "keeps"
    assert (row["ProductCode"], row["DefaultSellPrice"]) == ("TEA-100", 9.5 if kept else None)
    assert (row["Barcode"], row["SellPriceTier1"]["Value"]) == (("123", "9.00") if kept else (None, None))
    assert row["LastModifiedOn"] == "/Date(1795266000000)/"


def test_new_product_may_be_seen_late(company: UnleashedEmulator, clock: Clock) -> None:
    """A created product may answer 404 for a while, though its code is taken at once."""
    setting(company, seen_after=timedelta(seconds=5))
    assert done(company, PATH, tea())["Guid"] == GUID
    assert ask(company, PATH).status == 404
    assert "already" in refusal(company, PATH, tea())
    assert "already in use" in refusal(company, f"/Products/{NOWHERE}", tea(Guid=NOWHERE))
    clock.pass_by(seconds=5)
    assert read(company, PATH)["ProductCode"] == "TEA-100"

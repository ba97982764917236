"""The emulated CreditNotes and SalesShipments answer under every name and habit they may have."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.emulator.unleashed import UnleashedEmulator
from tests.emulator.unleashed_caller import NOWHERE, START, Clock, ask, read, setting
from tests.emulator.unleashed_clerk import CREDIT, ORDER, done, order, refusal, send, shop, stock

CREATE = "/CreditNotes/FreeCredit"


def note(**fields: object) -> dict[str, object]:
    """Return a credit note over one tea; keywords replace its fields, None leaves one out."""
    body: dict[str, object] = {
        "Guid": CREDIT,
        "CreditNumber": "WEB-88210-R1",
        "Reference": "shop:refund:1",
        "CreditDate": "2026-01-20",
        "Customer": {"CustomerCode": "WEB-1"},
        "Warehouse": {"WarehouseCode": "W1"},
        "ExchangeRate": 1,
        "Tax": {"TaxCode": "GST"},
        "CreditLines": [
            {"Product": {"ProductCode": "TEA-100"}, "CreditQuantity": 1, "CreditPrice": 9.5, "Return": True}
        ],
        **fields,
    }
    return {name: value for name, value in body.items() if value is not None}


def test_credit_note_is_parked_and_added_up(company: UnleashedEmulator) -> None:
    """A free credit needs no sums: the server makes them, and leaves the note parked."""
    shop(company)
    row = done(company, CREATE, note())
    assert (row["Guid"], row["CreditNumber"], row["Status"]) == (CREDIT, "WEB-88210-R1", "Parked")
    assert (row["SubTotal"], row["TaxTotal"], row["Total"]) == (9.5, 1.43, 10.93)
    assert (row["Reference"], row["CreditDate"]) == ("shop:refund:1", "/Date(1768867200000)/")
    assert read(company, f"/CreditNotes/{CREDIT}") == row


def test_other_names_are_taken_and_shown(company: UnleashedEmulator) -> None:
    """Public clients name the fields in two ways; both are taken, and the answer has either."""
    shop(company)
    other = {"Product": {"ProductCode": "TEA-100"}, "Quantity": 2, "UnitPrice": 9.5}
    setting(company, credit_names="note", credit_reference=False)
    row = done(
        company,
        CREATE,
        note(CreditNumber=None, CreditNoteNumber="N-1", CreditLines=None, Lines=[other], Comment="sorry"),
    )
    assert (row["CreditNoteNumber"], row["CreditStatus"], row["Lines"][0]["Quantity"]) == ("N-1", "Parked", 2)
    assert ("Reference" in row, row["Comments"]) == (False, "sorry")


def test_guid_and_number_may_be_the_servers_own(company: UnleashedEmulator) -> None:
    """Where the server makes its own guid and number, posting twice makes two notes."""
    shop(company)
    setting(company, credit_guid="own", credit_number="own")
    first, second = done(company, CREATE, note()), done(company, CREATE, note())
    assert {first["CreditNumber"], second["CreditNumber"]} == {"CN-00000001", "CN-00000002"}
    assert CREDIT not in (first["Guid"], second["Guid"])
    assert ask(company, f"/CreditNotes/{CREDIT}").status == 404


def test_tax_of_a_line_may_be_taken(company: UnleashedEmulator) -> None:
    """The tax of a credit line is computed, or taken as posted."""
    shop(company)
    lines = [
        {"Product": {"ProductCode": "TEA-100"}, "CreditQuantity": 1, "CreditPrice": 9.5, "LineTax": 1.42}
    ]
    assert done(company, CREATE, note(CreditLines=lines))["TaxTotal"] == 1.43
    setting(company, credit_tax="taken")
    second = note(CreditLines=lines, Guid=None, CreditNumber=None)
    assert done(company, CREATE, second)["TaxTotal"] == 1.42


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"Customer": {"CustomerCode": "X"}}, "There is no such customer"),
        ({"Warehouse": {"WarehouseCode": "X"}}, "There is no such warehouse"),
        ({"Tax": {"TaxCode": "X"}}, "There is no tax code X"),
        ({"CreditLines": []}, "A credit note needs a line"),
        (
            {"CreditLines": [{"Product": {"ProductCode": "X"}, "CreditQuantity": 1, "CreditPrice": 1}]},
            "no product",
        ),
        (
            {
                "CreditLines": [
                    {"Product": {"ProductCode": "TEA-100"}, "CreditQuantity": -1, "CreditPrice": 1}
                ]
            },
            "must be above zero",
        ),
    ],
)
def test_credit_notes_that_are_refused(
    company: UnleashedEmulator, changed: dict[str, object], told: str
) -> None:
    """What names nobody and nothing is refused."""
    shop(company)
    assert told in refusal(company, CREATE, note(**changed))


def test_credit_note_twice(company: UnleashedEmulator) -> None:
    """The same guid, and the same number, are taken once."""
    shop(company)
    done(company, CREATE, note())
    assert "this Guid already" in refusal(company, CREATE, note())
    assert "already in use" in refusal(company, CREATE, note(Guid=NOWHERE))
    assert send(company, CREATE, note(Colour="red")).status == 501


def test_completing_takes_goods_back(company: UnleashedEmulator) -> None:
    """Completing puts what is returned back on the shelf, once; an unknown note is 404."""
    tea = shop(company)
    done(company, CREATE, note())
    assert done(company, f"/CreditNotes/{CREDIT}/Complete")["Status"] == "Completed"
    assert stock(company, tea) == (11, 0)
    assert "cannot be changed" in refusal(company, f"/CreditNotes/{CREDIT}/Complete")
    assert send(company, f"/CreditNotes/{NOWHERE}/Complete").status == 404
    assert send(company, f"/CreditNotes/{CREDIT}", note()).status == 405


def test_credit_notes_are_listed(company: UnleashedEmulator, clock: Clock) -> None:
    """Credit notes are found by number, status, day and change; deleted ones hide."""
    shop(company)
    done(company, CREATE, note())
    clock.pass_by(hours=1)
    done(company, CREATE, note(Guid=NOWHERE, CreditNumber="B"))

    def found(query: str) -> list[str]:
        return [row["CreditNumber"] for row in read(company, "/CreditNotes", query)["Items"]]

    assert found("") == ["B", "WEB-88210-R1"]
    assert found("creditNumber=B&creditStatus=Completed") == ["B"]
    assert found("creditStatus=Completed") == found("startDate=2026-01-21") == []
    assert found(f"modifiedSince={START + timedelta(minutes=30):%Y-%m-%dT%H:%M:%S}") == ["B"]
    done(company, f"/CreditNotes/{NOWHERE}", method="DELETE")
    assert found("") == ["WEB-88210-R1"]
    assert found("creditStatus=Deleted") == ["B"]


def test_shipments(company: UnleashedEmulator, clock: Clock) -> None:
    """A shipment names its order; carrier and tracking number may come later and move its stamp."""
    shop(company)
    done(company, f"/SalesOrders/{ORDER}", order())
    guid = company.sales.shipments.ship(ORDER)
    row = read(company, f"/SalesShipments/{guid}")
    assert (row["OrderNumber"], row["TrackingNumber"], row["ShippingCompany"]) == ("WEB-88210", None, None)
    assert row["CreatedOn"] == "21/11/2026 12:00:00 pm"
    clock.pass_by(hours=1)
    company.sales.shipments.track(guid, "1Z9", "Post")
    (row,) = read(company, "/SalesShipments", "orderNumber=WEB-88210&modifiedSince=2026-11-21T12:30:00")[
        "Items"
    ]
    assert (row["TrackingNumber"], row["ShippingCompany"]["Name"]) == ("1Z9", "Post")
    with pytest.raises(KeyError):
        company.sales.shipments.ship(NOWHERE)
    with pytest.raises(KeyError):
        company.sales.shipments.track(NOWHERE, "1Z9")


def test_shipments_may_lack_stamp_and_filter(company: UnleashedEmulator) -> None:
    """Where the filter is ignored, or rows have no stamp, every shipment is listed."""
    shop(company)
    done(company, f"/SalesOrders/{ORDER}", order())
    company.sales.shipments.ship(ORDER)
    query = "modifiedSince=2030-01-01"
    assert read(company, "/SalesShipments", query)["Items"] == []
    setting(company, shipments_since=False)
    assert len(read(company, "/SalesShipments", query)["Items"]) == 1
    setting(company, shipments_since=True, shipment_stamp=False)
    (row,) = read(company, "/SalesShipments", query)["Items"]
    assert "LastModifiedOn" not in row
